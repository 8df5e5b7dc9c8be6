//! `covers` is a partial order up to spelling, and `narrow` is its greatest lower bound.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::scope;
use crate::{Clinical, Constraint, Permissions, Scope, ScopeSet};

/// Any scope: one generator for each kind, so that a new kind must say how it is made.
fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![1 => word(), 2 => context(), 8 => clinical(), 1 => extension()]
}

fn word() -> impl Strategy<Value = Scope> {
    let words = [
        "openid",
        "fhirUser",
        "profile",
        "email",
        "address",
        "phone",
        "offline_access",
        "online_access",
        "launch",
    ];
    prop::sample::select(words.to_vec()).prop_map(scope)
}

fn context() -> impl Strategy<Value = Scope> {
    "launch/(patient|encounter)(\\?role=[ab])?".prop_map(|text| scope(&text))
}

fn clinical() -> impl Strategy<Value = Scope> {
    let v1 = "(patient|user)/(Observation|Condition|\\*)\\.(read|write|\\*)";
    let v2 = "(patient|user)/(Observation|Condition|\\*)\\.(c?rs|c?ru?|ud?s?|d?s|cruds)";
    let pairs = prop::collection::vec("(category|code|code:not)=[abc](,[abc])?", 0..3);
    let v2 = (v2, pairs).prop_map(|(head, pairs)| {
        if pairs.is_empty() { head } else { format!("{head}?{}", pairs.join("&")) }
    });
    prop_oneof![v1.prop_map(|text| scope(&text)), v2.prop_map(|text| scope(&text))]
}

fn extension() -> impl Strategy<Value = Scope> {
    "(https://example\\.org/|__)[ab]".prop_map(|text| scope(&text))
}

/// Two scopes that cover one another say the same.
fn same(one: &Scope, other: &Scope) -> bool {
    one.covers(other) && other.covers(one)
}

/// What a scope opens in a tiny world, worked out by hand: (level, type, letter, category, code).
type World = BTreeSet<(&'static str, &'static str, String, char, char)>;

fn meaning(clinical: &Clinical) -> World {
    let types = ["Observation", "Condition", "Patient"].into_iter();
    let types = types.filter(|name| clinical.applies_to(name));
    let codes = "abc".chars().flat_map(|category| "abc".chars().map(move |code| (category, code)));
    let records: Vec<_> = codes.filter(|(a, b)| meets(clinical, *a, *b)).collect();
    let level = clinical.level().as_str();
    types
        .flat_map(|name| clinical.permissions().each().map(move |letter| (name, letter.letters())))
        .flat_map(|(name, letter)| {
            records.iter().map(move |(a, b)| (level, name, letter.clone(), *a, *b))
        })
        .collect()
}

fn meets(clinical: &Clinical, category: char, code: char) -> bool {
    let mut pairs = clinical.constraint().into_iter().flat_map(Constraint::pairs);
    pairs.all(|(name, value)| match name {
        "category" => value.contains(category),
        "code" => value.contains(code),
        "code:not" => !value.contains(code),
        other => panic!("no such parameter: {other}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sc_1_grammar_round_trips(asked in any_scope()) {
        prop_assert_eq!(asked.to_string().parse::<Scope>(), Ok(asked));
    }

    #[test]
    fn sc_1_letters_round_trip(bits in 1u8..32) {
        let letters: String =
            "cruds".chars().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, c)| c).collect();
        let text = format!("patient/Patient.{letters}");
        prop_assert_eq!(super::permissions(&text).letters(), letters);
    }

    #[test]
    fn covers_is_reflexive(a in any_scope()) {
        prop_assert!(a.covers(&a));
    }

    #[test]
    fn covers_is_transitive(a in clinical(), b in clinical(), c in clinical()) {
        if a.covers(&b) && b.covers(&c) {
            prop_assert!(a.covers(&c));
        }
    }

    #[test]
    fn covers_is_antisymmetric_up_to_spelling(a in clinical(), b in clinical()) {
        if same(&a, &b) {
            let (a, b) = (a.as_clinical().unwrap(), b.as_clinical().unwrap());
            prop_assert_eq!(meaning(a), meaning(b));
        }
    }

    #[test]
    fn covers_is_never_wrong(a in clinical(), b in clinical()) {
        if a.covers(&b) {
            let (a, b) = (a.as_clinical().unwrap(), b.as_clinical().unwrap());
            prop_assert!(meaning(a).is_superset(&meaning(b)));
        }
    }

    #[test]
    fn narrow_gives_what_both_cover_and_nothing_else(a in clinical(), b in clinical()) {
        let both = |one: &Scope| meaning(one.as_clinical().unwrap());
        let meant: World = both(&a).intersection(&both(&b)).cloned().collect();
        let narrow = a.narrow(&b).map(|scope| both(&scope)).unwrap_or_default();
        prop_assert_eq!(narrow, meant);
    }

    #[test]
    fn narrow_is_the_greatest_lower_bound(a in any_scope(), b in any_scope(), c in any_scope()) {
        if let Some(low) = a.narrow(&b) {
            prop_assert!(a.covers(&low) && b.covers(&low));
            prop_assert!(b.narrow(&a).is_some_and(|other| same(&other, &low)));
            prop_assert_eq!(low.to_string().parse::<Scope>(), Ok(low.clone()));
            if a.covers(&c) && b.covers(&c) {
                prop_assert!(low.covers(&c));
            }
        } else {
            prop_assert!(!(a.covers(&c) && b.covers(&c)));
        }
    }

    #[test]
    fn what_is_covered_stays_as_asked(a in any_scope(), b in any_scope()) {
        if b.covers(&a) {
            prop_assert_eq!(a.narrow(&b), Some(a));
        }
    }

    #[test]
    fn a_list_covers_what_its_members_open_together(
        members in prop::collection::vec(clinical(), 0..5), asked in clinical(),
    ) {
        let list: ScopeSet = members.iter().cloned().collect();
        let open: World = list.clinical().flat_map(meaning).collect();
        if list.covers(&asked) {
            prop_assert!(open.is_superset(&meaning(asked.as_clinical().unwrap())));
        }
        prop_assert!(members.iter().all(|member| list.covers(member)));
    }

    #[test]
    fn permissions_are_a_lattice(a in 1u8..32, b in 1u8..32) {
        let [a, b] = [a, b].map(|bits| {
            Permissions::ALL.each().enumerate().filter(|(i, _)| bits >> i & 1 == 1)
                .fold(Permissions::NONE, |all, (_, single)| all.union(single))
        });
        prop_assert!(a.union(b).contains(a) && a.contains(a.intersect(b)));
        prop_assert_eq!(a.contains(b), a.union(b) == a);
    }
}
