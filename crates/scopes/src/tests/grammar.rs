//! SC-1 to SC-26: what is read, how, and what is not.

use proptest::prelude::*;

use super::{permissions, scope, set};
use crate::{Form, Invalid, Level, Permissions, Resource, Scope, ScopeSet};

#[test]
fn sc_1_the_parts_of_a_scope_are_told_apart() {
    let asked = scope("user/Observation.cruds?category=a|b&code=c");
    let clinical = asked.as_clinical().expect("clinical");
    assert_eq!(clinical.level(), Level::User);
    assert_eq!(clinical.resource(), &Resource::Type("Observation".into()));
    assert_eq!(clinical.permissions(), Permissions::ALL);
    assert_eq!(clinical.form(), Form::V2);
    let pairs: Vec<_> = clinical.constraint().expect("constraint").pairs().collect();
    assert_eq!(pairs, [("category", "a|b"), ("code", "c")]);
    assert_eq!(scope("system/*.s").as_clinical().expect("clinical").resource(), &Resource::All);
}

#[test]
fn sc_2_each_letter_is_one_permission_and_implies_no_other() {
    for (letter, single) in
        ["c", "r", "u", "d", "s"].iter().zip(Permissions::ALL.each().collect::<Vec<_>>())
    {
        assert_eq!(permissions(&format!("patient/Observation.{letter}")), single);
        assert_eq!(single.letters(), *letter);
    }
    assert!(!permissions("patient/Observation.cud").contains(Permissions::READ));
}

#[test]
fn sc_3_v1_words_mean_letters_and_keep_their_form() {
    for (word, letters) in [("read", "rs"), ("write", "cud"), ("*", "cruds")] {
        let v1 = scope(&format!("patient/*.{word}"));
        let v2 = scope(&format!("patient/*.{letters}"));
        assert!(v1.covers(&v2) && v2.covers(&v1));
        assert_ne!(v1, v2);
        assert_eq!(v1.to_string(), format!("patient/*.{word}"));
        assert_eq!(v1.as_clinical().expect("clinical").form(), Form::V1);
    }
}

#[test]
fn sc_4_suffixes_out_of_order_or_unknown_are_refused() {
    for suffix in
        ["dus", "dr", "sr", "rr", "", "reads", "rea", "Read", "READ", "rs.rs", "cruds*", "**", "x"]
    {
        let text = format!("patient/Observation.{suffix}");
        assert_eq!(text.parse::<Scope>(), Err(Invalid::Permissions), "{text}");
    }
    assert_eq!("patient/Observation".parse::<Scope>(), Err(Invalid::Permissions));
}

#[test]
fn sc_4_a_word_of_v1_is_never_read_as_letters() {
    // `rd` is an in-order subset of `cruds` and so a scope of its own (SC-1); `read` is not it.
    let letters = permissions("patient/Observation.rd");
    assert_eq!(letters, Permissions::READ.union(Permissions::DELETE));
    assert_eq!(permissions("patient/Observation.read"), Permissions::V1_READ);
}

#[test]
fn sc_6_scopes_unite() {
    let granted = set("patient/Observation.r patient/Observation.s");
    assert!(granted.covers(&scope("patient/Observation.rs")));
    assert!(granted.covers(&scope("patient/Observation.read")));
    assert!(!granted.covers(&scope("patient/Observation.crs")));
    assert!(!granted.covers(&scope("patient/Condition.rs")));
    assert_eq!(granted.to_string(), "patient/Observation.r patient/Observation.s");
}

#[test]
fn sc_7_spellings_of_a_constraint_mean_the_same_and_print_as_asked() {
    let system = "http://terminology.hl7.org/CodeSystem/observation-category";
    let plain = format!("patient/Observation.rs?category={system}|laboratory");
    let encoded = format!("patient/Observation.rs?category={system}%7Claboratory");
    assert!(scope(&plain).covers(&scope(&encoded)) && scope(&encoded).covers(&scope(&plain)));
    assert_eq!(scope(&plain).to_string(), plain);
    assert_eq!(scope(&encoded).to_string(), encoded);
    let spaced = scope("patient/Observation.rs?code=a+b");
    assert!(spaced.covers(&scope("patient/Observation.rs?code=a%20b")));
    assert!(!spaced.covers(&scope("patient/Observation.rs?code=a%2Bb")));
}

