//! The files that pages load, embedded, with a hash of their content in the path, so that a browser may keep them for good.

/// A file as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its content.
    pub bytes: &'static [u8],
    /// Its media type.
    pub content_type: &'static str,
    /// What to say in `Cache-Control`.
    pub cache_control: &'static str,
}

struct File {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    hash: u64,
}

const fn file(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> File {
    File { name, content_type, bytes, hash: fnv1a(bytes) }
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static FILES: [File; 8] = [
    file("fireward.css", CSS, include_bytes!("../../../static/fireward.css")),
    file("fireward.js", JS, include_bytes!("../../../static/fireward.js")),
    file("mark.svg", SVG, include_bytes!("../../../static/mark.svg")),
    file("ehr.css", CSS, include_bytes!("../../../static/ehr/ehr.css")),
    file("ehr.js", JS, include_bytes!("../../../static/ehr/ehr.js")),
    file("wordmark.svg", SVG, include_bytes!("../../../static/wordmark.svg")),
    file("app.svg", SVG, include_bytes!("../../../static/app.svg")),
    file("favicon.svg", SVG, include_bytes!("../../../static/favicon.svg")),
];

/// The path of a file, `/assets/<hash>/<name>`; of an unknown one the path that will not be found.
#[must_use]
pub fn href(name: &str) -> String {
    let hash = FILES.iter().find(|file| file.name == name).map_or(0, |file| file.hash);
    format!("/assets/{hash:016x}/{name}")
}

/// The file for `GET /assets/{hash}/{name}`.
///
/// A hash of another version still finds the file, since nodes of two versions serve together for a while,
/// but then it may not be kept.
#[must_use]
pub fn find(hash: &str, name: &str) -> Option<Asset> {
    let file = FILES.iter().find(|file| file.name == name)?;
    let current = hash == format!("{:016x}", file.hash);
    let cache_control = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(Asset { bytes: file.bytes, content_type: file.content_type, cache_control })
}

/// FNV-1a: tells versions apart; it protects nothing, since the files are ours.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_finds_the_file_it_names_and_may_keep_it() {
        let path = href("fireward.css");
        let mut parts = path.trim_start_matches("/assets/").split('/');
        let asset = find(parts.next().unwrap(), parts.next().unwrap()).unwrap();
        assert!(asset.cache_control.contains("immutable"));
        assert!(asset.content_type.starts_with("text/css"));
    }

    #[test]
    fn another_version_is_found_but_not_kept() {
        assert_eq!(find("0", "fireward.css").unwrap().cache_control, "no-cache");
        assert_eq!(find("0", "../Cargo.toml"), None);
    }
}
