//! One test a rule: what it admits, and what it refuses and where.

use serde_json::{Value, json};

use super::{accepted, changed, errors, good, refused, with};
use crate::brands::{Severity, check};

const CLINIC: &str = "/entry/0/resource";
const LAB: &str = "/entry/1/resource";
const R4: &str = "/entry/2/resource";

fn clinic(member: &str, value: Value) -> Value {
    with(&format!("{CLINIC}/{member}"), value)
}

fn r4(member: &str, value: Value) -> Value {
    with(&format!("{R4}/{member}"), value)
}

#[test]
fn ub_1_to_ub_8_a_bundle_that_follows_every_rule_has_no_finding() {
    assert_eq!(check(&good(), None), []);
}

#[test]
fn ub_1_one_brand_refers_to_every_endpoint() {
    refused(&clinic("endpoint/1", Value::Null), "Bundle.entry", "refer to every Endpoint");
    let no_endpoint = changed(with("/entry/3", Value::Null), "/entry/2", Value::Null);
    refused(&no_endpoint, "Bundle.entry", "must have an Endpoint");
    let mut no_brand = with("/entry/0", Value::Null);
    no_brand = changed(no_brand, "/entry/0", Value::Null);
    refused(&no_brand, "Bundle.entry", "must have a brand");
    refused(&with("/entry", json!([])), "Bundle.entry", "empty list");
}

#[test]
fn ub_1_brands_are_at_most_two_levels_deep_and_the_parent_is_in_the_bundle() {
    let mut below = good()["entry"][1].clone();
    below["resource"]["id"] = json!("branch");
    below["resource"]["identifier"] = json!([{ "system": "s", "value": "branch" }]);
    below["fullUrl"] = json!("https://auth.example/brands/Organization/branch");
    let beside = with("/entry/-", below.clone());
    accepted(&beside);
    below["resource"]["partOf"]["reference"] = json!("Organization/lab");
    refused(&with("/entry/-", below), "Bundle.entry[4].resource.partOf", "only two levels");
    let own = json!("Organization/clinic");
    let itself = clinic("partOf", json!({ "reference": own }));
    refused(&itself, "Bundle.entry[0].resource.partOf", "only two levels");
    for nowhere in
        ["Organization/other", "https://elsewhere.example/Organization/clinic", "Endpoint/r4"]
    {
        let orphan = with(&format!("{LAB}/partOf/reference"), json!(nowhere));
        refused(&orphan, "Bundle.entry[1].resource.partOf", "must be in the bundle");
    }
    let by_url = json!("https://auth.example/brands/Organization/clinic");
    accepted(&with(&format!("{LAB}/partOf/reference"), by_url));
}

#[test]
fn ub_1_a_brand_has_a_portal_or_its_parent_has_one() {
    let without = clinic("extension/1", Value::Null);
    refused(&without, "Bundle.entry[0].resource.extension", "organization-portal");
    refused(&without, "Bundle.entry[1].resource.partOf", "neither the brand");
    let alone = with(&format!("{LAB}/partOf"), Value::Null);
    refused(&alone, "Bundle.entry[1].resource.extension", "organization-portal");
}

#[test]
fn ub_2_the_bundle_is_a_collection_that_says_when_it_was_put_together_and_updated() {
    refused(&with("/type", json!("searchset")), "Bundle.type", "must be collection");
    refused(&with("/timestamp", Value::Null), "Bundle.timestamp", "when it was put together");
    refused(&with("/timestamp", json!("yesterday")), "Bundle.timestamp", "a moment such as");
    refused(&with("/meta", Value::Null), "Bundle.meta.lastUpdated", "last updated");
    refused(&with("/resourceType", json!("List")), "Bundle", "no Bundle");
    let quiet = clinic("meta", Value::Null);
    let finding = &check(&quiet, None)[0];
    assert_eq!(finding.severity, Severity::Warning, "a SHOULD");
    assert_eq!(finding.at, "Bundle.entry[0].resource.meta.lastUpdated");
}

#[test]
fn ub_2_entries_are_organizations_and_endpoints_each_once() {
    let patient = json!({ "resource": { "resourceType": "Patient", "id": "p" } });
    refused(&with("/entry/-", patient), "Bundle.entry[4].resource.resourceType", "alone");
    let twice = good()["entry"][2].clone();
    let bundle = with("/entry/-", twice);
    refused(&bundle, "Bundle.entry[4].resource.id", "there twice");
    refused(&bundle, "Bundle.entry[4].fullUrl", "same fullUrl");
    refused(&clinic("id", Value::Null), "Bundle.entry[0].resource.id", "must have an id");
    refused(&clinic("id", json!("a b")), "Bundle.entry[0].resource.id", "no id");
}

