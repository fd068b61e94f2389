//! Reads a register file: every table and key of it is compared with what a register may say, and whatever cannot be used is
//! told with its place.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use lapse_policy::{Mistake, is_slip, nearest};
use lapse_tables::{Bounds, Table};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cache::Cache;
use crate::dialect::Dialect;
use crate::error::RegisterError;
use crate::read_dialect::{DIALECT_KEYS, is_dialect_key, read_key};
use crate::read_value::{boolean_or_word, entries, kind, text_of, texts};
use crate::register::{FileKind, Part, Register};

/// What a register may say at its top.
const TOP: [&str; 2] = ["files", "tables"];
/// What it may say of a table, beside what it may say of all files.
const OF_TABLE: [&str; 7] = ["file", "files", "sheet", "columns", "values", "constants", "skip_empty"];

/// A table of the register file, and where it stands.
type Entry<'t, 'i> = &'t Spanned<DeValue<'i>>;

impl Register {
    /// Reads the register file at `path`. The files that it names are looked for beside it, and read when their rows are.
    pub fn read(path: &Path) -> Result<Register, RegisterError> {
        let text = read_text(path)?;
        let (register, mistakes) = parse(path, &text);
        if mistakes.is_empty() {
            return Ok(register);
        }
        let name = path.display().to_string();
        let mistakes = mistakes.iter().map(|mistake| mistake.show(&name, &text)).collect();
        Err(RegisterError::Mistakes { path: path.to_owned(), mistakes })
    }
}

