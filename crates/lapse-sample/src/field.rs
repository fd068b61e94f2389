//! Codes as fields of a CSV row. They are made once, so that a row only copies them.

use lapse_tables::push_csv_field;

/// A code as a field of a CSV row, in quotes where it needs them.
pub type Field = Box<[u8]>;

/// Makes a field of a code.
pub fn field(code: &str) -> Field {
    let mut field = Vec::new();
    push_csv_field(&mut field, code);
    field.into()
}

/// A code that is not among `codes`: `wanted` itself, or `wanted` with an ending.
pub fn unused<'a>(wanted: &str, codes: &(impl Iterator<Item = &'a str> + Clone)) -> String {
    let mut code = wanted.to_owned();
    while codes.clone().any(|used| used == code) {
        code.push_str("-2");
    }
    code
}
