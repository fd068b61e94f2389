//! A register of files as a source: each table comes in parts, one for each file that serves it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lapse_tables::source::{PartColumns, Pieces, TableSource};
use lapse_tables::{Bounds, Problem, Progress, Source, Table, TableError};

use crate::open_part::OpenPart;
use crate::pieces::RegisterPieces;
use crate::register::{Part, Register};

impl Source for Register {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        let parts = &self.tables[table as usize];
        if parts.is_empty() {
            if table.may_be_absent() {
                return Ok(None);
            }
            let problem = Problem::NoTable(table.name());
            return Err(TableError { path: self.path.clone(), place: None, problem });
        }
        let opened: Result<Vec<OpenPart<'_>>, TableError> =
            parts.iter().map(|part| OpenPart::open(self, part, asked)).collect();
        let names = parts.iter().map(|part| shown(part, parts.len())).collect();
        Ok(Some(Box::new(RegisterTable { parts: opened?, names })))
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn files(&self) -> Vec<PathBuf> {
        Register::files(self).map(Path::to_owned).collect()
    }

    fn ignored_columns(&self) -> &[String] {
        &self.ignored_columns
    }

    fn ids_are_exact(&self) -> bool {
        self.ids_are_exact
    }
}

/// The name of a part. Where a table has several, each rejected row says of which it is.
fn shown(part: &Part, parts: usize) -> Arc<str> {
    if parts > 1 && !part.name.contains('/') { format!("./{}", part.name).into() } else { part.name.clone() }
}

/// A table of a register.
struct RegisterTable<'s> {
    parts: Vec<OpenPart<'s>>,
    names: Vec<Arc<str>>,
}

impl TableSource for RegisterTable<'_> {
    fn parts(&self) -> &[Arc<str>] {
        &self.names
    }

    fn work(&self) -> u64 {
        self.parts.iter().map(OpenPart::work).sum()
    }

    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        let told = self.parts.iter().zip(&self.names);
        Ok(told.map(|(part, name)| PartColumns { part: name.clone(), names: part.fit.told.clone() }).collect())
    }

    fn pieces<'p>(&'p self, progress: &'p Progress) -> Pieces<'p> {
        Box::new(RegisterPieces::new(&self.parts, progress))
    }
}
