//! The checks, in the order in which one needs what the one before has found.

use fireward_jose::JwkSet;
use fireward_outbound::{Answer, Configured, Credentials, Outbound, Verb};
use fireward_scopes::{Scope, ScopeSet};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::Finding;
use crate::{
    clock,
    commands::explain::{DOCUMENT, metadata_of},
    fault::Fault,
    listen,
};

/// What is looked at.
pub(super) struct Patient {
    pub(super) outbound: Outbound,
    pub(super) fhir: String,
    pub(super) issuer: Option<String>,
    pub(super) client: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) scope: Option<String>,
}

/// Every check.
pub(super) async fn all(patient: &Patient) -> Result<Vec<Finding>, Fault> {
    let mut found = Vec::new();
    let metadata = patient.get(&format!("{}/metadata", patient.fhir)).await?;
    let alive = metadata.is_ok();
    found.push(fhir_server(&metadata));
    if !alive {
        return Ok(found);
    }
    found.push(demands_a_token(patient).await?);
    let own = patient.get(&address_of(&metadata_of(&patient.fhir)?)).await?;
    let smart = patient.get(&format!("{}/.well-known/smart-configuration", patient.fhir)).await?;
    found.push(smart_configuration(&smart));
    let Some(issuer) = issuer_of(patient, &own, &smart) else {
        let remedy = "name it with --issuer, or let the FHIR server publish /.well-known/oauth-protected-resource (RFC 9728)";
        found.push(Finding::wrong("issuer", "the FHIR server does not say whom it trusts", remedy));
        return Ok(found);
    };
    found.push(trusts(&own, &issuer));
    found.push(tls(patient, &issuer));
    found.push(clock_of("clock", &issuer, &patient.get(&issuer).await?));
    found.push(audience(patient, &own));
    found.push(known_there(patient, &issuer).await?);
    found.extend(of_issuer(patient, &issuer).await?);
    Ok(found)
}

/// What hangs on the issuer's metadata.
async fn of_issuer(patient: &Patient, issuer: &str) -> Result<Vec<Finding>, Fault> {
    let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let found = patient.get(&at).await?;
    let document: Value = match &found {
        Ok(answer) if answer.status == 200 => answer.json().unwrap_or_default(),
        Ok(answer) => {
            let said = format!("{at} answers with status {}", answer.status);
            let remedy = "check the issuer's URL: it is what tokens have as iss, to the letter";
            return Ok(vec![Finding::wrong("discovery", said, remedy)]);
        }
        Err(why) => {
            let remedy = "start the issuer, or check its name, the network and its certificate";
            return Ok(vec![Finding::wrong("discovery", format!("{at}: {why}"), remedy)]);
        }
    };
    let mut findings = vec![discovery(&document, issuer)];
    findings.push(keys(patient, &document).await?);
    findings.push(scopes(patient, &document));
    findings.push(registration(patient, &document).await?);
    Ok(findings)
}

fn fhir_server(answer: &Result<Answer, String>) -> Finding {
    let remedy = "check the base URL: {base}/metadata must answer with a CapabilityStatement";
    match answer {
        Ok(answer) if answer.status == 200 => {
            let document: Value = answer.json().unwrap_or_default();
            if document.get("resourceType") != Some(&Value::from("CapabilityStatement")) {
                return Finding::wrong("fhir", "/metadata is no CapabilityStatement", remedy);
            }
            let version = document.get("fhirVersion").and_then(Value::as_str).unwrap_or("?");
            Finding::good("fhir", format!("the FHIR server answers, version {version}"))
        }
        Ok(answer) => {
            Finding::wrong("fhir", format!("/metadata has status {}", answer.status), remedy)
        }
        Err(why) => Finding::wrong("fhir", format!("the FHIR server: {why}"), remedy),
    }
}

async fn demands_a_token(patient: &Patient) -> Result<Finding, Fault> {
    let answer = patient.get(&format!("{}/Patient?_count=1", patient.fhir)).await?;
    let status = answer.as_ref().map_or(0, |answer| answer.status);
    let challenge = answer.as_ref().ok().and_then(|answer| answer.header("www-authenticate"));
    Ok(match (status, challenge) {
        (401, Some(challenge)) if challenge.contains("Bearer") || challenge.contains("DPoP") => {
            Finding::good("protection", "without a token the answer is 401, with a challenge")
        }
        (401, _) => Finding::doubtful(
            "protection",
            "the answer without a token is 401, and has no Bearer challenge",
            "send WWW-Authenticate: Bearer (RFC 6750 §3), so that apps know what to do",
        ),
        (200, _) => Finding::wrong(
            "protection",
            "health records are handed out without any token",
            "enable security, or put `fireward gateway` in front",
        ),
        (status, _) => Finding::doubtful(
            "protection",
            format!("the answer without a token is {status}, not 401"),
            "answer 401 with WWW-Authenticate: Bearer",
        ),
    })
}

