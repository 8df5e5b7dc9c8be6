//! `fireward explain --token … "GET /Observation?…"`: why a FHIR server allows or denies a request.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use fireward_fhir::{Decision, Interaction, Request, decide};
use fireward_guard::{Examination, Guard};
use fireward_outbound::{Configured, Credentials, Outbound, Policy, Verb};
use serde_json::{Value, json};

use super::say;
use crate::{
    clock,
    config::{FhirFile, Security, read},
    fault::Fault,
    rules::SiteRules,
};

/// Tells which check of a FHIR server a request passes or fails: of the token, then of what it opens. The server is not
/// asked for any record, and the token goes to nobody but its issuer.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The request, such as "GET /Observation?patient=1".
    request: String,
    /// The access token; `-` reads it from standard input, so that it stays out of the shell's history.
    #[arg(long, env = "FIREWARD_TOKEN", hide_env_values = true)]
    token: String,
    /// The FHIR server's base: whom it trusts is asked of it.
    #[arg(long)]
    fhir: Option<String>,
    /// Or the file that `fireward fhir` or `fireward gateway` reads: whom it trusts stands there, also for introspection,
    /// and by which rules it goes.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The rules that hold at the server beyond scopes, where the file names none.
    #[arg(long, env = "FIREWARD_ACCESS_RULES")]
    rules: Option<PathBuf>,
    /// The base, where the file has none.
    #[arg(long)]
    base_url: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let token = match self.token.as_str() {
            "-" => read(&PathBuf::from("-"))?,
            token => token.to_owned(),
        };
        let (guard, site) = self.server().await?;
        let base = guard.config().audience.clone();
        let asked = interaction(&self.request, &base)?;
        let examined = guard.examine(token.trim()).await;
        let decision =
            examined.claims.as_ref().map(|claims| decide(claims.access(), &asked, &site.rules));
        if self.json {
            say(&in_json(&examined, decision.as_ref()).to_string());
        } else {
            say(&in_words(&self.request, &examined, decision.as_ref()));
            if site.consents {
                say("(what patients deny in consents is not looked up here)");
            }
        }
        Ok(())
    }

    /// The guard that the server has, and the rules.
    async fn server(&self) -> Result<(Guard, SiteRules), Fault> {
        let outbound = Arc::new(Outbound::new(Policy::default()));
        let mut rules = self.rules.clone();
        let config = match (&self.config, &self.fhir) {
            (Some(path), _) => {
                let file = FhirFile::of_any(path)?;
                rules = rules.or(file.rules);
                let base = self.base_url.as_ref().or(self.fhir.as_ref()).or(file.base_url.as_ref());
                let why = "the file has no base_url: give --base-url";
                let base = base.ok_or_else(|| Fault::Config(why.to_owned()))?;
                file.security.guard(base)?
            }
            (None, Some(fhir)) => {
                let (base, issuers) = trusted_by(&outbound, fhir).await?;
                let mut security = Security::default();
                let mut issuers = issuers.into_iter();
                security.server = issuers.next();
                security.also(issuers);
                security.guard(&base)?
            }
            (None, None) => {
                return Err(Fault::Config(
                    "say which server: --fhir URL or --config FILE".to_owned(),
                ));
            }
        };
        let guard = Guard::new(config, &outbound, Arc::new(|| clock::now().unix()));
        Ok((guard, SiteRules::of(rules.as_deref())?))
    }
}

/// The base by which a FHIR server knows itself, and whom it trusts (RFC 9728 §3).
pub(super) async fn trusted_by(
    outbound: &Outbound,
    fhir: &str,
) -> Result<(String, Vec<String>), Fault> {
    let at = metadata_of(fhir)?;
    let accept = [("accept", "application/json")];
    let asked = outbound.request((Verb::Get, &at), &accept, Credentials::None, DOCUMENT).await;
    let answer = asked.map_err(|why| Fault::Other(format!("{fhir}: {why}")))?;
    let document: Value = answer.json().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let issuers = document.get("authorization_servers").and_then(Value::as_array);
    let issuers: Vec<_> = issuers.into_iter().flatten().filter_map(text).collect();
    match document.get("resource").and_then(text) {
        Some(base) if !issuers.is_empty() => Ok((base, issuers)),
        _ => Err(Fault::Other(format!(
            "{fhir} does not say whom it trusts (RFC 9728, status {}): give --config with its [security]",
            answer.status
        ))),
    }
}

/// Where a server says what it is to OAuth (RFC 9728 §3.1).
pub(super) fn metadata_of(fhir: &str) -> Result<Configured, Fault> {
    let wrong = |why: &dyn std::fmt::Display| Fault::Config(format!("{fhir}: {why}"));
    let mut url = url::Url::parse(fhir).map_err(|why| wrong(&why))?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{}{path}", fireward_guard::PROTECTED_RESOURCE));
    url.set_query(None);
    Configured::new(url.as_str()).map_err(|why| wrong(&why))
}

/// What is asked, whether written below the base or in full.
fn interaction(request: &str, base: &str) -> Result<Interaction, Fault> {
    let (method, target) = request.trim().split_once(' ').unwrap_or(("GET", request.trim()));
    let target = target.trim().strip_prefix(base.trim_end_matches('/')).unwrap_or(target.trim());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let method = method.to_ascii_uppercase();
    let (form, if_none_exist) = (None, None);
    let asked = Request { method: &method, path: &path, query, form, if_none_exist, base };
    Interaction::parse(&asked).map_err(|why| Fault::Other(format!("{request}: {why}")))
}

fn in_words(request: &str, examined: &Examination, decision: Option<&Decision>) -> String {
    let mut lines = vec!["the token".to_owned()];
    for (check, finding) in &examined.steps {
        lines.push(format!("{:>12}  {}", finding.as_str(), check.name()));
    }
    if let Some(refusal) = &examined.refusal {
        lines.push(format!("=> {}: {refusal}", refusal.status()));
    }
    if let Some(decision) = decision {
        lines.push(format!("the request {request}"));
        lines.extend(decision.to_string().lines().map(|line| format!("    {line}")));
        if examined.refusal.is_some() {
            lines.push("(what it would open if it were accepted)".to_owned());
        }
    }
    lines.join("\n")
}

fn in_json(examined: &Examination, decision: Option<&Decision>) -> Value {
    let steps = examined.steps.iter();
    let steps: Vec<_> = steps
        .map(|(check, finding)| json!({ "check": check.name(), "finding": finding.as_str() }))
        .collect();
    let refusal = examined.refusal.as_ref();
    json!({
        "token": {
            "steps": steps,
            "accepted": refusal.is_none(),
            "status": refusal.map(fireward_guard::Refusal::status),
            "why": refusal.map(ToString::to_string),
        },
        "request": decision.map(Decision::to_json),
    })
}

/// How many octets a document may have.
pub(super) const DOCUMENT: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_or_without_method_base_and_slash() {
        let base = "http://localhost:8081/fhir";
        let plain = interaction("GET /Observation?patient=1", base).unwrap();
        for other in [
            "get Observation?patient=1",
            "/Observation?patient=1",
            "GET http://localhost:8081/fhir/Observation?patient=1",
        ] {
            assert_eq!(interaction(other, base).unwrap(), plain, "{other}");
        }
        assert!(interaction("GET /nowhere/at/all/here", base).is_err());
    }

    #[test]
    fn the_metadata_of_a_server_stands_before_its_path() {
        let at = metadata_of("https://h.example/a/fhir/").unwrap();
        let text = format!("{at:?}");
        assert!(text.contains("h.example/.well-known/oauth-protected-resource/a/fhir)"), "{text}");
    }
}
