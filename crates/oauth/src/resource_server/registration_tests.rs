use super::*;
use crate::samples;

fn settled(file: &Value, known: &[ResourceServer]) -> Result<Vec<ResourceServer>, Unfit> {
    let url = Issuer::parse("https://auth.example").unwrap();
    let beside = Beside {
        issuer: &samples::issuer(),
        url: Some(&url),
        known,
        provenance: Provenance::Registered,
    };
    settle(read_file(file.to_string().as_bytes())?, beside)
}

fn member(file: &Value, known: &[ResourceServer]) -> &'static str {
    match settled(file, known) {
        Err(Unfit::Member { member, .. }) => member,
        Err(Unfit::Json(_)) => "json",
        Ok(servers) => panic!("{servers:?}"),
    }
}

fn lab(changed: &Value) -> Value {
    let mut lab =
        json!({"id": "lab", "base_url": "https://lab.example/r4", "patient_namespace": "lab"});
    lab.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    lab
}

#[test]
fn row_042_a_server_is_registered_with_all_that_can_be_said_of_it() {
    let file = json!({
        "id": "lab", "name": "Laboratory", "base_url": "https://lab.example/r4/", "address": "http://lab.internal:80",
        "audience": "urn:lab", "token_format": "jwt", "token_alg": "ES384", "access_token_lifetime": 60,
        "scopes": ["patient/*.rs"], "introspection_client": "lab-rs", "patient_namespace": "lab", "home": true,
        "fhir_versions": ["4.0.1", "5.0.0"],
        "associated_endpoints": [{"url": "https://state.example", "capabilities": ["smart-app-state"]}],
    });
    let servers = settled(&file, &[]).unwrap();
    assert_eq!(servers[0].base_url, "https://lab.example/r4");
    assert_eq!(servers[0].reached_at(), "http://lab.internal:80");
    let again = settled(&show(&servers[0]), &servers).unwrap();
    assert_eq!(again, servers, "what is shown can be imported, and changes nothing");
    let plain = settled(&lab(&json!({})), &[]).unwrap();
    assert_eq!(plain[0].audience, plain[0].base_url);
    assert_eq!(plain[0].token_format, TokenFormat::Jwt { alg: Algorithm::ES256 });
}

#[test]
fn row_042_what_is_wrong_is_named() {
    let cases = [
        (lab(&json!({"bsae_url": "x"})), "json"),
        (lab(&json!({"id": "a b"})), "id"),
        (lab(&json!({"base_url": "lab.example"})), "base_url"),
        (lab(&json!({"base_url": "ftp://lab.example"})), "base_url"),
        (lab(&json!({"base_url": "http://lab.example/r4"})), "base_url"),
        (lab(&json!({"base_url": "https://lab.example/r4?x=1"})), "base_url"),
        (lab(&json!({"base_url": "https://u:p@lab.example"})), "base_url"),
        (lab(&json!({"address": "lab"})), "address"),
        (lab(&json!({"audience": "https://auth.example"})), "audience"),
        (lab(&json!({"audience": ""})), "audience"),
        (lab(&json!({"token_alg": "none"})), "token_alg"),
        (lab(&json!({"token_format": "saml"})), "token_format"),
        (lab(&json!({"token_format": "opaque"})), "introspection_client"),
        (
            lab(
                &json!({"token_format": "opaque", "introspection_client": "l", "token_alg": "ES256"}),
            ),
            "token_alg",
        ),
        (lab(&json!({"access_token_lifetime": 0})), "access_token_lifetime"),
        (lab(&json!({"scopes": ["patient/"]})), "scopes"),
        (lab(&json!({"patient_namespace": "a b"})), "patient_namespace"),
        (lab(&json!({"fhir_versions": []})), "fhir_versions"),
        (
            lab(
                &json!({"associated_endpoints": [{"url": "https://x.example", "capabilities": ["mine"]}]}),
            ),
            "associated_endpoints",
        ),
        (
            lab(
                &json!({"associated_endpoints": [{"url": "x", "capabilities": ["smart-app-state"]}]}),
            ),
            "associated_endpoints",
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(member(&file, &[]), expected, "{file}");
    }
}

#[test]
fn row_042_a_file_is_at_odds_with_itself() {
    let cases = [
        (json!([lab(&json!({})), lab(&json!({}))]), "id"),
        (json!([lab(&json!({})), lab(&json!({"id": "b"}))]), "base_url"),
        (
            json!([
                lab(&json!({})),
                lab(
                    &json!({"id": "b", "base_url": "https://b.example", "audience": "https://lab.example/r4"})
                )
            ]),
            "audience",
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(member(&file, &[]), expected, "{file}");
    }
}

#[test]
fn row_042_two_servers_never_share_what_tells_their_tokens_apart() {
    let known = [samples::server()];
    assert_eq!(member(&lab(&json!({"base_url": "https://fhir.example/r4/"})), &known), "base_url");
    assert_eq!(member(&lab(&json!({"audience": "https://fhir.example/r4"})), &known), "audience");
    let configured = lab(&json!({"id": "fhir"}));
    assert_eq!(member(&configured, &known), "id", "the configuration file says what it is");
}

#[test]
fn row_039_users_own_links_are_of_one_namespace() {
    let first = settled(&lab(&json!({})), &[]).unwrap();
    assert!(first[0].home, "the first server's");
    let second = json!({"id": "x", "base_url": "https://x.example", "patient_namespace": "x"});
    assert!(!settled(&second, &first).unwrap()[0].home);
    let same = json!({"id": "x", "base_url": "https://x.example", "patient_namespace": "lab"});
    assert!(settled(&same, &first).unwrap()[0].home, "the same patients");
    let mut claims = second.clone();
    claims["home"] = true.into();
    assert_eq!(member(&claims, &first), "home");
    let mut leaves = same.clone();
    leaves["home"] = false.into();
    assert_eq!(member(&leaves, &first), "home");
    let both = settled(&json!([lab(&json!({})), claims]), &[]).unwrap();
    assert_eq!(both.iter().map(|server| server.home).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn row_044_what_an_ecosystem_has_in_common_is_said_once() {
    let file = json!({
        "defaults": {"access_token_lifetime": 90, "scopes": ["patient/*.rs"], "patient_namespace": "region"},
        "resource_servers": [
            {"id": "a", "base_url": "https://a.example"},
            {"id": "b", "base_url": "https://b.example", "access_token_lifetime": 30},
        ],
    });
    let servers = settled(&file, &[]).unwrap();
    let spans: Vec<_> =
        servers.iter().map(|one| one.access_token_lifetime.unwrap().as_seconds()).collect();
    assert_eq!(spans, [90, 30]);
    assert!(servers.iter().all(|one| one.patient_namespace == "region" && one.home));
    assert_eq!(member(&json!({"defaults": {}, "id": "a"}), &[]), "json");
    assert_eq!(member(&json!({"resource_servers": [], "x": 1}), &[]), "json");
    assert_eq!(member(&json!({"defaults": 1, "resource_servers": []}), &[]), "json");
}
