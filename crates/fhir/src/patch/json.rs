//! JSON Patch (RFC 6902), bounded: `copy` could double a document with each operation.

use json_patch::PatchOperation;
use serde_json::Value;

use super::{BadPatch, MOST, Unfit};

pub(super) fn read(body: &Value) -> Result<json_patch::Patch, BadPatch> {
    let patch: json_patch::Patch = serde_json::from_value(body.clone())
        .map_err(|error| BadPatch::new(format!("it is no JSON Patch: {error}")))?;
    if patch.0.is_empty() || patch.0.len() > MOST {
        return Err(BadPatch::new(format!("a patch has between 1 and {MOST} operations")));
    }
    Ok(patch)
}

pub(super) fn compares(patch: &json_patch::Patch) -> bool {
    patch.0.iter().any(|operation| matches!(operation, PatchOperation::Test(_)))
}

pub(super) fn apply(patch: &json_patch::Patch, resource: &mut Value) -> Result<(), Unfit> {
    for (index, operation) in patch.0.iter().enumerate() {
        let unfit = |why: String| Unfit { at: index + 1, why };
        json_patch::patch(resource, std::slice::from_ref(operation))
            .map_err(|error| unfit(error.kind.to_string()))?;
        if matches!(operation, PatchOperation::Copy(_)) && size(resource) > LARGEST {
            return Err(unfit("the resource would become too large".to_owned()));
        }
    }
    Ok(())
}

/// How many values a document has.
fn size(json: &Value) -> usize {
    match json {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 16,
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// Far above any resource that is taken, far below what hurts.
const LARGEST: usize = 200_000;
