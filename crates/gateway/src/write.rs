//! Writing: what is stored is read and judged first, so is what would be stored, and the server behind is told the version
//! that was judged (D-40). So nothing can be slipped in between.

use bytes::Bytes;
use fireward_fhir::reference::is_id;
use fireward_fhir::{Denial, Interaction};
use fireward_guard::manners::conditional::Return;
use fireward_outbound::Verb;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::condition::{of_version, tag};
use crate::failure::{Failure, Fault};
use crate::read::{Stored, seen};
use crate::resource::Resource;
use crate::serve::Asked;
use crate::upstream::{self, Heard};

/// What there is to be written over.
#[derive(Debug)]
pub(crate) enum Current {
    /// There is none, or none any more.
    Absent,
    /// This one, which the token may change.
    There(Box<Stored>),
}

/// `POST /Type`
pub(crate) async fn create(
    asked: &Asked<'_>,
    kind: &'static str,
    mut resource: Value,
) -> Result<Answer, Failure> {
    // The id of a creation is the server's.
    if let Some(members) = resource.as_object_mut() {
        members.remove("id");
    }
    may_be_written(asked, kind, &mut resource)?;
    let heard = send(asked, (Verb::Post, kind), &[], Some(&resource)).await?;
    let done = Done { kind, id: None, created: true, sent: resource };
    done.answer(asked, &heard).await
}

