//! `fireward demo`: everything on this machine, with one command.

use std::path::PathBuf;

use clap::Args;
use fireward_auth_server::AuditTo;
use fireward_oauth::{Issuer, IssuerId, launch::Style, policy::Policy};
use fireward_pages::Brand;
use fireward_store::Durability;

use super::{
    fhir::{Sample, Trusted, listen_as, records_server},
    say,
};
use crate::{
    app_state::StatePlace,
    clock,
    config::Security,
    demo::{self, AUTH_DATABASE, Addresses, FHIR_DATABASE, Folder, LABORATORY_DATABASE},
    entropy::SystemEntropy,
    fault::Fault,
    listen::{self, Bound},
    metrics::Metrics,
    node::{self, Node, Serving, Settings},
    rules::SiteRules,
};

/// Authorization server, FHIR server and demo EHR with synthetic patients, on loopback.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The address to listen on: this machine's, or with --password 0.0.0.0 for a container whose ports are
    /// published on the machine of the browser.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The authorization server's port; 0 takes any free one. The issuer's name has it, and a data folder keeps its
    /// issuer: another port needs another --data.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The FHIR servers' port: the clinic is below /fhir, the laboratory below /laboratory/fhir.
    #[arg(long, default_value_t = 8081)]
    fhir_port: u16,
    /// The demo EHR's and sample app's port.
    #[arg(long, default_value_t = 8082)]
    apps_port: u16,
    /// The folder for databases and keys; made where it is not there.
    #[arg(long, env = "FIREWARD_DATA", default_value = "fireward-data")]
    data: PathBuf,
    /// Another database for the authorization server: a SQLite path or `postgres://` URL.
    #[arg(long, env = "FIREWARD_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Another database for the FHIR server.
    #[arg(long, env = "FIREWARD_FHIR_DATABASE_URL", hide_env_values = true)]
    fhir_database_url: Option<String>,
    /// The issuer's URL, where browsers reach it under another name than this machine's.
    #[arg(long)]
    issuer: Option<String>,
    /// A new password for the demo users.
    #[arg(long, env = "FIREWARD_DEMO_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Lifetime of access tokens in seconds, to watch apps refresh them.
    #[arg(long, default_value_t = 300)]
    access_token: u32,
    /// The rules that hold at the FHIR servers beyond scopes, as a TOML file.
    #[arg(long, env = "FIREWARD_ACCESS_RULES")]
    rules: Option<PathBuf>,
    /// Serve Prometheus metrics on this port.
    #[arg(long)]
    metrics_port: Option<u16>,
}

struct Sockets {
    auth: Bound,
    fhir: Bound,
    apps: Bound,
}

impl Demo {
    pub(super) async fn run(self) -> Result<(), Fault> {
        self.check()?;
        let rules = SiteRules::of(self.rules.as_deref())?;
        let sockets = self.bind()?;
        let bound = [&sockets.auth, &sockets.fhir, &sockets.apps];
        let addresses = Addresses::of(&self.host, self.issuer.as_deref(), bound);
        let folder = Folder::open(&self.data)?;
        let node = self.node(&folder, &addresses).await?;
        let random = fireward_jose::backend::rand::SystemRandom::new();
        let (entropy, now) = (SystemEntropy::new(), clock::now());
        let (id, key) = (&node.app.site.id, folder.ehr_key(&random)?);
        let password = self.password.as_deref();
        let backend = folder.backend_key(&random)?;
        let keys = (&addresses, demo::Keys { ehr: &key, backend: &backend });
        demo::register(node.store(), id, keys, password, (&entropy, now)).await?;
        let ehr = demo::ehr(&addresses, key)?;
        let own = || folder.database(FHIR_DATABASE);
        let database = self.fhir_database_url.clone().unwrap_or_else(own);
        let database = (database.as_str(), fireward_fhir_store::Durability::Normal);
        let (security, launch_url) =
            (Security::trusting(&addresses.issuer), addresses.launch_url());
        let trusted = Trusted {
            security: &security,
            base: &addresses.fhir,
            around: addresses.around(&launch_url),
            rules: &rules,
            demands_versions: false,
        };
        let state = StatePlace::new(&addresses.fhir, None, folder.state_key(&entropy)?)?;
        let clinic = records_server(database, Sample::Clinic, trusted).await?;
        let database = folder.database(LABORATORY_DATABASE);
        let database = (database.as_str(), fireward_fhir_store::Durability::Normal);
        let trusted = Trusted { base: &addresses.laboratory, ..trusted };
        let laboratory = records_server(database, Sample::Laboratory, trusted).await?;
        let fhir = listen_as((clinic, Some(state)), Some(laboratory), sockets.fhir.listener)?;
        let metrics = self.metrics()?;
        let tasks = node.start_tasks(metrics.as_ref());
        let workers = node::cores();
        let auth = Serving { listener: sockets.auth.listener, tls: None, workers, metrics };
        let auth = node::serve(&node, auth)?;
        let apps = apps_server(ehr, sockets.apps.listener)?;
        let stop = node::Stop::listen()?;
        say(&demo::welcome(&addresses, password));
        say(&format!("fireward ready {}", addresses.ready()));
        stop.end(vec![auth, fhir, apps]).await;
        drop(tasks);
        node.finish().await;
        Ok(())
    }