fn smart_configuration(answer: &Result<Answer, String>) -> Finding {
    let document: Value =
        answer.as_ref().ok().and_then(|answer| answer.json().ok()).unwrap_or_default();
    let has = |name: &str| document.get(name).is_some_and(Value::is_string);
    let remedy = "register its base at the issuer, whose document is served at {base}/.well-known/smart-configuration";
    if has("token_endpoint") && has("authorization_endpoint") {
        return Finding::good("smart", "the smart-configuration names where tokens are had");
    }
    Finding::wrong("smart", "there is no smart-configuration below the base", remedy)
}

/// What the operator says, else what the server says.
fn issuer_of(
    patient: &Patient,
    own: &Result<Answer, String>,
    smart: &Result<Answer, String>,
) -> Option<String> {
    let first = |document: Value| {
        let first = document.pointer("/authorization_servers/0").or(document.get("issuer"));
        first.and_then(Value::as_str).map(str::to_owned)
    };
    let said =
        [own, smart].into_iter().find_map(|answer| first(answer.as_ref().ok()?.json().ok()?));
    patient.issuer.clone().or(said)
}

fn trusts(own: &Result<Answer, String>, issuer: &str) -> Finding {
    let document: Value =
        own.as_ref().ok().and_then(|answer| answer.json().ok()).unwrap_or_default();
    let servers = document.get("authorization_servers").and_then(Value::as_array);
    match servers {
        Some(servers) if servers.iter().any(|one| one == issuer) => {
            Finding::good("issuer", format!("the FHIR server trusts {issuer}"))
        }
        Some(_) => Finding::wrong(
            "issuer",
            format!("the FHIR server does not trust {issuer}"),
            "compare the issuer in its configuration letter by letter, trailing slash included",
        ),
        None => Finding::doubtful(
            "issuer",
            format!("{issuer} is meant; the FHIR server itself does not say whom it trusts"),
            "publish /.well-known/oauth-protected-resource (RFC 9728)",
        ),
    }
}

fn tls(patient: &Patient, issuer: &str) -> Finding {
    let plain = |url: &&str| url.starts_with("http://") && !is_own(url);
    match [patient.fhir.as_str(), issuer].iter().find(|url| plain(url)) {
        Some(url) => Finding::wrong(
            "tls",
            format!("{url} is plain http: tokens and records can be read on the way"),
            "use https; plain http is for this machine's loopback alone",
        ),
        None => Finding::good("tls", "https with a certificate that is trusted, or loopback"),
    }
}

fn is_own(url: &str) -> bool {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| listen::is_loopback(&host))
}

fn clock_of(check: &'static str, whose: &str, answer: &Result<Answer, String>) -> Finding {
    let date = answer.as_ref().ok().and_then(|answer| answer.header("date"));
    let date = date.and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok());
    let Some(date) = date else {
        return Finding::not_checked(check, format!("{whose} sends no Date"));
    };
    let apart = (date.unix_timestamp() - clock::now().unix()).abs();
    if apart <= MOST_APART {
        return Finding::good(check, format!("the clocks are {apart} s apart"));
    }
    let remedy = "set the clocks by NTP: tokens would seem expired, or not valid yet";
    Finding::wrong(check, format!("the clock of {whose} is {apart} s off ours"), remedy)
}

fn audience(patient: &Patient, own: &Result<Answer, String>) -> Finding {
    let document: Value =
        own.as_ref().ok().and_then(|answer| answer.json().ok()).unwrap_or_default();
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    match document.get("resource").and_then(Value::as_str) {
        Some(resource) if bare(resource) == bare(&patient.fhir) => {
            Finding::good("audience", format!("tokens must have aud {resource}"))
        }
        Some(resource) => Finding::wrong(
            "audience",
            format!("the server is called {resource}, and was asked as {}", patient.fhir),
            "set its base URL to what apps send as aud, or have apps send this one",
        ),
        None => Finding::not_checked("audience", "the FHIR server does not say what it is called"),
    }
}

/// Whether a Fireward issuer knows this base; others have no such document.
async fn known_there(patient: &Patient, issuer: &str) -> Result<Finding, Fault> {
    let issuer = issuer.trim_end_matches('/');
    let query: String = url::form_urlencoded::byte_serialize(patient.fhir.as_bytes()).collect();
    let at = format!("{issuer}/.well-known/smart-configuration?aud={query}");
    Ok(match patient.get(&at).await? {
        Ok(answer) if answer.status == 200 => {
            Finding::good("registered", "the issuer knows this FHIR server")
        }
        Ok(_) | Err(_) => Finding::doubtful(
            "registered",
            "the issuer does not say that it knows this FHIR server",
            "register its base as [[fhir_server]] or with `fireward resource-server import`; another kind of issuer cannot be asked",
        ),
    })
}

