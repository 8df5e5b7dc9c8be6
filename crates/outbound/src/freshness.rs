//! How long a document may be used (RFC 9111 §4.2, §5.2.2).

use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};

/// Of documents whose server says nothing.
const UNSAID: i64 = 300;
/// However long a server allows: keys are changed for a reason.
const LONGEST: i64 = 24 * 60 * 60;

/// For how many seconds from now.
pub(crate) fn seconds(headers: &HeaderMap) -> i64 {
    let said = headers
        .get_all(CACHE_CONTROL)
        .iter()
        // An unreadable header is no permission.
        .flat_map(|value| value.to_str().unwrap_or("no-store").split(','))
        .filter_map(|directive| directive_seconds(directive.trim()))
        .min();
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.trim().parse::<i64>().ok());
    said.unwrap_or(UNSAID).saturating_sub(age.unwrap_or(0).max(0)).clamp(0, LONGEST)
}

/// What one directive allows; the strictest counts. A `max-age` that cannot be read allows nothing.
fn directive_seconds(directive: &str) -> Option<i64> {
    let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
    if name.eq_ignore_ascii_case("max-age") {
        return Some(value.trim_matches('"').parse().unwrap_or(0));
    }
    let forbids = name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache");
    forbids.then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cache_control: &[&str], age: Option<&str>) -> i64 {
        let mut headers = HeaderMap::new();
        for value in cache_control {
            headers.append(CACHE_CONTROL, value.parse().unwrap());
        }
        if let Some(age) = age {
            headers.insert(AGE, age.parse().unwrap());
        }
        seconds(&headers)
    }

    #[test]
    fn ca_8_cache_control_is_honoured() {
        assert_eq!(of(&["public, max-age=60"], None), 60);
        assert_eq!(of(&["Max-Age=\"60\""], None), 60);
        assert_eq!(of(&["max-age=60"], Some("20")), 40);
        assert_eq!(of(&["max-age=60"], Some("80")), 0);
        assert_eq!(of(&["max-age=600", "max-age=60"], None), 60);
        for none in ["no-store", "no-cache", "max-age=60, no-store", "max-age=-1", "max-age=x"] {
            assert_eq!(of(&[none], None), 0, "{none}");
        }
        assert_eq!(of(&[], None), UNSAID);
        assert_eq!(of(&["public"], None), UNSAID);
        assert_eq!(of(&["max-age=99999999"], None), LONGEST);
    }
}
