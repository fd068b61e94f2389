//! The folder of a data set. Its tables appear together and complete, or not at all, as those of a run do.

use std::path::Path;

use lapse_tables::{OutDir, OutDirError, OutFile, Table};

use crate::SampleError;
use crate::rows::FourTables;

/// The number of bytes that are collected before they are written to a file.
const PIECE: usize = 1 << 16;

/// A folder while a data set is written to it. When it is dropped without [`Folder::finish`], it removes what it wrote.
pub struct Folder {
    out: OutDir,
    /// In the order of [`Table::ALL`].
    files: Vec<OutFile>,
}

impl Folder {
    /// In the folder `path`, which must be empty or not exist yet. `claimed` is told of it before anything is written.
    pub fn claim(path: &Path, claimed: impl FnOnce(&OutDir)) -> Result<Folder, SampleError> {
        let out = OutDir::claim_empty(path).map_err(|error| match error {
            OutDirError::Occupied { dir, found } => SampleError::Occupied { folder: dir, found: found.into() },
            OutDirError::Taken { .. } | OutDirError::Io { .. } => SampleError::Out(error),
        })?;
        claimed(&out);
        let files: Result<_, _> = Table::ALL.iter().map(|table| out.create(&format!("{}.csv", table.name()))).collect();
        Ok(Folder { files: files?, out })
    }

    /// Writes the rows of each table to its file once there are enough of them, and forgets them.
    pub fn take(&mut self, tables: &mut FourTables) -> Result<(), SampleError> {
        self.take_from(tables, PIECE)
    }

    fn take_from(&mut self, tables: &mut FourTables, least: usize) -> Result<(), SampleError> {
        for (file, rows) in self.files.iter_mut().zip(&mut tables.0) {
            if rows.bytes.len() >= least {
                file.write_all(&rows.bytes)?;
                rows.bytes.clear();
            }
        }
        Ok(())
    }

    /// Writes the last rows, and puts every file in its place.
    pub fn finish(mut self, mut tables: FourTables) -> Result<(), SampleError> {
        self.take_from(&mut tables, 0)?;
        Ok(self.out.finish()?)
    }
}
