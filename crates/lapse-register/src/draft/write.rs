//! Writes a register by what its files look like. What cannot be told by looking is a comment that asks a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lapse_tables::{Column, Table};

use super::names::{boolean, meaning, status};
use super::seen::{SeenColumn, SeenFile};
use crate::dialect::Encoding;

/// A file as far as it serves a table: for each column of the table, the column of the file.
struct Use<'s> {
    file: &'s SeenFile,
    columns: Vec<(&'static str, &'s SeenColumn)>,
}

/// What is said of a file under `[files]`, or below a table where it differs.
type Said = BTreeMap<&'static str, String>;

/// The text of a register for these files.
pub fn register(files: &[SeenFile]) -> String {
    let mut text = String::from(
        "# Written by `lapse register new` after a look at the files of this folder. Lines with DECIDE need a person;\n\
         # `lapse register check` shows what lapse makes of the files.\n\n",
    );
    for file in files {
        if let Some(why) = &file.failed {
            let _ = writeln!(text, "# {} was left out: {}", file.file, why.replace('\n', " "));
        }
    }
    let uses: Vec<(Table, Vec<Use<'_>>)> =
        Table::ALL.into_iter().map(|table| (table, of_table(table, files))).collect();
    let mut questions = Vec::new();
    let said: Vec<(&str, Option<&str>, Said)> = files
        .iter()
        .map(|file| (file.file.as_str(), file.sheet.as_deref(), said(file, &uses, &mut questions)))
        .collect();
    let served = |file: &str| uses.iter().flat_map(|(_, uses)| uses).filter(|of| of.file.file == file).count();
    // What holds for the file that serves the most tables stands above.
    let most = said.iter().rev().max_by_key(|(file, ..)| served(file));
    let of_all = most.filter(|(file, ..)| served(file) > 0).map(|(.., said)| said.clone()).unwrap_or_default();
    text.push_str("[files]\n");
    for (key, value) in &of_all {
        let _ = writeln!(text, "{key} = {value}");
    }
    for question in &questions {
        let _ = writeln!(text, "# DECIDE: {question}");
    }
    for (table, uses) in &uses {
        text.push('\n');
        if uses.is_empty() {
            no_file(*table, &mut text);
        }
        for of in uses {
            let own = said.iter().find(|(file, sheet, _)| *file == of.file.file && *sheet == of.file.sheet.as_deref());
            table_text(*table, of, uses.len() > 1, &of_all, &own.expect("each file was looked at").2, &mut text);
        }
    }
    let unused = said
        .iter()
        .filter(|(file, ..)| served(file) == 0 && files.iter().any(|of| of.file == *file && of.failed.is_none()));
    for (file, sheet, _) in unused {
        let of_file = files.iter().find(|of| of.file == *file && of.sheet.as_deref() == *sheet);
        let sheet = sheet.map(|sheet| format!(", sheet {sheet}")).unwrap_or_default();
        let columns = of_file.into_iter().flat_map(|of| &of.columns);
        let known: Vec<String> =
            columns.filter(|seen| meaning(&seen.name).is_some()).map(|seen| format!("`{}`", seen.name)).collect();
        let why = if known.is_empty() {
            "no column of it has a name that is known".to_owned()
        } else {
            format!("of its columns only {} are known by their names, which is too little for one", known.join(", "))
        };
        let _ = writeln!(text, "\n# {file}{sheet} seems to hold none of the tables: {why}.");
    }
    for file in files {
        let of_file = || uses.iter().flat_map(|(_, uses)| uses).filter(|of| std::ptr::eq(of.file, file));
        let is_used = |seen: &SeenColumn| of_file().any(|of| of.columns.iter().any(|(_, used)| used.name == seen.name));
        let left: Vec<String> =
            file.columns.iter().filter(|seen| !is_used(seen)).map(|seen| format!("`{}`", seen.name)).collect();
        if of_file().next().is_some() && !left.is_empty() {
            let _ = writeln!(
                text,
                "\n# Of {} nothing uses {}. Where one is meant, add it to `columns`.",
                file.file,
                left.join(", ")
            );
        }
    }
    text
}

/// The files that seem to hold a table.
fn of_table(table: Table, files: &[SeenFile]) -> Vec<Use<'_>> {
    let uses = files.iter().filter_map(|file| {
        let columns: Vec<(&'static str, &SeenColumn)> = table
            .columns()
            .iter()
            .filter_map(|column| {
                let likely = |seen: &SeenColumn| {
                    let likely = meaning(&seen.name).filter(|(of, _)| *of == column.name)?.1;
                    // Ids must be the same in every file, and every row has one; an empty column tells nothing.
                    let is_shared = |other: &SeenFile| other.columns.iter().any(|column| column.name == seen.name);
                    let lacking = files.iter().filter(|other| !is_shared(other)).count();
                    let is_id = column.name == "patron_id";
                    Some((seen.looks.values == 0, is_id && seen.has_empty, if is_id { lacking } else { 0 }, likely))
                };
                let mut meant: Vec<_> = file.columns.iter().filter_map(|seen| Some((likely(seen)?, seen))).collect();
                meant.sort_by_key(|(likely, _)| *likely);
                Some((column.name, meant.first()?.1))
            })
            .collect();
        let has = |name: &str| columns.iter().any(|(column, _)| *column == name);
        let serves = has("patron_id")
            && match table {
                Table::Patrons => true,
                Table::Memberships => {
                    ["subscription", "valid_from", "valid_until"].iter().filter(|name| has(name)).count() >= 2
                }
                Table::Activity => has("last_active"),
                Table::Accounts => ["owed", "credit", "blocks", "items"].iter().any(|name| has(name)),
            };
        serves.then_some(Use { file, columns })
    });
    let mut uses: Vec<Use<'_>> = uses.collect();
    if table == Table::Patrons && uses.len() > 1 {
        // Each patron has one row in one file: the one that says most of persons, and otherwise least of anything else.
        let named = |of: &Use<'_>| of.file.file.to_lowercase();
        let persons = ["patron", "lener", "lecteur", "borrower", "user", "member", "usagers", "leden"];
        uses.sort_by_key(|of| {
            (
                std::cmp::Reverse(of.columns.len()),
                !persons.iter().any(|word| named(of).contains(word)),
                of.file.columns.len(),
            )
        });
        uses.truncate(1);
    }
    uses
}

/// How a file is written, as the keys of a register say it.
fn said(file: &SeenFile, uses: &[(Table, Vec<Use<'_>>)], questions: &mut Vec<String>) -> Said {
    let mut said = Said::new();
    if let Some((delimiter, encoding)) = file.text {
        if delimiter != b',' {
            said.insert("delimiter", format!("{:?}", char::from(delimiter).to_string()));
        }
        if encoding != Encoding::Utf8 {
            said.insert("encoding", format!("\"{}\"", encoding.name()));
        }
    }
    let of_file = uses.iter().flat_map(|(table, uses)| uses.iter().map(move |of| (table, of)));
    let columns: Vec<(Table, &'static str, &SeenColumn)> = of_file
        .filter(|(_, of)| std::ptr::eq(of.file, file))
        .flat_map(|(table, of)| of.columns.iter().map(move |(name, seen)| (*table, *name, *seen)))
        .collect();
    dates(file, &columns, &mut said, questions);
    if columns.iter().any(|(_, name, seen)| matches!(*name, "owed" | "credit") && seen.looks.commas > 0) {
        said.insert("decimals", "\",\"".to_owned());
    }
    let history = columns.iter().find(|(_, name, _)| *name == "loan_history");
    if let Some((_, _, seen)) =
        history.filter(|(_, _, seen)| !seen.looks.words.keys().all(|word| matches!(word.as_str(), "true" | "false")))
    {
        let words = |truth: bool| {
            let words = seen.looks.words.keys().filter(|word| boolean(word) == Some(truth));
            words.map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
        };
        said.insert("booleans", format!("{{ true = [{}], false = [{}] }}", words(true), words(false)));
    }
    let mut empty: Vec<&str> = columns.iter().flat_map(|(_, _, seen)| seen.empty.iter().copied()).collect();
    empty.sort_unstable();
    empty.dedup();
    if !empty.is_empty() {
        let empty: Vec<String> = empty.into_iter().map(quoted).collect();
        said.insert("empty", format!("[{}]", empty.join(", ")));
    }
    said
}

/// The form of days of a file: the one that all columns of days have. A column in which no day exceeds 12 does not tell whether
/// the day or the month stands first.
fn dates(file: &SeenFile, used: &[(Table, &'static str, &SeenColumn)], said: &mut Said, questions: &mut Vec<String>) {
    let is_of_days =
        |table: &Table, name: &str| table.columns().iter().any(|column| column.name == name && column.of_days);
    let mut columns: Vec<&SeenColumn> = Vec::new();
    for (_, _, seen) in used.iter().filter(|(table, name, _)| is_of_days(table, name)) {
        if !columns.iter().any(|known| known.name == seen.name) {
            columns.push(seen);
        }
    }
    let forms: Vec<_> = columns.iter().filter_map(|seen| Some((*seen, seen.looks.date_form()?))).collect();
    let told =
        forms.iter().find(|(_, (_, twin, _))| twin.is_none()).map(|(seen, (form, ..))| (seen.name.as_str(), *form));
    for (seen, (form, twin, _)) in &forms {
        match (twin, told) {
            (Some(twin), _) => {
                let also = told.map(|(name, form)| format!(" (`{name}` is {})", form.name())).unwrap_or_default();
                questions.push(format!(
                    "{}, `{}`: no day exceeds 12, so it may be {} or {}{also}; say dates = \"…\"",
                    file.file,
                    seen.name,
                    form.name(),
                    twin.name()
                ));
            }
            (None, Some((name, other))) if other != *form => questions.push(format!(
                "{}: `{name}` is {}, but `{}` is {}; days of one table must have one form",
                file.file,
                other.name(),
                seen.name,
                form.name()
            )),
            (None, _) => {}
        }
    }
    if let Some((_, form)) = told.filter(|(_, form)| *form != crate::form::DateForm::ISO) {
        said.insert("dates", format!("\"{}\"", form.name()));
    }
}

fn no_file(table: Table, text: &mut String) {
    let name = table.name();
    if table.may_be_absent() {
        let _ = writeln!(text, "# No file seems to hold {name}. If one does:\n# [tables.{name}]\n# file = \"…\"");
    } else {
        let columns: Vec<&str> =
            table.columns().iter().filter(|column| column.required).map(|column| column.name).collect();
        let _ = writeln!(
            text,
            "# DECIDE: which file holds {name}? It needs {}.\n# [tables.{name}]\n# file = \"…\"",
            columns.join(", ")
        );
    }
}

fn table_text(table: Table, of: &Use<'_>, several: bool, of_all: &Said, own: &Said, text: &mut String) {
    let name = table.name();
    let _ = writeln!(text, "{}", if several { format!("[[tables.{name}]]") } else { format!("[tables.{name}]") });
    let _ = writeln!(text, "file = {}", quoted(&of.file.file));
    if let Some(sheet) = &of.file.sheet {
        let _ = writeln!(text, "sheet = {}", quoted(sheet));
    }
    for (key, value) in own.iter().filter(|(key, value)| of_all.get(*key) != Some(*value)) {
        let _ = writeln!(text, "{key} = {value}");
    }
    let has_values = |is_meant: &dyn Fn(&Column) -> bool| {
        let mut meant = table.columns().iter().filter(|column| is_meant(column));
        meant.any(|column| of.columns.iter().any(|(name, seen)| *name == column.name && seen.looks.values > 0))
    };
    for key in of_all.keys().filter(|key| !own.contains_key(*key)) {
        let default = match *key {
            "delimiter" if of.file.text.is_some() => "\",\"",
            "encoding" if of.file.text.is_some() => "\"utf-8\"",
            // What no column of it shows holds for the column that a person adds.
            "dates" if has_values(&|column| column.of_days) => "\"YYYY-MM-DD\"",
            "decimals" if has_values(&|column| matches!(column.name, "owed" | "credit")) => "\".\"",
            _ => continue,
        };
        let _ = writeln!(text, "{key} = {default}");
    }
    let other_names: Vec<String> = of
        .columns
        .iter()
        .filter(|(column, seen)| *column != seen.name)
        .map(|(column, seen)| format!("{column} = {}", quoted(&seen.name)))
        .collect();
    if !other_names.is_empty() {
        let _ = writeln!(text, "columns = {{ {} }}", other_names.join(", "));
    }
    let seen = |name: &str| of.columns.iter().find(|(column, _)| *column == name).map(|(_, seen)| *seen);
    if table == Table::Activity && seen("source").is_none() {
        let _ = writeln!(
            text,
            "constants = {{ source = \"ils\" }} # DECIDE: what the policy's [activity] sources calls this"
        );
    }
    if seen("last_active").is_some_and(|seen| seen.has_empty) && table == Table::Activity {
        let _ = writeln!(text, "skip_empty = [\"last_active\"] # rows without it are no rows");
    }
    for column in table.columns().iter().filter(|column| column.required && seen(column.name).is_none()) {
        if column.name != "source" {
            let _ = writeln!(
                text,
                "# DECIDE: which column is {0}? Add it to `columns`, or, if all rows have the same: constants = {{ {0} = \"…\" }}",
                column.name
            );
        }
    }
    accounts_text(table, &seen, text);
    if let Some(seen) = seen("status") {
        status_text(seen, text);
    }
    for code in ["library", "subscription"] {
        if let Some(seen) = seen(code).filter(|seen| !seen.looks.words.is_empty()) {
            let words: Vec<String> = seen.looks.words.keys().take(6).map(|word| quoted(word)).collect();
            let _ = writeln!(
                text,
                "# {code} has {}; where the policy calls one otherwise: values.{code} = {{ {} = \"…\" }}",
                words.join(", "),
                words[0]
            );
        }
    }
}

/// Asks for the columns of accounts without which no record is removed.
fn accounts_text<'s>(table: Table, seen: &impl Fn(&str) -> Option<&'s SeenColumn>, text: &mut String) {
    let needed = ["owed", "credit", "blocks", "items"];
    let lacking: Vec<&str> = needed.into_iter().filter(|name| seen(name).is_none()).collect();
    if table == Table::Accounts && !lacking.is_empty() {
        let _ = writeln!(
            text,
            "# DECIDE: which columns are {}? Without them no record is removed. Where nobody has any of it: constants = {{ {} = \"\" }}",
            lacking.join(", "),
            lacking[0]
        );
    }
}

/// What the words of a status mean, as far as that can be told.
fn status_text(seen: &SeenColumn, text: &mut String) {
    let words = &seen.looks.words;
    if words.keys().all(|word| matches!(word.as_str(), "active" | "deregistered" | "cancelled")) {
        return;
    }
    let known: Vec<String> =
        words.keys().filter_map(|word| Some(format!("{} = {}", quoted(word), quoted(status(word)?)))).collect();
    if !known.is_empty() {
        let _ = writeln!(text, "values.status = {{ {} }}", known.join(", "));
    }
    let unknown: Vec<&str> = words.keys().map(String::as_str).filter(|word| status(word).is_none()).collect();
    if !unknown.is_empty() {
        let _ = writeln!(
            text,
            "# DECIDE: status {}: active, deregistered or cancelled? Add them to values.status",
            unknown.join(", ")
        );
    }
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
