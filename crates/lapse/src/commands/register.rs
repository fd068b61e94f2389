//! `lapse register`: whose exports or database these are, how their columns are called, and lapse's own tables.

use std::fmt::Write as _;

use lapse_register::{
    Address, ApplyError, Database, DatabaseRegister, Draft, Purpose, RegisterFile, Sample, SampleTable, fill,
    initialise,
};

use crate::cli::{
    RegisterArgs, RegisterCheckArgs, RegisterCommand, RegisterInitArgs, RegisterNewArgs, RegisterStatusArgs,
};
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
        RegisterCommand::Init(args) => init(args),
        RegisterCommand::Status(args) => status(args),
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

fn init(args: &RegisterInitArgs) -> Result<Done, Failure> {
    // What is no address is the file of a database that may not be there yet.
    let register = data::is_register(&args.database).then(|| data::register(&args.database)).transpose()?;
    let (address, schema) = match register {
        Some(RegisterFile::Database(register)) => {
            if args.from.is_some() {
                return Err(Refusal::TablesOfRegister.into());
            }
            let (address, schema) = (register.address().clone(), register.schema().map(str::to_owned));
            // What the register is about must be there: lapse makes no database for others.
            drop(Database::of_register(*register, Purpose::Act)?);
            (address, schema)
        }
        Some(RegisterFile::Files(_)) => return Err(ApplyError::NoDatabase(args.database.clone()).into()),
        None => (data::address(&args.database).unwrap_or_else(|| Address::Sqlite(args.database.clone())), None),
    };
    if let Some(from) = &args.from {
        let from = data::Data::open(from, &[], lapse_tables::Bounds::default())?;
        let rows = fill(&address, from.source())?;
        for (table, rows) in lapse_tables::Table::ALL.into_iter().zip(rows) {
            terminal::say(&format!("  {}: {}\n", table.name(), count(rows, "row", "rows")));
        }
    }
    let (had, has) = initialise(&address, schema.as_deref())?;
    terminal::result(&match had {
        None => format!("{address} has lapse's own tables now (version {has})\n"),
        Some(had) if had == has => format!("{address} has lapse's own tables already, in this version ({has})\n"),
        Some(had) => format!("{address} had lapse's own tables of version {had}; they are of version {has} now\n"),
    })?;
    Ok(Done::Well)
}

fn status(args: &RegisterStatusArgs) -> Result<Done, Failure> {
    let database = data::database(&args.database, Purpose::Read)?;
    terminal::result(&text::plan::status(&database.status()?))?;
    Ok(Done::Well)
}

fn check(args: &RegisterCheckArgs) -> Result<Done, Failure> {
    let register = match data::register(&args.file)? {
        RegisterFile::Files(register) => *register,
        RegisterFile::Database(register) => return check_database(*register),
    };
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

/// Connects, and prepares every statement of a register.
fn check_database(register: DatabaseRegister) -> Result<Done, Failure> {
    let name = format!("{} ({})", register.name(), register.address());
    let checked = Database::of_register(register, Purpose::Act)?.check()?;
    for mistake in &checked.mistakes {
        terminal::say(&format!("{WARNING}{}{WARNING:#}: {}\n", mistake.place, mistake.problem));
    }
    for note in &checked.notes {
        terminal::say(&format!("{STRONG}note{STRONG:#}: {note}\n"));
    }
    if !checked.mistakes.is_empty() {
        return Ok(Done::FoundErrors);
    }
    let statements = count(checked.statements, "statement", "statements");
    terminal::result(&format!("{GOOD}{name}: {statements} can be done{GOOD:#}\n"))?;
    Ok(Done::Well)
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
