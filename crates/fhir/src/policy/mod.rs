//! What a site lays down beyond scopes. Everything here can only narrow what scopes allow, but for
//! [`Rules::shared_without_scope`], which a site has to ask for.

/// The rules of a server, which hold for every request.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// What is done about matches and inclusions that the token does not open (rows 82, 84).
    pub search: SearchEnforcement,
    /// Whether an instance that the token does not reach looks as if it were not there: 404, else 403 (D-36).
    pub hide: bool,
    /// Whether shared types that a readable resource of the record refers to can be read without a scope of their own
    /// (row 77; D-35).
    pub shared_without_scope: bool,
}

/// What is done about matches of a search that the token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchEnforcement {
    /// They are left out.
    #[default]
    Filter,
    /// The search is refused with 403.
    Reject,
}

impl Default for Rules {
    fn default() -> Self {
        Self { search: SearchEnforcement::Filter, hide: true, shared_without_scope: false }
    }
}
