//! `lapse register new` and `lapse register check`: whose exports these are, and how their columns are called.

use std::fmt::Write as _;

use lapse_register::{Draft, Sample, SampleTable};

use crate::cli::{RegisterArgs, RegisterCheckArgs, RegisterCommand, RegisterNewArgs};
use crate::refusal::Refusal;
use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, thousands};
use crate::{Done, Failure, data, files, terminal, text};

/// How many rows of a table, and how many rejected ones, are shown.
const SHOWN: usize = 5;

/// Does what was asked about a register.
pub fn run(args: &RegisterArgs) -> Result<Done, Failure> {
    match &args.command {
        RegisterCommand::New(args) => new(args),
        RegisterCommand::Check(args) => check(args),
    }
}

fn new(args: &RegisterNewArgs) -> Result<Done, Failure> {
    let path = args.folder.join("register.toml");
    if path.exists() {
        return Err(Refusal::RegisterIsThere { path }.into());
    }
    let draft = Draft::of(&args.folder)?;
    files::write_all([(&*path, draft.text.as_bytes())])?;
    terminal::result(&format!("{}\n", path.display()))?;
    let open = match draft.questions {
        0 => String::new(),
        number => format!("{} (look for `DECIDE`), then ", count(number, "question is open", "questions are open")),
    };
    terminal::say(&format!(
        "{FAINT}{open}`lapse register check {}` shows what it makes of the files{FAINT:#}\n",
        path.display()
    ));
    Ok(Done::Well)
}

fn check(args: &RegisterCheckArgs) -> Result<Done, Failure> {
    let register = data::register(&args.file)?;
    let sample = Sample::of(&register)?;
    let mut shown = String::new();
    for table in &sample.tables {
        table_text(table, &mut shown);
    }
    terminal::result(&shown)?;
    for note in lapse_change::notes(&lapse_tables::gaps(&register)?) {
        terminal::say(&format!("{WARNING}note{WARNING:#}: {note}\n"));
    }
    let whole = &sample.whole_columns;
    if sample.rejects.is_empty() && whole.is_empty() {
        terminal::say(&format!("{GOOD}every row can be used{GOOD:#}\n"));
        return Ok(Done::Well);
    }
    let what = count(sample.rejects.len() as u64, "row cannot be used", "rows cannot be used");
    let lines = text::rejects::lines(&sample.rejects.iter().collect::<Vec<_>>(), whole, Some(&args.file), SHOWN);
    terminal::say(&format!("{WARNING}{what}{WARNING:#}\n{lines}"));
    Ok(Done::NeedsAttention)
}

/// The first rows of a table, below what it comes from.
fn table_text(table: &SampleTable, text: &mut String) {
    let files = table.parts.join(", ");
    let rows = thousands(table.rows.len() as u64);
    let rows =
        if table.is_cut { format!("the first {rows} rows") } else { count(table.rows.len() as u64, "row", "rows") };
    let _ = writeln!(text, "{STRONG}{}{STRONG:#}: {rows} of {files}", table.table.name());
    let columns = table.columns();
    let mut shown =
        TextTable::new(&std::iter::once("line").chain(columns.iter().map(|(_, name)| *name)).collect::<Vec<_>>());
    for (line, fields) in table.rows.iter().take(SHOWN) {
        let cells = columns.iter().map(|(slot, _)| fields[*slot].clone());
        shown.row(std::iter::once(line.to_string()).chain(cells).collect());
    }
    text.push_str(&shown.render(2));
    if let Some(codes) = table.codes_text() {
        let _ = writeln!(text, "  {FAINT}{codes}{FAINT:#}");
    }
    text.push('\n');
}
