//! Further pages of what was found, by links that carry the FHIR server's own query. We sign them: nobody searches at
//! will with our token, not even whoever holds the browser's cookie.

use fireward_jose::Algorithm;
use fireward_web::{Failure, Query};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use crate::{App, authorize::Flow, token::bearer::signed_by_us};

/// The pages of one picker.
pub(crate) struct Pager<'a> {
    pub(crate) app: &'a App,
    pub(crate) flow: &'a Flow,
    /// The picker's path.
    pub(crate) here: &'a str,
    /// What is picked there.
    pub(crate) of: &'a str,
}

/// What a link is signed over.
#[derive(Serialize, Deserialize)]
struct Page {
    iss: String,
    page: String,
}

impl Pager<'_> {
    /// The query of the page that a link of ours leads to; `None` for the first page, and whenever it is not ours.
    pub(crate) fn further(&self, query: &Query) -> Option<String> {
        let text = |name| query.0.one(name).ok().flatten().filter(|text| !text.is_empty());
        let (after, proof) = (text("after")?, text("proof")?);
        let signed = signed_by_us::<Page>(self.app, TYP, proof)?;
        let here = self.page(after);
        (signed.iss == here.iss && signed.page == here.page).then(|| after.to_owned())
    }

    /// A link to the page of this query, with further parameters.
    ///
    /// # Errors
    /// When there is no key to sign with now.
    pub(crate) fn link(&self, parameters: &[(&str, &str)], query: &str) -> Result<String, Failure> {
        let keyring = self.app.keyring.load();
        let key = keyring.signing(Algorithm::ES256, self.app.now().unix());
        let key = key.map_err(Failure::broken)?;
        let proof = key.sign(TYP, &self.page(query), &*self.app.random).map_err(Failure::broken)?;
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(parameters).append_pair("after", query).append_pair("proof", &proof);
        Ok(format!("{}?{}", self.here, pairs.finish()))
    }

    fn page(&self, query: &str) -> Page {
        Page {
            iss: self.app.site.issuer.as_str().to_owned(),
            page: format!("{} {} {query}", self.flow.purpose(), self.of),
        }
    }
}

/// What no other token of ours is.
const TYP: &str = "fireward-page+jwt";
