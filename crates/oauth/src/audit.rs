//! What is written down about every login, consent, token, denial, revocation and administrative act.
//!
//! One closed list. Events of a state change are written in its transaction.

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

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
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
        }
    };
}

kinds! {
    /// Somebody signed in.
    LoginSucceeded = "login.succeeded",
    /// A user name and password did not fit.
    LoginFailed = "login.failed",
    /// Too many failures; nothing was tried.
    LoginThrottled = "login.throttled",
    /// A session ended at its user's wish.
    LoggedOut = "logout",
    /// An authorization request was refused.
    AuthorizationRefused = "authorization.refused",
    /// A person allowed an app.
    ConsentGiven = "consent.given",
    /// A person said no.
    ConsentDenied = "consent.denied",
    /// A person disconnected an app.
    ConsentWithdrawn = "consent.withdrawn",
    /// A code was issued.
    CodeIssued = "code.issued",
    /// A code came back after it was spent; its grant was ended.
    CodeReplayed = "code.replayed",
    /// Tokens were issued.
    TokenIssued = "token.issued",
    /// Tokens were refused.
    TokenRefused = "token.refused",
    /// A spent refresh token came back; its grant was ended.
    RefreshReplayed = "refresh.replayed",
    /// A client failed to prove who it is.
    ClientRefused = "client.refused",
    /// A client gave a token back.
    TokenRevoked = "token.revoked",
    /// Somebody ended all sessions and refresh tokens of theirs.
    DeviceLost = "device.lost",
    /// An EHR prepared a launch.
    LaunchCreated = "launch.created",
    /// A client was imported or changed.
    ClientChanged = "client.changed",
    /// A client was removed.
    ClientRemoved = "client.removed",
    /// A user was imported or changed.
    UserChanged = "user.changed",
    /// A signing key was made, rotated or revoked.
    KeyChanged = "key.changed",
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
