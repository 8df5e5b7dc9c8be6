//! Which types are served, and by which parameters each can be searched: read once from the
//! tables in `data/`, which are derived from the official definitions of R4.

mod path;
mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use path::{DataType, Path, Steps, each};

/// A search parameter of one type (FHIR R4 §3.1.1.4).
#[derive(Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name in a query.
    pub name: &'static str,
    /// How its values are written and compared.
    pub kind: Kind,
    targets: Targets,
    pub(crate) paths: Vec<Path>,
    pub(crate) together: Vec<Together>,
    stored_as: Vec<&'static str>,
}

/// Where the two values of a composite parameter stand: both in one element (§3.1.1.4.13).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Together {
    pub(crate) context: Steps,
    pub(crate) parts: [Param; 2],
}

/// How the values of a parameter are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A code, an identifier, a boolean (§3.1.1.4.10).
    Token,
    /// Another resource (§3.1.1.4.12).
    Reference,
    /// A point or stretch of time (§3.1.1.4.7).
    Date,
    /// Text, without regard to case and accents (§3.1.1.4.8).
    String,
    /// A number with a unit (§3.1.1.4.11).
    Quantity,
    /// A URI, exactly (§3.1.1.4.9).
    Uri,
    /// Two values that belong together, `code$value` (§3.1.1.4.13).
    Composite,
}

/// The types that a reference may point to.
#[derive(Debug, PartialEq, Eq)]
enum Targets {
    Any,
    These(Vec<&'static str>),
}

impl Kind {
    /// The code of the value set `search-param-type`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Reference => "reference",
            Self::Date => "date",
            Self::String => "string",
            Self::Quantity => "quantity",
            Self::Uri => "uri",
            Self::Composite => "composite",
        }
    }
}

impl Param {
    /// Whether the parameter is a reference that may point to this type.
    #[must_use]
    pub fn targets(&self, kind: &str) -> bool {
        self.kind == Kind::Reference
            && match &self.targets {
                Targets::Any => true,
                Targets::These(types) => types.contains(&kind),
            }
    }

    /// The only type that the reference may point to, if there is only one.
    pub(crate) fn only_target(&self) -> Option<&'static str> {
        match &self.targets {
            Targets::These(types) if types.len() == 1 => types.first().copied(),
            Targets::These(_) | Targets::Any => None,
        }
    }

    /// The parameters under whose names a store finds the values: itself, or the two of which it is either.
    #[must_use]
    pub fn stored_as(&self) -> &[&'static str] {
        &self.stored_as
    }

    /// Whether values are found by what they sound like.
    pub(crate) fn is_phonetic(&self) -> bool {
        self.name == "phonetic"
    }

    /// Whether a store finds this parameter in its own columns, not in the search index: `_id` and
    /// `_lastUpdated`.
    #[must_use]
    pub fn is_own_column(&self) -> bool {
        matches!(self.name, "_id" | "_lastUpdated")
    }
}

/// The types that are served, in alphabetical order.
#[must_use]
pub fn types() -> &'static [&'static str] {
    &DEFINITIONS.types
}

/// The static spelling of a type that is served.
#[must_use]
pub fn served(name: &str) -> Option<&'static str> {
    let at = types().binary_search(&name).ok()?;
    types().get(at).copied()
}

/// Every parameter by which a type can be searched, in alphabetical order.
#[must_use]
pub fn params(kind: &str) -> &'static [Param] {
    DEFINITIONS.params.get(kind).map_or(&[], Vec::as_slice)
}

/// One parameter of a type.
#[must_use]
pub fn param(kind: &str, name: &str) -> Option<&'static Param> {
    let params = params(kind);
    params.binary_search_by(|param| param.name.cmp(name)).ok().and_then(|at| params.get(at))
}

struct Definitions {
    types: Vec<&'static str>,
    params: HashMap<&'static str, Vec<Param>>,
}

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
    let rows: Vec<_> = TABLE.lines().filter_map(table::row).collect();
    let mut params: HashMap<&str, Vec<Param>> = HashMap::new();
    let mut types: Vec<_> = rows.iter().map(|row| row.on).filter(|on| *on != "*").collect();
    types.dedup();
    for kind in &types {
        let own = rows.iter().filter(|row| row.on == *kind || row.on == "*");
        let find = |name: &str| rows.iter().find(|row| row.on == *kind && row.name == name);
        let mut own: Vec<_> = own.map(|row| row.param(&find)).collect();
        own.sort_by_key(|param| param.name);
        params.insert(kind, own);
    }
    Definitions { types, params }
});

const TABLE: &str = include_str!("../../data/search-parameters.txt");

#[cfg(test)]
mod tests {
    use super::{Kind, TABLE, param, params, served, table, types};

    #[test]
    fn every_line_of_the_table_is_understood() {
        for line in TABLE.lines() {
            assert!(table::row(line).is_some(), "{line}");
        }
        let lines = TABLE.lines().filter(|line| !line.starts_with('*')).count();
        let everywhere = TABLE.lines().filter(|line| line.starts_with('*')).count();
        let all: usize = types().iter().map(|kind| params(kind).len()).sum();
        assert_eq!(all, lines + everywhere * types().len());
    }

    #[test]
    fn types_and_parameters_are_found_by_name() {
        assert_eq!(types().len(), 39);
        assert!(types().is_sorted());
        for kind in types() {
            assert_eq!(served(kind), Some(*kind));
            assert!(params(kind).is_sorted_by_key(|param| param.name));
            assert!(param(kind, "_id").is_some() && param(kind, "_lastUpdated").is_some());
        }
        assert_eq!(served("Claim"), None);
        assert_eq!(param("Observation", "category").map(|found| found.kind), Some(Kind::Token));
        assert_eq!(param("Observation", "nothing"), None);
        let subject = param("Observation", "subject").expect("subject");
        assert!(subject.targets("Patient") && subject.targets("Group"));
        assert!(!subject.targets("Practitioner"));
        assert!(param("Provenance", "target").expect("target").targets("Observation"));
    }

    #[test]
    fn what_us_core_asks_of_a_server_can_be_searched() {
        let asked = [
            ("Patient", "birthdate family gender given identifier name _id race ethnicity"),
            ("AllergyIntolerance", "clinical-status patient"),
            ("CarePlan", "category date patient status"),
            ("CareTeam", "patient status role"),
            ("Condition", "category clinical-status patient onset-date asserted-date code"),
            ("Coverage", "patient"),
            ("Device", "patient type status"),
            ("DiagnosticReport", "category code date patient status"),
            ("DocumentReference", "category date patient period status type _id"),
            ("Encounter", "_id class date identifier location patient status type"),
            ("Encounter", "discharge-disposition"),
            ("Goal", "lifecycle-status patient target-date description"),
            ("Immunization", "date patient status"),
            ("MedicationRequest", "authoredon encounter intent patient status"),
            ("Observation", "category code date patient status"),
            ("Procedure", "code date patient status"),
            ("QuestionnaireResponse", "patient status authored questionnaire"),
            ("ServiceRequest", "category code authored patient status"),
            ("Specimen", "patient _id"),
            ("Location", "name address address-city address-state address-postalcode"),
            ("Organization", "name address"),
            ("Practitioner", "name identifier _id"),
            ("PractitionerRole", "practitioner specialty"),
            ("RelatedPerson", "patient name _id"),
            ("Provenance", "target patient"),
        ];
        for (kind, names) in asked {
            for name in names.split(' ') {
                assert!(param(kind, name).is_some(), "{kind}.{name}");
            }
        }
    }
}
