//! What an app asks of `/logout`, checked.

use std::sync::Arc;

use fireward_oauth::{
    ClientId, ErrorCode, RedirectUri, Refused,
    authorize::Params,
    client::{Client, Status},
};
use fireward_pages::Trouble;
use fireward_web::{Failure, Fault};
use url::form_urlencoded::Serializer;

use super::carried;
use crate::{App, authorize::Hint};

/// A request to sign out.
pub(super) struct Ask {
    client: Option<Arc<Client>>,
    /// Registered by the client: nothing else is ever a way back (R16).
    back: Option<RedirectUri>,
    state: Option<String>,
    carried: Vec<(String, String)>,
}

impl Ask {
    /// Reads and checks a request.
    pub(super) async fn read(app: &App, params: &Params) -> Result<Self, Failure> {
        let one = |name: &'static str| params.one(name).map_err(|twice| bad(&twice.to_string()));
        let hint = match one("id_token_hint")? {
            Some(token) => Some(
                Hint::verify(app, token)
                    .ok_or_else(|| bad("id_token_hint is not an ID token of this issuer"))?,
            ),
            None => None,
        };
        let named = one("client_id")?
            .map(ClientId::parse)
            .transpose()
            .map_err(|_| bad("client_id is malformed"))?;
        let hinted = hint.map(|hint| hint.client);
        if let (Some(named), Some(hinted)) = (&named, &hinted)
            && named != hinted
        {
            return Err(bad("client_id is not the client that the ID token was for"));
        }
        let client = match named.or(hinted) {
            Some(id) => app.site.store.client(&app.site.id, &id).await?,
            None => None,
        };
        let client = client.filter(|client| client.status == Status::Active);
        let back = match one("post_logout_redirect_uri")? {
            Some(asked) => Some(registered(client.as_deref(), asked)?),
            None => None,
        };
        let state = one("state")?.map(str::to_owned);
        Ok(Self { client, back, state, carried: carried(params) })
    }

    /// The address to go back to, with `state` as it came.
    pub(super) fn back(&self) -> Option<String> {
        let back = self.back.as_ref()?.as_str();
        let Some(state) = &self.state else { return Some(back.to_owned()) };
        let joint = if back.contains('?') { '&' } else { '?' };
        let query = Serializer::new(String::new()).append_pair("state", state).finish();
        Some(format!("{back}{joint}{query}"))
    }

    /// The app that asked, by name.
    pub(super) fn app_name(&self) -> Option<String> {
        self.client.as_ref().map(|client| client.about.name.clone())
    }

    /// The app that asked.
    pub(super) fn client_id(&self) -> Option<ClientId> {
        self.client.as_ref().map(|client| client.id.clone())
    }

    /// What the confirmation sends back, to be checked again.
    pub(super) fn hidden(&self) -> Vec<(String, String)> {
        self.carried.clone()
    }

    /// The same request as a query.
    pub(super) fn query(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.carried).finish()
    }
}

fn registered(client: Option<&Client>, asked: &str) -> Result<RedirectUri, Failure> {
    let client =
        client.ok_or_else(|| bad("post_logout_redirect_uri needs id_token_hint or client_id"))?;
    let found = client.post_logout_redirect_uris.iter().any(|uri| uri.as_str() == asked);
    if found {
        return Ok(RedirectUri::from_stored(asked.to_owned()));
    }
    let refused = Refused::new(
        ErrorCode::InvalidRequest,
        "post_logout_redirect_uri is not registered for this client: it must be exactly one of those registered",
    );
    let parameter = Some("post_logout_redirect_uri".to_owned());
    let app = Some(client.about.name.clone());
    Err(Fault { parameter, app, ..Fault::new(Trouble::UnknownReturnAddress).because(&refused) }
        .into())
}

fn bad(sentence: &str) -> Failure {
    Fault::new(Trouble::FaultyRequest)
        .because(&Refused::new(ErrorCode::InvalidRequest, sentence))
        .into()
}
