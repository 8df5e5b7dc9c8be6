//! An outside judge: the `openidconnect` crate signs somebody in.

use fireward_testkit::Client;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims},
    http::Response,
};

use crate::world::{FHIR, PASSWORD, SECRET, World, ana, sign_in};

/// The judge's way to the network.
async fn fetch(request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let http = reqwest::Client::builder().no_proxy().build().map_err(std::io::Error::other)?;
    let request = reqwest::Request::try_from(request).map_err(std::io::Error::other)?;
    let answer = http.execute(request).await.map_err(std::io::Error::other)?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let body = answer.bytes().await.map_err(std::io::Error::other)?;
    response.body(body.to_vec()).map_err(std::io::Error::other)
}

#[tokio::test]
async fn oc_4_01_oc_4_09_oc_4_10_oc_5_01_the_openidconnect_crate_signs_somebody_in() {
    fireward_testkit::install_crypto();
    let (world, _node) = World::reachable();
    let app = Client::confidential("judge", SECRET, "openid profile email", FHIR);
    world.import("client", &app.metadata());
    world.import("user", &ana());

    let issuer = IssuerUrl::new(world.issuer.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &fetch).await.unwrap();
    let secret = Some(ClientSecret::new(SECRET.to_owned()));
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(app.id.clone()), secret)
            .set_redirect_uri(RedirectUrl::new(app.redirect_uri.clone()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();

    let mut browser = world.browser(&world.issuer);
    let page = browser.open(url.as_str()).await;
    let page = sign_in(&mut browser, &page, PASSWORD).await;
    let done = browser.submit(&page, "#approve", &[]).await;
    assert_eq!(done.query("state").as_deref(), Some(state.secret().as_str()));
    let code = AuthorizationCode::new(done.query("code").unwrap());

    let exchange = client.exchange_code(code).unwrap().set_pkce_verifier(verifier);
    let tokens = exchange.request_async(&fetch).await.unwrap();
    let id_token = tokens.id_token().unwrap();
    let claims = id_token.claims(&client.id_token_verifier(), &nonce).unwrap();
    assert_eq!(claims.subject().as_str(), "ana");
    let asked = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
    let told: CoreUserInfoClaims = asked.unwrap().request_async(&fetch).await.unwrap();
    assert_eq!(told.name().and_then(|name| name.get(None)).map(|name| name.as_str()), Some("Ana"));
}
