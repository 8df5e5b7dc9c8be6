//! Floods, oversized requests and lies about where a request came from.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use fireward_testkit::{Client, Database};

use crate::world::{ISSUER, PASSWORD, SECRET, World, sign_in};

/// What comes back for octets that no client library would send: the status, at most so late.
fn answer_to(at: &str, request: &str) -> (u16, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(at.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // The server may hang up in the middle of it.
    drop(stream.write_all(request.as_bytes()));
    let mut head = Vec::new();
    let mut chunk = [0; 512];
    while let Ok(read @ 1..) = stream.read(&mut chunk) {
        head.extend_from_slice(&chunk[..read]);
        if head.windows(2).any(|pair| pair == b"\r\n") {
            break;
        }
    }
    let head = String::from_utf8_lossy(&head);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, began.elapsed())
}

#[tokio::test]
async fn z1_z2_j5_what_is_too_large_is_answered_at_once_and_harms_nobody() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let get = |more: &str| format!("GET /jwks HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
    let post = |path: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let digits = format!("{{\"exp\":{}}}", "9".repeat(100_000));
    let token = |payload: &str| {
        let part = fireward_jose::b64::encode;
        format!(
            "{}.{}.{}",
            part("{\"alg\":\"ES256\",\"kid\":\"k\"}"),
            part(payload),
            "A".repeat(86)
        )
    };
    let assertion = |token: &str| {
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        format!(
            "grant_type=client_credentials&client_assertion_type={kind}&client_assertion={token}"
        )
    };
    for (name, request, expected) in [
        ("a long header", get(&format!("X: {}\r\n", "x".repeat(200_000))), &[0, 400, 413, 431][..]),
        ("many headers", get(&"X: y\r\n".repeat(1000)), &[0, 400, 413, 431]),
        (
            "a long path",
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(200_000)),
            &[0, 400, 414, 431],
        ),
        ("a large form", post("/token", &"a".repeat(1_000_000)), &[413]),
        ("many fields", post("/token", &"a=1&".repeat(10_000)), &[400, 413]),
        ("many fields at authorize", post("/authorize", &"a=1&".repeat(10_000)), &[400, 413]),
        ("a deep token", post("/token", &assertion(&token(&deep))), &[401]),
        ("a number of many digits", post("/token", &assertion(&token(&digits))), &[400, 401, 413]),
        ("a large token", post("/token", &assertion(&"x".repeat(1_000_000))), &[413]),
        ("a bare octet", "\0\r\n\r\n".to_owned(), &[0, 400]),
    ] {
        let (status, late) = answer_to(&at, &request);
        assert!(expected.contains(&status), "{name}: {status}");
        assert!(late < Duration::from_secs(3), "{name} took {late:?}");
    }
    let huge = "x".repeat(7000);
    let bearer = app.send(|http| http.get(format!("{at}/userinfo")).bearer_auth(&huge)).await;
    assert_eq!(bearer.status, 401);
    assert_eq!(app.send(|http| http.get(format!("{at}/jwks"))).await.status, 200, "and it goes on");
}

#[tokio::test]
async fn z5_a_flood_of_sign_ins_is_turned_away_while_tokens_are_still_had() {
    let world = World::new(Database::sqlite(), "[listen]\nworkers = 1\n");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let (_, tokens) = world.tokens(&app, &at).await;
    let mut refresh_token = tokens.text("refresh_token").to_owned();
    let mut browser = world.browser(&at);
    let page = browser.open(&format!("{ISSUER}/login?for=account")).await;
    let mut flood = tokio::task::JoinSet::new();
    for who in 0..300 {
        let (mut browser, page) = (browser.clone(), page.clone());
        flood.spawn(async move {
            let username = format!("nobody-{who}");
            let fields = [("username", username.as_str()), ("password", "x")];
            browser.submit(&page, "#sign-in", &fields).await
        });
    }
    let mut slowest = Duration::ZERO;
    let mut busy = 0;
    while let Some(page) = flood.join_next().await {
        let page = page.unwrap();
        if page.status == 503 {
            assert!(page.headers.contains_key("retry-after"));
            busy += 1;
        }
        if busy % 20 == 1 || flood.len() % 50 == 0 {
            let began = Instant::now();
            let renewed = app.refresh(&at, &refresh_token).await;
            assert_eq!(renewed.status, 200, "{}", renewed.body);
            refresh_token = renewed.text("refresh_token").to_owned();
            slowest = slowest.max(began.elapsed());
        }
    }
    assert!(busy > 0, "nobody was turned away");
    assert!(slowest < Duration::from_secs(2), "a token took {slowest:?}");
}

