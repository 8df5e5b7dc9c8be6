//! Which resources of a type are found. One condition leads: an index gives the few rows that meet it. The others are
//! checked on each of those, by the index of that row alone. So the cost follows what is found, not what there is.

use fireward_fhir::definitions::Kind;
use fireward_fhir::search::{Clause, Demand, Direction, Link, Search, Test, Way};
use fireward_fhir::{Branch, Permit};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, Query, SelectStatement};

use crate::index::{PATIENT, REFERENCE};
use crate::reach::{confined, demanded, reaches};
use crate::sql::{Column, RESOURCE, any_of, checks, existing, leads, own_column};

/// What is looked for.
pub(crate) struct Finder<'a> {
    permit: &'a Permit,
    kind: &'static str,
    branches: &'a [Branch],
    clauses: Vec<&'a Clause>,
    links: Vec<&'a Link>,
}

impl<'a> Finder<'a> {
    /// What a search looks for. A permit for another type reaches nothing.
    pub(crate) fn of(permit: &'a Permit, search: &'a Search) -> Self {
        let branches = if permit.kind() == search.kind { permit.branches() } else { &[] };
        Self {
            permit,
            kind: search.kind,
            branches,
            clauses: search.clauses.iter().collect(),
            links: search.links.iter().collect(),
        }
    }

