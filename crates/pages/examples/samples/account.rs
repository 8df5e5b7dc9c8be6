//! The account.

use fireward_pages::{
    Language, Message, PasswordFault, PasswordPage,
    account::{
        AccountPage, AppsPage, ConnectedApp, DevicesPage, DisconnectPage, EndAllPage, Ended, Nav,
        Reach, ReceiptPage, Session,
    },
    looks::{Looker, LooksDay, LooksPage, RecordChoice, Shown, Who},
};

use super::{Sample, Says, chrome, sample, signed_in};

const NOW: i64 = 1_795_312_800;
const DAY: i64 = 86_400;

pub(super) fn all(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let me = || signed_in(lang, says, "Ana Silva");
    let apps = |apps| AppsPage { chrome: me(), nav: nav(says), apps, now: NOW };
    let home = AccountPage { chrome: me(), nav: nav(says), apps: 2, sessions: 1 };
    let disconnect = DisconnectPage {
        chrome: me(),
        nav: nav(says),
        app: says("Growth Chart"),
        action: says("/account/apps/1/disconnect"),
        bound_seconds: 300,
    };
    let end_all = EndAllPage {
        chrome: me(),
        nav: nav(says),
        action: says("/account/devices/end"),
        sessions: 3,
        apps: 2,
        bound_seconds: 300,
    };
    let wrong = vec![PasswordFault::CurrentWrong, PasswordFault::Short, PasswordFault::Unequal];
    let changed = Ended::Password { sessions: 2, apps: 1 };
    let gone = Ended::App { name: says("Growth Chart") };
    vec![
        sample("account", home.render()),
        sample("account-apps", apps(connected(says)).render()),
        sample("account-apps-none", apps(Vec::new()).render()),
        sample("account-disconnect", disconnect.render()),
        sample("account-disconnected", receipt(lang, says, gone).render()),
        sample("account-looks", looks(lang, says, looked(says)).render()),
        sample("account-looks-none", looks(lang, says, Shown::Days(Vec::new())).render()),
        sample("account-looks-down", looks(lang, says, Shown::Down).render()),
        sample("account-looks-no-record", looks(lang, says, Shown::NoRecord).render()),
        sample("account-devices", devices(lang, says).render()),
        sample("account-device-ended", receipt(lang, says, Ended::Session).render()),
        sample("account-end-all", end_all.render()),
        sample("account-all-ended", all_ended(lang, says).render()),
        sample("account-password", password(lang, says, Vec::new()).render()),
        sample("account-password-wrong", password(lang, says, wrong).render()),
        sample("account-password-changed", receipt(lang, says, changed).render()),
    ]
}

fn password(lang: Language, says: Says<'_>, faults: Vec<PasswordFault>) -> PasswordPage {
    PasswordPage {
        chrome: signed_in(lang, says, "Ana Silva"),
        nav: nav(says),
        action: says("/account/password"),
        username: says("ana"),
        shortest: 8,
        faults,
        wait_seconds: None,
    }
}

fn nav(says: Says<'_>) -> Nav {
    Nav {
        home_href: says("/account"),
        apps_href: says("/account/apps"),
        password_href: says("/account/password"),
        looks_href: says("/account/looks"),
        devices_href: says("/account/devices"),
        sign_out_href: says("/logout"),
    }
}

fn whole(heading: &'static str) -> Reach {
    Reach { heading, parts: Vec::new() }
}

fn vital_signs(says: Says<'_>) -> Reach {
    let args = [
        ("level", "patient"),
        ("resource", "Observation"),
        ("kind", "vital-signs"),
        ("filter", ""),
    ];
    let args = args.into_iter().map(|(name, value)| (name, says(value))).collect();
    Reach { heading: "records-labs-and-vitals", parts: vec![Message { key: "scope-see", args }] }
}

