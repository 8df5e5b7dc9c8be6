//! From the parameters of `/authorize` to a request that may be asked about.
//!
//! What is wrong before the redirect URI is proven is a page, never a redirect; what is wrong after it
//! goes back to the client (RFC 6749 §4.1.2.1).

use fireward_scopes::ScopeSet;

use super::{
    Carrier, MalformedPrompt, Params, Prompt, RedirectTarget, Repeated, ResponseMode,
    allowed::{Measure, allowed},
};
use crate::{
    capability::{Capabilities, Capability},
    client::{Client, GrantType, Profile, Status},
    error::{Code, Refused, ensure},
    explain::{Cause, Fact},
    grants::{Dropped, Reason},
    resource_server::ResourceServer,
    vocabulary::{
        ClientId, Digest, LaunchHandle, Lifetime, PkceChallenge, RedirectUri, ResourceServerId,
    },
};

/// A valid authorization request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes.
    pub target: RedirectTarget,
    /// Whether the request named the redirect URI, so that the token request must too.
    pub redirect_uri_sent: bool,
    /// `scope`, as it was asked.
    pub asked: ScopeSet,
    /// What of it may be granted at most, in the form it was asked.
    pub allowed: ScopeSet,
    /// Why each of the others may not.
    pub dropped: Vec<Dropped>,
    /// The FHIR server that `aud` or `resource` named.
    pub resource_server: Option<ResourceServerId>,
    /// The EHR launch it belongs to.
    pub launch: Option<Digest<LaunchHandle>>,
    /// `code_challenge`.
    pub challenge: Option<PkceChallenge>,
    /// `nonce`.
    pub nonce: Option<String>,
    /// `prompt`.
    pub prompt: Prompt,
    /// `max_age`.
    pub max_age: Option<Lifetime>,
    /// `login_hint`, to prefill the user name.
    pub login_hint: Option<String>,
    /// `id_token_hint`, still to be verified by who holds the keys.
    pub id_token_hint: Option<String>,
    /// `ui_locales`.
    pub ui_locales: Option<String>,
}

/// Why a request cannot be asked about.
#[derive(Debug, Clone, PartialEq)]
pub enum Rejection {
    /// The client or its redirect URI is not proven: a page, never a redirect (AL-15).
    Page(Refused),
    /// The client is told.
    Redirect(RedirectTarget, Refused),
}

/// What a request is held against.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The client that `client_id` names, if there is one.
    pub client: Option<&'a Client>,
    /// The issuer's resource servers.
    pub servers: &'a [ResourceServer],
    /// What the issuer promises.
    pub capabilities: &'a Capabilities,
    /// How the request came.
    pub came: Came,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Came {
    /// From the client itself (RFC 9126).
    pub pushed: bool,
    /// As a signed request object (RFC 9101).
    pub signed: bool,
}

/// Decides whether a request may be asked about.
///
/// # Errors
/// Says why not, and whom to tell.
pub fn validate(params: &Params, around: Surroundings<'_>) -> Result<Request, Rejection> {
    let client = proven_client(params, around.client).map_err(Rejection::Page)?;
    let (target, sent) = proven_target(params, client)?;
    match read(params, client, around, (&target, sent)) {
        Ok(request) => Ok(request),
        Err(refused) => Err(Rejection::Redirect(target, refused)),
    }
}

fn proven_client<'a>(params: &Params, client: Option<&'a Client>) -> Result<&'a Client, Refused> {
    let named = params.one("client_id").map_err(repeated)?;
    named.ok_or_else(|| invalid("client_id is missing"))?;
    let client =
        client.ok_or_else(|| invalid("client_id names no client that is registered here"))?;
    ensure(client.status == Status::Active, invalid("this client is disabled"))?;
    Ok(client)
}

/// Where the answer to a request goes, whatever else is wrong with it.
///
/// # Errors
/// The redirect URI is not the client's, or how to answer there cannot be told.
pub fn proven_target(
    params: &Params,
    client: &Client,
) -> Result<(RedirectTarget, bool), Rejection> {
    let (uri, sent) = proven_redirect(params, client).map_err(Rejection::Page)?;
    let target = |state: Option<&str>| {
        RedirectTarget::proven(uri.clone(), state.map(str::to_owned), client.omit_iss)
    };
    let state = params.one("state");
    let state = state.map_err(|twice| Rejection::Redirect(target(None), repeated(twice)))?;
    let mode = response_mode(params, &uri);
    let mode = mode.map_err(|refused| Rejection::Redirect(target(state), refused))?;
    Ok((target(state).by(mode), sent))
}

