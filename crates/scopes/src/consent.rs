//! What the consent page needs: groups of records, and the choices within a whole type (D-26).

use crate::{Clinical, Constraint, Resource, Scope, ScopeSet};

/// The heading under which a scope is shown to the person who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Name, contact, family, insurance.
    AboutYou,
    /// Problems, procedures, plans and goals.
    Conditions,
    /// Prescriptions and immunizations.
    Medicines,
    /// Allergies.
    Allergies,
    /// Measurements, laboratory, imaging.
    LabsAndVitals,
    /// Encounters and appointments.
    Visits,
    /// Notes, reports and questionnaires.
    Documents,
    /// Every type of record at once.
    Everything,
    /// What fits nowhere else.
    Other,
}

/// One kind of record within a whole-type scope: a switch on the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryChoice {
    /// The code of the category, `laboratory`: also the `kind` of the scope's description.
    pub code: &'static str,
    /// The scope for these records alone, with the permissions of the whole.
    pub scope: Scope,
}

impl Category {
    /// All headings, in the order of the page.
    pub const VARIANTS: [Self; 9] = [
        Self::AboutYou,
        Self::Conditions,
        Self::Medicines,
        Self::Allergies,
        Self::LabsAndVitals,
        Self::Visits,
        Self::Documents,
        Self::Everything,
        Self::Other,
    ];

    /// The key of the heading in the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::AboutYou => "records-about-you",
            Self::Conditions => "records-conditions",
            Self::Medicines => "records-medicines",
            Self::Allergies => "records-allergies",
            Self::LabsAndVitals => "records-labs-and-vitals",
            Self::Visits => "records-visits",
            Self::Documents => "records-documents",
            Self::Everything => "records-everything",
            Self::Other => "records-other",
        }
    }

    /// The heading for a type of resource.
    #[must_use]
    pub fn of_type(name: &str) -> Self {
        let found = GROUPS.iter().find(|(_, types)| types.contains(&name));
        found.map_or(Self::Other, |(category, _)| *category)
    }
}

impl Clinical {
    /// The heading under which this scope is shown.
    #[must_use]
    pub fn category(&self) -> Category {
        self.resource().name().map_or(Category::Everything, Category::of_type)
    }

    /// The choices within a whole-type scope for Condition or Observation, by the categories of US
    /// Core; none for any other scope.
    #[must_use]
    pub fn category_choices(&self) -> Vec<CategoryChoice> {
        if self.constraint().is_some() {
            return Vec::new();
        }
        let choice = |(system, code): &(&str, &'static str)| {
            let pair = ("category".to_owned(), format!("{system}|{code}"));
            let scope = Scope::Clinical(self.with_constraint(Constraint::of(vec![pair])));
            CategoryChoice { code, scope }
        };
        categories(self.resource()).iter().map(choice).collect()
    }
}

impl ScopeSet {
    /// What remains of this request when a person has left `chosen` switched on: only what was
    /// asked, never more (D-26).
    ///
    /// A scope with [`Clinical::category_choices`] is on as a whole if `chosen` has all of them, or
    /// none of them but the scope itself; with some of them on, those alone remain. A page shows
    /// either the whole or its choices, not both.
    #[must_use]
    pub fn recompose(&self, chosen: &Self) -> Self {
        self.iter().flat_map(|asked| remaining(asked, chosen)).collect()
    }
}

fn remaining(asked: &Scope, chosen: &ScopeSet) -> Vec<Scope> {
    let choices = asked.as_clinical().map(Clinical::category_choices).unwrap_or_default();
    let count = choices.len();
    let on: Vec<_> =
        choices.into_iter().map(|choice| choice.scope).filter(|c| chosen.contains(c)).collect();
    let whole = if on.is_empty() { chosen.contains(asked) } else { on.len() == count };
    if whole { vec![asked.clone()] } else { on }
}

/// Whether there is a category of that code, such as `laboratory`.
#[must_use]
pub fn is_category(code: &str) -> bool {
    CONDITION.iter().chain(OBSERVATION).any(|(_, known)| *known == code)
}

/// The code of the category that a scope is confined to, if it is one that we have words for.
pub(crate) fn known_category(scope: &Clinical) -> Option<&'static str> {
    let mut pairs = scope.constraint()?.pairs();
    let (name, value) = pairs.next().filter(|(name, _)| *name == "category")?;
    let named = categories(scope.resource()).iter().chain(named_only(scope.resource()));
    let known = named.into_iter().find(|(system, code)| {
        value.split_once('|').is_some_and(|(s, c)| s == *system && c == *code)
    })?;
    (name == "category" && pairs.next().is_none()).then_some(known.1)
}

fn categories(resource: &Resource) -> &'static [(&'static str, &'static str)] {
    match resource.name() {
        Some("Condition") => CONDITION,
        Some("Observation") => OBSERVATION,
        _ => &[],
    }
}

/// Categories that have words of their own, and are not all that there is of the type: they are offered in place of none.
fn named_only(resource: &Resource) -> &'static [(&'static str, &'static str)] {
    match resource.name() {
        Some("DocumentReference") => DOCUMENT,
        _ => &[],
    }
}

const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const US_CORE_CONDITION: &str = "http://hl7.org/fhir/us/core/CodeSystem/condition-category";
const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// US Core 5 and later, Condition: "Scopes for granular access".
const CONDITION: &[(&str, &str)] = &[
    (CONDITION_CATEGORY, "problem-list-item"),
    (CONDITION_CATEGORY, "encounter-diagnosis"),
    (US_CORE_CONDITION, "health-concern"),
];

/// The categories that US Core's Observation profiles use.
const OBSERVATION: &[(&str, &str)] = &[
    (OBSERVATION_CATEGORY, "laboratory"),
    (OBSERVATION_CATEGORY, "vital-signs"),
    (OBSERVATION_CATEGORY, "social-history"),
    (OBSERVATION_CATEGORY, "imaging"),
    (OBSERVATION_CATEGORY, "survey"),
    (OBSERVATION_CATEGORY, "exam"),
    (OBSERVATION_CATEGORY, "procedure"),
];

/// US Core, `DocumentReference`; and what a record locator says of where a patient has records.
const DOCUMENT: &[(&str, &str)] = &[
    ("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note"),
    ("https://fireward.dev/codes/record-locator", "record-location"),
];

const GROUPS: [(Category, &[&str]); 7] = [
    (Category::AboutYou, &["Patient", "RelatedPerson", "Person", "Coverage", "Account", "Consent"]),
    (
        Category::Conditions,
        &[
            "Condition",
            "Procedure",
            "CarePlan",
            "CareTeam",
            "Goal",
            "FamilyMemberHistory",
            "ClinicalImpression",
            "RiskAssessment",
            "Flag",
        ],
    ),
    (
        Category::Medicines,
        &[
            "Medication",
            "MedicationAdministration",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "Immunization",
            "ImmunizationRecommendation",
        ],
    ),
    (Category::Allergies, &["AllergyIntolerance"]),
    (
        Category::LabsAndVitals,
        &["Observation", "DiagnosticReport", "Specimen", "ImagingStudy", "ServiceRequest", "Media"],
    ),
    (Category::Visits, &["Encounter", "Appointment", "EpisodeOfCare"]),
    (
        Category::Documents,
        &[
            "DocumentReference",
            "DocumentManifest",
            "Composition",
            "QuestionnaireResponse",
            "Binary",
            "Communication",
        ],
    ),
];
