use proptest::prelude::*;

use super::*;
use crate::samples::{CHALLENGE, client, params, server};

fn around<'a>(client: Option<&'a Client>, servers: &'a [ResourceServer]) -> Surroundings<'a> {
    static ALL: std::sync::LazyLock<Capabilities> = std::sync::LazyLock::new(Capabilities::default);
    Surroundings { client, servers, capabilities: &ALL, came: Came::default() }
}

fn with(changed: &[(&str, &str)]) -> Result<Request, Rejection> {
    of(&client("app"), changed)
}

fn of(client: &Client, changed: &[(&str, &str)]) -> Result<Request, Rejection> {
    validate(&params(changed), around(Some(client), &[server()]))
}

fn redirected(changed: &[(&str, &str)]) -> Code {
    match with(changed) {
        Err(Rejection::Redirect(target, refused)) => {
            assert_eq!(target.uri().as_str(), "https://app.example/cb");
            refused.code
        }
        other => panic!("{changed:?} gave {other:?}"),
    }
}

#[test]
fn al_12_a_good_request_keeps_what_it_asked() {
    let request = with(&[("nonce", "n1"), ("max_age", "60"), ("prompt", "login consent")]).unwrap();
    assert_eq!(request.asked.to_string(), "launch/patient openid fhirUser patient/*.rs");
    assert_eq!(request.allowed, request.asked);
    assert_eq!(request.target.state(), Some("s1"));
    assert_eq!(request.nonce.as_deref(), Some("n1"));
    assert_eq!(request.max_age, Some(Lifetime::seconds(60)));
    assert!(request.prompt.login && request.prompt.consent && !request.prompt.none);
}

#[test]
fn al_15_a_client_or_redirect_that_is_not_proven_is_a_page() {
    let pages: [&[(&str, &str)]; 4] = [
        &[("client_id", "")],
        &[("redirect_uri", "")],
        &[("redirect_uri", "https://evil.example/cb")],
        &[("redirect_uri", "https://app.example/cb/../x")],
    ];
    for changed in pages {
        assert!(matches!(with(changed), Err(Rejection::Page(_))), "{changed:?}");
    }
    let unknown = validate(&params(&[]), around(None, &[]));
    assert!(matches!(unknown, Err(Rejection::Page(_))));
    let mut disabled = client("app");
    disabled.status = Status::Disabled;
    assert!(matches!(of(&disabled, &[]), Err(Rejection::Page(_))), "A13");
}

#[test]
fn p1_r13_a_repeated_parameter_is_an_error_and_never_half_believed() {
    let twice = |name: &str| {
        let mut pairs: Vec<_> =
            ["client_id", "redirect_uri", "state", "scope", "response_type", "code_challenge"]
                .iter()
                .map(|known| {
                    ((*known).to_owned(), params(&[]).one(known).unwrap().unwrap().to_owned())
                })
                .collect();
        pairs.push((name.to_owned(), "x".to_owned()));
        let client = client("app");
        validate(&Params::new(pairs), around(Some(&client), &[server()]))
    };
    for name in ["client_id", "redirect_uri"] {
        assert!(matches!(twice(name), Err(Rejection::Page(_))), "{name}");
    }
    for name in ["state", "scope", "response_type", "code_challenge"] {
        let Err(Rejection::Redirect(_, refused)) = twice(name) else { panic!("{name}") };
        assert_eq!(refused.code, Code::InvalidRequest);
    }
}

#[test]
fn k1_k4_k7_m8_pkce_is_s256_or_an_error() {
    let wrong: [&[(&str, &str)]; 5] = [
        &[("code_challenge", "")],
        &[("code_challenge", ""), ("code_challenge_method", "")],
        &[("code_challenge_method", "")],
        &[("code_challenge_method", "plain")],
        &[("code_challenge", "short")],
    ];
    for changed in wrong {
        assert_eq!(redirected(changed), Code::InvalidRequest, "{changed:?}");
    }
}

#[test]
fn oc_2_01_only_a_confidential_oidc_client_may_go_without_pkce() {
    let none =
        [("code_challenge", ""), ("code_challenge_method", ""), ("scope", "openid"), ("aud", "")];
    let mut oidc = client("app");
    oidc.profile = Profile::Oidc;
    assert!(of(&oidc, &none).is_err(), "public");
    oidc.auth = crate::client::ClientAuth::Secret {
        method: crate::client::SecretMethod::Basic,
        live: vec![],
    };
    assert_eq!(of(&oidc, &none).unwrap().challenge, None);
    let clinical = [("code_challenge", ""), ("code_challenge_method", "")];
    assert!(of(&oidc, &clinical).is_err(), "a clinical scope always needs it");
}

#[test]
fn p5_p16_oc_4_01_only_the_code_flow_exists() {
    assert_eq!(redirected(&[("response_type", "")]), Code::InvalidRequest);
    for other in ["token", "id_token", "code token", "code code", "none"] {
        assert_eq!(
            redirected(&[("response_type", other)]),
            Code::UnsupportedResponseType,
            "{other}"
        );
    }
    assert_eq!(redirected(&[("response_mode", "web_message")]), Code::InvalidRequest);
}

#[test]
fn p7_a_client_without_the_grant_is_unauthorized() {
    let mut backend = client("app");
    backend.grant_types = std::iter::once(GrantType::ClientCredentials).collect();
    let Err(Rejection::Redirect(_, refused)) = of(&backend, &[]) else { panic!() };
    assert_eq!(refused.code, Code::UnauthorizedClient);
}

