//! The shapes of registered claims that are read the same way everywhere (RFC 7519 §4.1).

use serde::{Deserialize, Deserializer, Serialize, de};

/// `aud`: one name or several (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// A string.
    One(String),
    /// An array of strings.
    Many(Vec<String>),
}

impl Audience {
    /// Whether the token is meant for this name, among others perhaps.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|one| one == name)
    }

    /// Each name.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Many(many) => many.iter(),
        }
        .map(String::as_str)
    }
}

/// A point in time as tokens write it: seconds since 1970, perhaps with a fraction, which is dropped
/// (RFC 7519 §2 `NumericDate`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NumericDate(pub i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Fraction(f64),
        }
        /// Far beyond any date, and far below what `f64` holds exactly.
        const FARTHEST: f64 = 1e15;
        match Written::deserialize(reader)? {
            Written::Whole(seconds) => Ok(Self(seconds)),
            Written::Fraction(seconds) if seconds.abs() < FARTHEST => {
                #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
                let whole = seconds.floor() as i64;
                Ok(Self(whole))
            }
            Written::Fraction(_) => Err(de::Error::custom("not a date")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_a_string_or_an_array() {
        let one: Audience = serde_json::from_str(r#""a""#).unwrap();
        let many: Audience = serde_json::from_str(r#"["a","b"]"#).unwrap();
        assert!(one.contains("a") && !one.contains("b"));
        assert!(many.contains("b") && !many.contains("c"));
        assert!(serde_json::from_str::<Audience>("[1]").is_err());
    }

    #[test]
    fn a_date_is_a_number_and_nothing_else() {
        let read = |text| serde_json::from_str::<NumericDate>(text).map(|date| date.0).ok();
        assert_eq!(read("1700000000"), Some(1_700_000_000));
        assert_eq!(read("1700000000.9"), Some(1_700_000_000));
        for text in [r#""1700000000""#, "1e300", "-1e300", "null", "18446744073709551615"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
