//! The order of matches, and going on after one of them. A page begins after the last match of the page before, by that
//! match's own values: what is written meanwhile neither repeats a match nor skips one, and a far page costs what the
//! first one does.

use fireward_fhir::definitions::Kind;
use fireward_fhir::search::{Search, Sort};
use sea_orm::QueryResult;
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, NullOrdering, Order, Query};
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use serde_json::{Value, json};

use crate::error::RecordsError;
use crate::sql::{RESOURCE, table};

/// What matches are sorted by: last of all the number, so that no two are alike.
pub(crate) struct Keys(Vec<Key>);

struct Key {
    value: SimpleExpr,
    kind: KeyKind,
    descending: bool,
}

/// The type of a key's column.
#[derive(Clone, Copy)]
enum KeyKind {
    Text,
    Whole,
    Real,
}

/// Where one match stands in an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    values: Vec<Known>,
    number: i64,
}

/// The value of a key; a match may have none, and then comes last.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    Nothing,
    Text(String),
    Whole(i64),
    Real(f64),
}

impl Keys {
    pub(crate) fn of(search: &Search) -> Self {
        Self(search.sort.iter().map(Key::of).collect())
    }

    /// Orders a page, which begins after a place, and chooses the keys beside what is chosen already.
    pub(crate) fn order(&self, page: &mut SelectStatement, after: Option<&Place>) {
        for (at, key) in self.0.iter().enumerate() {
            page.expr_as(key.value.clone(), name(at));
            let order = if key.descending { Order::Desc } else { Order::Asc };
            page.order_by_expr_with_nulls(Expr::col(name(at)), order, NullOrdering::Last);
        }
        page.order_by((RESOURCE, "number"), Order::Asc);
        if let Some(after) = after {
            page.cond_where(self.beyond(after));
        }
    }

    /// What comes after a place: what is beyond it by some key, and equal by those before.
    fn beyond(&self, place: &Place) -> Condition {
        let number = Expr::col((RESOURCE, "number")).gt(place.number);
        let keys: Vec<_> = self.0.iter().zip(&place.values).collect();
        let last = keys.iter().fold(Cond::all(), |all, (key, value)| all.add(key.equals(value)));
        let mut ways = Cond::any().add(last.add(number));
        for (at, (key, value)) in keys.iter().enumerate() {
            let Some(beyond) = key.beyond(value) else { continue };
            let equal = keys.iter().take(at).fold(Cond::all(), |all, (k, v)| all.add(k.equals(v)));
            ways = ways.add(equal.add(beyond));
        }
        ways
    }

    /// Where a row of an ordered page stands.
    pub(crate) fn place(&self, row: &QueryResult) -> Result<Place, RecordsError> {
        let values = self.0.iter().enumerate().map(|(at, key)| {
            let column = name(at);
            Ok(match key.kind {
                KeyKind::Text => row.try_get::<Option<String>>("", &column)?.map(Known::Text),
                KeyKind::Whole => row.try_get::<Option<i64>>("", &column)?.map(Known::Whole),
                KeyKind::Real => row.try_get::<Option<f64>>("", &column)?.map(Known::Real),
            }
            .unwrap_or(Known::Nothing))
        });
        let values = values.collect::<Result<_, RecordsError>>()?;
        Ok(Place { values, number: row.try_get("", "number")? })
    }

    /// Reads a place as [`Place::to_json`] writes it; `None` where it is none of this order.
    pub(crate) fn read(&self, json: &Value) -> Option<Place> {
        let (number, values) = json.as_array()?.split_first()?;
        let known = |(key, value): (&Key, &Value)| {
            Some(match (key.kind, value) {
                (_, Value::Null) => Known::Nothing,
                (KeyKind::Text, Value::String(text)) => Known::Text(text.clone()),
                (KeyKind::Whole, value) => Known::Whole(value.as_i64()?),
                (KeyKind::Real, value) => Known::Real(f64::from_bits(value.as_u64()?)),
                (KeyKind::Text, _) => return None,
            })
        };
        let fits = values.len() == self.0.len();
        let values = self.0.iter().zip(values).map(known).collect::<Option<_>>()?;
        fits.then_some(Place { values, number: number.as_i64()? })
    }
}

impl Place {
    pub(crate) fn to_json(&self) -> Value {
        let values = self.values.iter().map(|value| match value {
            Known::Nothing => Value::Null,
            Known::Text(text) => json!(text),
            Known::Whole(whole) => json!(whole),
            // By its bits: no number changes on the way.
            Known::Real(real) => json!(real.to_bits()),
        });
        std::iter::once(json!(self.number)).chain(values).collect()
    }
}

impl Key {
    /// The value that a resource is sorted by: its first for an ascending order, its last for a descending one.
    fn of(sort: &Sort) -> Self {
        let (value, kind) = match sort.param.name {
            "_id" => (Expr::col((RESOURCE, "id")), KeyKind::Text),
            "_lastUpdated" => (Expr::col((RESOURCE, "last_updated")), KeyKind::Whole),
            _ => (looked_up(sort), KeyKind::of(sort.param.kind)),
        };
        Self { value, kind, descending: sort.descending }
    }

    fn equals(&self, value: &Known) -> SimpleExpr {
        match value {
            Known::Nothing => self.value.clone().is_null(),
            Known::Text(_) | Known::Whole(_) | Known::Real(_) => {
                self.value.clone().eq(value.expr())
            }
        }
    }

    /// After what has nothing, nothing comes.
    fn beyond(&self, value: &Known) -> Option<Condition> {
        let known = match value {
            Known::Nothing => return None,
            Known::Text(_) | Known::Whole(_) | Known::Real(_) => value.expr(),
        };
        let (here, none) = (self.value.clone(), self.value.clone().is_null());
        let beyond = if self.descending { here.lt(known) } else { here.gt(known) };
        Some(Cond::any().add(beyond).add(none))
    }
}

impl Known {
    fn expr(&self) -> SimpleExpr {
        match self {
            Self::Nothing => Expr::null(),
            Self::Text(text) => text.as_str().into(),
            Self::Whole(whole) => (*whole).into(),
            Self::Real(real) => (*real).into(),
        }
    }
}

impl KeyKind {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Token | Kind::String | Kind::Reference | Kind::Uri | Kind::Composite => {
                Self::Text
            }
            Kind::Date => Self::Whole,
            Kind::Quantity => Self::Real,
        }
    }
}

fn looked_up(sort: &Sort) -> SimpleExpr {
    let column = match sort.param.kind {
        Kind::Token | Kind::Composite => "code",
        Kind::String => "folded",
        Kind::Date if sort.descending => "high",
        Kind::Date => "low",
        Kind::Reference => "target",
        Kind::Quantity | Kind::Uri => "value",
    };
    let value = Expr::col(column);
    let mut key = Query::select();
    key.from(table(sort.param.kind)).expr(if sort.descending { value.max() } else { value.min() });
    key.and_where(Expr::col("resource").eq(Expr::col((RESOURCE, "number"))));
    key.and_where(Expr::col("param").is_in(sort.param.stored_as().iter().copied()));
    SimpleExpr::from(key)
}

fn name(at: usize) -> String {
    format!("key_{at}")
}
