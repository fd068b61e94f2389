//! Reads the register file of a database: where the tables are, and how each action is done and undone. Whatever cannot be used
//! is told with its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use lapse_policy::Mistake;
use lapse_tables::Table;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::action::{Action, ActionKind, Does, RowsChanged, Undo};
use super::database_register::{DatabaseRegister, MAX_PLAN_AGE_DAYS, UNDO_DAYS};
use crate::database::{Address, Kind, Reads, Statement, TableSql};
use crate::read_value::{entries, kind, text_of, texts};

/// What a register of a database may say at its top.
const TOP: [&str; 4] = ["register", "read", "limits", "action"];
/// What it may say of itself.
const OF_REGISTER: [&str; 7] = ["name", "database", "url", "time_zone", "schema", "marker", "ids"];
/// What it may say of limits.
const OF_LIMITS: [&str; 2] = ["undo_days", "max_plan_age_days"];
/// What it may say of an action.
const OF_ACTION: [&str; 7] = ["sql", "rows", "before", "undo", "hand_over", "command", "done_when"];
/// The values that the statements of an action can name, beside `$before_COLUMN` of its `before`.
const VALUES: [&str; 15] = [
    "patron_id",
    "library",
    "subscription",
    "valid_from",
    "before_valid_until",
    "valid_until",
    "cut_off",
    "profile_last_active",
    "action",
    "reason",
    "because",
    "note",
    "run",
    "date",
    "entry",
];

/// A value of the register file, and where it stands.
type Entry<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// Whether a register file is that of a database.
pub(crate) fn is_of_database(root: &DeTable<'_>) -> bool {
    root.iter().any(|(key, _)| key.get_ref() == "register")
}

/// Reads a register, whose file has this path and text; none where it has mistakes. `environment` gives the value of a
/// variable.
pub(crate) fn read_database(
    path: &Path,
    text: &str,
    root: &DeTable<'_>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<DatabaseRegister, Vec<Mistake>> {
    let mut reader = Reader { path, environment, mistakes: Vec::new() };
    let register = reader.root(root, text);
    reader.mistakes.sort_by_key(|mistake| mistake.span.start);
    match register {
        Some(register) if reader.mistakes.is_empty() => Ok(register),
        _ => Err(reader.mistakes),
    }
}

struct Reader<'r> {
    path: &'r Path,
    environment: &'r dyn Fn(&str) -> Option<String>,
    mistakes: Vec<Mistake>,
}

/// What `[register]` says.
#[derive(Default)]
struct Itself {
    name: Option<String>,
    kind: Option<Kind>,
    address: Option<Address>,
    time_zone: Option<String>,
    schema: Option<String>,
    marker: Option<Statement>,
    ids_are_exact: bool,
}

