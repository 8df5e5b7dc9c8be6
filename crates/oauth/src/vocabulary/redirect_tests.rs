use proptest::prelude::*;

use super::*;

fn registered() -> RedirectUri {
    RedirectUri::register("https://app.example/cb").unwrap()
}

#[test]
fn r1_to_r8_only_the_registered_spelling_is_admitted() {
    let others = [
        "https://evil.example/cb",
        "https://app.example.evil.com/cb",
        "https://app.exampleevil.com/cb",
        "https://fooaapp.example/cb",
        "https://app.example/cb/../evil",
        "https://app.example/cb/..%2fevil",
        "https://app.example/cb/%252e%252e/evil",
        "https://app.example/cb/..;/evil",
        "https://app.example/cb\\..\\evil",
        "https://app.example@evil.com/cb",
        "https://evil.com\\@app.example/cb",
        "https://app.example:443@evil.com/",
        "https://app.example:443/cb",
        "https://app.example:8443/cb",
        "http://app.example/cb",
        "https://app.example/cb/",
        "https://app.example/cb?",
        "https://app.example/cb#",
        "HTTPS://app.example/cb",
        "https://APP.example/cb",
        "https://app.example/CB",
        " https://app.example/cb",
        "",
    ];
    assert!(registered().admits("https://app.example/cb"));
    for other in others {
        assert!(!registered().admits(other), "{other}");
    }
}

#[test]
fn r7_schemes_that_run_or_read_cannot_be_registered() {
    for bad in [
        "javascript:alert(1)//",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://a.example/1",
        "file:///etc/passwd",
        "about:blank",
        "ftp://a.example/x",
        "http://app.example/cb",
        "https://u:p@app.example/cb",
        "https://app.example/cb#frag",
        "https://app.example\\@evil.example/",
        "//app.example/cb",
        "/cb",
        "https://app.example/c b",
        "myapp:/cb",
        "",
    ] {
        assert!(RedirectUri::register(bad).is_err(), "{bad}");
    }
    for good in [
        "https://a.example/cb?x=1",
        "http://localhost:9/cb",
        "http://127.0.0.1/cb",
        "http://[::1]/cb",
        "com.example.app:/cb",
    ] {
        assert!(RedirectUri::register(good).is_ok(), "{good}");
    }
}

#[test]
fn r10_only_loopback_literals_may_vary_in_their_port() {
    let literal = RedirectUri::register("http://127.0.0.1/cb").unwrap();
    assert!(literal.admits("http://127.0.0.1:49152/cb"));
    assert!(literal.admits("http://127.0.0.1/cb"));
    for bad in [
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:x/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:80/cb/",
        "https://127.0.0.1:80/cb",
        "http://[::1]:80/cb",
    ] {
        assert!(!literal.admits(bad), "{bad}");
    }
    let named = RedirectUri::register("http://localhost:3000/cb").unwrap();
    assert!(!named.admits("http://localhost:3001/cb"));
    assert!(!registered().admits("http://127.0.0.1/cb"));
}

#[test]
fn r19_a_scheme_of_the_apps_own_matches_exactly() {
    let own = RedirectUri::register("com.app.example:/cb").unwrap();
    assert!(own.admits("com.app.example:/cb"));
    assert!(!own.admits("com.app.example://cb"));
    assert!(!own.admits("COM.APP.EXAMPLE:/cb"));
}

proptest! {
    /// Whatever is asked: nothing but the registered URI itself, or its port on a loopback literal.
    #[test]
    fn admits_only_itself(asked in "\\PC{0,60}") {
        prop_assert_eq!(registered().admits(&asked), asked == "https://app.example/cb");
    }

    #[test]
    fn registering_never_panics_and_keeps_the_spelling(text in "\\PC{0,80}") {
        if let Ok(uri) = RedirectUri::register(&text) {
            prop_assert_eq!(uri.as_str(), text.as_str());
            prop_assert!(uri.admits(&text));
        }
    }
}
