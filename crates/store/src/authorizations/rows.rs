//! Between rows and authorizations.

use fireward_oauth::{
    AuthorizationId, ClientId, GrantId, IssuerId, Lifetime, RedirectUri, ResourceServerId,
    Timestamp,
    authorize::{
        Approved, Authorization, CodeStage, ConsentChoice, Prompt, RedirectTarget, Request,
        ResponseMode, Stage, Until,
    },
    grants::authorization_code::CodeGrant,
    launch::{AskedContext, Pick, Picks},
    vocabulary::PkceChallenge,
};
use serde::{Deserialize, Serialize};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
    grants,
};

pub(super) const OPEN: &str = "open";
pub(super) const APPROVED: &str = "approved";
pub(super) const DENIED: &str = "denied";

/// Until when a code that expires then is remembered, so that a replay is known as one (attack C1).
pub(super) fn forget_code(expires_at: Timestamp) -> i64 {
    expires_at.plus(Lifetime::hours(1)).unix()
}

pub(super) fn authorization(model: Model) -> Result<Authorization, StoreError> {
    let at = Row::of("authorizations", &model.id);
    Ok(Authorization {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", AuthorizationId::parse(&model.id))?,
        browser: at.digest("browser", &model.browser)?,
        pushed: model.pushed.as_deref().map(|octets| at.digest("pushed", octets)).transpose()?,
        stage: stage(&at, &model)?,
        request: request(&at, &model)?,
        created_at: Timestamp::from_unix(model.created_at),
        expires_at: Timestamp::from_unix(model.expires_at),
        address: model.address,
    })
}

fn request(at: &Row<'_>, model: &Model) -> Result<Request, StoreError> {
    let server = model.resource_server.as_deref().map(ResourceServerId::parse);
    let launch = model.launch.as_deref().map(|octets| at.digest("launch", octets));
    let max_age = model.max_age.map(|age| at.number("max_age", age)).transpose()?;
    let mode = model.response_mode.as_deref().map(ResponseMode::parse).transpose();
    let mode = at.is("response_mode", mode)?.unwrap_or_default();
    let (uri, state) = (model.redirect_uri.clone(), model.state.clone());
    Ok(Request {
        client: at.is("client", ClientId::parse(&model.client))?,
        target: RedirectTarget::from_row(uri, state, model.omit_iss).by(mode),
        redirect_uri_sent: model.redirect_uri_sent,
        asked: at.scopes("asked", &model.asked)?,
        allowed: at.scopes("allowed", &model.allowed)?,
        dropped: at.dropped(&model.dropped)?,
        resource_server: at.is("resource_server", server.transpose())?,
        launch: launch.transpose()?,
        challenge: challenge(at, model)?,
        nonce: model.nonce.clone(),
        prompt: at.is("prompt", Prompt::parse(&model.prompt))?,
        max_age: max_age.map(Lifetime::seconds),
        login_hint: model.login_hint.clone(),
        id_token_hint: model.id_token_hint.clone(),
        ui_locales: model.ui_locales.clone(),
    })
}

fn challenge(at: &Row<'_>, model: &Model) -> Result<Option<PkceChallenge>, StoreError> {
    at.is("challenge", model.challenge.as_deref().map(PkceChallenge::parse).transpose())
}

fn stage(at: &Row<'_>, model: &Model) -> Result<Stage, StoreError> {
    match model.stage.as_str() {
        OPEN => Ok(Stage::Open {
            patient: model.patient.clone(),
            picks: picks(at, model.picks.as_deref())?,
            account_confirmed: model.account_confirmed,
            choice: model.choice.as_deref().map(|text| choice(at, text)).transpose()?,
        }),
        APPROVED => {
            let grant = at.must("grant_id", model.grant_id.as_deref())?;
            Ok(Stage::Approved {
                code: at.digest("code", at.must("code", model.code.as_deref())?)?,
                grant: at.is("grant_id", GrantId::parse(grant))?,
                code_expires_at: code_expires_at(at, model)?,
                code_stage: code_stage(model),
            })
        }
        DENIED => Ok(Stage::Denied),
        _ => Err(at.corrupt("stage")),
    }
}

fn code_expires_at(at: &Row<'_>, model: &Model) -> Result<Timestamp, StoreError> {
    at.must("code_expires_at", model.code_expires_at.map(Timestamp::from_unix))
}

const fn code_stage(model: &Model) -> CodeStage {
    match model.code_redeemed_at {
        None => CodeStage::Live,
        Some(_) => CodeStage::Redeemed,
    }
}

/// The code of an approved authorization and its grant, which outlives it.
pub(super) fn code_grant(
    model: Model,
    grant: Option<grants::entity::Model>,
) -> Result<CodeGrant, StoreError> {
    let at = Row::of("authorizations", &model.id);
    Ok(CodeGrant {
        authorization: at.is("id", AuthorizationId::parse(&model.id))?,
        client: at.is("client", ClientId::parse(&model.client))?,
        redirect_uri_sent: model.redirect_uri_sent,
        challenge: challenge(&at, &model)?,
        stage: code_stage(&model),
        expires_at: code_expires_at(&at, &model)?,
        grant: grants::rows::grant(at.must("grant_id", grant)?)?,
        redirect_uri: RedirectUri::from_stored(model.redirect_uri),
        nonce: model.nonce,
    })
}

