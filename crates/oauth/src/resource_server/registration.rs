//! Resource servers from files: what `[[fhir_server]]` of the configuration and `fireward resource-server import` read.

use std::fmt::Display;

use fireward_jose::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::{Host, Url};

use super::{AssociatedEndpoint, FHIR_R4, Provenance, ResourceServer, TokenFormat, is_namespace};
use crate::vocabulary::{ClientId, Issuer, IssuerId, Lifetime, ResourceServerId};

/// One resource server as a file has it. A member that nobody knows is an error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    id: String,
    name: Option<String>,
    base_url: String,
    address: Option<String>,
    audience: Option<String>,
    token_format: Option<String>,
    token_alg: Option<String>,
    access_token_lifetime: Option<u32>,
    scopes: Option<Vec<String>>,
    introspection_client: Option<String>,
    patient_namespace: Option<String>,
    home: Option<bool>,
    #[serde(default)]
    related_persons: bool,
    fhir_versions: Option<Vec<String>>,
    #[serde(default)]
    associated_endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    url: String,
    capabilities: Vec<String>,
}

/// A registration that cannot be: which server, and what of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not JSON, or with a member that nobody knows.
    #[error("not a resource server, nor a list of them, in JSON: {0}")]
    Json(String),
    /// One of them is wrong.
    #[error("{id}: {member}: {reason}")]
    Member {
        /// Which.
        id: String,
        /// The member that is wrong.
        member: &'static str,
        /// What was expected.
        reason: String,
    },
}

/// Whose the registrations are, and what they stand beside.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// The issuer's name in the database.
    pub issuer: &'a IssuerId,
    /// Its URL, where it is known: the audience of plain sign-in.
    pub url: Option<&'a Issuer>,
    /// The servers that it has.
    pub known: &'a [ResourceServer],
    /// Where the registrations come from.
    pub provenance: Provenance,
}

/// Reads a file: one server, a list, or `{"defaults": …, "resource_servers": […]}`, where what all have in common is
/// said once.
///
/// # Errors
/// When it is not that.
pub fn read_file(text: &[u8]) -> Result<Vec<Registration>, Unfit> {
    let unreadable = |fault: serde_json::Error| Unfit::Json(fault.to_string());
    let mut file: Value = serde_json::from_slice(text).map_err(unreadable)?;
    let defaults = file.get_mut("defaults").map(Value::take);
    let mut servers = match (file, defaults) {
        (Value::Object(mut file), defaults) if file.contains_key("resource_servers") => {
            let servers = file.remove("resource_servers").unwrap_or_default();
            file.remove("defaults");
            if let Some(name) = file.keys().next() {
                return Err(Unfit::Json(format!("unknown member `{name}`")));
            }
            with_defaults(servers, defaults)?
        }
        (_, Some(_)) => {
            return Err(Unfit::Json("`defaults` needs a list `resource_servers`".to_owned()));
        }
        (list @ Value::Array(_), None) => list,
        (one, None) => json!([one]),
    };
    serde_json::from_value(servers.take()).map_err(unreadable)
}

fn with_defaults(mut servers: Value, defaults: Option<Value>) -> Result<Value, Unfit> {
    let common = match defaults {
        None => Map::new(),
        Some(Value::Object(defaults)) => defaults,
        Some(_) => return Err(Unfit::Json("`defaults` must be an object".to_owned())),
    };
    for server in servers.as_array_mut().into_iter().flatten() {
        let Some(server) = server.as_object_mut() else { continue };
        for (name, value) in &common {
            server.entry(name).or_insert_with(|| value.clone());
        }
    }
    Ok(servers)
}

/// Makes resource servers of registrations, if each is right and all of them can stand beside one another.
///
/// # Errors
/// Names the first that cannot be, and why.
pub fn settle(news: Vec<Registration>, beside: Beside<'_>) -> Result<Vec<ResourceServer>, Unfit> {
    let wishes: Vec<_> = news.iter().map(|new| new.home).collect();
    let mut servers = Vec::with_capacity(news.len());
    for new in news {
        servers.push(new.check(beside)?);
    }
    let replaced = |known: &&ResourceServer| servers.iter().any(|new| new.id == known.id);
    let others: Vec<_> = beside.known.iter().filter(|known| !replaced(known)).collect();
    for (at, new) in servers.iter().enumerate() {
        let before = servers.iter().take(at).chain(others.iter().copied());
        before.into_iter().try_for_each(|other| apart(new, other))?;
    }
    let home = home(&servers, &wishes, &others)?;
    for (server, wish) in servers.iter_mut().zip(wishes) {
        server.home = home.as_ref() == Some(&server.patient_namespace);
        if wish == Some(false) && server.home {
            let reason = "false, but servers with the same patient_namespace are home";
            return Err(wrong(&server.id, "home", reason));
        }
    }
    Ok(servers)
}

