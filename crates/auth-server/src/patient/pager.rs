//! Further pages of what was found, by links that carry the FHIR server's own query, sealed: nobody searches at will
//! with our token.

use fireward_web::{Query, Visit, csrf};
use url::form_urlencoded::Serializer;

use crate::authorize::Flow;

/// The pages of one picker.
pub(crate) struct Pager<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) flow: &'a Flow,
    /// The picker's path.
    pub(crate) here: &'a str,
    /// What is picked there.
    pub(crate) of: &'a str,
}

impl Pager<'_> {
    /// The query of the page that a link of ours leads to; `None` for the first page, and whenever it is not ours.
    pub(crate) fn further(&self, query: &Query) -> Option<String> {
        let text = |name| query.0.one(name).ok().flatten().unwrap_or_default();
        let (after, proof) = (text("after"), text("proof"));
        let ours = csrf::is_ours(&self.visit.browser, &self.purpose(after), proof);
        (!after.is_empty() && ours).then(|| after.to_owned())
    }

    /// A link to the page of this query, with further parameters.
    pub(crate) fn link(&self, parameters: &[(&str, &str)], query: &str) -> String {
        let proof = csrf::token(&self.visit.browser, &self.purpose(query));
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(parameters).append_pair("after", query).append_pair("proof", &proof);
        format!("{}?{}", self.here, pairs.finish())
    }

    fn purpose(&self, query: &str) -> String {
        format!("page {} {} {query}", self.flow.purpose(), self.of)
    }
}
