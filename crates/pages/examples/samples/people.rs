//! Choosing a record, a visit, and whatever else an app is handed.

use fireward_pages::{
    ContextCard, ContextPage, Date, Language, Listing, PatientCard, PatientGroup, PatientHeading,
    PatientPage, Sex,
};

use super::{Sample, Says, sample, signed_in};

pub(super) fn all(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let found = |people| vec![PatientGroup { heading: PatientHeading::Found, people }];
    let clinician = PatientPage { query: says("sil"), ..page(lang, says, found(three(says))) };
    let nobody = PatientPage { query: says("zzyzx"), ..page(lang, says, found(Vec::new())) };
    let none = PatientPage { search_action: None, ..page(lang, says, Vec::new()) };
    let unchosen = PatientPage { nothing_chosen: true, ..clinician.clone() };
    let retry_href = Some(says("/patient"));
    let down = PatientPage { groups: Vec::new(), retry_href, ..clinician.clone() };
    let empty = Listing::Found { cards: Vec::new(), previous_href: None, next_href: None };
    let nothing = ContextPage { listing: empty, ..visits(lang, says) };
    let listing = Listing::Down { retry_href: says("/context/a1") };
    let unreachable = ContextPage { listing, ..visits(lang, says) };
    let unpicked = ContextPage { nothing_chosen: true, ..scans(lang, says) };
    let mut recent = page(lang, says, recent(says));
    recent.previous_href = None;
    let mut family = page(lang, says, family(says));
    family.chrome.signed_in_as = Some(says("Ana Silva"));
    (family.search_action, family.previous_href, family.next_href) = (None, None, None);
    vec![
        sample("patient", clinician.render()),
        sample("patient-recent", recent.render()),
        sample("patient-family", family.render()),
        sample("patient-not-found", nobody.render()),
        sample("patient-none", none.render()),
        sample("patient-unchosen", unchosen.render()),
        sample("patient-down", down.render()),
        sample("context-visit", visits(lang, says).render()),
        sample("context-none", nothing.render()),
        sample("context-down", unreachable.render()),
        sample("context-scan", scans(lang, says).render()),
        sample("context-unchosen", unpicked.render()),
    ]
}

fn page(lang: Language, says: Says<'_>, groups: Vec<PatientGroup>) -> PatientPage {
    PatientPage {
        chrome: signed_in(lang, says, "Dr Noor Haddad"),
        switch_action: says("/login/a1/switch"),
        app: says("Growth Chart"),
        search_action: Some(says("/patient")),
        search_hidden: vec![(says("request"), says("r1"))],
        query: String::new(),
        choose_action: says("/patient"),
        groups,
        previous_href: Some(says("/patient?page=1")),
        next_href: Some(says("/patient?page=3")),
        cancel_action: Some(says("/patient/cancel")),
        today: Date::new(2026, 11, 22),
        nothing_chosen: false,
        retry_href: None,
    }
}

fn card(says: Says<'_>, name: &str, born: &str, sex: Sex) -> PatientCard {
    PatientCard {
        id: says(&format!("id-{born}")),
        name: says(name),
        born: Date::parse(born),
        sex,
        identifier: Some(says(&format!("NH-{}", born.replace('-', "")))),
        line: Some(says("Lisbon")),
        role: None,
        deceased: false,
        chosen: false,
    }
}

fn three(says: Says<'_>) -> Vec<PatientCard> {
    let long = "Maria Antónia Guilhermina Leopoldina Micaela Rafaela Gabriela Silva e Bragança de Saxe-Coburgo-Gota";
    vec![
        PatientCard { chosen: true, ..card(says, "Ana Silva", "1979-03-04", Sex::Female) },
        card(says, "Ana Silva", "1979-03-14", Sex::Female),
        PatientCard { deceased: true, ..card(says, long, "1819", Sex::Female) },
        PatientCard {
            identifier: None,
            line: None,
            ..card(says, "فاطمة السيلفا", "2025-10-02", Sex::Unknown)
        },
    ]
}

fn recent(says: Says<'_>) -> Vec<PatientGroup> {
    vec![PatientGroup { heading: PatientHeading::Recent, people: three(says) }]
}

fn family(says: Says<'_>) -> Vec<PatientGroup> {
    let own = card(says, "Ana Silva", "1979-03-04", Sex::Female);
    let child =
        |name, born, sex| PatientCard { role: Some(says("mother")), ..card(says, name, born, sex) };
    let children = vec![
        child("Tomás Silva", "2016-06-30", Sex::Male),
        child("Inês Silva", "2025-10-02", Sex::Female),
    ];
    vec![
        PatientGroup { heading: PatientHeading::You, people: vec![own] },
        PatientGroup { heading: PatientHeading::PeopleYouActFor, people: children },
    ]
}

fn visits(lang: Language, says: Says<'_>) -> ContextPage {
    let visit = |id: &str, title: &str, began: &str, now| ContextCard {
        id: says(id),
        title: Some(says(title)),
        began: Date::parse(began),
        now,
        facts: vec![says("Dr Noor Haddad"), says("Northgate Clinic, Room 4")],
        chosen: now,
    };
    let cards = vec![
        visit("e1", "Office visit", "2026-11-22", true),
        visit("e2", "Emergency room admission", "2026-02-01", false),
    ];
    let next_href = Some(says("/context/a1?after=2"));
    ContextPage {
        chrome: signed_in(lang, says, "Dr Noor Haddad"),
        switch_action: says("/login/a1/switch"),
        app: says("Growth Chart"),
        resource: "Encounter".to_owned(),
        role: None,
        whose: Some(says("Ana Silva")),
        context: says("Encounter"),
        choose_action: says("/context/a1"),
        without_action: says("/context/a1/without"),
        cancel_action: says("/patient/a1/cancel"),
        listing: Listing::Found { cards, previous_href: None, next_href },
        nothing_chosen: false,
    }
}

/// A type of the app's own choice, in a role, with nothing that says what each is.
fn scans(lang: Language, says: Says<'_>) -> ContextPage {
    let mut page = visits(lang, says);
    "ImagingStudy".clone_into(&mut page.resource);
    page.role = Some(says("https://growth.example/roles/prior-study"));
    if let Listing::Found { cards, .. } = &mut page.listing {
        for card in cards {
            (card.title, card.facts, card.now) = (None, Vec::new(), false);
        }
    }
    page
}