/// A new row, of an authorization as it is; an approved one comes of [`approved_row`].
pub(super) fn row(authorization: &Authorization) -> Model {
    let request = &authorization.request;
    let stage = StageColumns::of(&authorization.stage);
    Model {
        issuer: authorization.issuer.to_string(),
        id: authorization.id.to_string(),
        browser: columns::octets(&authorization.browser),
        pushed: authorization.pushed.as_ref().map(columns::octets),
        client: request.client.to_string(),
        redirect_uri: request.target.uri().to_string(),
        redirect_uri_sent: request.redirect_uri_sent,
        state: request.target.state().map(str::to_owned),
        omit_iss: request.target.omits_iss(),
        response_mode: response_mode(request.target.mode()),
        asked: request.asked.to_string(),
        allowed: request.allowed.to_string(),
        dropped: columns::dropped(&request.dropped),
        resource_server: request.resource_server.as_ref().map(ToString::to_string),
        launch: request.launch.as_ref().map(columns::octets),
        challenge: request.challenge.as_ref().map(PkceChallenge::to_text),
        nonce: request.nonce.clone(),
        prompt: prompt(request.prompt),
        max_age: request.max_age.map(Lifetime::as_seconds),
        login_hint: request.login_hint.clone(),
        id_token_hint: request.id_token_hint.clone(),
        ui_locales: request.ui_locales.clone(),
        created_at: authorization.created_at.unix(),
        expires_at: authorization.expires_at.unix(),
        address: authorization.address.clone(),
        stage: stage.stage.to_owned(),
        patient: stage.patient,
        picks: stage.picks,
        account_confirmed: stage.account_confirmed,
        choice: stage.choice,
        code: None,
        grant_id: None,
        code_expires_at: None,
        code_redeemed_at: None,
        forget_at: authorization.expires_at.unix(),
    }
}

/// Null is the query, as rows of the version before have it.
fn response_mode(mode: ResponseMode) -> Option<String> {
    (mode != ResponseMode::default()).then(|| mode.to_string())
}

/// The row of an authorization that is approved as it comes.
pub(super) fn approved_row(authorization: &Authorization, approved: &Approved) -> Model {
    Model {
        stage: APPROVED.to_owned(),
        code: Some(columns::octets(&approved.code.digest())),
        grant_id: Some(approved.grant.id.to_string()),
        code_expires_at: Some(approved.code_expires_at.unix()),
        forget_at: forget_code(approved.code_expires_at),
        ..row(authorization)
    }
}

/// The columns of a stage that an authorization is born in.
#[derive(Default)]
struct StageColumns {
    stage: &'static str,
    patient: Option<String>,
    picks: Option<String>,
    account_confirmed: bool,
    choice: Option<String>,
}

impl StageColumns {
    fn of(stage: &Stage) -> Self {
        match stage {
            Stage::Open { patient, picks, account_confirmed, choice } => Self {
                stage: OPEN,
                patient: patient.clone(),
                picks: picks_column(picks),
                account_confirmed: *account_confirmed,
                choice: choice.as_ref().map(choice_column),
            },
            Stage::Approved { .. } => Self { stage: APPROVED, ..Self::default() },
            Stage::Denied => Self { stage: DENIED, ..Self::default() },
        }
    }
}

fn prompt(prompt: Prompt) -> String {
    let Prompt { none, login, consent, select_account } = prompt;
    let said = [none, login, consent, select_account];
    let values = Prompt::VALUES.iter().zip(said).filter(|(_, said)| *said);
    values.map(|(value, _)| *value).collect::<Vec<_>>().join(" ")
}

/// A decision as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ChoiceColumn {
    Allow { scopes: Vec<String>, until: String },
    Deny,
}

pub(super) fn choice_column(choice: &ConsentChoice) -> String {
    columns::json(&match choice {
        ConsentChoice::Allow { scopes, until } => {
            ChoiceColumn::Allow { scopes: scopes.clone(), until: until.as_str().to_owned() }
        }
        ConsentChoice::Deny => ChoiceColumn::Deny,
    })
}

fn choice(at: &Row<'_>, text: &str) -> Result<ConsentChoice, StoreError> {
    Ok(match at.json("choice", text)? {
        ChoiceColumn::Allow { scopes, until } => {
            ConsentChoice::Allow { scopes, until: at.must("choice", Until::parse(&until))? }
        }
        ChoiceColumn::Deny => ConsentChoice::Deny,
    })
}

/// A pick as it is kept: the resource, or that there is none.
#[derive(Serialize, Deserialize)]
struct PickColumn {
    resource_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unavailable: bool,
}

pub(super) fn picks_column(picks: &Picks) -> Option<String> {
    let column = |(asked, pick): &(AskedContext, Pick)| {
        let AskedContext { resource_type, role } = asked.clone();
        let (resource, unavailable) = match pick {
            Pick::Resource(id) => (Some(id.clone()), false),
            Pick::Without => (None, false),
            Pick::Unavailable => (None, true),
        };
        PickColumn { resource_type, role, resource, unavailable }
    };
    let all: Vec<_> = picks.iter().map(column).collect();
    (!all.is_empty()).then(|| columns::json(&all))
}

fn picks(at: &Row<'_>, text: Option<&str>) -> Result<Picks, StoreError> {
    let Some(text) = text else { return Ok(Picks::default()) };
    let all: Vec<PickColumn> = at.json("picks", text)?;
    let read = |PickColumn { resource_type, role, resource, unavailable }| {
        let pick = match (resource, unavailable) {
            (Some(id), _) => Pick::Resource(id),
            (None, false) => Pick::Without,
            (None, true) => Pick::Unavailable,
        };
        (AskedContext { resource_type, role }, pick)
    };
    Ok(all.into_iter().map(read).collect())
}
