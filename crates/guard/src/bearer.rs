//! A token that was accepted, as handlers receive it.

use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, web};
use fireward_fhir::{Access, Denial, Interaction, Permit, Rules, permit};

use crate::presented::{Scheme, no_token_in};
use crate::refusal::Manner;
use crate::{Claims, Guard, Refusal, Refused, RequestId};

/// The bearer of a token that was accepted. A handler that takes one cannot be reached without.
#[derive(Debug, Clone)]
pub struct Bearer {
    claims: Arc<Claims>,
    scheme: Option<Scheme>,
    manner: Arc<Manner>,
    request: Option<RequestId>,
}

impl Bearer {
    /// What the token says of health records.
    #[must_use]
    pub fn access(&self) -> &Access {
        self.claims.access()
    }

    /// All that the token says.
    #[must_use]
    pub fn claims(&self) -> &Arc<Claims> {
        &self.claims
    }

    /// Whether the token allows an interaction, under the rules of the server.
    ///
    /// # Errors
    /// It does not; the answer names the scope that would.
    pub fn permit(&self, interaction: &Interaction, rules: &Rules) -> Result<Permit, Refused> {
        permit(self.access(), interaction, rules).map_err(|denial| self.refuse(denial))
    }

    /// A denial that came later, of this request.
    #[must_use]
    pub fn refuse(&self, denial: Denial) -> Refused {
        tracing::info!(client = self.access().client(), reason = %denial, "request denied");
        self.refused(Refusal::Denied(denial))
    }

    /// Refuses a form that holds a token: it would be in logs by then (RFC 6750 §2.2).
    ///
    /// # Errors
    /// It does.
    pub fn accepts_form(&self, form: &str) -> Result<(), Refused> {
        no_token_in(form).map_err(|refusal| self.refused(refusal))
    }

    fn refused(&self, refusal: Refusal) -> Refused {
        Refused {
            refusal,
            manner: Arc::clone(&self.manner),
            scheme: self.scheme,
            nonce: None,
            request: self.request.clone(),
        }
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

/// The claims alone, for handlers that decide for themselves.
impl FromRequest for Claims {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { bearer(&request).await.map(|bearer| Claims::clone(&bearer.claims)) })
    }
}

/// Demands a token for everything below, whatever the handlers take: for `actix_web::middleware::from_fn`.
///
/// # Errors
/// There is none that is accepted.
pub async fn enforce<B>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error>
where
    B: actix_web::body::MessageBody,
{
    bearer(request.request()).await?;
    next.call(request).await
}

async fn bearer(request: &HttpRequest) -> Result<Bearer, Refused> {
    let Some(guard) = request.app_data::<web::Data<Guard>>() else {
        tracing::error!("a route demands a token and the server has no guard");
        let refusal = Refusal::Unavailable("this server has no guard");
        return Err(Refused::of(refusal, &Arc::new(Manner::none()), request));
    };
    // A proof of possession is good once, so a request is checked once, however many ask this guard for its bearer.
    if let Some(bearer) = request.extensions().get::<Bearer>()
        && Arc::ptr_eq(&bearer.manner, guard.manner())
    {
        return Ok(bearer.clone());
    }
    match guard.check(request).await {
        Ok(admitted) => {
            let request_id = request.extensions().get::<RequestId>().cloned();
            let bearer = Bearer {
                claims: admitted.claims,
                scheme: admitted.scheme,
                manner: Arc::clone(guard.manner()),
                request: request_id,
            };
            request.extensions_mut().insert(bearer.clone());
            Ok(bearer)
        }
        Err(turned) => {
            let refused = Refused::of(turned.refusal, guard.manner(), request);
            tracing::info!(
                reason = %refused, check = refused.refusal.check(),
                request = refused.request.as_ref().map(|id| id.0.as_str()), "request refused"
            );
            let nonce = turned.scheme.and_then(|_| guard.nonce());
            Err(Refused { scheme: turned.scheme, nonce, ..refused })
        }
    }
}
