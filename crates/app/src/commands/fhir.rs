//! `fireward fhir`: the demo FHIR server, which knows its issuer by URL alone.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_web::{App, HttpServer, dev::Server, web::Data};
use clap::{Args, ValueEnum};
use fireward_fhir_server::{
    AppState, Around, FhirServer, configure, configure_app_state, demo_addenda, demo_records,
    laboratory_records,
};
use fireward_fhir_store::{Durability, Records};
use fireward_guard::Guard;
use fireward_outbound::{Outbound, Policy};

use super::say;
use crate::{
    app_state::{self, StatePlace},
    clock,
    config::{FhirFile, Security, create_private},
    demo::{FHIR_DATABASE, Folder},
    entropy::SystemEntropy,
    fault::Fault,
    listen, node,
    rules::SiteRules,
    unprotected,
};

/// The demo FHIR R4 server alone, filled with synthetic patients at its first start.
#[derive(Debug, Args)]
pub(crate) struct Fhir {
    /// A file that says whom it trusts: docs/guard.md lists every key. What is said here goes before it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The issuer whose tokens it accepts, as tokens name it.
    #[arg(long)]
    issuer: Option<String>,
    /// Whether requests need a token at all. `false` is for looking for a fault on one's own machine.
    #[arg(long, env = "SECURITY_ENABLED")]
    security_enabled: Option<bool>,
    /// Disable security although others can reach this server.
    #[arg(long)]
    i_know: bool,
    /// Where the issuer is reached from here, if elsewhere.
    #[arg(long)]
    issuer_address: Option<String>,
    /// The FHIR base URL, as clients know it and tokens name it in `aud`.
    #[arg(long)]
    base_url: Option<String>,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port; 0 takes any free one.
    #[arg(long, default_value_t = 8081)]
    port: u16,
    /// Which sample records it is filled with.
    #[arg(long, value_enum, default_value_t = Sample::Clinic)]
    sample: Sample,
    /// The folder for its database; made where it is not there.
    #[arg(long, env = "FIREWARD_DATA", default_value = "fireward-data")]
    data: PathBuf,
    /// The launch URL of the app that its sample Tasks ask for.
    #[arg(long, default_value = "http://localhost:8082/sample-app/launch.html")]
    launch_url: String,
    /// Another database: a SQLite path or `postgres://` URL.
    #[arg(long = "fhir-database-url", env = "FIREWARD_FHIR_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where apps keep their state; beside the FHIR base where not given.
    #[arg(long)]
    app_state_base_url: Option<String>,
    /// The key that apps' state is sealed under, as a file; made in the folder where that holds the database. Without
    /// either there is no app state.
    #[arg(long, env = "FIREWARD_APP_STATE_KEY_FILE")]
    app_state_key_file: Option<PathBuf>,
    /// The rules that hold beyond scopes, as a TOML file.
    #[arg(long, env = "FIREWARD_ACCESS_RULES")]
    rules: Option<PathBuf>,
}

impl Fhir {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let bound = listen::bind(&self.host, self.port, "--port")?;
        let own = || format!("http://localhost:{}/fhir", bound.address.port());
        let file = self.config.as_deref().map(FhirFile::read).transpose()?.unwrap_or_default();
        let base = self.base_url.clone().or(file.base_url).unwrap_or_else(own);
        let rules =
            SiteRules::of(self.rules.as_ref().or(file.rules.as_ref()).map(PathBuf::as_path))?;
        let demands_versions = file.require_if_match;
        let security = self.security(file.security);
        let database = match &self.database_url {
            Some(url) => url.clone(),
            None => Folder::open(&self.data)?.database(FHIR_DATABASE),
        };
        if !security.enabled {
            let urls = std::iter::once(&base).chain(&security.server).map(String::as_str);
            unprotected::check(&self.host, &urls.collect::<Vec<_>>(), self.i_know)?;
        }
        let trusted = Trusted {
            security: &security,
            base: &base,
            around: Around { launch_url: &self.launch_url, laboratory: None },
            rules: &rules,
            demands_versions,
        };
        let state = self.state(&base)?;
        let database = (database.as_str(), Durability::Full);
        let server = records_server(database, self.sample, trusted).await?;
        let listen = bound.address.to_string();
        let server = listen_as((server, state), None, bound.listener)?;
        let ready = serde_json::json!({
            "fhir": base, "issuer": security.server, "listen": listen, "pid": std::process::id(),
        });
        let stop = node::Stop::listen()?;
        if !security.enabled {
            unprotected::alarm(&base);
        }
        tracing::info!("{}", security.in_words());
        say(&format!("fireward ready {ready}"));
        stop.end(vec![server]).await;
        Ok(())
    }

    /// What the file says, and before it the command line and the environment.
    fn security(&self, mut security: Security) -> Security {
        security.enabled = self.security_enabled.unwrap_or(security.enabled);
        security.server = self.issuer.clone().or(security.server);
        security.reach(self.issuer_address.as_deref());
        security
    }

    fn state(&self, base: &str) -> Result<Option<StatePlace>, Fault> {
        let key = match (&self.app_state_key_file, &self.database_url) {
            (Some(path), _) => app_state::key_in(path)?,
            (None, None) => Folder::open(&self.data)?.state_key(&SystemEntropy::new())?,
            (None, Some(_)) => return Ok(None),
        };
        StatePlace::new(base, self.app_state_base_url.as_deref(), key).map(Some)
    }
}

