//! Which brand is the primary one, and by which identifier it is found (UB-1, UB-6).

use super::{
    bundle::{Member, Members},
    finding::Findings,
    identifier::BrandIdentifier,
    node::Node,
};

pub(super) fn check(
    members: &Members<'_>,
    named: Option<&BrandIdentifier>,
    findings: &mut Findings,
) {
    if members.brands.is_empty() {
        findings.error("required", "Bundle.entry", "the bundle must have a brand: an Organization");
        return;
    }
    if members.endpoints.is_empty() {
        findings.error(
            "required",
            "Bundle.entry",
            "the bundle must have an Endpoint: a FHIR server",
        );
        return;
    }
    let candidates = candidates(members);
    if candidates.is_empty() {
        let text = "one brand, the primary one, must refer to every Endpoint of the bundle";
        findings.error("business-rule", "Bundle.entry", text);
        return;
    }
    match named {
        Some(named) => named_one(members, &candidates, named, findings),
        None if members.brands.len() > 1 && derived(members).is_none() => {
            let text = "which brand is the primary one must be said by its identifier, since there are several \
                        and none stands out by an identifier of its own";
            findings.error("business-rule", "Bundle", text);
        }
        None => {}
    }
}

/// The identifier of the primary brand, where only one can be meant.
pub(super) fn derived(members: &Members<'_>) -> Option<BrandIdentifier> {
    let candidates = candidates(members);
    let tops = || candidates.iter().filter(|brand| brand.node.member("partOf").is_none());
    let [primary] = *tops().collect::<Vec<_>>().as_slice() else { return None };
    let own = primary.node.items("identifier");
    let unique = own.iter().filter_map(|element| BrandIdentifier::of(element.value));
    let mut unique: Vec<_> = unique.filter(|one| bearers(members, one) == 1).collect();
    // A web address says the most to whoever reads it (UB-4).
    unique.sort_by_key(|one| one.system.as_deref() != Some("urn:ietf:rfc:3986"));
    unique.into_iter().next()
}

fn named_one(
    members: &Members<'_>,
    candidates: &[&Member<'_>],
    named: &BrandIdentifier,
    findings: &mut Findings,
) {
    match bearers(members, named) {
        1 => {}
        count => {
            let text = format!(
                "the primary brand's identifier {named} must be that of exactly one Organization.identifier, \
                 and is that of {count}"
            );
            findings.error("business-rule", "Bundle", text);
            return;
        }
    }
    if !candidates.iter().any(|brand| bears(brand, named) > 0) {
        let text = format!("the brand {named} must refer to every Endpoint of the bundle");
        findings.error("business-rule", "Bundle", text);
    }
}

/// The brands that refer to every endpoint.
fn candidates<'m, 'a>(members: &'m Members<'a>) -> Vec<&'m Member<'a>> {
    let all = |brand: &&Member<'_>| members.endpoints.iter().all(|endpoint| brand.offers(endpoint));
    members.brands.iter().filter(all).collect()
}

/// How many identifiers of the bundle's brands are this one.
fn bearers(members: &Members<'_>, identifier: &BrandIdentifier) -> usize {
    members.brands.iter().map(|brand| bears(brand, identifier)).sum()
}

fn bears(brand: &Member<'_>, identifier: &BrandIdentifier) -> usize {
    let own: Vec<Node<'_>> = brand.node.items("identifier");
    own.iter().filter(|element| identifier.is(element.value)).count()
}
