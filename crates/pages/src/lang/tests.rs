use super::*;

#[test]
fn ui_locales_come_before_the_browser_and_english_is_last() {
    assert_eq!(Language::negotiate(Some("en-US,en;q=0.9"), Some("es-MX en")), Language::Spanish);
    assert_eq!(Language::negotiate(Some("fr, es;q=0.5, en;q=0.7"), None), Language::English);
    assert_eq!(Language::negotiate(Some("en-US,en;q=0.9"), None), Language::AmericanEnglish);
    assert_eq!(Language::negotiate(Some("en-GB"), Some("tlh")), Language::English);
    assert_eq!(Language::negotiate(None, None), Language::English);
}

#[test]
fn ui_locales_that_nobody_speaks_are_passed_over() {
    assert_eq!(
        Language::negotiate(Some("es"), Some("<script> \u{202e} ,;q=9 -")),
        Language::Spanish
    );
    assert_eq!(Language::negotiate(Some(&"x,".repeat(100_000)), None), Language::English);
    assert_eq!(Language::negotiate(Some("es;q=0, en;q=0.001"), None), Language::English);
}

#[test]
fn pseudo_languages_answer_to_their_exact_tags_only() {
    assert_eq!(Language::negotiate(Some("ar"), None), Language::English);
    assert_eq!(Language::negotiate(None, Some("ar-xb")), Language::Mirrored);
    assert_eq!(Language::negotiate(None, Some("en-XA")), Language::Accented);
}

#[test]
fn dates_stand_in_the_order_of_the_language() {
    let day = Date::new(1979, 3, 4);
    assert_eq!(Language::English.date(day), "4 March 1979");
    assert_eq!(Language::AmericanEnglish.date(day), "March 4, 1979");
    assert_eq!(Language::Spanish.date(day), "4 de marzo de 1979");
    assert_eq!(Language::English.date(Date::parse("1979-03").unwrap()), "March 1979");
    assert_eq!(Language::English.date(Date::parse("1979").unwrap()), "1979");
}

#[test]
fn dates_that_are_none_are_refused() {
    for bad in ["", "79-03-04", "1979-13", "1979-02-30", "1979-00-01", "yesterday"] {
        assert_eq!(Date::parse(bad), None, "{bad}");
    }
    assert_eq!(Date::parse("2026-11-22T09:00:00Z"), Some(Date::new(2026, 11, 22)));
}

#[test]
fn days_are_read_as_people_write_them() {
    let day = Some(Date::new(1944, 4, 16));
    for text in ["1944-04-16", "16.04.1944", "16.4.1944", "04/16/1944", "16/04/1944"] {
        assert_eq!((Date::typed(text, true), Date::typed(text, false)), (day, day), "{text}");
    }
    assert_eq!(Date::typed("3/4/1979", true), Some(Date::new(1979, 3, 4)));
    assert_eq!(Date::typed("3/4/1979", false), Some(Date::new(1979, 4, 3)));
    for none in ["1944", "16.4.44", "32.1.1979", "2/30/1979", "1/2/3/1979", "4.16.1944", "a/b/c"] {
        assert_eq!(Date::typed(none, true), None, "{none}");
    }
    assert_eq!(Date::new(1944, 4, 6).to_fhir(), "1944-04-06");
    assert_eq!(Date::parse("1944-04").unwrap().to_fhir(), "1944-04");
}

#[test]
fn of_a_birth_known_by_its_year_the_least_age_counts() {
    let days = |born: &str, then: &str| {
        Date::parse(born).unwrap().days_until(Date::parse(then).unwrap()).unwrap()
    };
    assert_eq!(days("2026-03-01", "2026-03-05"), 4);
    assert_eq!(days("2025", "2026-01-02"), 2);
    assert_eq!(days("2024-02", "2024-03-01"), 1);
    assert_eq!(days("2026-03-05", "2026-03-01"), -4);
}

#[test]
fn ages_are_in_months_until_two_years() {
    let age = |born: &str, today| Language::English.age(Date::parse(born).unwrap(), today);
    let today = Date::new(2026, 11, 22);
    assert_eq!(age("2025-10-02", today).as_deref(), Some("13 months old"));
    assert_eq!(age("2024-11-23", today).as_deref(), Some("23 months old"));
    assert_eq!(age("2024-11-22", today).as_deref(), Some("2 years old"));
    assert_eq!(age("1979-11-23", today).as_deref(), Some("46 years old"));
    assert_eq!(age("1979", today).as_deref(), Some("47 years old"));
    assert_eq!(age("2027-01-01", today), None);
}

#[test]
fn time_is_told_in_words() {
    let ago = |seconds: i64| Language::English.ago(1_000_000_000 - seconds, 1_000_000_000);
    assert_eq!(ago(5), "just now");
    assert_eq!(ago(-50), "just now");
    assert_eq!(ago(90), "1 minute ago");
    assert_eq!(ago(3 * 3_600), "3 hours ago");
    assert_eq!(ago(40 * 3_600), "2 days ago");
    assert_eq!(ago(40 * 86_400), "31 July 2001");
    assert_eq!(Language::Spanish.wait(300), "5 minutos");
}