/// Whom a FHIR server trusts and knows, and as what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trusted<'a> {
    /// Whose tokens it accepts.
    pub(super) security: &'a Security,
    /// The FHIR base.
    pub(super) base: &'a str,
    /// What its sample records say of addresses around it.
    pub(super) around: Around<'a>,
    /// What it goes by beyond scopes.
    pub(super) rules: &'a SiteRules,
    /// Whether changes must say which version they change.
    pub(super) demands_versions: bool,
}

/// Which sample records a FHIR server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Sample {
    /// A clinic's: 30 patients.
    Clinic,
    /// A laboratory's: two of the clinic's patients, by ids of its own.
    Laboratory,
}

/// A FHIR server with sample records.
///
/// # Errors
/// When its database cannot be opened or an address is none.
pub(super) async fn records_server(
    (database, durability): (&str, Durability),
    sample: Sample,
    trusted: Trusted<'_>,
) -> Result<Data<FhirServer>, Fault> {
    let records = Records::open(&database_url(database)?, durability).await?;
    match sample {
        Sample::Clinic => {
            records.load_seed(|| demo_records(trusted.around)).await?;
            records.top_up(&demo_addenda(trusted.around)).await?;
        }
        Sample::Laboratory => {
            records.load_seed(|| laboratory_records().as_bytes()).await?;
            records.top_up(laboratory_records()).await?;
        }
    }
    let entropy = SystemEntropy::new();
    let new_id =
        Arc::new(move || fireward_oauth::Jti::draw(&entropy).to_string().replace('_', "."));
    let base = url::Url::parse(trusted.base);
    let base = base.map_err(|why| Fault::Config(format!("--base-url: {why}")))?;
    let server = FhirServer::new(
        records,
        Data::new(guard(trusted)?),
        &base,
        Arc::new(clock::calendar),
        new_id,
    );
    let server = server.under(trusted.rules.rules.clone(), trusted.rules.consents);
    server.refresh_rules().await?;
    let server = Data::new(server.demanding_versions(trusted.demands_versions));
    actix_web::rt::spawn(FhirServer::tend_always(server.clone()));
    actix_web::rt::spawn(FhirServer::deliver_always(server.clone()));
    actix_web::rt::spawn(FhirServer::renew_index(server.clone()));
    Ok(server)
}

/// A FHIR server with its app state, and another beside it, under one port: each below the path of its base.
///
/// # Errors
/// When the port cannot be listened on.
pub(super) fn listen_as(
    (server, state): (Data<FhirServer>, Option<StatePlace>),
    beside: Option<Data<FhirServer>>,
    listener: TcpListener,
) -> Result<Server, Fault> {
    let state = state.map(|at| Data::new(AppState::new(&server, at.vault, &at.base)));
    let http = HttpServer::new(move || {
        let (server, state, beside) = (server.clone(), state.clone(), beside.clone());
        App::new().configure(move |config| {
            // First, since a FHIR base may be all that is below a host.
            if let Some(state) = state {
                configure_app_state(config, state);
            }
            if let Some(beside) = beside {
                configure(config, beside);
            }
            configure(config, server);
        })
    });
    let listening =
        http.workers(node::cores()).disable_signals().shutdown_timeout(5).listen(listener);
    Ok(listening.map_err(|why| Fault::Other(why.to_string()))?.run())
}

/// The URL of a database that is named by URL or path; a file is made for its owner alone.
///
/// # Errors
/// When it cannot be made.
pub(super) fn database_url(database: &str) -> Result<String, Fault> {
    if database.contains("://") || database.starts_with("sqlite:") {
        return Ok(database.to_owned());
    }
    create_private(Path::new(database))?;
    Ok(format!("sqlite:{database}?mode=rwc"))
}

fn guard(trusted: Trusted<'_>) -> Result<Guard, Fault> {
    let config = trusted.security.guard(trusted.base)?;
    let outbound = Arc::new(Outbound::new(Policy::default()));
    Ok(Guard::new(config, &outbound, Arc::new(|| clock::now().unix())))
}