    /// Known passwords are for this machine alone.
    fn check(&self) -> Result<(), Fault> {
        if !listen::is_loopback(&self.host) && self.password.is_none() {
            return Err(Fault::Config(format!(
                "--host {} can be reached from other machines, where everybody knows the demo's \
                 passwords: give a new one with --password, or listen on 127.0.0.1",
                self.host
            )));
        }
        if !listen::is_loopback(&self.host) && !listen::is_every_address(&self.host) {
            return Err(Fault::Config(format!(
                "--host {}: the demo speaks plain http, which is for this machine's browsers alone. Listen on \
                 127.0.0.1, or on 0.0.0.0 within a container whose ports are published as localhost; for other \
                 machines run `fireward serve` with TLS",
                self.host
            )));
        }
        Ok(())
    }

    fn bind(&self) -> Result<Sockets, Fault> {
        Ok(Sockets {
            auth: listen::bind(&self.host, self.port, "--port")?,
            fhir: listen::bind(&self.host, self.fhir_port, "--fhir-port")?,
            apps: listen::bind(&self.host, self.apps_port, "--apps-port")?,
        })
    }

    async fn node(&self, folder: &Folder, addresses: &Addresses) -> Result<Node, Fault> {
        let issuer_id = IssuerId::parse("main").map_err(|why| Fault::Config(why.to_string()))?;
        let issuer =
            Issuer::parse(&addresses.issuer).map_err(|why| Fault::Config(why.to_string()))?;
        let database = self.database_url.clone();
        let master = folder.master_key(&SystemEntropy::new())?;
        let settings = Settings {
            name: "demo".to_owned(),
            issuer,
            brand: Brand { name: "Demo Clinic".to_owned(), ..Brand::default() },
            policy: Policy {
                access_token: fireward_oauth::Lifetime::seconds(self.access_token.max(1)),
                ..Policy::default()
            },
            style: Style::default(),
            database_url: database.unwrap_or_else(|| folder.database(AUTH_DATABASE)),
            durability: Durability::Demo,
            keys: node::demo_key_policy(),
            servers: demo::servers(addresses)?,
            ehr_origins: Vec::new(),
            proxies: Vec::new(),
            outbound: fireward_outbound::Policy::default(),
            brands: Some(demo::brands(addresses)?),
            audit: Some(AuditTo { base: addresses.fhir.clone(), bearer: None }),
            issuer_id,
        };
        Node::open(settings, master).await
    }

    fn metrics(&self) -> Result<Option<Metrics>, Fault> {
        let Some(port) = self.metrics_port else { return Ok(None) };
        let metrics = Metrics::default();
        actix_web::rt::spawn(metrics.serve("127.0.0.1", port)?);
        Ok(Some(metrics))
    }
}

fn apps_server(
    ehr: fireward_demo_ehr::Ehr,
    listener: std::net::TcpListener,
) -> Result<actix_web::dev::Server, Fault> {
    let server = actix_web::HttpServer::new(move || {
        actix_web::App::new().configure(|service| ehr.configure(service))
    });
    let listening = server.workers(1).disable_signals().shutdown_timeout(2).listen(listener);
    Ok(listening.map_err(|why| Fault::Other(why.to_string()))?.run())
}
