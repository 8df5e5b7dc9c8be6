//! A deployment as tests need it: `fireward serve` on a database of its own, an app, and two people.

use std::{fs, path::PathBuf};

use fireward_testkit::{Browser, Client, Database, Page, Server, run};
use serde_json::json;
use tempfile::TempDir;

pub(crate) const ISSUER: &str = "http://localhost:9";
pub(crate) const FHIR: &str = "http://localhost:9/fhir";
pub(crate) const PASSWORD: &str = "correct horse battery";
const MASTER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub(crate) struct World {
    pub(crate) database: Database,
    folder: TempDir,
    config: PathBuf,
}

impl World {
    /// Writes a configuration; `more` is added to it.
    pub(crate) fn new(database: Database, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = folder.path().join("master.key");
        fs::write(&master, MASTER).unwrap();
        let config = folder.path().join("fireward.toml");
        let text = format!(
            "[issuer]\nurl = \"{ISSUER}\"\n[database]\nurl = \"{}\"\n[keys]\nmaster_key_file = \"{}\"\n\
             [[fhir_server]]\nid = \"fhir\"\nbase_url = \"{FHIR}\"\n{more}\n",
            database.url,
            master.display()
        );
        fs::write(&config, text).unwrap();
        Self { database, folder, config }
    }

    pub(crate) fn config(&self) -> &str {
        self.config.to_str().unwrap()
    }

    /// Starts a node.
    pub(crate) fn node(&self) -> Server {
        Server::start(&["--log", "warn", "serve", "--config", self.config(), "--port", "0"])
            .unwrap()
    }

    /// Imports clients or users from the command line, as an operator does.
    pub(crate) fn import(&self, what: &str, content: &serde_json::Value) {
        let file = self.folder.path().join(format!("{what}.json"));
        fs::write(&file, content.to_string()).unwrap();
        let done = run(&[what, "import", file.to_str().unwrap(), "--config", self.config()]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// An app with a secret, and `ana`, whose record is `p1`.
    pub(crate) fn populate(&self) -> Client {
        let app = Client {
            secret: Some("a-secret-that-only-this-test-knows".into()),
            ..Client::public(
                "app",
                "openid fhirUser launch/patient offline_access patient/*.rs",
                FHIR,
            )
        };
        self.import("client", &app.metadata());
        self.import(
            "user",
            &json!({
                "username": "ana", "name": "Ana", "password": PASSWORD, "fhirUser": "Patient/p1",
                "records": [{ "patient": "p1", "role": "self" }],
            }),
        );
        app
    }
}

/// Signs in on a sign-in page.
pub(crate) async fn sign_in(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser.submit(page, "#sign-in", &[("username", "ana"), ("password", password)]).await
}

/// Allows all that is asked, and answers the code.
pub(crate) async fn allow(browser: &mut Browser, page: &Page) -> String {
    let done = browser.submit(page, "#approve", &[]).await;
    done.query("code").unwrap_or_else(|| panic!("no code at {} {}", done.at, done.body))
}
