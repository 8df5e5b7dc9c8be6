use super::*;

fn file(text: &str) -> FhirFile {
    toml::from_str(text).unwrap()
}

#[test]
fn row_003_three_keys_are_enough() {
    let three = "[security]\nenabled = true\nserver = 'https://idp.example/realms/x'\n\
                 jwks = 'https://idp.example/realms/x/protocol/openid-connect/certs'";
    let config = file(three).security.guard("https://fhir.example/fhir").unwrap();
    assert_eq!(config.issuers.len(), 1);
    assert!(matches!(config.issuers[0].keys, Keys::At(_)));
    let two = file("[security]\nserver = 'https://idp.example'").security;
    assert!(matches!(two.guard("https://f.example").unwrap().issuers[0].keys, Keys::Discovered));
    assert!(file("").security.guard("https://f.example").is_err(), "nobody is trusted");
    assert!(toml::from_str::<FhirFile>("[security]\nenable = true").is_err());
}

#[test]
fn row_007_a_server_that_checks_signatures_has_no_secret() {
    let text = "[security]\nserver = 'https://idp.example'";
    let config = file(text).security.guard("https://fhir.example/fhir").unwrap();
    assert!(config.issuers.iter().all(|one| one.introspection.is_none()));
    assert!(config.basic.is_none() && config.dpop.nonce.is_none());
}

#[test]
fn row_045_each_issuer_has_its_audience_algorithms_and_cap() {
    let text = "[security]\nserver = 'https://home.example'\n[[security.issuer]]\n\
                url = 'https://guest.example'\naudience = 'records'\nalgorithms = ['RS256']\n\
                scopes = 'patient/*.rs'\nplain_typ = true";
    let config = file(text).security.guard("https://fhir.example/fhir").unwrap();
    let [home, guest] = config.issuers.as_slice() else { panic!("two issuers") };
    assert_eq!((home.issuer.as_str(), home.cap.is_none()), ("https://home.example", true));
    assert_eq!(guest.audience.as_deref(), Some("records"));
    assert_eq!((guest.algorithms.as_slice(), guest.typ), (&[Algorithm::RS256][..], Typ::OrPlain));
    assert_eq!(guest.cap.as_ref().unwrap().to_string(), "patient/*.rs");
    for wrong in
        ["algorithms = ['none']", "scopes = 'patient/Nothing.rs'", "token_format = 'either'"]
    {
        let text = format!("[security]\n[[security.issuer]]\nurl = 'https://g.example'\n{wrong}");
        assert!(file(&text).security.guard("https://f.example").is_err(), "{wrong}");
    }
}

#[test]
fn row_004_the_start_says_in_one_line_what_is_checked() {
    let on = file("[security]\nserver = 'https://idp.example'").security;
    assert_eq!(on.in_words(), "security: on, tokens of https://idp.example");
    let off = file("[security]\nenabled = false").security;
    assert!(off.in_words().contains("OFF"));
}
