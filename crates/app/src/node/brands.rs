//! Publishing the user-access brands of a file: the same way for the command, the configuration and the demo.

use fireward_oauth::{
    Issuer, IssuerId, Timestamp,
    audit::{Actor, Event, Kind},
    brands::{BrandIdentifier, Draft, Finding, MOST_OCTETS, Published},
};
use fireward_store::Store;

use crate::fault::Fault;

/// A draft from the text of a file.
///
/// # Errors
/// When it is no JSON, or too large.
pub(crate) fn brands_draft(text: &str, named: Option<BrandIdentifier>) -> Result<Draft, Fault> {
    if text.len() > MOST_OCTETS {
        return Err(Fault::Config("the bundle has more than 4 MiB".to_owned()));
    }
    let bundle = fireward_jose::json::from_slice(text.as_bytes());
    let bundle = bundle.map_err(|why| Fault::Config(why.to_string()))?;
    Ok(Draft { bundle, named })
}

/// Publishes a draft in the place of whatever is published; answers the SHOULDs that it does not follow, or nothing
/// where it is published already.
///
/// # Errors
/// All that is wrong with it, where it breaks a rule.
pub(crate) async fn publish_brands(
    store: &Store,
    (id, issuer): (&IssuerId, &Issuer),
    draft: Draft,
    now: Timestamp,
) -> Result<Option<Vec<Finding>>, Fault> {
    let mut event = Event::new(id.clone(), now, Actor::Operator, Kind::BrandsChanged);
    "bundle".clone_into(&mut event.detail);
    let published = store.transact(async |tx| {
        let before = tx.brands().find(id).await?;
        let published = draft.clone().publish(before.as_ref(), issuer, now);
        if let Published::New(publication, _) = &published {
            let tag = before.as_ref().map(|before| before.tag.as_str());
            tx.brands().publish(id, tag, publication).await?;
            tx.audit().write(&event).await?;
        }
        Ok(published)
    });
    match published.await? {
        Published::New(_, findings) => Ok(Some(findings)),
        Published::Unchanged => Ok(None),
        Published::Refused(findings) => {
            let lines: Vec<_> = findings.iter().map(|finding| format!("\n  {finding}")).collect();
            Err(Fault::Config(format!("the bundle cannot be published:{}", lines.concat())))
        }
    }
}
