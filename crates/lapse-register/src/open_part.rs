//! A file of a register whose columns were found.

use lapse_tables::TableError;

use crate::body::Body;
use crate::fit::Fit;
use crate::part_error::problem;
use crate::register::{Part, Register};

/// A file whose columns were found.
pub(crate) struct OpenPart<'s> {
    pub part: &'s Part,
    pub fit: Fit,
    pub body: Body,
}

impl<'s> OpenPart<'s> {
    pub fn open(register: &'s Register, part: &'s Part, asked: &[String]) -> Result<OpenPart<'s>, TableError> {
        let (body, names) = Body::open(part, &register.cache)?;
        let fit = Fit::of(part, asked, &names, &register.ignored_columns);
        let fit = fit.map_err(|why| problem(&part.file, why))?;
        let body = body.with_columns(part, &fit, &names)?;
        Ok(OpenPart { part, fit, body })
    }

    /// The size of the file, in bytes.
    pub fn work(&self) -> u64 {
        std::fs::metadata(&self.part.file).map_or(0, |file| file.len())
    }
}
