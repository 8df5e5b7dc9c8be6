//! `$everything`: all that is known of a patient or of an encounter (FHIR R4 operation-patient-everything).

use fireward_fhir::definitions::{self, Kind};
use fireward_fhir::{Everything, Permit};
use sea_orm::ConnectionTrait;
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, Order, Query, SelectStatement};

use crate::entity::resource;
use crate::error::RecordsError;
use crate::index::{PATIENT, REFERENCE};
use crate::page::Page;
use crate::reach::reaches;
use crate::records::Records;
use crate::rows::ANYWHERE;
use crate::search::{COLUMNS, permitted};
use crate::sql::{RESOURCE, any_of};
use crate::stored::Stored;

impl Records {
    /// A page of everything. Either all of it is within the permit, or nothing is given (rows 87 to 90).
    ///
    /// # Errors
    /// `Missing` or `Gone` for the patient or the encounter itself, `Uncovered` where a resource is met that the permit
    /// does not reach, `NotUnderstood` for a mark that is none, or ours.
    pub async fn everything(
        &self,
        permit: &Permit,
        asked: &Everything,
    ) -> Result<Page, RecordsError> {
        self.read(&permit.of(asked.kind), asked.kind, &asked.id).await?;
        let after = match asked.page.as_deref().map(str::parse::<i64>) {
            None => 0,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                return Err(RecordsError::NotUnderstood("`_page` is no page of this".into()));
            }
        };
        let all = all(asked);
        self.covered(permit, &all).await?;
        let size = asked.count.unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE);
        let mut page = all;
        page.columns(COLUMNS.map(|column| (RESOURCE, column)));
        page.and_where(Expr::col(NUMBER).gt(after)).order_by(NUMBER, Order::Asc);
        page.limit(size as u64 + 1);
        let rows = self.database.query_all(&page).await?;
        let shown = rows.iter().take(size).map(|row| resource::Model::from_query_result(row, ""));
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        let last = shown.last().filter(|_| rows.len() > size);
        let next = last.map(|row| row.number.to_string());
        let mut matches = Vec::with_capacity(shown.len());
        for row in shown {
            let stored = Stored::of(row)?;
            let kind = definitions::served(&stored.kind).unwrap_or_default();
            if !permitted(permit.of(kind).branches(), &stored) {
                return Err(RecordsError::Uncovered(kind));
            }
            matches.push(stored);
        }
        Ok(Page { total: None, matches, included: Vec::new(), next })
    }

    /// Refuses the whole where the permit does not reach all of it.
    async fn covered(&self, permit: &Permit, all: &SelectStatement) -> Result<(), RecordsError> {
        let mut kinds = all.clone();
        kinds.distinct().column((RESOURCE, "type"));
        for row in self.database.query_all(&kinds).await? {
            let name: String = row.try_get("", "type")?;
            let Some(kind) = definitions::served(&name) else { continue };
            let mut beyond = all.clone();
            beyond.expr(Expr::val(1)).and_where(Expr::col((RESOURCE, "type")).eq(kind)).limit(1);
            let reached = reaches(permit.of(kind).branches(), kind);
            // Of everything of a type, nothing is beyond.
            if reached.is_empty() {
                continue;
            }
            beyond.cond_where(reached.not());
            if self.database.query_one(&beyond).await?.is_some() {
                return Err(RecordsError::Uncovered(kind));
            }
        }
        Ok(())
    }
}

/// All that belongs to it, of the types and the time that are wanted.
fn all(asked: &Everything) -> SelectStatement {
    let own = || {
        let own = match asked.kind {
            "Patient" => [Some(of_patient(&asked.id)), None, None],
            kind => [
                Some(itself(kind, &asked.id)),
                Some(about(kind, &asked.id)),
                Some(subject(kind, &asked.id)),
            ],
        };
        own.into_iter().flatten()
    };
    let mut all = Query::select();
    all.from(RESOURCE).and_where(Expr::col((RESOURCE, "deleted")).eq(false));
    let referred = own().map(shared);
    let found = own().chain(referred).map(|numbers| Expr::col(NUMBER).in_subquery(numbers));
    all.cond_where(any_of(found.map(IntoCondition::into_condition)));
    let kinds = definitions::types().iter().copied();
    let kinds: Vec<_> = if asked.types.is_empty() {
        kinds.filter(|kind| Everything::comprises(kind)).collect()
    } else {
        asked.types.clone()
    };
    all.and_where(Expr::col((RESOURCE, "type")).is_in(kinds));
    if let Some(since) = asked.since {
        all.and_where(Expr::col((RESOURCE, "last_updated")).gte(since));
    }
    all
}

/// The record of a patient, the patient among it.
fn of_patient(id: &str) -> SelectStatement {
    let mut record = Query::select();
    record.column("resource").from(PATIENT).and_where(Expr::col("patient").eq(id));
    record
}

fn itself(kind: &str, id: &str) -> SelectStatement {
    let mut one = Query::select();
    one.column("number").from_as(RESOURCE, "itself");
    one.and_where(Expr::col("type").eq(kind)).and_where(Expr::col("id").eq(id));
    one
}

/// What refers to it by any parameter.
fn about(kind: &str, id: &str) -> SelectStatement {
    let links = definitions::types().iter().flat_map(|source| {
        let links = definitions::params(source)
            .iter()
            .filter(|param| param.kind == Kind::Reference && param.targets(kind));
        links.map(move |param| (*source, param.name))
    });
    let (kinds, names): (Vec<_>, Vec<_>) = links.unzip();
    let mut about = Query::select();
    about.column("resource").from(REFERENCE);
    // Each of them is more than there is of some type, and the index begins with both.
    about.and_where(Expr::col("type").is_in(kinds)).and_where(Expr::col("param").is_in(names));
    about.and_where(Expr::col("target").eq(id)).and_where(Expr::col("target_type").eq(kind));
    about
}

/// The patient whom it is about.
fn subject(kind: &str, id: &str) -> SelectStatement {
    let mut patients = Query::select();
    patients.column("target").from_as(REFERENCE, "own");
    patients.and_where(Expr::col("resource").in_subquery(itself(kind, id)));
    patients.and_where(Expr::col("param").eq("patient"));
    patients.and_where(Expr::col("target_type").eq("Patient"));
    let mut numbers = Query::select();
    numbers.column("number").from_as(RESOURCE, "subject");
    numbers.and_where(Expr::col("type").eq("Patient"));
    numbers.and_where(Expr::col("id").in_subquery(patients));
    numbers
}

/// What patients share, as far as these resources refer to it.
fn shared(numbers: SelectStatement) -> SelectStatement {
    let mut shared = Query::select();
    shared.column(("target", "number")).from_as(REFERENCE, "link");
    let same_id = Expr::col(("target", "id")).equals(("link", "target"));
    let same_type = Expr::col(("target", "type")).equals(("link", "target_type"));
    shared.join_as(sea_orm::JoinType::InnerJoin, RESOURCE, "target", same_type.and(same_id));
    shared.and_where(Expr::col(("link", "param")).eq(ANYWHERE));
    shared.and_where(Expr::col(("link", "resource")).in_subquery(numbers));
    shared
}

const NUMBER: (&str, &str) = (RESOURCE, "number");
const USUAL_PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;
