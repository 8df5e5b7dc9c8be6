//! What is understood, and what is not.

use super::super::{Criterion, Prefix, Test, TextMatch, Total};
use super::{BadSearch, read};

fn criterion(kind: &str, query: &str) -> Criterion {
    let search = read(kind, query).unwrap_or_else(|reason| panic!("{query}: {reason}"));
    match &search.clauses[0].test {
        Test::Any(criteria) | Test::Not(criteria) => criteria[0].clone(),
        Test::Missing(_) => panic!("{query}"),
    }
}

#[test]
fn values_are_read_by_the_kind_of_their_parameter() {
    let some = |text: &str| Some(text.to_owned());
    let token = |system, code| Criterion::Token { system, code };
    assert_eq!(criterion("Observation", "code=a"), token(None, some("a")));
    assert_eq!(criterion("Observation", "code=s%7Ca"), token(some("s"), some("a")));
    assert_eq!(criterion("Observation", "code=|a"), token(some(""), some("a")));
    assert_eq!(criterion("Observation", "code=s|"), token(some("s"), None));
    assert_eq!(criterion("Observation", r"code=a\,b"), token(None, some("a,b")));
    assert_eq!(criterion("Observation", r"code=a\|b"), token(None, some("a|b")));
    let text = |how, text: &str| Criterion::Text { how, text: text.to_owned() };
    assert_eq!(criterion("Patient", "name=Élan"), text(TextMatch::Start, "elan"));
    assert_eq!(criterion("Patient", "name:contains=LA"), text(TextMatch::Anywhere, "la"));
    assert_eq!(criterion("Patient", "name:exact=Élan"), text(TextMatch::Exact, "Élan"));
}

#[test]
fn references_are_read_in_all_their_forms() {
    let to = |kind: Option<&str>, id: &str| Criterion::Reference {
        kind: kind.map(str::to_owned),
        id: id.to_owned(),
    };
    assert_eq!(criterion("Observation", "patient=p"), to(Some("Patient"), "p"));
    assert_eq!(criterion("Observation", "subject=p"), to(None, "p"));
    assert_eq!(criterion("Observation", "subject=Group/g"), to(Some("Group"), "g"));
    assert_eq!(criterion("Observation", "subject:Patient=p"), to(Some("Patient"), "p"));
    let own = "subject=https://records.example/fhir/Patient/p";
    assert_eq!(criterion("Observation", own), to(Some("Patient"), "p"));
    let other = "https://other.example/Patient/p";
    assert_eq!(criterion("Observation", &format!("subject={other}")), to(Some(""), other));
    assert!(read("Observation", "patient=Group/g").is_err());
    assert!(read("Observation", "subject:Claim=p").is_err());
    assert!(read("Observation", "subject:Practitioner=p").is_err());
}

#[test]
fn dates_and_quantities_have_prefixes_and_precision() {
    let Criterion::Date(found) = criterion("Observation", "date=ge2024-02") else { panic!() };
    assert_eq!(found.prefix, Prefix::GreaterOrEqual);
    assert_eq!(found.high - found.low + 1, 29 * 86_400_000);
    let Criterion::Quantity { number, system, code } =
        criterion("Observation", "value-quantity=5.4|http://unitsofmeasure.org|mg")
    else {
        panic!()
    };
    assert!((number.low - 5.35).abs() < 1e-9 && (number.high - 5.45).abs() < 1e-9);
    assert_eq!(system.as_deref(), Some("http://unitsofmeasure.org"));
    assert_eq!(code.as_deref(), Some("mg"));
    for bad in ["value-quantity=x", "value-quantity=inf", "date=tomorrow", "date=gt", "date="] {
        assert!(read("Observation", bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_not_understood_is_an_error_and_names_the_parameter() {
    let unknown = |kind, name: &str| Err(BadSearch::Param { kind, name: name.to_owned() });
    assert_eq!(read("Patient", "colour=blue"), unknown("Patient", "colour"));
    assert_eq!(
        read("Patient", "_has:Observation:patient:colour=x"),
        unknown("Observation", "colour")
    );
    assert_eq!(read("Observation", "patient.colour=x"), unknown("Patient", "colour"));
    for query in [
        "code:in=x",
        "code:above=x",
        "code:not-in=x",
        "code:of-type=x|y|z",
        "subject:text=x",
        "code=|",
        "date:exact=2024",
        "code:missing=maybe",
        "_summary=some",
        "_total=perhaps",
        "_elements=a.b",
        "_count=-1",
        "_count=many",
        "_include=Observation",
        "_include=*",
        "_include=Patient:link",
        "_include=Observation:code",
        "_include=Observation:subject:Practitioner",
        "_include:iterate=Observation:code",
        "_include:always=Observation:subject",
        "_revinclude=Encounter:service-provider",
        "_sort=colour",
        "_sort=",
        "code=%zz",
    ] {
        assert!(read("Observation", query).is_err(), "{query}");
    }
    assert_eq!(read("Claim", ""), Err(BadSearch::Type("Claim".to_owned())));
}

#[test]
fn what_shapes_the_answer_is_read_too() {
    let search = read(
        "Observation",
        "_count=20&_sort=-date,_id&_include=Observation:subject:Patient&_include=Observation:encounter\
         &_revinclude=Provenance:target&_format=json&_elements=id&_page=xyz",
    )
    .expect("understood");
    assert_eq!(search.count, Some(20));
    assert!(!search.count_only);
    assert_eq!(search.page.as_deref(), Some("xyz"));
    let order: Vec<_> = search.sort.iter().map(|key| (key.param.name, key.descending)).collect();
    assert_eq!(order, [("date", true), ("_id", false)]);
    assert_eq!(search.includes.len(), 2);
    assert_eq!(search.includes[0].target, Some("Patient"));
    assert_eq!(search.revincludes[0].source, "Provenance");
    assert!(search.clauses.is_empty());
    let follows =
        read("Observation", "_include=Observation:*&_include:iterate=Patient:organization");
    let follows = follows.expect("understood").includes;
    assert!(follows.len() > 5 && follows.iter().filter(|one| one.iterate).count() == 1);
    assert_eq!(read("Patient", "_total=accurate").expect("understood").total, Total::Accurate);
    assert!(read("Patient", "_summary=count").expect("understood").count_only);
    assert!(read("Patient", "_count=0").expect("understood").count_only);
}

#[test]
fn z1_a_search_has_an_end() {
    assert_eq!(read("Patient", &"name=a&".repeat(201)), Err(BadSearch::TooLong));
    assert_eq!(read("Patient", &format!("_id={}", "a,".repeat(201))), Err(BadSearch::TooLong));
    let many = format!("name={}&", vec!["a"; 101].join(",")).repeat(10);
    assert_eq!(read("Patient", &many), Err(BadSearch::TooLong), "Z2: 1010 in all");
}
