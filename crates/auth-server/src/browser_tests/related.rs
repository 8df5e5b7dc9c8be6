//! Caregivers' records from a `RelatedPerson` at the FHIR server (SC-15).

use fireward_oauth::resource_server::ResourceServer;
use serde_json::{Value, json};

use super::{
    fhir::grandmother,
    house::{CALLBACK, House},
    issuers::post,
};

const SCOPE: (&str, &str) = ("scope", "offline_access launch/patient patient/Patient.rs");

impl House {
    fn says(&self, status: u16, resource: Value) {
        *self.related.lock().unwrap() = (status, resource);
    }

    async fn trusts(&self, related_persons: bool) {
        let server = ResourceServer { related_persons, ..self.server() };
        let store = &self.app.site.store;
        store.transact(async |tx| tx.resource_servers().save(&server).await).await.unwrap();
    }

    /// The tokens of whoever may open one record only.
    async fn tokens_of(&self, username: &str) -> Value {
        let mut browser = self.signed_in(username).await;
        let page = browser.open(&self.request(&[SCOPE])).await;
        let code = browser.submit(&page, "#approve", &[]).await.query("code").unwrap();
        let redeem = [
            ("grant_type", "authorization_code"),
            ("client_id", "app"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ];
        let (status, tokens) = post(&self.issuer, "/token", &redeem).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    async fn refresh(&self, tokens: &Value) -> (u16, Value) {
        let token = tokens["refresh_token"].as_str().unwrap();
        let form =
            [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)];
        post(&self.issuer, "/token", &form).await
    }
}

#[actix_web::test]
async fn sc_15_a_caregiver_chooses_whom_their_related_person_and_their_links_name() {
    let house = House::new().await;
    let mut browser = house.signed_in("aunt").await;
    let page = browser.open(&house.request(&[])).await;
    assert_eq!(page.values("patient"), ["p3", "p2"]);
    assert!(page.body.contains("People you act for") && page.body.contains("grandmother"));
    let refused = browser.submit(&page, "#choose-patient", &[("patient", "p1")]).await;
    assert_eq!(refused.status, 403, "M5: the FHIR server names p2 alone");
    let consent = browser.submit(&page, "#choose-patient", &[("patient", "p2")]).await;
    assert!(consent.has("#approve") && consent.body.contains("Bea Silva"), "{}", consent.at);
}

#[actix_web::test]
async fn sc_15_a_related_person_that_ends_before_the_choice_opens_nothing() {
    let house = House::new().await;
    let mut browser = house.signed_in("aunt").await;
    let page = browser.open(&house.request(&[])).await;
    house.says(200, json!({"resourceType": "RelatedPerson", "id": "r1", "active": false}));
    let refused = browser.submit(&page, "#choose-patient", &[("patient", "p2")]).await;
    assert!(!refused.body.contains("Bea Silva"), "{}", refused.at);
    assert!(refused.has("#approve") && refused.body.contains("Cid Silva"), "only p3 is left");
}

#[actix_web::test]
async fn sc_15_a_related_person_that_ends_before_the_consent_opens_nothing() {
    let house = House::new().await;
    let mut browser = house.signed_in("carer").await;
    let page = browser.open(&house.request(&[])).await;
    assert!(page.has("#approve"), "{}", page.at);
    house.says(410, Value::Null);
    let refused = browser.submit(&page, "#approve", &[]).await;
    assert_eq!(refused.query("code"), None, "{}", refused.at);
}

#[actix_web::test]
async fn sc_15_nobody_is_believed_who_is_not_trusted_or_does_not_answer() {
    let house = House::new().await;
    house.says(503, Value::Null);
    let mut browser = house.signed_in("carer").await;
    assert_eq!(browser.open(&house.request(&[])).await.status, 503);
    house.says(200, grandmother());
    assert!(browser.open(&house.request(&[])).await.has("#approve"));
    house.trusts(false).await;
    let page = browser.open(&house.request(&[])).await;
    assert!(page.has("#switch-user") && !page.has("#approve"), "{}", page.body);
    let quiet = browser.open(&house.request(&[("prompt", "none")])).await;
    assert_eq!(quiet.query("error").as_deref(), Some("access_denied"));
}

#[actix_web::test]
async fn sc_15_a_refresh_ends_with_the_related_person_and_outlasts_an_outage() {
    let house = House::new().await;
    let tokens = house.tokens_of("carer").await;
    assert_eq!(tokens["patient"], "p2");
    house.says(503, Value::Null);
    let (status, tokens) = house.refresh(&tokens).await;
    assert_eq!(status, 200, "silence is no answer: {tokens}");
    let ended = json!({"period": {"end": "2023-11-13"}});
    for (status, change) in [(404, json!({})), (200, json!({"active": false})), (200, ended)] {
        let mut resource = grandmother();
        resource.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        house.says(status, resource);
        let (status, refused) = house.refresh(&tokens).await;
        assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")), "{change}");
    }
    house.says(503, Value::Null);
    let (status, _) = house.refresh(&tokens).await;
    assert_eq!(status, 400, "what was taken away is not given back by an outage");
}

#[actix_web::test]
async fn sc_15_a_refresh_is_refused_when_the_server_is_not_trusted_any_more() {
    let house = House::new().await;
    let tokens = house.tokens_of("carer").await;
    house.trusts(false).await;
    let (status, refused) = house.refresh(&tokens).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
}

#[actix_web::test]
async fn sc_15_a_related_person_ends_by_itself_though_nobody_asks_again() {
    let house = House::new().await;
    let mut resource = grandmother();
    resource["period"] = json!({"start": "2023", "end": "2023-11-14T22:14:00Z"});
    house.says(200, resource);
    let tokens = house.tokens_of("carer").await;
    house.says(503, Value::Null);
    house.advance(60);
    assert_eq!(house.refresh(&tokens).await.0, 400);
}

#[actix_web::test]
async fn sc_15_a_related_person_who_comes_to_name_another_opens_that_record_alone() {
    let house = House::new().await;
    let tokens = house.tokens_of("carer").await;
    let mut resource = grandmother();
    resource["patient"] = json!({"reference": "Patient/p3"});
    house.says(200, resource);
    assert_eq!(house.refresh(&tokens).await.0, 400, "the grant is of p2");
    let tokens = house.tokens_of("carer").await;
    assert_eq!(tokens["patient"], "p3");
}
