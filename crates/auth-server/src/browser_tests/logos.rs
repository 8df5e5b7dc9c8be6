//! Logos of apps, by a host that would rather do something else than show one.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use fireward_oauth::client::registration::{Importing, SecretStrength, read_file};
use reqwest::{Response, redirect::Policy};
use serde_json::json;

use super::house::{CALLBACK, House};

/// A host of pictures; how often it was asked.
fn host() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let routes = move || {
        let count = Arc::clone(&count);
        let picture = move |request: HttpRequest| {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(answer(request.path()))
        };
        App::new().default_service(web::to(picture))
    };
    rt::spawn(HttpServer::new(routes).workers(1).listen(listener).unwrap().run());
    (base, asked)
}

fn answer(path: &str) -> HttpResponse {
    let mut ok = HttpResponse::Ok();
    // Its word about how long it counts, and as what, is not taken.
    ok.content_type("text/html").insert_header(("cache-control", "no-store"));
    match path {
        "/logo" => ok.body(PNG),
        "/drawing" => ok.body("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        "/long" => ok.body([PNG, &vec![0; 70_000]].concat()),
        "/away" => HttpResponse::Found().insert_header(("location", "/logo")).finish(),
        _ => HttpResponse::NotFound().finish(),
    }
}

impl House {
    async fn app_with_logo(&self, id: &str, logo: &str) {
        let site = &self.app.site;
        let importing =
            Importing { issuer: &site.id, secrets: SecretStrength::Strong, now: self.app.now() };
        let metadata = json!({
            "client_id": id, "client_name": "Pictured", "token_endpoint_auth_method": "none",
            "redirect_uris": [CALLBACK], "scope": "openid patient/*.rs launch/patient", "logo_uri": logo,
        });
        let clients = read_file(metadata.to_string().as_bytes(), &importing).unwrap();
        let saved = site.store.transact(async |tx| tx.clients().save(&clients[0]).await);
        saved.await.unwrap();
    }

    async fn logo(&self, id: &str) -> Response {
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        http.get(format!("{}/logo?client_id={id}", self.issuer)).send().await.unwrap()
    }
}

#[actix_web::test]
async fn a_logo_is_shown_from_here_and_its_host_hears_nothing_of_who_looks() {
    let house = House::new().await;
    let (host, asked) = host();
    house.app_with_logo("a/b?", &format!("{host}/logo")).await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[("client_id", "a/b?")])).await;
    assert!(page.has("img.tile[src='/logo?client_id=a%2Fb%3F']"), "{}", page.body);
    assert!(!page.body.contains(&host));
    assert_eq!(asked.load(Ordering::SeqCst), 0, "a page waits for no host");
    for _ in 0..3 {
        let logo = house.logo("a%2Fb%3F").await;
        assert_eq!(logo.status(), 200);
        assert_eq!(logo.headers()["content-type"], "image/png");
        assert_eq!(logo.headers()["x-content-type-options"], "nosniff");
        assert_eq!(logo.headers()["content-security-policy"], "default-src 'none'; sandbox");
        assert!(!logo.headers().contains_key("set-cookie"));
        assert_eq!(logo.bytes().await.unwrap(), PNG);
        house.advance(3_600);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "not even when somebody looks again");
    house.advance(86_400);
    assert_eq!(house.logo("a%2Fb%3F").await.status(), 200);
    assert_eq!(asked.load(Ordering::SeqCst), 2, "once a day");
}

#[actix_web::test]
async fn x1_s1_what_is_no_picture_or_not_to_be_fetched_is_shown_as_nobodys() {
    let house = House::new().await;
    let (host, _) = host();
    let unfit = ["/drawing", "/long", "/away", "/missing"].map(|path| format!("{host}{path}"));
    let inner = ["https://10.0.0.1/logo", "https://localhost/logo"].map(str::to_owned);
    for (n, logo) in unfit.iter().chain(&inner).enumerate() {
        house.app_with_logo(&format!("app-{n}"), logo).await;
        let shown = house.logo(&format!("app-{n}")).await;
        assert_eq!(shown.status(), 303, "{logo}");
        let placeholder = shown.headers()["location"].to_str().unwrap();
        assert!(placeholder.starts_with("/assets/") && placeholder.ends_with("/app.svg"));
    }
    assert_eq!(house.logo("nobody").await.status(), 303);
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    assert!(page.has("span.tile") && !page.has("img.tile"), "an app without one has its letter");
}

/// One transparent pixel.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\x0dIDATx\x9cc\0\x01\0\0\x05\0\x01\x0d\n\x2d\xb4\0\0\0\0IEND\xaeB`\x82";
