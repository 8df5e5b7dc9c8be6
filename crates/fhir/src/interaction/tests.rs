use proptest::prelude::*;
use serde_json::json;

use super::{Bundle, Interaction, NotUnderstood, Privilege, Request};

fn read(method: &str, target: &str) -> Result<Interaction, NotUnderstood> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Interaction::parse(&Request {
        method,
        path,
        query,
        base: "http://h/fhir",
        ..Request::default()
    })
}

#[test]
fn sc_2_each_interaction_needs_its_own_letter() {
    let cases = [
        ("GET", "/Patient/1", "read", "r"),
        ("HEAD", "/Patient/1", "read", "r"),
        ("GET", "/Patient/1/_history/2", "vread", "r"),
        ("GET", "/Patient/1/_history", "history-instance", "r"),
        ("GET", "/Patient/_history", "history-type", "s"),
        ("GET", "/Patient", "search-type", "s"),
        ("GET", "Patient/?name=a", "search-type", "s"),
        ("POST", "/Patient/_search", "search-type", "s"),
        ("POST", "/Patient", "create", "c"),
        ("PUT", "/Patient/1", "update", "u"),
        ("DELETE", "/Patient/1", "delete", "d"),
        ("GET", "/_history", "history-system", "s"),
        ("PATCH", "/Patient/1", "patch", "u"),
        ("PATCH", "/Patient?name=a", "patch", "us"),
        ("PUT", "/Patient?name=a", "update", "us"),
        ("DELETE", "/Patient?name=a", "delete", "ds"),
        ("GET", "/Patient/1/$everything", "operation", "rs"),
        ("POST", "/Encounter/1/$everything?_type=Patient", "operation", "rs"),
        ("POST", "/Patient/$validate", "operation", ""),
        ("POST", "/", "batch", ""),
        ("GET", "/metadata", "capabilities", ""),
    ];
    for (method, target, code, letters) in cases {
        let interaction = read(method, target).expect(target);
        assert_eq!(interaction.code(), code, "{method} {target}");
        assert_eq!(interaction.needs().letters(), letters, "{method} {target}");
    }
}

#[test]
fn what_is_not_served_is_refused_with_its_status() {
    let cases = [
        ("GET", "/Claim/1", 404),
        ("GET", "/patient/1", 404),
        ("GET", "/Patient/a_b", 404),
        ("GET", "/Patient/1/Observation", 404),
        ("GET", "/Patient/1/_history/2/3", 404),
        ("GET", "/Patient/%2e%2e", 404),
        ("GET", "/Patient/_search", 405),
        ("POST", "/Patient/1", 405),
        ("POST", "/metadata", 405),
        ("BREW", "/Patient/1", 405),
        ("GET", "/", 501),
        ("PUT", "/", 405),
        ("GET", "/Observation/1/$everything", 501),
        ("GET", "/Patient/$everything", 501),
        ("DELETE", "/Patient/1/$everything", 405),
        ("GET", "/Patient/1/$everything?_type=Claim", 400),
        ("GET", "/Patient/1/$everything?colour=blue", 400),
        ("GET", "/Patient/1/_history?_since=never", 400),
        ("GET", "/_history?name=a", 400),
        ("GET", "/Patient/$validate", 405),
        ("POST", "/Patient/1/$graph", 501),
        ("PUT", "/Patient", 412),
        ("PATCH", "/Patient?_format=json", 412),
        ("DELETE", "/Patient", 412),
        ("DELETE", "/Patient?name=a&_count=1", 400),
        ("DELETE", "/Patient?nmae=a", 400),
        ("GET", "/Patient?birthdate=blue", 400),
        ("GET", "/Patient?_filter=a", 400),
        ("GET", "/Patient?name=%zz", 400),
    ];
    for (method, target, status) in cases {
        let refused = read(method, target).expect_err(target);
        assert_eq!(refused.status(), status, "{method} {target}");
    }
}

#[test]
fn a_posted_search_is_read_from_query_and_form() {
    let posted = Request {
        method: "POST",
        path: "/Observation/_search",
        query: "code=a",
        form: Some("patient=p&_count=5"),
        base: "http://h/fhir",
        ..Request::default()
    };
    assert_eq!(Interaction::parse(&posted), read("GET", "/Observation?code=a&patient=p&_count=5"),);
}

proptest! {
    #[test]
    fn reading_never_panics(
        method in "GET|POST|PUT|DELETE|PATCH|.{0,5}",
        path in "(/(Patient|_history|_search|metadata|\\$x|[a-z.%-]{0,9}|.{0,4})){0,5}",
        query in "((_id|_sort|_include|name|birthdate|subject|.{0,9})(:[a-z]{0,5})?=[^&]{0,9}&?){0,4}",
    ) {
        let request = Request { method: &method, path: &path, query: &query, ..Request::default() };
        let _ = Interaction::parse(&request);
    }
}

