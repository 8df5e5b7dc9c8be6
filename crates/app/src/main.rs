#![doc = include_str!("../README.md")]

mod app_state;
mod backend;
mod clock;
mod commands;
mod config;
mod demo;
mod entropy;
mod fault;
mod listen;
mod metrics;
mod node;
mod probe;
mod rules;
mod telemetry;
mod tls;
mod unprotected;

use std::process::ExitCode;

use clap::Parser as _;

use commands::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // One clear sentence, where people and service managers look for it.
            eprintln!("fireward: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), fault::Fault> {
    // The crypto provider of every TLS connection, in and out; there is no other in the tree.
    let _ = rustls::crypto::ring::default_provider().install_default();
    actix_web::rt::System::new().block_on(commands::run(cli))
}