impl Reader<'_> {
    fn root(&mut self, root: &DeTable<'_>, text: &str) -> Option<DatabaseRegister> {
        let mut itself = Itself::default();
        let (mut reads, mut lock) = (Reads::default(), None);
        let mut limits = [UNDO_DAYS, MAX_PLAN_AGE_DAYS];
        let mut actions = BTreeMap::new();
        for (key, value) in entries(root) {
            let word = key.get_ref().as_ref();
            let DeValue::Table(table) = value.get_ref() else {
                self.expected(&format!("a table: [{word}]"), value);
                continue;
            };
            match word {
                "register" => itself = self.itself(table, key.span()),
                "read" => (reads, lock) = self.reads(table, key.span()),
                "limits" => self.limits(table, &mut limits),
                "action" => actions = self.actions(table),
                word => self.unknown(word, key.span(), "a register of a database", TOP.into_iter()),
            }
        }
        if !root.iter().any(|(key, _)| key.get_ref() == "read") {
            let help = "write [read] with patrons = { from = \"…\" } and memberships = { from = \"…\" }";
            self.mistakes.push(Mistake::new("this register does not say where the tables are", 0..0, "").help(help));
        }
        let (address, kind) = (itself.address?, itself.kind?);
        if kind == Kind::Sqlite && itself.schema.is_some() {
            let help = "leave `schema` out: lapse's own tables are in the same file";
            self.mistakes.push(Mistake::new("a SQLite database has no schemas", 0..0, "").help(help));
        }
        if address.kind() != kind {
            let message = format!("`database` is {}, and `url` is one of {}", kind.as_str(), address.kind().name());
            self.mistakes.push(Mistake::new(message, 0..0, ""));
        }
        Some(DatabaseRegister {
            name: itself.name?,
            path: Some(self.path.to_owned()),
            address,
            time_zone: itself.time_zone,
            schema: itself.schema,
            marker: itself.marker,
            reads,
            lock,
            ids_are_exact: itself.ids_are_exact,
            undo_days: limits[0],
            max_plan_age_days: limits[1],
            actions,
            fingerprint: crate::hexadecimal(&Sha256::digest(text)),
        })
    }

    fn itself(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Itself {
        let mut itself = Itself::default();
        let mut url = None;
        for (key, value) in entries(table) {
            let word = key.get_ref().as_ref();
            if !OF_REGISTER.contains(&word) {
                self.unknown(word, key.span(), "[register]", OF_REGISTER.into_iter());
                continue;
            }
            let Some(text) = text_of(value) else {
                self.expected("a text in quotes", value);
                continue;
            };
            match word {
                "name" => itself.name = Some(text),
                "database" => {
                    // MariaDB is what most people have who write mysql.
                    itself.kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == text);
                    itself.kind = itself.kind.or((text == "mariadb").then_some(Kind::Mysql));
                    if itself.kind.is_none() {
                        let known = Kind::ALL.into_iter().map(Kind::as_str);
                        let mistake = Mistake::new(format!("there is no database `{text}`"), value.span(), "not known");
                        self.mistakes.push(mistake.nearest(&text, known));
                    }
                }
                "url" => url = Some((text, value.span())),
                "time_zone" => itself.time_zone = Some(text),
                "schema" => {
                    let is_name = |text: &str| {
                        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                    };
                    if is_name(&text) {
                        itself.schema = Some(text);
                    } else {
                        let label = "letters, digits and _ alone";
                        self.mistakes.push(Mistake::new("this cannot be the name of a schema", value.span(), label));
                    }
                }
                "marker" => itself.marker = Some(self.statement(&text, value.span(), &[])),
                _ if text == "exact" => itself.ids_are_exact = true,
                _ => self.expected("\"exact\"", value),
            }
        }
        for (there, key) in [(itself.name.is_some(), "name"), (itself.kind.is_some(), "database")] {
            if !there && !table.iter().any(|(word, _)| word.get_ref() == key) {
                let message = format!("[register] has no `{key}`");
                self.mistakes.push(Mistake::new(message, span.clone(), format!("write {key} = \"…\" below")));
            }
        }
        if let Some((text, span)) = url {
            itself.address = self.address(&text, span);
        } else {
            let label = "write url = \"$LAPSE_DATABASE_URL\", or url = \"sqlite:FILE\", below";
            self.mistakes.push(Mistake::new("[register] has no `url`", span, label));
        }
        itself
    }

    /// The database that `url` names, by itself or by a variable of the environment.
    fn address(&mut self, text: &str, span: Range<usize>) -> Option<Address> {
        let (url, is_variable) = match text.strip_prefix('$') {
            Some(name) => {
                let name = name.trim_start_matches('{').trim_end_matches('}');
                let Some(url) = (self.environment)(name) else {
                    let help = format!("set it to the address of the database: export {name}=postgres://…");
                    let mistake =
                        Mistake::new(format!("the variable {name} is not set"), span, "taken from the environment");
                    self.mistakes.push(mistake.help(help));
                    return None;
                };
                (url, true)
            }
            None => (text.to_owned(), false),
        };
        let address = match Address::parse(&url) {
            // As every path in a register, that of a file is beside it.
            Some(Address::Sqlite(file)) if !is_variable => {
                Some(Address::Sqlite(self.path.parent().unwrap_or(Path::new("")).join(file)))
            }
            address => address,
        };
        if address.is_none() {
            let label = "expected sqlite:FILE, postgres://… or mysql://…";
            self.mistakes.push(Mistake::new("this is no address of a database", span, label));
        } else if !is_variable && address.as_ref().is_some_and(Address::has_password) {
            let help = "write url = \"$LAPSE_DATABASE_URL\", and set that variable where lapse runs";
            let mistake = Mistake::new("a password must not stand in this file", span, "the password is in here");
            self.mistakes.push(mistake.help(help));
        }
        address
    }

    fn reads(&mut self, table: &DeTable<'_>, span: Range<usize>) -> (Reads, Option<Statement>) {
        let (mut reads, mut lock) = (Reads::default(), None);
        for (key, value) in entries(table) {
            let word = key.get_ref().as_ref();
            if word == "lock" {
                match text_of(value) {
                    Some(text) => lock = Some(self.statement(&text, value.span(), &["ids"])),
                    None => self.expected("a statement in quotes", value),
                }
                continue;
            }
            let Some(of) = Table::ALL.into_iter().find(|of| of.name() == word) else {
                let known = Table::ALL.into_iter().map(Table::name).chain(["lock"]);
                self.unknown(word, key.span(), "[read]", known);
                continue;
            };
            reads[of as usize] = self.table_sql(value);
        }
        for of in [Table::Patrons, Table::Memberships] {
            if !table.iter().any(|(key, _)| key.get_ref() == of.name()) {
                let message = format!("[read] does not say where {} is", of.name());
                let label = format!("write {} = {{ from = \"…\", only = \"…\" }} below", of.name());
                self.mistakes.push(Mistake::new(message, span.clone(), label));
            }
        }
        (reads, lock)
    }

    fn table_sql(&mut self, value: Entry<'_, '_>) -> Option<TableSql> {
        let DeValue::Table(said) = value.get_ref() else {
            self.expected("a table: { from = \"VIEW\", only = \"… $ids …\" }", value);
            return None;
        };
        let (mut from, mut only) = (None, None);
        for (key, value) in entries(said) {
            let Some(text) = text_of(value) else {
                self.expected("a text in quotes", value);
                continue;
            };
            match key.get_ref().as_ref() {
                "from" => from = Some(text),
                "only" => {
                    if !self.statement(&text, value.span(), &["ids"]).names().any(|name| name == "ids") {
                        let label = "expected a condition with $ids in it";
                        self.mistakes.push(Mistake::new("this does not name the patrons", value.span(), label));
                    }
                    only = Some(text);
                }
                word => self.unknown(word, key.span(), "where a table is", ["from", "only"].into_iter()),
            }
        }
        for (there, key, label) in [
            (from.is_some(), "from", "a view, a table, or a query with {only} in it"),
            (only.is_some(), "only", "the condition for the rows of the patrons $ids"),
        ] {
            if !there {
                self.mistakes.push(Mistake::new(format!("there is no `{key}`"), value.span(), label));
            }
        }
        Some(TableSql { from: from?, only })
    }

    fn limits(&mut self, table: &DeTable<'_>, limits: &mut [u32; 2]) {
        for (key, value) in entries(table) {
            let word = key.get_ref().as_ref();
            let Some(place) = OF_LIMITS.iter().position(|known| *known == word) else {
                self.unknown(word, key.span(), "[limits]", OF_LIMITS.into_iter());
                continue;
            };
            match number(value) {
                Some(days) => limits[place] = days,
                None => self.expected("a number of days", value),
            }
        }
    }

    fn actions(&mut self, table: &DeTable<'_>) -> BTreeMap<ActionKind, Action> {
        let mut actions = BTreeMap::new();
        for (key, value) in entries(table) {
            let word = key.get_ref().as_ref();
            let Some(kind) = ActionKind::named(word) else {
                self.unknown(word, key.span(), "[action]", ActionKind::ALL.into_iter().map(ActionKind::as_str));
                continue;
            };
            let DeValue::Table(said) = value.get_ref() else {
                self.expected(&format!("a table: [action.{word}]"), value);
                continue;
            };
            if let Some(action) = self.action(kind, said, &key.span()) {
                actions.insert(kind, action);
            }
        }
        actions
    }

    fn action(&mut self, of: ActionKind, table: &DeTable<'_>, span: &Range<usize>) -> Option<Action> {
        let get = |word: &str| table.iter().find(|(key, _)| key.get_ref() == word).map(|(_, value)| value);
        for (key, _) in entries(table) {
            let word = key.get_ref().as_ref();
            if !OF_ACTION.contains(&word) {
                self.unknown(word, key.span(), &format!("[action.{}]", of.as_str()), OF_ACTION.into_iter());
            }
        }
        let before = get("before").and_then(|value| self.one_statement(value, &VALUES));
        // What `before` gives is named by its columns, which nobody knows before it was asked.
        let names: Vec<&str> = VALUES.into_iter().chain(before.is_some().then_some("before_")).collect();
        let done_when = get("done_when").and_then(|value| self.one_statement(value, &VALUES));
        let rows = match get("rows") {
            None => RowsChanged::AtLeastOne,
            Some(value) => match (number(value), text_of(value).as_deref()) {
                (Some(number), _) => RowsChanged::Exactly(number.into()),
                (None, Some("any")) => RowsChanged::Any,
                _ => {
                    self.expected("how many rows its first statement changes, or \"any\"", value);
                    RowsChanged::AtLeastOne
                }
            },
        };
        let ways = [get("sql"), get("hand_over"), get("command")];
        if ways.iter().flatten().count() != 1 {
            let label = "expected one of `sql`, `hand_over` and `command`";
            self.mistakes.push(Mistake::new(format!("{} must be done in one way", of.as_str()), span.clone(), label));
        }
        let does = match ways {
            [Some(value), ..] => Does::Sql { before, statements: self.statements(value, &names), rows },
            [None, Some(value), _] => self.hand_over(value, done_when)?,
            [None, None, Some(value)] => {
                let program = texts(value).filter(|words| !words.is_empty());
                let Some(program) = program else {
                    self.expected("a program and its arguments: [\"/usr/local/bin/delete\", \"--all\"]", value);
                    return None;
                };
                Does::Command { program: program.into_iter().map(|(word, _)| word).collect(), done_when }
            }
            [None, None, None] => return None,
        };
        if of == ActionKind::Purge && (get("sql").is_none() || get("before").is_some()) {
            let label = "what is purged is purged by `sql`, without `before`";
            self.mistakes.push(Mistake::new("this cannot be how something is purged", span.clone(), label));
        }
        let undo = match get("undo") {
            None if of == ActionKind::Purge => Undo::None,
            None => {
                let label = "write undo = \"…\" below, or undo = \"none\" where nothing undoes it";
                let message = format!("[action.{}] has no `undo`", of.as_str());
                self.mistakes.push(Mistake::new(message, span.clone(), label));
                Undo::None
            }
            Some(value) if text_of(value).as_deref() == Some("none") => Undo::None,
            Some(value) => Undo::Sql(self.statements(value, &names)),
        };
        Some(Action { does, undo })
    }

    fn hand_over(&mut self, value: Entry<'_, '_>, done_when: Option<Statement>) -> Option<Does> {
        let DeValue::Table(said) = value.get_ref() else {
            self.expected("a table: { file = \"delete-{run}.txt\", line = \"$patron_id\" }", value);
            return None;
        };
        let (mut file, mut line) = (None, None);
        for (key, value) in entries(said) {
            let Some(text) = text_of(value) else {
                self.expected("a text in quotes", value);
                continue;
            };
            match key.get_ref().as_ref() {
                "file" => {
                    if !text.contains("{run}") {
                        let label = "write {run} in it, which is the number of the run";
                        self.mistakes.push(Mistake::new("the lists of all runs would be one", value.span(), label));
                    }
                    file = Some(self.path.parent().unwrap_or(Path::new("")).join(text));
                }
                "line" => line = Some(self.statement(&text, value.span(), &VALUES)),
                word => self.unknown(word, key.span(), "hand_over", ["file", "line"].into_iter()),
            }
        }
        if file.is_none() || line.is_none() {
            self.expected("both `file` and `line`", value);
        }
        Some(Does::HandOver { file: file?, line: line?, done_when })
    }

    fn one_statement(&mut self, value: Entry<'_, '_>, names: &[&str]) -> Option<Statement> {
        let Some(text) = text_of(value) else {
            self.expected("a statement in quotes", value);
            return None;
        };
        Some(self.statement(&text, value.span(), names))
    }

    /// One statement, or a list of them.
    fn statements(&mut self, value: Entry<'_, '_>, names: &[&str]) -> Vec<Statement> {
        if let Some(text) = text_of(value) {
            return vec![self.statement(&text, value.span(), names)];
        }
        let Some(all) = texts(value).filter(|all| !all.is_empty()) else {
            self.expected("a statement in quotes, or a list of them", value);
            return Vec::new();
        };
        all.into_iter().map(|(text, span)| self.statement(&text, span, names)).collect()
    }

    /// A statement, whose values are among `names`; one that ends in `_` is the start of others.
    fn statement(&mut self, text: &str, span: Range<usize>, names: &[&str]) -> Statement {
        let statement = Statement::parse(text);
        let is_known =
            |name: &str| names.iter().any(|known| *known == name || known.ends_with('_') && name.starts_with(known));
        if let Some(name) = statement.names().find(|name| !is_known(name)) {
            let shown = |name: &&str| if name.ends_with('_') { format!("${name}COLUMN") } else { format!("${name}") };
            let known: Vec<String> = names.iter().map(shown).collect();
            let help = if known.is_empty() {
                "it takes none".to_owned()
            } else {
                format!("the values are {}", known.join(", "))
            };
            let message = format!("there is no value `${name}` here");
            self.mistakes.push(Mistake::new(message, span, "not known here").help(help));
        }
        statement
    }

    fn unknown<'a>(
        &mut self,
        word: &str,
        span: Range<usize>,
        place: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let mistake = Mistake::new(format!("{place} has no key `{word}`"), span, "not known here");
        self.mistakes.push(mistake.nearest(word, known));
    }

    fn expected(&mut self, what: &str, value: Entry<'_, '_>) {
        let message = format!("{} cannot stand here", kind(value.get_ref()));
        self.mistakes.push(Mistake::new(message, value.span(), format!("expected {what}")));
    }
}

fn number(value: Entry<'_, '_>) -> Option<u32> {
    match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => None,
    }
}
