//! `[security]`: whom a FHIR server trusts. Three keys are enough: `enabled`, `server` and `jwks`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fireward_guard::{
    Account, Basic, Certificates, Config, Credential, Introspection, Keys, Nonce, TokenFormat,
    Trusted, Typ, Unreachable,
};
use fireward_jose::{Algorithm, backend::rand::SystemRandom};
use fireward_outbound::Configured;
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{GatewayFile, read};
use crate::{backend, fault::Fault};

/// The file of `fireward fhir`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FhirFile {
    /// The FHIR base URL, as clients know it.
    pub(crate) base_url: Option<String>,
    /// A file with the rules that hold beyond scopes.
    pub(crate) rules: Option<PathBuf>,
    /// Whether changes must say with `If-Match` which version they change; they are answered with 428 otherwise.
    pub(crate) require_if_match: bool,
    /// Whom it trusts.
    pub(crate) security: Security,
}

/// `[security]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Security {
    /// Whether requests need a token at all.
    pub(crate) enabled: bool,
    /// The issuer.
    pub(crate) server: Option<String>,
    /// Where its keys are; where its metadata says if not given.
    pub(crate) jwks: Option<String>,
    /// Whether a request may carry a password beside its token, of which both must be good.
    pub(crate) dual_credentials: bool,
    /// More of the issuer, and further issuers.
    pub(crate) issuer: Vec<IssuerSection>,
    /// Accounts of this server alone.
    pub(crate) account: Vec<AccountSection>,
    /// A file with 32 octets in hexadecimal, for nonces in proofs of possession; none are demanded without.
    pub(crate) dpop_nonce_key_file: Option<PathBuf>,
    /// The header in which a proxy tells the certificate of a client, and the addresses of that proxy.
    pub(crate) certificate_header: Option<String>,
    /// Networks or addresses.
    pub(crate) certificate_from: Vec<String>,
}

/// `[[security.issuer]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerSection {
    url: String,
    address: Option<String>,
    jwks: Option<String>,
    audience: Option<String>,
    #[serde(default)]
    algorithms: Vec<String>,
    #[serde(default)]
    token_format: Format,
    /// Whether its tokens may have the `typ` JWT (D-42).
    #[serde(default)]
    plain_typ: bool,
    /// The most that its tokens may open.
    scopes: Option<String>,
    /// As what this server is registered there, for introspection.
    oauth_client_name: Option<String>,
    client_secret_file: Option<PathBuf>,
    client_key_file: Option<PathBuf>,
    /// Within how many seconds a revoked token is refused, where the issuer publishes status lists.
    status_within: Option<i64>,
    #[serde(default)]
    status_optional: bool,
    #[serde(default)]
    status_lists: Vec<String>,
}

/// What tokens look like.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Jwt,
    Introspection,
    Either,
}

/// `[[security.account]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountSection {
    username: String,
    password_hash: String,
    #[serde(default)]
    claims: Map<String, Value>,
}

impl std::fmt::Debug for AccountSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountSection").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Default for Security {
    fn default() -> Self {
        Self {
            enabled: true,
            server: None,
            jwks: None,
            dual_credentials: false,
            issuer: Vec::new(),
            account: Vec::new(),
            dpop_nonce_key_file: None,
            certificate_header: None,
            certificate_from: Vec::new(),
        }
    }
}

impl FhirFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or has a key that does not exist.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let text = read(path)?;
        toml::from_str(&text).map_err(|why| Fault::Config(format!("{}: {why}", path.display())))
    }

    /// What a file says of this that may be a gateway's.
    ///
    /// # Errors
    /// As [`FhirFile::read`].
    pub(crate) fn of_any(path: &Path) -> Result<Self, Fault> {
        let table: toml::Table = toml::from_str(&read(path)?).unwrap_or_default();
        if !table.contains_key("gateway") {
            return Self::read(path);
        }
        let GatewayFile { gateway, security, .. } = GatewayFile::read(path)?;
        Ok(Self {
            base_url: gateway.base_url,
            rules: gateway.rules,
            security,
            require_if_match: false,
        })
    }
}

