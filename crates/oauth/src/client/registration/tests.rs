use serde_json::{Value, json};

use super::*;

fn issuer() -> IssuerId {
    IssuerId::parse("main").unwrap()
}

fn importing(issuer: &IssuerId) -> Importing<'_> {
    Importing { issuer, secrets: SecretStrength::Strong, now: Timestamp::from_unix(1_000) }
}

fn of(mut metadata: Value, with: &Value) -> Result<Client, Unreadable> {
    let members = metadata.as_object_mut().unwrap();
    for (name, value) in with.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    let issuer = issuer();
    read_file(metadata.to_string().as_bytes(), &importing(&issuer)).map(|mut all| all.remove(0))
}

fn public(with: &Value) -> Result<Client, Unreadable> {
    let base = json!({
        "client_id": "app", "token_endpoint_auth_method": "none",
        "redirect_uris": ["https://app.example/cb"], "scope": "openid launch/patient patient/*.rs",
    });
    of(base, with)
}

fn backend(with: &Value) -> Result<Client, Unreadable> {
    let base = json!({
        "client_id": "backend", "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": "https://backend.example/jwks", "grant_types": ["client_credentials"],
        "scope": "system/*.rs",
    });
    of(base, with)
}

fn member(outcome: Result<Client, Unreadable>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(Unreadable::Json(_)) => "json",
        Err(Unreadable::Client { fault, .. }) => fault.member,
    }
}

#[test]
fn al_8_a_registered_client_has_exact_addresses_and_the_profile_of_its_scopes() {
    let client = public(&json!({})).unwrap();
    assert_eq!(client.profile, Profile::Smart);
    assert_eq!(client.about.name, "app");
    assert!(client.is_public() && uses(&client, GrantType::AuthorizationCode));
    assert_eq!(public(&json!({"scope": "openid email"})).unwrap().profile, Profile::Oidc);
}

#[test]
fn what_is_shown_can_be_imported_again() {
    for client in
        [public(&json!({"launch_uris": ["https://app.example/launch?x=1"]})), backend(&json!({}))]
    {
        let client = client.unwrap();
        let again = of(show(&client), &json!({})).unwrap();
        assert_eq!(show(&again), show(&client));
    }
}

#[test]
fn o2_secrets_are_hashed_at_once_and_never_shown() {
    let secret = "a-secret-of-more-than-128-bits";
    let with = json!({"token_endpoint_auth_method": "client_secret_post", "client_secret": secret});
    let client = public(&with).unwrap();
    let ClientAuth::Secret { method: SecretMethod::Post, live } = &client.auth else { panic!() };
    assert!(live[0].matches(secret));
    assert!(!show(&client).to_string().contains("secret\":"), "{}", show(&client));
    assert!(!format!("{client:?}").contains(secret));
}

#[test]
fn g4_and_r7_redirect_uris_that_could_be_turned_against_users_are_refused() {
    for bad in [
        "https://a.example/#f",
        "http://a.example/",
        "javascript:alert(1)//",
        "data:text/html,x",
        "/cb",
        "https://u:p@a.example/",
    ] {
        assert_eq!(member(public(&json!({"redirect_uris": [bad]}))), "redirect_uris", "{bad}");
    }
    assert_eq!(member(public(&json!({"redirect_uris": []}))), "redirect_uris");
    let twice = json!({"redirect_uris": ["https://a.example/", "https://a.example/"]});
    assert_eq!(member(public(&twice)), "redirect_uris");
}

#[test]
fn g5_what_does_not_fit_together_is_refused() {
    let cases = [
        (json!({"grant_types": ["client_credentials"]}), "grant_types"),
        (json!({"grant_types": ["implicit"]}), "grant_types"),
        (json!({"grant_types": ["refresh_token"]}), "grant_types"),
        (json!({"response_types": ["token"]}), "response_types"),
        (json!({"scope": "system/*.rs"}), "scope"),
        (json!({"scope": "offline_access patient/*.rs"}), "grant_types"),
        (json!({"scope": "patient/Observation.sr"}), "scope"),
        (json!({"client_secret": "x"}), "client_secret"),
        (json!({"token_endpoint_auth_method": null}), "client_secret"),
        (json!({"token_endpoint_auth_method": "tls_client_auth"}), "token_endpoint_auth_method"),
        (json!({"id_token_signed_response_alg": "RS384"}), "id_token_signed_response_alg"),
        (json!({"logo_uri": "javascript:alert(1)"}), "logo_uri"),
        (json!({"client_name": "evil\u{202e}"}), "client_name"),
        (json!({"client_id": null}), "client_id"),
        (json!({"redirect_uri": "https://a.example/"}), "json"),
    ];
    for (with, expected) in cases {
        assert_eq!(member(public(&with)), expected, "{with}");
    }
}

#[test]
fn ca_4_and_j22_keys_are_public_and_sound() {
    let inline = |jwks: Value| backend(&json!({"jwks_uri": null, "jwks": jwks}));
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(member(inline(json!({"keys": [ed]}))), "accepted");
    let mut private = ed.clone();
    private["d"] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".into();
    let mut nameless = ed.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    let symmetric = json!({"kty": "oct", "kid": "1", "k": "AAAA"});
    for bad in [json!([private]), json!([nameless]), json!([symmetric]), json!([ed, ed]), json!([])]
    {
        assert_eq!(member(inline(json!({"keys": bad}))), "jwks", "{bad}");
    }
    assert_eq!(member(backend(&json!({"jwks": {"keys": [ed]}}))), "jwks");
    assert_eq!(member(backend(&json!({"jwks_uri": null}))), "jwks_uri");
    assert_eq!(member(backend(&json!({"jwks_uri": "http://10.0.0.1/jwks"}))), "jwks_uri");
}

#[test]
fn bs_1_system_scopes_are_not_for_shared_secrets_in_the_smart_profile() {
    let secret = json!({
        "token_endpoint_auth_method": "client_secret_basic", "jwks_uri": null,
        "client_secret": "a-secret-of-more-than-128-bits",
    });
    assert_eq!(member(backend(&secret)), "token_endpoint_auth_method");
}

#[test]
fn a_file_holds_one_client_or_several_and_none_twice() {
    let issuer = issuer();
    let one = show(&public(&json!({})).unwrap());
    let file = |value: &Value| {
        read_file(value.to_string().as_bytes(), &importing(&issuer)).map(|all| all.len())
    };
    assert_eq!(file(&one), Ok(1));
    assert_eq!(file(&json!([one, show(&backend(&json!({})).unwrap())])), Ok(2));
    let twice = file(&json!([one, one])).unwrap_err();
    assert_eq!(twice.to_string(), "client app: client_id: is in the file twice");
}

#[test]
fn sc_11_a_group_bounds_system_scopes_and_nothing_else() {
    let bound = backend(&json!({"fireward_group": "Group/diabetes"})).unwrap();
    assert_eq!(bound.group.as_deref(), Some("Group/diabetes"));
    assert_eq!(show(&bound)["fireward_group"], "Group/diabetes");
    let long = format!("Group/{}", "x".repeat(65));
    for bad in ["diabetes", "Group/", "Group/a/b", "Patient/a", "Group/a b", "group/a", "", &long] {
        assert_eq!(member(backend(&json!({"fireward_group": bad}))), "fireward_group", "{bad}");
    }
    assert_eq!(member(public(&json!({"fireward_group": "Group/a"}))), "fireward_group");
}
