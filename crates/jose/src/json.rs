//! JSON as a security protocol must read it: a member twice is an error (RFC 8725 §2.4, RFC 7515 §4),
//! nesting is bounded, nothing follows the value.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};

/// How deep objects and arrays may nest.
pub const MAX_DEPTH: usize = 32;

/// Why a text is not the JSON that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotStrict(String);

/// Reads a value; members that appear twice and nesting beyond [`MAX_DEPTH`] are errors at any level.
///
/// # Errors
/// The text is not JSON, not strict, or not a `T`.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotStrict> {
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|e| NotStrict(e.to_string()))
}

fn check(bytes: &[u8]) -> Result<(), NotStrict> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let walked = Walk { depth: 0 }.deserialize(&mut reader).and_then(|()| reader.end());
    walked.map_err(|e| NotStrict(e.to_string()))
}

/// Walks over any value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Walk {
    depth: usize,
}

impl Walk {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while items.next_element_seed(deeper)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if !seen.insert(name) {
                return Err(de::Error::custom("a member appears twice"));
            }
            members.next_value_seed(deeper)?;
        }
        Ok(())
    }
}

/// A member's name, borrowed from the text unless it is written with escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_member_twice_is_refused_at_any_level_and_however_it_is_spelled() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#, r#"{"a":1,"\u0061":2}"#] {
            assert!(from_slice::<Value>(text.as_bytes()).is_err(), "{text}");
        }
        assert!(from_slice::<Value>(br#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#).is_ok());
    }

    #[test]
    fn z2_deep_nesting_and_trailing_text_are_refused() {
        let nested = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
        assert!(from_slice::<Value>(&nested(MAX_DEPTH)).is_ok());
        assert!(from_slice::<Value>(&nested(MAX_DEPTH + 1)).is_err());
        assert!(from_slice::<Value>(&nested(1_000)).is_err());
        assert!(from_slice::<Value>(b"{} {}").is_err());
        assert!(from_slice::<Value>(b"").is_err());
    }
}
