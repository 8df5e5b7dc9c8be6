//! Who looked at a record: the audit trail of its FHIR server, read with the issuer's own token.

use std::{pin::Pin, time::Duration};

use fireward_jose::b64;
use fireward_oauth::{
    launch::is_fhir_id,
    people::{Links, User},
};
use fireward_web::{Failure, Look, Looked, Looks, Window};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::form_urlencoded::Serializer;

use super::{
    directory::{Directory, Unanswered},
    related::look_up,
};
use crate::App;

impl Looks for App {
    fn links<'a>(
        &'a self,
        user: &'a User,
    ) -> Pin<Box<dyn Future<Output = Result<Links, Failure>> + 'a>> {
        Box::pin(links(self, user))
    }

    fn at<'a>(&'a self, window: Window<'a>) -> Pin<Box<dyn Future<Output = Option<Looked>> + 'a>> {
        Box::pin(
            async move { tokio::time::timeout(PATIENCE, find(self, &window)).await.ok().flatten() },
        )
    }
}

/// Asks one server of each namespace: that one's answer is all that the others would say.
async fn links(app: &App, user: &User) -> Result<Links, Failure> {
    let servers = app.site.store.resource_servers(&app.site.id).await?;
    let mut user = user.clone();
    for (before, server) in servers.iter().enumerate() {
        if servers.iter().take(before).any(|other| other.shares_patients(server)) {
            continue;
        }
        let asked = look_up(app, &user, (server, &servers));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(true)) => {
                let found = app.site.store.read().users().find(&app.site.id, &user.id).await?;
                user = found.unwrap_or(user);
            }
            Ok(Err(Unanswered::Ours(failure))) => return Err(failure),
            Ok(Ok(false) | Err(Unanswered::Down | Unanswered::Refused(_))) | Err(_) => {}
        }
    }
    Ok(user.links)
}

async fn find(app: &App, window: &Window<'_>) -> Option<Looked> {
    let servers = app.site.store.resource_servers(&app.site.id).await.ok()?;
    let server = servers.iter().find(|one| one.id == *window.server)?;
    if !is_fhir_id(window.patient) {
        return None;
    }
    let found = Directory::at(app, server).search("AuditEvent", &query(window)?).await.ok()?;
    let next = found.next.as_deref().and_then(mark);
    Some(Looked { looks: found.resources.iter().filter_map(look).collect(), next })
}

fn query(window: &Window<'_>) -> Option<String> {
    let date = |unix| OffsetDateTime::from_unix_timestamp(unix).ok()?.format(&Rfc3339).ok();
    let mut query = Serializer::new(String::new());
    query.append_pair("patient", &format!("Patient/{}", window.patient));
    // What was done with records; sign-in and consent are not looks.
    query.append_pair("type", "http://terminology.hl7.org/CodeSystem/audit-event-type|rest");
    query.append_pair("date", &format!("ge{}", date(window.since)?));
    query.append_pair("date", &format!("le{}", date(window.until)?));
    query.append_pair("_sort", "-date").append_pair("_count", "200");
    query.extend_pairs(window.page.map(|page| ("_page", page)));
    Some(query.finish())
}

/// What the server calls the next page.
fn mark(next: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(next.as_bytes());
    pairs.find(|(name, _)| name == "_page").map(|(_, mark)| mark.into_owned())
}

/// An event as it is told; nothing of what is no event.
fn look(event: &Value) -> Option<Look> {
    let recorded = event.get("recorded")?.as_str()?;
    let at = OffsetDateTime::parse(recorded, &Rfc3339).ok()?.unix_timestamp();
    let agents = list(event, "agent");
    let agent = |code: &str| agents.iter().find(|agent| codings(agent).any(|one| one == code));
    let id = |agent: Option<&Value>| {
        agent?.pointer("/who/identifier/value")?.as_str().map(str::to_owned)
    };
    let address = agents.iter().find_map(|agent| {
        let network = agent.get("network").filter(|network| network["type"] == "2")?;
        network.get("address")?.as_str().map(str::to_owned)
    });
    Some(Look {
        at,
        subject: id(agent("IRCP")),
        client: id(agent("110150")),
        kind: kind(event),
        changed: matches!(event.get("action").and_then(Value::as_str), Some("C" | "U" | "D")),
        refused: event.get("outcome").and_then(Value::as_str) != Some("0"),
        address,
    })
}

