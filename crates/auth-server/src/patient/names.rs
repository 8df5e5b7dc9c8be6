//! What patients are called, for pages of the account.

use std::{collections::BTreeMap, pin::Pin, time::Duration};

use fireward_oauth::{ResourceServerId, launch::is_fhir_id};
use fireward_web::Names;

use super::{
    card::person,
    directory::{Directory, Unanswered},
};
use crate::App;

impl Names for App {
    fn of<'a>(
        &'a self,
        server: &'a ResourceServerId,
        patients: &'a [String],
    ) -> Pin<Box<dyn Future<Output = BTreeMap<String, String>> + 'a>> {
        Box::pin(async move {
            let found = tokio::time::timeout(PATIENCE, look_up(self, server, patients)).await;
            // A page of connected apps is of use without names, and above all when something is wrong.
            found.ok().and_then(Result::ok).unwrap_or_default()
        })
    }
}

async fn look_up(
    app: &App,
    server: &ResourceServerId,
    patients: &[String],
) -> Result<BTreeMap<String, String>, Unanswered> {
    let servers = app.site.store.resource_servers(&app.site.id).await;
    let servers = servers.map_err(|fault| Unanswered::Ours(fault.into()))?;
    let ids = patients.iter().map(String::as_str).filter(|id| is_fhir_id(id)).take(MOST);
    let ids = ids.collect::<Vec<_>>().join(",");
    let known = servers.iter().find(|one| one.id == *server).filter(|_| !ids.is_empty());
    let Some(known) = known else { return Ok(BTreeMap::new()) };
    let query = format!("_id={ids}&_count={MOST}");
    let found = Directory::at(app, known).search("Patient", &query).await?;
    let named = found.resources.iter().filter_map(|patient| {
        Some((patient.get("id")?.as_str()?.to_owned(), person(patient).name))
    });
    Ok(named.collect())
}

const PATIENCE: Duration = Duration::from_secs(2);
const MOST: usize = 50;
