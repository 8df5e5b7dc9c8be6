//! Where in the JSON of a resource the values of a parameter are.

use serde_json::Value;

use crate::reference::Reference;

/// Steps into the JSON, and what is found at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    steps: Steps,
    pub(crate) leaf: DataType,
}

/// Steps into the JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: &'static str,
    keep: Option<Keep>,
}

/// Which of the elements under a name are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Keep {
    Equal { name: &'static str, value: &'static str },
    ReferenceTo(&'static str),
}

/// The FHIR data types that parameters of ours lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataType {
    /// `code`, `string`, `id`, `markdown`: plain text.
    Text,
    Boolean,
    /// `uri`, `url`, `canonical`.
    Uri,
    /// `date`, `dateTime`, `instant`.
    Moment,
    Period,
    Timing,
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    HumanName,
    Address,
    Reference,
    /// `Quantity` and its kin: `Age`, `Duration`.
    Quantity,
    Range,
    SampledData,
    /// Whether a patient is known to have died, which has a value even when nothing is recorded.
    Deceased,
}

impl Path {
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        let (steps, leaf) = text.rsplit_once(':')?;
        Some(Self { steps: Steps::parse(steps)?, leaf: data_type(leaf)? })
    }

    /// The elements that the path leads to, in order. Arrays are looked into everywhere.
    pub(crate) fn select<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        if self.leaf == DataType::Deceased {
            return vec![resource];
        }
        self.steps.select(resource)
    }

    /// The name of the element at the top of the resource.
    pub(crate) fn first(&self) -> Option<&'static str> {
        self.steps.0.first().map(|step| step.name)
    }

    /// The name of the element at the end, and of the one it is in.
    pub(crate) fn ends_with(&self, names: &[&str]) -> bool {
        let mine = self.steps.0.iter().rev().map(|step| step.name);
        mine.take(names.len()).eq(names.iter().rev().copied())
    }
}

impl Steps {
    /// Dotted steps; `.` alone is none.
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        if text == "." {
            return Some(Self(Vec::new()));
        }
        outside_brackets(text).into_iter().map(step).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The elements that the steps lead to, in order. Arrays are looked into everywhere.
    pub(crate) fn select<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        self.0.iter().fold(vec![resource], |found, step| {
            let children = found.into_iter().filter_map(|element| element.get(step.name));
            children.flat_map(each).filter(|element| step.keeps(element)).collect()
        })
    }
}

impl Step {
    fn keeps(&self, element: &Value) -> bool {
        match &self.keep {
            None => true,
            Some(Keep::Equal { name, value }) => {
                element.get(name).and_then(Value::as_str) == Some(value)
            }
            Some(Keep::ReferenceTo(kind)) => {
                Reference::of(element).is_some_and(|reference| reference.kind == *kind)
            }
        }
    }
}

/// The items of an array, or the one value.
pub(crate) fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn step(text: &'static str) -> Option<Step> {
    let Some((name, condition)) = text.split_once('[') else {
        return Some(Step { name: text, keep: None });
    };
    let condition = condition.strip_suffix(']')?;
    let keep = match condition.split_once('=') {
        Some((name, value)) => Keep::Equal { name, value },
        None => Keep::ReferenceTo(condition),
    };
    Some(Step { name, keep: Some(keep) })
}

/// Splits at the dots that are not inside brackets, where URLs have dots of their own.
fn outside_brackets(text: &'static str) -> Vec<&'static str> {
    let mut inside = false;
    text.split(|c| {
        inside = c == '[' || inside && c != ']';
        c == '.' && !inside
    })
    .collect()
}

fn data_type(name: &str) -> Option<DataType> {
    Some(match name {
        "code" | "string" | "id" | "markdown" => DataType::Text,
        "boolean" => DataType::Boolean,
        "uri" | "url" | "canonical" => DataType::Uri,
        "date" | "dateTime" | "instant" => DataType::Moment,
        "Period" => DataType::Period,
        "Timing" => DataType::Timing,
        "Coding" => DataType::Coding,
        "CodeableConcept" => DataType::CodeableConcept,
        "Identifier" => DataType::Identifier,
        "ContactPoint" => DataType::ContactPoint,
        "HumanName" => DataType::HumanName,
        "Address" => DataType::Address,
        "Reference" => DataType::Reference,
        "Quantity" | "Age" | "Duration" => DataType::Quantity,
        "Range" => DataType::Range,
        "SampledData" => DataType::SampledData,
        "Deceased" => DataType::Deceased,
        _ => return None,
    })
}
