//! Structured logs on stderr. What may be logged is decided where it is logged: secrets have no `Debug`.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging; `filter` is a `tracing` directive such as `info` or `fireward_store=debug`.
pub(crate) fn start(format: LogFormat, filter: &str) {
    // Queries hold digests and personal data; a library's own debug lines are not ours to vouch for.
    let quiet = "sqlx=warn,sqlx::query=off,sea_orm=warn,actix_server=warn,reqwest=warn,hyper=warn,hyper_util=warn";
    let filter =
        EnvFilter::try_new(format!("{filter},{quiet}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    let started = match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    // A second start in one process keeps the first.
    drop(started);
}
