//! A FHIR server that knows three patients, visits, scans and a form, and asks for a token of the right kind.
//!
//! Patient `p9` makes it fail: it is there, and what is searched of it is not answered in FHIR.

use std::net::TcpListener;

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, rt,
    web::{self, Path, Query},
};
use fireward_jose::{Unverified, typ_is};
use fireward_oauth::{authorize::Params, token::AccessClaims};
use serde_json::{Value, json};

/// Starts it; its base URL.
pub(super) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let routes = || {
        App::new()
            .route("/fhir/{kind}", web::get().to(search))
            .route("/fhir/{kind}/{id}", web::get().to(read))
    };
    rt::spawn(HttpServer::new(routes).workers(1).listen(listener).unwrap().run());
    base
}

fn admits(request: &HttpRequest, kind: &str) -> bool {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    Unverified::<AccessClaims>::parse(token).is_ok_and(|token| {
        let claims = token.peek();
        typ_is(token.header().typ.as_deref(), "at+jwt")
            && claims.client_id == "fireward"
            && claims.aud.iter().all(|aud| aud.ends_with("/fhir"))
            && claims.scope == format!("system/{kind}.rs")
    })
}

async fn read(request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let (kind, id) = path.into_inner();
    if !admits(&request, &kind) {
        return HttpResponse::Unauthorized().finish();
    }
    match resources(&kind).into_iter().find(|one| one["id"] == id.as_str()) {
        Some(found) => HttpResponse::Ok().json(found),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn search(
    request: HttpRequest,
    kind: Path<String>,
    query: Query<Vec<(String, String)>>,
) -> HttpResponse {
    if !admits(&request, &kind) {
        return HttpResponse::Unauthorized().finish();
    }
    let query = Params::new(query.into_inner());
    let one = |name| query.one(name).unwrap().map(str::to_owned);
    let (ids, name, patient) = (one("_id"), one("name"), one("patient"));
    if patient.as_deref() == Some("p9") {
        return HttpResponse::Ok().body("<html>Please wait</html>");
    }
    if kind.as_str() == "Device" {
        return HttpResponse::NotFound().finish();
    }
    let fits = |resource: &Value| {
        let text = resource.to_string();
        ids.as_ref().is_none_or(|ids| ids.split(',').any(|id| resource["id"] == id))
            && name.as_ref().is_none_or(|name| text.contains(name.as_str()))
            && patient.as_ref().is_none_or(|id| text.contains(&format!("Patient/{id}\"")))
    };
    let found = resources(&kind).into_iter().filter(fits).map(|one| json!({"resource": one}));
    let entry: Vec<_> = found.collect();
    let next = format!("http://{}/fhir/{kind}?_page=2", request.connection_info().host());
    HttpResponse::Ok().json(json!({
        "resourceType": "Bundle", "entry": entry, "link": [{"relation": "next", "url": next}],
    }))
}

fn resources(kind: &str) -> Vec<Value> {
    let patient = |id: &str, given: &str, born: &str| {
        json!({
            "resourceType": "Patient", "id": id, "birthDate": born, "gender": "female",
            "name": [{"given": [given], "family": "Silva"}], "identifier": [{"value": format!("MRN-{id}")}],
        })
    };
    let encounter = |id: &str, of: &str| {
        json!({
            "resourceType": "Encounter", "id": id, "status": "finished",
            "subject": {"reference": format!("Patient/{of}")}, "type": [{"text": "Check-up"}],
        })
    };
    match kind {
        "Patient" => vec![
            patient("p1", "Ana", "1979-03-04"),
            patient("p2", "Bea", "2015-01-02"),
            patient("p3", "Cid", "2018-05-06"),
            patient("p9", "Dot", "2019-07-08"),
        ],
        "Encounter" => vec![encounter("e1", "p1"), encounter("e2", "p2")],
        "ImagingStudy" => vec![json!({
            "resourceType": "ImagingStudy", "id": "i1", "description": "CT of the chest",
            "subject": {"reference": "Patient/p1"}, "started": "2024-05-06",
        })],
        "Questionnaire" => {
            vec![json!({"resourceType": "Questionnaire", "id": "q1", "title": "Sleep diary"})]
        }
        _ => vec![],
    }
}
