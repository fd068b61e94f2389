//! `lapse schema`: JSON Schema of the kinds of policy file, for editors; the reference page, for people.

use lapse_policy::Layer;
use serde_json::Value;

use crate::cli::{PolicyKind, SchemaArgs};
use crate::schema::{json_schema, reference};
use crate::{Done, Failure, files, terminal};

const LAYERS: [Layer; 3] = [Layer::Consortium, Layer::Group, Layer::Library];

/// Prints the schemas, one of them or the reference page, or writes the schemas to a folder.
pub fn run(args: &SchemaArgs) -> Result<Done, Failure> {
    if args.reference {
        terminal::result(&reference())?;
    } else if let Some(dir) = &args.out {
        let schemas = schema_files().map(|(name, text)| (dir.join(name), text));
        files::write_all(schemas.iter().map(|(path, text)| (&**path, &**text)))?;
    } else {
        let schema = match args.kind {
            Some(PolicyKind::Consortium) => json_schema(Layer::Consortium),
            Some(PolicyKind::Group) => json_schema(Layer::Group),
            Some(PolicyKind::Library) => json_schema(Layer::Library),
            None => LAYERS.map(|layer| (layer.as_str().to_owned(), json_schema(layer))).into_iter().collect(),
        };
        terminal::result(&text(&schema))?;
    }
    Ok(Done::Well)
}

/// The three schemas with the names of their files.
pub fn schema_files() -> [(String, String); 3] {
    LAYERS.map(|layer| (format!("{layer}.json"), text(&json_schema(layer))))
}

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
