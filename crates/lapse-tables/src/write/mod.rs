//! Decisions as rows of the three output tables. Which rows there are and what they say is told here, how a format writes
//! them in a file for each format.

mod arrow;
mod buffer;
mod column;
mod csv;
mod list;
mod ndjson;
mod parquet;
mod row;
mod rowfile;

use lapse_engine::{
    Codes, Decisions, ExtraReason, LibraryId, MembershipOutcome, NamedId, Patron, ProfileOutcome, RecordOutcome,
    SubscriptionId,
};

use crate::outdir::OutFile;
use crate::work::contract::{Extras, Output};
use crate::{Format, OutDir, OutDirError, Reject};
pub(crate) use arrow::{RecordBatches, rejects_batch};
use buffer::Buffer;
use column::TABLES;
pub use column::{Kind, OutColumn, output_schemas};
pub use csv::push_csv_field;
pub use list::Field;
use row::{Coded, MembershipRow, ProfileRow, RecordRow, Sink};
pub use rowfile::RowFile;

/// Rows of the three tables that are made together and written together.
pub(crate) struct Rows {
    of_format: RowsOf,
    /// The words of a row at hand.
    words: Vec<u8>,
}

enum RowsOf {
    Csv(csv::Rows),
    Ndjson(ndjson::Rows),
    Parquet(Box<parquet::Rows>),
    Arrow(Box<arrow::Rows>),
}

/// How rows are written while they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Csv,
    Ndjson,
    /// In columns, for Parquet or for memory.
    Arrow,
}

impl From<Format> for Written {
    fn from(format: Format) -> Written {
        match format {
            Format::Csv => Written::Csv,
            Format::Ndjson => Written::Ndjson,
            Format::Parquet => Written::Arrow,
        }
    }
}

/// The files of the three tables while a run writes them.
pub(crate) struct OutTables<'o> {
    out: &'o OutDir,
    files: Files,
}

enum Files {
    Csv([OutFile; 3]),
    Ndjson([OutFile; 3]),
    Parquet(Box<parquet::Files>),
}

impl Files {
    /// New files, with what stands at their start.
    fn create(out: &OutDir, format: Format) -> Result<Files, OutDirError> {
        let create = |(name, columns): (&str, &[OutColumn])| {
            let mut file = out.create(&format!("{name}.{}", format.as_str()))?;
            if format == Format::Csv {
                let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
                file.write_all((names.join(",") + "\n").as_bytes())?;
            }
            Ok::<_, OutDirError>(file)
        };
        let [memberships, records, profiles] = TABLES.map(create);
        let files = [memberships?, records?, profiles?];
        match format {
            Format::Csv => Ok(Files::Csv(files)),
            Format::Ndjson => Ok(Files::Ndjson(files)),
            Format::Parquet => Ok(Files::Parquet(Box::new(parquet::Files::new(files)?))),
        }
    }

    fn format(&self) -> Format {
        match self {
            Files::Csv(_) => Format::Csv,
            Files::Ndjson(_) => Format::Ndjson,
            Files::Parquet(_) => Format::Parquet,
        }
    }
}

impl OutTables<'_> {
    /// New files of a run.
    pub fn create(out: &OutDir, format: Format) -> Result<OutTables<'_>, OutDirError> {
        Ok(OutTables { out, files: Files::create(out, format)? })
    }

    /// Writes what stands at the end of each.
    pub fn finish(self) -> Result<(), OutDirError> {
        match self.files {
            Files::Csv(_) | Files::Ndjson(_) => Ok(()),
            Files::Parquet(files) => files.finish(),
        }
    }
}

