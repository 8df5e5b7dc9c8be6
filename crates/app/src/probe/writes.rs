//! Writes that must not succeed. The probe attacks what it has made itself, and deletes it afterwards.

use fireward_outbound::Verb;
use serde_json::{Value, json};

use super::{Attack, Finding, Minter, Shot, Target, World, run};
use crate::fault::Fault;

/// Makes its resources, attacks them, sees whether they are as they were, and deletes them.
pub(crate) async fn all(
    target: &Target,
    minter: &Minter,
    world: &World,
) -> Result<Vec<Finding>, Fault> {
    let Some(own) = make(target, world, &world.own).await? else {
        let why = "a token with system/*.cruds cannot create an Observation".to_owned();
        return Ok(vec![Finding::skipped("write", "writes that must not succeed", why)]);
    };
    let others = make(target, world, &world.other).await?.unwrap_or_default();
    let mut findings = Vec::new();
    for attack in attacks(minter, world, (&own, &others))? {
        findings.push(run(target, &attack).await);
    }
    findings.push(untouched(target, world, &others).await);
    clean_up(target, world).await;
    Ok(findings)
}

async fn make(target: &Target, world: &World, patient: &str) -> Result<Option<String>, Fault> {
    let shot = Shot::of(Verb::Post, "Observation", Some(&observation(None, patient)));
    let seen = target.send(&shot.by(&world.anyone)).await?;
    Ok(seen
        .json
        .get("id")
        .and_then(Value::as_str)
        .filter(|_| seen.status == 201)
        .map(str::to_owned))
}

fn attacks(
    minter: &Minter,
    world: &World,
    (mine, others): (&str, &str),
) -> Result<Vec<Attack>, Fault> {
    let World { own, other, .. } = world;
    let token = |scope: &str| minter.token(scope, Some(own));
    let all = token("patient/*.cruds")?;
    let put = |id: &str, patient: &str| {
        Shot::of(Verb::Put, format!("Observation/{id}"), Some(&observation(Some(id), patient)))
    };
    let post =
        |patient: &str| Shot::of(Verb::Post, "Observation", Some(&observation(None, patient)));
    let delete = Shot::of(Verb::Delete, format!("Observation/{others}"), None);
    let person = json!({ "resourceType": "Patient", "name": [{ "family": MARK }] });
    let conditional = Shot::of(Verb::Delete, format!("Observation?_id={mine}"), None);
    let once = post(own).with("if-none-exist", format!("_id={mine}"));
    let patch = json!([{ "op": "replace", "path": "/status", "value": "entered-in-error" }]);
    let patch = Shot::of(Verb::Patch, format!("Observation/{others}"), Some(&patch));
    let patch = patch.with("content-type", "application/json-patch+json");
    let vital = "patient/Observation.cruds?category=vital-signs";
    let refused = [
        (
            "write-read-scope",
            "a write with scopes to read",
            put(mine, own).by(&token("patient/*.rs")?),
        ),
        (
            "write-create-scope",
            "a creation with scopes to update",
            post(own).by(&token("patient/*.ud")?),
        ),
        ("write-other", "a creation in another patient's record", post(other).by(&all)),
        (
            "write-move",
            "an update that moves a resource to another patient",
            put(mine, other).by(&all),
        ),
        (
            "write-take",
            "an update that takes a resource from another patient",
            put(others, own).by(&all),
        ),
        ("write-delete", "a deletion in another patient's record", delete.by(&all)),
        (
            "write-delete-scope",
            "a deletion with scopes to update",
            Shot::of(Verb::Delete, format!("Observation/{mine}"), None)
                .by(&token("patient/*.crus")?),
        ),
        ("write-patch", "a patch in another patient's record", patch.by(&all)),
        (
            "write-patient",
            "a new patient with a patient's scopes",
            Shot::of(Verb::Post, "Patient", Some(&person)).by(&all),
        ),
        ("write-granular", "a creation outside a granular scope", post(own).by(&token(vital)?)),
        (
            "write-conditional-create",
            "a conditional creation without a scope to search",
            once.by(&token("patient/Observation.c")?),
        ),
        (
            "write-conditional-delete",
            "a conditional deletion without a scope to search",
            conditional.by(&token("patient/Observation.d")?),
        ),
        (
            "write-transaction",
            "a transaction with an entry in another patient's record",
            transaction(own, others).by(&all),
        ),
    ];
    let attack = |(id, title, shot)| Attack::refused(id, title, shot);
    Ok(refused.into_iter().map(attack).collect())
}

fn transaction(own: &str, others: &str) -> Shot {
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [
        { "request": { "method": "POST", "url": "Observation" }, "resource": observation(None, own) },
        { "request": { "method": "DELETE", "url": format!("Observation/{others}") } },
    ] });
    Shot::of(Verb::Post, "", Some(&bundle))
}

/// Whether what belongs to the other patient is as it was.
async fn untouched(target: &Target, world: &World, id: &str) -> Finding {
    let (name, title) =
        ("write-untouched", "after all that, the other patient's resource is as it was");
    let seen = target.send(&Shot::get(format!("Observation/{id}")).by(&world.anyone)).await;
    match seen {
        Ok(seen) => {
            let subject = seen.json.pointer("/subject/reference").and_then(Value::as_str);
            let whose = format!("Patient/{}", world.other);
            let same = subject.is_some_and(|subject| subject.ends_with(&whose))
                && seen.json.get("status").and_then(Value::as_str) == Some("final");
            Finding::graded(name, title, same, seen.brief())
        }
        Err(fault) => Finding::skipped(name, title, fault.to_string()),
    }
}

/// Deletes what it has made, and what attacks that succeeded have left.
async fn clean_up(target: &Target, world: &World) {
    let of = |patient: &str| {
        format!("Observation?patient=Patient/{patient}&_sort=-_lastUpdated&_count=100")
    };
    for left in [of(&world.own), of(&world.other), format!("Patient?family={MARK}")] {
        let Ok(seen) = target.send(&Shot::get(left).by(&world.anyone)).await else { continue };
        let entries = seen.json.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
        for entry in entries.iter().filter(|entry| is_ours(entry)) {
            let text = |name: &str| entry.pointer(name).and_then(Value::as_str).unwrap_or_default();
            let at = format!("{}/{}", text("/resource/resourceType"), text("/resource/id"));
            drop(target.send(&Shot::of(Verb::Delete, at, None).by(&world.anyone)).await);
        }
    }
}

/// Whether an entry is something that the probe has made.
fn is_ours(entry: &Value) -> bool {
    let is = |name: &str| entry.pointer(name).and_then(Value::as_str) == Some(MARK);
    is("/resource/code/text") || is("/resource/name/0/family")
}

fn observation(id: Option<&str>, patient: &str) -> Value {
    let mut resource = json!({
        "resourceType": "Observation", "status": "final", "code": { "text": MARK },
        "subject": { "reference": format!("Patient/{patient}") },
    });
    if let (Some(id), Some(members)) = (id, resource.as_object_mut()) {
        members.insert("id".to_owned(), id.into());
    }
    resource
}

const MARK: &str = "fireward-probe";
