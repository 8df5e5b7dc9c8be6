//! Search clauses as SQL. A clause is met by the numbers of the resources that an index table holds for it.

use fireward_fhir::definitions::Kind;
use fireward_fhir::search::{Clause, Comparison, Criterion, Prefix, Test, TextMatch};
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::sea_query::{IntoCondition, SimpleExpr};

use crate::index::{DATE, PAIR, QUANTITY, REFERENCE, STRING, TOKEN, URI};

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

/// A column of a table, or of what stands for one.
pub(crate) type Column = (&'static str, &'static str);

/// Whether a row of `fhir_resource` meets the clause.
pub(crate) fn meets(clause: &Clause) -> Condition {
    let number = (RESOURCE, "number");
    if clause.param.is_own_column() { own_column(clause) } else { checks(clause, number) }
}

/// Whether the resource with the number in a column meets the clause, by the values of that resource alone.
pub(crate) fn checks(clause: &Clause, number: Column) -> Condition {
    let values = |criteria: Option<&[Criterion]>| {
        let mut rows = Query::select();
        let table = table_of(clause);
        rows.expr(Expr::val(1)).from(table);
        rows.and_where(Expr::col((table, "resource")).equals(number));
        rows.and_where(named(clause));
        if let Some(criteria) = criteria {
            rows.cond_where(any(criteria));
        }
        rows
    };
    match &clause.test {
        Test::Missing(missing) => {
            let there = Expr::exists(values(None));
            if *missing { there.not().into_condition() } else { there.into_condition() }
        }
        Test::Any(criteria) => Expr::exists(values(Some(criteria))).into_condition(),
        Test::Not(criteria) => Expr::exists(values(Some(criteria))).not().into_condition(),
    }
}

/// The numbers of all resources of a type that have a value as the clause asks, under the name `lead`.
pub(crate) fn leads(kind: &str, clause: &Clause, lead: &'static str) -> SelectStatement {
    let mut rows = Query::select();
    rows.column((lead, "resource")).from_as(table_of(clause), lead);
    rows.and_where(Expr::col("type").eq(kind)).and_where(named(clause));
    rows.cond_where(any(clause.test.criteria()));
    rows
}

/// Whether a row is of the parameter.
fn named(clause: &Clause) -> SimpleExpr {
    match clause.param.stored_as() {
        [name] => Expr::col("param").eq(*name),
        names => Expr::col("param").is_in(names.iter().copied()),
    }
}

/// The table that a clause looks into: beside its own, a token has its words, and a reference the identifier of what
/// it refers to.
fn table_of(clause: &Clause) -> &'static str {
    match (clause.param.kind, clause.test.criteria().first()) {
        (Kind::Token, Some(Criterion::Text { .. })) => STRING,
        (Kind::Reference, Some(Criterion::Token { .. })) => TOKEN,
        (kind, _) => table(kind),
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
        Kind::Composite => PAIR,
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
        Criterion::UriBelow(uri) => {
            let below = format!("{}/", uri.strip_suffix('/').unwrap_or(uri));
            Cond::any()
                .add(Expr::col("value").eq(uri))
                .add(Expr::col("value").like(starting(&below)))
        }
        Criterion::Date(asked) => stretch(asked, Expr::col("low"), Expr::col("high")),
        Criterion::Reference { kind, id } => {
            Cond::all().add(Expr::col("target").eq(id)).add_option(is("target_type", kind.as_ref()))
        }
        Criterion::Quantity { number, system, code } => {
            let all = Cond::all().add(amount(number, "value"));
            all.add_option(is("system", system.as_ref())).add_option(is("code", code.as_ref()))
        }
        Criterion::Pair(pair) => {
            let [first, second] = &**pair;
            Cond::all().add(value(first)).add(other(second))
        }
    }
}

/// The second value of a pair, in the columns that it has there.
fn other(criterion: &Criterion) -> Condition {
    match criterion {
        Criterion::Token { system, code } => Cond::all()
            .add_option(is("other_system", system.as_ref()))
            .add_option(is("other", code.as_ref())),
        Criterion::Reference { kind, id } => {
            Cond::all().add(Expr::col("other").eq(id)).add_option(is("other_system", kind.as_ref()))
        }
        Criterion::Text { text, .. } => starts("other", text),
        Criterion::Date(asked) => stretch(asked, Expr::col("low"), Expr::col("high")),
        Criterion::Quantity { number, system, code } => {
            let all = Cond::all().add(amount(number, "number"));
            all.add_option(is("other_system", system.as_ref()))
                .add_option(is("other", code.as_ref()))
        }
        // No pair has such a part.
        Criterion::Uri(_) | Criterion::UriBelow(_) | Criterion::Pair(_) => never(),
    }
}

/// Every text that starts so is in this range of bytes, and no other is.
fn starts(column: &'static str, text: &str) -> Condition {
    let from = Expr::col(column).gte(text);
    Cond::all().add(from).add(Expr::col(column).lt(format!("{text}\u{10FFFF}")))
}

fn starting(text: &str) -> LikeExpr {
    LikeExpr::new(format!("{}%", literal(text))).escape('\\')
}

/// Text without what `LIKE` takes for more than itself.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn is(column: &'static str, wanted: Option<&String>) -> Option<SimpleExpr> {
    wanted.map(|wanted| Expr::col(column).eq(wanted))
}

fn words(how: TextMatch, text: &str) -> Condition {
    match how {
        TextMatch::Exact => Expr::col("exact").eq(text).into_condition(),
        TextMatch::Start => starts("folded", text),
        TextMatch::Anywhere => {
            let like = LikeExpr::new(format!("%{}%", literal(text))).escape('\\');
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
fn amount(asked: &Comparison<f64>, column: &'static str) -> Condition {
    let value = Expr::col(column);
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
pub(crate) fn own_column(clause: &Clause) -> Condition {
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
        | Criterion::UriBelow(_)
        | Criterion::Pair(_)
        | Criterion::Reference { .. }
        | Criterion::Quantity { .. } => never(),
    }
}

/// The table of current versions.
pub(crate) const RESOURCE: &str = "fhir_resource";
