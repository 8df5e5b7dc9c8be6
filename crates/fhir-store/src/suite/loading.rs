//! Records in bulk.

use std::io::BufReader;

use sea_orm::{EntityTrait, PaginatorTrait};

use super::databases::on_each_database;
use crate::entity::resource;
use crate::{Records, RecordsError};

on_each_database![the_demos_records_load_once, a_bad_line_is_named_and_leaves_nothing,];

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
