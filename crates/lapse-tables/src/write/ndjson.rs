//! Rows as NDJSON: one object a line, every column there, null where there is nothing.

use lapse_policy::Day;

use super::buffer::Buffer;
use super::row::{MembershipRow, ProfileRow, RecordRow, Sink};

/// Rows of the three tables.
#[derive(Default)]
pub(super) struct Rows {
    pub tables: [Buffer; 3],
    /// The id of the patron at hand as JSON.
    id: Vec<u8>,
}

impl Sink for Rows {
    fn patron(&mut self, id: &str) {
        self.id.clear();
        push_text(&mut self.id, id);
    }

    fn membership(&mut self, row: &MembershipRow<'_>) {
        let out = &mut self.tables[0];
        push(out, b"{\"patron_id\":", &self.id);
        push(out, b",\"library\":", row.library.written);
        push(out, b",\"subscription\":", row.subscription.written);
        push_day(out, b",\"valid_from\":", Some(row.valid_from));
        push_word(out, b",\"outcome\":", row.outcome.as_bytes());
        push_word(out, b",\"reason\":", row.reason.as_bytes());
        push_day(out, b",\"valid_until\":", row.valid_until);
        push_day(out, b",\"last_activity\":", row.last_activity);
        out.push(b"}\n");
    }

    fn record(&mut self, row: &RecordRow<'_>) {
        let out = &mut self.tables[1];
        push(out, b"{\"patron_id\":", &self.id);
        push(out, b",\"library\":", row.library.written);
        push_word(out, b",\"outcome\":", row.outcome.as_bytes());
        push_word(out, b",\"reasons\":", row.reasons);
        push_day(out, b",\"pseudonymise_before\":", row.pseudonymise_before);
        push_day(out, b",\"purge_finance_before\":", row.purge_finance_before);
        out.push(b"}\n");
    }

    fn profile(&mut self, row: &ProfileRow<'_>) {
        let out = &mut self.tables[2];
        push(out, b"{\"patron_id\":", &self.id);
        push_word(out, b",\"outcome\":", row.outcome.as_bytes());
        push_word(out, b",\"reasons\":", row.reasons);
        out.push(b"}\n");
    }
}

fn push(out: &mut Buffer, key: &[u8], value: &[u8]) {
    out.push(key);
    out.push(value);
}

/// A word of ours, which needs no escapes; null where there is none.
fn push_word(out: &mut Buffer, key: &[u8], word: &[u8]) {
    out.push(key);
    if word.is_empty() {
        out.push(b"null");
    } else {
        out.push(b"\"");
        out.push(word);
        out.push(b"\"");
    }
}

fn push_day(out: &mut Buffer, key: &[u8], day: Option<Day>) {
    match day {
        Some(day) => push_word(out, key, &day.to_bytes()),
        None => push_word(out, key, b""),
    }
}

/// Adds any text.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a text is JSON, and memory takes it");
}
