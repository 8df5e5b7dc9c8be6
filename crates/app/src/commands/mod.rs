//! The command line: one file a command.

mod client;
mod demo;
mod fhir;
mod keys;
mod migrate;
mod place;
mod serve;
mod user;

use clap::{Parser, Subcommand};

use crate::{
    fault::Fault,
    telemetry::{self, LogFormat},
};

/// A self-hosted identity provider for FHIR ecosystems: OAuth 2, OpenID Connect, SMART App Launch 2.2.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Cli {
    /// What to log, on stderr: error, warn, info, debug, or a directive such as `fireward_store=debug`.
    #[arg(long, global = true, env = "FIREWARD_LOG", default_value = "info")]
    log: String,
    /// How log lines look.
    #[arg(long, global = true, env = "FIREWARD_LOG_FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Authorization server, FHIR server and demo EHR on this machine, with synthetic patients.
    Demo(demo::Demo),
    /// The authorization server as a configuration file says.
    Serve(serve::Serve),
    /// The demo FHIR R4 server alone, trusting an issuer.
    Fhir(fhir::Fhir),
    /// Signing keys: list, rotate, revoke.
    Keys(keys::Keys),
    /// Bring a database to this version's schema.
    Migrate(migrate::Migrate),
    /// Clients: import, list, show, remove. Also while the server runs.
    Client(client::Client),
    /// Users: import, list. Also while the server runs.
    User(user::User),
}

/// Runs a command to its end.
pub(crate) async fn run(cli: Cli) -> Result<(), Fault> {
    telemetry::start(cli.log_format, &cli.log);
    match cli.command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Fhir(fhir) => fhir.run().await,
        Command::Keys(keys) => keys.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Client(client) => client.run().await,
        Command::User(user) => user.run().await,
    }
}

/// Prints a line on stdout: the answer of a command, never a log.
#[expect(clippy::print_stdout, reason = "the one writer to stdout")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
