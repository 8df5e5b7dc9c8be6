//! The `CapabilityStatement` at `/metadata`: what is really served, from the same tables that serve
//! it (FHIR R4 §5.1; CF-7).

use serde_json::{Value, json};

use crate::audit::AUDIT_EVENT;
use crate::definitions::{self, Kind, Param};

/// What a capability statement needs to know beyond the tables.
#[derive(Debug, Clone)]
pub struct Server<'a> {
    /// The base URL of the FHIR server.
    pub base: &'a str,
    /// The name and version of the software.
    pub software: (&'a str, &'a str),
    /// When the statement last changed (FHIR `dateTime`).
    pub date: &'a str,
    /// The endpoints of the authorization server; none if they are not known yet.
    pub oauth: Option<Endpoints<'a>>,
}

/// The authorization server's endpoints, each as its discovery document has it.
#[derive(Debug, Clone, Default)]
pub struct Endpoints<'a> {
    /// `authorization_endpoint`
    pub authorize: &'a str,
    /// `token_endpoint`
    pub token: &'a str,
    /// `introspection_endpoint`
    pub introspect: Option<&'a str>,
    /// `revocation_endpoint`
    pub revoke: Option<&'a str>,
    /// `registration_endpoint`
    pub register: Option<&'a str>,
    /// `management_endpoint`
    pub manage: Option<&'a str>,
}

/// The statement.
#[must_use]
pub fn statement(server: &Server<'_>) -> Value {
    let (name, version) = server.software;
    let resources: Vec<_> = definitions::types().iter().map(|kind| resource(kind)).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": server.date,
        "kind": "instance",
        "instantiates": [BULK_DATA],
        "software": { "name": name, "version": version },
        "implementation": { "description": name, "url": server.base },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json", "application/fhir+json"],
        "rest": [{
            "mode": "server", "security": security(server), "resource": resources,
            "interaction": [
                { "code": "batch" }, { "code": "transaction" }, { "code": "history-system" },
            ],
            "operation": [export("export", "export")],
        }],
    })
}

/// How to get in. The extension is for clients that do not know smart-configuration.
pub(crate) fn security(server: &Server<'_>) -> Value {
    let mut security = json!({
        "cors": true,
        "service": [{
            "coding": [{ "system": SERVICE, "code": "SMART-on-FHIR", "display": "SMART-on-FHIR" }],
            "text": "OAuth 2 with SMART App Launch, see .well-known/smart-configuration",
        }],
    });
    if let (Some(oauth), Some(members)) = (&server.oauth, security.as_object_mut()) {
        members.insert("extension".to_owned(), json!([oauth_uris(oauth)]));
    }
    security
}

fn oauth_uris(oauth: &Endpoints<'_>) -> Value {
    let uris = [
        ("authorize", Some(oauth.authorize)),
        ("token", Some(oauth.token)),
        ("introspect", oauth.introspect),
        ("revoke", oauth.revoke),
        ("register", oauth.register),
        ("manage", oauth.manage),
    ];
    let extension = uris
        .into_iter()
        .filter_map(|(name, uri)| uri.map(|uri| json!({ "url": name, "valueUri": uri })));
    json!({ "url": OAUTH_URIS, "extension": extension.collect::<Vec<_>>() })
}

fn resource(kind: &str) -> Value {
    let writes: &[&str] =
        if kind == AUDIT_EVENT { &[] } else { &["create", "update", "patch", "delete"] };
    let reads = ["read", "vread", "history-instance", "history-type", "search-type"];
    let interactions = reads.iter().chain(writes);
    let params = definitions::params(kind);
    let links = params.iter().filter(|param| param.kind == Kind::Reference);
    let mut resource = json!({
        "type": kind,
        "interaction": interactions.map(|code| json!({ "code": code })).collect::<Vec<_>>(),
        "versioning": "versioned-update",
        "readHistory": true,
        "updateCreate": kind != AUDIT_EVENT,
        "conditionalCreate": kind != AUDIT_EVENT,
        "conditionalRead": "full-support",
        "conditionalUpdate": kind != AUDIT_EVENT,
        "conditionalDelete": if kind == AUDIT_EVENT { "not-supported" } else { "single" },
        "searchInclude": links.map(|link| format!("{kind}:{}", link.name)).collect::<Vec<_>>(),
        "searchRevInclude": revincludes(kind),
        "searchParam": params.iter().map(search_param).collect::<Vec<_>>(),
    });
    if let Some(members) = resource.as_object_mut() {
        members.insert("operation".to_owned(), operations(kind).into());
    }
    resource
}

