//! `fireward gateway`: SMART enforced before any FHIR R4 server.

use std::{path::PathBuf, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev::Server, web::Data};
use clap::Args;
use fireward_fhir::Rules;
use fireward_gateway::{
    Credential, Gateway as Proxy, Limits, Links, Settings, Upstream, configure,
};
use fireward_guard::Guard;
use fireward_jose::backend::rand::SystemRandom;
use fireward_keys::MasterKey;
use fireward_oauth::Entropy;
use fireward_outbound::{Configured, Outbound, Pem, Policy};
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::say;
use crate::{
    clock,
    config::{self, GatewayConfig, GatewayFile, Log, Security},
    entropy::SystemEntropy,
    fault::Fault,
    listen::{self, Bound},
    node,
    rules::SiteRules,
    tls,
};

/// A reverse proxy before any FHIR R4 server, which enforces SMART scopes on every resource that passes.
#[derive(Debug, Args)]
pub(crate) struct Gateway {
    /// A configuration file; flags go before what it says.
    #[arg(long, env = "FIREWARD_GATEWAY_CONFIG")]
    config: Option<PathBuf>,
    /// The FHIR base of the server behind.
    #[arg(long)]
    upstream: Option<String>,
    /// The FHIR base by which the server behind calls itself in links and references, if another.
    #[arg(long)]
    upstream_name: Option<String>,
    /// A file with a bearer token that the server behind asks for.
    #[arg(long)]
    upstream_token_file: Option<PathBuf>,
    /// The issuer whose tokens are accepted, as tokens name it.
    #[arg(long)]
    issuer: Option<String>,
    /// Where the issuer is reached from here, if elsewhere.
    #[arg(long)]
    issuer_address: Option<String>,
    /// The FHIR base URL, as clients know it and tokens name it in `aud`.
    #[arg(long)]
    base_url: Option<String>,
    /// The rules that hold beyond scopes, as a TOML file.
    #[arg(long, env = "FIREWARD_ACCESS_RULES")]
    rules: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long)]
    host: Option<String>,
    /// The port; 0 takes any free one.
    #[arg(long)]
    port: Option<u16>,
}

impl Gateway {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let mut file = self.read()?;
        let of_file = self.config.is_some();
        let port = self.port.unwrap_or(if of_file { file.listen.port } else { DEFAULT_PORT });
        let host = self.host.clone().unwrap_or_else(|| file.listen.host.clone());
        let bound = listen::bind(&host, port, "--port")?;
        self.over(&mut file);
        let scheme = if file.tls.is_some() { "https" } else { "http" };
        let own = || format!("{scheme}://localhost:{}/fhir", bound.address.port());
        let base = file.gateway.base_url.clone().unwrap_or_else(own);
        let gateway = Data::new(gateway(&file, &base)?);
        let tls = file.tls.as_ref().map(tls::server_config).transpose()?;
        let ready = serde_json::json!({
            "fhir": base, "issuer": file.security.server, "upstream": file.gateway.upstream,
            "listen": bound.address.to_string(), "pid": std::process::id(),
        });
        let workers = file.listen.workers.unwrap_or_else(node::cores);
        let server = serve(gateway, bound, tls, workers)?;
        let stop = node::Stop::listen()?;
        tracing::info!("{}", file.security.in_words());
        say(&format!("fireward ready {ready}"));
        stop.end(vec![server]).await;
        Ok(())
    }

    /// What the file says of logs.
    pub(super) fn log(&self) -> Result<Log, Fault> {
        Ok(self.read()?.log)
    }

    fn read(&self) -> Result<GatewayFile, Fault> {
        self.config.as_deref().map_or_else(|| Ok(GatewayFile::default()), GatewayFile::read)
    }

    /// Puts the flags over what the file says.
    fn over(&self, file: &mut GatewayFile) {
        let security = &mut file.security;
        let texts = [
            (&self.upstream, &mut file.gateway.upstream),
            (&self.upstream_name, &mut file.gateway.upstream_name),
            (&self.issuer, &mut security.server),
            (&self.base_url, &mut file.gateway.base_url),
        ];
        for (flag, value) in texts {
            if flag.is_some() {
                value.clone_from(flag);
            }
        }
        if self.upstream_token_file.is_some() {
            file.gateway.upstream_token_file.clone_from(&self.upstream_token_file);
        }
        if self.rules.is_some() {
            file.gateway.rules.clone_from(&self.rules);
        }
        security.reach(self.issuer_address.as_deref());
    }
}

