//! Reading one resource: it is fetched whole, judged, and only then compared with what the asker has (D-39).

use std::str::FromStr as _;

use actix_web::http::header::HttpDate;
use fireward_fhir::{Denial, Permit};

use crate::answer::Answer;
use crate::bundle::Page;
use crate::condition::{of_version, tag};
use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;
use crate::judge::Judge;
use crate::resource::Resource;
use crate::serve::Asked;
use crate::upstream::Heard;

/// A resource as it is stored behind.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) resource: Resource,
    /// The tag of its version, if it has one.
    pub(crate) tag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// `GET /Type/id`
pub(crate) async fn read(asked: &Asked<'_>, kind: &str, id: &str) -> Result<Answer, Failure> {
    let mut judge = asked.judge();
    let stored = seen(asked.gateway, &mut judge, (kind, id)).await?;
    if asked.conditions.knows(stored.tag.as_deref())? {
        return Ok(Answer { status: 304, etag: stored.tag, ..Answer::default() });
    }
    Ok(stored.answer(200))
}

/// `GET /Type/id/_history/version`. Each version is judged by what it says itself.
pub(crate) async fn vread(
    asked: &Asked<'_>,
    (kind, id): (&str, &str),
    version: &str,
) -> Result<Answer, Failure> {
    let heard = asked.gateway.upstream.get(&format!("{kind}/{id}/_history/{version}")).await?;
    let mut judge = asked.judge();
    if heard.status == 410 {
        return Err(gone(asked.gateway, &mut judge, (kind, id)).await?);
    }
    let stored = Stored::of(asked.gateway, &heard, (kind, id))?;
    if stored.resource.version().is_some_and(|found| found != version) {
        return Err(Fault::Unproven("it is another version than was asked for").into());
    }
    if judge.sees(&stored.resource.value).await? {
        Ok(stored.answer(200))
    } else {
        Err(hidden(judge.permit()))
    }
}

/// A resource that may be seen. What is out of reach is missing (D-36).
pub(crate) async fn seen(
    gateway: &Gateway,
    judge: &mut Judge<'_>,
    (kind, id): (&str, &str),
) -> Result<Stored, Failure> {
    let heard = gateway.upstream.get(&format!("{kind}/{id}")).await?;
    if heard.status == 410 {
        return Err(gone(gateway, judge, (kind, id)).await?);
    }
    let stored = Stored::of(gateway, &heard, (kind, id))?;
    if judge.sees(&stored.resource.value).await? { Ok(stored) } else { Err(hidden(judge.permit())) }
}

/// That a resource is gone hears who could have read it before.
async fn gone(
    gateway: &Gateway,
    judge: &mut Judge<'_>,
    (kind, id): (&str, &str),
) -> Result<Failure, Failure> {
    if judge.permit().sees_everything() {
        return Ok(Failure::Gone);
    }
    let heard = gateway.upstream.get(&format!("{kind}/{id}/_history")).await?;
    if heard.status != 200 {
        return Ok(Failure::Missing);
    }
    let versions = Page::read(gateway, heard.json()?)?.entries;
    let last = versions.into_iter().find_map(|entry| entry.resource);
    let Some(last) = last.filter(|last| last.is(kind, id)) else { return Ok(Failure::Missing) };
    Ok(if judge.sees(&last.value).await? { Failure::Gone } else { Failure::Missing })
}

/// What is there and out of reach looks as if it were not there, unless the site says otherwise (D-36).
fn hidden(permit: &Permit) -> Failure {
    if permit.hides() { Failure::Missing } else { Failure::Denied(Denial::OutOfReach) }
}

impl Stored {
    /// Reads an answer that must be this resource.
    pub(crate) fn of(
        gateway: &Gateway,
        heard: &Heard,
        (kind, id): (&str, &str),
    ) -> Result<Self, Failure> {
        if heard.status != 200 {
            return Err(heard.refused());
        }
        let stored = Self::read(gateway, heard)?;
        if !stored.resource.is(kind, id) {
            return Err(Fault::Unproven("it is another resource than was asked for").into());
        }
        Ok(stored)
    }

    /// Reads an answer that is a resource.
    pub(crate) fn read(gateway: &Gateway, heard: &Heard) -> Result<Self, Failure> {
        let resource = Resource::read(gateway, heard.json()?)?;
        let of_header = heard.header("etag").and_then(tag);
        let tag = of_header.or_else(|| resource.version().map(of_version));
        let date = heard.header("last-modified").filter(|date| HttpDate::from_str(date).is_ok());
        Ok(Self { tag, last_modified: date.map(str::to_owned), resource })
    }

    /// As an answer.
    pub(crate) fn answer(self, status: u16) -> Answer {
        Answer {
            status,
            etag: self.tag,
            last_modified: self.last_modified,
            location: None,
            body: Some(self.resource.text),
        }
    }
}
