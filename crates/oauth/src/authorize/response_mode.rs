//! How an answer travels through the browser (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form
//! Post Response Mode, JARM §2.3).

use std::fmt;

/// `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In its fragment.
    Fragment,
    /// In a form that the browser posts there.
    FormPost,
    /// As a signed JWT in the query.
    QueryJwt,
    /// As a signed JWT in the fragment.
    FragmentJwt,
    /// As a signed JWT in a form.
    FormPostJwt,
}

/// What carries an answer, signed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// The query of the redirect URI.
    Query,
    /// Its fragment.
    Fragment,
    /// A form that is posted there.
    Form,
}

/// A `response_mode` that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("response_mode must be one of {}", ResponseMode::NAMES.join(" "))]
pub struct UnknownMode;

impl ResponseMode {
    /// Every mode.
    pub const VARIANTS: [Self; 6] = [
        Self::Query,
        Self::Fragment,
        Self::FormPost,
        Self::QueryJwt,
        Self::FragmentJwt,
        Self::FormPostJwt,
    ];

    /// Every name; `jwt` is the mode that a code has by default, signed (JARM §2.3.4).
    pub const NAMES: [&str; 7] =
        ["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"];

    /// The mode of that name.
    ///
    /// # Errors
    /// Nobody knows it.
    pub fn parse(text: &str) -> Result<Self, UnknownMode> {
        if text == "jwt" {
            return Ok(Self::QueryJwt);
        }
        Self::VARIANTS.into_iter().find(|mode| mode.as_str() == text).ok_or(UnknownMode)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// What carries the answer.
    #[must_use]
    pub const fn carrier(self) -> Carrier {
        match self {
            Self::Query | Self::QueryJwt => Carrier::Query,
            Self::Fragment | Self::FragmentJwt => Carrier::Fragment,
            Self::FormPost | Self::FormPostJwt => Carrier::Form,
        }
    }

    /// Whether the answer is a signed JWT.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        match self {
            Self::Query | Self::Fragment | Self::FormPost => false,
            Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt => true,
        }
    }
}

impl fmt::Display for ResponseMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oc_7_02_every_mode_has_its_name_and_jwt_is_a_signed_query() {
        for mode in ResponseMode::VARIANTS {
            assert_eq!(ResponseMode::parse(mode.as_str()), Ok(mode));
            assert!(ResponseMode::NAMES.contains(&mode.as_str()));
            assert_eq!(mode.is_signed(), mode.as_str().contains(".jwt"));
        }
        assert_eq!(ResponseMode::parse("jwt"), Ok(ResponseMode::QueryJwt));
        for strange in ["", "Query", "web_message", "query ", "jwt.query"] {
            assert_eq!(ResponseMode::parse(strange), Err(UnknownMode), "{strange}");
        }
    }
}