#[test]
fn ub_4_what_r4_does_not_know_is_refused_where_it_stands() {
    for (bundle, at, part) in [
        (clinic("naem", json!("x")), "Bundle.entry[0].resource.naem", "no such element"),
        (clinic("telecom/0/url", json!("x")), "Bundle.entry[0].resource.telecom[0].url", "no such"),
        (clinic("alias", json!("x")), "Bundle.entry[0].resource.alias", "must be a list"),
        (clinic("name", json!(["x"])), "Bundle.entry[0].resource.name", "not as a list"),
        (clinic("name", json!("")), "Bundle.entry[0].resource.name", "no string"),
        (clinic("active", json!("yes")), "Bundle.entry[0].resource.active", "true or false"),
        (clinic("partOf", json!({})), "Bundle.entry[0].resource.partOf", "empty object"),
        (
            clinic("extension/0/url", Value::Null),
            "Bundle.entry[0].resource.extension[0].url",
            "must have",
        ),
        (
            clinic("extension/0/valueUrl", json!("https://a.example/")),
            "Bundle.entry[0].resource.extension[0]",
            "one value, or extensions",
        ),
        (r4("status", json!("on")), "Bundle.entry[2].resource.status", "active, suspended"),
        (r4("contained", json!([])), "Bundle.entry[2].resource.contained", "no such element"),
        (with("/entry/0", json!(5)), "Bundle.entry[0]", "must be an object"),
        (json!([]), "Bundle", "no Bundle"),
        (Value::Null, "Bundle", "no Bundle"),
    ] {
        refused(&bundle, at, part);
    }
}

#[test]
fn ub_4_identifiers_are_the_customers_own() {
    accepted(&clinic(
        "identifier/-",
        json!({ "system": "https://ours.example/ids", "value": "7" }),
    ));
    let valueless = clinic("identifier/-", json!({ "system": "urn:ietf:rfc:3986" }));
    refused(&valueless, "Bundle.entry[0].resource.identifier[2].value", "must have a value");
    let decorated = clinic("identifier/0/value", json!("https://www.clinic.example/home"));
    let findings = check(&decorated, None);
    assert!(findings.iter().any(|finding| finding.text.contains("without www.")), "{findings:?}");
    accepted(&decorated);
}

#[test]
fn ub_5_of_reasons_for_absence_there_are_two() {
    let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    let absent = |code: &str| {
        let bundle = clinic("name", Value::Null);
        let why = json!({ "extension": [{ "url": url, "valueCode": code }] });
        changed(bundle, &format!("{CLINIC}/_name"), why)
    };
    accepted(&absent("asked-declined"));
    accepted(&absent("asked-unknown"));
    for code in ["unknown", "masked", "not-applicable", "ASKED-UNKNOWN"] {
        let at = "Bundle.entry[0].resource._name.extension[0].valueCode";
        refused(&absent(code), at, "asked-declined or asked-unknown");
    }
    refused(&clinic("name", Value::Null), "Bundle.entry[0].resource.name", "must have a name");
}

#[test]
fn ub_6_the_named_identifier_is_that_of_one_organization() {
    let is = |named: &str| errors(&good(), Some(named));
    assert_eq!(is("urn:ietf:rfc:3986|https://clinic.example"), []);
    assert_eq!(is("|1234567893"), [], "without a system it is compared by its value");
    for (named, part) in [
        ("urn:ietf:rfc:3986|https://other.example", "is that of 0"),
        ("other|https://clinic.example", "is that of 0"),
        ("urn:ietf:rfc:3986|https://lab.example", "must refer to every Endpoint"),
    ] {
        let errors = is(named);
        assert!(errors[0].text.contains(part), "{named}: {errors:?}");
    }
    let shared = json!({ "system": "urn:ietf:rfc:3986", "value": "https://clinic.example" });
    let twice = with(&format!("{LAB}/identifier/-"), shared);
    let errors = errors(&twice, Some("urn:ietf:rfc:3986|https://clinic.example"));
    assert!(errors[0].text.contains("is that of 2"), "{errors:?}");
}

#[test]
fn ub_6_with_several_brands_the_primary_one_has_an_identifier() {
    let nameless = clinic("identifier", Value::Null);
    refused(&nameless, "Bundle", "by its identifier");
    let alone = changed(nameless, "/entry/1", Value::Null);
    accepted(&alone);
}

