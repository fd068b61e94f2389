//! `lapse schema`: JSON Schema of the kinds of policy file, for editors; the reference page, for people.

use lapse_edit::schema::{json_schema, json_schemas, reference, schema_files};
use lapse_policy::Layer;

use crate::cli::{PolicyKind, SchemaArgs};
use crate::{Done, Failure, files, terminal};

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
            None => json_schemas(),
        };
        terminal::result(&format!("{schema:#}\n"))?;
    }
    Ok(Done::Well)
}
