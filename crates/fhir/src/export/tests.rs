use fireward_jose::claims::NumericDate;
use proptest::prelude::*;
use serde_json::json;

use super::{BadExport, Export, Level, may_fetch, parse, parts};
use crate::search::pairs;
use crate::{Access, AccessClaims, Rules};

const BASE: &str = "https://records.example/fhir";

fn ask(level: Level, query: &str, lenient: bool) -> Result<Export, BadExport> {
    parse(level, &pairs(query).expect("a query"), lenient, BASE)
}

fn system(query: &str) -> Export {
    ask(Level::System, query, false).expect(query)
}

fn access(scope: &str, group: Option<&str>) -> Access {
    let claims = AccessClaims {
        scope: scope.to_owned(),
        patient: None,
        sub: None,
        fhir_user: Some("Practitioner/doc".to_owned()),
        client_id: "backend".to_owned(),
        exp: NumericDate(0),
        fireward_group: group.map(str::to_owned),
        fireward_state_systems: Vec::new(),
        facts: crate::TokenFacts::default(),
        more: serde_json::Map::new(),
    };
    Access::of(&claims, BASE)
}

#[test]
fn d_44_a_kick_off_is_read() {
    let export = system("");
    assert!(export.types.is_empty() && export.filters.is_empty() && export.since.is_none());
    let export = system("_type=Patient,Observation&_type=Patient&_outputFormat=ndjson");
    assert_eq!(export.types, ["Patient", "Observation"]);
    let export = system("_since=2026-01-31T09:30:00Z&_outputFormat=application/fhir+ndjson");
    assert_eq!(export.since, Some(1_769_851_800_000));
    assert_eq!(system("_since=2026-01-31T10:30:00%2B01:00").since, export.since);
    assert_eq!(system("_since=2026-01-31T10:30:00+01:00").since, export.since, "not encoded");
    let export = system("_until=2026-01-31T09:30:00Z&_until=2027-01-01T00:00:00Z");
    assert_eq!(export.until, Some(1_769_851_800_000), "the earlier one");
    let filters = "_typeFilter=Observation%3Fcategory%3Dvital-signs,laboratory,Condition?code=x";
    let filters = format!("{filters}&_typeFilter=Observation?_id=a");
    let export = system(&filters);
    let found: Vec<_> = export.filters.iter().map(|f| (f.kind, f.clauses.len())).collect();
    assert_eq!(found, [("Observation", 1), ("Condition", 1), ("Observation", 1)]);
    assert_eq!(export.filters[0].clauses[0].test.criteria().len(), 2);
}

#[test]
fn d_44_what_is_not_understood_is_refused_unless_it_may_be_left_out() {
    for unsupported in [
        "_elements=id",
        "includeAssociatedData=LatestProvenanceResources",
        "patient=Patient/a",
        "_type=Claim,Patient",
        "_type=patient,Patient",
        "anything=1",
    ] {
        let refused = ask(Level::System, unsupported, false).expect_err(unsupported);
        assert!(matches!(refused, BadExport::Unsupported(_)), "{refused:?}");
        let export = ask(Level::System, unsupported, true).expect(unsupported);
        assert_eq!(export.ignored.len(), 1, "{unsupported}");
    }
    // Left out, these would give more than was asked for.
    for wrong in [
        "_since=yesterday",
        "_since=2026-01-31",
        "_outputFormat=application/fhir+xml",
        "_outputFormat=csv",
        "_type=Claim",
        "_type=",
        "_typeFilter=Observation",
        "_typeFilter=Observation?",
        "_typeFilter=Observation?colour=blue",
        "_typeFilter=Observation?_include=Observation:subject",
        "_typeFilter=Observation?_sort=date",
        "_typeFilter=Observation?_count=1",
        "_typeFilter=Claim?_id=1",
        "_typeFilter=",
        "_type=Patient&_typeFilter=Observation?_id=1",
    ] {
        for lenient in [false, true] {
            assert!(ask(Level::System, wrong, lenient).is_err(), "{wrong}");
        }
    }
    let many = "x,".repeat(199) + "x";
    let many = vec![format!("_typeFilter=Observation?_id={many}"); 3].join("&");
    assert!(ask(Level::System, &many, true).is_err(), "Z2");
}