#[tokio::test]
async fn b1_l2_an_unknown_user_and_a_wrong_password_cannot_be_told_apart() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let mut browser = world.browser(&at);
    let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
    let mut seen = Vec::new();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..7 {
        for (kind, username) in ["ana", "who"].into_iter().enumerate() {
            let began = Instant::now();
            let answer = browser
                .submit(&page, "#sign-in", &[("username", username), ("password", "x")])
                .await;
            times[kind].push(began.elapsed());
            let cookies: Vec<_> = browser.cookies().keys().cloned().collect();
            let id = answer.text("#request-id");
            let body = answer.body.replace(username, "·").replace(&id, "");
            let text: String = words(&body);
            seen.push((answer.status, text, cookies));
        }
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{:?} {:?}", seen[0], seen[1]);
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.4..2.5).contains(&ratio), "{known:?} and {unknown:?}");
    // L2: without what our page carries, not even the right password counts.
    let forged = [("username", "ana"), ("password", PASSWORD), ("csrf", "x")];
    assert_eq!(browser.submit(&page, "#sign-in", &forged).await.status, 403);
}

/// The words of a page.
fn words(html: &str) -> String {
    let page = scraper::Html::parse_document(html);
    page.root_element().text().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn b5_guessing_at_a_secret_is_slowed_down_and_said_so() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (_, at) = (world.populate(), node.address());
    let guess = Client::confidential("app", "wrong", "", "");
    let mut last = guess.refresh(&at, "x").await;
    for _ in 0..15 {
        assert!(matches!(last.status.as_u16(), 401 | 429), "{}", last.body);
        last = guess.refresh(&at, "x").await;
    }
    assert_eq!(last.status, 429);
    assert!(!last.header("retry-after").is_empty());
    let other = Client::confidential("unknown", SECRET, "", "");
    assert_eq!(other.refresh(&at, "x").await.status, 401, "others are not held up");
}

#[tokio::test]
async fn h1_h2_h5_l4_oc_0_01_oc_0_07_lies_of_strangers_change_nothing_and_cookies_are_https_only() {
    let issuer = "https://auth.example";
    let world = World::named(issuer, Database::sqlite(), "[proxy]\ntrusted = [\"192.0.2.1\"]\n");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let lies = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7;host=evil.example;proto=http"),
        ("x-original-url", "/evil"),
        ("client-cert", ":MIIB:"),
    ];
    let query = app.authorize_url(issuer, &[]).split_once('?').unwrap().1.to_owned();
    let authorize = format!("/authorize?{query}");
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/smart-configuration",
        "/jwks",
        "/login",
        "/",
        &authorize,
    ] {
        let request = app.send(|http| {
            lies.iter().fold(http.get(format!("{at}{path}")), |request, (name, value)| {
                request.header(*name, *value)
            })
        });
        let heard = request.await;
        assert!(matches!(heard.status.as_u16(), 200 | 303), "{path} {}", heard.status);
        assert!(!heard.body.contains("evil"), "{path}");
        assert!(heard.headers.values().all(|value| !value.to_str().unwrap().contains("evil")));
        assert!(!heard.body.contains("http://auth.example"), "{path}");
        assert!(heard.header("strict-transport-security").contains("max-age="), "OC-0-01 {path}");
        assert_eq!(heard.header("x-content-type-options"), "nosniff");
        let kept = heard.header("cache-control");
        let public = path.starts_with("/.well-known") || path == "/jwks";
        assert_eq!(
            (kept.contains("public"), kept.contains("no-store")),
            (public, !public),
            "H5 {path}"
        );
    }
    let page = app.send(|http| http.get(format!("{at}/login"))).await;
    let cookie = page.header("set-cookie");
    for part in ["__Host-", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "L4 {part}: {cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain"));
}

#[tokio::test]
async fn h2_oc_2_08_only_a_proxy_that_is_named_says_where_a_request_came_from() {
    for (trusted, seen) in [("192.0.2.1", "127.0.0.1"), ("127.0.0.0/8", "203.0.113.7")] {
        let more = format!("[proxy]\ntrusted = [\"{trusted}\"]\n");
        let world = World::named("https://auth.example", Database::sqlite(), &more);
        let node = world.node();
        world.populate();
        let mut browser = world.browser(&node.address()).saying("x-forwarded-for", "203.0.113.7");
        let page = browser.open("/account/devices").await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        assert!(page.body.contains(seen), "{trusted}: {}", page.body);
    }
}
