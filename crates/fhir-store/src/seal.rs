//! What links to further pages are signed with: one key for all nodes, which the first of them puts into the database.

use fireward_jose::{b64, backend::hmac};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::error::RecordsError;
use crate::records::Records;

/// Signs marks of pages, so that a link can be followed only as it was given, by whom it was given to.
pub struct Seal(hmac::Key);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// The mark with its signature, for whoever and whatever the parts of `context` say.
    #[must_use]
    pub fn sign(&self, context: &[&str], mark: &str) -> String {
        let tag = hmac::sign(&self.0, &text(context, mark));
        format!("{mark}.{}", b64::encode(tag.as_ref()))
    }

    /// The mark that was signed for this context.
    #[must_use]
    pub fn open<'a>(&self, context: &[&str], signed: &'a str) -> Option<&'a str> {
        let (mark, tag) = signed.split_once('.')?;
        let tag = b64::decode(tag).ok()?;
        hmac::verify(&self.0, &text(context, mark), &tag).ok().map(|()| mark)
    }
}

/// Each part with its length, so that no two contexts make one text.
fn text(context: &[&str], mark: &str) -> Vec<u8> {
    let parts = context.iter().copied().chain([mark]);
    parts.flat_map(|part| format!("{}:{part}", part.len()).into_bytes()).collect()
}

impl Records {
    /// The key of this database. `fresh` is one drawn at random, for the database that has none yet.
    ///
    /// # Errors
    /// `Db`.
    pub async fn seal(&self, fresh: &str) -> Result<Seal, RecordsError> {
        let mut insert = Query::insert();
        insert.into_table(TABLE).columns(["name", "value"]);
        insert.values_panic([NAME.into(), fresh.into()]);
        insert.on_conflict(OnConflict::column("name").do_nothing().to_owned());
        let mut select = Query::select();
        select.column("value").from(TABLE).and_where(Expr::col("name").eq(NAME));
        if self.database.query_one(&select).await?.is_none() {
            self.database.execute(&insert).await?;
        }
        let row = self.database.query_one(&select).await?.ok_or(RecordsError::Raced)?;
        let value: String = row.try_get("", "value")?;
        Ok(Seal(hmac::Key::new(hmac::HMAC_SHA256, value.as_bytes())))
    }
}

const TABLE: &str = "fhir_secret";
const NAME: &str = "pages";

#[cfg(test)]
mod tests {
    use super::{Seal, hmac};

    #[test]
    fn a_mark_is_opened_where_it_was_signed_for() {
        let seal = Seal(hmac::Key::new(hmac::HMAC_SHA256, b"key"));
        let signed = seal.sign(&["alice", "Observation"], "mark");
        assert_eq!(seal.open(&["alice", "Observation"], &signed), Some("mark"));
        for context in [&["bob", "Observation"][..], &["aliceO", "bservation"], &["alice"], &[]] {
            assert_eq!(seal.open(context, &signed), None, "{context:?}");
        }
        for other in ["mark", "mark.", "mork.AAAA", "", ".", &signed.replace("mark", "mork")] {
            assert_eq!(seal.open(&["alice", "Observation"], other), None, "{other}");
        }
        let other = Seal(hmac::Key::new(hmac::HMAC_SHA256, b"another"));
        assert_eq!(other.open(&["alice", "Observation"], &signed), None);
        assert_eq!(format!("{seal:?}"), "Seal(…)");
    }
}
