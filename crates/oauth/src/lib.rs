#![doc = include_str!("../README.md")]

pub mod audit;
pub mod authorize;
pub mod brands;
pub mod capability;
pub mod client;
pub mod error;
pub mod explain;
pub mod grants;
pub mod launch;
pub mod metadata;
pub mod password;
pub mod people;
pub mod people_import;
pub mod policy;
pub mod related_person;
pub mod resource_server;
#[cfg(test)]
mod samples;
mod text;
pub mod token;
pub mod vocabulary;

pub use error::{Code as ErrorCode, Refused};
pub use vocabulary::{
    AuthorizationId, BrowserToken, ClientId, Code, Digest, Entropy, ExplanationId, GrantId, Issuer,
    IssuerId, Jti, LaunchHandle, Lifetime, OpaqueToken, Origin, PushedSecret, RedirectUri,
    RefreshToken, RequestId, ResourceServerId, SecretHash, SessionToken, Timestamp, UserId,
};