fn discovery(document: &Value, issuer: &str) -> Finding {
    match document.get("issuer").and_then(Value::as_str) {
        Some(named) if named == issuer => {
            Finding::good("discovery", "the issuer's metadata can be read and names it")
        }
        Some(named) => Finding::wrong(
            "discovery",
            format!("the metadata there is of {named}"),
            "trust that name instead: tokens have it as iss",
        ),
        None => {
            Finding::wrong("discovery", "the metadata names no issuer", "check the issuer's URL")
        }
    }
}

async fn keys(patient: &Patient, document: &Value) -> Result<Finding, Fault> {
    let Some(at) = document.get("jwks_uri").and_then(Value::as_str) else {
        let remedy = "only introspection can work: configure token_format = \"introspection\"";
        return Ok(Finding::doubtful("keys", "the issuer names no jwks_uri", remedy));
    };
    let answer = match patient.get(at).await? {
        Ok(answer) => answer,
        Err(why) => {
            let remedy = "let the FHIR server's network reach that address";
            return Ok(Finding::wrong("keys", format!("{at}: {why}"), remedy));
        }
    };
    let set = JwkSet::parse_lenient(&answer.body).ok();
    let usable = set.iter().flat_map(JwkSet::iter).filter(|key| key.kid().is_some()).count();
    if usable == 0 {
        let remedy =
            "publish signing keys with kid: RSA of 2048 bits or more, P-256, P-384 or Ed25519";
        return Ok(Finding::wrong("keys", format!("{at} has no key that can be used"), remedy));
    }
    let kept = answer.header("cache-control").unwrap_or("no Cache-Control");
    Ok(Finding::good("keys", format!("{usable} keys, {kept}")))
}

fn scopes(patient: &Patient, document: &Value) -> Finding {
    let known = document.get("scopes_supported").and_then(Value::as_array);
    let known: Vec<_> = known.into_iter().flatten().filter_map(Value::as_str).collect();
    let listed = ScopeSet::sift(&known.join(" ")).unwrap_or_default().known;
    let asked = patient.scope.as_deref().unwrap_or_default();
    let sifted = ScopeSet::sift(asked).unwrap_or_default();
    let missing: Vec<_> =
        sifted.known.iter().filter(|one| !listed.covers(one)).map(Scope::to_string).collect();
    let unreadable = sifted.refused.into_iter().map(|(text, _)| text);
    let missing: Vec<_> = missing.into_iter().chain(unreadable).collect();
    if known.is_empty() {
        return Finding::not_checked("scopes", "the issuer does not say which scopes it knows");
    }
    if missing.is_empty() {
        let clinical = listed.clinical().count();
        return Finding::good("scopes", format!("{clinical} scopes for records are known"));
    }
    let remedy = "ask others, or add them to the resource server's scopes at the issuer";
    Finding::wrong("scopes", format!("the issuer does not know {}", missing.join(" ")), remedy)
}

async fn registration(patient: &Patient, document: &Value) -> Result<Finding, Fault> {
    let check = "client";
    let (Some(client), Some(secret)) = (&patient.client, &patient.secret) else {
        let said =
            "give --client-id and --client-secret-file to try the FHIR server's own credential";
        return Ok(Finding::not_checked(check, said));
    };
    let Some(at) = document.get("introspection_endpoint").and_then(Value::as_str) else {
        return Ok(Finding::not_checked(check, "the issuer has no introspection"));
    };
    let at = configured(at)?;
    let credentials = Credentials::Basic(client, secret);
    let asked = [("token", "not-a-token")];
    let answer = patient.outbound.post_form(&at, &asked, credentials, DOCUMENT).await;
    Ok(match answer {
        Ok(answer) if answer.status == 200 => {
            Finding::good(check, format!("{client} may introspect tokens"))
        }
        Ok(answer) => Finding::wrong(
            check,
            format!("the issuer refuses {client} with status {}", answer.status),
            "register it as a confidential client and name it as introspection_client of this server",
        ),
        Err(why) => Finding::wrong(check, why.to_string(), "let the FHIR server reach the issuer"),
    })
}

impl Patient {
    /// What is at an address; why nothing is.
    async fn get(&self, at: &str) -> Result<Result<Answer, String>, Fault> {
        let at = configured(at)?;
        let accept = [("accept", "application/json, application/fhir+json")];
        let asked =
            self.outbound.request((Verb::Get, &at), &accept, Credentials::None, LONGEST).await;
        Ok(asked.map_err(|why| why.to_string()))
    }
}

fn configured(at: &str) -> Result<Configured, Fault> {
    Configured::new(at).map_err(|why| Fault::Config(format!("{at}: {why}")))
}

fn address_of(at: &Configured) -> String {
    use fireward_outbound::Address as _;
    at.url().to_string()
}

/// How many seconds clocks may be apart: what the guard forgives.
const MOST_APART: i64 = 30;
/// A CapabilityStatement may be long.
const LONGEST: usize = 4 * 1024 * 1024;