#[test]
fn ub_7_a_brand_has_a_name_and_its_website_as_its_only_telecom() {
    let at = "Bundle.entry[0].resource.telecom";
    refused(&clinic("telecom", Value::Null), at, "exactly one telecom");
    let phone = json!({ "system": "phone", "value": "+1 555 0100" });
    refused(&clinic("telecom/-", phone.clone()), at, "exactly one telecom");
    refused(&clinic("telecom/0", phone), &format!("{at}[0].system"), "must be url");
    for value in ["clinic.example", "mailto:a@clinic.example", "javascript:alert(1)"] {
        let bundle = clinic("telecom/0/value", json!(value));
        refused(&bundle, &format!("{at}[0].value"), "web address");
    }
}

#[test]
fn ub_7_x1_no_narrative_is_published() {
    let text = json!({ "status": "generated", "div": "<div><script>alert(1)</script></div>" });
    for (pointer, at) in [
        ("/text", "Bundle.text"),
        ("/entry/0/resource/text", "Bundle.entry[0].resource.text"),
        ("/entry/2/resource/text", "Bundle.entry[2].resource.text"),
    ] {
        for narrative in [text.clone(), json!({}), json!("x"), json!([])] {
            refused(&with(pointer, narrative), at, "narrative");
        }
    }
    accepted(&clinic("address/0/text", json!("1 Main Street\nSpringfield")));
}

#[test]
fn ub_7_x1_no_text_has_characters_that_are_not_seen() {
    for (pointer, at) in [
        ("name", "name"),
        ("alias/0", "alias[0]"),
        ("identifier/0/value", "identifier[0].value"),
        ("extension/1/extension/0/valueString", "extension[1].extension[0].valueString"),
        ("extension/1/extension/1/valueMarkdown", "extension[1].extension[1].valueMarkdown"),
        ("telecom/0/rank", "telecom[0].rank"),
    ] {
        let at = format!("Bundle.entry[0].resource.{at}");
        for unseen in ["\u{202e}", "\u{2066}", "\u{200f}", "\0", "\u{1b}", "\u{9b}"] {
            let code = format!("U+{:04X}", u32::from(unseen.chars().next().unwrap()));
            refused(&clinic(pointer, json!(format!("The{unseen}Clinic"))), &at, &code);
        }
    }
    refused(&clinic("name", json!("a\nb")), "Bundle.entry[0].resource.name", "U+000A");
    accepted(&clinic("extension/1/extension/1/valueMarkdown", json!("For *patients*\r\n\n- a\tb")));
    accepted(&clinic("name", json!("Clínica عيادة")));
    let named = clinic("name\u{202e}", json!("x"));
    refused(&named, "Bundle.entry[0].resource", "name of a member");
}

#[test]
fn ub_7_x1_no_text_has_tags() {
    for (pointer, at) in [
        ("name", "name"),
        ("alias/0", "alias[0]"),
        ("extension/1/extension/0/valueString", "extension[1].extension[0].valueString"),
        ("extension/1/extension/1/valueMarkdown", "extension[1].extension[1].valueMarkdown"),
    ] {
        let at = format!("Bundle.entry[0].resource.{at}");
        for tag in
            ["<script>alert(1)</script>", "The <b>Clinic", "a</p", "<!--", "<?x", "<<img src=x>"]
        {
            refused(&clinic(pointer, json!(tag)), &at, "HTML tags");
        }
        for good in ["Smith & Sons", "Age < 18, > 2", "I <3 care", "2<3", "\"Best\" 'Clinic'"] {
            accepted(&clinic(pointer, json!(good)));
        }
    }
}

#[test]
fn ub_7_the_categories_are_bound() {
    let at = "Bundle.entry[0].resource.type[0].coding[0]";
    for code in
        ["ins", "imaging", "pharmacy", "health-information-network", "health-data-aggregator"]
    {
        accepted(&clinic("type/0/coding/0/code", json!(code)));
    }
    for code in ["dept", "PROV", "payer"] {
        refused(&clinic("type/0/coding/0/code", json!(code)), &format!("{at}.code"), "one of prov");
    }
    refused(
        &clinic("type/0/coding/0/system", Value::Null),
        &format!("{at}.system"),
        "which system",
    );
    accepted(&clinic(
        "type/0/coding/-",
        json!({ "system": "https://ours.example/types", "code": "x" }),
    ));
}

#[test]
fn ub_7_uab_1_what_a_portal_leads_to_is_also_the_brands_endpoint() {
    let at = "Bundle.entry[0].resource.extension[1].extension[4].valueReference.reference";
    refused(&clinic("endpoint/0", Value::Null), at, "uab-1");
    let pointer = "extension/1/extension/4/valueReference/reference";
    refused(&clinic(pointer, json!("Endpoint/none")), at, "uab-1");
    let outside = clinic("endpoint/0/reference", json!("https://elsewhere.example/Endpoint/r4"));
    refused(&outside, "Bundle.entry[0].resource.endpoint[0].reference", "of this bundle");
}

