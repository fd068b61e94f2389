//! Decisions as rows of the three output tables, in CSV.

use lapse_engine::{
    Codes, Decisions, ExtraReason, KeepReason, LibraryId, MembershipOutcome, Patron, ProfileOutcome, RecordOutcome,
    SubscriptionId,
};
use lapse_policy::Day;

use crate::outdir::OutFile;
use crate::{Extras, OutDir, OutDirError, Reject};

/// The output tables.
pub(crate) const TABLES: [(&str, &str); 3] = [
    ("memberships", "patron_id,library,subscription,valid_from,outcome,reason,valid_until,last_activity\n"),
    ("records", "patron_id,library,outcome,reasons,pseudonymise_before,purge_finance_before\n"),
    ("profiles", "patron_id,outcome,reasons\n"),
];

/// The columns of `rejects.csv`.
pub(crate) const REJECTS_HEADER: &str = "table,line,column,value,problem\n";

/// Rows of the three tables, in the order of [`TABLES`].
pub(crate) type Rows = [Vec<u8>; 3];

/// The files of the three tables while a run writes them.
pub(crate) struct OutTables([OutFile; 3]);

impl OutTables {
    /// New files with their headers.
    pub fn create(out: &OutDir) -> Result<OutTables, OutDirError> {
        let create = |(name, header): (&str, &str)| {
            let mut file = out.create(&format!("{name}.csv"))?;
            file.write_all(header.as_bytes())?;
            Ok::<_, OutDirError>(file)
        };
        let [memberships, records, profiles] = TABLES;
        Ok(OutTables([create(memberships)?, create(records)?, create(profiles)?]))
    }

    /// Adds rows to each.
    pub fn write(&mut self, rows: &Rows) -> Result<(), OutDirError> {
        self.0.iter_mut().zip(rows).try_for_each(|(file, rows)| file.write_all(rows))
    }
}

/// Writes the rows of patrons.
pub(crate) struct Writer<'a> {
    libraries: Vec<Box<[u8]>>,
    subscriptions: Vec<Box<[u8]>>,
    /// Knows the words of plugins' reasons.
    words: Option<&'a dyn Extras>,
    changes_only: bool,
}

impl<'a> Writer<'a> {
    /// For facts with these codes. `changes_only` leaves out `valid`, `expired` and `kept` rows.
    pub fn new(codes: &Codes, words: Option<&'a dyn Extras>, changes_only: bool) -> Writer<'a> {
        let mut writer = Writer { libraries: Vec::new(), subscriptions: Vec::new(), words, changes_only };
        writer.learn(codes.libraries.texts(), codes.subscriptions.texts());
        writer
    }

    /// Gets to know the codes, all of them by number, that there are more than before.
    pub fn learn<'t>(
        &mut self,
        libraries: impl Iterator<Item = &'t str>,
        subscriptions: impl Iterator<Item = &'t str>,
    ) {
        learn(&mut self.libraries, libraries);
        learn(&mut self.subscriptions, subscriptions);
    }

    /// Adds the rows of one patron.
    pub fn write(&self, id: &str, patron: &Patron<'_>, decisions: &Decisions, rows: &mut Rows) {
        let [memberships, records, profiles] = rows;
        let mut quoted = Vec::new();
        let id = if needs_quotes(id) {
            push_csv_field(&mut quoted, id);
            &quoted
        } else {
            id.as_bytes()
        };
        self.memberships(id, patron, decisions, memberships);
        self.records(id, decisions, records);
        self.profile(id, decisions, profiles);
    }

