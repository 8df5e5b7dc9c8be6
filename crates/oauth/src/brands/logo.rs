//! The rules of a logo: SVG, or PNG of 1024 by 1024 pixels, by `https:` or within the bundle as `data:` (UB-7).

use fireward_jose::b64;

use super::{brand::is_https, finding::Findings, node::Node};

pub(super) fn check(logo: &Node<'_>, findings: &mut Findings) {
    let Some(url) = logo.text("valueUrl") else {
        if !logo.says_why_absent("valueUrl") {
            findings.error("required", &logo.at("valueUrl"), "a logo is a valueUrl");
        }
        return;
    };
    if let Err(wrong) = read(url) {
        findings.error("value", &logo.at("valueUrl"), wrong);
    }
}

/// What is behind an `https:` address is not looked at: it may change at any time.
fn read(url: &str) -> Result<(), &'static str> {
    let Some(data) = strip(url, "data:") else {
        let wrong = "a logo must be an https: or data: URL";
        return is_https(url).then_some(()).ok_or(wrong);
    };
    let (media, content) = data.split_once(',').ok_or("the data: URL has no content")?;
    let (media, is_base64) = match strip_end(media, ";base64") {
        Some(media) => (media, true),
        None => (media, false),
    };
    let essence = media.split(';').next().unwrap_or_default().to_ascii_lowercase();
    match essence.as_str() {
        "image/svg+xml" if content.is_empty() => Err("the data: URL has no content"),
        "image/svg+xml" => Ok(()),
        "image/png" if is_base64 => png(content),
        "image/png" => Err("a PNG in a data: URL must be in base64"),
        _ => Err("a logo must be image/svg+xml or image/png"),
    }
}

/// The first chunk of a PNG holds its width and height (ISO/IEC 15948 §11.2.2).
fn png(content: &str) -> Result<(), &'static str> {
    // Of the alphabet for URLs, which is the one that is at hand.
    let url_safe = |octet: u8| match octet {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    };
    let head: Vec<u8> = content.bytes().take(32).map(url_safe).collect();
    let octets = b64::decode(head).map_err(|_| "the PNG is not in base64")?;
    let (Some(signature), Some(size)) = (octets.get(..8), octets.get(16..24)) else {
        return Err("the PNG is cut short");
    };
    if signature != b"\x89PNG\r\n\x1a\n" {
        return Err("the content is no PNG");
    }
    let wanted = [1024_u32.to_be_bytes(), 1024_u32.to_be_bytes()].concat();
    if size == wanted { Ok(()) } else { Err("a PNG logo must be 1024 by 1024 pixels") }
}

fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn strip_end<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(rest)
}
