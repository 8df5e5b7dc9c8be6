//! `authorization_details` (RFC 9396 §7, AL-25): where a token counts, and for whose record by that server's ids.
//!
//! A token counts at one server (D-28), so one is told of. What the person has elsewhere is told by the token for there.

use serde_json::{Map, Value, json};

use crate::{launch::LaunchContext, resource_server::ResourceServer};

/// The `type` of its objects.
pub const AUTHORIZATION_DETAILS_TYPE: &str = "smart_on_fhir";

/// Adds what is to be said of a token for `server`; nothing where it is for none.
pub(super) fn tell(
    members: &mut Map<String, Value>,
    server: Option<&ResourceServer>,
    context: Option<&LaunchContext>,
) {
    let Some(server) = server else { return };
    let mut detail = json!({
        "type": AUTHORIZATION_DETAILS_TYPE,
        "locations": [server.base_url],
        "fhirVersions": server.fhir_versions,
    });
    let context = context.map(LaunchContext::members).unwrap_or_default();
    let of_location = context
        .into_iter()
        .filter(|(name, _)| matches!(name.as_str(), "patient" | "encounter" | "fhirContext"));
    if let Some(detail) = detail.as_object_mut() {
        detail.extend(of_location);
    }
    members.insert("authorization_details".to_owned(), json!([detail]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::server;

    #[test]
    fn al_25_a_token_tells_of_the_one_server_where_it_counts() {
        let context = LaunchContext {
            patient: Some("l-9".into()),
            need_patient_banner: Some(true),
            ..LaunchContext::default()
        };
        let mut members = Map::new();
        tell(&mut members, Some(&server()), Some(&context));
        let expected = json!([{
            "type": "smart_on_fhir", "locations": ["https://fhir.example/r4"], "fhirVersions": ["4.0.1"], "patient": "l-9",
        }]);
        assert_eq!(members["authorization_details"], expected);
        let mut none = Map::new();
        tell(&mut none, None, Some(&context));
        assert!(none.is_empty(), "plain sign-in is at no FHIR server");
    }
}
