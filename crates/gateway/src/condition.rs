//! Conditions on the version of a resource, as tags that mean something to the server behind alone (RFC 9110 §8.8.3, §13.1).

use crate::failure::Failure;

/// The conditions of a request, or of an entry of a bundle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
}

impl Conditions {
    /// Whether `If-Match` is met by the version that is stored; by none, where none is.
    pub(crate) fn is_met_by(&self, stored: Option<&str>) -> Result<bool, Failure> {
        let Some(wanted) = &self.if_match else { return Ok(true) };
        names(wanted, stored).ok_or(Failure::BadCondition("If-Match"))
    }

    /// Whether `If-None-Match` names the version that is stored.
    pub(crate) fn knows(&self, stored: Option<&str>) -> Result<bool, Failure> {
        let Some(known) = &self.if_none_match else { return Ok(false) };
        names(known, stored).ok_or(Failure::BadCondition("If-None-Match"))
    }

    /// Whether the resource must not be there yet: the only use of `If-None-Match` in a write.
    pub(crate) fn demands_absence(&self) -> Result<bool, Failure> {
        match self.if_none_match.as_deref().map(str::trim) {
            None => Ok(false),
            Some("*") if self.if_match.is_none() => Ok(true),
            Some(_) => Err(Failure::BadCondition("If-None-Match")),
        }
    }
}

/// Whether a list of tags names the tag. `None` where it is no such list.
fn names(list: &str, stored: Option<&str>) -> Option<bool> {
    if list.trim() == "*" {
        return Some(stored.is_some());
    }
    let tags: Vec<_> = list.split(',').map(|tag| opaque(tag.trim())).collect::<Option<_>>()?;
    let stored = stored.and_then(opaque);
    Some(stored.is_some_and(|stored| tags.contains(&stored)))
}

/// What is between the quotes: weak or strong makes no difference to resources. A bare number is taken too, because
/// clients send it.
fn opaque(tag: &str) -> Option<&str> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let bare = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let is_number = !tag.is_empty() && tag.bytes().all(|octet| octet.is_ascii_digit());
    let text = bare.or_else(|| is_number.then_some(tag))?;
    let fits = (1..=128).contains(&text.len());
    (fits && text.bytes().all(|octet| octet.is_ascii_graphic() && !b"\",\\".contains(&octet)))
        .then_some(text)
}

/// A tag of the server behind, if it is well-formed.
pub(crate) fn tag(text: &str) -> Option<String> {
    let quoted = text.trim().ends_with('"');
    opaque(text.trim()).filter(|_| quoted).map(|_| text.trim().to_owned())
}

/// The tag of a version.
pub(crate) fn of_version(version: &str) -> String {
    format!("W/\"{version}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_named_in_every_common_spelling() {
        for list in ["W/\"3\"", "\"3\"", "3", " W/\"2\" , W/\"3\" ", "*"] {
            assert_eq!(names(list, Some("W/\"3\"")), Some(true), "{list}");
        }
        assert_eq!(names("W/\"4\"", Some("W/\"3\"")), Some(false));
        assert_eq!(names("W/\"ab-1\"", Some("\"ab-1\"")), Some(true));
        assert_eq!(names("*", None), Some(false));
        assert_eq!(names("W/\"3\"", None), Some(false));
    }

    #[test]
    fn what_is_no_list_of_tags_is_not_ignored() {
        for nonsense in ["nonsense", "W/\"", "\"", "", "-1", "\"a\"b\"", "\"a\" \"b\""] {
            assert_eq!(names(nonsense, Some("W/\"3\"")), None, "{nonsense:?}");
        }
        assert_eq!(tag("W/\"3\"").as_deref(), Some("W/\"3\""));
        for wrong in ["3", "x", "W/\"3\r\nSet-Cookie: a\"", ""] {
            assert_eq!(tag(wrong), None, "{wrong:?}");
        }
    }
}
