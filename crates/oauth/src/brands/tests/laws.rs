//! What holds of every bundle, whatever is in it.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{changed, errors, good};
use crate::{
    brands::{Draft, Published, Severity, check, outcome},
    vocabulary::{Issuer, Timestamp},
};

fn issuer() -> Issuer {
    Issuer::parse("https://auth.example").unwrap()
}

/// Every place in the good bundle, as a JSON pointer.
fn places() -> Vec<String> {
    let (good, mut all) = (good(), Vec::new());
    let mut open = vec![(String::new(), &good)];
    while let Some((path, value)) = open.pop() {
        let children: Vec<_> = match value {
            Value::Object(members) => {
                members.iter().map(|(name, child)| (format!("{path}/{name}"), child)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(n, child)| (format!("{path}/{n}"), child)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        all.extend(children.iter().map(|(path, _)| path.clone()));
        open.extend(children);
    }
    all
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop_oneof![Just("Bundle"), Just("Organization"), Just("Endpoint")].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop_oneof![
            Just("resourceType".to_owned()),
            Just("entry".to_owned()),
            Just("resource".to_owned()),
            Just("extension".to_owned()),
            Just("reference".to_owned()),
            "[a-zA-Z_]{1,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_sent_is_answered_and_nothing_else_than_a_bundle_is_published(bundle in any_json()) {
        let findings = check(&bundle, None);
        prop_assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
        prop_assert!(findings.iter().all(|finding| finding.at.starts_with("Bundle")));
        let draft = Draft { bundle, named: None };
        let refused = matches!(
            draft.publish(None, &issuer(), Timestamp::from_unix(0)),
            Published::Refused(_)
        );
        prop_assert!(refused);
    }

    #[test]
    fn a_value_in_any_place_never_panics_and_each_finding_says_where(
        place in prop::sample::select(places()),
        value in any_json(),
    ) {
        let bundle = changed(good(), &place, value);
        let findings = check(&bundle, None);
        let told = outcome(&findings);
        prop_assert_eq!(told["issue"].as_array().unwrap().len(), findings.len());
        prop_assert!(findings.iter().all(|finding| !finding.at.is_empty() && !finding.text.is_empty()));
    }

    #[test]
    fn what_was_published_breaks_no_rule_and_is_unchanged_when_sent_again(
        place in prop::sample::select(places()),
        value in any_json(),
    ) {
        let draft = Draft { bundle: changed(good(), &place, value), named: None };
        if let Published::New(publication, _) = draft.publish(None, &issuer(), Timestamp::from_unix(9)) {
            prop_assert_eq!(errors(&publication.bundle, None), []);
            let read: Value = serde_json::from_str(&publication.text).unwrap();
            prop_assert_eq!(&read, &publication.bundle);
            let again = Draft { bundle: read, named: None };
            let again = again.publish(Some(&publication), &issuer(), Timestamp::from_unix(99));
            prop_assert!(matches!(again, Published::Unchanged));
        }
    }
}

#[test]
fn every_member_that_the_rules_ask_for_is_missed() {
    for place in ["/type", "/entry", "/entry/0/resource/telecom", "/entry/2/resource/payloadType"] {
        assert_ne!(errors(&changed(good(), place, json!(null)), None), [], "{place}");
    }
}
