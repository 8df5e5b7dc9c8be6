//! A style that apps may take over (SC-19; SMART 2.2 scopes-and-launch-context, `smart_style_url`).

use std::collections::BTreeMap;

use fireward_jose::{b64, sha256};
use serde_json::Value;

use crate::error::ensure;

/// A style: some of the members that SMART defines, each with a value that is safe to put into a style sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style(BTreeMap<&'static str, String>);

/// Why a style is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedStyle {
    /// Not an object of texts.
    #[error("a style is a JSON object whose members are texts")]
    NotAnObject,
    /// Nothing in it.
    #[error("a style has at least one member")]
    Empty,
    /// A member that SMART does not define.
    #[error("a style knows the members {}", known())]
    UnknownMember,
    /// A value that its member does not take.
    #[error("{member} must be {}", .kind.expected())]
    Value {
        /// The member.
        member: &'static str,
        /// What it takes.
        kind: Kind,
    },
}

/// What a member of a style takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A colour.
    Colour,
    /// A length.
    Length,
    /// A list of typefaces.
    Typefaces,
}

/// The members of a style (SC-19) and what they take.
pub const MEMBERS: [(&str, Kind); 11] = [
    ("color_background", Kind::Colour),
    ("color_error", Kind::Colour),
    ("color_highlight", Kind::Colour),
    ("color_modal_backdrop", Kind::Colour),
    ("color_success", Kind::Colour),
    ("color_text", Kind::Colour),
    ("dim_border_radius", Kind::Length),
    ("dim_font_size", Kind::Length),
    ("dim_spacing_size", Kind::Length),
    ("font_family_body", Kind::Typefaces),
    ("font_family_heading", Kind::Typefaces),
];

/// Fireward's own look, for issuers that configure none: that of its pages.
impl Default for Style {
    fn default() -> Self {
        Self(OWN.map(|(member, value)| (member, value.to_owned())).into())
    }
}

const OWN: [(&str, &str); 11] = [
    ("color_background", "#f4f6f4"),
    ("color_error", "#a8231f"),
    ("color_highlight", "#12594a"),
    ("color_modal_backdrop", "#16211d"),
    ("color_success", "#0b4538"),
    ("color_text", "#16211d"),
    ("dim_border_radius", "12px"),
    ("dim_font_size", "16px"),
    ("dim_spacing_size", "16px"),
    ("font_family_body", TYPEFACES),
    ("font_family_heading", TYPEFACES),
];

const TYPEFACES: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

impl Style {
    /// Checks a style.
    ///
    /// # Errors
    /// Names what was expected.
    pub fn from_json(style: &Value) -> Result<Self, MalformedStyle> {
        let object = style.as_object().ok_or(MalformedStyle::NotAnObject)?;
        ensure(!object.is_empty(), MalformedStyle::Empty)?;
        let mut members = BTreeMap::new();
        for (name, value) in object {
            let (member, kind) = MEMBERS
                .into_iter()
                .find(|(known, _)| known == name)
                .ok_or(MalformedStyle::UnknownMember)?;
            let text = value.as_str().ok_or(MalformedStyle::NotAnObject)?;
            ensure(kind.takes(text), MalformedStyle::Value { member, kind })?;
            members.insert(member, text.to_owned());
        }
        Ok(Self(members))
    }

    /// As it is served. Equal styles have equal octets, whatever order their members came in.
    #[must_use]
    pub fn body(&self) -> String {
        // A map of texts always has a form in JSON.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The name that changes with the content: 132 bits of the body's SHA-256 in base64url.
    #[must_use]
    pub fn hash(&self) -> String {
        b64::encode(sha256(self.body())).chars().take(22).collect()
    }
}

impl Kind {
    const fn expected(self) -> &'static str {
        match self {
            Self::Colour => "a colour such as #1a2b3c, #abc or #1a2b3cff",
            Self::Length => "a length of 0 to 1000 in px, rem or em, such as 16px",
            Self::Typefaces => {
                "names of typefaces with commas between them, of letters, digits, spaces, hyphens and quotes"
            }
        }
    }

