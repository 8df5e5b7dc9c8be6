//! A clinician signs in through the issuer and out again (OpenID Connect Core §3.1, RP-Initiated Logout 1.0 §2).

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Form, Query},
};
use fireward_jose::{b64, sha256};
use fireward_pages::Trouble;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use crate::{
    Ehr,
    config::SIGNED_OUT_PATH,
    failure::Failure,
    issuer::{
        Ask, Metadata, Redeemed,
        id_token::{self, Expected, IdClaims, NotSignedIn},
    },
    records,
    session::{Pending, Session, cookie::Kind},
};

/// Where signing in begins with a choice of account.
pub(crate) const ANOTHER_PATH: &str = "/ehr/sign-in?another=1";
/// Where signing in begins.
pub(crate) const SIGN_IN_PATH: &str = "/ehr/sign-in";
/// The `state` that the issuer hands back after signing out.
pub(crate) const SIGNED_OUT: &str = "signed-out";
const PATIENTS_PATH: &str = "/ehr/patients";

#[derive(Deserialize)]
pub(crate) struct Begin {
    onward: Option<String>,
    /// Whoever is signed in at the issuer is not who should be.
    another: Option<String>,
}

/// `GET /ehr/sign-in`: to the issuer.
pub(crate) async fn begin(
    ehr: Data<Ehr>,
    request: HttpRequest,
    begin: Query<Begin>,
) -> Result<HttpResponse, Failure> {
    let now = ehr.now();
    let secure = ehr.config().secure();
    let metadata = ehr.issuer().metadata(now).await?;
    // One name for the browser, so that two tabs may sign in at once.
    let browser = Kind::Browser.of(&request, secure).unwrap_or_else(|| ehr.sources().secret());
    let state = ehr.sources().secret();
    let pending = Pending {
        browser: browser.clone(),
        nonce: ehr.sources().secret(),
        verifier: ehr.sources().secret(),
        onward: onward(begin.onward.as_deref()),
    };
    let challenge = b64::encode(sha256(&pending.verifier));
    let ask = Ask { state: &state, nonce: &pending.nonce, challenge: &challenge };
    let mut address = metadata.authorize(ehr.config(), &ask);
    if begin.another.is_some() {
        // OpenID Connect Core §3.1.2.1: without it the issuer would answer for the same person again.
        address.query_pairs_mut().append_pair("prompt", "select_account");
    }
    ehr.sessions().begin(state, pending, now);
    Ok(HttpResponse::SeeOther()
        .cookie(Kind::Browser.set(&browser, secure))
        .insert_header((header::LOCATION, address.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// A page of ours and nothing else: this must not lead anywhere in the world.
fn onward(wish: Option<&str>) -> String {
    let ours = |path: &&str| {
        let within = *path == "/ehr" || path.starts_with("/ehr/");
        within && !path.contains(['\\', '\r', '\n']) && !path.starts_with(SIGN_IN_PATH)
    };
    wish.filter(ours).unwrap_or(PATIENTS_PATH).to_owned()
}

#[derive(Deserialize)]
pub(crate) struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// `GET /ehr/callback`: back from the issuer.
pub(crate) async fn finish(
    ehr: Data<Ehr>,
    request: HttpRequest,
    answer: Query<Answer>,
) -> Result<HttpResponse, Failure> {
    let now = ehr.now();
    let pending = pending(&ehr, &request, &answer)?;
    let metadata = ehr.issuer().metadata(now).await?;
    if !metadata.answered(answer.iss.as_deref()) {
        return Err(Failure::told(Trouble::FaultyRequest, "the answer is of another issuer"));
    }
    if let Some(error) = &answer.error {
        let trouble =
            if error == "access_denied" { Trouble::NotAllowed } else { Trouble::FaultyRequest };
        return Err(Failure::told(trouble, format!("the issuer answered {error:.40}")));
    }
    let code = answer.code.as_deref();
    let code =
        code.ok_or_else(|| Failure::told(Trouble::FaultyRequest, "neither code nor error"))?;
    let redeemed = ehr.issuer().redeem(ehr.caller(), &metadata, code, &pending.verifier).await;
    // Signing in again by itself could go round for ever: here a page stands between.
    let redeemed = redeemed.map_err(|failure| match failure {
        Failure::SessionEnded => Failure::told(Trouble::Expired, "the code was not honoured"),
        Failure::SignInFirst | Failure::Told(..) => failure,
    })?;
    let claims = prove(&ehr, &metadata, &redeemed.id_token, &pending.nonce).await?;
    let session = session(&ehr, redeemed, &claims).await?;
    let id = ehr.sources().secret();
    ehr.sessions().open(id.clone(), Arc::new(session), now);
    Ok(HttpResponse::SeeOther()
        .cookie(Kind::Session.set(&id, ehr.config().secure()))
        .insert_header((header::LOCATION, pending.onward))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// The sign-in that the answer belongs to, begun by this very browser.
fn pending(ehr: &Ehr, request: &HttpRequest, answer: &Answer) -> Result<Pending, Failure> {
    let browser = Kind::Browser.of(request, ehr.config().secure());
    let browser =
        browser.ok_or_else(|| Failure::told(Trouble::NoCookies, "no cookie came back"))?;
    let pending = answer.state.as_deref().and_then(|state| ehr.sessions().finish(state, ehr.now()));
    let pending = pending.ok_or_else(|| Failure::told(Trouble::Expired, "unknown state"))?;
    if same(&pending.browser, &browser) {
        Ok(pending)
    } else {
        Err(Failure::told(Trouble::Expired, "the sign-in was begun in another browser"))
    }
}

/// Verifies the ID token; with fresh keys where those at hand do not know its key.
async fn prove(
    ehr: &Ehr,
    metadata: &Metadata,
    token: &str,
    nonce: &str,
) -> Result<IdClaims, Failure> {
    let config = ehr.config();
    let now = ehr.now();
    let expected = Expected { issuer: &config.issuer, client_id: &config.client_id, nonce, now };
    let keys = ehr.issuer().keys(metadata, now).await?;
    let mut proven = id_token::verify(token, &keys, expected);
    if matches!(proven, Err(NotSignedIn::NoKey)) {
        let keys = ehr.issuer().fresh_keys(metadata, now).await?;
        proven = id_token::verify(token, &keys, expected);
    }
    proven.map_err(|fault| Failure::elsewhere(&fault))
}

async fn session(ehr: &Ehr, redeemed: Redeemed, claims: &IdClaims) -> Result<Session, Failure> {
    let fhir_user =
        claims.fhir_user.as_deref().and_then(|user| records::relative(ehr.fhir_url(), user));
    let clinician =
        |user: &String| user.starts_with("Practitioner/") || user.starts_with("PractitionerRole/");
    let fhir_user = fhir_user.filter(clinician);
    let fhir_user = fhir_user.ok_or_else(|| Failure::told(Trouble::NotYours, "not a clinician"))?;
    let name = match &claims.name {
        Some(name) => name.clone(),
        None => records::name_of(ehr, &redeemed.tokens.access, &fhir_user).await,
    };
    Ok(Session {
        csrf: ehr.sources().secret(),
        name,
        fhir_user,
        id_token: redeemed.id_token,
        tokens: Mutex::new(redeemed.tokens),
    })
}

#[derive(Deserialize)]
pub(crate) struct SignOut {
    csrf: String,
}

/// `POST /ehr/sign-out`: here, and at the issuer where it offers that.
pub(crate) async fn sign_out(
    ehr: Data<Ehr>,
    request: HttpRequest,
    form: Form<SignOut>,
) -> Result<HttpResponse, Failure> {
    let now = ehr.now();
    let secure = ehr.config().secure();
    let session = ehr.session(&request)?;
    own_form(&session, &form.csrf)?;
    Kind::Session.of(&request, secure).and_then(|id| ehr.sessions().close(&id, now));
    let metadata = ehr.issuer().metadata(now).await;
    let there = metadata.ok().and_then(|metadata| metadata.end_session_endpoint.clone());
    let address = there.map_or_else(
        || format!("{SIGNED_OUT_PATH}?state={SIGNED_OUT}"),
        |mut url| {
            url.query_pairs_mut()
                .append_pair("id_token_hint", &session.id_token)
                .append_pair("client_id", &ehr.config().client_id)
                .append_pair("post_logout_redirect_uri", &ehr.config().address_of(SIGNED_OUT_PATH))
                .append_pair("state", SIGNED_OUT);
            url.into()
        },
    );
    Ok(HttpResponse::SeeOther()
        .cookie(Kind::Session.clear(secure))
        .insert_header((header::LOCATION, address))
        .finish())
}

/// A form that changes something must come from a page that this session was given.
pub(crate) fn own_form(session: &Session, csrf: &str) -> Result<(), Failure> {
    let own = same(&session.csrf, csrf);
    if own {
        Ok(())
    } else {
        Err(Failure::told(Trouble::ForeignForm, "the form is not of this session"))
    }
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_on_to_our_own_pages_alone() {
        assert_eq!(onward(Some("/ehr/patients/p1?x=1")), "/ehr/patients/p1?x=1");
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/\\evil",
            "/ehr\\evil",
            "/ehrx",
            "/ehr/sign-in",
        ] {
            assert_eq!(onward(Some(foreign)), PATIENTS_PATH, "{foreign}");
        }
        assert_eq!(onward(None), PATIENTS_PATH);
    }
}