impl Output for OutTables<'_> {
    type Rows = Rows;

    fn empty(&self) -> Rows {
        let of_format = match &self.files {
            Files::Csv(_) => RowsOf::Csv(csv::Rows::default()),
            Files::Ndjson(_) => RowsOf::Ndjson(ndjson::Rows::default()),
            Files::Parquet(files) => RowsOf::Parquet(Box::new(files.rows())),
        };
        Rows { of_format, words: Vec::new() }
    }

    fn take(&mut self, rows: &mut Rows) -> Result<(), OutDirError> {
        match (&mut self.files, &mut rows.of_format) {
            (Files::Csv(files), RowsOf::Csv(rows)) => write_text(files, &mut rows.tables),
            (Files::Ndjson(files), RowsOf::Ndjson(rows)) => write_text(files, &mut rows.tables),
            (Files::Parquet(files), RowsOf::Parquet(rows)) => files.write(rows),
            (Files::Csv(_) | Files::Ndjson(_) | Files::Parquet(_), _) => {
                unreachable!("rows are made for the tables that they are written to")
            }
        }
    }

    fn start_again(&mut self) -> Result<(), OutDirError> {
        self.files = Files::create(self.out, self.files.format())?;
        Ok(())
    }

    /// The rows of a step become a row group of Parquet.
    fn large_steps(&self) -> bool {
        matches!(self.files, Files::Parquet(_))
    }
}

impl Output for RecordBatches {
    type Rows = Rows;

    fn empty(&self) -> Rows {
        Rows { of_format: RowsOf::Arrow(Box::default()), words: Vec::new() }
    }

    fn take(&mut self, rows: &mut Rows) -> Result<(), OutDirError> {
        let RowsOf::Arrow(rows) = &mut rows.of_format else { unreachable!("rows are made for what takes them") };
        self.add(rows);
        Ok(())
    }

    fn start_again(&mut self) -> Result<(), OutDirError> {
        *self = RecordBatches::default();
        Ok(())
    }

    fn large_steps(&self) -> bool {
        true
    }
}

fn write_text(files: &mut [OutFile; 3], tables: &mut [Buffer; 3]) -> Result<(), OutDirError> {
    files.iter_mut().zip(tables).try_for_each(|(file, rows)| {
        file.write_all(rows.written())?;
        rows.clear();
        Ok(())
    })
}

/// Writes the rows of patrons.
pub(crate) struct Writer<'a> {
    written: Written,
    libraries: Vec<Box<[u8]>>,
    subscriptions: Vec<Box<[u8]>>,
    /// The words of the policies' keeps and ends.
    named: Vec<Box<str>>,
    /// Knows the words of plugins' reasons.
    words: Option<&'a dyn Extras>,
    changes_only: bool,
}

impl<'a> Writer<'a> {
    /// For facts with these codes. `changes_only` leaves out `valid`, `expired` and `kept` rows.
    pub fn new(codes: &Codes, written: Written, words: Option<&'a dyn Extras>, changes_only: bool) -> Writer<'a> {
        let named = codes.named.texts().map(Box::from).collect();
        let mut writer =
            Writer { written, libraries: Vec::new(), subscriptions: Vec::new(), named, words, changes_only };
        writer.learn(codes.libraries.texts(), codes.subscriptions.texts());
        writer
    }

    /// Gets to know the codes, all of them by number, that there are more than before.
    pub fn learn<'t>(
        &mut self,
        libraries: impl Iterator<Item = &'t str>,
        subscriptions: impl Iterator<Item = &'t str>,
    ) {
        learn(&mut self.libraries, libraries, self.written);
        learn(&mut self.subscriptions, subscriptions, self.written);
    }

    /// Adds the rows of one patron.
    pub fn write(&self, id: &str, patron: &Patron<'_>, decisions: &Decisions, rows: &mut Rows) {
        let words = &mut rows.words;
        match &mut rows.of_format {
            RowsOf::Csv(rows) => self.write_to(id, patron, decisions, words, rows),
            RowsOf::Ndjson(rows) => self.write_to(id, patron, decisions, words, rows),
            RowsOf::Parquet(rows) => self.write_to(id, patron, decisions, words, &mut rows.unsealed),
            RowsOf::Arrow(rows) => self.write_to(id, patron, decisions, words, &mut **rows),
        }
    }

    /// Does what is left to do with rows before they are written, as far as that needs no order.
    pub fn seal(&self, rows: &mut Rows) {
        match &mut rows.of_format {
            RowsOf::Csv(_) | RowsOf::Ndjson(_) => {}
            RowsOf::Parquet(rows) => rows.seal(&self.libraries, &self.subscriptions),
            RowsOf::Arrow(rows) => rows.seal(&self.libraries, &self.subscriptions),
        }
    }