#[test]
fn sc_7_a_constraint_narrows_and_alternatives_widen() {
    let whole = scope("patient/Observation.rs");
    let lab = scope("patient/Observation.rs?category=lab");
    let either = scope("patient/Observation.rs?category=lab,vital");
    let both = scope("patient/Observation.rs?category=lab&code=x");
    for (wide, narrow) in [(&whole, &lab), (&either, &lab), (&lab, &both), (&either, &both)] {
        assert!(wide.covers(narrow) && !narrow.covers(wide), "{wide} over {narrow}");
        assert_eq!(wide.narrow(narrow).as_ref(), Some(narrow));
        assert_eq!(narrow.narrow(wide).as_ref(), Some(narrow));
    }
    // Under `:not`, more alternatives mean fewer resources.
    let not = scope("patient/Observation.rs?category:not=lab,vital");
    assert!(!not.covers(&scope("patient/Observation.rs?category:not=lab")));
    // An escaped comma is part of its value.
    let escaped = scope("patient/Observation.rs?code=a%5C,b");
    assert!(!scope("patient/Observation.rs?code=b,c").covers(&escaped));
    assert!(!escaped.covers(&scope("patient/Observation.rs?code=b")));
}

#[test]
fn sc_7_broken_constraints_are_refused() {
    for query in [
        "",
        "category",
        "category=",
        "=x",
        "a=b&",
        "&a=b",
        "a=%zz",
        "a=%7",
        "a=%ff",
        "a=%00",
        "a b=c",
    ] {
        let text = format!("patient/Observation.rs?{query}");
        assert!(text.parse::<Scope>().is_err(), "{text}");
    }
    assert_eq!("patient/Observation.read?a=b".parse::<Scope>(), Err(Invalid::Constraint));
}

#[test]
fn sc_9_the_wildcard_covers_every_type_and_no_type_covers_it() {
    let all = scope("patient/*.rs");
    assert!(all.covers(&scope("patient/Slot.r")));
    assert!(!scope("patient/Slot.rs").covers(&all));
    assert_eq!(all.narrow(&scope("patient/Slot.cr")), Some(scope("patient/Slot.r")));
}

#[test]
fn sc_3_what_both_allow_keeps_the_form_asked_where_that_can_say_it() {
    for (asked, limit, both) in [
        ("patient/Observation.*", "patient/*.rs", "patient/Observation.read"),
        ("patient/Observation.cruds", "patient/*.read", "patient/Observation.rs"),
        ("patient/Observation.*", "patient/*.r", "patient/Observation.r"),
        ("patient/*.read", "patient/Condition.rs?category=a", "patient/Condition.rs?category=a"),
    ] {
        let narrowed = scope(asked).narrow(&scope(limit)).map(|both| both.to_string());
        assert_eq!(narrowed.as_deref(), Some(both), "{asked} within {limit}");
    }
}

#[test]
fn levels_never_cover_one_another() {
    for (one, other) in [("user", "patient"), ("system", "user"), ("patient", "system")] {
        let (one, other) = (scope(&format!("{one}/*.cruds")), scope(&format!("{other}/Patient.r")));
        assert!(!one.covers(&other) && !other.covers(&one));
        assert_eq!(one.narrow(&other), None);
    }
}

#[test]
fn unknown_types_are_refused() {
    for name in ["Foo", "observation", "", "Resource", "DomainResource", "Patient,Observation"] {
        let text = format!("patient/{name}.rs");
        assert_eq!(text.parse::<Scope>(), Err(Invalid::ResourceType), "{text}");
    }
}

#[test]
fn sc_13_launch_contexts_are_lower_case_types_with_at_most_one_role() {
    let imaging = scope("launch/imagingstudy?role=https://example.org/prior");
    assert_eq!(imaging.to_string(), "launch/imagingstudy?role=https://example.org/prior");
    assert!(scope("launch/imagingstudy").covers(&imaging));
    assert!(!imaging.covers(&scope("launch/imagingstudy")));
    for text in
        ["launch/", "launch/Patient", "launch/foo", "launch/patient?", "launch/patient?role="]
    {
        assert_eq!(text.parse::<Scope>(), Err(Invalid::LaunchContext), "{text}");
    }
    assert!("launch/patient?role=a&role=b".parse::<Scope>().is_err());
}