fn proven_redirect(params: &Params, client: &Client) -> Result<(RedirectUri, bool), Refused> {
    let asked = one(params, "redirect_uri")?;
    let openid = params.all("scope").any(|scope| scope.split(' ').any(|one| one == "openid"));
    match (asked, client.redirect_uris.as_slice()) {
        (Some(asked), _) if client.admits_redirect(asked) => {
            Ok((RedirectUri::from_stored(asked.to_owned()), true))
        }
        (Some(asked), registered) => {
            let sentence = "redirect_uri is not registered for this client: it must be exactly one of those registered";
            // Of the same origin: a slip is found by them, and a stranger learns of no other host.
            let registered = registered.iter().map(RedirectUri::as_str);
            let registered = registered.filter(|uri| origin(uri) == origin(asked));
            let fact = Fact::differs("redirect_uri", Some(asked), registered);
            Err(invalid(sentence).explained([fact]))
        }
        // OC-1-01: it may be left out where there is only one, and never with OpenID Connect or SMART.
        (None, [only]) if !openid && client.profile == Profile::OAuth21 => {
            Ok((only.clone(), false))
        }
        (None, _) => Err(invalid("redirect_uri is missing")),
    }
}

/// How the answer travels; nothing is posted but to a web server.
fn response_mode(params: &Params, uri: &RedirectUri) -> Result<ResponseMode, Refused> {
    let Some(text) = one(params, "response_mode")? else { return Ok(ResponseMode::default()) };
    let fact = || Fact::differs("response_mode", Some(text), ResponseMode::NAMES);
    let mode = ResponseMode::parse(text)
        .map_err(|unknown| invalid(&unknown.to_string()).explained([fact()]))?;
    let web = uri.as_str().starts_with("http");
    let fits = web || mode.carrier() != Carrier::Form;
    ensure(fits, invalid("response_mode form_post needs a redirect_uri of a web server"))?;
    Ok(mode)
}

/// Scheme, host and port.
fn origin(uri: &str) -> &str {
    uri.match_indices('/').nth(2).map_or(uri, |(end, _)| uri.get(..end).unwrap_or(uri))
}

fn read(
    params: &Params,
    client: &Client,
    around: Surroundings<'_>,
    (target, redirect_uri_sent): (&RedirectTarget, bool),
) -> Result<Request, Refused> {
    let Surroundings { servers, capabilities, came, .. } = around;
    on(capabilities, Capability::of_client(&client.auth), Code::UnauthorizedClient)?;
    came_as_registered(client, came)?;
    unsupported(params)?;
    response_type(params, client)?;
    let launch = one(params, "launch")?.map(Digest::of);
    let (asked, unknown) = asked_scopes(params)?;
    let smart = asked.is_clinical_or_launch();
    ensure(
        !smart || target.state().is_some(),
        invalid("state is required when clinical or launch scopes are asked"),
    )?;
    if smart {
        let way =
            if launch.is_some() { Capability::LaunchEhr } else { Capability::LaunchStandalone };
        on(capabilities, way, Code::InvalidRequest)?;
    }
    let server = resource_server(params, servers, smart)?;
    let measure = Measure { client, server, capabilities, launched: launch.is_some() };
    let (allowed, cut) = allowed(measure, &asked)?;
    let dropped: Vec<_> = unknown.into_iter().chain(cut).collect();
    if allowed.is_empty() && !dropped.is_empty() {
        let sentence = "none of the requested scopes may be granted to this client";
        let facts = dropped.into_iter().map(Fact::Dropped);
        return Err(Refused::new(Code::InvalidScope, sentence).explained(facts));
    }
    Ok(Request {
        client: client.id.clone(),
        target: target.clone(),
        redirect_uri_sent,
        challenge: challenge(params, client, smart)?,
        nonce: bounded(params, "nonce")?,
        prompt: prompt(params)?,
        max_age: max_age(params)?,
        login_hint: bounded(params, "login_hint")?,
        id_token_hint: one(params, "id_token_hint")?.map(str::to_owned),
        ui_locales: bounded(params, "ui_locales")?,
        resource_server: server.map(|server| server.id.clone()),
        asked,
        allowed,
        dropped,
        launch,
    })
}

/// Refuses what is turned off.
fn on(capabilities: &Capabilities, needed: Capability, code: Code) -> Result<(), Refused> {
    let refused = || {
        let sentence = format!("this server has turned {needed} off");
        Refused::new(code, sentence).explained([Fact::Cause(Cause::TurnedOff(needed))])
    };
    if capabilities.has(needed) { Ok(()) } else { Err(refused()) }
}

/// What exists in the field and not here is refused with its exact error.
fn unsupported(params: &Params) -> Result<(), Refused> {
    let refusals = [
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ];
    for (name, code) in refusals {
        if one(params, name)?.is_some() {
            return Err(Refused::new(code, format!("{name} is not supported")));
        }
    }
    Ok(())
}

/// Whether the request came as the client's registration says that all of its requests do.
fn came_as_registered(client: &Client, came: Came) -> Result<(), Refused> {
    ensure(
        came.pushed || !client.requests.pushed,
        invalid("this client must push its authorization requests (RFC 9126)"),
    )?;
    ensure(
        came.signed || !client.requests.signed,
        invalid(
            "this client must send its authorization requests as signed request objects (RFC 9101)",
        ),
    )
}

