//! An attack, its control, and what must come of it.

use serde_json::Value;

use super::{Finding, Seen, Shot, Target};

/// Something that must not succeed.
#[derive(Debug, Clone)]
pub(crate) struct Attack {
    /// Its name, which stays.
    pub(crate) id: &'static str,
    /// What is tried.
    pub(crate) title: &'static str,
    /// The request.
    pub(crate) shot: Shot,
    /// The same by somebody who may, which must succeed for the attack to count.
    pub(crate) control: Option<Shot>,
    /// What must come of it.
    pub(crate) expect: Expect,
}

/// What must come of an attack.
#[derive(Debug, Clone)]
pub(crate) enum Expect {
    /// A refusal.
    Refused,
    /// A refusal, or an answer in which none of these is.
    Without(Vec<Needle>),
    /// A refusal, or an answer that counts no more than this.
    AtMost(u64),
}

/// What must not be in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needle {
    /// The patient with this id, or a reference to them.
    Patient(String),
    /// A resource of this type.
    Type(&'static str),
    /// This resource.
    Resource(&'static str, String),
}

impl Attack {
    /// One that must be refused.
    pub(crate) fn refused(id: &'static str, title: &'static str, shot: Shot) -> Self {
        Self { id, title, shot, control: None, expect: Expect::Refused }
    }

    /// One that must not bring these.
    pub(crate) fn without(
        id: &'static str,
        title: &'static str,
        shot: Shot,
        needles: Vec<Needle>,
    ) -> Self {
        Self { id, title, shot, control: None, expect: Expect::Without(needles) }
    }

    /// With its control.
    pub(crate) fn unlike(self, control: Shot) -> Self {
        Self { control: Some(control), ..self }
    }
}

/// Makes an attack, after its control.
pub(crate) async fn run(target: &Target, attack: &Attack) -> Finding {
    if let Some(control) = &attack.control {
        match target.send(control).await {
            Ok(seen) if seen.is_success() && attack.expect.is_at_stake(&seen) => {}
            Ok(seen) if seen.is_success() => {
                let why = "who may do it does not get it either".to_owned();
                return Finding::skipped(
                    attack.id,
                    attack.title,
                    format!("{why}: {}", seen.brief()),
                );
            }
            Ok(seen) => {
                let why = format!("who may do it gets {} as well", seen.brief());
                return Finding::skipped(attack.id, attack.title, why);
            }
            Err(fault) => return Finding::skipped(attack.id, attack.title, fault.to_string()),
        }
    }
    match target.send(&attack.shot).await {
        // What nobody can do, nobody is kept from.
        Ok(seen) if matches!(seen.status, 405 | 501) => {
            Finding::skipped(attack.id, attack.title, seen.brief())
        }
        Ok(seen) => {
            let held = attack.expect.is_met(&seen);
            Finding::graded(attack.id, attack.title, held, seen.brief())
        }
        Err(fault) => Finding::skipped(attack.id, attack.title, fault.to_string()),
    }
}

impl Expect {
    /// Whether what must be kept back is in the answer to somebody who may have it.
    fn is_at_stake(&self, control: &Seen) -> bool {
        match self {
            Self::Without(needles) => needles.iter().any(|needle| needle.is_in(&control.json)),
            Self::Refused | Self::AtMost(_) => true,
        }
    }

    /// Whether an answer is as it must be.
    pub(crate) fn is_met(&self, seen: &Seen) -> bool {
        // That a server breaks down is no refusal.
        let refused = (400..500).contains(&seen.status);
        let told = seen.json.get("resourceType").and_then(Value::as_str);
        let outcome = matches!(told, None | Some("OperationOutcome"));
        if refused && outcome {
            return true;
        }
        match self {
            Self::Refused => false,
            Self::Without(needles) => {
                seen.is_success() && !needles.iter().any(|needle| needle.is_in(&seen.json))
            }
            Self::AtMost(most) => {
                let total = seen.json.get("total").and_then(Value::as_u64);
                seen.is_success() && total.is_none_or(|total| total <= *most)
            }
        }
    }
}

impl Needle {
    /// Whether it is anywhere in an answer.
    pub(crate) fn is_in(&self, json: &Value) -> bool {
        match json {
            Value::Array(items) => items.iter().any(|item| self.is_in(item)),
            Value::Object(members) => {
                let is = |name: &str, text: &str| {
                    members.get(name).and_then(Value::as_str) == Some(text)
                };
                let here = match self {
                    Self::Patient(id) => {
                        let found = members.get("reference").and_then(Value::as_str);
                        let refers = found.is_some_and(|text| refers(text, id));
                        is("resourceType", "Patient") && is("id", id) || refers
                    }
                    Self::Type(kind) => is("resourceType", kind),
                    Self::Resource(kind, id) => is("resourceType", kind) && is("id", id),
                };
                here || members.values().any(|member| self.is_in(member))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
}

/// Whether a reference is to a patient, however it is written.
fn refers(text: &str, id: &str) -> bool {
    let end = format!("Patient/{id}");
    text == end || text.ends_with(&format!("/{end}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(status: u16, json: Value) -> Seen {
        Seen { status, json }
    }

    #[test]
    fn a_refusal_is_a_status_of_refusal_that_brings_no_record() {
        let outcome = json!({ "resourceType": "OperationOutcome" });
        for status in [400, 401, 403, 404, 406] {
            assert!(Expect::Refused.is_met(&seen(status, outcome.clone())), "{status}");
        }
        for status in [200, 204, 302, 500, 502] {
            assert!(!Expect::Refused.is_met(&seen(status, outcome.clone())), "{status}");
        }
        assert!(!Expect::Refused.is_met(&seen(404, json!({ "resourceType": "Patient" }))));
    }

    #[test]
    fn another_patient_is_found_wherever_they_are_named() {
        let needle = Expect::Without(vec![Needle::Patient("b".to_owned())]);
        for leak in [
            json!({ "entry": [{ "resource": { "resourceType": "Patient", "id": "b" } }] }),
            json!({ "subject": { "reference": "Patient/b" } }),
            json!({ "subject": { "reference": "https://h/fhir/Patient/b" } }),
        ] {
            assert!(!needle.is_met(&seen(200, leak.clone())), "{leak}");
        }
        for fine in [json!({ "subject": { "reference": "Patient/bb" } }), json!({ "id": "b" })] {
            assert!(needle.is_met(&seen(200, fine.clone())), "{fine}");
        }
        assert!(!needle.is_met(&seen(500, Value::Null)), "breaking down is no enforcement");
        assert!(Expect::AtMost(3).is_met(&seen(200, json!({ "total": 3 }))));
        assert!(!Expect::AtMost(3).is_met(&seen(200, json!({ "total": 4 }))));
    }
}