impl Security {
    /// For one issuer.
    pub(crate) fn trusting(server: &str) -> Self {
        Self { server: Some(server.to_owned()), ..Self::default() }
    }

    /// Further issuers.
    pub(crate) fn also(&mut self, issuers: impl Iterator<Item = String>) {
        self.issuer.extend(issuers.map(|url| IssuerSection::of(&url)));
    }

    /// Where the issuer at home is reached, if elsewhere.
    pub(crate) fn reach(&mut self, address: Option<&str>) {
        let (Some(address), Some(server)) = (address, self.server.clone()) else { return };
        let address = Some(address.to_owned());
        if let Some(section) = self.issuer.iter_mut().find(|one| one.url == server) {
            section.address = address;
        } else {
            self.issuer.push(IssuerSection { address, ..IssuerSection::of(&server) });
        }
    }

    /// The guard's settings for a FHIR base.
    ///
    /// # Errors
    /// When an address, key or scope is none, or nobody is trusted.
    pub(crate) fn guard(&self, base: &str) -> Result<Config, Fault> {
        if !self.enabled {
            return Ok(Config::unprotected(base));
        }
        let mut config = Config::trusting(self.issuers()?, base);
        if config.issuers.is_empty() && self.account.is_empty() {
            let why =
                "[security] server, or --issuer, must name the issuer whose tokens are accepted";
            return Err(Fault::Config(why.to_owned()));
        }
        config.dual_credentials = self.dual_credentials;
        config.basic = (!self.account.is_empty()).then(|| Basic {
            accounts: self.account.iter().map(AccountSection::account).collect(),
            remember: 60,
        });
        config.dpop.nonce = self.nonce()?;
        config.certificates = self.certificates()?;
        Ok(config)
    }

    /// What is checked, for the log of a start.
    pub(crate) fn in_words(&self) -> String {
        if !self.enabled {
            return "security: OFF, everybody may do everything".to_owned();
        }
        let mut words = Vec::new();
        words.extend(self.server.iter().map(|server| match &self.jwks {
            Some(jwks) => format!("tokens of {server} with keys at {jwks}"),
            None => format!("tokens of {server}"),
        }));
        let others = self.issuer.iter().filter(|one| Some(&one.url) != self.server.as_ref());
        words.extend(others.map(|one| format!("tokens of {}", one.url)));
        if !self.account.is_empty() {
            words.push(format!("{} local accounts", self.account.len()));
        }
        if self.dual_credentials {
            words.push("both in one request".to_owned());
        }
        format!("security: on, {}", words.join(", "))
    }

    fn issuers(&self) -> Result<Vec<Trusted>, Fault> {
        let named = |url: &str| self.issuer.iter().find(|one| one.url == url);
        let home = self.server.as_ref().map(|server| {
            let plain = IssuerSection::of(server);
            let mut home = named(server).unwrap_or(&plain).trusted()?;
            if let Some(jwks) = &self.jwks {
                home.keys = Keys::At(address("[security] jwks", jwks)?);
            }
            Ok(home)
        });
        let others = self.issuer.iter().filter(|one| Some(&one.url) != self.server.as_ref());
        home.into_iter().chain(others.map(IssuerSection::trusted)).collect()
    }

    fn nonce(&self) -> Result<Option<Nonce>, Fault> {
        let Some(path) = &self.dpop_nonce_key_file else { return Ok(None) };
        let text = read(path)?;
        let mut key = [0; 32];
        let mut octets = text.trim().as_bytes().chunks(2);
        for octet in &mut key {
            let pair = octets.next().and_then(|pair| std::str::from_utf8(pair).ok());
            let read = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
            *octet =
                read.ok_or_else(|| Fault::file("use", path, &"it has no 64 hexadecimal digits"))?;
        }
        Ok(Some(Nonce { key, lifetime: 60 }))
    }

