//! Decisions as rows of the three output tables. Which rows there are and what they say is told here, how a format writes
//! them in a file for each format.

mod buffer;
mod csv;
mod list;
mod ndjson;
mod parquet;
mod rowfile;

use lapse_engine::{
    Codes, Decisions, ExtraReason, LibraryId, MembershipOutcome, Patron, ProfileOutcome, RecordOutcome, SubscriptionId,
};
use lapse_policy::Day;

use crate::outdir::OutFile;
use crate::work::contract::Extras;
use crate::{Format, OutDir, OutDirError, Reject};
use buffer::Buffer;
pub use csv::push_csv_field;
pub use list::Field;
pub use rowfile::RowFile;

/// A column of an output table.
pub struct OutColumn {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds, for formats that tell kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The id of a patron: text that comes seldom again.
    Id,
    /// One of few texts.
    Word,
    /// One of few texts, or none.
    MaybeWord,
    /// A day.
    Day,
    /// A day that may be missing.
    MaybeDay,
}

impl OutColumn {
    /// A column.
    pub const fn new(name: &'static str, kind: Kind) -> OutColumn {
        OutColumn { name, kind }
    }
}

/// The output tables.
const TABLES: [(&str, &[OutColumn]); 3] = [
    (
        "memberships",
        &[
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("library", Kind::Word),
            OutColumn::new("subscription", Kind::Word),
            OutColumn::new("valid_from", Kind::Day),
            OutColumn::new("outcome", Kind::Word),
            OutColumn::new("reason", Kind::Word),
            OutColumn::new("valid_until", Kind::MaybeDay),
            OutColumn::new("last_activity", Kind::MaybeDay),
        ],
    ),
    (
        "records",
        &[
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("library", Kind::Word),
            OutColumn::new("outcome", Kind::Word),
            OutColumn::new("reasons", Kind::Word),
            OutColumn::new("pseudonymise_before", Kind::MaybeDay),
            OutColumn::new("purge_finance_before", Kind::MaybeDay),
        ],
    ),
    (
        "profiles",
        &[
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("outcome", Kind::Word),
            OutColumn::new("reasons", Kind::Word),
        ],
    ),
];

/// A code as its format writes it.
#[derive(Clone, Copy)]
struct Coded<'a> {
    /// Among the codes of its kind.
    index: usize,
    written: &'a [u8],
}

/// A row of `memberships`, of the patron at hand.
struct MembershipRow<'a> {
    library: Coded<'a>,
    subscription: Coded<'a>,
    valid_from: Day,
    outcome: &'static str,
    reason: &'a str,
    valid_until: Option<Day>,
    last_activity: Option<Day>,
}

/// A row of `records`, of the patron at hand.
struct RecordRow<'a> {
    library: Coded<'a>,
    outcome: &'static str,
    reasons: &'a [u8],
    pseudonymise_before: Option<Day>,
    purge_finance_before: Option<Day>,
}

/// A row of `profiles`, of the patron at hand.
struct ProfileRow<'a> {
    outcome: &'static str,
    reasons: &'a [u8],
}