fn gateway(file: &GatewayFile, base: &str) -> Result<Proxy, Fault> {
    let url = |name: &str, text: &str| {
        Url::parse(text).map_err(|why| Fault::Config(format!("{name}: {text}: {why}")))
    };
    let config = guarded(&file.security, base)?;
    let file = &file.gateway;
    let limits = Limits::default();
    let limits = Limits {
        body: file.largest_body.unwrap_or(limits.body),
        answer: file.largest_answer.unwrap_or(limits.answer),
        ..limits
    };
    let to_issuer = Arc::new(Outbound::new(Policy::default()));
    let guard = Guard::new(config, &to_issuer, Arc::new(|| clock::now().unix()));
    let upstream = needed("--upstream", file.upstream.as_ref())?;
    let address = Configured::new(upstream);
    let address = address.map_err(|why| Fault::Config(format!("--upstream: {upstream}: {why}")))?;
    let name =
        file.upstream_name.as_deref().map(|name| url("--upstream-name", name)).transpose()?;
    let outbound = Arc::new(Outbound::new(policy(file)?));
    let upstream = Upstream::new(outbound, address, name, credential(file)?, limits.answer);
    let links = Links::new(link_key(file)?, Arc::new(SystemRandom::new()));
    let entropy = SystemEntropy::new();
    let settings = Settings {
        base: url("--base-url", base)?,
        limits,
        since: clock::calendar().format(&Rfc3339).unwrap_or_default(),
        rules: rules(file)?,
        new_id: Arc::new(move || fireward_oauth::Jti::draw(&entropy).to_string()),
    };
    Ok(Proxy::new(Data::new(guard), upstream, links, settings))
}

/// Whom the gateway trusts. It stands before a server that lets everybody in, so it has no unprotected mode.
fn guarded(security: &Security, base: &str) -> Result<fireward_guard::Config, Fault> {
    if !security.enabled {
        let why = "[security] enabled = false: a gateway without security guards nothing; ask the server behind";
        return Err(Fault::Config(why.to_owned()));
    }
    security.guard(base)
}

/// What the site lays down beyond scopes, as far as a gateway can keep to it.
fn rules(file: &GatewayConfig) -> Result<Rules, Fault> {
    let site = SiteRules::of(file.rules.as_deref())?;
    if site.consents {
        let why = "the rules have consents = true: a gateway does not read what patients deny; the server behind must";
        return Err(Fault::Config(why.to_owned()));
    }
    Ok(site.rules)
}

/// How requests to the server behind are sent.
fn policy(file: &GatewayConfig) -> Result<Policy, Fault> {
    let octets = |path: &PathBuf| config::read(path).map(String::into_bytes);
    let authorities = file.upstream_authorities.as_ref().map(octets).transpose()?;
    let identity = file.upstream_certificate.as_ref().map(octets).transpose()?;
    Ok(Policy {
        timeout: Duration::from_secs(file.upstream_timeout.unwrap_or(30)),
        extra_roots: authorities.into_iter().collect(),
        identity: identity.map(Pem::new),
        ..Policy::default()
    })
}

fn credential(file: &GatewayConfig) -> Result<Credential, Fault> {
    let secret = |path: &PathBuf| config::read(path).map(|text| text.trim().to_owned());
    match (&file.upstream_token_file, &file.upstream_password_file) {
        (None, None) => Ok(Credential::None),
        (Some(path), None) => secret(path).map(Credential::Bearer),
        (None, Some(path)) => {
            let text = secret(path)?;
            let pair = text.split_once(':').map(|(name, word)| (name.to_owned(), word.to_owned()));
            let (name, word) =
                pair.ok_or_else(|| Fault::file("use", path, &"it holds no name:password"))?;
            Ok(Credential::Basic(name, word))
        }
        (Some(_), Some(_)) => Err(Fault::Config(
            "[gateway] has both upstream_token_file and upstream_password_file: a request has one \
             Authorization"
                .to_owned(),
        )),
    }
}

/// Without a file the links of this process end with it.
fn link_key(file: &GatewayConfig) -> Result<MasterKey, Fault> {
    match &file.link_key_file {
        Some(path) => crate::app_state::key_in(path),
        None => Ok(MasterKey::new((&SystemEntropy::new() as &dyn Entropy).draw::<32>())),
    }
}

fn serve(
    gateway: Data<Proxy>,
    bound: Bound,
    tls: Option<rustls::ServerConfig>,
    workers: usize,
) -> Result<Server, Fault> {
    let http = HttpServer::new(move || {
        let gateway = gateway.clone();
        App::new().configure(move |config| configure(config, gateway))
    });
    let http = http
        .workers(workers)
        .shutdown_timeout(5)
        .client_request_timeout(Duration::from_secs(10))
        .disable_signals();
    let listening = match tls {
        None => http.listen(bound.listener),
        Some(tls) => http.listen_rustls_0_23(bound.listener, tls),
    };
    Ok(listening.map_err(|why| Fault::Other(why.to_string()))?.run())
}

fn needed<'a>(flag: &str, value: Option<&'a String>) -> Result<&'a str, Fault> {
    let missing =
        || Fault::Config(format!("{flag} is needed, as a flag or in the file of --config"));
    value.map(String::as_str).ok_or_else(missing)
}

const DEFAULT_PORT: u16 = 8083;
