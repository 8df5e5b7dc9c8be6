//! A FHIR server that asks nobody who they are, ignores every search parameter, and says what it is told to say.

use std::collections::BTreeMap;
use std::sync::Mutex;

use actix_web::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

/// What it answers at a path whatever is stored.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// How long it takes.
    pub(crate) millis: u64,
}

/// Each version counts; none is left of what was deleted.
type Records = BTreeMap<(String, String), (u64, Option<Value>)>;

/// Method, path with query, and headers of a request.
type HeardRequest = (String, String, BTreeMap<String, String>);

#[derive(Default)]
pub(crate) struct Stub {
    pub(crate) base: Mutex<String>,
    records: Mutex<Records>,
    scripts: Mutex<BTreeMap<String, Scripted>>,
    /// Every request so far.
    pub(crate) heard: Mutex<Vec<HeardRequest>>,
}

impl Scripted {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/fhir+json", body.to_string())
    }

    pub(crate) fn text(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", media_type.to_owned())];
        Self { status, headers, body: body.into(), millis: 0 }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Stub {
    pub(super) fn start() -> (web::Data<Self>, String) {
        let stub = web::Data::new(Self::default());
        let shared = stub.clone();
        let app = move || App::new().app_data(shared.clone()).default_service(web::to(serve));
        let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/r4", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        stub.base.lock().unwrap().clone_from(&base);
        for line in TWO_PATIENTS.lines() {
            stub.store(&serde_json::from_str(line).unwrap());
        }
        (stub, base)
    }

    pub(crate) fn base(&self) -> String {
        self.base.lock().unwrap().clone()
    }

    /// Stores the next version.
    pub(crate) fn store(&self, resource: &Value) -> Value {
        let text = |name: &str| resource[name].as_str().unwrap().to_owned();
        let name = (text("resourceType"), text("id"));
        let mut records = self.records.lock().unwrap();
        let version = records.get(&name).map_or(1, |(version, _)| version + 1);
        let mut resource = resource.clone();
        resource["meta"]["versionId"] = json!(version.to_string());
        records.insert(name, (version, Some(resource.clone())));
        resource
    }

    pub(crate) fn stored(&self, kind: &str, id: &str) -> Option<Value> {
        let records = self.records.lock().unwrap();
        records.get(&(kind.to_owned(), id.to_owned()))?.1.clone()
    }

    /// What is answered at a path below the base.
    pub(crate) fn script(&self, path: &str, scripted: Scripted) {
        self.scripts.lock().unwrap().insert(path.to_owned(), scripted);
    }

    /// The requests so far, as `METHOD path?query`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|(method, target, _)| format!("{method} {target}")).collect()
    }

    fn all(&self, kind: &str) -> Value {
        let records = self.records.lock().unwrap();
        let of_kind = records.iter().filter(|((found, _), _)| kind.is_empty() || found == kind);
        let entries = of_kind
            .filter_map(|(_, (_, resource))| Some(json!({ "resource": resource.as_ref()? })));
        let entries: Vec<_> = entries.collect();
        json!({ "resourceType": "Bundle", "type": "searchset", "total": 999, "entry": entries })
    }
}

async fn serve(stub: web::Data<Stub>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let path = request.path().strip_prefix("/r4").unwrap_or_default().trim_matches('/').to_owned();
    let query = request.query_string();
    let target = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    stub.heard.lock().unwrap().push((
        request.method().to_string(),
        target.clone(),
        headers.collect(),
    ));
    let script = {
        let scripts = stub.scripts.lock().unwrap();
        scripts.get(&target).or_else(|| scripts.get(&path)).cloned()
    };
    if let Some(script) = script {
        actix_web::rt::time::sleep(std::time::Duration::from_millis(script.millis)).await;
        let mut answer = HttpResponse::build(script.status.try_into().unwrap());
        for (name, value) in script.headers {
            answer.append_header((name, value));
        }
        return answer.body(script.body);
    }
    plain(&stub, &request, &path, &body)
}

fn plain(stub: &Stub, request: &HttpRequest, path: &str, body: &[u8]) -> HttpResponse {
    let parts: Vec<_> = path.split('/').collect();
    let sent = || serde_json::from_slice::<Value>(body).unwrap();
    match (request.method().as_str(), parts.as_slice()) {
        ("GET", [kind]) => fhir(200).json(stub.all(kind)),
        ("GET", [kind, id] | [kind, id, "_history", _]) => match stub.stored(kind, id) {
            Some(resource) => shown(200, &resource),
            None => fhir(404).json(json!({ "resourceType": "OperationOutcome" })),
        },
        ("POST", [kind]) => {
            let mut resource = sent();
            resource["id"] = json!("new-1");
            let stored = stub.store(&resource);
            let at = format!("{}/{kind}/new-1/_history/1", stub.base());
            let mut answer = shown(201, &stored);
            answer.headers_mut().insert(LOCATION, at.parse().unwrap());
            answer
        }
        ("PUT", [kind, id]) => {
            let current = stub.stored(kind, id).map(|one| tag(&one));
            let header =
                |name| request.headers().get(name).map(|one| one.to_str().unwrap().to_owned());
            let stale = header(IF_MATCH).is_some_and(|wanted| Some(wanted) != current)
                || header(IF_NONE_MATCH).is_some() && current.is_some();
            if stale {
                return fhir(412).finish();
            }
            let status = if current.is_some() { 200 } else { 201 };
            shown(status, &stub.store(&sent()))
        }
        ("DELETE", [kind, id]) => {
            stub.records.lock().unwrap().remove(&((*kind).to_owned(), (*id).to_owned()));
            HttpResponse::NoContent().finish()
        }
        _ => HttpResponse::NotImplemented().finish(),
    }
}

fn fhir(status: u16) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status.try_into().unwrap());
    answer.content_type("application/fhir+json");
    answer
}

fn shown(status: u16, resource: &Value) -> HttpResponse {
    fhir(status).insert_header((ETAG, tag(resource))).json(resource)
}

fn tag(resource: &Value) -> String {
    format!("W/\"{}\"", resource["meta"]["versionId"].as_str().unwrap())
}

const TWO_PATIENTS: &str = include_str!("../../../fhir-server/src/tests/two-patients.ndjson");
