//! The grant: codes, refresh families and access tokens point to it; revocation and audit hang on it.

use fireward_scopes::{Scope, ScopeSet};

use crate::{
    explain::Sieve,
    launch::LaunchContext,
    people::User,
    resource_server::ResourceServer,
    vocabulary::{
        ClientId, Digest, GrantId, IssuerId, ResourceServerId, SessionToken, Timestamp, UserId,
    },
};

/// What a person granted to a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// Its id; access tokens carry it.
    pub id: GrantId,
    /// Who granted it.
    pub subject: UserId,
    /// Who may use it.
    pub client: ClientId,
    /// Where it counts; none for plain sign-in.
    pub resource_server: Option<ResourceServerId>,
    /// What the client asked for.
    pub asked: ScopeSet,
    /// What it got, in the form it asked (D-25, D-26).
    pub granted: ScopeSet,
    /// Why each scope that was dropped was dropped.
    pub dropped: Vec<Dropped>,
    /// What the app was told beside its token.
    pub context: LaunchContext,
    /// The session it was made in; `None` when it outlives sessions.
    pub session: Option<Digest<SessionToken>>,
    /// When the person had signed in: `auth_time` of every ID token of this grant (D-11).
    pub auth_time: Timestamp,
    /// How they had: `amr`.
    pub amr: Vec<String>,
    /// `sid` for logout.
    pub sid: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When a token was last made from it, to the hour; for the list of connected apps.
    pub last_used: Timestamp,
    /// Its place in the status list: random, unique, never used again.
    pub status_index: u32,
    /// How it ended, if it has.
    pub ended: Option<GrantEnd>,
}

impl Grant {
    /// Whether tokens of it count.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.until
    }

    /// Whether the person could grant it today: as an active account, with the password that they signed in with,
    /// and with the right to open the record in context, at a FHIR server that is still one of the issuer's (F7, M5).
    #[must_use]
    pub fn is_held_by(&self, user: &User, servers: &[ResourceServer], now: Timestamp) -> bool {
        let (server, patient) = (self.server(servers), self.context.patient.as_ref());
        let records = &user.links.at(server).records;
        server.is_some() == self.resource_server.is_some()
            && user.stands_by(self.auth_time)
            && patient.is_none_or(|patient| records.admit(patient, now))
    }

    /// The FHIR server that it counts at, among those of the issuer.
    #[must_use]
    pub fn server<'a>(&self, servers: &'a [ResourceServer]) -> Option<&'a ResourceServer> {
        let id = self.resource_server.as_ref()?;
        servers.iter().find(|server| server.id == *id)
    }

    /// Whether it is for the FHIR server of that id; one of plain sign-in is for none in particular.
    #[must_use]
    pub fn may_be_at(&self, server: &ResourceServerId) -> bool {
        self.resource_server.as_ref().is_none_or(|id| id == server)
    }

    /// Whether refresh tokens may be made from it.
    #[must_use]
    pub fn allows_refresh(&self) -> bool {
        self.granted.contains(&Scope::OfflineAccess) || self.granted.contains(&Scope::OnlineAccess)
    }
}

/// A scope that was asked and not granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The scope as it was asked.
    pub scope: String,
    /// Who took it away.
    pub reason: Reason,
}

/// Who took a scope away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No scope of ours.
    Unknown,
    /// The client is not registered for it.
    Registration,
    /// The client is not registered for the grant type that it needs.
    GrantType,
    /// It does not exist at the resource server.
    Server,
    /// It means nothing in this flow, such as `launch` without an EHR launch.
    Flow,
    /// Nothing is kept here that it could open.
    Nothing,
    /// A capability that it needs is turned off.
    TurnedOff,
    /// The account has no FHIR resource of its own.
    Account,
    /// What it needs is not in context: the EHR did not launch with it, or the FHIR server has none.
    Context,
    /// Another rule of this server.
    Policy,
    /// The person said no.
    Person,
    /// The person allowed it for this visit only.
    Visit,
}

impl Reason {
    /// Every reason.
    pub const VARIANTS: [Self; 12] = [
        Self::Unknown,
        Self::Registration,
        Self::GrantType,
        Self::Server,
        Self::Flow,
        Self::Nothing,
        Self::TurnedOff,
        Self::Account,
        Self::Context,
        Self::Policy,
        Self::Person,
        Self::Visit,
    ];

    /// Which sieve that is.
    #[must_use]
    pub const fn sieve(self) -> Sieve {
        match self {
            Self::Unknown => Sieve::Known,
            Self::Registration | Self::GrantType => Sieve::Registration,
            Self::Server
            | Self::Flow
            | Self::Nothing
            | Self::TurnedOff
            | Self::Account
            | Self::Context
            | Self::Policy => Sieve::Policy,
            Self::Person | Self::Visit => Sieve::Person,
        }
    }

    /// As the database and the explanation spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Registration => "registration",
            Self::GrantType => "grant-type",
            Self::Server => "server",
            Self::Flow => "flow",
            Self::Nothing => "nothing",
            Self::TurnedOff => "turned-off",
            Self::Account => "account",
            Self::Context => "context",
            Self::Policy => "policy",
            Self::Person => "person",
            Self::Visit => "visit",
        }
    }
}

/// How a grant ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantEnd {
    /// A spent code or refresh token was presented again.
    Replayed(Timestamp),
    /// The client gave it back (RFC 7009).
    Revoked(Timestamp),
    /// The person disconnected the app, or lost a device.
    Withdrawn(Timestamp),
    /// The session that it belonged to ended.
    LoggedOut(Timestamp),
}

impl GrantEnd {
    /// When.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Replayed(at) | Self::Revoked(at) | Self::Withdrawn(at) | Self::LoggedOut(at) => {
                at
            }
        }
    }

    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replayed(_) => "replayed",
            Self::Revoked(_) => "revoked",
            Self::Withdrawn(_) => "withdrawn",
            Self::LoggedOut(_) => "logged_out",
        }
    }
}
