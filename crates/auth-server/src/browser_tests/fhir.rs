//! A FHIR server that knows three patients, visits, scans and a form, and asks for a token of the right kind.
//!
//! Patient `p9` makes it fail: it is there, and what is searched of it is not answered in FHIR.

use std::{net::TcpListener, sync::Mutex};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    rt,
    web::{self, Data, Path, Query},
};
use fireward_jose::{Unverified, typ_is};
use fireward_oauth::{authorize::Params, token::AccessClaims};
use serde_json::{Value, json};

/// How it answers for `RelatedPerson/r1`: the status, and the resource.
pub(super) type Related = Mutex<(u16, Value)>;

/// A `RelatedPerson` as whom somebody may open the record of `p2`.
pub(super) fn grandmother() -> Value {
    json!({
        "resourceType": "RelatedPerson", "id": "r1", "active": true, "patient": {"reference": "Patient/p2"},
        "relationship": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "GRMTH",
        }]}],
    })
}

/// Starts it; its base URL, and what it says of a `RelatedPerson`.
pub(super) fn start() -> (String, Data<Related>) {
    let related = Data::new(Mutex::new((200, grandmother())));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let shared = related.clone();
    let routes = move || {
        App::new()
            .app_data(shared.clone())
            .route("/fhir/RelatedPerson/r1", web::get().to(related_person))
            .route("/fhir/{kind}", web::get().to(search))
            .route("/fhir/{kind}/{id}", web::get().to(read))
    };
    rt::spawn(HttpServer::new(routes).workers(1).listen(listener).unwrap().run());
    (base, related)
}

async fn related_person(request: HttpRequest, related: Data<Related>) -> HttpResponse {
    if !admits(&request, "RelatedPerson") {
        return HttpResponse::Unauthorized().finish();
    }
    let (status, resource) = related.lock().unwrap().clone();
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).json(resource)
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
