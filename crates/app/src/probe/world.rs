//! Two patients of the server, and something of each.

use serde_json::Value;

use super::{Minter, Shot, Target, Wanted};
use crate::fault::Fault;

/// What the attacks are about.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// The patient in context.
    pub(crate) own: String,
    /// The patient who is none of the app's business.
    pub(crate) other: String,
    /// An Observation of theirs.
    pub(crate) others: String,
    /// An Observation of the patient in context, which is not a vital sign.
    pub(crate) laboratory: Option<String>,
    /// How many Observations the patient in context has.
    pub(crate) count: u64,
    /// A token that opens everything.
    pub(crate) anyone: String,
}

impl World {
    /// Looks around with a token that opens everything.
    ///
    /// # Errors
    /// There is no such token here, or too little to look at.
    pub(crate) async fn find(
        target: &Target,
        minter: &Minter,
        wanted: &Wanted,
    ) -> Result<Self, Fault> {
        let anyone = minter.token("system/*.cruds", None)?;
        let look = Look { target, token: &anyone };
        let ids = look.ids("Patient?_count=100").await?;
        let mut found = Vec::new();
        let named = [&wanted.patient, &wanted.other].into_iter().flatten().cloned();
        for id in named.chain(ids) {
            let bare = id.strip_prefix("Patient/").unwrap_or(&id).to_owned();
            let known = found.iter().any(|(known, _): &(String, String)| *known == bare);
            if known || found.len() == 2 {
                continue;
            }
            let observations =
                look.ids(&format!("Observation?patient=Patient/{bare}&_count=1")).await?;
            found.extend(observations.into_iter().next().map(|one| (bare, one)));
        }
        let [(own, _), (other, others)] = found.as_slice() else {
            let told = "a probe needs two patients with an Observation each: name them with --patient and --other";
            return Err(Fault::Other(told.to_owned()));
        };
        let laboratory = format!("Observation?patient=Patient/{own}&category=laboratory&_count=1");
        let laboratory = look.ids(&laboratory).await.unwrap_or_default().into_iter().next();
        let count =
            look.total(&format!("Observation?patient=Patient/{own}&_summary=count")).await?;
        let (own, other, others) = (own.clone(), other.clone(), others.clone());
        Ok(Self { own, other, others, laboratory, count, anyone })
    }
}

struct Look<'a> {
    target: &'a Target,
    token: &'a str,
}

impl Look<'_> {
    async fn ids(&self, target: &str) -> Result<Vec<String>, Fault> {
        let bundle = self.see(target).await?;
        let entries = bundle.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
        let kind = target.split('?').next().unwrap_or_default();
        let id = |entry: &Value| {
            let resource = entry.get("resource")?;
            let is_match = resource.get("resourceType").and_then(Value::as_str) == Some(kind);
            resource.get("id").and_then(Value::as_str).filter(|_| is_match).map(str::to_owned)
        };
        Ok(entries.iter().filter_map(id).collect())
    }

    async fn total(&self, target: &str) -> Result<u64, Fault> {
        let total = self.see(target).await?.get("total").and_then(Value::as_u64);
        Ok(total.unwrap_or(u64::MAX))
    }

    async fn see(&self, target: &str) -> Result<Value, Fault> {
        let seen = self.target.send(&Shot::get(target).by(self.token)).await?;
        if seen.is_success() {
            return Ok(seen.json);
        }
        Err(Fault::Other(format!(
            "{} cannot be probed: a good token with system/*.cruds gets {} for {target}. Does it trust the issuer \
             that the probe plays, under this audience?",
            self.target.base(),
            seen.brief()
        )))
    }
}
