//! `prompt` (`OpenID` Connect Core §3.1.2.1).

/// What a request's `prompt` wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent values")]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// The person must sign in anew.
    pub login: bool,
    /// The person must be asked again.
    pub consent: bool,
    /// The person must say whose account it is.
    pub select_account: bool,
}

/// A `prompt` that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("prompt must be none alone, or some of login, consent and select_account")]
pub struct MalformedPrompt;

impl Prompt {
    /// The values that are supported, for discovery.
    pub const VALUES: [&'static str; 4] = ["none", "login", "consent", "select_account"];

    /// Reads the parameter's value.
    ///
    /// # Errors
    /// For an unknown value, or `none` beside others (P10).
    pub fn parse(text: &str) -> Result<Self, MalformedPrompt> {
        let mut prompt = Self::default();
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(MalformedPrompt),
            }
        }
        let alone = !(prompt.login || prompt.consent || prompt.select_account);
        if prompt.none && !alone { Err(MalformedPrompt) } else { Ok(prompt) }
    }
}
