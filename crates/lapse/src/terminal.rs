//! What people see: styles, tables, warnings. Results go to standard output, and everything else to standard error. There
//! is colour on a terminal only, and not with `NO_COLOR`; `anstream` removes it elsewhere.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use lapse_policy::page_shown;
pub use lapse_policy::{count, shown, thousands};
use lapse_tables::ReadWhole;

use crate::Failure;

/// The style of headings.
pub const STRONG: Style = Style::new().bold();
/// The style of what is less important.
pub const FAINT: Style = Style::new().dimmed();
/// The style of what went well, and of what stays.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// The style of what is lost or removed.
pub const BAD: Style = AnsiColor::Red.on_default();
/// The style of what needs attention.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The style of errors.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Prints a command's result.
pub fn result(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(page_shown(text).as_bytes())?;
    stdout.flush()
}

/// Prints what is not a result: progress, warnings, summaries. Where that fails, the work goes on all the same.
pub fn say(text: &str) {
    let _ = anstream::stderr().lock().write_all(page_shown(text).as_bytes());
}

/// Prints why a command could not do its work, and gives the exit code for that.
pub fn fail(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Refused(sentence) => {
            say(&format!("{ERROR}error{ERROR:#}: {sentence}\n"));
            ExitCode::from(2)
        }
        Failure::BrokenPipe => ExitCode::SUCCESS,
    }
}

/// Prints a warning of one sentence on standard error.
pub fn warn(sentence: &str) {
    say(&format!("{WARNING}warning{WARNING:#}: {sentence}\n"));
}

/// Tells on standard error that tables were read whole, where they were and could be read otherwise.
pub fn note_read_whole(why: Option<&ReadWhole>) {
    if let Some(why) = why {
        say(&format!("{STRONG}note{STRONG:#}: {}\n", why.sentence()));
    }
}

/// A table of text for a terminal. Each column is as wide as its widest cell, and numbers stand to the right.
pub struct TextTable {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table with these column names, and no row yet.
    pub fn new(header: &[&str]) -> TextTable {
        TextTable { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    /// Adds a row, with a cell for each column.
    pub fn row(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.header.len());
        self.rows.push(cells.into_iter().map(|cell| shown(&cell).into_owned()).collect());
    }

    /// The lines of the table, each indented by `indent` spaces; the header is strong.
    pub fn render(&self, indent: usize) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.header]);
            cells.map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        let is_number = |cell: &str| cell.chars().all(|c| c.is_ascii_digit() || ",.%-".contains(c));
        let numeric: Vec<bool> =
            (0..self.header.len()).map(|column| self.rows.iter().all(|row| is_number(&row[column]))).collect();
        let mut text = String::new();
        let mut line = |row: &[String], style: Style| {
            let mut cells = String::new();
            for ((cell, &width), &numeric) in row.iter().zip(&widths).zip(&numeric) {
                let pad = " ".repeat(width - cell.chars().count());
                let _ = if numeric { write!(cells, "{pad}{cell}  ") } else { write!(cells, "{cell}{pad}  ") };
            }
            let _ = writeln!(text, "{:indent$}{style}{}{style:#}", "", cells.trim_end());
        };
        line(&self.header, STRONG);
        for row in &self.rows {
            line(row, Style::new());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_text_to_the_left() {
        let mut table = TextTable::new(&["library", "valid"]);
        table.row(vec!["peer".into(), "7".into()]);
        table.row(vec!["deinze".into(), "1,200".into()]);
        let plain = anstream::adapter::strip_str(&table.render(2)).to_string();
        assert_eq!(plain, "  library  valid\n  peer         7\n  deinze   1,200\n");
    }
}
