//! What comes along with matches: `_include` and `_revinclude` (FHIR R4 search.html#include).

use std::collections::BTreeSet;

use fireward_fhir::definitions::served;
use fireward_fhir::search::{Include, Search};
use fireward_fhir::{Permit, Reach};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, Query, SelectStatement};

use crate::entity::resource;
use crate::error::RecordsError;
use crate::index::{PATIENT, REFERENCE};
use crate::reach::{demands, reaches};
use crate::search::{COLUMNS, permitted, rows};
use crate::sql::{RESOURCE, any_of, existing};
use crate::stored::Stored;

/// The resources that the matches of a page bring along. What the permit does not reach is silently left out (D-37).
/// With `:iterate` what came along brings others along, and so on, up to a bound.
pub(crate) async fn along<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    search: &Search,
    matches: &[resource::Model],
) -> Result<Vec<Stored>, RecordsError> {
    let mut seen: BTreeSet<i64> = matches.iter().map(|row| row.number).collect();
    let mut included = Vec::new();
    let mut newest = matches.to_vec();
    for round in 0..ROUNDS {
        let again = round > 0;
        let mut wanted = Vec::new();
        for include in search.includes.iter().filter(|include| include.iterate || !again) {
            wanted.extend(linked_from(db, permit, include, &newest).await?);
        }
        for include in search.revincludes.iter().filter(|include| include.iterate || !again) {
            wanted.extend(linked_to(permit, include, &newest)?);
        }
        newest.clear();
        for mut select in wanted {
            select.columns(COLUMNS.map(|column| (RESOURCE, column))).limit(MOST + 1);
            let new = rows(db, &select).await?.into_iter().filter(|row| seen.insert(row.number));
            let new: Result<Vec<_>, RecordsError> =
                new.map(|row| Ok((Stored::of(row.clone())?, row))).collect();
            for (stored, row) in new?.into_iter().filter(|(stored, _)| comes_along(permit, stored))
            {
                newest.push(row);
                included.push(stored);
            }
            if included.len() as u64 > MOST {
                let fault =
                    format!("more than {MOST} resources would come along: ask for smaller pages");
                return Err(RecordsError::NotUnderstood(fault));
            }
        }
        if newest.is_empty() {
            break;
        }
    }
    Ok(included)
}

/// Whether a Provenance is about a match cannot be seen in it alone.
fn comes_along(permit: &Permit, stored: &Stored) -> bool {
    stored.kind == "Provenance" || permitted(permit.included_branches(&stored.kind), stored)
}

/// What resources refer to, of each type that is wanted.
async fn linked_from<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    include: &Include,
    rows: &[resource::Model],
) -> Result<Vec<SelectStatement>, RecordsError> {
    let from: Vec<_> = rows.iter().filter(|row| row.kind == include.source).collect();
    if from.is_empty() {
        return Ok(Vec::new());
    }
    let references = references_from(include, &from);
    let kinds = kinds(db, &references, include).await?.into_iter();
    let selects = kinds.map(|kind| {
        let mut select = referred_to(kind, &references);
        select.cond_where(reaches(permit.included_branches(kind), kind));
        select
    });
    Ok(selects.collect())
}

/// What refers to resources, of each type that the link leads to.
fn linked_to(
    permit: &Permit,
    include: &Include,
    rows: &[resource::Model],
) -> Result<Vec<SelectStatement>, RecordsError> {
    let wanted = |kind: &str| {
        include.param.targets(kind) && include.target.is_none_or(|target| target == kind)
    };
    let kinds: BTreeSet<_> = rows.iter().map(|row| row.kind.as_str()).collect();
    let selects = kinds.into_iter().filter(|kind| wanted(kind)).map(|kind| {
        let to: Vec<_> = rows.iter().filter(|row| row.kind == kind).collect();
        let mut select = referring_to(include, kind, &to);
        select.cond_where(reached_from(include, permit, kind, &to)?);
        Ok(select)
    });
    selects.collect()
}

/// How far the permit reaches among what refers to the matches. A Provenance comes along with the records that it tells
/// the origin of, also where it does not name their patient.
fn reached_from(
    include: &Include,
    permit: &Permit,
    kind: &str,
    matches: &[&resource::Model],
) -> Result<Condition, RecordsError> {
    let branches = permit.included_branches(include.source);
    let reached = reaches(branches, include.source);
    let origin = (include.source, include.param.name) == ("Provenance", "target");
    if !origin || reached.is_empty() {
        return Ok(reached);
    }
    let mut ways = vec![reached];
    for branch in branches {
        let Reach::Record(whose) = &branch.reach else { continue };
        let mut of_patient = Vec::new();
        for row in matches {
            let resource = Stored::of((*row).clone())?.resource()?;
            if whose.surely(&resource) {
                of_patient.push(*row);
            }
        }
        let mut about = referring_to(include, kind, &of_patient);
        about.column((RESOURCE, "number"));
        // One that names another patient is of their record, and may have been written by their apps.
        let mut named = Query::select();
        named.column("resource").from(PATIENT);
        named.and_where(Expr::col("type").eq(include.source));
        about.and_where(Expr::col((RESOURCE, "number")).not_in_subquery(named));
        about.cond_where(demands(include.source, &branch.clauses, &branch.except));
        ways.push(Expr::col((RESOURCE, "number")).in_subquery(about).into_condition());
    }
    Ok(any_of(ways))
}

/// The references of the matches, under the parameter.
fn references_from(include: &Include, matches: &[&resource::Model]) -> SelectStatement {
    let mut references = Query::select();
    references.from(REFERENCE);
    references.and_where(Expr::col("resource").is_in(matches.iter().map(|row| row.number)));
    references.and_where(Expr::col("param").eq(include.param.name));
    references
}

/// The types that they point to, of those that are wanted.
async fn kinds<C: ConnectionTrait>(
    db: &C,
    references: &SelectStatement,
    include: &Include,
) -> Result<Vec<&'static str>, RecordsError> {
    let mut distinct = references.clone();
    let found = db.query_all(distinct.distinct().column("target_type")).await?;
    let found = found.iter().map(|row| row.try_get::<String>("", "target_type"));
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let wanted = |kind: &&str| include.target.is_none_or(|target| target == *kind);
    Ok(found.iter().filter_map(|kind| served(kind)).filter(wanted).collect())
}

fn referred_to(kind: &'static str, references: &SelectStatement) -> SelectStatement {
    let mut ids = references.clone();
    ids.column("target").and_where(Expr::col("target_type").eq(kind));
    let mut select = existing(kind);
    select.and_where(Expr::col((RESOURCE, "id")).in_subquery(ids));
    select
}

fn referring_to(include: &Include, kind: &str, matches: &[&resource::Model]) -> SelectStatement {
    let mut numbers = Query::select();
    numbers.column("resource").from(REFERENCE);
    numbers.and_where(Expr::col("type").eq(include.source));
    numbers.and_where(Expr::col("param").eq(include.param.name));
    numbers.and_where(Expr::col("target").is_in(matches.iter().map(|row| row.id.as_str())));
    numbers.and_where(Expr::col("target_type").eq(kind));
    let mut select = existing(include.source);
    select.and_where(Expr::col((RESOURCE, "number")).in_subquery(numbers));
    select
}

/// How many resources may come along with a page.
const MOST: u64 = 1000;

/// How often what came along may bring others along.
const ROUNDS: usize = 5;
