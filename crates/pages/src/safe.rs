//! What comes from outside on its way into a page: escaped, shortened, and unable to turn the text around it.
//!
//! The escaper is the default for every `{{ value }}`, so that a template cannot forget it. Two ways around it
//! exist: catalogue strings (already escaped here), and the filter `whole` for values that must arrive unchanged.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use askama::filters::{Escaper, Html, Safe};

/// The longest run of text from outside that a page shows, in characters.
pub(crate) const LONGEST: usize = 200;

/// The escaper of every template (`askama.toml`).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Guarded;

impl Escaper for Guarded {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &tame(string))
    }
}

/// Takes out control and direction characters, and shortens to [`LONGEST`].
pub(crate) fn tame(raw: &str) -> Cow<'_, str> {
    let harmless = raw.len() <= LONGEST && !raw.chars().any(unwelcome);
    if harmless {
        return Cow::Borrowed(raw);
    }
    let mut rest = raw.chars().filter(|c| !unwelcome(*c));
    let mut short: String = rest.by_ref().take(LONGEST).collect();
    if rest.next().is_some() {
        short.push('…');
    }
    Cow::Owned(short)
}

/// Characters that are not seen but change what is: controls, bidi embeddings, overrides, isolates and marks,
/// line separators, zero-width spaces, tags and the byte order mark. Joiners and variation selectors stay: names
/// need them.
fn unwelcome(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Text of ours, with what it quotes already tamed: escaped for HTML and kept whole.
pub(crate) fn said(text: &str) -> Safe<String> {
    let mut html = String::with_capacity(text.len());
    // Writing to a `String` does not fail.
    let _ = Html.write_escaped_str(&mut html, text);
    Safe(html)
}

/// An address that a client gave, if it may stand in a link: a web address and nothing else.
pub(crate) fn web_link(address: &str) -> Option<&str> {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let web = lower.starts_with("https://") || lower.starts_with("http://");
    (web && !address.chars().any(|c| unwelcome(c) || c.is_whitespace())).then_some(address)
}

/// An address on this server: where images and style sheets may come from.
pub(crate) fn own_path(address: &str) -> Option<&str> {
    let own = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
    (own && !address.chars().any(|c| unwelcome(c) || c.is_whitespace())).then_some(address)
}

/// Filters of the templates.
#[expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "the shape that askama's macro gives a filter"
)]
pub(crate) mod filters {
    use std::fmt::Display;

    use askama::{Result, Values, filters::Safe};

    /// Escaped but neither shortened nor cleaned: for addresses and for values that a form sends back.
    #[askama::filter_fn]
    pub(crate) fn whole(value: impl Display, _: &dyn Values) -> Result<Safe<String>> {
        Ok(super::said(&value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_direction_and_control_characters_are_taken_out() {
        assert_eq!(tame("a\u{202e}b\u{2066}c\u{0}d\ne\u{200f}f"), "abcdef");
        assert_eq!(tame("Zoë 王小明 فاطمة"), "Zoë 王小明 فاطمة");
    }

    #[test]
    fn x1_ten_kilobytes_are_shortened() {
        let long = tame(&"é".repeat(10_000)).into_owned();
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn x2_only_web_addresses_become_links() {
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            " https://a",
            "https:/a b",
        ] {
            assert_eq!(web_link(bad), None, "{bad}");
        }
        assert_eq!(web_link("HTTPS://a.example/"), Some("HTTPS://a.example/"));
    }

    #[test]
    fn x2_only_paths_of_this_server_become_images() {
        for bad in ["//evil.example/a.png", "https://evil.example/a.png", "/\\evil", "data:x", ""] {
            assert_eq!(own_path(bad), None, "{bad}");
        }
        assert_eq!(own_path("/logos/1"), Some("/logos/1"));
    }
}
