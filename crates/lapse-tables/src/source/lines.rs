//! Lines of a text: they are counted the same way whatever the format is.

use memchr::{memchr_iter, memrchr};

use crate::error::Place;

/// How many lines end in `bytes`.
pub(crate) fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// The place of a byte of a text that starts at the start of `line`.
pub(crate) fn place(text: &[u8], at: usize, line: u64) -> Place {
    let before = &text[..at];
    let line_start = memrchr(b'\n', before).map_or(0, |end| end + 1);
    let in_line = String::from_utf8_lossy(&before[line_start..]);
    Place {
        line: line + count_lines(before),
        column: 1 + in_line.trim_start_matches('\u{feff}').chars().count() as u64,
    }
}
