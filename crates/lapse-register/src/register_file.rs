//! A register file, of whichever kind: of files, or of a database.

use std::path::Path;

use toml::de::DeTable;

use crate::actions::{DatabaseRegister, is_of_database, read_database};
use crate::error::RegisterError;
use crate::read::read_text;
use crate::register::Register;

/// What a register file is about.
#[derive(Debug)]
pub enum RegisterFile {
    /// Files with columns of their own.
    Files(Box<Register>),
    /// A database, and what a run may do there.
    Database(Box<DatabaseRegister>),
}

impl RegisterFile {
    /// Reads the register file at `path`. The address of a database may stand in a variable of the environment.
    pub fn read(path: &Path) -> Result<RegisterFile, RegisterError> {
        let text = read_text(path)?;
        let (root, errors) = DeTable::parse_recoverable(&text);
        if !errors.is_empty() || !is_of_database(root.get_ref()) {
            return Register::read(path).map(|register| RegisterFile::Files(Box::new(register)));
        }
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        match read_database(path, &text, root.get_ref(), &environment) {
            Ok(register) => Ok(RegisterFile::Database(Box::new(register))),
            Err(mistakes) => {
                let name = path.display().to_string();
                let mistakes = mistakes.iter().map(|mistake| mistake.show(&name, &text)).collect();
                Err(RegisterError::Mistakes { path: path.to_owned(), mistakes })
            }
        }
    }
}
