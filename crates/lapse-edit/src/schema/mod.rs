//! What may stand in a policy file: for editors as JSON Schema, for people as the reference page.
//! Both are made from the one description of each key in `lapse_policy::schema`.

mod json;
mod reference;

use lapse_policy::Layer;

pub use json::{json_schema, json_schemas, schema_files};
pub use reference::reference;

/// The kinds of policy file.
const LAYERS: [Layer; 3] = [Layer::Consortium, Layer::Group, Layer::Library];

/// A description of a key as a sentence. It has no capital and no full stop, because messages put it after a colon.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
