//! Databases that an earlier version has filled.

use fireward_migrations::fhir::Migrator;
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};

use super::asking::{anyone, ids, put};
use super::databases::on_each_database;
use crate::{Records, index, renewal};

on_each_database![
    what_an_earlier_version_has_written_is_found_again,
    a_new_database_has_nothing_to_renew,
    a_write_during_the_renewal_stays,
    two_renew_at_once,
];

/// More than are renewed at once.
const MANY: usize = 150;

/// As an earlier version would leave it: resources, few of the index rows, and no word of how they were written. Says how
/// many texts are found there otherwise.
async fn earlier(records: &Records) -> i64 {
    for number in 0..MANY {
        put(records, &named(&format!("p{number}"), &format!("Family{number}"))).await;
    }
    let whole = count(records, index::STRING).await;
    Migrator::down(&records.database, Some(1)).await.expect("the step before");
    for table in [index::STRING, index::PATIENT, index::TOKEN] {
        let emptied = format!("DELETE FROM {table}");
        records.database.execute_unprepared(&emptied).await.expect("is emptied");
    }
    Migrator::up(&records.database, None).await.expect("this step");
    renewal::mark(&records.database).await.expect("is marked");
    whole
}

fn named(id: &str, family: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family }] })
}

async fn found(records: &Records, family: &str) -> usize {
    ids(records, &anyone(), &format!("Patient?family:exact={family}")).await.len()
}

async fn count(records: &Records, table: &str) -> i64 {
    let text = format!("SELECT COUNT(*) AS n FROM {table}");
    let query = Statement::from_string(records.database.get_database_backend(), text);
    let row = records.database.query_one_raw(query).await.expect("counts").expect("a row");
    row.try_get("", "n").expect("a number")
}

async fn what_an_earlier_version_has_written_is_found_again(records: Records) {
    let whole = earlier(&records).await;
    assert_eq!(found(&records, "Family7").await, 0);
    let mut renewed = 0;
    for _ in 0..MANY {
        match records.renew_index().await.expect("renews") {
            0 => break,
            some => renewed += some,
        }
    }
    assert_eq!(renewed, MANY);
    for family in ["Family0", "Family63", "Family64", "Family149"] {
        assert_eq!(found(&records, family).await, 1, "{family}");
    }
    // Once, and not at the next start.
    renewal::mark(&records.database).await.expect("is marked already");
    assert_eq!(records.renew_index().await.expect("has nothing to do"), 0);
    assert_eq!(count(&records, index::STRING).await, whole);
}

async fn a_new_database_has_nothing_to_renew(records: Records) {
    put(&records, &named("new", "New")).await;
    assert_eq!(records.renew_index().await.expect("has nothing to do"), 0);
    assert_eq!(found(&records, "New").await, 1);
}

async fn a_write_during_the_renewal_stays(records: Records) {
    earlier(&records).await;
    assert!(records.renew_index().await.expect("renews") < MANY);
    for (id, family) in [("p1", "Renewed"), ("p140", "Waiting")] {
        put(&records, &named(id, family)).await;
    }
    while records.renew_index().await.expect("renews") > 0 {}
    for (family, times) in [("Renewed", 1), ("Waiting", 1), ("Family1", 0), ("Family140", 0)] {
        assert_eq!(found(&records, family).await, times, "{family}");
    }
}

async fn two_renew_at_once(records: Records) {
    earlier(&records).await;
    let renew = async || {
        let mut renewed = 0;
        while let Ok(some @ 1..) = records.renew_index().await {
            renewed += some;
        }
        renewed
    };
    let (one, other) = futures_util::join!(renew(), renew());
    assert_eq!(one + other, MANY);
    assert_eq!(found(&records, "Family149").await, 1);
}
