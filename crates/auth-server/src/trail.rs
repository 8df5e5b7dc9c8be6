//! The audit log on its way into the trail of a FHIR server, where it is searched beside that server's own events.
//!
//! The log is its own outbox: an entry is in the transaction of what it is about, and each node's chain is in order and
//! has no gaps. An entry's id is its digest, so that one that is sent again, after a crash or a lost answer, is not there
//! twice.

use fireward_oauth::{
    audit::{
        Event,
        fhir::{Record, audit_event},
    },
    resource_server::ResourceServer,
};
use fireward_outbound::{Configured, Credentials};
use fireward_store::audit::Undelivered as Waiting;

use crate::{App, patient};

/// Where the audit log is delivered.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditTo {
    /// The FHIR base. At one that is registered as a resource server the issuer shows a token of its own.
    pub base: String,
    /// A bearer token for any other.
    pub bearer: Option<String>,
}

impl std::fmt::Debug for AuditTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditTo").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Why entries still wait.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undelivered(String);

/// Delivers what waits, chain by chain and in order; how many entries were delivered. To be called again and again, by
/// one node at a time: two at once do no harm.
///
/// # Errors
/// At the first entry that is not taken. It, and what comes after it, waits.
pub async fn deliver(app: &App, to: &AuditTo) -> Result<u64, Undelivered> {
    let store = &app.site.store;
    let chains = store.read().audit().chains().await.map_err(ours)?;
    let servers = store.resource_servers(&app.site.id).await.map_err(ours)?;
    let server = servers.iter().find(|server| server.base_url == to.base.trim_end_matches('/'));
    let mut delivered = 0;
    for chain in chains {
        loop {
            let waiting = store.read().audit().undelivered(&chain, PAGE).await.map_err(ours)?;
            if waiting.is_empty() {
                break;
            }
            let mut last = None;
            let done = in_order(app, to, (server, &servers), (&waiting, &mut last)).await;
            settle(app, &chain, last, done.as_ref().err()).await?;
            delivered += done?;
        }
    }
    Ok(delivered)
}

/// Sends entries of one chain in order, and says in `last` how far it came.
async fn in_order(
    app: &App,
    to: &AuditTo,
    servers: (Option<&ResourceServer>, &[ResourceServer]),
    (waiting, last): (&[Waiting], &mut Option<i64>),
) -> Result<u64, Undelivered> {
    let server = servers.0;
    let token = match server {
        Some(server) => Some(own_token(app, server).await?),
        None => to.bearer.clone(),
    };
    let base = server.map_or(to.base.as_str(), |server| server.reached_at());
    let mut delivered = 0;
    for one in waiting {
        let record = record(app, &one.event, servers).await?;
        let event = audit_event(&one.id, &one.event, &app.site.issuer, record);
        put(app, base, (&one.id, event.to_string()), token.as_deref()).await?;
        *last = Some(one.seq);
        delivered += 1;
    }
    Ok(delivered)
}

/// Writes down how far it went.
async fn settle(
    app: &App,
    chain: &str,
    last: Option<i64>,
    fault: Option<&Undelivered>,
) -> Result<(), Undelivered> {
    let now = app.now();
    let settled = app.site.store.transact(async |tx| {
        if let Some(seq) = last {
            tx.audit().delivered(chain, seq, now).await?;
        }
        match fault {
            Some(fault) => tx.audit().not_delivered(chain, &fault.0, now).await,
            None => Ok(()),
        }
    });
    settled.await.map_err(ours)
}

/// At which server the patient is whom an entry is about: an id of one says nothing at another.
async fn record<'a>(
    app: &App,
    event: &Event,
    (here, servers): (Option<&ResourceServer>, &'a [ResourceServer]),
) -> Result<Record<'a>, Undelivered> {
    let same = |one: &ResourceServer| {
        here.is_some_and(|here| here.patient_namespace == one.patient_namespace)
    };
    if servers.iter().all(same) || event.patient.is_none() {
        return Ok(Record::Here);
    }
    let Some(grant) = &event.grant else { return Ok(Record::Unknown) };
    let grant = app.site.store.read().grants().find(&app.site.id, grant).await.map_err(ours)?;
    let server = grant.as_ref().and_then(|grant| grant.server(servers));
    let server = server.and_then(|server| servers.iter().find(|one| one.id == server.id));
    Ok(match server {
        Some(server) if same(server) => Record::Here,
        Some(server) => Record::At(&server.base_url),
        None => Record::Unknown,
    })
}

async fn put(
    app: &App,
    base: &str,
    (id, event): (&str, String),
    token: Option<&str>,
) -> Result<(), Undelivered> {
    let at = Configured::new(&format!("{}/AuditEvent/{id}", base.trim_end_matches('/')));
    let at = at.map_err(ours)?;
    let credentials = token.map_or(Credentials::None, Credentials::Bearer);
    let answer = app.outbound.put_new(&at, (FHIR_JSON, event), credentials, MOST_OCTETS).await;
    match answer.map_err(ours)?.status {
        // 412: an earlier attempt, of which nobody heard, has put it there.
        200..=299 | 412 => Ok(()),
        status => Err(Undelivered(format!("{base} answers {status} to AuditEvent/{id}"))),
    }
}

async fn own_token(app: &App, server: &ResourceServer) -> Result<String, Undelivered> {
    let token = patient::token(app, server, "system/AuditEvent.cu".to_owned()).await;
    token.map_err(|_| Undelivered("the issuer cannot sign a token for itself".to_owned()))
}

fn ours(fault: impl std::fmt::Display) -> Undelivered {
    Undelivered(fault.to_string())
}

const FHIR_JSON: &str = "application/fhir+json";
const MOST_OCTETS: usize = 64 * 1024;

/// How many are sent before it is written down how far that is.
const PAGE: u64 = 50;
