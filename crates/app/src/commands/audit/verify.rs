//! `fireward audit verify`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use fireward_jose::b64;
use fireward_store::audit::{Break, Head, Verified};
use serde::Deserialize;
use serde_json::json;

use crate::{
    commands::{place::Opened, say},
    config,
    fault::Fault,
};

/// One line of what was kept.
#[derive(Deserialize)]
struct Kept {
    node: String,
    entries: i64,
    head: String,
}

pub(super) async fn verify(
    kept: Option<&Path>,
    json: bool,
    Opened { store, .. }: Opened,
) -> Result<(), Fault> {
    let kept = kept.map(read).transpose()?.unwrap_or_default();
    let audit = store.read().audit();
    let mut nodes: BTreeSet<String> = audit.chains().await?.into_iter().collect();
    nodes.extend(kept.keys().cloned());
    let (mut entries, mut broken) = (0, None);
    for node in &nodes {
        let verified = audit.verify(node, kept.get(node)).await?;
        say(&if json { as_json(node, &verified) } else { as_line(node, &verified) });
        entries += verified.head.seq;
        broken = broken.or(verified.broken.map(|at| (node, at)));
    }
    match broken {
        None if json => Ok(()),
        None => {
            say(&format!("{entries} entries of {} nodes are as they were written", nodes.len()));
            Ok(())
        }
        Some((node, at)) => Err(Fault::Other(sentence(node, at))),
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, Head>, Fault> {
    let text = config::read(path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(line).collect::<Result<_, _>>().map_err(|why| Fault::file("use", path, &why))
}

fn line(text: &str) -> Result<(String, Head), String> {
    let kept: Kept = serde_json::from_str(text).map_err(|why| why.to_string())?;
    let digest = b64::decode(&kept.head).map_err(|why| why.to_string())?;
    Ok((kept.node, Head { seq: kept.entries, digest }))
}

fn sentence(node: &str, Break { seq, entry }: Break) -> String {
    match entry {
        Some(entry) => format!(
            "the audit log is not as it was written: the chain of {node} breaks at seq {seq}, \
             found at entry {entry}"
        ),
        None => format!(
            "the audit log is not as it was written: the chain of {node} ends before seq {seq}, \
             which was there"
        ),
    }
}

fn as_json(node: &str, Verified { head, waiting, broken }: &Verified) -> String {
    let broken = broken.map(|at| json!({ "seq": at.seq, "entry": at.entry }));
    json!({
        "node": node,
        "entries": head.seq,
        "head": b64::encode(&head.digest),
        "waiting": waiting,
        "broken": broken,
    })
    .to_string()
}

fn as_line(node: &str, Verified { head, waiting, broken }: &Verified) -> String {
    let state = broken.map_or_else(|| "good".to_owned(), |at| format!("broken at seq {}", at.seq));
    format!("{node}\t{state}\t{} entries\t{waiting} waiting", head.seq)
}
