//! Records under headings: a person's own, those they act for, and what a search found.

use fireward_oauth::{Timestamp, people::Record};
use fireward_pages::{PatientCard, PatientGroup, PatientHeading};

use super::{
    card::card,
    directory::{Directory, Found, Unanswered},
};

/// What a clinician's search finds.
pub(super) async fn found(
    directory: &Directory<'_>,
    asked: &str,
    query: &str,
) -> Result<(Vec<PatientGroup>, Found), Unanswered> {
    let found = directory.search("Patient", query).await?;
    let people: Vec<_> = found.resources.iter().filter_map(card).collect();
    let everybody = asked.trim().is_empty();
    let heading = if everybody { PatientHeading::Everybody } else { PatientHeading::Found };
    Ok((group(heading, people).into_iter().collect(), found))
}

/// The records that are a person's to choose from, by name.
pub(super) async fn own(
    directory: &Directory<'_>,
    records: &[Record],
    now: Timestamp,
) -> Result<(Vec<PatientGroup>, Found), Unanswered> {
    let records: Vec<_> = records.iter().filter(|record| record.counts(now)).collect();
    if records.is_empty() {
        return Ok(Default::default());
    }
    let ids: Vec<_> = records.iter().map(|record| record.patient.as_str()).take(MOST).collect();
    let query = format!("_id={}&_count={MOST}", ids.join(","));
    let found = directory.search("Patient", &query).await?;
    let (mut you, mut others) = (Vec::new(), Vec::new());
    for record in records {
        let cards = found.resources.iter().filter_map(card);
        let Some(mut card) = cards.into_iter().find(|card| card.id == record.patient) else {
            continue;
        };
        if record.role == "self" {
            you.push(card);
        } else {
            card.role = Some(record.role.clone());
            others.push(card);
        }
    }
    let groups = [(PatientHeading::You, you), (PatientHeading::PeopleYouActFor, others)];
    let groups = groups.into_iter().filter_map(|(heading, people)| group(heading, people));
    Ok((groups.collect(), Found::default()))
}

fn group(heading: PatientHeading, people: Vec<PatientCard>) -> Option<PatientGroup> {
    (!people.is_empty()).then_some(PatientGroup { heading, people })
}

const MOST: usize = 50;
