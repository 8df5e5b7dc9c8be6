//! Keeping what is known of a refusal, for the page that `error_uri` leads to.

use fireward_oauth::{
    ClientId, ExplanationId, Lifetime, Refused, explain::Explanation, metadata::error_uri,
};

use crate::{Refusal, Site, Visit, address::neighbourhood};

impl Site {
    /// Keeps what is known of a refusal, and says under which id. Nothing, where nothing is known besides the sentence,
    /// or where too much was refused lately: then `error_uri` leads to the page of the code alone.
    #[must_use]
    pub fn explain(
        &self,
        visit: &Visit,
        client: Option<&ClientId>,
        refused: &Refused,
    ) -> Option<ExplanationId> {
        if refused.facts.is_empty() {
            return None;
        }
        let now = self.now();
        let explanation = Explanation {
            issuer: self.id.clone(),
            id: ExplanationId::draw(&*self.entropy),
            code: refused.code.as_str().to_owned(),
            description: refused.description.clone(),
            client: client.cloned(),
            request: visit.request.clone(),
            facts: refused.facts.clone(),
            at: now,
            expires_at: now.plus(KEPT),
        };
        let id = explanation.id.clone();
        self.store
            .explain_later(explanation, &neighbourhood(visit.address).to_string())
            .then_some(id)
    }

    /// `error_uri` of a refusal.
    #[must_use]
    pub fn error_uri(&self, visit: &Visit, refusal: &Refusal) -> String {
        let (refused, client) = (&refusal.refused, refusal.client.as_ref());
        error_uri(&self.issuer, refused.code, self.explain(visit, client, refused).as_ref())
    }
}

/// For how long what happened in a request can be read: as `explained-forgotten-line` of the catalogues says.
const KEPT: Lifetime = Lifetime::hours(1);
