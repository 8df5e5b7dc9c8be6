//! A token that was accepted, as handlers receive it.

use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use fireward_fhir::{Access, Denial, Interaction, Permit, Rules, permit};

use crate::{Guard, Refusal, Refused, RequestId, presented};

/// The bearer of a token that was accepted. A handler that takes one cannot be reached without.
#[derive(Debug)]
pub struct Bearer {
    access: Arc<Access>,
    realm: String,
    request: Option<RequestId>,
}

impl Bearer {
    /// What the token says.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Whether the token allows an interaction, under the rules of the server.
    ///
    /// # Errors
    /// It does not; the answer names the scope that would.
    pub fn permit(&self, interaction: &Interaction, rules: &Rules) -> Result<Permit, Refused> {
        permit(&self.access, interaction, rules).map_err(|denial| self.refuse(denial))
    }

    /// A denial that came later, of this request.
    #[must_use]
    pub fn refuse(&self, denial: Denial) -> Refused {
        tracing::info!(client = self.access.client(), reason = %denial, "request denied");
        Refused::new(Refusal::Denied(denial), self.realm.clone(), self.request.clone())
    }
}

impl FromRequest for Bearer {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { bearer(&request).await })
    }
}

async fn bearer(request: &HttpRequest) -> Result<Bearer, Refused> {
    let Some(guard) = request.app_data::<web::Data<Guard>>() else {
        tracing::error!("a route demands a token and the server has no guard");
        return Err(Refusal::Unavailable.of(request, ""));
    };
    let realm = &guard.config().audience;
    let admitted = match presented::token(request.headers(), request.query_string()) {
        Ok(token) => guard.admit(token).await,
        Err(refusal) => Err(refusal),
    };
    let access = admitted.map_err(|refusal| {
        tracing::info!(reason = %refusal, "request refused");
        refusal.of(request, realm)
    })?;
    let id = request.extensions().get::<RequestId>().cloned();
    Ok(Bearer { access, realm: realm.clone(), request: id })
}