#[test]
fn ub_7_a_portal_is_named_once_and_reached_by_a_web_address() {
    let at = "Bundle.entry[0].resource.extension[1].extension";
    let another = json!({ "url": "portalUrl", "valueUrl": "https://b.example/" });
    refused(&clinic("extension/1/extension/-", another), &format!("{at}[5]"), "one portalUrl");
    let string = json!({ "url": "portalUrl", "valueString": "https://b.example/" });
    refused(
        &clinic("extension/1/extension/2", string),
        &format!("{at}[2].valueUrl"),
        "web address",
    );
    let text = json!({ "url": "portalName", "valueUrl": "https://b.example/" });
    refused(
        &clinic("extension/1/extension/0", text),
        &format!("{at}[0].valueString"),
        "portalName",
    );
}

#[test]
fn ub_7_logos_are_svg_or_square_png_by_https_or_within() {
    let png = |width: u32, height: u32| {
        let mut octets = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        octets.extend(width.to_be_bytes());
        octets.extend(height.to_be_bytes());
        let text = fireward_jose::b64::encode(octets).replace('-', "+").replace('_', "/");
        format!("data:image/png;base64,{text}")
    };
    let logo = |url: &str| clinic("extension/0/extension/0/valueUrl", json!(url));
    for url in ["https://clinic.example/logo", "data:image/svg+xml,%3Csvg/%3E", &png(1024, 1024)] {
        accepted(&logo(url));
    }
    let at = "Bundle.entry[0].resource.extension[0].extension[0].valueUrl";
    for (url, part) in [
        ("http://clinic.example/logo.svg", "https: or data:"),
        ("ftp://clinic.example/logo.svg", "https: or data:"),
        ("data:image/gif;base64,R0lGODlh", "image/svg+xml or image/png"),
        ("data:text/html,<script>", "image/svg+xml or image/png"),
        ("data:image/svg+xml,", "no content"),
        ("data:image/svg+xml", "no content"),
        ("data:image/png,abc", "in base64"),
        ("data:image/png;base64,aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8=", "no PNG"),
        ("data:image/png;base64,iVBORw==", "base64"),
        (&png(512, 512), "1024 by 1024"),
        (&png(1024, 1023), "1024 by 1024"),
    ] {
        refused(&logo(url), at, part);
    }
}

#[test]
fn ub_8_an_endpoint_speaks_fhir_and_tells_developers_where_to_read() {
    let at = "Bundle.entry[2].resource";
    let version = "extension/0/valueCode";
    for known in ["4.0.1", "4.3.0", "5.0", "6.0.0-ballot2"] {
        accepted(&r4(version, json!(known)));
    }
    for unknown in ["R4", "4", "4.0.1.2", "4..1", "4.0.1-"] {
        let at = format!("{at}.extension[0].valueCode");
        refused(&r4(version, json!(unknown)), &at, "such as 4.0.1");
    }
    refused(&r4("extension", Value::Null), &format!("{at}.extension"), "which FHIR versions");
    refused(&r4("contact", Value::Null), &format!("{at}.contact"), "the site for developers");
    let plain = r4("contact/0/value", json!("http://developers.clinic.example/"));
    refused(&plain, &format!("{at}.contact[0].value"), "https");
    for code in ["hl7-fhir-msg", "ihe-xds"] {
        refused(
            &r4("connectionType/code", json!(code)),
            &format!("{at}.connectionType"),
            "hl7-fhir-rest",
        );
    }
    refused(
        &r4("payloadType/0/coding/0/code", json!("any")),
        &format!("{at}.payloadType"),
        "one payload",
    );
    let second = good()["entry"][2]["resource"]["payloadType"][0].clone();
    refused(&r4("payloadType/-", second), &format!("{at}.payloadType"), "one payload");
    refused(&r4("address", json!("fhir.example/r4")), &format!("{at}.address"), "no url");
    refused(&r4("address", json!("urn:x:y")), &format!("{at}.address"), "base URL");
    refused(&r4("address", Value::Null), &format!("{at}.address"), "must have it");
}

#[test]
fn ub_1_relative_references_lead_somewhere() {
    let managed = r4("managingOrganization", json!({ "reference": "Organization/nobody" }));
    refused(
        &managed,
        "Bundle.entry[2].resource.managingOrganization.reference",
        "not in the bundle",
    );
    accepted(&r4("managingOrganization", json!({ "reference": "Organization/clinic" })));
}
