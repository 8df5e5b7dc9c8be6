//! User-access brands (SMART App Launch 2.2 brands): who offers people access to their records, through which portals
//! and FHIR servers. A bundle is checked against its profiles before it is published; presence in one authorizes
//! nothing (UB-9).

mod brand;
mod bundle;
mod edit;
mod endpoint;
mod finding;
mod identifier;
mod logo;
mod node;
mod portal;
mod primary;
mod publication;
mod shape;
#[cfg(test)]
mod tests;
mod text;

pub use edit::{Slot, UnknownSlot};
pub use finding::{Finding, Severity, outcome};
pub use identifier::{BrandIdentifier, NoIdentifier};
pub use publication::{Draft, Publication, Published, advertise};

use finding::Findings;
use node::Node;
use serde_json::Value;

/// The scope with which a client may maintain the brands (`PUT /brands`).
pub const BRANDS_SCOPE: &str = "https://fireward.dev/scopes/brands";

/// The largest bundle that is taken, in octets: logos may be in it as `data:` URLs.
pub const MOST_OCTETS: usize = 4 * 1024 * 1024;

/// Everything that is to be said of a bundle, by the rules of its profiles: errors keep it from being published.
///
/// `named` is the identifier of the primary brand, where its publisher has said which it is (UB-6).
#[must_use]
pub fn check(bundle: &Value, named: Option<&BrandIdentifier>) -> Vec<Finding> {
    let mut findings = Findings::default();
    let root = Node::root(bundle, "Bundle");
    shape::check(&root, &mut findings);
    text::check(&root, &mut findings);
    if findings.refuse() {
        // What is not even a bundle of R4 would only be misread by the rules that follow.
        return findings.all();
    }
    bundle::check(&root, &mut findings);
    let members = bundle::Members::of(&root);
    for brand in &members.brands {
        brand::check(brand, &members, &mut findings);
    }
    for endpoint in &members.endpoints {
        endpoint::check(endpoint, &mut findings);
    }
    primary::check(&members, named, &mut findings);
    findings.all()
}
