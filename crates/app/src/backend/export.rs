//! A bulk export from the kick-off to the last file (Bulk Data Access STU 2).

use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write as _},
    path::Path,
    time::Duration,
};

use fireward_outbound::{Answer, Configured, Credentials, Verb};
use serde::Deserialize;
use url::Url;

use super::{Backend, token::configured};
use crate::fault::Fault;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// The path below the FHIR base: `$export`, `Patient/$export` or `Group/[id]/$export`.
    pub(crate) path: &'a str,
    /// The parameters.
    pub(crate) query: Vec<(&'static str, String)>,
    /// Whether the export stays at the server when it is fetched.
    pub(crate) keep: bool,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "requiresAccessToken")]
    requires_access_token: bool,
    output: Vec<File>,
    #[serde(default)]
    deleted: Vec<File>,
    #[serde(default)]
    error: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    count: Option<u64>,
}

/// Exports into a folder, and gives how many resources there are of each type; `tell` hears how it goes.
///
/// # Errors
/// The server refuses, fails, or gives other files than it said; or they cannot be written.
pub(crate) async fn export(
    backend: &mut Backend,
    wanted: &Wanted<'_>,
    into: &Path,
    tell: impl Fn(&str),
) -> Result<BTreeMap<String, u64>, Fault> {
    fs::create_dir_all(into).map_err(|why| Fault::file("create the folder", into, &why))?;
    let status = kick_off(backend, wanted).await?;
    let text = wait(backend, &status, &tell).await?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|why| Fault::Other(format!("the manifest cannot be read: {why}")))?;
    let path = into.join("manifest.json");
    fs::write(&path, text).map_err(|why| Fault::file("write", &path, &why))?;
    let mut counts = BTreeMap::new();
    let lists =
        [("", &manifest.output), ("deleted.", &manifest.deleted), ("error.", &manifest.error)];
    for (list, files) in lists {
        for (file, number) in files.iter().zip(1..) {
            let kind: String = file.kind.chars().filter(char::is_ascii_alphanumeric).collect();
            let path = into.join(format!("{list}{kind}.{number}.ndjson"));
            let lines = fetch(backend, file, manifest.requires_access_token, &path).await?;
            tell(&format!("{}: {lines}", path.display()));
            *counts.entry(format!("{list}{kind}")).or_default() += lines;
        }
    }
    if !wanted.keep {
        let headers = [("accept", FHIR)];
        send(backend, (Verb::Delete, &status), &headers).await?;
    }
    Ok(counts)
}

async fn kick_off(backend: &mut Backend, wanted: &Wanted<'_>) -> Result<Configured, Fault> {
    let mut url = Url::parse(&format!("{}/{}", backend.fhir, wanted.path))
        .map_err(|why| Fault::Other(format!("{}: {why}", backend.fhir)))?;
    if !wanted.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&wanted.query);
    }
    let headers = [("accept", FHIR), ("prefer", "respond-async")];
    let at = configured(url.as_str())?;
    let answer = send(backend, (Verb::Get, &at), &headers).await?;
    match (answer.status, answer.header("content-location")) {
        (202, Some(status)) => ours(backend, status),
        _ => Err(refused("the export was not begun", &answer)),
    }
}

/// Asks until there is a manifest, no more often than the server wants.
async fn wait(
    backend: &mut Backend,
    at: &Configured,
    tell: impl Fn(&str),
) -> Result<String, Fault> {
    loop {
        let answer = send(backend, (Verb::Get, at), &[("accept", "application/json")]).await?;
        match answer.status {
            200 => return Ok(String::from_utf8_lossy(&answer.body).into_owned()),
            202 | 429 | 503 => {
                tell(answer.header("x-progress").unwrap_or("waiting"));
                let pause = answer.header("retry-after").and_then(|text| text.parse().ok());
                tokio::time::sleep(Duration::from_secs(pause.unwrap_or(5).clamp(1, 120))).await;
            }
            _ => return Err(refused("the export failed", &answer)),
        }
    }
}

async fn fetch(
    backend: &mut Backend,
    file: &File,
    with_token: bool,
    path: &Path,
) -> Result<u64, Fault> {
    let at = if with_token { ours(backend, &file.url)? } else { configured(&file.url)? };
    let token = if with_token { Some(backend.token().await?) } else { None };
    let credentials = token.as_deref().map_or(Credentials::None, Credentials::Bearer);
    let writing = |why: std::io::Error| Fault::file("write", path, &why);
    let mut out = BufWriter::new(fs::File::create(path).map_err(writing)?);
    let mut lines = 0;
    let take = |piece: &[u8]| {
        lines += piece.split(|octet| *octet == b'\n').skip(1).count() as u64;
        out.write_all(piece)
    };
    let answer = backend.outbound.download(&at, NDJSON, credentials, take).await;
    let answer = answer.map_err(|why| Fault::Other(format!("{}: {why}", file.url)))?;
    if answer.status != 200 {
        return Err(refused(&file.url, &answer));
    }
    out.flush().map_err(writing)?;
    match file.count {
        Some(count) if count != lines => {
            Err(Fault::Other(format!("{}: {lines} lines, and the manifest says {count}", file.url)))
        }
        _ => Ok(lines),
    }
}

async fn send(
    backend: &mut Backend,
    what: (Verb, &Configured),
    headers: &[(&str, &str)],
) -> Result<Answer, Fault> {
    let token = backend.token().await?;
    let answer =
        backend.outbound.request(what, headers, Credentials::Bearer(&token), MANIFEST).await;
    answer.map_err(|why| Fault::Other(format!("{}: {why}", backend.fhir)))
}

/// An address that the server names. The token goes to the server's own origin alone.
fn ours(backend: &Backend, url: &str) -> Result<Configured, Fault> {
    let base = Url::parse(&backend.fhir).ok();
    let own = Url::parse(url).is_ok_and(|url| Some(url.origin()) == base.map(|base| base.origin()));
    if own {
        return configured(url);
    }
    Err(Fault::Other(format!("{url} is another server's: the token is not sent there")))
}

fn refused(what: &str, answer: &Answer) -> Fault {
    let outcome: serde_json::Value = answer.json().unwrap_or_default();
    let why = outcome.pointer("/issue/0/diagnostics").and_then(serde_json::Value::as_str);
    Fault::Other(format!("{what}: status {} {}", answer.status, why.unwrap_or_default()))
}

const FHIR: &str = "application/fhir+json";
const NDJSON: &str = "application/fhir+ndjson";
const MANIFEST: usize = 16 * 1024 * 1024;