/// Reads the text of a register file.
pub(crate) fn read_text(path: &Path) -> Result<String, RegisterError> {
    let unreadable = |error| RegisterError::Unreadable { path: path.to_owned(), error };
    let bytes = lapse_policy::read_small_file(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        RegisterError::NotUtf8 { path: path.to_owned(), line }
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Reads the text of the register file at `path`, and tells its mistakes by their places.
fn parse(path: &Path, text: &str) -> (Register, Vec<Mistake>) {
    let mut register = Register {
        path: path.to_owned(),
        ids_are_exact: false,
        tables: Default::default(),
        ignored_columns: Vec::new(),
        bounds: Bounds::default(),
        cache: Cache::default(),
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { folder: path.parent().unwrap_or(Path::new("")), mistakes: Vec::new() };
    for error in &errors {
        let span = error.span().unwrap_or_default();
        reader.mistakes.push(Mistake::new("this is not valid TOML", span, error.message()));
    }
    // What could still be read of a text with a misprint may not be what was meant.
    if errors.is_empty() {
        reader.root(root.get_ref(), &mut register);
    }
    reader.mistakes.sort_by_key(|mistake| mistake.span.start);
    (register, reader.mistakes)
}

struct Reader<'f> {
    folder: &'f Path,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn root(&mut self, root: &DeTable<'_>, register: &mut Register) {
        let mut dialect = Dialect::default();
        let mut tables = None;
        for (key, value) in entries(root) {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("files", DeValue::Table(files)) => self.files(files, &mut dialect, &mut register.ids_are_exact),
                ("tables", DeValue::Table(found)) => tables = Some(found),
                (known @ ("files" | "tables"), _) => {
                    let label = format!("expected a table: [{known}] or [{known}.NAME]");
                    self.mistakes.push(Mistake::new(format!("`{known}` is no table"), value.span(), label));
                }
                (word, _) => self.unknown(word, key.span(), "a register of files", TOP.into_iter()),
            }
        }
        let Some(tables) = tables else {
            if self.mistakes.is_empty() {
                let help = "write [tables.patrons] and [tables.memberships], each with a `file`";
                self.mistakes.push(Mistake::new("this register names no table", 0..0, "").help(help));
            }
            return;
        };
        for (key, value) in entries(tables) {
            let word = key.get_ref().as_ref();
            let Some(table) = Table::ALL.into_iter().find(|table| table.name() == word) else {
                self.unknown(word, key.span(), "[tables]", Table::ALL.into_iter().map(Table::name));
                continue;
            };
            let parts = &mut register.tables[table as usize];
            match value.get_ref() {
                DeValue::Table(found) => self.table(table, found, key.span(), &dialect, parts),
                DeValue::Array(several) => {
                    for one in several {
                        match one.get_ref() {
                            DeValue::Table(found) => self.table(table, found, one.span(), &dialect, parts),
                            _ => self.expected("a table", one),
                        }
                    }
                }
                _ => self.expected("a table", value),
            }
        }
    }

    fn files(&mut self, files: &DeTable<'_>, dialect: &mut Dialect, ids_are_exact: &mut bool) {
        for (key, value) in entries(files) {
            match key.get_ref().as_ref() {
                "ids" => match value.get_ref() {
                    DeValue::String(word) if word == "exact" => *ids_are_exact = true,
                    _ => {
                        let label = "expected \"exact\"";
                        let help = "leave the key out where ids that nearly match are to hold their patrons";
                        self.mistakes.push(Mistake::new("`ids` has no such value", value.span(), label).help(help));
                    }
                },
                word if is_dialect_key(word) => read_key(word, value, dialect, &mut self.mistakes),
                word => {
                    let known = DIALECT_KEYS.into_iter().chain(["ids"]);
                    self.unknown(word, key.span(), "[files]", known);
                }
            }
        }
    }

    fn table(
        &mut self,
        table: Table,
        found: &DeTable<'_>,
        span: std::ops::Range<usize>,
        dialect: &Dialect,
        parts: &mut Vec<Part>,
    ) {
        let mut part = Part {
            table,
            file: self.folder.to_owned(),
            name: table.name().into(),
            sheet: None,
            kind: FileKind::Text,
            dialect: dialect.clone(),
            columns: BTreeMap::new(),
            constants: BTreeMap::new(),
            values: HashMap::new(),
            skip_empty: Vec::new(),
            bounds: Bounds::default(),
        };
        let mut files: Vec<(String, std::ops::Range<usize>)> = Vec::new();
        let mut sheet = None;
        for (key, value) in entries(found) {
            match key.get_ref().as_ref() {
                "file" => match text_of(value) {
                    Some(file) => files.push((file, value.span())),
                    None => self.expected("the name of a file in quotes", value),
                },
                "files" => match value.get_ref() {
                    DeValue::Array(names) => {
                        for name in names {
                            match text_of(name) {
                                Some(file) => files.push((file, name.span())),
                                None => self.expected("the name of a file in quotes", name),
                            }
                        }
                    }
                    _ => self.expected("a list of files: [\"a.csv\", \"b.csv\"]", value),
                },
                "sheet" => match text_of(value) {
                    Some(name) => sheet = Some((name, value.span())),
                    None => self.expected("the name of a sheet in quotes", value),
                },
                "columns" => part.columns = self.by_column(table, value, "the name of a column in quotes"),
                "constants" => part.constants = self.by_column(table, value, "a text in quotes"),
                "values" => part.values = self.values(table, value),
                "skip_empty" => match texts(value) {
                    Some(names) => {
                        for (name, span) in names {
                            self.check_column(table, &name, span);
                            part.skip_empty.push(name);
                        }
                    }
                    None => self.expected("a list of columns: [\"last_active\"]", value),
                },
                word if is_dialect_key(word) => read_key(word, value, &mut part.dialect, &mut self.mistakes),
                word => {
                    let known = OF_TABLE.into_iter().chain(DIALECT_KEYS);
                    self.unknown(word, key.span(), &format!("[tables.{}]", table.name()), known);
                }
            }
        }
        if files.is_empty() {
            let help = format!("write file = \"….csv\" below [tables.{}]", table.name());
            self.mistakes.push(Mistake::new("this table has no file", span, "no `file` and no `files`").help(help));
        }
        if let Some((_, span)) =
            sheet.as_ref().filter(|_| files.iter().any(|(file, _)| FileKind::of(file) != FileKind::Workbook))
        {
            self.mistakes.push(Mistake::new("only a workbook has sheets", span.clone(), "the file is no .xlsx"));
        }
        part.sheet = sheet.map(|(name, _)| name);
        for (name, span) in files {
            self.check_file(&name, span);
            let mut part = Part { file: self.folder.join(&name), kind: FileKind::of(&name), ..part.clone() };
            part.name = name.into();
            parts.push(part);
        }
    }

    /// What is said of each column: an inline table or a table of texts.
    fn by_column(&mut self, table: Table, value: Entry<'_, '_>, what: &str) -> BTreeMap<String, String> {
        let DeValue::Table(said) = value.get_ref() else {
            self.expected("a table: { patron_id = \"…\" }", value);
            return BTreeMap::new();
        };
        let mut by_column = BTreeMap::new();
        for (key, value) in entries(said) {
            let column = key.get_ref().as_ref();
            self.check_column(table, column, key.span());
            match boolean_or_word(value) {
                Some(text) => drop(by_column.insert(column.to_owned(), text)),
                None => self.expected(what, value),
            }
        }
        by_column
    }

    /// For each column, what its texts mean.
    fn values(&mut self, table: Table, value: Entry<'_, '_>) -> HashMap<String, HashMap<String, String>> {
        let DeValue::Table(columns) = value.get_ref() else {
            self.expected("a table for each column: values.status = { \"A\" = \"active\" }", value);
            return HashMap::new();
        };
        let mut values = HashMap::new();
        for (key, value) in entries(columns) {
            let column = key.get_ref().as_ref();
            self.check_column(table, column, key.span());
            let DeValue::Table(texts) = value.get_ref() else {
                self.expected("a table: { \"A\" = \"active\" }", value);
                continue;
            };
            let mut of_column = HashMap::new();
            for (text, meaning) in entries(texts) {
                match boolean_or_word(meaning) {
                    Some(meaning) => drop(of_column.insert(text.get_ref().as_ref().to_owned(), meaning)),
                    None => self.expected("a text in quotes", meaning),
                }
            }
            values.insert(column.to_owned(), of_column);
        }
        values
    }

    /// Tells a column that is nearly one of the table's. Any other column may be one that a plugin asks for.
    fn check_column(&mut self, table: Table, name: &str, span: std::ops::Range<usize>) {
        let columns = || table.columns().iter().map(|column| column.name);
        if columns().any(|column| column == name) {
            return;
        }
        let slip = columns().find(|column| is_slip(name, column)).or_else(|| nearest(name, columns()));
        if let Some(near) = slip {
            let message = format!("the table {} has no column `{name}`", table.name());
            self.mistakes.push(
                Mistake::new(message, span, "the name stands for a column of lapse, the value for yours")
                    .help(format!("did you mean `{near}`?")),
            );
        }
    }

    fn check_file(&mut self, name: &str, span: std::ops::Range<usize>) {
        let path = self.folder.join(name);
        if path.is_file() {
            return;
        }
        let message =
            if path.is_dir() { format!("`{name}` is a folder") } else { format!("there is no file `{name}`") };
        let folder = path.parent().unwrap_or(self.folder);
        let beside: Vec<String> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        let file = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name);
        let help = match nearest(file, beside.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "files are looked for beside the register".to_owned(),
        };
        self.mistakes.push(Mistake::new(message, span, format!("looked for in {}", shown(folder))).help(help));
    }

    fn unknown<'a>(
        &mut self,
        word: &str,
        span: std::ops::Range<usize>,
        place: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let mistake = Mistake::new(format!("{place} has no key `{word}`"), span, "not known here");
        self.mistakes.push(mistake.nearest(word, known));
    }

    fn expected(&mut self, what: &str, value: &Spanned<DeValue<'_>>) {
        let message = format!("{} cannot stand here", kind(value.get_ref()));
        self.mistakes.push(Mistake::new(message, value.span(), format!("expected {what}")));
    }
}

