//! Between rows and audit events.

use fireward_oauth::{
    ClientId, GrantId, IssuerId, RequestId, Timestamp, UserId,
    audit::{Actor, Event, Kind},
};
use sea_orm::{ActiveValue::NotSet, Set};

use super::{
    Entry,
    entity::{ActiveModel, Model},
};
use crate::{StoreError, columns::Row};

pub(super) fn entry(model: Model) -> Result<Entry, StoreError> {
    let key = model.id.to_string();
    let at = Row::of("audit", &key);
    let request = model.request.as_deref().map(RequestId::parse).transpose();
    let client = model.client.as_deref().map(ClientId::parse).transpose();
    let subject = model.subject.as_deref().map(UserId::parse).transpose();
    let grant = model.grant_id.as_deref().map(GrantId::parse).transpose();
    let event = Event {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        at: Timestamp::from_unix(model.at),
        request: at.is("request", request)?,
        actor: actor(&at, &model)?,
        client: at.is("client", client)?,
        subject: at.is("subject", subject)?,
        patient: model.patient,
        grant: at.is("grant_id", grant)?,
        kind: at.must("kind", Kind::parse(&model.kind))?,
        detail: model.detail,
    };
    Ok(Entry { id: model.id, node: model.node, seq: model.seq, event })
}

fn actor(at: &Row<'_>, model: &Model) -> Result<Actor, StoreError> {
    Ok(match model.actor_kind.as_str() {
        "user" => Actor::User(at.is("actor", UserId::parse(&model.actor))?),
        "client" => Actor::Client(at.is("actor", ClientId::parse(&model.actor))?),
        "operator" => Actor::Operator,
        "anonymous" => Actor::Anonymous(model.actor.clone()),
        "system" => Actor::System,
        _ => return Err(at.corrupt("actor_kind")),
    })
}

pub(super) fn row(node: &str, event: &Event) -> ActiveModel {
    let (actor_kind, actor) = event.actor.parts();
    ActiveModel {
        id: NotSet,
        node: Set(node.to_owned()),
        seq: Set(None),
        prev_digest: Set(None),
        issuer: Set(event.issuer.to_string()),
        at: Set(event.at.unix()),
        request: Set(event.request.as_ref().map(ToString::to_string)),
        actor_kind: Set(actor_kind.to_owned()),
        actor: Set(actor.to_owned()),
        client: Set(event.client.as_ref().map(ToString::to_string)),
        subject: Set(event.subject.as_ref().map(ToString::to_string)),
        patient: Set(event.patient.clone()),
        grant_id: Set(event.grant.as_ref().map(ToString::to_string)),
        kind: Set(event.kind.as_str().to_owned()),
        detail: Set(event.detail.clone()),
    }
}
