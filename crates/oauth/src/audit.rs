//! What is written down about every login, consent, token, denial, revocation and administrative act.
//!
//! One closed list. Events of a state change are written in its transaction.

pub mod fhir;

use crate::vocabulary::{ClientId, GrantId, IssuerId, RequestId, Timestamp, UserId};

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The issuer it happened at.
    pub issuer: IssuerId,
    /// When.
    pub at: Timestamp,
    /// The HTTP request it happened in; none for the command line and chores.
    pub request: Option<RequestId>,
    /// Who did it.
    pub actor: Actor,
    /// The client it concerns.
    pub client: Option<ClientId>,
    /// The user it concerns.
    pub subject: Option<UserId>,
    /// The patient whose record it concerns.
    pub patient: Option<String>,
    /// The grant it concerns.
    pub grant: Option<GrantId>,
    /// What happened.
    pub kind: Kind,
    /// Why, where it was refused; scopes, where they were granted. Never a secret.
    pub detail: String,
}

impl Event {
    /// An event that is about nothing yet but its issuer.
    #[must_use]
    pub const fn new(issuer: IssuerId, at: Timestamp, actor: Actor, kind: Kind) -> Self {
        Self {
            issuer,
            at,
            request: None,
            actor,
            client: None,
            subject: None,
            patient: None,
            grant: None,
            kind,
            detail: String::new(),
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A client for itself.
    Client(ClientId),
    /// Somebody at the command line.
    Operator,
    /// Nobody yet known: an address.
    Anonymous(String),
    /// The server itself.
    System,
}

/// How it ended for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused, or a person said no.
    Failure,
}

impl Outcome {
    /// Both.
    pub const VARIANTS: [Self; 2] = [Self::Success, Self::Failure];

    /// As the log spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal is $outcome:ident),+ $(,)?) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant),+ }

        impl Kind {
            /// Every kind.
            pub const VARIANTS: &'static [Self] = &[$(Self::$variant),+];

            /// As log and table spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The kind of this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// How it ended.
            #[must_use]
            pub const fn outcome(self) -> Outcome {
                match self { $(Self::$variant => Outcome::$outcome),+ }
            }
        }
    };
}

kinds! {
    /// Somebody signed in.
    LoginSucceeded = "login.succeeded" is Success,
    /// A user name and password did not fit.
    LoginFailed = "login.failed" is Failure,
    /// Too many failures; nothing was tried.
    LoginThrottled = "login.throttled" is Failure,
    /// A session ended at its user's wish.
    LoggedOut = "logout" is Success,
    /// An authorization request was refused.
    AuthorizationRefused = "authorization.refused" is Failure,
    /// A person allowed an app.
    ConsentGiven = "consent.given" is Success,
    /// A person said no.
    ConsentDenied = "consent.denied" is Failure,
    /// A person disconnected an app.
    ConsentWithdrawn = "consent.withdrawn" is Success,
    /// A code was issued.
    CodeIssued = "code.issued" is Success,
    /// A code came back after it was spent; its grant was ended.
    CodeReplayed = "code.replayed" is Failure,
    /// Tokens were issued.
    TokenIssued = "token.issued" is Success,
    /// Tokens were refused.
    TokenRefused = "token.refused" is Failure,
    /// A spent refresh token came back; its grant was ended.
    RefreshReplayed = "refresh.replayed" is Failure,
    /// A client failed to prove who it is.
    ClientRefused = "client.refused" is Failure,
    /// A client gave a token back.
    TokenRevoked = "token.revoked" is Success,
    /// Somebody ended all sessions and refresh tokens of theirs.
    DeviceLost = "device.lost" is Success,
    /// Somebody chose a new password, which ended all sessions and grants of theirs.
    PasswordChanged = "password.changed" is Success,
    /// An EHR prepared a launch.
    LaunchCreated = "launch.created" is Success,
    /// An EHR took back a launch that nobody had used.
    LaunchWithdrawn = "launch.withdrawn" is Success,
    /// An EHR registered or removed a style.
    StyleChanged = "style.changed" is Success,
    /// A client was imported or changed.
    ClientChanged = "client.changed" is Success,
    /// A client was removed.
    ClientRemoved = "client.removed" is Success,
    /// A resource server was registered or changed.
    ResourceServerChanged = "resource_server.changed" is Success,
    /// A resource server was removed.
    ResourceServerRemoved = "resource_server.removed" is Success,
    /// A user was imported or changed.
    UserChanged = "user.changed" is Success,
    /// The user-access brands were published, changed or removed.
    BrandsChanged = "brands.changed" is Success,
    /// A signing key was made, rotated or revoked.
    KeyChanged = "key.changed" is Success,
}

impl Actor {
    /// As log and table spell it: the kind and the name.
    #[must_use]
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::User(id) => ("user", id.as_str()),
            Self::Client(id) => ("client", id.as_str()),
            Self::Operator => ("operator", ""),
            Self::Anonymous(address) => ("anonymous", address),
            Self::System => ("system", ""),
        }
    }
}