/// A folder as people are told.
fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { "this folder".to_owned() } else { folder.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages, labels and helps of what is wrong with a text.
    fn mistakes(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("leners.csv"), "id\n").unwrap();
        let (_, mistakes) = parse(&folder.path().join("register.toml"), text);
        let told = |mistake: &Mistake| {
            let help = mistake.help.clone().unwrap_or_default();
            format!("{} | {} | {help}", mistake.message, &text[mistake.span.clone()])
        };
        mistakes.iter().map(told).collect()
    }

    #[test]
    fn a_register_without_mistakes_has_none() {
        let text = r#"
            [files]
            delimiter = ";"
            encoding = "windows-1252"
            dates = "DD/MM/YYYY"
            decimals = ","
            booleans = { true = ["J", "1"], false = ["N", "0"] }
            empty = ["NULL", "\\N"]
            ids = "exact"
            [tables.patrons]
            file = "leners.csv"
            columns = { patron_id = "Lenernummer", anything = "Iets" }
            [[tables.activity]]
            file = "leners.csv"
            constants = { source = "wise", library = 12 }
            skip_empty = ["last_active"]
            values.library = { "1203" = "peer" }
            dates = "YYYYMMDD"
        "#;
        assert_eq!(mistakes(text), Vec::<String>::new());
    }

    #[test]
    fn a_misspelt_key_is_told_with_the_nearest_name() {
        let told = mistakes("[files]\ndelimeter = \";\"\n[tabels.patrons]\nfile = \"leners.csv\"");
        assert!(
            told[0].starts_with("[files] has no key `delimeter` | delimeter | did you mean `delimiter`?"),
            "{told:?}"
        );
        assert!(told[1].contains("did you mean `tables`?"), "{told:?}");
        let told = mistakes("[tables.patron]\nfile = \"leners.csv\"");
        assert!(told[0].contains("did you mean `patrons`?"), "{told:?}");
        let told = mistakes("[tables.patrons]\nfile = \"lener.csv\"\ncolumns = { patron = \"x\", birth_dat = \"y\" }");
        assert!(told[0].contains("did you mean `leners.csv`?"), "{told:?}");
        assert!(told[1].contains("did you mean `patron_id`?"), "{told:?}");
        assert!(told[2].contains("did you mean `birth_date`?"), "{told:?}");
    }

    #[test]
    fn a_value_that_cannot_be_is_told_with_what_can() {
        for (line, expected) in [
            ("delimiter = \":\"", "one of"),
            ("encoding = \"windows1252\"", "did you mean `windows-1252`?"),
            ("dates = \"dd/mm/yyyy\"", "did you mean `DD/MM/YYYY`?"),
            ("dates = \"DD/MM/YY\"", "did you mean `DD/MM/YYYY`?"),
            ("decimals = \"komma\"", "one of"),
            ("booleans = true", "|"),
            ("ids = \"loose\"", "leave the key out"),
        ] {
            let told = mistakes(&format!("[files]\n{line}\n[tables.patrons]\nfile = \"leners.csv\""));
            assert_eq!(told.len(), 1, "{line}: {told:?}");
            assert!(told[0].contains(expected), "{line}: {told:?}");
        }
    }

    #[test]
    fn a_register_that_is_no_toml_is_one_mistake() {
        let told = mistakes("[files\ndelimiter = ;");
        assert!(told[0].starts_with("this is not valid TOML"), "{told:?}");
    }
}
