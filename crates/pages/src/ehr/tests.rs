use super::*;
use crate::Language;

const HOSTILE: &str = "<script>alert(1)</script>";

fn chrome(lang: Language) -> Chrome {
    let mut chrome = Chrome::new(lang, HOSTILE);
    chrome.csrf = Some("t0ken".to_owned());
    chrome.signed_in_as = Some(HOSTILE.to_owned());
    chrome
}

fn banner() -> PatientBanner {
    PatientBanner {
        name: HOSTILE.to_owned(),
        born: Some(Date::new(1979, 3, 4)),
        sex: Sex::Female,
        number: Some(HOSTILE.to_owned()),
        today: Some(Date::new(2026, 11, 22)),
    }
}

fn measure() -> Measure {
    Measure {
        name: HOSTILE.to_owned(),
        value: "104".to_owned(),
        unit: "/min".to_owned(),
        flag: Some(Flag::High),
        range: Some("60 – 100".to_owned()),
        date: Some(Date::new(2026, 1, 2)),
        trend: vec![70.0, 80.0, 104.0],
    }
}

fn chart(lang: Language) -> ChartPage {
    let visit = Visit {
        id: "e1".to_owned(),
        title: HOSTILE.to_owned(),
        reason: Some(HOSTILE.to_owned()),
        began: Some(Date::new(2026, 1, 2)),
        with: Some(HOSTILE.to_owned()),
        now: true,
    };
    ChartPage {
        chrome: chrome(lang),
        patients_href: "/ehr/patients".to_owned(),
        sign_out_action: "/ehr/sign-out".to_owned(),
        patient: banner(),
        launch_action: "/ehr/patients/p1/launch".to_owned(),
        apps: vec![AppTile {
            id: "\"><script>".to_owned(),
            name: HOSTILE.to_owned(),
            description: HOSTILE.to_owned(),
            intents: vec!["labs".to_owned(), "vitals".to_owned(), "labs".to_owned()],
            framed: true,
        }],
        looks: vec![LookChoice { id: "\"><script>".to_owned(), name: HOSTILE.to_owned() }],
        tasks_action: "/ehr/patients/p1/tasks".to_owned(),
        tasks: Section::Ready(tasks()),
        problems: Section::Refused,
        medicines: Section::Failed,
        allergies: Section::Ready(Vec::new()),
        vitals: Section::Ready(vec![measure()]),
        labs: Section::Ready(vec![Measure { trend: vec![1.0], ..measure() }]),
        visits: Section::Ready(vec![visit]),
    }
}

fn tasks() -> Vec<TaskRow> {
    let unfit = [
        Unfit::NoApp,
        Unfit::SeveralApps,
        Unfit::UnknownApp,
        Unfit::WrongCode,
        Unfit::OtherPatient,
        Unfit::Over,
        Unfit::Unreadable,
    ];
    let launches = [TaskLaunch::Nothing, TaskLaunch::App(HOSTILE.to_owned())];
    let row = |launch| TaskRow {
        id: "t1".to_owned(),
        title: HOSTILE.to_owned(),
        asked: Some(Date::new(2026, 1, 2)),
        launch,
    };
    launches.into_iter().chain(unfit.map(TaskLaunch::Unfit)).map(row).collect()
}

fn patients(lang: Language) -> PatientsPage {
    let row = PatientRow {
        href: "/ehr/patients/p1".to_owned(),
        name: HOSTILE.to_owned(),
        born: None,
        sex: Sex::Unknown,
        number: None,
        place: Some(HOSTILE.to_owned()),
        deceased: true,
    };
    PatientsPage {
        chrome: chrome(lang),
        action: "/ehr/patients".to_owned(),
        sign_out_action: "/ehr/sign-out".to_owned(),
        query: HOSTILE.to_owned(),
        patients: vec![row],
        total: Some(1),
        previous_href: None,
        next_href: Some("/ehr/patients?page=2".to_owned()),
        today: Date::new(2026, 11, 22),
    }
}

fn every_page(lang: Language) -> [String; 5] {
    let door = Door {
        name: HOSTILE.to_owned(),
        description: HOSTILE.to_owned(),
        href: "/sample-app/".to_owned(),
    };
    let front = FrontPage {
        chrome: chrome(lang),
        ehr_href: "/ehr/patients".to_owned(),
        doors: vec![door],
        signed_out: true,
    };
    let frame = FramePage {
        chrome: chrome(lang),
        patient: banner(),
        chart_href: "/ehr/patients/p1".to_owned(),
        app: HOSTILE.to_owned(),
        src: "http://localhost:8082/sample-app/launch.html?iss=a&launch=b".to_owned(),
        launch_action: "/ehr/patients/p1/launch".to_owned(),
        repeated: vec![("frame", HOSTILE.to_owned())],
        again: false,
    };
    let nobody = PatientsPage { patients: Vec::new(), ..patients(lang) };
    [front.render(), frame.render(), patients(lang).render(), nobody.render(), chart(lang).render()]
}

#[test]
fn x1_nothing_from_a_record_becomes_markup() {
    for page in every_page(Language::English) {
        assert!(page.contains("</html>"), "the page was rendered");
        assert!(!page.replace("<script src=\"/assets/", "").contains("<script"), "{page}");
    }
}

#[test]
fn every_string_comes_from_the_catalogue() {
    for lang in Language::ALL {
        for page in every_page(lang) {
            assert!(
                !page.contains("ehr-front-") && !page.contains(">ehr-"),
                "a key without words: {page}"
            );
        }
    }
    for page in every_page(Language::Accented) {
        for plain in
            ["Patients", "Vital signs", "Sign out", "Nothing recorded", "Open the record system"]
        {
            assert!(!page.contains(plain), "{plain} is not from the catalogue");
        }
    }
}

#[test]
fn an_intent_is_offered_once() {
    assert_eq!(chart(Language::English).render().matches("<option value=\"labs\">").count(), 1);
}

#[test]
fn a_part_says_why_it_is_empty() {
    let page = chart(Language::English).render();
    assert!(page.contains("You are not allowed to see this part."));
    assert!(page.contains("This part could not be read."));
    assert!(page.contains("Nothing recorded."));
}

#[test]
fn a_line_is_drawn_from_three_values_on() {
    assert_eq!(chart(Language::English).render().matches("<polyline").count(), 1);
}

#[test]
fn tl_3_only_a_task_with_an_app_that_can_be_opened_has_a_button() {
    let page = chart(Language::English).render();
    assert_eq!(page.matches("action=\"/ehr/patients/p1/tasks/t1/launch\"").count(), 1);
    assert!(page.contains("No app here has the address that it names."));
}