#[test]
fn a_create_with_if_none_exist_searches_first() {
    let ask = |header: &str| {
        Interaction::parse(&Request {
            method: "POST",
            path: "/Patient",
            if_none_exist: Some(header),
            ..Request::default()
        })
    };
    for header in
        ["identifier=http://s|1", "?identifier=http://s|1", "Patient?identifier=http://s|1"]
    {
        let interaction = ask(header).expect(header);
        assert_eq!(interaction.needs().letters(), "cs", "{header}");
        assert!(
            matches!(&interaction, Interaction::ConditionalCreate(search) if search.clauses.len() == 1)
        );
    }
    // What stands before a question mark is not passed over, but for the type.
    let twice = ask("identifier=http://s?x|1&organization.name=a?active=true");
    assert!(
        !matches!(twice, Ok(Interaction::ConditionalCreate(search)) if search.links.is_empty())
    );
    for header in ["", "_sort=name", "colour=blue", "Observation?active=true", "x=1?active=true"] {
        assert!(ask(header).is_err(), "{header}");
    }
}

#[test]
fn row_063_what_writes_takes_the_privilege_to_write() {
    let reads = [
        ("GET", "/metadata"),
        ("GET", "/Patient/1"),
        ("HEAD", "/Patient/1"),
        ("GET", "/Patient/1/_history/1"),
        ("GET", "/Patient/1/_history"),
        ("GET", "/Patient/_history"),
        ("GET", "/_history"),
        ("GET", "/Patient?name=a"),
        ("POST", "/Patient/_search"),
        ("GET", "/Patient/1/$everything"),
        ("POST", "/Patient/$validate"),
    ];
    for (method, target) in reads {
        assert_eq!(
            read(method, target).expect(target).privilege(),
            Privilege::Read,
            "{method} {target}"
        );
    }
    let writes = [
        ("POST", "/Patient"),
        ("PUT", "/Patient/1"),
        ("PUT", "/Patient?name=a"),
        ("PATCH", "/Patient/1"),
        ("PATCH", "/Patient?name=a"),
        ("DELETE", "/Patient/1"),
        ("DELETE", "/Patient?name=a"),
    ];
    for (method, target) in writes {
        assert_eq!(
            read(method, target).expect(target).privilege(),
            Privilege::Write,
            "{method} {target}"
        );
    }
}

fn bundle(kind: &str, requests: &[(&str, &str)]) -> Bundle {
    let entry = |(method, url): &(&str, &str)| json!({"request": {"method": method, "url": url}});
    let entries: Vec<_> = requests.iter().map(entry).collect();
    let bundle = json!({"resourceType": "Bundle", "type": kind, "entry": entries});
    Bundle::read(&bundle, "http://h/fhir").expect("a bundle")
}

#[test]
fn row_064_a_bundle_that_writes_takes_the_privilege_to_write() {
    let reads = bundle("batch", &[("GET", "Patient/1"), ("GET", "Patient?name=a")]);
    assert_eq!(reads.privilege(), Privilege::Read);
    let mixed = bundle("transaction", &[("GET", "Patient/1"), ("POST", "Observation")]);
    assert_eq!(mixed.privilege(), Privilege::Write);
}

#[test]
fn the_entries_of_a_bundle_are_interactions_of_this_server() {
    let read = bundle(
        "batch",
        &[
            ("GET", "http://h/fhir/Patient/1"),
            ("GET", "http://elsewhere/fhir/Patient/1"),
            ("POST", ""),
            ("GET", "metadata"),
            ("DELETE", "/Patient/1?x=y"),
        ],
    );
    let asked: Vec<_> =
        read.entries.iter().map(|entry| entry.asked.as_ref().map(Interaction::code)).collect();
    assert_eq!(asked[0], Ok("read"));
    assert_eq!(asked[1].map_err(NotUnderstood::status), Err(404));
    assert_eq!(asked[2], Err(&NotUnderstood::Unsupported("a bundle within a bundle")));
    assert_eq!((asked[3], asked[4]), (Ok("capabilities"), Ok("delete")));
}

#[test]
fn what_is_no_bundle_of_requests_is_refused() {
    for broken in [
        json!({}),
        json!({"resourceType": "Bundle", "type": "searchset"}),
        json!({"resourceType": "Patient", "type": "batch"}),
        json!({"resourceType": "Bundle", "type": "batch", "entry": {}}),
        json!({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": {}}]}),
        json!({"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET"}}]}),
    ] {
        assert!(Bundle::read(&broken, "").is_err(), "{broken}");
    }
}
