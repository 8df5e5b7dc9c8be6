//! Search clauses as SQL. A clause is met by the numbers of the resources that an index table holds for it.

use fireward_fhir::definitions::Kind;
use fireward_fhir::search::{Clause, Comparison, Criterion, Prefix, Test, TextMatch};
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::sea_query::{IntoCondition, SimpleExpr};

use crate::index::{DATE, QUANTITY, REFERENCE, STRING, TOKEN, URI};

/// The resources of `kind` that exist, as `fhir_resource` rows to choose columns from.
pub(crate) fn existing(kind: &str) -> SelectStatement {
    let mut select = Query::select();
    select.from(RESOURCE).and_where(Expr::col((RESOURCE, "type")).eq(kind));
    select.and_where(Expr::col((RESOURCE, "deleted")).eq(false));
    select
}

/// Whether one of the conditions holds. Of none, none does: sea-query would leave an empty choice out, which would mean
/// that every row is chosen.
pub(crate) fn any_of(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let any = conditions.into_iter().fold(Cond::any(), Condition::add);
    if any.is_empty() { never() } else { any }
}

fn never() -> Condition {
    Expr::val(1).eq(0).into_condition()
}

/// Whether a row of `fhir_resource` meets the clause.
pub(crate) fn meets(kind: &str, clause: &Clause) -> Condition {
    if clause.param.is_own_column() {
        return own_column(clause);
    }
    let table = table(clause.param.kind);
    let mut rows = Query::select();
    rows.column("resource").from(table);
    rows.and_where(Expr::col("type").eq(kind));
    rows.and_where(Expr::col("param").eq(clause.param.name));
    let number = Expr::col((RESOURCE, "number"));
    match &clause.test {
        Test::Missing(true) => number.not_in_subquery(rows).into_condition(),
        Test::Missing(false) => number.in_subquery(rows).into_condition(),
        Test::Any(criteria) => {
            rows.cond_where(any(criteria));
            number.in_subquery(rows).into_condition()
        }
        Test::Not(criteria) => {
            rows.cond_where(any(criteria));
            number.not_in_subquery(rows).into_condition()
        }
    }
}

/// The table that holds the values of parameters of a kind.
pub(crate) fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Token => TOKEN,
        Kind::Reference => REFERENCE,
        Kind::Date => DATE,
        Kind::String => STRING,
        Kind::Quantity => QUANTITY,
        Kind::Uri => URI,
    }
}

fn any(criteria: &[Criterion]) -> Condition {
    any_of(criteria.iter().map(value))
}

fn value(criterion: &Criterion) -> Condition {
    match criterion {
        Criterion::Token { system, code } => Cond::all()
            .add_option(is("system", system.as_ref()))
            .add_option(is("code", code.as_ref())),
        Criterion::Text { how, text } => words(*how, text),
        Criterion::Uri(uri) => Expr::col("value").eq(uri).into_condition(),
        Criterion::Date(asked) => stretch(asked, Expr::col("low"), Expr::col("high")),
        Criterion::Reference { kind, id } => {
            Cond::all().add(Expr::col("target").eq(id)).add_option(is("target_type", kind.as_ref()))
        }
        Criterion::Quantity { number, system, code } => {
            let all = Cond::all().add(amount(number));
            all.add_option(is("system", system.as_ref())).add_option(is("code", code.as_ref()))
        }
    }
}

fn is(column: &'static str, wanted: Option<&String>) -> Option<SimpleExpr> {
    wanted.map(|wanted| Expr::col(column).eq(wanted))
}

fn words(how: TextMatch, text: &str) -> Condition {
    match how {
        TextMatch::Exact => Expr::col("exact").eq(text).into_condition(),
        // Every text that starts so is in this range of bytes, and no other is.
        TextMatch::Start => Cond::all()
            .add(Expr::col("folded").gte(text))
            .add(Expr::col("folded").lt(format!("{text}\u{10FFFF}"))),
        TextMatch::Anywhere => {
            let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let like = LikeExpr::new(format!("%{literal}%")).escape('\\');
            Expr::col("folded").like(like).into_condition()
        }
    }
}

/// [`Comparison::<i64>::holds`], in SQL.
fn stretch(asked: &Comparison<i64>, low: Expr, high: Expr) -> Condition {
    let (from, to) = (asked.low, asked.high);
    let within = Cond::all().add(low.clone().gte(from)).add(high.clone().lte(to));
    match asked.prefix {
        Prefix::Equal => within,
        Prefix::NotEqual => within.not(),
        Prefix::Greater => high.gt(to).into_condition(),
        Prefix::Less => low.lt(from).into_condition(),
        Prefix::GreaterOrEqual => Cond::any().add(high.gt(to)).add(within),
        Prefix::LessOrEqual => Cond::any().add(low.lt(from)).add(within),
        Prefix::StartsAfter => low.gt(to).into_condition(),
        Prefix::EndsBefore => high.lt(from).into_condition(),
        Prefix::Approximately => Cond::all().add(low.lte(to)).add(high.gte(from)),
    }
}

/// [`Comparison::<f64>::holds`], in SQL.
fn amount(asked: &Comparison<f64>) -> Condition {
    let value = Expr::col("value");
    let (from, to) = (asked.low, asked.high);
    let within = Cond::all().add(value.clone().gte(from)).add(value.clone().lt(to));
    match asked.prefix {
        Prefix::Equal | Prefix::Approximately => within,
        Prefix::NotEqual => within.not(),
        Prefix::Greater | Prefix::StartsAfter => value.gt(to).into_condition(),
        Prefix::Less | Prefix::EndsBefore => value.lt(from).into_condition(),
        Prefix::GreaterOrEqual => value.gte(from).into_condition(),
        Prefix::LessOrEqual => value.lte(to).into_condition(),
    }
}

/// `_id` and `_lastUpdated`, which every resource has, and which are columns.
fn own_column(clause: &Clause) -> Condition {
    let any = |criteria: &[Criterion]| any_of(criteria.iter().map(own_value));
    match &clause.test {
        Test::Missing(true) => never(),
        Test::Missing(false) => Cond::all(),
        Test::Any(criteria) => any(criteria),
        Test::Not(criteria) => any(criteria).not(),
    }
}

fn own_value(criterion: &Criterion) -> Condition {
    match criterion {
        Criterion::Token { system, code: Some(code) }
            if system.as_deref().is_none_or(str::is_empty) =>
        {
            Expr::col((RESOURCE, "id")).eq(code).into_condition()
        }
        Criterion::Date(asked) => {
            let updated = Expr::col((RESOURCE, "last_updated"));
            stretch(asked, updated.clone(), updated)
        }
        Criterion::Token { .. }
        | Criterion::Text { .. }
        | Criterion::Uri(_)
        | Criterion::Reference { .. }
        | Criterion::Quantity { .. } => never(),
    }
}

/// The table of current versions.
pub(crate) const RESOURCE: &str = "fhir_resource";
