//! The consent page.

use fireward_pages::{
    Date, Language, Message, Person,
    consent::{App, Ask, Choice, ConsentPage, Review, Until, Whose},
};

use super::{Sample, Says, sample, signed_in};

pub(super) fn all(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let ana = Person { name: says("Ana Silva"), born: Date::parse("1979-03-04") };
    let child = Person { name: says("Tomás Silva"), born: Date::parse("2016-06-30") };
    let yours = page(lang, says, Whose::Yours(ana));
    let theirs = ConsentPage {
        records: vec![
            ask(says, "scope-see", "patient", "MedicationRequest", "records-medicines"),
            ask(says, "scope-see", "patient", "AllergyIntolerance", "records-allergies"),
        ],
        offline: None,
        app: App { review: Review::Reviewed, ..app(says) },
        ..page(lang, says, Whose::Theirs(child.clone()))
    };
    let identity = ConsentPage {
        records: Vec::new(),
        offline: None,
        untils: Vec::new(),
        ..page(lang, says, Whose::Nobodys)
    };
    let nothing = ConsentPage { nothing_chosen: true, ..theirs.clone() };
    vec![
        sample("consent", yours.render()),
        sample("consent-caregiver", theirs.render()),
        sample("consent-nothing-chosen", nothing.render()),
        sample("consent-identity", identity.render()),
        sample("consent-changes", changes(lang, says, child).render()),
        sample("consent-clinician", clinician(lang, says).render()),
    ]
}

fn app(says: Says<'_>) -> App {
    App {
        name: says("Growth Chart"),
        logo: None,
        publisher: Some(says("Meadow Software")),
        review: Review::NotReviewed,
        policy_href: Some("https://growth.example/privacy".to_owned()),
        terms_href: Some("javascript:alert(1)".to_owned()),
        returns_to: Some(says("growth.example")),
        opened_from: None,
    }
}

fn what(key: &'static str, level: &str, resource: &str, kind: &str) -> Message {
    let writes = if key.ends_with("add") { "c" } else { "cu" };
    let args = [
        ("level", level),
        ("resource", resource),
        ("kind", kind),
        ("filter", ""),
        ("writes", writes),
    ];
    Message { key, args: args.map(|(name, value)| (name, value.to_owned())).to_vec() }
}

fn ask(
    says: Says<'_>,
    key: &'static str,
    level: &str,
    resource: &str,
    heading: &'static str,
) -> Ask {
    let letters = match key {
        "scope-see" => "rs",
        "scope-add" => "c",
        "scope-change" => "cu",
        _ => "crus",
    };
    let value = says(&format!("{level}/{}.{letters}", resource.replace("all", "*")));
    Ask::new(value, what(key, level, resource, ""), heading)
}

fn simple(value: String, key: &'static str, fixed: bool) -> Ask {
    Ask { fixed, ..Ask::new(value, Message { key, args: Vec::new() }, "records-other") }
}

fn page(lang: Language, says: Says<'_>, whose: Whose) -> ConsentPage {
    ConsentPage {
        chrome: signed_in(lang, says, "Ana Silva"),
        action: says("/consent"),
        switch_action: says("/login/switch"),
        app: app(says),
        whose,
        change_record_href: Some(says("/patient?request=r1")),
        records: records(says),
        others: vec![
            simple(says("openid"), "scope-openid", true),
            simple(says("fhirUser"), "scope-fhir-user", true),
            simple(says("email"), "scope-email", false),
        ],
        offline: Some(simple(says("offline_access"), "scope-offline-access", false)),
        untils: Until::ALL.to_vec(),
        until: Until::Month,
        apps_href: says("/account/apps"),
        nothing_chosen: false,
    }
}

fn records(says: Says<'_>) -> Vec<Ask> {
    let see = |resource, heading| ask(says, "scope-see", "patient", resource, heading);
    let filter = "type=http://loinc.org|34117-2";
    let mut notes = see("DocumentReference", "records-documents");
    notes.value = says(&format!("patient/DocumentReference.rs?{filter}"));
    notes.what.args.retain(|(name, _)| *name != "filter");
    notes.what.args.push(("filter", says(filter)));
    vec![
        Ask { needed: true, ..see("Patient", "records-about-you") },
        in_kinds(says, see("Condition", "records-conditions"), &PROBLEMS),
        see("MedicationRequest", "records-medicines"),
        see("Immunization", "records-medicines"),
        see("AllergyIntolerance", "records-allergies"),
        in_kinds(says, see("Observation", "records-labs-and-vitals"), &RESULTS),
        see("DiagnosticReport", "records-labs-and-vitals"),
        see("Encounter", "records-visits"),
        notes,
    ]
}

const PROBLEMS: [&str; 3] = ["problem-list-item", "encounter-diagnosis", "health-concern"];

const RESULTS: [&str; 7] =
    ["laboratory", "vital-signs", "social-history", "imaging", "survey", "exam", "procedure"];

const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// A whole type in its categories, of which social history counts as sensitive.
fn in_kinds(says: Says<'_>, whole: Ask, kinds: &[&str]) -> Ask {
    let resource = whole.what.args.iter().find(|(name, _)| *name == "resource");
    let resource = resource.map(|(_, value)| value.clone()).unwrap_or_default();
    let choice = |kind: &&str| Choice {
        value: says(&format!("patient/{resource}.rs?category={SYSTEM}|{kind}")),
        what: what(whole.what.key, "patient", &resource, kind),
        on: *kind != "social-history",
        sensitive: *kind == "social-history",
    };
    Ask { choices: kinds.iter().map(choice).collect(), ..whole }
}

fn changes(lang: Language, says: Says<'_>, child: Person) -> ConsentPage {
    let records = vec![
        ask(says, "scope-see-and-change", "patient", "QuestionnaireResponse", "records-documents"),
        in_kinds(
            says,
            ask(says, "scope-change", "patient", "Observation", "records-labs-and-vitals"),
            &["laboratory", "vital-signs", "social-history"],
        ),
        ask(says, "scope-add", "patient", "Condition", "records-conditions"),
        ask(says, "scope-see", "patient", "all", "records-everything"),
    ];
    ConsentPage { records, ..page(lang, says, Whose::Theirs(child)) }
}

fn clinician(lang: Language, says: Says<'_>) -> ConsentPage {
    let records = vec![
        ask(says, "scope-see", "user", "Patient", "records-about-you"),
        ask(says, "scope-see", "user", "Observation", "records-labs-and-vitals"),
        ask(says, "scope-change", "user", "Task", "records-other"),
    ];
    let app = App {
        name: says(
            "A Very Long Application Name That Somebody Thought Would Be a Good Idea for a Hospital",
        ),
        opened_from: Some(says("Northgate Charts")),
        ..app(says)
    };
    ConsentPage { records, app, untils: vec![Until::Visit], ..page(lang, says, Whose::Nobodys) }
}
