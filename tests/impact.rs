//! Whom a change hits and what the coming runs bring: over random policies and patrons, `lapse diff --data` and
//! `lapse forecast` say what single runs of `lapse run` say.

mod diff;
mod entries;
mod forecast;

use serde_json::Value;

/// The sum of a count over the values of an object or a list.
fn sum(parts: &Value, count: &str) -> u64 {
    let values: Vec<&Value> = match parts {
        Value::Object(parts) => parts.values().collect(),
        Value::Array(parts) => parts.iter().collect(),
        other => panic!("{other} has no parts"),
    };
    values.into_iter().map(|part| part.pointer(count).and_then(Value::as_u64).unwrap_or_default()).sum()
}
