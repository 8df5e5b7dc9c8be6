//! `fireward serve --config fireward.toml`: the production form.

use std::{path::PathBuf, str::FromStr as _};

use clap::Args;
use fireward_oauth::policy::Policy;
use fireward_outbound::Allowed;
use fireward_pages::Brand;
use fireward_store::Durability;
use ipnet::IpNet;

use super::say;
use crate::{
    config::{BrandsConfig, Config},
    fault::Fault,
    listen,
    metrics::Metrics,
    node::{self, Node, Serving, Settings},
    tls,
};

/// The authorization server as a configuration file says. `docs/configuration.md` lists every key.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration file.
    #[arg(long, env = "FIREWARD_CONFIG", default_value = "fireward.toml")]
    config: PathBuf,
    /// Another port than the file's; 0 takes any free one.
    #[arg(long)]
    port: Option<u16>,
    /// Serve Prometheus metrics on this port, besides or instead of what the file says.
    #[arg(long)]
    metrics_port: Option<u16>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let config = self.read()?;
        // The port first: that it is taken is the commonest mistake, and the quickest to find.
        let bound =
            listen::bind(&config.listen.host, self.port.unwrap_or(config.listen.port), "--port")?;
        let tls = config.tls.as_ref().map(tls::server_config).transpose()?;
        let metrics = self.metrics(&config)?;
        let node = Node::open(settings(&config)?, config.keys.master()?).await?;
        let tasks = node.start_tasks(metrics.as_ref());
        let workers = config.listen.workers.unwrap_or_else(node::cores);
        let server =
            node::serve(&node, Serving { listener: bound.listener, tls, workers, metrics })?;
        let ready = serde_json::json!({
            "issuer": config.issuer.url, "listen": bound.address.to_string(), "pid": std::process::id(),
        });
        let stop = node::Stop::listen()?;
        say(&format!("fireward ready {ready}"));
        stop.end(vec![server]).await;
        drop(tasks);
        node.finish().await;
        Ok(())
    }

    /// The file.
    pub(super) fn read(&self) -> Result<Config, Fault> {
        Config::read(&self.config)
    }

    fn metrics(&self, config: &Config) -> Result<Option<Metrics>, Fault> {
        let configured =
            config.metrics.as_ref().map(|metrics| (metrics.host.as_str(), metrics.port));
        let asked =
            self.metrics_port.map(|port| (configured.map_or("127.0.0.1", |(host, _)| host), port));
        let Some((host, port)) = asked.or(configured) else { return Ok(None) };
        let metrics = Metrics::default();
        actix_web::rt::spawn(metrics.serve(host, port)?);
        Ok(Some(metrics))
    }
}

/// What the file says, in the terms of a node.
fn settings(config: &Config) -> Result<Settings, Fault> {
    let issuer_id = config.issuer.parse_id().map_err(Fault::Config)?;
    let policy = Policy {
        capabilities: config.smart.capabilities().map_err(Fault::Config)?,
        marks: config.consent.marks().map_err(Fault::Config)?,
        ..config.lifetimes.policy().map_err(Fault::Config)?
    };
    let trusted = config.proxy.iter().flat_map(|proxy| &proxy.trusted);
    let brand = Brand {
        name: config.issuer.name.clone(),
        support: config.issuer.support(),
        ..Brand::default()
    };
    Ok(Settings {
        name: config.node.name.clone(),
        issuer: config.issuer.parse().map_err(Fault::Config)?,
        brand,
        style: config.style.parse().map_err(Fault::Config)?,
        database_url: config.database.resolve()?,
        durability: Durability::Full,
        keys: config.keys.policy(&policy),
        servers: config.fhir_servers.clone(),
        ehr_origins: config.issuer.parse_ehr_origins().map_err(Fault::Config)?,
        proxies: trusted.map(|text| network(text)).collect::<Result<_, _>>()?,
        outbound: fireward_outbound::Policy {
            allow_supplied: allowed(&config.outbound.allow_supplied)?,
            ..fireward_outbound::Policy::default()
        },
        brands: config.brands.as_ref().map(BrandsConfig::draft).transpose()?,
        audit: config.audit.place()?,
        policy,
        issuer_id,
    })
}

/// A network, or a single address.
fn network(text: &str) -> Result<IpNet, Fault> {
    let single = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    let wrong = |_| Fault::Config(format!("[proxy] trusted: {text} is no address or network"));
    IpNet::from_str(text).or_else(|_| single()).map_err(wrong)
}

fn allowed(texts: &[String]) -> Result<Vec<Allowed>, Fault> {
    let parse = |text: &String| {
        Allowed::from_str(text)
            .map_err(|why| Fault::Config(format!("[outbound] allow_supplied: {why}")))
    };
    texts.iter().map(parse).collect()
}