#[test]
fn p10_prompt_and_max_age_mean_something_or_are_refused() {
    for (name, value) in [
        ("prompt", "none login"),
        ("prompt", "sing"),
        ("max_age", "-1"),
        ("max_age", "abc"),
        ("max_age", "+5"),
        ("max_age", "99999999999"),
    ] {
        assert_eq!(redirected(&[(name, value)]), Code::InvalidRequest, "{name}={value}");
    }
}

#[test]
fn m1_al_13_aud_must_name_a_server_of_ours() {
    for aud in [
        "",
        "https://evil.example/r4",
        "https://fhir.example",
        "https://fhir.example/r4//",
        "https://FHIR.example/r4",
    ] {
        assert_eq!(redirected(&[("aud", aud)]), Code::InvalidRequest, "{aud}");
    }
    assert!(with(&[("aud", "https://fhir.example/r4/")]).is_ok(), "one trailing slash");
    assert!(with(&[("aud", ""), ("resource", "https://fhir.example/r4")]).is_ok(), "the synonym");
    assert_eq!(redirected(&[("resource", "https://other.example")]), Code::InvalidRequest);
    let plain = with(&[("aud", ""), ("state", ""), ("scope", "openid")]).unwrap();
    assert_eq!(plain.resource_server, None, "D-02: not needed for plain sign-in");
}

#[test]
fn d_02_state_is_required_with_clinical_scopes() {
    assert_eq!(redirected(&[("state", "")]), Code::InvalidRequest);
}

#[test]
fn m4_m7_scopes_are_dropped_or_refused_and_never_widened() {
    let asked = "patient/Observation.sr patient/Observation.rs user/*.cruds nonsense openid";
    let request = with(&[("scope", asked)]).unwrap();
    assert_eq!(request.allowed.to_string(), "patient/Observation.rs openid");
    let why: Vec<_> = request.dropped.iter().map(|d| (d.scope.as_str(), d.reason)).collect();
    assert_eq!(
        why,
        [
            ("patient/Observation.sr", Reason::Unknown),
            ("nonsense", Reason::Unknown),
            ("user/*.cruds", Reason::Registration),
        ]
    );
    assert_eq!(redirected(&[("scope", "system/*.rs")]), Code::InvalidScope);
    assert_eq!(redirected(&[("scope", "nonsense")]), Code::InvalidScope);
    assert_eq!(redirected(&[("scope", "openid \u{7f}")]), Code::InvalidScope);
}

#[test]
fn al_10_launch_goes_with_its_scope() {
    let launched = [("scope", "launch patient/*.rs"), ("launch", "xyz")];
    assert_eq!(with(&launched).unwrap().launch, Some(Digest::of("xyz")));
    assert_eq!(redirected(&[("launch", "xyz")]), Code::InvalidRequest, "without the scope");
    let standalone = with(&[("scope", "launch patient/*.rs")]).unwrap();
    assert_eq!(standalone.allowed.to_string(), "patient/*.rs", "the scope without a launch");
}

#[test]
fn oc_13_01_request_objects_are_refused_by_their_own_names() {
    assert_eq!(redirected(&[("request_uri", "urn:x")]), Code::RequestUriNotSupported);
    assert_eq!(redirected(&[("registration", "{}")]), Code::RegistrationNotSupported);
}

#[test]
fn oc_1_01_the_redirect_uri_may_be_left_out_only_with_plain_oauth_and_one_registered() {
    let plain = [("redirect_uri", ""), ("scope", "https://api.example/x"), ("aud", "")];
    let mut oauth = client("app");
    oauth.profile = Profile::OAuth21;
    oauth.scopes = "https://api.example/x openid".parse().unwrap();
    assert!(!of(&oauth, &plain).unwrap().redirect_uri_sent);
    assert!(of(&oauth, &[("redirect_uri", ""), ("scope", "openid"), ("aud", "")]).is_err());
    oauth.redirect_uris.push(RedirectUri::register("https://app.example/two").unwrap());
    assert!(of(&oauth, &plain).is_err());
}

proptest! {
    /// No input panics, and no answer goes anywhere but to the registered URI.
    #[test]
    fn al_15_answers_go_only_to_registered_uris(
        pairs in prop::collection::vec((prop::sample::select(vec![
            "client_id", "redirect_uri", "scope", "state", "aud", "resource", "launch", "response_type",
            "code_challenge", "code_challenge_method", "prompt", "max_age", "nonce", "request",
        ]), prop_oneof![
            Just("https://app.example/cb".to_owned()), Just("app".to_owned()), Just("code".to_owned()),
            Just(CHALLENGE.to_owned()), Just("openid patient/*.rs".to_owned()), "\\PC{0,20}",
        ]), 0..12)
    ) {
        let client = client("app");
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        match validate(&Params::new(pairs), around(Some(&client), &[server()])) {
            Ok(request) => {
                prop_assert!(client.admits_redirect(request.target.uri().as_str()));
                prop_assert!(request.allowed.covered_by(&client.scopes));
                prop_assert!(request.challenge.is_some());
            }
            Err(Rejection::Redirect(target, _)) => prop_assert!(client.admits_redirect(target.uri().as_str())),
            Err(Rejection::Page(_)) => {}
        }
    }
}
