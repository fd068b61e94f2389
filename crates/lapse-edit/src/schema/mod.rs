//! What may stand in a policy file, for editors (JSON Schema) and for people (the reference page).
//! Both are made from the one description of each key in `lapse_policy::schema`.

mod json;
mod reference;

pub use json::json_schema;
pub use reference::reference;

/// A sentence of a text that follows a colon elsewhere: with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