/// The type of the resource, or of those that were searched.
fn kind(event: &Value) -> Option<String> {
    let objects = list(event, "entity");
    let object = objects.iter().find(|one| one.pointer("/type/code").is_some_and(|c| c == "2"))?;
    if let Some(reference) = object.pointer("/what/reference").and_then(Value::as_str) {
        return reference.split('/').next().map(str::to_owned);
    }
    let query = object.get("query")?.as_str()?.trim_end_matches('=');
    let query = b64::decode(query.replace('+', "-").replace('/', "_")).ok()?;
    let query = String::from_utf8(query).ok()?;
    let path = query.split('?').next()?;
    let base = event.pointer("/source/observer/identifier/value").and_then(Value::as_str)?;
    let below = path.strip_prefix(base)?.trim_start_matches('/');
    below.split('/').next().filter(|kind| !kind.is_empty()).map(str::to_owned)
}

fn codings(agent: &Value) -> impl Iterator<Item = &str> {
    let codings = agent.pointer("/type/coding").and_then(Value::as_array);
    codings.into_iter().flatten().filter_map(|coding| coding.get("code")?.as_str())
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(object: &Value) -> Value {
        json!({
            "resourceType": "AuditEvent", "action": "E", "outcome": "0", "recorded": "2023-11-14T22:13:20Z",
            "agent": [
                { "type": { "coding": [{ "code": "110153" }, { "code": "110150" }] },
                  "who": { "identifier": { "value": "growth-chart" } },
                  "network": { "address": "192.0.2.7", "type": "2" } },
                { "type": { "coding": [{ "code": "110152" }] },
                  "network": { "address": "http://f/fhir", "type": "5" } },
                { "type": { "coding": [{ "code": "IRCP" }] },
                  "who": { "identifier": { "system": "http://i", "value": "alice" } } },
            ],
            "source": { "observer": { "identifier": { "value": "http://f/fhir" } } },
            "entity": [object],
        })
    }

    #[test]
    fn an_event_says_who_with_what_when_and_from_where() {
        // http://f/fhir/Observation?patient=a
        let query = json!({ "type": { "code": "2" },
            "query": "aHR0cDovL2YvZmhpci9PYnNlcnZhdGlvbj9wYXRpZW50PWE=" });
        let expected = Look {
            at: 1_700_000_000,
            subject: Some("alice".to_owned()),
            client: Some("growth-chart".to_owned()),
            kind: Some("Observation".to_owned()),
            changed: false,
            refused: false,
            address: Some("192.0.2.7".to_owned()),
        };
        assert_eq!(look(&event(&query)), Some(expected));
        let read = json!({ "type": { "code": "2" }, "what": { "reference": "Patient/a" } });
        assert_eq!(look(&event(&read)).unwrap().kind.as_deref(), Some("Patient"));
    }

    #[test]
    fn what_is_no_event_or_says_little_is_no_trouble() {
        assert_eq!(look(&json!({ "resourceType": "AuditEvent" })), None);
        let bare = json!({ "recorded": "2023-11-14T22:13:20Z", "outcome": "4" });
        let told = look(&bare).unwrap();
        assert!(told.refused && told.client.is_none() && told.kind.is_none());
    }

    #[test]
    fn the_mark_of_the_next_page_is_all_that_is_kept_of_it() {
        assert_eq!(mark("patient=b&_page=50-ab"), Some("50-ab".to_owned()));
        assert_eq!(mark("patient=b"), None);
    }
}
