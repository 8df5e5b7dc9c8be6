//! Decisions by example, and against a slow model that is plainly right.

mod decisions;
mod model;
mod sharing;
mod writing;

use fireward_jose::claims::NumericDate;

use super::{Denial, Permit, permit};
use crate::{Access, AccessClaims, Interaction, Request, Rules};

const BASE: &str = "https://records.example/fhir";

/// A token of a clinician, with patient `a` in context.
fn token(scope: &str) -> AccessClaims {
    AccessClaims {
        scope: scope.to_owned(),
        patient: Some("a".to_owned()),
        sub: Some("someone".to_owned()),
        fhir_user: Some("Practitioner/doc".to_owned()),
        client_id: "app".to_owned(),
        exp: NumericDate(0),
        fireward_group: None,
        fireward_state_systems: Vec::new(),
        facts: crate::TokenFacts::default(),
        more: serde_json::Map::new(),
    }
}

fn interaction(asked: &str) -> Interaction {
    let (method, target) = asked.split_once(' ').expect("a method and a path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Interaction::parse(&Request { method, path, query, base: BASE, ..Request::default() })
        .expect(asked)
}

fn decide(claims: &AccessClaims, asked: &str) -> Result<Permit, Denial> {
    permit(&Access::of(claims, BASE), &interaction(asked), &Rules::default())
}

fn ask(scope: &str, asked: &str) -> Result<Permit, Denial> {
    decide(&token(scope), asked)
}
