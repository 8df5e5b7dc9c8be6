//! Reading the Parameters resource of a `FHIRPath` Patch (FHIR R4 fhirpatch.html).

use serde_json::Value;

use super::operation::{Content, Operation};
use super::path::Path;
use super::{BadPatch, MOST};

pub(super) fn read(body: &Value) -> Result<Vec<Operation>, BadPatch> {
    if body.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        return Err(BadPatch::new("it is no Parameters resource"));
    }
    let parameters = body.get("parameter").and_then(Value::as_array);
    let parameters = parameters.map_or(&[][..], Vec::as_slice);
    if parameters.is_empty() || parameters.len() > MOST {
        return Err(BadPatch::new(format!("a patch has between 1 and {MOST} operations")));
    }
    parameters.iter().map(operation).collect()
}

fn operation(parameter: &Value) -> Result<Operation, BadPatch> {
    if name_of(parameter) != Some("operation") {
        return Err(BadPatch::new("every parameter must be named operation"));
    }
    let parts = parts_of(parameter);
    let text = |name: &str| {
        let part = part(parts, name)?;
        let (_, value) = value_of(part)?;
        value.as_str()
    };
    let needed =
        |name: &str| text(name).ok_or_else(|| BadPatch::new(format!("an operation has no {name}")));
    let number = |name: &str| {
        let value = part(parts, name).and_then(value_of).and_then(|(_, value)| value.as_u64());
        let number = value.and_then(|value| usize::try_from(value).ok());
        number.ok_or_else(|| BadPatch::new(format!("an operation has no {name} from 0")))
    };
    let content = || {
        let part = part(parts, "value").and_then(content);
        part.ok_or_else(|| BadPatch::new("an operation has no value"))
    };
    let path = Path::parse(needed("path")?).map_err(BadPatch::new)?;
    match needed("type")? {
        "add" => Ok(Operation::Add { path, name: needed("name")?.to_owned(), content: content()? }),
        "insert" => Ok(Operation::Insert { path, index: number("index")?, content: content()? }),
        "replace" => Ok(Operation::Replace { path, content: content()? }),
        "delete" => Ok(Operation::Delete { path }),
        "move" => Ok(Operation::Move { path, from: number("source")?, to: number("destination")? }),
        other => Err(BadPatch::new(format!("there is no operation of type {other}"))),
    }
}

/// A value as it stands in `value[x]`, or parts where the type has no name of its own.
fn content(part: &Value) -> Option<Content> {
    if let Some((kind, value)) = value_of(part) {
        return Some(Content::Value { kind: kind.to_owned(), value: value.clone() });
    }
    if let Some(resource) = part.get("resource") {
        return Some(Content::Value { kind: "Resource".to_owned(), value: resource.clone() });
    }
    let parts = parts_of(part);
    let named = |part: &Value| Some((name_of(part)?.to_owned(), content(part)?));
    let named: Option<Vec<_>> = parts.iter().map(named).collect();
    named.filter(|named| !named.is_empty()).map(Content::Parts)
}

fn name_of(parameter: &Value) -> Option<&str> {
    parameter.get("name").and_then(Value::as_str)
}

fn parts_of(parameter: &Value) -> &[Value] {
    parameter.get("part").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn part<'a>(parts: &'a [Value], name: &str) -> Option<&'a Value> {
    parts.iter().find(|part| name_of(part) == Some(name))
}

/// The type, as the name of the property has it (`Quantity` of `valueQuantity`), and the value.
fn value_of(part: &Value) -> Option<(&str, &Value)> {
    let members = part.as_object()?;
    members.iter().find_map(|(name, value)| Some((name.strip_prefix("value")?, value)))
}
