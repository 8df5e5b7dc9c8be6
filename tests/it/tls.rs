//! TLS that `serve` terminates itself: certificate and key files, read again when they change.

use std::{fs, path::Path, time::Duration};

use fireward_testkit::Server;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::tls::TlsInfo;

#[tokio::test]
async fn al_7_a_renewed_certificate_is_served_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let server = serve(folder.path());
    let url = format!("https://{}/.well-known/openid-configuration", server.said("listen"));
    let answer = ask(&url).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"), "OC-0-01");
    assert_eq!(certificate(&answer), first);

    let second = renew(folder.path());
    let mut tries = 0;
    while certificate(&ask(&url).await.unwrap()) != second {
        tries += 1;
        assert!(tries < 200, "the new certificate is not served");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn certificate_and_key_that_do_not_belong_together_are_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let certificate = fs::read(folder.path().join("tls.crt")).unwrap();
    renew(folder.path());
    fs::write(folder.path().join("tls.crt"), certificate).unwrap();
    let config = configuration(folder.path());
    let complaint = Server::start(&["serve", "--config", &config, "--port", "0"]).unwrap_err();
    assert!(complaint.contains("tls.key"), "{complaint}");
}

/// Puts a fresh certificate in the folder and answers its octets.
fn renew(folder: &Path) -> Vec<u8> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    fs::write(folder.join("tls.crt"), cert.pem()).unwrap();
    fs::write(folder.join("tls.key"), signing_key.serialize_pem()).unwrap();
    cert.der().to_vec()
}

fn configuration(folder: &Path) -> String {
    let (file, at) = (folder.join("fireward.toml"), folder.display());
    fs::write(folder.join("master.key"), "00".repeat(32)).unwrap();
    let text = format!(
        "[issuer]\nurl = \"https://localhost:9\"\n[tls]\ncertificate = \"{at}/tls.crt\"\nkey = \"{at}/tls.key\"\n\
         [database]\nurl = \"{at}/test.db\"\n[keys]\nmaster_key_file = \"{at}/master.key\"\n"
    );
    fs::write(&file, text).unwrap();
    file.to_string_lossy().into_owned()
}

fn serve(folder: &Path) -> Server {
    let config = configuration(folder);
    Server::start(&["--log", "warn", "serve", "--config", &config, "--port", "0"]).unwrap()
}

/// One request on a connection of its own.
async fn ask(url: &str) -> reqwest::Result<reqwest::Response> {
    fireward_testkit::install_crypto();
    let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).tls_info(true);
    client.no_proxy().build()?.get(url).send().await
}

fn certificate(answer: &reqwest::Response) -> Vec<u8> {
    let info = answer.extensions().get::<TlsInfo>();
    info.and_then(TlsInfo::peer_certificate).unwrap_or_default().to_vec()
}