fn connected(says: Says<'_>) -> Vec<ConnectedApp> {
    let growth = ConnectedApp {
        name: says("Growth Chart"),
        logo: None,
        publisher: Some(says("Meadow Software")),
        whose: Some(says("Tomás Silva")),
        record: Some(says("p2")),
        own: false,
        sees: vec![whole("records-about-you"), vital_signs(says), whole("records-visits")],
        changes: vec![whole("records-documents")],
        since: NOW - 40 * DAY,
        last_used: Some(NOW - 3 * 3_600),
        until: Some(NOW + 20 * DAY),
        offline: true,
        scopes: vec![
            says("patient/Patient.rs"),
            says(
                "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs",
            ),
        ],
        disconnect_href: says("/account/apps/1/disconnect"),
    };
    let portal = ConnectedApp {
        name: says("Northgate Portal"),
        publisher: None,
        whose: None,
        record: None,
        sees: Vec::new(),
        changes: Vec::new(),
        last_used: None,
        until: None,
        offline: false,
        scopes: vec![says("openid")],
        ..growth.clone()
    };
    vec![growth, portal]
}

fn devices(lang: Language, says: Says<'_>) -> DevicesPage {
    let session = |browser: Option<&str>, system: Option<&str>, age, current| Session {
        browser: browser.map(says),
        system: system.map(says),
        place: Some(says("Lisbon")),
        began: NOW - age * 4,
        last_seen: NOW - age,
        current,
        end_action: says("/account/devices/1/end"),
    };
    DevicesPage {
        chrome: signed_in(lang, says, "Ana Silva"),
        nav: nav(says),
        sessions: vec![
            session(Some("Firefox"), Some("macOS"), 20, true),
            session(Some("Chrome"), Some("Windows"), 5 * DAY, false),
            session(None, None, 300, false),
        ],
        end_all_href: says("/account/devices/end"),
        now: NOW,
    }
}

fn receipt(lang: Language, says: Says<'_>, ended: Ended) -> ReceiptPage {
    ReceiptPage {
        chrome: signed_in(lang, says, "Ana Silva"),
        nav: Some(nav(says)),
        ended,
        bound_seconds: 300,
        request_id: says("01JD7QK2M9ZV4T8R"),
        sign_in_href: None,
        password_href: None,
    }
}

fn all_ended(lang: Language, says: Says<'_>) -> ReceiptPage {
    ReceiptPage {
        chrome: chrome(lang, says),
        nav: None,
        sign_in_href: Some(says("/login")),
        password_href: Some(says("/login?for=password")),
        bound_seconds: 0,
        ..receipt(lang, says, Ended::Everything { sessions: 3, apps: 1 })
    }
}

fn looks(lang: Language, says: Says<'_>, shown: Shown) -> LooksPage {
    let choice = |own: bool, chosen| RecordChoice {
        value: says("fhir/1288992"),
        own,
        name: (!own).then(|| says("Mia Silva")),
        number: says("1288992"),
        chosen,
    };
    let records = match shown {
        Shown::NoRecord => Vec::new(),
        Shown::Down | Shown::Days(_) => vec![choice(true, true), choice(false, false)],
    };
    LooksPage {
        chrome: signed_in(lang, says, "Ana Silva"),
        nav: nav(says),
        records,
        action: says("/account/looks"),
        span: "30",
        shown,
        earlier_href: Some(says("/account/looks?page=50")),
        csv_href: says("/account/looks.csv"),
        own: (false, says("/account/looks?own=1")),
    }
}

fn looked(says: Says<'_>) -> Shown {
    let looker = |who, app: Option<&str>| Looker {
        who,
        app: app.map(says),
        saw: vec!["records-labs-and-vitals", "records-medicines"],
        changed: Vec::new(),
        refused: Vec::new(),
        count: 14,
        times: (NOW - 5_400, NOW),
        from: vec![says("192.0.2.7")],
    };
    let wrote = Looker {
        changed: vec!["records-labs-and-vitals"],
        count: 1,
        times: (NOW, NOW),
        ..looker(Who::You, Some("Growth Chart"))
    };
    let refused = Looker {
        saw: Vec::new(),
        refused: vec!["records-conditions"],
        ..looker(Who::Unknown(says("u-81")), Some("Research Export"))
    };
    let alone = looker(Who::App, Some("Research Export"));
    let nobody =
        Looker { saw: Vec::new(), refused: vec!["records-about-you"], ..looker(Who::Nobody, None) };
    let named = looker(Who::Named(says("Dr. Ada Byron")), Some("Northgate charts"));
    Shown::Days(vec![
        LooksDay { at: NOW, people: vec![named, wrote] },
        LooksDay { at: NOW - DAY, people: vec![alone, refused, nobody] },
    ])
}