/// Takes the rows of one patron after the other.
trait Sink {
    /// The rows to come are those of this patron.
    fn patron(&mut self, id: &str);
    fn membership(&mut self, row: &MembershipRow<'_>);
    fn record(&mut self, row: &RecordRow<'_>);
    fn profile(&mut self, row: &ProfileRow<'_>);
}

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
}

/// The files of the three tables while a run writes them.
pub(crate) enum OutTables {
    Csv([OutFile; 3]),
    Ndjson([OutFile; 3]),
    Parquet(Box<parquet::Files>),
}

impl OutTables {
    /// New files, with what stands at their start.
    pub fn create(out: &OutDir, format: Format) -> Result<OutTables, OutDirError> {
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
            Format::Csv => Ok(OutTables::Csv(files)),
            Format::Ndjson => Ok(OutTables::Ndjson(files)),
            Format::Parquet => Ok(OutTables::Parquet(Box::new(parquet::Files::new(files)?))),
        }
    }

    /// Empty rows to be filled.
    pub fn rows(&self) -> Rows {
        let of_format = match self {
            OutTables::Csv(_) => RowsOf::Csv(csv::Rows::default()),
            OutTables::Ndjson(_) => RowsOf::Ndjson(ndjson::Rows::default()),
            OutTables::Parquet(files) => RowsOf::Parquet(Box::new(files.rows())),
        };
        Rows { of_format, words: Vec::new() }
    }

    /// Adds rows to each, and leaves them empty.
    pub fn write(&mut self, rows: &mut Rows) -> Result<(), OutDirError> {
        match (self, &mut rows.of_format) {
            (OutTables::Csv(files), RowsOf::Csv(rows)) => write_text(files, &mut rows.tables),
            (OutTables::Ndjson(files), RowsOf::Ndjson(rows)) => write_text(files, &mut rows.tables),
            (OutTables::Parquet(files), RowsOf::Parquet(rows)) => files.write(rows),
            (OutTables::Csv(_) | OutTables::Ndjson(_) | OutTables::Parquet(_), _) => {
                unreachable!("rows are made for the tables that they are written to")
            }
        }
    }

    /// Writes what stands at the end of each.
    pub fn finish(self) -> Result<(), OutDirError> {
        match self {
            OutTables::Csv(_) | OutTables::Ndjson(_) => Ok(()),
            OutTables::Parquet(files) => files.finish(),
        }
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
    format: Format,
    libraries: Vec<Box<[u8]>>,
    subscriptions: Vec<Box<[u8]>>,
    /// Knows the words of plugins' reasons.
    words: Option<&'a dyn Extras>,
    changes_only: bool,
}

impl<'a> Writer<'a> {
    /// For facts with these codes. `changes_only` leaves out `valid`, `expired` and `kept` rows.
    pub fn new(codes: &Codes, format: Format, words: Option<&'a dyn Extras>, changes_only: bool) -> Writer<'a> {
        let mut writer = Writer { format, libraries: Vec::new(), subscriptions: Vec::new(), words, changes_only };
        writer.learn(codes.libraries.texts(), codes.subscriptions.texts());
        writer
    }

    /// Gets to know the codes, all of them by number, that there are more than before.
    pub fn learn<'t>(
        &mut self,
        libraries: impl Iterator<Item = &'t str>,
        subscriptions: impl Iterator<Item = &'t str>,
    ) {
        learn(&mut self.libraries, libraries, self.format);
        learn(&mut self.subscriptions, subscriptions, self.format);
    }

    /// Adds the rows of one patron.
    pub fn write(&self, id: &str, patron: &Patron<'_>, decisions: &Decisions, rows: &mut Rows) {
        let words = &mut rows.words;
        match &mut rows.of_format {
            RowsOf::Csv(rows) => self.write_to(id, patron, decisions, words, rows),
            RowsOf::Ndjson(rows) => self.write_to(id, patron, decisions, words, rows),
            RowsOf::Parquet(rows) => self.write_to(id, patron, decisions, words, &mut **rows),
        }
    }

    /// Does what is left to do with rows before they are written, as far as that needs no order.
    pub fn seal(&self, rows: &mut Rows) {
        match &mut rows.of_format {
            RowsOf::Csv(_) | RowsOf::Ndjson(_) => {}
            RowsOf::Parquet(rows) => rows.seal(&self.libraries, &self.subscriptions),
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
                reason: decided.reason_in_words(|reason| self.word(reason)),
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
            let extra = decisions.extra_reasons(record.library);
            sink.record(&RecordRow {
                library: self.library(record.library),
                outcome: record.outcome.as_str(),
                reasons: join(words, record.reasons_in_words(extra, |reason| self.word(reason))),
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
        for field in [reject.table_or_file(), &line, reject.column, &reject.value] {
            push_csv_field(&mut out, field);
            out.push(b',');
        }
        push_csv_field(&mut out, &reject.problem);
        out.push(b'\n');
    }
    out
}

fn learn<'a>(codes: &mut Vec<Box<[u8]>>, texts: impl Iterator<Item = &'a str>, format: Format) {
    for text in texts.skip(codes.len()) {
        let mut written = Vec::new();
        match format {
            Format::Csv => push_csv_field(&mut written, text),
            Format::Ndjson => ndjson::push_text(&mut written, text),
            Format::Parquet => written.extend_from_slice(text.as_bytes()),
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
