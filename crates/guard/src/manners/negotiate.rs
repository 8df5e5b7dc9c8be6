//! Which representation is spoken: JSON, and nothing else (FHIR R4 http.html#mime-type).

use actix_web::http::header::HeaderMap;

/// The media type of every resource that we send.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// Whether the asker can read what we write. `_format` wins over `Accept`, because that is what it is for.
#[must_use]
pub fn accepts_json(headers: &HeaderMap, format: Option<&str>) -> bool {
    if let Some(format) = format {
        return format == "json" || is_json(format);
    }
    let mut lines = headers.get_all("accept").map(|v| v.to_str().unwrap_or_default()).peekable();
    lines.peek().is_none() || lines.flat_map(|line| line.split(',')).any(range_has_json)
}

/// Whether a body is declared to be JSON.
#[must_use]
pub fn is_json(media_type: &str) -> bool {
    // A space may be a `+` that was not encoded in a query.
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        essence.as_str(),
        "application/fhir+json" | "application/fhir json" | "application/json" | "text/json"
    )
}

fn range_has_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let refused = parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
    !refused && (matches!(essence, "" | "*/*" | "application/*") || is_json(essence))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT, HeaderValue};

    use super::*;

    fn accept(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn json_is_spoken_to_whoever_can_read_it() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for value in ["application/fhir+json", "application/json; fhirVersion=4.0", "*/*", browser]
        {
            assert!(accepts_json(&accept(value), None), "{value}");
        }
        assert!(accepts_json(&HeaderMap::new(), None));
        assert!(accepts_json(&accept("application/fhir+xml"), Some("application/fhir json")));
    }

    #[test]
    fn xml_and_other_representations_are_not() {
        for value in ["application/fhir+xml", "text/html", "application/json;q=0"] {
            assert!(!accepts_json(&accept(value), None), "{value}");
        }
        assert!(!accepts_json(&accept("application/fhir+json"), Some("xml")));
    }
}
