//! The rules of a portal: where people sign in to see their records (UB-7, extension `organization-portal`).

use super::{brand::is_url, bundle::Member, finding::Findings, logo, node::Node};

const PORTAL: &str = "http://hl7.org/fhir/StructureDefinition/organization-portal";

/// The portals of an Organization.
pub(super) fn of<'a>(organization: &Node<'a>) -> Vec<Node<'a>> {
    organization.extensions(PORTAL)
}

pub(super) fn check(portal: &Node<'_>, brand: &Member<'_>, findings: &mut Findings) {
    at_most_one(portal, findings);
    for (name, value) in [("portalName", "valueString"), ("portalDescription", "valueMarkdown")] {
        for extension in portal.extensions(name) {
            if extension.text(value).is_none() && !extension.says_why_absent(value) {
                findings.error("value", &extension.at(value), format!("{name} is a {value}"));
            }
        }
    }
    for name in ["portalUrl", "portalLogoLicense"] {
        for extension in portal.extensions(name) {
            is_url(&extension, findings);
        }
    }
    for logo in portal.extensions("portalLogo") {
        logo::check(&logo, findings);
    }
    endpoints(portal, brand, findings);
}

fn at_most_one(portal: &Node<'_>, findings: &mut Findings) {
    for name in ["portalName", "portalDescription", "portalUrl"] {
        if let [_, second, ..] = portal.extensions(name).as_slice() {
            findings.error("structure", &second.path, format!("a portal has one {name} at most"));
        }
    }
}

/// uab-1: what a portal leads to is among the brand's endpoints, under the same reference.
fn endpoints(portal: &Node<'_>, brand: &Member<'_>, findings: &mut Findings) {
    let offered = brand.node.items("endpoint");
    for extension in portal.extensions("portalEndpoint") {
        let reference = extension
            .member("valueReference")
            .and_then(|value| value.reference().map(str::to_owned));
        let at = extension.at("valueReference.reference");
        let Some(reference) = reference else {
            findings.error("required", &at, "portalEndpoint must refer to an Endpoint");
            continue;
        };
        if !offered.iter().any(|endpoint| endpoint.reference() == Some(reference.as_str())) {
            let text = format!("{reference} must also be in Organization.endpoint (uab-1)");
            findings.error("invariant", &at, text);
        }
    }
}