#[test]
fn sc_25_extensions_are_full_uris_or_start_with_two_underscores() {
    for text in ["https://fireward.dev/scopes/introspection", "__photo.manage", "urn:example:x"] {
        assert!(matches!(scope(text), Scope::Extension(_)), "{text}");
        assert_eq!(scope(text).to_string(), text);
    }
    for text in ["photo", "_photo", "__", "api:read", "read/all", "https://", "://x", "Openid"] {
        assert_eq!(text.parse::<Scope>(), Err(Invalid::Unknown), "{text}");
    }
}

#[test]
fn sc_26_uri_forms_are_the_short_names() {
    let smart = "http://smarthealthit.org/fhir/scopes/";
    for name in ["fhirUser", "launch", "launch/patient", "patient/*.rs", "offline_access"] {
        assert_eq!(scope(&format!("{smart}{name}")), scope(name));
    }
    let openid = "http://openid.net/specs/openid-connect-core-1_0#";
    for name in ["openid", "profile", "offline_access"] {
        assert_eq!(scope(&format!("{openid}{name}")), scope(name));
    }
    for text in [format!("{smart}openid"), format!("{openid}launch"), format!("{smart}nothing")] {
        assert_eq!(text.parse::<Scope>(), Err(Invalid::Unknown), "{text}");
    }
    assert!(format!("{smart}patient/Observation.sr").parse::<Scope>().is_err());
}

#[test]
fn a_list_keeps_its_order_and_drops_repetitions() {
    let list = set("launch  openid patient/*.read openid fhirUser ");
    assert_eq!(list.to_string(), "launch openid patient/*.read fhirUser");
    assert!(set("").is_empty());
    // SC-26 and the short name are one scope.
    assert_eq!(set("launch http://smarthealthit.org/fhir/scopes/launch").len(), 1);
}

#[test]
fn m4_a_lenient_list_sets_aside_what_is_no_scope() {
    let sifted = ScopeSet::sift("openid patient/Observation.sr foo patient/Foo.r").expect("legal");
    assert_eq!(sifted.known.to_string(), "openid");
    let reasons: Vec<_> = sifted.refused.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons, [Invalid::Permissions, Invalid::Unknown, Invalid::ResourceType]);
    assert_eq!(ScopeSet::sift("openid\tlaunch"), Err(Invalid::IllegalCharacter));
    assert_eq!(ScopeSet::sift("open\"id"), Err(Invalid::IllegalCharacter));
    let flood = "__x ".repeat(1001);
    assert_eq!(ScopeSet::sift(&flood), Err(Invalid::TooMany));
}

#[test]
fn questions_about_a_list() {
    assert!(set("patient/Observation.r").needs_patient());
    assert!(set("launch/patient").needs_patient());
    assert!(set("user/*.cruds launch/encounter").needs_patient(), "a visit is somebody's");
    assert!(!set("user/*.cruds launch launch/questionnaire").needs_patient());
    assert!(set("launch/encounter").has_launch() && set("launch").has_launch());
    assert!(set("system/*.rs").is_clinical() && !set("launch openid").is_clinical());
    assert!(set("launch openid").is_clinical_or_launch());
    assert!(!set("openid profile").is_clinical_or_launch());
    assert!(set("offline_access").wants_offline() && !set("online_access").wants_offline());
    assert!(set("online_access").wants_online());
    assert_eq!(set("user/*.r patient/*.r user/Patient.s").at_level(Level::User).count(), 2);
}

proptest! {
    #[test]
    fn reading_never_panics_and_what_is_read_prints_as_it_was(text in ".{0,60}") {
        if let Ok(scope) = text.parse::<Scope>() {
            let reread = scope.to_string().parse::<Scope>();
            prop_assert_eq!(reread, Ok(scope));
        }
        let _ = ScopeSet::sift(&text);
    }

    #[test]
    fn near_misses_never_panic(text in "(patient|user|launch|system)/(Patient|\\*|patient)[.?=&%rs|:a7C]{0,12}") {
        if let Ok(scope) = text.parse::<Scope>() {
            prop_assert_eq!(scope.to_string(), text);
        }
    }
}