#[test]
fn d_44_records_of_patients_have_no_types_of_nobody() {
    for level in [Level::Patients, Level::Group("g".into())] {
        assert!(ask(level.clone(), "_type=Questionnaire,Patient", false).is_err());
        assert_eq!(
            ask(level.clone(), "_type=Questionnaire,Patient", true).unwrap().types,
            ["Patient"]
        );
        assert!(ask(level.clone(), "_typeFilter=Questionnaire?_id=1", true).is_err());
        let all =
            parts(&access("system/*.rs", None), &ask(level, "", false).unwrap(), &Rules::default())
                .unwrap();
        let kinds: Vec<_> = all.iter().map(|part| part.permit.kind()).collect();
        assert!(kinds.contains(&"Observation") && kinds.contains(&"Practitioner"));
        assert!(!kinds.contains(&"Questionnaire") && !kinds.contains(&"Group"));
    }
}

#[test]
fn d_44_the_token_must_cover_every_type_that_is_asked_for() {
    let opened = |scope: &str, query: &str| {
        parts(&access(scope, None), &system(query), &Rules::default())
            .map(|parts| parts.iter().map(|part| part.permit.kind()).collect::<Vec<_>>())
            .map_err(|denial| denial.scope())
    };
    assert_eq!(opened("system/*.rs", "_type=Patient"), Ok(vec!["Patient"]));
    assert_eq!(opened("system/*.read", "_type=Patient"), Ok(vec!["Patient"]));
    let two = "system/Patient.rs system/Observation.cruds";
    assert_eq!(opened(two, "").map(|kinds| kinds.len()), Ok(2), "without `_type`, what it covers");
    assert_eq!(opened(two, "_type=Observation,Patient").map(|kinds| kinds.len()), Ok(2));
    let missing = |kind: &str| Err(Some(format!("system/{kind}.rs")));
    assert_eq!(opened(two, "_type=Patient,Condition"), missing("Condition"));
    assert_eq!(opened(two, "_typeFilter=Condition?code=x"), missing("Condition"));
    for insufficient in
        ["system/Patient.r", "system/Patient.s", "system/*.cud", "user/*.rs", "openid", ""]
    {
        assert_eq!(opened(insufficient, "_type=Patient"), missing("Patient"), "{insufficient}");
        assert!(opened(insufficient, "").is_err(), "{insufficient}");
    }
    let constrained = access("system/Observation.rs?category=laboratory", None);
    let parts = parts(&constrained, &system(""), &Rules::default()).unwrap();
    let of = |category: &str| json!({"resourceType": "Observation", "category": [{"coding": [{"code": category}]}]});
    assert!(parts[0].permit.allows(&of("laboratory")) && !parts[0].permit.allows(&of("exam")));
}

#[test]
fn d_44_a_file_is_for_a_token_that_opens_no_less_than_the_export_did() {
    let exported = |access: &Access| {
        parts(access, &system("_type=Observation"), &Rules::default()).unwrap().remove(0).permit
    };
    let (all, labs) =
        (access("system/*.rs", None), access("system/Observation.rs?category=laboratory", None));
    let (g, h) = (access("system/*.rs", Some("Group/g")), access("system/*.rs", Some("Group/h")));
    for (bearer, of, fine) in [
        (&all, &all, true),
        (&all, &labs, true),
        (&all, &g, true),
        (&labs, &labs, true),
        (&labs, &all, false),
        (&g, &all, false),
        (&g, &g, true),
        (&h, &g, false),
        (&access("system/Patient.rs", None), &all, false),
        (&access("user/*.rs", None), &all, false),
    ] {
        assert_eq!(
            may_fetch(bearer, &exported(of), &Rules::default()).is_ok(),
            fine,
            "{bearer:?} {of:?}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_is_asked_is_read_or_refused_and_never_widened(
        pairs in prop::collection::vec(("[_a-zA-Z]{0,12}|_type|_typeFilter|_since|_outputFormat", "\\PC{0,24}"), 0..5),
        lenient: bool,
    ) {
        if let Ok(export) = parse(Level::Patients, &pairs, lenient, BASE) {
            let named = pairs.iter().any(|(name, _)| name == "_type");
            prop_assert_eq!(named, !export.types.is_empty());
            prop_assert!(lenient || export.ignored.is_empty());
            prop_assert!(export.types.iter().all(|kind| export.level.has(kind)));
            prop_assert!(export.filters.iter().all(|filter| !filter.clauses.is_empty()));
        }
    }

    #[test]
    fn commas_within_a_value_do_not_part_filters(
        values in prop::collection::vec("[a-z]{1,6}(,[a-z]{1,6}){0,3}", 1..4),
    ) {
        let filters: Vec<_> = values.iter().map(|value| format!("Observation?code={value}")).collect();
        let pairs = [("_typeFilter".to_owned(), filters.join(","))];
        let export = parse(Level::System, &pairs, false, BASE).unwrap();
        let alternatives = export.filters.iter().map(|f| f.clauses[0].test.criteria().len());
        let expected = values.iter().map(|value| value.split(',').count());
        prop_assert_eq!(alternatives.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}
