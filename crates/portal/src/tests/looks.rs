//! Who looked at a record, with a trail that tells whose it is asked for.

use std::{pin::Pin, sync::Arc};

use actix_web::http::{Method, StatusCode};
use fireward_oauth::people::{Links, Record, Records, User};
use fireward_web::{Failure, Look, Looked, Looks, Window};

use super::{World, world};

/// The trail of one record, `a` at the server `fhir`: whoever asks for another finds out that they could.
struct Trail;

impl Looks for Trail {
    fn links<'a>(
        &'a self,
        user: &'a User,
    ) -> Pin<Box<dyn Future<Output = Result<Links, Failure>> + 'a>> {
        let mut links = user.links.clone();
        // Of this one the FHIR server says that they care for `a`.
        if let (true, Records::These(records)) =
            (user.id.as_str() == "carer", &mut links.home.records)
        {
            records.push(Record { looked_up: true, ..record("grandmother") });
        }
        Box::pin(async move { Ok(links) })
    }

    fn at<'a>(&'a self, window: Window<'a>) -> Pin<Box<dyn Future<Output = Option<Looked>> + 'a>> {
        assert_eq!((window.server.as_str(), window.patient), ("fhir", "a"), "a record of theirs");
        let at = |at, subject: Option<&str>, kind: &str| Look {
            at,
            subject: subject.map(str::to_owned),
            client: Some("chart".to_owned()),
            kind: Some(kind.to_owned()),
            changed: false,
            refused: kind == "Condition",
            address: Some("192.0.2.7".to_owned()),
        };
        let own = Look { client: Some("fireward".to_owned()), ..at(window.until, None, "Patient") };
        let looks = match window.page {
            None => vec![
                own,
                at(window.until, Some("ana"), "Patient"),
                at(window.until - 60, Some("=2+2"), "Observation"),
                at(window.until - 90, Some("=2+2"), "Observation"),
                at(window.until - 90_000, None, "Condition"),
            ],
            Some(_) => vec![at(window.until - 99_000, Some("ben"), "Patient")],
        };
        let next = window.page.is_none().then(|| "50-ab".to_owned());
        Box::pin(async move { Some(Looked { looks, next }) })
    }
}

/// The record of `a`, for whoever is this to them.
fn record(role: &str) -> Record {
    Record {
        patient: "a".to_owned(),
        role: role.to_owned(),
        related_person: None,
        until: None,
        looked_up: false,
    }
}

pub(super) fn trail() -> Arc<dyn Looks> {
    Arc::new(Trail)
}

impl World {
    async fn look(&self, path: &str, cookies: &str) -> (StatusCode, String, String) {
        self.ask(Method::GET, path, cookies, "").await
    }

    /// A patient, `a`, who may see the record of `a` alone.
    async fn patient(&self, id: &str) -> String {
        let cookies = self.person(id).await;
        let mut user = self.user(id);
        user.links.home.records = Records::These(vec![record("self")]);
        self.site.store.transact(async |tx| tx.users().save(&user).await).await.unwrap();
        cookies
    }
}

#[actix_web::test]
async fn a_patient_sees_who_looked_by_day_and_person() {
    let world = world().await;
    let cookies = world.patient("ana").await;
    let page = world.look("/account/looks", &cookies).await.1;
    assert_eq!(page.matches("<li class=\"card\">").count(), 3, "{page}");
    assert!(page.contains("You</h3>") && page.contains("2 times"), "{page}");
    assert!(page.contains("Tried, and was refused"), "{page}");
    assert!(
        page.contains("until=1700000000&amp;page=50-ab") || page.contains("page=50-ab"),
        "{page}"
    );
    let with_own = world.look("/account/looks?own=1", &cookies).await.1;
    assert_eq!(with_own.matches("<li class=\"card\">").count(), 4);
}

#[actix_web::test]
async fn sc_15_whom_the_fhir_server_names_is_shown_to_who_cares_for_them() {
    let world = world().await;
    let cookies = world.person("carer").await;
    let mut user = world.user("carer");
    user.links.home.records = Records::These(Vec::new());
    world.site.store.transact(async |tx| tx.users().save(&user).await).await.unwrap();
    let page = world.look("/account/looks", &cookies).await.1;
    assert_eq!(page.matches("<li class=\"card\">").count(), 3, "{page}");
    assert_eq!(world.look("/account/looks.csv", &cookies).await.1.lines().count(), 1 + 5);
}

#[actix_web::test]
async fn a_record_of_somebody_else_is_never_asked_for() {
    let world = world().await;
    let cookies = world.patient("ana").await;
    for path in [
        "/account/looks?record=fhir/b",
        "/account/looks?record=lab/a&page=50-ab",
        "/account/looks.csv?record=fhir/b",
    ] {
        // `Trail` checks whose record it is asked for.
        assert_eq!(world.look(path, &cookies).await.0, StatusCode::OK, "{path}");
    }
    let clinician = world.person("doc").await;
    let page = world.look("/account/looks", &clinician).await.1;
    assert!(page.contains("There is no record of yours here"), "{page}");
}

#[actix_web::test]
async fn the_table_has_every_event_and_no_formulas() {
    let world = world().await;
    let cookies = world.patient("ana").await;
    let table = world.look("/account/looks.csv", &cookies).await.1;
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 5, "{table}");
    assert!(lines[0].starts_with("time,person,app"));
    assert!(table.contains("\"'=2+2\""), "{table}");
    assert!(table.contains("\"ana Silva\""), "{table}");
}