/// What no two servers may share: a token or an `aud` must mean one of them.
fn apart(new: &ResourceServer, other: &ResourceServer) -> Result<(), Unfit> {
    if new.id == other.id {
        return Err(wrong(&new.id, "id", "is in the file twice"));
    }
    if new.is_named_by(&other.base_url) {
        return Err(wrong(&new.id, "base_url", format!("is that of {}", other.id)));
    }
    if new.audience == other.audience {
        let reason = format!("is that of {}, which would accept its tokens", other.id);
        return Err(wrong(&new.id, "audience", reason));
    }
    Ok(())
}

/// The one namespace whose ids users' own links name: as somebody says, as it was, or that of the first server.
fn home(
    news: &[ResourceServer],
    wishes: &[Option<bool>],
    others: &[&ResourceServer],
) -> Result<Option<String>, Unfit> {
    let was = others.iter().find(|other| other.home).map(|other| &other.patient_namespace);
    let mut home = was;
    for (new, _) in news.iter().zip(wishes).filter(|(_, wish)| **wish == Some(true)) {
        match home {
            Some(other) if *other != new.patient_namespace => {
                let reason = format!(
                    "users' own links name the patient ids of one namespace, and `{other}` is home"
                );
                return Err(wrong(&new.id, "home", reason));
            }
            Some(_) | None => home = Some(&new.patient_namespace),
        }
    }
    let mut open = news.iter().zip(wishes).filter(|(_, wish)| **wish != Some(false));
    let first = || open.next().map(|(new, _)| &new.patient_namespace);
    Ok(home.or_else(first).cloned())
}

impl Registration {
    fn check(self, beside: Beside<'_>) -> Result<ResourceServer, Unfit> {
        let id = ResourceServerId::parse(&self.id).map_err(|why| Unfit::Member {
            id: self.id.clone(),
            member: "id",
            reason: why.to_string(),
        })?;
        let fault = |member, reason: &dyn Display| wrong(&id, member, reason);
        let known = beside.known.iter().find(|known| known.id == id);
        if beside.provenance == Provenance::Registered
            && known.is_some_and(|known| known.provenance == Provenance::Configured)
        {
            return Err(fault("id", &"is a server of the configuration file: change it there"));
        }
        let base_url = base(&self.base_url).map_err(|why| fault("base_url", &why))?;
        let address = self.address.as_deref().map(address).transpose();
        let audience = self.audience.clone().unwrap_or_else(|| base_url.clone());
        let ours = beside.url.is_some_and(|url| url.as_str() == audience);
        if audience.is_empty() || audience.len() > 500 || ours {
            return Err(fault("audience", &"must be its own, and not the issuer's"));
        }
        let namespace = self.patient_namespace.clone().unwrap_or_else(|| "default".to_owned());
        if !is_namespace(&namespace) {
            return Err(fault("patient_namespace", &"must be a word of A-Z a-z 0-9 - _ . ~"));
        }
        let scopes = self.scopes.clone().unwrap_or_else(all_scopes).join(" ");
        let client = self.introspection_client.as_deref().map(ClientId::parse).transpose();
        Ok(ResourceServer {
            issuer: beside.issuer.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            address: address.map_err(|why| fault("address", &why))?,
            audience,
            token_format: self.format().map_err(|(member, why)| fault(member, &why))?,
            access_token_lifetime: self
                .lifetime()
                .map_err(|why| fault("access_token_lifetime", &why))?,
            scopes: scopes.parse().map_err(|why| fault("scopes", &why))?,
            introspection_client: client.map_err(|why| fault("introspection_client", &why))?,
            patient_namespace: namespace,
            home: false,
            related_persons: self.related_persons,
            fhir_versions: self.versions().map_err(|why| fault("fhir_versions", &why))?,
            associated_endpoints: self
                .endpoints()
                .map_err(|why| fault("associated_endpoints", &why))?,
            provenance: beside.provenance,
            base_url,
            id,
        })
    }

    fn format(&self) -> Result<TokenFormat, (&'static str, String)> {
        match (self.token_format.as_deref().unwrap_or("jwt"), self.token_alg.as_deref()) {
            ("jwt", alg) => {
                let alg = alg.map_or(Ok(Algorithm::ES256), str::parse);
                alg.map(|alg| TokenFormat::Jwt { alg }).map_err(|why| ("token_alg", why.to_string()))
            }
            ("opaque", None) if self.introspection_client.is_some() => Ok(TokenFormat::Opaque),
            ("opaque", None) => Err((
                "introspection_client",
                "opaque tokens say nothing by themselves: name the client that this server introspects them as"
                    .to_owned(),
            )),
            ("opaque", Some(_)) => Err(("token_alg", "opaque tokens are not signed".to_owned())),
            (_, _) => Err(("token_format", "must be jwt or opaque".to_owned())),
        }
    }

