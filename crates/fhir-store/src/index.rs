//! Writing the search index: which rows a resource has, and how they reach their tables.

use sea_orm::sea_query::{Expr, ExprTrait, InsertStatement, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DbErr};

use crate::sql::RESOURCE;

/// A value by which a resource is found, in one of the index tables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Row {
    Patient(String),
    Token { param: &'static str, system: String, code: String },
    Text { param: &'static str, folded: String, exact: String },
    Uri { param: &'static str, value: String },
    Date { param: &'static str, low: i64, high: i64 },
    Reference { param: &'static str, kind: String, target: String },
    Quantity { param: &'static str, value: f64, system: String, code: String },
    Pair(Pair),
}

/// A token and what stands with it. What the second value has no use for is empty or nought.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Pair {
    pub(crate) param: &'static str,
    pub(crate) system: String,
    pub(crate) code: String,
    pub(crate) other_system: String,
    pub(crate) other: String,
    pub(crate) number: f64,
    pub(crate) low: i64,
    pub(crate) high: i64,
}

/// The rows of one resource.
pub(crate) struct Rows<'a> {
    pub(crate) resource: i64,
    pub(crate) kind: &'a str,
    pub(crate) values: Vec<Row>,
}

/// Writes the rows of several resources, many rows to a statement.
pub(crate) async fn insert<C: ConnectionTrait>(db: &C, all: &[Rows<'_>]) -> Result<(), DbErr> {
    for table in TABLES {
        let values: Vec<Vec<SimpleExpr>> = all
            .iter()
            .flat_map(|r| r.values.iter().filter_map(|row| table.values(r, row)))
            .collect();
        let mut rest = values.as_slice();
        for size in ROWS_AT_ONCE {
            let (now, later) = rest.split_at(rest.len() - rest.len() % size);
            for chunk in now.chunks(size) {
                db.execute(&table.insert(chunk)).await?;
            }
            rest = later;
        }
    }
    Ok(())
}

/// Removes every row of a resource.
pub(crate) async fn remove<C: ConnectionTrait>(db: &C, resource: i64) -> Result<(), DbErr> {
    for table in TABLES {
        let mut delete = Query::delete();
        delete.from_table(table.name).and_where(Expr::col("resource").eq(resource));
        db.execute(&delete).await?;
    }
    Ok(())
}

/// Counts what there is, for the database's planner.
pub(crate) async fn analyze<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    for table in TABLES.iter().map(|table| table.name).chain([RESOURCE]) {
        db.execute_unprepared(&format!("ANALYZE {table}")).await?;
    }
    Ok(())
}

struct IndexTable {
    name: &'static str,
    columns: &'static [&'static str],
}

impl IndexTable {
    fn insert(&self, rows: &[Vec<SimpleExpr>]) -> InsertStatement {
        let mut insert = Query::insert();
        insert.into_table(self.name).columns(self.columns.iter().copied());
        for row in rows {
            insert.values_panic(row.iter().cloned());
        }
        insert
    }

    /// The row as this table's columns, if it belongs here.
    fn values(&self, of: &Rows<'_>, row: &Row) -> Option<Vec<SimpleExpr>> {
        let (table, values) = match row {
            Row::Patient(id) => {
                let values = vec![of.resource.into(), of.kind.into(), id.as_str().into()];
                return (self.name == PATIENT).then_some(values);
            }
            Row::Token { param, system, code } => {
                (TOKEN, vec![(*param).into(), system.into(), code.into()])
            }
            Row::Text { param, folded, exact } => {
                (STRING, vec![(*param).into(), folded.into(), exact.into()])
            }
            Row::Uri { param, value } => (URI, vec![(*param).into(), value.into()]),
            Row::Date { param, low, high } => {
                (DATE, vec![(*param).into(), (*low).into(), (*high).into()])
            }
            Row::Reference { param, kind, target } => {
                (REFERENCE, vec![(*param).into(), kind.into(), target.into()])
            }
            Row::Quantity { param, value, system, code } => {
                (QUANTITY, vec![(*param).into(), (*value).into(), system.into(), code.into()])
            }
            Row::Pair(pair) => (PAIR, pair.values()),
        };
        if table != self.name {
            return None;
        }
        let mut row: Vec<SimpleExpr> = vec![of.resource.into(), of.kind.into()];
        row.extend(values);
        Some(row)
    }
}

impl Pair {
    fn values(&self) -> Vec<SimpleExpr> {
        let text = |text: &str| SimpleExpr::from(text);
        let number = [self.number.into(), self.low.into(), self.high.into()];
        let texts = [self.param, &self.system, &self.code, &self.other_system, &self.other];
        texts.into_iter().map(text).chain(number).collect()
    }
}

pub(crate) const PATIENT: &str = "fhir_patient";
pub(crate) const TOKEN: &str = "fhir_token";
pub(crate) const STRING: &str = "fhir_string";
pub(crate) const URI: &str = "fhir_uri";
pub(crate) const DATE: &str = "fhir_date";
pub(crate) const REFERENCE: &str = "fhir_reference";
pub(crate) const QUANTITY: &str = "fhir_quantity";
pub(crate) const PAIR: &str = "fhir_pair";

const TABLES: [IndexTable; 8] = [
    IndexTable { name: PATIENT, columns: &["resource", "type", "patient"] },
    IndexTable { name: TOKEN, columns: &["resource", "type", "param", "system", "code"] },
    IndexTable { name: STRING, columns: &["resource", "type", "param", "folded", "exact"] },
    IndexTable { name: URI, columns: &["resource", "type", "param", "value"] },
    IndexTable { name: DATE, columns: &["resource", "type", "param", "low", "high"] },
    IndexTable {
        name: REFERENCE,
        columns: &["resource", "type", "param", "target_type", "target"],
    },
    IndexTable {
        name: QUANTITY,
        columns: &["resource", "type", "param", "value", "system", "code"],
    },
    IndexTable {
        name: PAIR,
        columns: &[
            "resource",
            "type",
            "param",
            "system",
            "code",
            "other_system",
            "other",
            "number",
            "low",
            "high",
        ],
    },
];

/// Few sizes, so that the statements are few and stay prepared.
const ROWS_AT_ONCE: [usize; 3] = [64, 8, 1];