    fn certificates(&self) -> Result<Certificates, Fault> {
        let Some(header) = &self.certificate_header else { return Ok(Certificates::None) };
        let network = |text: &String| {
            let single = || text.parse::<std::net::IpAddr>().map(IpNet::from);
            let wrong =
                |_| Fault::Config(format!("[security] certificate_from: {text} is no network"));
            text.parse().or_else(|_| single()).map_err(wrong)
        };
        let from = self.certificate_from.iter().map(network).collect::<Result<_, _>>()?;
        Ok(Certificates::Proxy { header: header.clone(), from })
    }
}

impl IssuerSection {
    fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            address: None,
            jwks: None,
            audience: None,
            algorithms: Vec::new(),
            token_format: Format::Jwt,
            plain_typ: false,
            scopes: None,
            oauth_client_name: None,
            client_secret_file: None,
            client_key_file: None,
            status_within: None,
            status_optional: false,
            status_lists: Vec::new(),
        }
    }

    fn trusted(&self) -> Result<Trusted, Fault> {
        let wrong = |why: String| Fault::Config(format!("the issuer {}: {why}", self.url));
        let mut trusted = Trusted::new(&self.url).map_err(|why| wrong(why.to_string()))?;
        if let Some(at) = &self.address {
            trusted.fetch_from = address("address", at)?;
        }
        if let Some(at) = &self.jwks {
            trusted.keys = Keys::At(address("jwks", at)?);
        }
        trusted.audience.clone_from(&self.audience);
        if !self.algorithms.is_empty() {
            let named = self.algorithms.iter().map(|name| name.parse::<Algorithm>());
            trusted.algorithms =
                named.collect::<Result<_, _>>().map_err(|why| wrong(why.to_string()))?;
        }
        let cap = self.scopes.as_ref().map(|scopes| scopes.parse()).transpose();
        trusted.cap = cap.map_err(|why| wrong(format!("scopes: {why}")))?;
        trusted.typ = if self.plain_typ { Typ::OrPlain } else { Typ::AccessToken };
        trusted.format = match self.token_format {
            Format::Jwt => TokenFormat::Jwt,
            Format::Introspection => TokenFormat::Introspection,
            Format::Either => TokenFormat::Either,
        };
        trusted.introspection = self.credential()?.map(Introspection::new);
        if trusted.format != TokenFormat::Jwt && trusted.introspection.is_none() {
            let why =
                "introspection needs oauth_client_name, and client_secret_file or client_key_file";
            return Err(wrong(why.to_owned()));
        }
        let status = &mut trusted.status;
        status.honour_within = self.status_within.unwrap_or(status.honour_within);
        status.elsewhere.clone_from(&self.status_lists);
        if self.status_optional {
            status.unreachable = Unreachable::Accept;
        }
        Ok(trusted)
    }

    fn credential(&self) -> Result<Option<Credential>, Fault> {
        let Some(client) = self.oauth_client_name.clone() else { return Ok(None) };
        match (&self.client_secret_file, &self.client_key_file) {
            (Some(path), None) => {
                Ok(Some(Credential::Secret { client, secret: read(path)?.trim().to_owned() }))
            }
            (None, Some(path)) => {
                let random = SystemRandom::new();
                let key = backend::from_pem(&read(path)?, None, &random);
                let key = Arc::new(key.map_err(|why| Fault::file("use", path, &why))?);
                Ok(Some(Credential::Key { client, key, random: Arc::new(random) }))
            }
            (Some(_), Some(_)) | (None, None) => Err(Fault::Config(format!(
                "the issuer {}: oauth_client_name needs either client_secret_file or client_key_file",
                self.url
            ))),
        }
    }
}

impl AccountSection {
    fn account(&self) -> Account {
        Account {
            username: self.username.clone(),
            password_hash: self.password_hash.clone(),
            claims: self.claims.clone(),
        }
    }
}

fn address(what: &str, text: &str) -> Result<Configured, Fault> {
    Configured::new(text).map_err(|why| Fault::Config(format!("{what}: {text}: {why}")))
}

#[cfg(test)]
#[path = "security_tests.rs"]
mod tests;
