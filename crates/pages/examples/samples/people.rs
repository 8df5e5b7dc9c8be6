//! Choosing a record, and a visit.

use fireward_pages::{
    Date, EncounterCard, EncounterPage, Language, PatientCard, PatientGroup, PatientHeading,
    PatientPage, Sex,
};

use super::{Sample, Says, sample, signed_in};

pub(super) fn all(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let found = |people| vec![PatientGroup { heading: PatientHeading::Found, people }];
    let clinician = PatientPage { query: says("sil"), ..page(lang, says, found(three(says))) };
    let nobody = PatientPage { query: says("zzyzx"), ..page(lang, says, found(Vec::new())) };
    let none = PatientPage { search_action: None, ..page(lang, says, Vec::new()) };
    let unchosen = PatientPage { nothing_chosen: true, ..clinician.clone() };
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
        sample("encounter", encounters(lang, says).render()),
        sample("encounter-none", {
            let none = EncounterPage { encounters: Vec::new(), ..encounters(lang, says) };
            none.render()
        }),
    ]
}

fn page(lang: Language, says: Says<'_>, groups: Vec<PatientGroup>) -> PatientPage {
    PatientPage {
        chrome: signed_in(lang, says, "Dr Noor Haddad"),
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

fn encounters(lang: Language, says: Says<'_>) -> EncounterPage {
    let visit = |id: &str, title: &str, began: &str, now| EncounterCard {
        id: says(id),
        title: says(title),
        began: Date::parse(began),
        place: Some(says("Northgate Clinic, Room 4")),
        with: Some(says("Dr Noor Haddad")),
        now,
        chosen: now,
    };
    EncounterPage {
        chrome: signed_in(lang, says, "Dr Noor Haddad"),
        app: says("Growth Chart"),
        patient_name: says("Ana Silva"),
        choose_action: says("/encounter"),
        encounters: vec![
            visit("e1", "Office visit", "2026-11-22", true),
            visit("e2", "Emergency room admission", "2026-02-01", false),
        ],
        nothing_chosen: false,
    }
}
