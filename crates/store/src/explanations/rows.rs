//! Between rows and explanations.

use fireward_oauth::{
    ClientId, ExplanationId, IssuerId, RequestId, Timestamp,
    capability::Capability,
    explain::{Cause, Explanation, Fact},
    grants::{Dropped, Reason},
};
use serde::{Deserialize, Serialize};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

/// A fact as it is kept. Those that a newer node wrote are passed over.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum FactColumn {
    Differs {
        parameter: String,
        sent: Option<String>,
        expected: Vec<String>,
    },
    Dropped {
        scope: String,
        reason: String,
    },
    Cause {
        cause: String,
        capability: Option<String>,
    },
    #[serde(other)]
    Unknown,
}

pub(super) fn explanation(model: Model) -> Result<Explanation, StoreError> {
    let at = Row::of("explanations", &model.id);
    let client = model.client.as_deref().map(ClientId::parse).transpose();
    let facts: Vec<FactColumn> = at.json("facts", &model.facts)?;
    Ok(Explanation {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", ExplanationId::parse(&model.id))?,
        client: at.is("client", client)?,
        request: at.is("request", RequestId::parse(&model.request))?,
        facts: facts.into_iter().filter_map(fact).collect(),
        at: Timestamp::from_unix(model.at),
        expires_at: Timestamp::from_unix(model.expires_at),
        code: model.code,
        description: model.description,
    })
}

pub(super) fn row(explanation: &Explanation) -> Model {
    let facts: Vec<_> = explanation.facts.iter().map(column).collect();
    Model {
        issuer: explanation.issuer.to_string(),
        id: explanation.id.to_string(),
        code: explanation.code.clone(),
        description: explanation.description.clone(),
        client: explanation.client.as_ref().map(ToString::to_string),
        request: explanation.request.to_string(),
        facts: columns::json(&facts),
        at: explanation.at.unix(),
        expires_at: explanation.expires_at.unix(),
    }
}

fn fact(column: FactColumn) -> Option<Fact> {
    match column {
        FactColumn::Differs { parameter, sent, expected } => {
            Some(Fact::Differs { parameter, sent, expected })
        }
        FactColumn::Dropped { scope, reason } => {
            let known = Reason::VARIANTS.into_iter().find(|known| known.as_str() == reason);
            Some(Fact::Dropped(Dropped { scope, reason: known.unwrap_or(Reason::Policy) }))
        }
        FactColumn::Cause { cause, capability: Some(capability) } => {
            let capability = Capability::parse(&capability)?;
            let off = Cause::TurnedOff(capability);
            (off.as_str() == cause).then_some(Fact::Cause(off))
        }
        FactColumn::Cause { cause, capability: None } => {
            Cause::PLAIN.into_iter().find(|known| known.as_str() == cause).map(Fact::Cause)
        }
        FactColumn::Unknown => None,
    }
}

fn column(fact: &Fact) -> FactColumn {
    match fact.clone() {
        Fact::Differs { parameter, sent, expected } => {
            FactColumn::Differs { parameter, sent, expected }
        }
        Fact::Dropped(Dropped { scope, reason }) => {
            FactColumn::Dropped { scope, reason: reason.as_str().to_owned() }
        }
        Fact::Cause(cause) => FactColumn::Cause {
            cause: cause.as_str().to_owned(),
            capability: match cause {
                Cause::TurnedOff(capability) => Some(capability.to_string()),
                Cause::CodeUsed
                | Cause::CodeLate
                | Cause::RefreshUsed
                | Cause::Withdrawn
                | Cause::Revoked
                | Cause::Replayed
                | Cause::SessionOver
                | Cause::RunOut
                | Cause::RightsWithdrawn
                | Cause::NotRefreshable => None,
            },
        },
    }
}
