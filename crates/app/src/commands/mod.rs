//! The command line: one file a command.

mod app_state;
mod audit;
mod brands;
mod client;
mod demo;
mod doctor;
mod explain;
mod export;
mod fhir;
mod gateway;
mod grant;
mod keys;
mod kinds;
mod migrate;
mod moment;
mod place;
mod probe;
mod resource_server;
mod serve;
mod user;

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::Log,
    fault::Fault,
    telemetry::{self, LogFormat},
};

/// A self-hosted identity provider for FHIR ecosystems: OAuth 2, OpenID Connect, SMART App Launch 2.2.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    logging: Logging,
    #[command(subcommand)]
    command: Command,
}

/// Logs, on stderr; what is said here goes before what a configuration file says.
#[derive(Debug, Args)]
struct Logging {
    /// What to log: error, warn, info, debug, or a directive such as `fireward_store=debug`.
    #[arg(long, global = true, env = "FIREWARD_LOG", help_heading = "Logs")]
    log: Option<String>,
    /// How log lines look.
    #[arg(long, global = true, env = "FIREWARD_LOG_FORMAT", value_enum, help_heading = "Logs")]
    log_format: Option<LogFormat>,
}

impl Logging {
    fn start(&self, configured: &Log) {
        let filter = self.log.as_deref().or(configured.filter.as_deref()).unwrap_or("info");
        telemetry::start(self.log_format.unwrap_or(configured.format), filter);
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Authorization server, FHIR server and demo EHR on this machine, with synthetic patients.
    Demo(demo::Demo),
    /// The authorization server as a configuration file says.
    Serve(serve::Serve),
    /// The demo FHIR R4 server alone, trusting an issuer.
    Fhir(fhir::Fhir),
    /// A reverse proxy that enforces SMART before any FHIR R4 server.
    Gateway(gateway::Gateway),
    /// Attack a FHIR server with bad tokens and foreign requests, and grade how it keeps them out.
    Probe(probe::Probe),
    /// Why a FHIR server allows or denies a request.
    Explain(explain::Explain),
    /// Whether a FHIR server and its issuer fit together, and what to do where they do not.
    Doctor(doctor::Doctor),
    /// Signing keys: list, rotate, revoke.
    Keys(keys::Keys),
    /// Bring a database to this version's schema.
    Migrate(migrate::Migrate),
    /// Clients: import, list, show, remove, make a key. Also while the server runs.
    Client(client::Client),
    /// The audit log: list, verify. Also while the server runs.
    Audit(audit::Audit),
    /// Resource servers, such as FHIR servers: import, list, show, remove. Also while the server runs.
    ResourceServer(resource_server::ResourceServer),
    /// Fetch records in bulk from a FHIR server, as a backend service.
    Export(export::Export),
    /// What people granted to apps: list, show with the reason of all that is missing. Also while the server runs.
    Grant(grant::Grants),
    /// Users: import, list, link. Also while the server runs.
    User(user::User),
    /// User-access brands: import, check, show, remove. Also while the server runs.
    Brands(brands::Brands),
    /// What apps keep at the FHIR server: list, remove. Also while it runs.
    AppState(app_state::AppState),
}

impl Command {
    /// What its configuration file says of logs, where it has one.
    fn log(&self) -> Result<Log, Fault> {
        match self {
            Self::Serve(serve) => Ok(serve.read()?.log),
            Self::Gateway(gateway) => gateway.log(),
            // On a terminal the table of addresses would be gone with the first sign-in.
            Self::Demo(_) if std::io::stderr().is_terminal() => Ok(Log::of(WITHOUT_AUDIT)),
            Self::Demo(_) | Self::Fhir(_) => Ok(Log::default()),
            // What a command did is its answer; the log has what went wrong.
            Self::Keys(_)
            | Self::Probe(_)
            | Self::Explain(_)
            | Self::Doctor(_)
            | Self::Migrate(_)
            | Self::Audit(_)
            | Self::Client(_)
            | Self::ResourceServer(_)
            | Self::Export(_)
            | Self::Grant(_)
            | Self::User(_)
            | Self::Brands(_)
            | Self::AppState(_) => Ok(Log::of("warn")),
        }
    }
}

/// Runs a command to its end.
pub(crate) async fn run(cli: Cli) -> Result<(), Fault> {
    cli.logging.start(&cli.command.log()?);
    match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Fhir(fhir) => fhir.run().await,
        Command::Gateway(gateway) => gateway.run().await,
        Command::Probe(probe) => probe.run().await,
        Command::Explain(explain) => explain.run().await,
        Command::Doctor(doctor) => doctor.run().await,
        Command::Keys(keys) => keys.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Audit(audit) => audit.run().await,
        Command::Client(client) => client.run().await,
        Command::ResourceServer(server) => server.run().await,
        Command::Export(export) => export.run().await,
        Command::Grant(grants) => grants.run().await,
        Command::User(user) => user.run().await,
        Command::Brands(brands) => brands.run().await,
        Command::AppState(state) => state.run().await,
    }
}

const WITHOUT_AUDIT: &str = "info,fireward::audit=warn";

/// Prints a line on stdout: the answer of a command, never a log.
pub(crate) fn say(line: &str) {
    // Whoever no longer listens, as `head` after its ten lines, has read enough.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}