#[test]
fn x1_a_quoted_value_cannot_turn_the_sentence() {
    let said = Language::English.with("consent-by", &[("publisher", "فاطمة\u{202e}evil")]);
    assert_eq!(said, "By \u{2068}فاطمةevil\u{2069}");
    assert_eq!(Language::English.with("consent-by", &[("publisher", "Meadow")]), "By Meadow");
}

#[test]
fn scopes_are_described_in_every_language() {
    let args = |resource: &str, kind: &str| {
        [("level", "patient"), ("resource", resource), ("kind", kind), ("filter", "")]
            .map(|(name, value)| (name, value.to_owned()))
            .to_vec()
    };
    for lang in Language::ALL {
        for key in SCOPE_KEYS {
            assert!(catalogue::knows(lang, key), "{key}");
        }
        let plain = Message { key: "scope-see", args: args("Observation", "") }.text(lang);
        let kind = Message { key: "scope-see", args: args("Observation", "laboratory") }.text(lang);
        let other = Message { key: "scope-see", args: args("Evidence", "") }.text(lang);
        assert_ne!(plain, kind);
        assert!(other.contains("Evidence") && !plain.contains("Observation"), "{plain} {other}");
    }
    let see = Message { key: "scope-see", args: args("Observation", "laboratory") };
    assert_eq!(see.text(Language::English), "See: Laboratory results");
}

#[test]
fn every_language_has_every_sentence_with_the_same_arguments() {
    let english = sentences(catalogue::ENGLISH);
    assert_eq!(sentences(catalogue::SPANISH), english);
    for (key, arguments) in sentences(catalogue::AMERICAN) {
        assert_eq!(english.get(key), Some(&arguments), "{key}");
    }
    for source in [catalogue::ENGLISH, catalogue::AMERICAN, catalogue::SPANISH] {
        assert!(fluent_bundle::FluentResource::try_new(source.to_owned()).is_ok());
    }
}

#[test]
fn every_sentence_that_a_template_names_exists() {
    let mut folders = vec![std::path::PathBuf::from("../../templates")];
    let mut keys = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html") {
                keys += named_in(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    assert!(keys > 100, "{keys}");
}

/// How many keys a template names; each must be known.
fn named_in(template: &str) -> usize {
    let calls = ["chrome.t(\"", "chrome.with(\"", "chrome.count(\""];
    let rests = calls.iter().flat_map(|call| template.split(call).skip(1));
    let keys = rests.filter_map(|rest| rest.split('"').next());
    keys.inspect(|key| assert!(catalogue::knows(Language::English, key), "{key}")).count()
}

#[test]
fn bp_2_what_is_asked_to_be_changed_is_said_exactly() {
    let says = |key, writes: &str| {
        let args = [("level", "patient"), ("resource", "Observation"), ("writes", writes)];
        let args = args.map(|(name, value)| (name, value.to_owned())).to_vec();
        Message { key, args }.text(Language::English)
    };
    for (writes, verbs) in [
        ("cu", "Add or change"),
        ("cd", "Add or delete"),
        ("ud", "Change or delete"),
        ("u", "Change"),
        ("d", "Delete"),
        ("cud", "Add, change or delete"),
    ] {
        assert!(says("scope-change", writes).starts_with(&format!("{verbs}: ")), "{writes}");
        let both = says("scope-see-and-change", writes);
        assert!(both.starts_with("See"), "{both}");
        assert_eq!(both.contains("delete"), writes.contains('d'), "{both}");
    }
}

/// Each key with the names of its arguments, sorted.
fn sentences(source: &str) -> std::collections::BTreeMap<&str, std::collections::BTreeSet<&str>> {
    let mut found = std::collections::BTreeMap::<&str, std::collections::BTreeSet<&str>>::new();
    let mut key = "";
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            key = name;
            assert!(!found.contains_key(key), "{key} is there twice");
            found.entry(key).or_default();
        }
        let arguments = line.split('$').skip(1);
        let names = arguments.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
        found.entry(key).or_default().extend(names);
    }
    found.remove("");
    found
}

/// The keys that `fireward-scopes` describes scopes and headings with.
const SCOPE_KEYS: [&str; 26] = [
    "scope-openid",
    "scope-fhir-user",
    "scope-profile",
    "scope-email",
    "scope-address",
    "scope-phone",
    "scope-offline-access",
    "scope-online-access",
    "scope-launch",
    "scope-launch-context",
    "scope-see",
    "scope-add",
    "scope-change",
    "scope-see-and-add",
    "scope-see-and-change",
    "scope-extension",
    "scope-own-state",
    "records-about-you",
    "records-conditions",
    "records-medicines",
    "records-allergies",
    "records-labs-and-vitals",
    "records-visits",
    "records-documents",
    "records-everything",
    "records-other",
];