    /// What is looked for at the other end of a link: there, too, the permit reaches only so far (D-38).
    fn linked(&self, way: &'a Way) -> Finder<'a> {
        let (clauses, links): (Vec<_>, Vec<_>) = match &way.demand {
            Demand::Value(clause) => (vec![clause], Vec::new()),
            Demand::Link(link) => (Vec::new(), vec![&**link]),
        };
        let branches = self.permit.through_branches(way.kind);
        Finder { permit: self.permit, kind: way.kind, branches, clauses, links }
    }

    /// The rows of `fhir_resource` that are found, to choose columns from.
    pub(crate) fn select(&self) -> SelectStatement {
        let mut found = existing(self.kind);
        match self.lead_of(self.branches) {
            Lead::Record(patient) => {
                let mut lead = Query::select();
                lead.column(LED).from_as(PATIENT, LEAD);
                lead.and_where(Expr::col((LEAD, "patient")).eq(patient));
                lead.and_where(Expr::col((LEAD, "type")).eq(self.kind));
                lead.cond_where(demanded(self.branches, LED));
                self.check_into(&mut found, lead, None);
                if self.branches.iter().any(|branch| !branch.except.is_empty()) {
                    found.cond_where(reaches(self.branches, self.kind));
                }
            }
            Lead::Clause(clause) => {
                let lead = leads(self.kind, clause, LEAD);
                self.check_into(&mut found, lead, Some(clause));
                found.cond_where(reaches(self.branches, self.kind));
            }
            Lead::Link(link) => {
                found.cond_where(self.led_by(link));
                self.check_here(&mut found, Some(link));
                found.cond_where(reaches(self.branches, self.kind));
            }
            Lead::Nothing => {
                self.check_here(&mut found, None);
                found.cond_where(reaches(self.branches, self.kind));
            }
        }
        found
    }

    /// One that is looked for and out of reach, if there is any (row 84).
    pub(crate) fn beyond(&self) -> SelectStatement {
        let reached = reaches(self.branches, self.kind);
        let mut beyond = existing(self.kind);
        if let Lead::Clause(clause) = self.lead_of(&[]) {
            self.check_into(&mut beyond, leads(self.kind, clause, LEAD), Some(clause));
        } else {
            self.check_here(&mut beyond, None);
        }
        // Of everything, nothing is beyond.
        let beyond_all = reached.is_empty().then(|| Expr::val(1).eq(0).into_condition());
        beyond.expr(Expr::val(1)).cond_where(beyond_all.unwrap_or_else(|| reached.not())).limit(1);
        beyond
    }

    /// Checks the rows of the lead, and finds the resources of those that pass.
    fn check_into(
        &self,
        found: &mut SelectStatement,
        mut lead: SelectStatement,
        leader: Option<&Clause>,
    ) {
        for clause in &self.clauses {
            if clause.param.is_own_column() {
                found.cond_where(own_column(clause));
            } else if leader.is_none_or(|leader| !std::ptr::eq(leader, *clause)) {
                lead.cond_where(checks(clause, LED));
            }
        }
        for link in &self.links {
            match link.direction {
                Direction::To => lead.cond_where(self.leads_to(link, LED)),
                Direction::From => found.cond_where(self.led_from(link)),
            };
        }
        found.and_where(Expr::col(NUMBER).in_subquery(lead));
    }

    /// Checks each resource.
    fn check_here(&self, found: &mut SelectStatement, led: Option<&Link>) {
        for clause in &self.clauses {
            let own = clause.param.is_own_column();
            found.cond_where(if own { own_column(clause) } else { checks(clause, NUMBER) });
        }
        for link in
            self.links.iter().filter(|link| led.is_none_or(|led| !std::ptr::eq(led, **link)))
        {
            found.cond_where(match link.direction {
                Direction::To => self.leads_to(link, NUMBER),
                Direction::From => self.led_from(link),
            });
        }
    }

    /// The condition that leaves least to check.
    fn lead_of(&self, branches: &'a [Branch]) -> Lead<'a> {
        if let Some(patient) = confined(branches) {
            return Lead::Record(patient);
        }
        let clauses = self.clauses.iter().filter_map(|clause| Some((rank(clause)?, *clause)));
        match clauses.min_by_key(|(rank, _)| *rank) {
            Some((OWN_ID, _)) => Lead::Nothing,
            Some((rank, clause)) if rank < LINK || self.links.is_empty() => Lead::Clause(clause),
            _ => self.links.first().map_or(Lead::Nothing, |link| Lead::Link(link)),
        }
    }

    /// The resources that a link leads to or comes from, found from its other end.
    fn led_by(&self, link: &'a Link) -> Condition {
        let (ours, theirs, column) = match link.direction {
            Direction::To => ("resource", "target", (RESOURCE, "id")),
            Direction::From => ("target", "resource", NUMBER),
        };
        any_of(link.ways.iter().map(|way| {
            let mut others = self.linked(way).select();
            others.column(column);
            let mut references = self.references(link, way);
            references.column((REFERENCE, ours));
            references.and_where(Expr::col((REFERENCE, theirs)).in_subquery(others));
            let own = match link.direction {
                Direction::To => Expr::col(NUMBER),
                Direction::From => Expr::col((RESOURCE, "id")),
            };
            own.in_subquery(references).into_condition()
        }))
    }

    /// Whether the resource with the number in a column refers to one that is looked for.
    fn leads_to(&self, link: &Link, number: Column) -> Condition {
        any_of(link.ways.iter().map(|way| {
            let mut references = self.references(link, way);
            references.expr(Expr::val(1));
            references.and_where(Expr::col((REFERENCE, "resource")).equals(number));
            let target = Expr::col((RESOURCE, "id")).equals((REFERENCE, "target"));
            references.and_where(self.exists(way, target.into_condition()));
            Expr::exists(references).into_condition()
        }))
    }

    /// Whether one that is looked for refers to the resource.
    fn led_from(&self, link: &Link) -> Condition {
        any_of(link.ways.iter().map(|way| {
            let mut references = self.references(link, way);
            references.expr(Expr::val(1));
            references.and_where(Expr::col((REFERENCE, "target")).equals((RESOURCE, "id")));
            let source = Expr::col(NUMBER).equals((REFERENCE, "resource"));
            references.and_where(self.exists(way, source.into_condition()));
            Expr::exists(references).into_condition()
        }))
    }

    /// Whether a resource at the other end of a reference is one that is looked for.
    fn exists(&self, way: &Way, linked: Condition) -> sea_orm::sea_query::SimpleExpr {
        let other = self.linked(way);
        let mut one = existing(way.kind);
        one.expr(Expr::val(1)).cond_where(linked);
        other.check_here(&mut one, None);
        one.cond_where(reaches(other.branches, way.kind));
        Expr::exists(one)
    }

    /// The references that a link goes by.
    fn references(&self, link: &Link, way: &Way) -> SelectStatement {
        let (from, to) = match link.direction {
            Direction::To => (self.kind, way.kind),
            Direction::From => (way.kind, self.kind),
        };
        let mut references = Query::select();
        references.from(REFERENCE);
        references.and_where(Expr::col((REFERENCE, "type")).eq(from));
        references.and_where(Expr::col((REFERENCE, "param")).eq(way.param.name));
        references.and_where(Expr::col((REFERENCE, "target_type")).eq(to));
        references
    }
}

/// The condition whose rows are gone through.
enum Lead<'a> {
    /// The record of this patient, to which the permit is confined.
    Record(&'a str),
    Clause(&'a Clause),
    Link(&'a Link),
    /// Every resource of the type, or those with an id.
    Nothing,
}

/// How few resources a condition is likely to leave, the fewest first. None, where it says what is not.
fn rank(clause: &Clause) -> Option<u8> {
    let Test::Any(_) = &clause.test else { return None };
    Some(match (clause.param.kind, clause.param.name) {
        (_, "_id") => OWN_ID,
        (_, "_lastUpdated") => return None,
        (Kind::Reference, _) => 1,
        (Kind::Token, "identifier") => 2,
        (Kind::Uri, _) => 3,
        (Kind::String, _) => LINK + 1,
        (Kind::Composite, _) => LINK + 2,
        (Kind::Token, _) => LINK + 3,
        (Kind::Quantity | Kind::Date, _) => LINK + 4,
    })
}

const OWN_ID: u8 = 0;
const LINK: u8 = 4;

const LEAD: &str = "lead";
const LED: Column = (LEAD, "resource");
const NUMBER: Column = (RESOURCE, "number");
