//! Checked newtypes: the only places where the protocol's strings are held.

mod entropy;
mod ids;
mod issuer;
mod origin;
mod pkce;
mod redirect;
mod refresh_token;
mod secret;
mod time;

pub use entropy::Entropy;
pub use ids::{
    AuthorizationId, ClientId, ExplanationId, GrantId, IssuerId, Jti, MalformedId, RequestId,
    ResourceServerId, UserId,
};
pub use issuer::{Issuer, MalformedIssuer};
pub use origin::{MalformedOrigin, Origin};
pub use pkce::{MalformedPkce, PkceChallenge, PkceVerifier, met};
pub use redirect::{MalformedRedirect, RedirectUri};
pub use refresh_token::{Family, RefreshToken};
pub use secret::{
    BrowserToken, Code, Digest, LaunchHandle, MalformedSecret, OpaqueToken, PushedSecret,
    SecretHash, SessionToken, WeakSecret,
};
pub use time::{Lifetime, Timestamp};
