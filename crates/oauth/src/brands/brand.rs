//! The rules of a brand (UB-7, profile `user-access-brand` on Organization).

use super::{
    bundle::{Member, Members},
    finding::Findings,
    identifier::BrandIdentifier,
    logo,
    node::Node,
    portal,
};

const BRAND: &str = "http://hl7.org/fhir/StructureDefinition/organization-brand";

/// The code system of [`CATEGORIES`].
const ORGANIZATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/organization-type";

/// Value set `user-access-category`.
const CATEGORIES: [&str; 7] = [
    "prov",
    "ins",
    "laboratory",
    "imaging",
    "pharmacy",
    "health-information-network",
    "health-data-aggregator",
];

pub(super) fn check(brand: &Member<'_>, members: &Members<'_>, findings: &mut Findings) {
    let node = &brand.node;
    if node.text("name").is_none() && !node.says_why_absent("name") {
        findings.error("required", &node.at("name"), "a brand must have a name");
    }
    website(node, findings);
    category(node, findings);
    identifiers(node, findings);
    countries(node, findings);
    logos(node, findings);
    endpoints(brand, members, findings);
    part_of(brand, members, findings);
    for portal in portal::of(node) {
        portal::check(&portal, brand, findings);
    }
}

/// One telecom, which is the public website.
fn website(node: &Node<'_>, findings: &mut Findings) {
    let telecom = node.items("telecom");
    let [website] = telecom.as_slice() else {
        let text = "a brand must have exactly one telecom: its public website, with system url";
        findings.error("required", &node.at("telecom"), text);
        return;
    };
    if website.text("system") != Some("url") {
        findings.error("value", &website.at("system"), "the system must be url");
    }
    match website.text("value") {
        Some(value) if is_web(value) => {}
        None if website.says_why_absent("value") => {}
        Some(_) | None => {
            findings.error("value", &website.at("value"), "the value must be a web address");
        }
    }
}

/// The categories are bound: a type of that code system must be one of them.
fn category(node: &Node<'_>, findings: &mut Findings) {
    let types = node.items("type");
    let codings: Vec<_> = types.iter().flat_map(|one| one.items("coding")).collect();
    for coding in &codings {
        let ours = coding.text("system") == Some(ORGANIZATION_TYPE);
        if ours && !coding.text("code").is_some_and(|code| CATEGORIES.contains(&code)) {
            let text = format!("the category must be one of {}", CATEGORIES.join(", "));
            findings.error("code-invalid", &coding.at("code"), text);
        }
        if coding.text("system").is_none() {
            let text =
                format!("the coding must say of which system it is, such as {ORGANIZATION_TYPE}");
            findings.error("required", &coding.at("system"), text);
        }
    }
    if codings.is_empty() {
        findings.warning("informational", &node.at("type"), "a brand should have a category");
    }
}

/// Identifiers are the customer's own: whatever system they are of, they need a value.
fn identifiers(node: &Node<'_>, findings: &mut Findings) {
    let all = node.items("identifier");
    for identifier in &all {
        if BrandIdentifier::of(identifier.value).is_none() {
            findings.error("required", &identifier.at("value"), "an identifier must have a value");
        }
        if identifier.text("system").is_none() {
            let text = "an identifier should say of which system it is";
            findings.warning("informational", &identifier.at("system"), text);
        }
        if identifier.text("system") == Some("urn:ietf:rfc:3986")
            && identifier.text("value").is_some_and(|value| !is_bare_origin(value))
        {
            let text =
                "a web address as identifier should be https, without www. and without a path";
            findings.warning("informational", &identifier.at("value"), text);
        }
    }
    if all.is_empty() {
        let text = "a brand should have an identifier, such as its web address";
        findings.warning("informational", &node.at("identifier"), text);
    }
}

fn countries(node: &Node<'_>, findings: &mut Findings) {
    for address in node.items("address") {
        let country = address.text("country");
        let alpha_2 = country.is_some_and(|code| {
            code.len() == 2 && code.bytes().all(|octet| octet.is_ascii_uppercase())
        });
        if !alpha_2 {
            let text = "the country should be two letters of ISO 3166-1, such as US";
            findings.warning("informational", &address.at("country"), text);
        }
    }
}

fn logos(node: &Node<'_>, findings: &mut Findings) {
    for brand in node.extensions(BRAND) {
        for logo in brand.extensions("brandLogo") {
            logo::check(&logo, findings);
        }
        for name in ["brandLogoLicense", "brandBundle"] {
            for extension in brand.extensions(name) {
                is_url(&extension, findings);
            }
        }
    }
}

/// Every endpoint of a brand is in the bundle, so that apps learn its address.
fn endpoints(brand: &Member<'_>, members: &Members<'_>, findings: &mut Findings) {
    for endpoint in brand.node.items("endpoint") {
        let reference = endpoint.reference().unwrap_or_default();
        if !members.endpoints.iter().any(|known| known.is(reference)) {
            let text = "the reference must name an Endpoint of this bundle";
            findings.error("not-found", &endpoint.at("reference"), text);
        }
    }
}

/// A brand has portal details, or links directly to one that has (UB-1).
fn part_of(brand: &Member<'_>, members: &Members<'_>, findings: &mut Findings) {
    let at = brand.node.at("partOf");
    let own = !portal::of(&brand.node).is_empty();
    let Some(link) = brand.node.member("partOf") else {
        if !own {
            let text =
                "a brand must have an organization-portal, or be part of a brand that has one";
            findings.error("business-rule", &brand.node.at("extension"), text);
        }
        return;
    };
    let Some(parent) = link.reference().and_then(|reference| members.brand(reference)) else {
        findings.error("not-found", &at, "the brand that it is part of must be in the bundle");
        return;
    };
    if parent.node.member("partOf").is_some() {
        let text =
            "the brand that it is part of is itself part of another: only two levels are allowed";
        findings.error("business-rule", &at, text);
    }
    if !own && portal::of(&parent.node).is_empty() {
        let text = "neither the brand nor the one that it is part of has an organization-portal";
        findings.error("business-rule", &at, text);
    }
}

/// The `valueUrl` of an extension.
pub(super) fn is_url(extension: &Node<'_>, findings: &mut Findings) {
    match extension.text("valueUrl") {
        Some(url) if is_web(url) => {}
        None if extension.says_why_absent("valueUrl") => {}
        Some(_) | None => {
            findings.error("value", &extension.at("valueUrl"), "it must be a web address");
        }
    }
}

pub(super) fn is_web(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

pub(super) fn is_https(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.scheme() == "https")
}

fn is_bare_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        url.scheme() == "https"
            && !host.starts_with("www.")
            && url.path() == "/"
            && !text.ends_with('/')
            && url.query().is_none()
    })
}
