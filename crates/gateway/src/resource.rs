//! A resource of the server behind, read so that what is judged is what leaves.

use fireward_fhir::reference::{Reference, is_id};
use fireward_jose::json;
use serde_json::Value;

use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;

/// A resource with the text that may leave, where a permit allows it.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) value: Value,
    pub(crate) text: String,
}

impl Resource {
    /// Reads a resource. A member that is there twice would be judged by one of its values and read by the other, so there
    /// must be none; references to the server behind become relative, as the judge knows them.
    pub(crate) fn read(gateway: &Gateway, text: &[u8]) -> Result<Self, Failure> {
        let value: Value = json::from_slice(text).map_err(|_| Fault::Unproven(NO_JSON))?;
        let mut ours = value.clone();
        rewrite(&mut ours, &|url| gateway.upstream.local(url), &gateway.base);
        let text = if ours == value {
            // As it was written: numbers keep the digits that they have.
            std::str::from_utf8(text).map_err(|_| Fault::Unproven(NO_JSON))?.to_owned()
        } else {
            ours.to_string()
        };
        Ok(Self { value: ours, text })
    }

    /// The type.
    pub(crate) fn kind(&self) -> &str {
        self.value.get("resourceType").and_then(Value::as_str).unwrap_or_default()
    }

    /// The id, if it can be one.
    pub(crate) fn id(&self) -> Option<&str> {
        self.value.get("id").and_then(Value::as_str).filter(|id| is_id(id))
    }

    /// The version, if it can be one.
    pub(crate) fn version(&self) -> Option<&str> {
        self.value.pointer("/meta/versionId").and_then(Value::as_str).filter(|id| is_id(id))
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, kind: &str, id: &str) -> bool {
        self.kind() == kind && self.id() == Some(id)
    }
}

/// Makes references to a server relative, and other addresses below its base ours. `local` says what of an address is
/// below that base.
pub(crate) fn rewrite(json: &mut Value, local: &dyn Fn(&str) -> Option<String>, ours: &str) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, local, ours)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if let Value::String(text) = member {
                    settle(name, text, local, ours);
                } else {
                    rewrite(member, local, ours);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn settle(name: &str, text: &mut String, local: &dyn Fn(&str) -> Option<String>, ours: &str) {
    if let Some(below) = text.contains("://").then(|| local(text)).flatten() {
        *text = if name == "reference" { below } else { format!("{ours}/{below}") };
    }
}

/// The first reference that servers may read in different ways: neither `Type/id`, nor a part of the resource itself, nor
/// certainly elsewhere. Who writes one might write into another record than is judged.
pub(crate) fn doubtful<'a>(gateway: &Gateway, json: &'a Value) -> Option<&'a str> {
    match json {
        Value::Array(items) => items.iter().find_map(|item| doubtful(gateway, item)),
        Value::Object(members) => {
            let own = members.get("reference").and_then(Value::as_str);
            let own = own.filter(|text| !is_plain(gateway, text));
            own.or_else(|| members.values().find_map(|member| doubtful(gateway, member)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn is_plain(gateway: &Gateway, text: &str) -> bool {
    if text.starts_with('#') || text.starts_with("urn:uuid:") || text.starts_with("urn:oid:") {
        return true;
    }
    match Reference::parse(text) {
        Some(found) if found.kind.is_empty() => {
            text.contains("://") && !gateway.upstream.is_host_of(text)
        }
        Some(_) => true,
        None => false,
    }
}

const NO_JSON: &str = "it is no JSON that has one reading";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_become_relative_and_other_addresses_ours() {
        let local = |url: &str| url.strip_prefix("http://up/fhir/").map(str::to_owned);
        let mut resource = json!({
            "subject": { "reference": "http://up/fhir/Patient/a" },
            "performer": [{ "reference": "https://else.example/Practitioner/p" }],
            "content": [{ "attachment": { "url": "http://up/fhir/Binary/1" } }],
            "note": "see http://up",
        });
        rewrite(&mut resource, &local, "https://ours/fhir");
        assert_eq!(resource["subject"]["reference"], "Patient/a");
        assert_eq!(resource["performer"][0]["reference"], "https://else.example/Practitioner/p");
        assert_eq!(resource["content"][0]["attachment"]["url"], "https://ours/fhir/Binary/1");
        assert_eq!(resource["note"], "see http://up");
    }
}