/// `PUT /Type/id`
pub(crate) async fn update(
    asked: &Asked<'_>,
    (kind, id): (&'static str, &str),
    mut resource: Value,
) -> Result<Answer, Failure> {
    if resource.get("id").and_then(Value::as_str) != Some(id) {
        let told = format!("the id of the body is not {id}, as the address has it");
        return Err(Failure::BadBody(told));
    }
    // First: a refusal must not depend on what is there.
    may_be_written(asked, kind, &mut resource)?;
    let current = current(asked, (kind, id)).await?;
    put(asked, (kind, id), resource, &current).await
}

/// `DELETE /Type/id`
pub(crate) async fn delete(
    asked: &Asked<'_>,
    (kind, id): (&'static str, &str),
) -> Result<Answer, Failure> {
    let target = format!("{kind}/{id}");
    let stored = match seen(asked.gateway, &mut asked.judge(), (kind, id)).await {
        Ok(stored) => stored,
        // To delete once more changes nothing.
        Err(Failure::Gone) => return Ok(Answer { status: 204, ..Answer::default() }),
        Err(failure) => return Err(failure),
    };
    if !asked.conditions.is_met_by(stored.tag.as_deref())? {
        return Err(Failure::Stale);
    }
    let only_if = only_if(asked, &Current::There(Box::new(stored)))?;
    let headers = only_if.headers();
    let heard = send(asked, (Verb::Delete, &target), &headers, None).await?;
    match heard.status {
        200 | 202 | 204 => {
            let etag = heard.header("etag").and_then(tag);
            Ok(Answer { status: 204, etag, ..Answer::default() })
        }
        _ => Err(heard.refused()),
    }
}

/// What is stored now, if the token may change it. What it does not reach is missing (D-36, D-39).
pub(crate) async fn current(
    asked: &Asked<'_>,
    (kind, id): (&'static str, &str),
) -> Result<Current, Failure> {
    let target = format!("{kind}/{id}");
    let heard = asked.gateway.upstream.get(&target).await?;
    let found = match heard.status {
        404 => Ok(Current::Absent),
        _ => match seen(asked.gateway, &mut asked.judge(), (kind, id)).await {
            Ok(stored) => Ok(Current::There(Box::new(stored))),
            Err(Failure::Gone) => Ok(Current::Absent),
            Err(Failure::Missing) if asked.conditions.if_match.is_some() => Err(Failure::Stale),
            Err(failure) => Err(failure),
        },
    }?;
    let stored = match &found {
        Current::Absent => None,
        Current::There(stored) => Some(stored.tag.as_deref().unwrap_or_default()),
    };
    let wanted = match stored {
        None => asked.conditions.is_met_by(None)?,
        Some(_) if asked.conditions.demands_absence()? => false,
        Some(tag) => asked.conditions.is_met_by(Some(tag))?,
    };
    if wanted { Ok(found) } else { Err(Failure::Stale) }
}

/// Stores a resource over what was judged.
pub(crate) async fn put(
    asked: &Asked<'_>,
    (kind, id): (&'static str, &str),
    resource: Value,
    current: &Current,
) -> Result<Answer, Failure> {
    let only_if = only_if(asked, current)?;
    let headers = only_if.headers();
    let heard =
        send(asked, (Verb::Put, &format!("{kind}/{id}")), &headers, Some(&resource)).await?;
    let created = matches!(current, Current::Absent);
    let done = Done { kind, id: Some(id), created, sent: resource };
    done.answer(asked, &heard).await
}

/// Refused unless the token may store the resource in this state. One that does not say whose it is becomes the token's
/// tenant's first.
pub(crate) fn may_be_written(
    asked: &Asked<'_>,
    kind: &'static str,
    resource: &mut Value,
) -> Result<(), Failure> {
    asked.permit.stamp(resource);
    let allowed = asked.permit.allows_written(resource);
    allowed.then_some(()).ok_or(Failure::Denied(Denial::NotInContext { kind }))
}

/// The condition under which the server behind may write: that nothing has changed since it was judged.
pub(crate) struct OnlyIf(pub(crate) Option<(&'static str, String)>);

impl OnlyIf {
    fn headers(&self) -> Vec<(&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// See [`OnlyIf`].
pub(crate) fn only_if(asked: &Asked<'_>, current: &Current) -> Result<OnlyIf, Failure> {
    let stored = match current {
        Current::Absent => return Ok(OnlyIf(Some(("if-none-match", "*".to_owned())))),
        Current::There(stored) => stored,
    };
    match &stored.tag {
        Some(tag) => Ok(OnlyIf(Some(("if-match", tag.clone())))),
        // Whatever it would be by then, the token may write over it.
        None if asked.permit.sees_everything() => Ok(OnlyIf(None)),
        None => Err(Fault::Unproven("it has no versions, without which no write is safe").into()),
    }
}

async fn send(
    asked: &Asked<'_>,
    (verb, target): (Verb, &str),
    only_if: &[(&str, &str)],
    resource: Option<&Value>,
) -> Result<Heard, Failure> {
    let mut headers = vec![("prefer", "return=representation")];
    headers.extend_from_slice(only_if);
    let body = resource.map(|resource| Bytes::from(resource.to_string()));
    let request = upstream::Asked { verb, target, headers: &headers, body: body.as_ref() };
    asked.gateway.upstream.ask(request).await
}

/// What was written.
struct Done<'a> {
    kind: &'static str,
    /// Its id; where it is new, only the server behind knows it.
    id: Option<&'a str>,
    created: bool,
    sent: Value,
}

impl Done<'_> {
    async fn answer(self, asked: &Asked<'_>, heard: &Heard) -> Result<Answer, Failure> {
        if !matches!(heard.status, 200 | 201) {
            return Err(heard.refused());
        }
        let gateway = asked.gateway;
        let stored = Stored::read(gateway, heard).ok();
        let place = heard.header("location").and_then(|at| gateway.upstream.link(at));
        let place = place.as_deref().and_then(|at| placed(at, self.kind));
        let told = stored.as_ref().filter(|stored| stored.resource.kind() == self.kind);
        let id = self.id.or(place.map(|(id, _)| id));
        let id = id.or(told.and_then(|stored| stored.resource.id()));
        let id =
            id.ok_or(Fault::Unproven("it does not say where it has put a resource"))?.to_owned();
        let version = place.and_then(|(_, version)| version);
        let version = version.or(told.and_then(|stored| stored.resource.version()));
        let etag = heard.header("etag").and_then(tag).or_else(|| version.map(of_version));
        let history = version.map(|version| format!("/_history/{version}")).unwrap_or_default();
        let location = format!("{}/{}/{id}{history}", gateway.base, self.kind);
        let version = version.map(str::to_owned);
        let stored = stored.filter(|stored| stored.resource.is(self.kind, &id));
        let last_modified = stored.as_ref().and_then(|stored| stored.last_modified.clone());
        let status = if self.created { 201 } else { 200 };
        let body = self.body(asked, stored.map(|stored| stored.resource), (&id, version)).await?;
        Ok(Answer { status, etag, last_modified, location: Some(location), body })
    }

    /// The resource as it is stored now, for those who may read it; others get what they have sent.
    async fn body(
        self,
        asked: &Asked<'_>,
        stored: Option<Resource>,
        (id, version): (&str, Option<String>),
    ) -> Result<Option<String>, Failure> {
        match asked.returns {
            Return::Minimal => return Ok(None),
            Return::OperationOutcome => return Ok(Some(done().to_string())),
            Return::Representation => {}
        }
        let reads = Interaction::Read { kind: self.kind, id: id.to_owned() };
        if let (Ok(permit), Some(stored)) =
            (asked.bearer.permit(&reads, &asked.gateway.rules), stored)
            && asked.judge_by(permit).sees(&stored.value).await?
        {
            return Ok(Some(stored.text));
        }
        let mut sent = self.sent;
        if let Some(members) = sent.as_object_mut() {
            members.insert("id".to_owned(), id.into());
            let meta = members.entry("meta").or_insert_with(|| json!({}));
            if let (Some(meta), Some(version)) = (meta.as_object_mut(), version) {
                meta.insert("versionId".to_owned(), version.into());
            }
        }
        Ok(Some(sent.to_string()))
    }
}

/// The id and the version in `Type/id/_history/version`.
pub(crate) fn placed<'a>(at: &'a str, kind: &str) -> Option<(&'a str, Option<&'a str>)> {
    let mut parts = at.trim_matches('/').split('/');
    let (found, id) = (parts.next()?, parts.next().filter(|id| is_id(id))?);
    let version = match (parts.next(), parts.next(), parts.next()) {
        (None, None, None) => None,
        (Some("_history"), Some(version), None) if is_id(version) => Some(version),
        _ => return None,
    };
    (found == kind).then_some((id, version))
}

fn done() -> Value {
    let issue = json!({ "severity": "information", "code": "informational" });
    json!({ "resourceType": "OperationOutcome", "issue": [issue] })
}
