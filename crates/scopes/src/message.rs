//! What a scope means, as a key for the catalogue of strings. The words live with the pages.

/// The key of a sentence and what to fill in. Every key is in [`MESSAGE_KEYS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The key in the catalogue.
    pub key: &'static str,
    /// Names and values for the placeholders, in a fixed order.
    pub args: Vec<(&'static str, String)>,
}

/// Every key that [`crate::Scope::describe`] can give, so that a catalogue can be proved complete.
///
/// The five `scope-see…`, `scope-add` and `scope-change` keys have the arguments `level`
/// (`patient`, `user`, `system`), `resource` (a resource type, or `all`), `kind` (the code of a
/// known category, else empty), `filter` (a constraint that is no known category, else empty) and
/// `writes` (those of the letters `cud` that are asked).
/// `scope-launch-context` has `type` (lower case), `named` (the type as FHIR spells it) and `role` (or
/// empty); `scope-extension` has `name`.
pub const MESSAGE_KEYS: &[&str] = &[
    "scope-openid",
    "scope-fhir-user",
    "scope-profile",
    "scope-email",
    "scope-address",
    "scope-phone",
    "scope-offline-access",
    "scope-online-access",
    "scope-launch",
    "scope-launch-context",
    "scope-see",
    "scope-add",
    "scope-change",
    "scope-see-and-add",
    "scope-see-and-change",
    "scope-extension",
];
