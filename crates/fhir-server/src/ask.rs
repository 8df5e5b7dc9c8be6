//! What comes with an interaction: conditions, a body, and how much is wanted back. From a request, or from an entry of a
//! bundle, which stands for one.

use actix_web::http::header::{
    HeaderMap, HeaderName, HeaderValue, HttpDate, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use fireward_fhir::{Entry, Interaction, Permit};
use fireward_fhir_store::Precondition;
use fireward_guard::manners::conditional::{Condition, Return, condition, preferred_return};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::body::{Content, content_of};
use crate::failure::Failure;

/// An interaction that is allowed, with all that was sent with it.
pub(crate) struct Ask<'a> {
    pub(crate) interaction: &'a Interaction,
    pub(crate) permit: Permit,
    /// Path and query, below the base.
    pub(crate) target: String,
    pub(crate) content: Content,
    pub(crate) if_match: Option<Condition>,
    pub(crate) if_none_match: Option<Condition>,
    pub(crate) if_modified_since: Option<OffsetDateTime>,
    pub(crate) returns: Return,
}

impl<'a> Ask<'a> {
    /// From a request. `target` is its path and query below the base.
    pub(crate) fn new(
        interaction: &'a Interaction,
        permit: Permit,
        (headers, target): (&HeaderMap, String),
        content: Content,
    ) -> Result<Self, Failure> {
        let unreadable = |name| Failure::condition(name);
        Ok(Self {
            interaction,
            permit,
            target,
            content,
            if_match: condition(headers, &IF_MATCH).map_err(unreadable("If-Match"))?,
            if_none_match: condition(headers, &IF_NONE_MATCH)
                .map_err(unreadable("If-None-Match"))?,
            if_modified_since: headers.get(IF_MODIFIED_SINCE).and_then(moment),
            returns: preferred_return(headers),
        })
    }

    /// From an entry of a bundle. What the bundle's sender prefers holds for each entry.
    pub(crate) fn of_entry(
        interaction: &'a Interaction,
        permit: Permit,
        (entry, base): (&Entry, &str),
        returns: Return,
    ) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        let given: [(HeaderName, &Option<String>); 3] = [
            (IF_MATCH, &entry.if_match),
            (IF_NONE_MATCH, &entry.if_none_match),
            (IF_MODIFIED_SINCE, &entry.if_modified_since),
        ];
        for (name, value) in given {
            let Some(value) = value else { continue };
            let value = HeaderValue::from_str(value)
                .map_err(|_| Failure::BadBody(format!("{name} of an entry is no header")))?;
            headers.insert(name, value);
        }
        let content = content_of(interaction, entry.resource.as_ref(), base)?;
        let ask = Self::new(interaction, permit, (&headers, entry.url.clone()), content)?;
        Ok(Self { returns, ..ask })
    }

    /// What must be true of the current version: `If-Match`, or `If-None-Match: *` for a resource that must not be there
    /// yet.
    pub(crate) fn precondition(&self) -> Result<Precondition, Failure> {
        match (&self.if_match, &self.if_none_match) {
            (None, None) => Ok(Precondition::None),
            (Some(Condition::Any), None) => Ok(Precondition::Present),
            (Some(Condition::OneOf(versions)), None) => Ok(Precondition::OneOf(versions.clone())),
            (None, Some(Condition::Any)) => Ok(Precondition::Absent),
            (_, Some(_)) => Err(Failure::BadCondition("If-None-Match")),
        }
    }

    /// The resource that was sent.
    pub(crate) fn resource(&self) -> Result<&Value, Failure> {
        match &self.content {
            Content::Resource(resource) => Ok(resource),
            Content::Nothing | Content::Patch(_) => {
                Err(Failure::BadBody("a resource must be sent".to_owned()))
            }
        }
    }

    /// Whether the asker knows this version already (RFC 9110 §13.2.2: a tag says more than a time).
    pub(crate) fn knows(&self, version: u64, last_updated: OffsetDateTime) -> bool {
        match (&self.if_none_match, self.if_modified_since) {
            (Some(known), _) => known.names(version),
            // Times of HTTP have no fractions of a second.
            (None, Some(time)) => last_updated.unix_timestamp() <= time.unix_timestamp(),
            (None, None) => false,
        }
    }
}

/// A time as HTTP writes it, or as FHIR does. One that cannot be read is no condition (RFC 9110 §13.1.3).
fn moment(value: &HeaderValue) -> Option<OffsetDateTime> {
    let text = value.to_str().ok()?;
    let http = || text.parse::<HttpDate>().ok().map(std::time::SystemTime::from);
    http().map(OffsetDateTime::from).or_else(|| OffsetDateTime::parse(text, &Rfc3339).ok())
}
