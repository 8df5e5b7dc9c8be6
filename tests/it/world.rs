//! A deployment as tests need it: `fireward serve` on a database of its own, an app, and two people.

use std::{fs, net::TcpListener, path::PathBuf};

use fireward_testkit::{Answer, Browser, Client, Database, Page, Server, run};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const ISSUER: &str = "http://localhost:9";
pub(crate) const FHIR: &str = "http://localhost:9/fhir";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const SECRET: &str = "a-secret-that-only-this-test-knows";
pub(crate) const SCOPE: &str = "openid fhirUser launch/patient offline_access patient/*.rs";
const MASTER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) issuer: String,
    folder: TempDir,
    config: PathBuf,
}

impl World {
    /// Writes a configuration; `more` is added to it. The issuer's name leads nowhere: nodes have ports of their own.
    pub(crate) fn new(database: Database, more: &str) -> Self {
        Self::named(ISSUER, database, more)
    }

    /// The same with an issuer of this name.
    pub(crate) fn named(issuer: &str, database: Database, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = folder.path().join("master.key");
        fs::write(&master, MASTER).unwrap();
        let config = folder.path().join("fireward.toml");
        let keys = format!("[keys]\nmaster_key_file = \"{}\"\n", master.display());
        // More spans of keys go into the one table of that name.
        let (spans, more) = more
            .strip_prefix("[keys]\n")
            .map_or(("", more), |rest| rest.split_once("\n\n").unwrap_or((rest, "")));
        let text = format!(
            "[issuer]\nurl = \"{issuer}\"\n[database]\nurl = \"{}\"\n{keys}{spans}\n\
             [[fhir_server]]\nid = \"fhir\"\nbase_url = \"{FHIR}\"\n{more}\n",
            database.url
        );
        fs::write(&config, text).unwrap();
        Self { database, issuer: issuer.to_owned(), folder, config }
    }

    /// A deployment of one node whose issuer can be reached by its name.
    pub(crate) fn reachable() -> (Self, Server) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let world = Self::named(&format!("http://localhost:{port}"), Database::sqlite(), "");
        let port = port.to_string();
        let arguments = ["--log", "warn", "serve", "--config", world.config(), "--port", &port];
        let node = Server::start(&arguments).unwrap();
        (world, node)
    }

    pub(crate) fn config(&self) -> &str {
        self.config.to_str().unwrap()
    }

    /// Starts a node.
    pub(crate) fn node(&self) -> Server {
        self.node_that_logs("warn")
    }

    pub(crate) fn node_that_logs(&self, filter: &str) -> Server {
        Server::start(&["--log", filter, "serve", "--config", self.config(), "--port", "0"])
            .unwrap()
    }

    /// Imports clients or users from the command line, as an operator does.
    pub(crate) fn import(&self, what: &str, content: &Value) {
        let file = self.folder.path().join(format!("{what}.json"));
        fs::write(&file, content.to_string()).unwrap();
        self.command(&[what, "import", file.to_str().unwrap()]);
    }

    /// Runs a command on this deployment, and answers what it printed.
    pub(crate) fn command(&self, arguments: &[&str]) -> String {
        let done = run(&[arguments, &["--config", self.config()]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// An app with a secret, and `ana`, whose record is `p1`.
    pub(crate) fn populate(&self) -> Client {
        let app = Client::confidential("app", SECRET, SCOPE, FHIR);
        self.import("client", &app.metadata());
        self.import("user", &ana());
        app
    }

    /// What is not an app's own affair: somebody at a browser signs in, allows all, and the app redeems the code.
    pub(crate) async fn tokens(&self, app: &Client, node: &str) -> (Browser, Answer) {
        let mut browser = self.browser(node);
        let page = browser.open(&app.authorize_url(&self.issuer, &[])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        let code = allow(&mut browser, &page).await;
        let tokens = app.redeem(node, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.json);
        (browser, tokens)
    }

    pub(crate) fn browser(&self, node: &str) -> Browser {
        Browser::of_nodes(&self.issuer, &[node.to_owned()])
    }
}

pub(crate) fn ana() -> Value {
    json!({
        "username": "ana", "name": "Ana", "password": PASSWORD, "fhirUser": "Patient/p1",
        "records": [{ "patient": "p1", "role": "self" }],
    })
}

/// Signs in on a sign-in page.
pub(crate) async fn sign_in(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser.submit(page, "#sign-in", &[("username", "ana"), ("password", password)]).await
}

/// Allows all that is asked, and answers the code.
pub(crate) async fn allow(browser: &mut Browser, page: &Page) -> String {
    let done = browser.submit(page, "#approve", &[]).await;
    code(&done)
}

/// A code for what was allowed before.
pub(crate) async fn again(browser: &mut Browser, url: &str) -> String {
    code(&browser.open(url).await)
}

fn code(done: &Page) -> String {
    done.query("code").unwrap_or_else(|| panic!("no code at {} {}", done.at, done.body))
}

/// The claims of a token of ours.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// Its header.
pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&fireward_jose::b64::decode(part).unwrap()).unwrap()
}
