use std::net::SocketAddr;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Act, JSON, Server, outbound, policy};
use crate::{Address as _, AddressFault, Configured, Fault, Outbound, Policy, Supplied};

fn supplied(text: &str) -> Result<Supplied, AddressFault> {
    Supplied::new(text, &Policy::default())
}

#[test]
fn s1_private_addresses_are_refused_however_they_are_spelled() {
    let private = [
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::]/",
        "https://127.0.0.1/",
        "https://0.0.0.0/",
        "https://localhost/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://10.0.0.1/",
        "https://localhost./",
        "https://LOCALHOST/",
        "https://a.localhost/",
        "https://metadata.google.internal/",
        "https://printer.local/",
        "https://intranet/",
        "https://router.lan/",
        "https://127.0.0.1./",
        "https://%31%32%37.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://１２７.0.0.1/",
    ];
    for text in private {
        assert_eq!(supplied(text).unwrap_err(), AddressFault::NotPublic, "{text}");
    }
}

#[test]
fn s4_other_schemes_are_refused() {
    for text in
        ["http://app.example/", "ftp://app.example/", "gopher://app.example/", "ws://a.example/"]
    {
        assert_eq!(supplied(text).unwrap_err(), AddressFault::Scheme, "{text}");
        assert!(text.starts_with("http:") || Configured::new(text).is_err(), "{text}");
    }
    for text in [
        "file:///etc/passwd",
        "data:text/plain,x",
        "unix:/run/x",
        "/jwks",
        "",
        "https://",
        "mailto:a@b",
    ] {
        assert!(supplied(text).is_err(), "{text}");
        assert!(Configured::new(text).is_err(), "{text}");
    }
}

#[test]
fn credentials_fragments_and_odd_ports_are_refused() {
    for text in ["https://user@app.example/", "https://u:p@app.example/", "https://app.example/#x"]
    {
        assert_eq!(supplied(text).unwrap_err(), AddressFault::Decorated, "{text}");
    }
    assert_eq!(supplied("https://app.example:25/").unwrap_err(), AddressFault::Port);
    for text in [
        "https://app.example/jwks?a=b",
        "https://app.example:8443/",
        "https://app.example:443/",
        "https://1.1.1.1/",
    ] {
        assert!(supplied(text).is_ok(), "{text}");
    }
}

#[test]
fn exceptions_are_as_wide_as_they_are_written() {
    let policy = Policy {
        allow_supplied: vec!["127.0.0.1".parse().unwrap(), "idp.internal".parse().unwrap()],
        ..Policy::default()
    };
    for text in
        ["http://127.0.0.1:8082/jwks", "http://idp.internal/jwks", "https://IDP.internal:81/"]
    {
        assert!(Supplied::new(text, &policy).is_ok(), "{text}");
    }
    for text in
        ["http://127.0.0.2/", "http://a.idp.internal/", "ftp://127.0.0.1/", "http://localhost/"]
    {
        assert!(Supplied::new(text, &policy).is_err(), "{text}");
    }
}

#[test]
fn what_is_below_an_address_keeps_its_path() {
    let base = Configured::new("http://issuer.example/tenant/").unwrap();
    let below = base.below("/.well-known/smart-configuration", &[("aud", "http://f/a b?c&d")]);
    assert_eq!(
        below.url().as_str(),
        "http://issuer.example/tenant/.well-known/smart-configuration?aud=http%3A%2F%2Ff%2Fa+b%3Fc%26d"
    );
}

/// An `Outbound` for whom every name resolves to these addresses.
fn resolving_to(policy: Policy, addresses: &'static [&'static str]) -> Outbound {
    drop(outbound(Policy::default()));
    let addresses: Vec<SocketAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
    let lookup = move |_| {
        let addresses = addresses.clone();
        Box::pin(async move { Ok(addresses) }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    };
    Outbound::with_lookup(policy, Arc::new(lookup))
}

#[tokio::test]
async fn s2_a_public_name_that_resolves_to_private_addresses_is_not_connected_to() {
    let server = Server::new(|_| Act::Say("200 OK", "{}".to_owned())).await;
    let outbound = resolving_to(
        Policy::default(),
        &["127.0.0.1:0", "[::1]:0", "10.0.0.1:0", "169.254.169.254:0"],
    );
    let at = supplied(&format!("https://app.example:{}/jwks", server.port)).unwrap();
    assert_eq!(outbound.get_document(&at, JSON, 100, 0).await.unwrap_err(), Fault::NotPublic);
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn an_excepted_host_is_connected_to_wherever_it_is() {
    let server = Server::new(|_| Act::Say("200 OK", "{}".to_owned())).await;
    let policy =
        Policy { allow_supplied: vec!["idp.internal".parse().unwrap()], ..Policy::default() };
    let outbound = resolving_to(policy, &["127.0.0.1:0"]);
    let at = Supplied::new(&format!("http://idp.internal:{}/", server.port), outbound.policy());
    assert!(outbound.get_document(&at.unwrap(), JSON, 100, 0).await.is_ok());
}

#[tokio::test]
async fn s1_a_stranger_hears_the_same_of_every_failure() {
    let redirecting =
        Server::new(|_| Act::Say("302 Found\r\nLocation: http://127.0.0.1/", String::new())).await;
    let hanging = Server::new(|_| Act::Hang).await;
    let outbound = outbound(policy());
    let fetch = async |text: &str| {
        let at = Supplied::new(text, outbound.policy()).unwrap();
        outbound.get_document(&at, JSON, 100, 0).await.unwrap_err()
    };
    assert_eq!(fetch(&redirecting.url("/")).await, Fault::Status(302));
    assert_eq!(fetch(&hanging.url("/")).await, Fault::TooSlow);
    assert!(matches!(fetch("http://127.0.0.1:1/").await, Fault::Unreachable(_)));
    assert_eq!(Fault::TOLD, "the address could not be fetched");
}

#[tokio::test]
async fn s5_supplied_addresses_cannot_take_all_the_time() {
    let hanging = Server::new(|_| Act::Hang).await;
    let outbound = outbound(Policy { parallel_supplied: 1, ..policy() });
    let at = Supplied::new(&hanging.url("/"), outbound.policy()).unwrap();
    let (one, other) = tokio::join!(
        outbound.get_document(&at, JSON, 9, 0),
        outbound.get_document(&at, JSON, 9, 0)
    );
    assert_eq!(one.unwrap_err(), Fault::TooSlow);
    assert_eq!(other.unwrap_err(), Fault::Busy);
}

proptest! {
    #[test]
    fn no_text_makes_the_constructors_panic(text in ".{0,60}") {
        let _ = supplied(&text);
        let _ = supplied(&format!("https://{text}"));
        let _ = Configured::new(&text).map(|at| at.below(&text, &[("a", &text)]));
    }
}