fn operations(kind: &str) -> Vec<Value> {
    let (exported, everything) = match kind {
        "Patient" => (Some("patient-export"), Some(PATIENT_EVERYTHING)),
        "Group" => (Some("group-export"), None),
        "Encounter" => (None, Some(ENCOUNTER_EVERYTHING)),
        _ => (None, None),
    };
    let exported = exported.map(|name| export("export", name));
    let everything = everything.map(|of| json!({ "name": "everything", "definition": of }));
    let validate = json!({ "name": "validate", "definition": VALIDATE });
    exported.into_iter().chain(everything).chain([validate]).collect()
}

/// An operation of Bulk Data Access (STU 2 "CapabilityStatement").
fn export(name: &str, definition: &str) -> Value {
    json!({ "name": name, "definition": format!("{BULK}/OperationDefinition/{definition}") })
}

fn revincludes(kind: &str) -> Vec<String> {
    let sources = definitions::types().iter().flat_map(|source| {
        let links = definitions::params(source).iter().filter(|param| param.targets(kind));
        links.map(move |link| format!("{source}:{}", link.name))
    });
    sources.collect()
}

fn search_param(param: &Param) -> Value {
    json!({ "name": param.name, "type": param.kind.code() })
}

const VALIDATE: &str = "http://hl7.org/fhir/OperationDefinition/Resource-validate";
const PATIENT_EVERYTHING: &str = "http://hl7.org/fhir/OperationDefinition/Patient-everything";
const ENCOUNTER_EVERYTHING: &str = "http://hl7.org/fhir/OperationDefinition/Encounter-everything";
const BULK: &str = "http://hl7.org/fhir/uv/bulkdata";
const BULK_DATA: &str = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data";
const SERVICE: &str = "http://terminology.hl7.org/CodeSystem/restful-security-service";
const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

#[cfg(test)]
mod tests {
    use super::{Endpoints, Server, statement};
    use crate::definitions::types;

    #[test]
    fn cf_7_the_oauth_uris_extension_names_the_endpoints() {
        let oauth = Endpoints {
            authorize: "http://i/authorize",
            token: "http://i/token",
            ..Endpoints::default()
        };
        let server = Server {
            base: "http://h/fhir",
            software: ("Fireward", "1"),
            date: "2026-11-01",
            oauth: Some(oauth),
        };
        let found = statement(&server);
        let security = &found["rest"][0]["security"];
        assert_eq!(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR");
        let uris = security["extension"][0]["extension"].as_array().expect("extension");
        assert_eq!(uris.len(), 2);
        assert_eq!(
            (&uris[0]["url"], &uris[0]["valueUri"]),
            (&"authorize".into(), &"http://i/authorize".into())
        );
        let without = statement(&Server { oauth: None, ..server });
        assert!(without["rest"][0]["security"].get("extension").is_none());
    }

    #[test]
    fn the_statement_lists_what_is_served() {
        let server = Server {
            base: "http://h/fhir",
            software: ("Fireward", "1"),
            date: "2026-11-01",
            oauth: None,
        };
        let found = statement(&server);
        let resources = found["rest"][0]["resource"].as_array().expect("resources");
        assert_eq!(resources.len(), types().len());
        let observation =
            resources.iter().find(|one| one["type"] == "Observation").expect("listed");
        let params = observation["searchParam"].as_array().expect("parameters");
        assert!(params.iter().any(|param| param["name"] == "category" && param["type"] == "token"));
        let operations = |named: &str| {
            let one = resources.iter().find(|one| one["type"] == named).expect("listed");
            let all = one["operation"].as_array().expect("operations").iter();
            let ends = all.filter_map(|one| one["definition"].as_str()?.rsplit('/').next());
            ends.map(str::to_owned).collect::<Vec<_>>()
        };
        let patients = ["patient-export", "Patient-everything", "Resource-validate"];
        assert_eq!(operations("Patient"), patients);
        assert_eq!(operations("Encounter"), ["Encounter-everything", "Resource-validate"]);
        assert_eq!(operations("Group"), ["group-export", "Resource-validate"]);
        assert_eq!(operations("Observation"), ["Resource-validate"]);
        assert_eq!(found["rest"][0]["operation"][0]["name"], "export");
        let links = observation["searchRevInclude"].as_array().expect("links");
        assert!(links.contains(&"Provenance:target".into()));
    }
}
