//! What became of what was asked: of a request that was refused, and of a grant that is less than was asked.
//!
//! INVARIANT: nothing here is about a patient or about who signed in, and no secret is among it. Whoever has the link of
//! an explanation may read it.

use serde_json::{Map, Value, json};

use crate::{
    capability::Capability,
    grants::{Dropped, Grant, GrantEnd, Reason},
    vocabulary::{ClientId, ExplanationId, IssuerId, RequestId, Timestamp},
};

/// What is known of a refusal besides its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A parameter was not what it must be.
    Differs {
        /// Its name.
        parameter: String,
        /// What was sent, cut to [`LONGEST`] characters.
        sent: Option<String>,
        /// What would do.
        expected: Vec<String>,
    },
    /// A scope cannot be granted.
    Dropped(Dropped),
    /// What had happened before.
    Cause(Cause),
}

/// What had happened before a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The code was redeemed before.
    CodeUsed,
    /// The code was redeemed too late.
    CodeLate,
    /// A refresh token was used that had been replaced.
    RefreshUsed,
    /// The person disconnected the app, or signed out everywhere.
    Withdrawn,
    /// The app gave its token back.
    Revoked,
    /// A spent code or refresh token had been shown.
    Replayed,
    /// The person signed out, or was away for too long.
    SessionOver,
    /// The time that the person chose, or the longest that is allowed, is over.
    RunOut,
    /// The person may not grant this any more.
    RightsWithdrawn,
    /// The grant has no right to refresh any more.
    NotRefreshable,
    /// This server has turned it off.
    TurnedOff(Capability),
}

/// How many characters of what was sent are kept.
pub const LONGEST: usize = 200;

/// How many facts are kept of one refusal.
pub const MOST_FACTS: usize = 40;

impl Fact {
    /// A parameter that was not what it must be.
    pub fn differs<S: Into<String>>(
        parameter: &str,
        sent: Option<&str>,
        expected: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::Differs {
            parameter: parameter.to_owned(),
            sent: sent.map(str::to_owned),
            expected: expected.into_iter().map(Into::into).collect(),
        }
        .cut()
    }

    /// With what a stranger may have sent cut to [`LONGEST`] characters.
    pub(crate) fn cut(self) -> Self {
        let cut = |text: String| text.chars().take(LONGEST).collect();
        match self {
            Self::Differs { parameter, sent, expected } => {
                Self::Differs { parameter, sent: sent.map(cut), expected }
            }
            Self::Dropped(Dropped { scope, reason }) => {
                Self::Dropped(Dropped { scope: cut(scope), reason })
            }
            Self::Cause(_) => self,
        }
    }
}

impl Cause {
    /// Every cause that has no capability of its own.
    pub const PLAIN: [Self; 10] = [
        Self::CodeUsed,
        Self::CodeLate,
        Self::RefreshUsed,
        Self::Withdrawn,
        Self::Revoked,
        Self::Replayed,
        Self::SessionOver,
        Self::RunOut,
        Self::RightsWithdrawn,
        Self::NotRefreshable,
    ];

    /// As database and catalogue spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeUsed => "code-used",
            Self::CodeLate => "code-late",
            Self::RefreshUsed => "refresh-used",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Replayed => "replayed",
            Self::SessionOver => "session-over",
            Self::RunOut => "run-out",
            Self::RightsWithdrawn => "rights-withdrawn",
            Self::NotRefreshable => "not-refreshable",
            Self::TurnedOff(_) => "turned-off",
        }
    }

    /// Why a grant that counts no more does not.
    #[must_use]
    pub const fn of_end(ended: Option<GrantEnd>) -> Self {
        match ended {
            None => Self::RunOut,
            Some(GrantEnd::Replayed(_)) => Self::Replayed,
            Some(GrantEnd::Revoked(_)) => Self::Revoked,
            Some(GrantEnd::Withdrawn(_)) => Self::Withdrawn,
            Some(GrantEnd::LoggedOut(_)) => Self::SessionOver,
        }
    }
}

/// The explanation of one refusal, kept for a while under an id that nobody guesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// Its id.
    pub id: ExplanationId,
    /// The error code on the wire.
    pub code: String,
    /// `error_description`.
    pub description: String,
    /// Who had asked, where that is known.
    pub client: Option<ClientId>,
    /// The request that was refused, as the audit log knows it.
    pub request: RequestId,
    /// What is known besides.
    pub facts: Vec<Fact>,
    /// When.
    pub at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// What became of a scope that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was granted as asked.
    Granted,
    /// The person kept these parts of it (D-26).
    Narrowed(Vec<String>),
    /// It was not granted.
    Dropped(Reason),
}

/// Whether a refresh token came with a grant, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshStory {
    /// It outlives the session.
    Offline,
    /// It works while the session does.
    Online,
    /// Neither `offline_access` nor `online_access` was asked.
    NotAsked,
    /// What was asked for it was dropped.
    Dropped(Vec<Dropped>),
}

/// Where on its way a scope was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sieve {
    /// What this server understands.
    Known,
    /// What the client is registered for.
    Registration,
    /// What server, flow and policy allow.
    Policy,
    /// What the person kept.
    Person,
}

impl Sieve {
    /// Every sieve, in the order that they are applied.
    pub const VARIANTS: [Self; 4] = [Self::Known, Self::Registration, Self::Policy, Self::Person];