    fn takes(self, text: &str) -> bool {
        match self {
            Self::Colour => is_colour(text),
            Self::Length => is_length(text),
            Self::Typefaces => is_typefaces(text),
        }
    }
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|octet| octet.is_ascii_hexdigit())
}

fn is_length(text: &str) -> bool {
    let number = ["px", "rem", "em"].into_iter().find_map(|unit| text.strip_suffix(unit));
    let plain = |number: &&str| number.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
    let number = number.filter(plain).filter(|number| number.len() <= 8);
    number
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(|number| (0.0..=1_000.0).contains(&number))
}

fn is_typefaces(text: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let unquoted = |name: &str| {
        let inner = ['"', '\''].into_iter().find_map(|quote| {
            name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).map(str::to_owned)
        });
        inner.unwrap_or_else(|| name.to_owned())
    };
    let fits = |name: &str| {
        let name = unquoted(name.trim());
        !name.is_empty() && name.chars().all(of_name)
    };
    text.len() <= 500 && text.split(',').all(fits)
}

fn known() -> String {
    MEMBERS.map(|(name, _)| name).join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn sc_19_the_name_changes_with_the_content_and_with_nothing_else() {
        let read = |text: &str| Style::from_json(&serde_json::from_str(text).unwrap()).unwrap();
        let one = read(r##"{"color_text": "#000", "dim_font_size": "16px"}"##);
        let same = read(r##"{"dim_font_size": "16px", "color_text": "#000"}"##);
        let other = read(r##"{"color_text": "#001", "dim_font_size": "16px"}"##);
        assert_eq!((one.hash(), one.body()), (same.hash(), same.body()));
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.hash().len(), 22);
    }

    #[test]
    fn sc_19_our_own_style_is_one() {
        let own = Style::default();
        let read: Value = serde_json::from_str(&own.body()).unwrap();
        assert_eq!(Style::from_json(&read), Ok(own));
        assert!(MEMBERS.iter().all(|(member, _)| read.get(member).is_some()));
    }

    #[test]
    fn sc_19_values_are_what_their_members_take() {
        let good = json!({
            "color_background": "#edeae3", "color_error": "#9e2d2d", "color_highlight": "#69b",
            "color_modal_backdrop": "#00000080", "dim_border_radius": "0px",
            "dim_spacing_size": "1.25rem",
            "font_family_body": "Georgia, Times, 'Times New Roman', serif",
        });
        assert!(Style::from_json(&good).is_ok());
        for (bad, told) in [
            (json!([]), "object"),
            (json!({}), "at least one"),
            (json!({"colour_text": "#000"}), "color_text"),
            (json!({"color_text": 1}), "texts"),
            (json!({"color_text": "red"}), "color_text"),
            (json!({"color_text": "#00"}), "color_text"),
            (json!({"color_text": "#00g"}), "color_text"),
            (json!({"color_text": "#000;background:url(//evil.example)"}), "color_text"),
            (json!({"dim_font_size": "16"}), "dim_font_size"),
            (json!({"dim_font_size": "-1px"}), "dim_font_size"),
            (json!({"dim_font_size": "1e9px"}), "dim_font_size"),
            (json!({"dim_font_size": "px"}), "dim_font_size"),
            (json!({"dim_font_size": "1001px"}), "dim_font_size"),
            (json!({"font_family_body": "a;b"}), "font_family_body"),
            (json!({"font_family_body": "'a"}), "font_family_body"),
            (json!({"font_family_body": ""}), "font_family_body"),
            (json!({"font_family_body": "a".repeat(501)}), "font_family_body"),
        ] {
            let fault = Style::from_json(&bad).unwrap_err().to_string();
            assert!(fault.contains(told), "{bad}: {fault}");
        }
    }

    proptest! {
        #[test]
        fn sc_19_nothing_that_ends_a_declaration_is_admitted(text in ".{0,40}") {
            for (member, _) in MEMBERS {
                if Style::from_json(&json!({member: text})).is_ok() {
                    let breaks = text.contains([';', '{', '}', '(', '/', '\\', '<', '\n', ':']);
                    prop_assert!(!breaks);
                }
            }
        }
    }
}