    fn write_to(
        &self,
        id: &str,
        patron: &Patron<'_>,
        decisions: &Decisions,
        words: &mut Vec<u8>,
        sink: &mut impl Sink,
    ) {
        sink.patron(id);
        self.memberships(patron, decisions, sink);
        self.records(decisions, words, sink);
        self.profile(decisions, words, sink);
    }

    fn memberships(&self, patron: &Patron<'_>, decisions: &Decisions, sink: &mut impl Sink) {
        for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
            match decided.outcome {
                MembershipOutcome::Valid | MembershipOutcome::Expired if self.changes_only => continue,
                _ => {}
            }
            sink.membership(&MembershipRow {
                library: self.library(membership.library),
                subscription: self.subscription(membership.subscription),
                valid_from: membership.valid_from,
                outcome: decided.outcome.as_str(),
                reason: decided.reason_in_words(|entry| self.named(entry), |reason| self.word(reason)),
                valid_until: decided.valid_until,
                last_activity: decided.last_activity,
            });
        }
    }

    fn records(&self, decisions: &Decisions, words: &mut Vec<u8>, sink: &mut impl Sink) {
        for record in &decisions.records {
            if self.changes_only && record.outcome == RecordOutcome::Kept {
                continue;
            }
            let keeps = decisions.keeps_of(record.library).map(|keep| self.named(keep.keep));
            let extra = decisions.extra_reasons(record.library);
            sink.record(&RecordRow {
                library: self.library(record.library),
                outcome: record.outcome.as_str(),
                reasons: join(words, record.reasons_in_words(keeps, extra, |reason| self.word(reason))),
                pseudonymise_before: record.pseudonymise_before,
                purge_finance_before: record.purge_finance_before,
            });
        }
    }

    fn profile(&self, decisions: &Decisions, words: &mut Vec<u8>, sink: &mut impl Sink) {
        let Some(profile) = decisions.profile else { return };
        if self.changes_only && profile.outcome == ProfileOutcome::Kept {
            return;
        }
        let reasons = join(words, profile.reasons_in_words());
        sink.profile(&ProfileRow { outcome: profile.outcome.as_str(), reasons });
    }

    fn named(&self, entry: NamedId) -> &str {
        &self.named[entry.index()]
    }

    fn word(&self, reason: ExtraReason) -> &str {
        self.words.map_or("", |words| words.word(reason))
    }

    fn library(&self, code: LibraryId) -> Coded<'_> {
        Coded { index: code.index(), written: &self.libraries[code.index()] }
    }

    fn subscription(&self, code: SubscriptionId) -> Coded<'_> {
        Coded { index: code.index(), written: &self.subscriptions[code.index()] }
    }
}

/// `rejects.csv` as a whole.
pub(crate) fn rejects(rejects: &[Reject]) -> Vec<u8> {
    let mut out = b"table,line,column,value,problem\n".to_vec();
    for reject in rejects {
        let line = reject.line.to_string();
        for field in [reject.table_or_file(), &line, &reject.column, &reject.shown_value()] {
            push_csv_field(&mut out, field);
            out.push(b',');
        }
        push_csv_field(&mut out, &reject.problem);
        out.push(b'\n');
    }
    out
}

fn learn<'a>(codes: &mut Vec<Box<[u8]>>, texts: impl Iterator<Item = &'a str>, how: Written) {
    for text in texts.skip(codes.len()) {
        let mut written = Vec::new();
        match how {
            Written::Csv => push_csv_field(&mut written, text),
            Written::Ndjson => ndjson::push_text(&mut written, text),
            Written::Arrow => written.extend_from_slice(text.as_bytes()),
        }
        codes.push(written.into());
    }
}

/// The words with a space between them.
fn join<'t, 'w>(text: &'t mut Vec<u8>, words: impl Iterator<Item = &'w str>) -> &'t [u8] {
    text.clear();
    for word in words {
        if !text.is_empty() {
            text.push(b' ');
        }
        text.extend_from_slice(word.as_bytes());
    }
    text
}
