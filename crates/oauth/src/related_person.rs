//! What a `RelatedPerson` at a FHIR server that is trusted for it (`related_persons`) opens to the person who is that
//! resource: the record of the one patient that it names, while it is active and within its period (SC-15).

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    launch::is_fhir_id,
    people::Record,
    resource_server::ResourceServer,
    vocabulary::{Lifetime, Timestamp},
};

/// The record that the `RelatedPerson` of this id opens now. `None` is a definite no: what cannot be understood, or
/// means something else than it says (`modifierExtension`), opens nothing.
#[must_use]
pub fn record(
    resource: &Value,
    (id, server): (&str, &ResourceServer),
    now: Timestamp,
) -> Option<Record> {
    let is = |name: &str, text: &str| resource.get(name).and_then(Value::as_str) == Some(text);
    let active = resource.get("active").is_none_or(|active| *active == Value::Bool(true));
    let plain =
        ["modifierExtension", "implicitRules"].iter().all(|one| resource.get(one).is_none());
    if !(is("resourceType", "RelatedPerson") && is("id", id) && active && plain) {
        return None;
    }
    let until = within(resource.get("period"), now)?;
    let reference = resource.get("patient")?.get("reference")?.as_str()?;
    let below = reference.strip_prefix(&server.base_url).and_then(|rest| rest.strip_prefix('/'));
    let patient = below.unwrap_or(reference).strip_prefix("Patient/")?;
    is_fhir_id(patient).then(|| Record {
        patient: patient.to_owned(),
        role: role(resource).to_owned(),
        related_person: Some(id.to_owned()),
        until,
        looked_up: true,
    })
}

/// When a period that covers now ends; `None` within for never, outside where it does not cover now.
#[expect(clippy::option_option, reason = "no end, and no period that counts, are two things")]
fn within(period: Option<&Value>, now: Timestamp) -> Option<Option<Timestamp>> {
    let Some(period) = period else { return Some(None) };
    let period = period.as_object()?;
    let bound = |name: &str| period.get(name).map(|value| span(value.as_str()?));
    let begun = bound("start").is_none_or(|start| start.is_some_and(|(start, _)| start <= now));
    let end = bound("end").map(|end| end.map(|(_, end)| end));
    match end {
        _ if !begun => None,
        None => Some(None),
        Some(end) => end.filter(|end| now < *end).map(Some),
    }
}

/// The moments that a FHIR `dateTime` stands for: the first, and the first after it. A year, month or day is of UTC.
fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    let day = Lifetime::days(1);
    let first = |text: &str| Some(Timestamp::end_of_day(text)?.minus(day));
    match text.len() {
        4 => Some((
            first(&format!("{text}-01-01"))?,
            Timestamp::end_of_day(&format!("{text}-12-31"))?,
        )),
        7 => {
            let last =
                (28..=31).rev().find_map(|day| Timestamp::end_of_day(&format!("{text}-{day}")));
            Some((first(&format!("{text}-01"))?, last?))
        }
        10 => Some((first(text)?, Timestamp::end_of_day(text)?)),
        _ => {
            let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            let moment = Timestamp::from_unix(moment.unix_timestamp());
            Some((moment, moment.plus(Lifetime::seconds(1))))
        }
    }
}

/// What the person is to the patient, as pages call it: the first code of `relationship` that they have a word for.
fn role(resource: &Value) -> &'static str {
    let list = |value: &'_ Value, name: &str| {
        value.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let codings = list(resource, "relationship").into_iter().flat_map(|one| list(&one, "coding"));
    let known = codings.filter(|one| one.get("system").and_then(Value::as_str) == Some(ROLE_CODE));
    let mut words = known.filter_map(|one| word(one.get("code")?.as_str()?));
    words.next().unwrap_or("carer")
}

const ROLE_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

/// The word of `role-name` in `templates/lang` for a code of v3 `RoleCode`. Nobody is a patient's self by it.
fn word(code: &str) -> Option<&'static str> {
    Some(match code {
        "MTH" | "NMTH" | "GESTM" | "ADOPTM" | "MTHFOST" | "STPMTH" => "mother",
        "FTH" | "NFTH" | "ADOPTF" | "FTHFOST" | "STPFTH" => "father",
        "PRN" | "NPRN" | "ADOPTP" | "PRNFOST" | "STPPRN" => "parent",
        "GRMTH" | "MGRMTH" | "PGRMTH" => "grandmother",
        "GRFTH" | "MGRFTH" | "PGRFTH" => "grandfather",
        "GRPRN" | "MGRPRN" | "PGRPRN" => "grandparent",
        "GUARD" => "guardian",
        "DAU" | "DAUC" | "DAUADOPT" | "DAUFOST" | "STPDAU" => "daughter",
        "SON" | "SONC" | "SONADOPT" | "SONFOST" | "STPSON" => "son",
        "CHILD" | "NCHILD" | "CHLDADOPT" | "CHLDFOST" | "STPCHLD" => "child",
        "SPS" => "spouse",
        "WIFE" => "wife",
        "HUSB" => "husband",
        "DOMPART" | "SIGOTHR" => "partner",
        "SIS" | "NSIS" | "HSIS" | "STPSIS" | "TWINSIS" => "sister",
        "BRO" | "NBRO" | "HBRO" | "STPBRO" | "TWINBRO" => "brother",
        "SIB" | "NSIB" | "HSIB" | "STPSIB" => "sibling",
        "RESPRSN" | "POWATT" | "DPOWATT" | "HPOWATT" | "SPOWATT" => "proxy",
        _ => return None,
    })
}

#[cfg(test)]
#[path = "related_person_tests.rs"]
mod tests;