    /// As the explanation of a grant names what passed it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Registration => "registered",
            Self::Policy => "allowed",
            Self::Person => "kept",
        }
    }
}

/// What became of each scope that was asked, in the order asked; unknown ones last.
#[must_use]
pub fn fates(grant: &Grant) -> Vec<(String, Fate)> {
    let known = grant.asked.iter().map(|asked| {
        let text = asked.to_string();
        let parts = grant.granted.iter().filter(|one| asked.covers(one)).map(ToString::to_string);
        let fate = match reason(grant, &text) {
            _ if grant.granted.contains(asked) => Fate::Granted,
            Some(Reason::Person) | None => match parts.collect::<Vec<_>>() {
                none if none.is_empty() => Fate::Dropped(Reason::Person),
                parts => Fate::Narrowed(parts),
            },
            Some(reason) => Fate::Dropped(reason),
        };
        (text, fate)
    });
    let unknown = grant.dropped.iter().filter(|one| one.reason == Reason::Unknown);
    known.chain(unknown.map(|one| (one.scope.clone(), Fate::Dropped(one.reason)))).collect()
}

/// What was left after a sieve, in the words that it was asked in; after the last, in those that it was granted in.
#[must_use]
pub fn left_after(grant: &Grant, sieve: Sieve) -> Vec<String> {
    let passed = |(scope, fate): (String, Fate)| match fate {
        Fate::Narrowed(parts) if sieve == Sieve::Person => parts,
        Fate::Granted | Fate::Narrowed(_) => vec![scope],
        Fate::Dropped(reason) if reason.sieve() > sieve => vec![scope],
        Fate::Dropped(_) => Vec::new(),
    };
    fates(grant).into_iter().flat_map(passed).collect()
}

/// Whether a refresh token came with a grant, and why not.
#[must_use]
pub fn refreshing(grant: &Grant) -> RefreshStory {
    if grant.granted.wants_offline() {
        return RefreshStory::Offline;
    }
    if grant.granted.wants_online() {
        return RefreshStory::Online;
    }
    let lasting = |one: &&Dropped| matches!(one.scope.as_str(), "offline_access" | "online_access");
    let dropped: Vec<_> = grant.dropped.iter().filter(lasting).cloned().collect();
    if dropped.is_empty() { RefreshStory::NotAsked } else { RefreshStory::Dropped(dropped) }
}

fn reason(grant: &Grant, scope: &str) -> Option<Reason> {
    grant.dropped.iter().find(|one| one.scope == scope).map(|one| one.reason)
}

/// The explanation of a grant, for its client and for administrators: of what was asked, what each sieve left, and why.
///
/// `say` gives the sentence of a key: `reason-…` and `refresh-…` of the catalogue. It names neither person nor patient.
#[must_use]
pub fn told(grant: &Grant, say: &dyn Fn(&str) -> String) -> Map<String, Value> {
    let fates = fates(grant);
    let asked: Vec<_> = fates.iter().map(|(scope, _)| scope.as_str()).collect();
    let mut members = Map::new();
    let mut tell = |name: &str, value: Value| members.insert(name.to_owned(), value);
    tell("grant", grant.id.as_str().into());
    tell("client_id", grant.client.as_str().into());
    if let Some(server) = &grant.resource_server {
        tell("resource_server", server.as_str().into());
    }
    tell("created_at", grant.created_at.unix().into());
    tell("ends_at", grant.until.unix().into());
    if let Some(ended) = grant.ended {
        tell("ended", json!({ "how": ended.as_str(), "at": ended.at().unix() }));
    }
    tell("asked", asked.join(" ").into());
    for sieve in Sieve::VARIANTS.into_iter().filter(|sieve| *sieve != Sieve::Known) {
        tell(sieve.as_str(), left_after(grant, sieve).join(" ").into());
    }
    tell("granted", grant.granted.to_string().into());
    tell("scopes", fates.iter().map(|(scope, fate)| of_scope(scope, fate, say)).collect());
    tell("refresh_token", of_refresh(&refreshing(grant), say));
    members
}

fn of_scope(scope: &str, fate: &Fate, say: &dyn Fn(&str) -> String) -> Value {
    let why = |reason: Reason| say(&format!("reason-{}", reason.as_str()));
    match fate {
        Fate::Granted => json!({ "scope": scope, "outcome": "granted" }),
        Fate::Narrowed(parts) => {
            json!({ "scope": scope, "outcome": "narrowed", "granted_as": parts })
        }
        Fate::Dropped(reason) => json!({
            "scope": scope, "outcome": "dropped", "reason": reason.as_str(), "why": why(*reason),
        }),
    }
}

fn of_refresh(story: &RefreshStory, say: &dyn Fn(&str) -> String) -> Value {
    let (given, name, dropped) = match story {
        RefreshStory::Offline => (true, "offline", &[][..]),
        RefreshStory::Online => (true, "online", &[][..]),
        RefreshStory::NotAsked => (false, "not-asked", &[][..]),
        RefreshStory::Dropped(dropped) => (false, "dropped", dropped.as_slice()),
    };
    let reasons = dropped.iter().map(|one| say(&format!("reason-{}", one.reason.as_str())));
    let sentences: Vec<_> =
        std::iter::once(say(&format!("refresh-{name}"))).chain(reasons).collect();
    json!({ "given": given, "outcome": name, "why": sentences.join(" ") })
}

#[cfg(test)]
mod tests;
