//! Rows as CSV (RFC 4180).

use lapse_policy::Day;

use super::buffer::Buffer;
use super::row::{MembershipRow, ProfileRow, RecordRow, Sink};

/// Rows of the three tables.
#[derive(Default)]
pub(super) struct Rows {
    pub tables: [Buffer; 3],
    /// The id of the patron at hand as a field.
    id: Vec<u8>,
}

impl Sink for Rows {
    fn patron(&mut self, id: &str) {
        self.id.clear();
        push_csv_field(&mut self.id, id);
    }

    fn membership(&mut self, row: &MembershipRow<'_>) {
        let out = &mut self.tables[0];
        push(out, &self.id);
        push(out, row.library.written);
        push(out, row.subscription.written);
        push(out, &row.valid_from.to_bytes());
        push(out, row.outcome.as_bytes());
        push(out, row.reason.as_bytes());
        push_day(out, row.valid_until);
        out.push(b",");
        push_day(out, row.last_activity);
        out.push(b"\n");
    }

    fn record(&mut self, row: &RecordRow<'_>) {
        let out = &mut self.tables[1];
        push(out, &self.id);
        push(out, row.library.written);
        push(out, row.outcome.as_bytes());
        push(out, row.reasons);
        push_day(out, row.pseudonymise_before);
        out.push(b",");
        push_day(out, row.purge_finance_before);
        out.push(b"\n");
    }

    fn profile(&mut self, row: &ProfileRow<'_>) {
        let out = &mut self.tables[2];
        push(out, &self.id);
        push(out, row.outcome.as_bytes());
        out.push(row.reasons);
        out.push(b"\n");
    }
}

/// Adds a field and the comma after it.
#[inline]
fn push(out: &mut Buffer, field: &[u8]) {
    out.push(field);
    out.push(b",");
}

#[inline]
fn push_day(out: &mut Buffer, day: Option<Day>) {
    if let Some(day) = day {
        out.push(&day.to_bytes());
    }
}

/// Adds `text` as a CSV field (RFC 4180), in quotes where it needs them.
pub fn push_csv_field(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
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