    fn lifetime(&self) -> Result<Option<Lifetime>, &'static str> {
        match self.access_token_lifetime {
            Some(seconds) if !(1..=86_400).contains(&seconds) => Err("must be 1 to 86400 seconds"),
            lifetime => Ok(lifetime.map(Lifetime::seconds)),
        }
    }

    fn versions(&self) -> Result<Vec<String>, &'static str> {
        let Some(versions) = &self.fhir_versions else { return Ok(vec![FHIR_R4.to_owned()]) };
        let legal = |text: &String| {
            (1..=20).contains(&text.len())
                && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-".contains(&octet))
        };
        let all = !versions.is_empty() && versions.len() <= 10 && versions.iter().all(legal);
        if all { Ok(versions.clone()) } else { Err("must be versions such as 4.0.1") }
    }

    fn endpoints(&self) -> Result<Vec<AssociatedEndpoint>, String> {
        let read = |one: &Endpoint| {
            // CF-5: short words are HL7's, others are full URIs.
            let known = |word: &String| word == "smart-app-state" || Url::parse(word).is_ok();
            if one.capabilities.is_empty() || !one.capabilities.iter().all(known) {
                return Err(format!(
                    "{}: capabilities must be smart-app-state or full URIs",
                    one.url
                ));
            }
            let url = base(&one.url).map_err(|why| format!("{}: {why}", one.url))?;
            Ok(AssociatedEndpoint { url, capabilities: one.capabilities.clone() })
        };
        self.associated_endpoints.iter().map(read).collect()
    }
}

/// What a registration would have to say for a server to be as it is; for lists and for moving it elsewhere.
#[must_use]
pub fn show(server: &ResourceServer) -> Value {
    let (format, alg) = match server.token_format {
        TokenFormat::Jwt { alg } => ("jwt", Some(alg.to_string())),
        TokenFormat::Opaque => ("opaque", None),
    };
    let endpoint =
        |one: &AssociatedEndpoint| json!({"url": one.url, "capabilities": one.capabilities});
    let mut members = json!({
        "id": server.id.as_str(),
        "name": server.name,
        "base_url": server.base_url,
        "audience": server.audience,
        "token_format": format,
        "scopes": server.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "patient_namespace": server.patient_namespace,
        "home": server.home,
        "related_persons": server.related_persons,
        "fhir_versions": server.fhir_versions,
    });
    let more = [
        ("address", server.address.clone().map(Value::from)),
        ("token_alg", alg.map(Value::from)),
        (
            "access_token_lifetime",
            server.access_token_lifetime.map(|span| span.as_seconds().into()),
        ),
        (
            "introspection_client",
            server.introspection_client.as_ref().map(|client| client.as_str().into()),
        ),
        (
            "associated_endpoints",
            (!server.associated_endpoints.is_empty())
                .then(|| server.associated_endpoints.iter().map(endpoint).collect()),
        ),
    ];
    if let Some(members) = members.as_object_mut() {
        members
            .extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    members
}

/// Every clinical scope.
#[must_use]
pub fn all_scopes() -> Vec<String> {
    ["patient/*.cruds", "user/*.cruds", "system/*.cruds"].map(str::to_owned).to_vec()
}

/// A base URL as clients use it: tokens travel there, so it is https, or on this machine.
fn base(text: &str) -> Result<String, &'static str> {
    let trimmed = address(text)?;
    let url = Url::parse(&trimmed).map_err(|_| NOT_AN_ADDRESS)?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || loopback {
        Ok(trimmed)
    } else {
        Err("must be https, or on loopback")
    }
}

/// Where something is, without the slash at its end.
fn address(text: &str) -> Result<String, &'static str> {
    let trimmed = text.strip_suffix('/').unwrap_or(text);
    let url = Url::parse(trimmed).map_err(|_| NOT_AN_ADDRESS)?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && !trimmed.ends_with('/');
    if plain { Ok(trimmed.to_owned()) } else { Err(NOT_AN_ADDRESS) }
}

const NOT_AN_ADDRESS: &str =
    "must be an absolute http or https URL without query, fragment or credentials";

fn wrong(id: &ResourceServerId, member: &'static str, reason: impl Display) -> Unfit {
    Unfit::Member { id: id.to_string(), member, reason: reason.to_string() }
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