    fn memberships(&self, id: &[u8], patron: &Patron<'_>, decisions: &Decisions, out: &mut Vec<u8>) {
        for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
            match decided.outcome {
                MembershipOutcome::Valid | MembershipOutcome::Expired if self.changes_only => continue,
                _ => {}
            }
            push(out, id);
            push(out, self.library(membership.library));
            push(out, self.subscription(membership.subscription));
            push(out, &membership.valid_from.to_bytes());
            push(out, decided.outcome.as_str().as_bytes());
            push(out, decided.extra.map_or(decided.reason.as_str(), |reason| self.word(reason)).as_bytes());
            push_day(out, decided.valid_until);
            out.push(b',');
            push_day(out, decided.last_activity);
            out.push(b'\n');
        }
    }

    fn records(&self, id: &[u8], decisions: &Decisions, out: &mut Vec<u8>) {
        for record in &decisions.records {
            if self.changes_only && record.outcome == RecordOutcome::Kept {
                continue;
            }
            push(out, id);
            push(out, self.library(record.library));
            push(out, record.outcome.as_str().as_bytes());
            match record.outcome {
                RecordOutcome::Kept => {
                    let built_in = record.reasons.iter().map(|reason: KeepReason| -> &str { reason.as_str() });
                    let extra = decisions.extra_reasons(record.library).map(|reason| self.word(reason));
                    push_words(out, built_in.chain(extra));
                }
                RecordOutcome::Archived | RecordOutcome::Deleted => {
                    out.extend_from_slice(record.outcome.clear_reason().as_bytes());
                }
            }
            out.push(b',');
            push_day(out, record.pseudonymise_before);
            out.push(b',');
            push_day(out, record.purge_finance_before);
            out.push(b'\n');
        }
    }

    fn profile(&self, id: &[u8], decisions: &Decisions, out: &mut Vec<u8>) {
        let Some(profile) = decisions.profile else { return };
        if self.changes_only && profile.outcome == ProfileOutcome::Kept {
            return;
        }
        push(out, id);
        push(out, profile.outcome.as_str().as_bytes());
        match profile.outcome {
            ProfileOutcome::Kept => push_words(out, profile.reasons.iter().map(lapse_engine::ProfileReason::as_str)),
            ProfileOutcome::Deleted => out.extend_from_slice(ProfileOutcome::DELETED_REASON.as_bytes()),
        }
        out.push(b'\n');
    }

    fn word(&self, reason: ExtraReason) -> &str {
        self.words.map_or("", |words| words.word(reason))
    }

    fn library(&self, code: LibraryId) -> &[u8] {
        &self.libraries[code.index()]
    }

    fn subscription(&self, code: SubscriptionId) -> &[u8] {
        &self.subscriptions[code.index()]
    }
}

/// `rejects.csv` as a whole.
pub(crate) fn rejects(rejects: &[Reject]) -> Vec<u8> {
    let mut out = REJECTS_HEADER.as_bytes().to_vec();
    for Reject { table, line, column, value, problem } in rejects {
        push(&mut out, table.name().as_bytes());
        push(&mut out, line.to_string().as_bytes());
        push(&mut out, column.as_bytes());
        push_csv_field(&mut out, value);
        out.push(b',');
        push_csv_field(&mut out, problem);
        out.push(b'\n');
    }
    out
}

fn learn<'a>(fields: &mut Vec<Box<[u8]>>, texts: impl Iterator<Item = &'a str>) {
    for text in texts.skip(fields.len()) {
        let mut field = Vec::new();
        push_csv_field(&mut field, text);
        fields.push(field.into());
    }
}

/// Adds a field and the comma after it.
fn push(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(field);
    out.push(b',');
}

fn push_day(out: &mut Vec<u8>, day: Option<Day>) {
    if let Some(day) = day {
        out.extend_from_slice(&day.to_bytes());
    }
}

fn push_words<'w>(out: &mut Vec<u8>, words: impl Iterator<Item = &'w str>) {
    let mut separator: &[u8] = b"";
    for word in words {
        out.extend_from_slice(separator);
        out.extend_from_slice(word.as_bytes());
        separator = b" ";
    }
}

/// Adds `text` as a CSV field (RFC 4180), in quotes where it needs them.
pub fn push_csv_field(out: &mut Vec<u8>, text: &str) {
    if !needs_quotes(text) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for &byte in text.as_bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn needs_quotes(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
}