fn response_type(params: &Params, client: &Client) -> Result<(), Refused> {
    match one(params, "response_type")? {
        None => return Err(invalid("response_type is missing: it must be code")),
        Some("code") => {}
        Some(other) => {
            let sentence = "response_type must be code: tokens are never sent through the browser";
            let fact = Fact::differs("response_type", Some(other), ["code"]);
            return Err(Refused::new(Code::UnsupportedResponseType, sentence).explained([fact]));
        }
    }
    ensure(
        client.grant_types.contains(&GrantType::AuthorizationCode),
        Refused::new(
            Code::UnauthorizedClient,
            "this client is not registered for the authorization_code grant",
        ),
    )
}

fn asked_scopes(params: &Params) -> Result<(ScopeSet, Vec<Dropped>), Refused> {
    let sifted = ScopeSet::sift(one(params, "scope")?.unwrap_or_default())
        .map_err(|invalid| Refused::new(Code::InvalidScope, invalid.to_string()))?;
    let unknown = sifted.refused.into_iter();
    let dropped = unknown.map(|(scope, _)| Dropped { scope, reason: Reason::Unknown });
    Ok((sifted.known, dropped.collect()))
}

/// The FHIR server that `aud`, or its synonym `resource`, names (AL-13, D-02, D-28).
fn resource_server<'a>(
    params: &Params,
    servers: &'a [ResourceServer],
    required: bool,
) -> Result<Option<&'a ResourceServer>, Refused> {
    let aud = match (one(params, "aud")?, one(params, "resource")?) {
        (Some(aud), Some(resource)) if aud != resource => {
            return Err(invalid("aud and resource must name the same server"));
        }
        (aud, resource) => aud.or(resource),
    };
    let bases = || servers.iter().map(|server| server.base_url.as_str()).collect::<Vec<_>>();
    let expected = || bases().join(" or ");
    let fact = || Fact::differs("aud", aud, bases());
    match aud {
        None if required => {
            let sentence = format!("aud is required: the FHIR base URL, here {}", expected());
            Err(invalid(&sentence).explained([fact()]))
        }
        None => Ok(None),
        Some(aud) => {
            servers.iter().find(|server| server.is_named_by(aud)).map(Some).ok_or_else(|| {
                let expected = expected();
                let sentence =
                    format!("aud is not a FHIR server of this issuer: expected {expected}");
                invalid(&sentence).explained([fact()])
            })
        }
    }
}

/// PKCE as D-01 has it: S256 or nothing, and nothing only for confidential `oidc` clients.
fn challenge(
    params: &Params,
    client: &Client,
    smart: bool,
) -> Result<Option<PkceChallenge>, Refused> {
    let method = one(params, "code_challenge_method")?;
    let Some(text) = one(params, "code_challenge")? else {
        let may_do_without = !smart && !client.is_public() && client.profile == Profile::Oidc;
        ensure(
            may_do_without,
            invalid("code_challenge is required, with code_challenge_method=S256"),
        )?;
        ensure(method.is_none(), invalid("code_challenge_method was sent without code_challenge"))?;
        return Ok(None);
    };
    // A missing method would mean plain (RFC 7636 §4.3), which is not supported (AL-2).
    let fact = || Fact::differs("code_challenge_method", method, ["S256"]);
    let refused = || invalid("code_challenge_method must be S256").explained([fact()]);
    if method != Some("S256") {
        return Err(refused());
    }
    PkceChallenge::parse(text).map(Some).map_err(|malformed| invalid(&malformed.to_string()))
}

fn prompt(params: &Params) -> Result<Prompt, Refused> {
    let text = one(params, "prompt")?.unwrap_or_default();
    Prompt::parse(text).map_err(|malformed: MalformedPrompt| invalid(&malformed.to_string()))
}

fn max_age(params: &Params) -> Result<Option<Lifetime>, Refused> {
    let Some(text) = one(params, "max_age")? else { return Ok(None) };
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    let seconds = if digits { text.parse::<u32>().ok() } else { None };
    seconds
        .map(|seconds| Some(Lifetime::seconds(seconds)))
        .ok_or_else(|| invalid("max_age must be a whole number of seconds, 0 or more"))
}

/// A text that is carried along, so it has a bound.
fn bounded(params: &Params, name: &'static str) -> Result<Option<String>, Refused> {
    let text = one(params, name)?;
    ensure(
        text.is_none_or(|text| text.len() <= 1_000),
        invalid(&format!("{name} must have at most 1000 characters")),
    )?;
    Ok(text.map(str::to_owned))
}

fn one<'a>(params: &'a Params, name: &'static str) -> Result<Option<&'a str>, Refused> {
    params.one(name).map_err(repeated)
}

fn repeated(twice: Repeated) -> Refused {
    invalid(&twice.to_string())
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(Code::InvalidRequest, sentence)
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
