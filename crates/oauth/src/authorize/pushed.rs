//! The reference of a pushed authorization request (RFC 9126 §2.2).

use std::fmt;

use crate::vocabulary::{AuthorizationId, PushedSecret};

/// `request_uri` as we hand it out: which request, and the secret that only the client has until it sends the browser here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedUri {
    /// The request that was pushed.
    pub id: AuthorizationId,
    /// What proves that this was handed out.
    pub secret: PushedSecret,
}

const URN: &str = "urn:ietf:params:oauth:request_uri:";

impl PushedUri {
    /// The reference that a `request_uri` is, if it is one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(URN)?.split_once('.')?;
        let id = AuthorizationId::parse(id).ok()?;
        Some(Self { id, secret: PushedSecret::parse(secret).ok()? })
    }

    /// The reference as the client sends it.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{URN}{}.{}", self.id, self.secret.expose())
    }
}

impl fmt::Display for PushedUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{URN}{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Seeded;

    #[test]
    fn oc_12_01_a_reference_is_read_as_it_was_handed_out() {
        let entropy = Seeded(0.into());
        let (id, secret) = (AuthorizationId::draw(&entropy), PushedSecret::draw(&entropy));
        let handed = PushedUri { id, secret };
        assert_eq!(PushedUri::parse(&handed.expose()), Some(handed.clone()));
        assert!(!handed.to_string().contains(handed.secret.expose()), "the log has no secret");
        for strange in ["", "urn:ietf:params:oauth:request_uri:", "https://app.example/r", URN] {
            assert_eq!(PushedUri::parse(strange), None, "{strange}");
        }
        assert_eq!(PushedUri::parse(&handed.expose()[..60]), None);
    }
}
