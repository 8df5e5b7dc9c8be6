//! Records in bulk.

use std::io::BufReader;

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder, Statement};

use super::databases::on_each_database;
use crate::entity::resource;
use crate::{Records, RecordsError};

on_each_database![
    the_demos_records_load_once,
    a_bad_line_is_named_and_leaves_nothing,
    what_is_new_is_added_and_nothing_that_somebody_wrote_is_touched,
];

async fn the_demos_records_load_once(records: Records) {
    let open = || {
        let gz: &[u8] = include_bytes!("../../../fhir-server/data/records.ndjson.gz");
        BufReader::new(flate2::bufread::GzDecoder::new(gz))
    };
    assert_eq!(records.load_seed(open).await.expect("loads"), 11_063);
    assert_eq!(records.load_seed(open).await.expect("is left alone"), 0);
    assert_eq!(resource::Entity::find().count(&records.database).await.expect("counts"), 11_063);
}

async fn a_bad_line_is_named_and_leaves_nothing(records: Records) {
    let good = r#"{"resourceType":"Patient","id":"a","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"}}"#;
    for (bad, why) in [
        ("{", "line 2: EOF while parsing an object at line 1 column 1"),
        (r#"{"resourceType":"Patient"}"#, "line 2: no /meta/versionId"),
    ] {
        let text = format!("{good}\n{bad}\n");
        let Err(RecordsError::NotUnderstood(fault)) = records.load_seed(|| text.as_bytes()).await
        else {
            panic!("{bad} was loaded");
        };
        assert_eq!(fault, why);
        assert_eq!(resource::Entity::find().count(&records.database).await.expect("counts"), 0);
    }
}

async fn what_is_new_is_added_and_nothing_that_somebody_wrote_is_touched(records: Records) {
    let line = |id: &str, comment: &str| {
        let meta = r#""meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"}"#;
        format!(r#"{{"resourceType":"Location","id":"{id}",{meta},"name":"{comment}"}}"#)
    };
    let of = |comment: &str| ["a", "b", "c", "d"].map(|id| line(id, comment)).join("\n");
    let first = format!("{}\n{}\n{}", line("a", "old"), line("b", "old"), line("c", "old"));
    assert_eq!(records.load_seed(|| first.as_bytes()).await.expect("loads"), 3);
    // Somebody wrote `b` and deleted `c`.
    for spoil in [
        "UPDATE fhir_resource SET version = 2 WHERE id = 'b'",
        "UPDATE fhir_resource SET version = 2, deleted = TRUE WHERE id = 'c'",
    ] {
        records.database.execute_unprepared(spoil).await.expect("is written");
    }
    assert_eq!(records.top_up(&of("new")).await.expect("tops up"), 2);
    let rows = resource::Entity::find().order_by_asc(resource::Column::Id);
    let rows = rows.all(&records.database).await.expect("reads");
    let seen = rows.iter().map(|row| (row.id.as_str(), row.version, row.body.contains("new")));
    let expected = [("a", 1, true), ("b", 2, false), ("c", 2, false), ("d", 1, true)];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
    assert_eq!(records.top_up(&of("new")).await.expect("is left alone"), 0);
    // Searches find it by what it says now.
    let found = "SELECT COUNT(*) AS n FROM fhir_string WHERE exact = 'new'";
    let found = Statement::from_string(records.database.get_database_backend(), found);
    let row = records.database.query_one_raw(found).await.expect("counts").expect("a row");
    assert_eq!(row.try_get::<i64>("", "n").expect("a number"), 2);
}
