//! From the text of a case file to its cases. Every key is compared with the columns of the tables, with those of facts, and
//! with those that plugins ask for; one that does not belong becomes a mistake with its place. Reading goes on after a mistake, so that all
//! of them can be shown at once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use lapse_policy::{Day, Mistake};
use lapse_tables::Table;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};
use toml::value::Datetime;

use super::case::Case;
use super::expect::{About, Column, Expectation, NONE, Wanted};
use super::facts::{Cell, Facts, Row, Written};
use super::further::FurtherColumns;
use super::keys::{FILE_KEYS, case_keys, columns};

/// The cases of a file and what cannot be used.
pub(super) fn read(text: &str, further: &FurtherColumns) -> (Vec<Case>, Vec<Mistake>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { further, mistakes: Vec::new() };
    for error in &errors {
        let span = within(text, error.span().unwrap_or_default());
        reader.mistakes.push(Mistake::new("this is not valid TOML", span, error.message()));
    }
    if !errors.is_empty() {
        // After one error the parser often misreads what follows, so only the first is shown.
        reader.mistakes.truncate(1);
        return (Vec::new(), reader.mistakes);
    }
    let cases = reader.file(root.get_ref());
    reader.mistakes.sort_by_key(|mistake| mistake.span.start);
    (cases, reader.mistakes)
}

/// At least one character of the text, where there is one.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    if span.start < span.end {
        return span;
    }
    let next = text[span.start..].chars().next().filter(|c| *c != '\n' && *c != '\r');
    span.start..span.start + next.map_or(0, char::len_utf8)
}

/// The name with a shorter life, so that it can stand among names that do not live as long.
fn shorter<'n>(name: &'static str) -> &'n str {
    name
}

/// A date without a time.
fn day(moment: &Datetime) -> Option<Day> {
    let date = moment.date.filter(|_| moment.time.is_none())?;
    Day::new(date.year.into(), date.month.into(), date.day.into())
}

type Entry<'t, 'i> = (&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>);

/// The entries of a table in the order of the file.
fn entries<'t, 'i>(table: &'t DeTable<'i>) -> Vec<Entry<'t, 'i>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The library and the day that hold for a case that does not name its own.
#[derive(Clone, Default)]
struct Defaults {
    library: Option<Cell>,
    date: Option<Day>,
}

impl Defaults {
    fn library(&self) -> Option<&str> {
        self.library.as_ref().map(|cell| &*cell.text)
    }
}

struct Reader<'a> {
    /// The columns beyond the contract.
    further: &'a FurtherColumns,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    fn file(&mut self, root: &DeTable<'_>) -> Vec<Case> {
        let defaults = self.defaults(root, Defaults::default());
        let mut cases = Vec::new();
        let mut names = HashSet::new();
        for (key, value) in entries(root) {
            let name: &str = key.get_ref();
            match (name, value.get_ref()) {
                ("library" | "date", _) => {}
                ("case", DeValue::Array(array)) => {
                    for element in array {
                        let Some(table) = element.get_ref().as_table() else {
                            self.wrong(element.span(), "a case", "a table: write each case below [[case]]");
                            continue;
                        };
                        let Some(case) = self.case(element.span(), table, &defaults) else { continue };
                        if !names.insert(case.name.clone()) {
                            let message = "another case of this file has the same name";
                            self.mistakes.push(Mistake::new(message, case.span.clone(), "the second time"));
                        }
                        cases.push(case);
                    }
                }
                ("case", _) => self.wrong(value.span(), "`case`", "a list: write the header as [[case]]"),
                _ => self.unknown(key, "a case file", FILE_KEYS.iter().copied()),
            }
        }
        cases
    }

    fn defaults(&mut self, table: &DeTable<'_>, above: Defaults) -> Defaults {
        let library = table.get("library").and_then(|value| self.cell("library", value));
        let date = table.get("date").and_then(|value| self.run_date(value));
        Defaults { library: library.or(above.library), date: date.or(above.date) }
    }

    fn case(&mut self, header: Range<usize>, table: &DeTable<'_>, above: &Defaults) -> Option<Case> {
        let before = self.mistakes.len();
        let defaults = self.defaults(table, above.clone());
        let mut facts = Facts::default();
        let mut patron = Row::default();
        let mut name = None;
        for (key, value) in entries(table) {
            let key_name: &str = key.get_ref();
            match key_name {
                "date" | "library" | "expect" => {}
                "name" => name = self.cell("name", value),
                "bad_input" => match value.get_ref() {
                    DeValue::Boolean(truth) => facts.bad_input = *truth,
                    _ => self.wrong(value.span(), "`bad_input`", Written::Boolean.expected()),
                },
                "memberships" => self.rows(Table::Memberships, value, &defaults, &mut facts),
                "activity" => self.rows(Table::Activity, value, &defaults, &mut facts),
                "accounts" => self.rows(Table::Accounts, value, &defaults, &mut facts),
                _ => {
                    if let Some((column, written)) = self.column(Table::Patrons, key_name) {
                        patron.cells.extend(self.written(column, written, value));
                    } else {
                        let names = case_keys().map(shorter).chain(self.further(Table::Patrons));
                        self.unknown(key, "a case", names);
                    }
                }
            }
        }
        if !patron.cells.is_empty() {
            facts.add(Table::Patrons, patron);
        }
        let mut expectations = Vec::new();
        if let Some(value) = table.get("expect") {
            expectations = self.expect(value, &facts, &defaults);
        } else {
            self.lacks(header.clone(), "`expect`", "add a line such as expect = { record = \"kept\" }");
        }
        if !table.contains_key("name") {
            self.lacks(header.clone(), "`name`", "add a line such as name = \"a youth stays\"");
        }
        if defaults.date.is_none() && !table.contains_key("date") {
            self.lacks(header, "`date`", "add a line such as date = 2022-07-01 here or at the top of the file");
        }
        if self.mistakes.len() > before {
            return None;
        }
        let name = name?;
        Some(Case { span: name.span, name: name.text, date: defaults.date?, facts, expectations })
    }

    fn rows(&mut self, table: Table, value: &Spanned<DeValue<'_>>, defaults: &Defaults, facts: &mut Facts) {
        let Some(array) = self.array(value, table.name(), "a list of rows such as [{ ... }]") else { return };
        for element in array {
            let Some(content) = element.get_ref().as_table() else {
                self.wrong(element.span(), &format!("a row of `{}`", table.name()), "a row such as { ... }");
                continue;
            };
            let mut row = Row { cells: Vec::new(), span: element.span() };
            // An activity row may be without a library on purpose: it then counts at every library.
            if table != Table::Activity && !content.contains_key("library") {
                row.cells.extend(defaults.library.clone());
            }
            for (key, value) in entries(content) {
                if let Some((column, written)) = self.column(table, key.get_ref()) {
                    row.cells.extend(self.written(column, written, value));
                } else {
                    let names = columns(table).map(shorter).chain(self.further(table));
                    self.unknown(key, &format!("a row of `{}`", table.name()), names);
                }
            }
            for column in table.columns()[1..].iter().filter(|column| column.required) {
                if row.get(column.name).is_none() && !content.contains_key(column.name) {
                    let help = format!("add `{}` to the row", column.name);
                    self.lacks(element.span(), &format!("`{}`", column.name), &help);
                }
            }
            facts.add(table, row);
        }
    }

    /// The names of the columns of a table beyond the contract.
    fn further(&self, table: Table) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.further.of_table(table).map(|column| &*column.name)
    }

    /// The column of a table that has this name, and how case files write its values.
    fn column(&self, table: Table, name: &str) -> Option<(Cow<'static, str>, Written)> {
        match columns(table).find(|column| *column == name) {
            Some(column) => Some((column.into(), Written::of(column))),
            None => self.further.get(table, name).map(|column| (name.to_owned().into(), column.written)),
        }
    }

    /// A value of a column of the tables.
    fn cell(&mut self, column: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Cell> {
        self.written(column.into(), Written::of(column), value)
    }

    /// A value as the table has it.
    fn written(&mut self, column: Cow<'static, str>, written: Written, value: &Spanned<DeValue<'_>>) -> Option<Cell> {
        let text = match (written, value.get_ref()) {
            (Written::Day | Written::AsInTable, DeValue::Datetime(moment)) => day(moment).map(|day| day.to_string()),
            (Written::Text | Written::Amount | Written::Words | Written::AsInTable, DeValue::String(text)) => {
                Some(text.to_string())
            }
            (Written::Boolean | Written::AsInTable, DeValue::Boolean(truth)) => Some(truth.to_string()),
            (Written::Amount | Written::Count | Written::AsInTable, DeValue::Integer(number))
                if number.radix() == 10 =>
            {
                Some(number.as_str().trim_start_matches('+').replace('_', ""))
            }
            (Written::Amount, DeValue::Float(number)) => Some(number.as_str().replace('_', "")),
            (Written::Words, DeValue::Array(array)) => {
                let words: Option<Vec<&str>> = array.iter().map(|word| word.get_ref().as_str()).collect();
                words.map(|words| words.join("|"))
            }
            _ => None,
        };
        if text.is_none() {
            self.wrong(value.span(), &format!("`{column}`"), written.expected());
        }
        Some(Cell { column, text: text?, written, span: value.span() })
    }

    fn day(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Day> {
        let day = match value.get_ref() {
            DeValue::Datetime(moment) => day(moment),
            _ => None,
        };
        if day.is_none() {
            self.wrong(value.span(), &format!("`{key}`"), Written::Day.expected());
        }
        day
    }

    /// The day of a run, which none before 1900 is.
    fn run_date(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Day> {
        let day = self.day("date", value)?;
        if let Err(early) = day.since_1900() {
            let message = "`date` is a date before 1900";
            self.mistakes.push(Mistake::new(message, value.span(), "no run is of this day").help(early.slip()));
        }
        Some(day)
    }

    fn expect(&mut self, value: &Spanned<DeValue<'_>>, facts: &Facts, defaults: &Defaults) -> Vec<Expectation> {
        let Some(content) = value.get_ref().as_table() else {
            self.wrong(value.span(), "`expect`", "a table such as { record = \"kept\" }");
            return Vec::new();
        };
        if content.is_empty() {
            self.lacks(value.span(), "anything that is expected", "write at least one, such as record = \"kept\"");
        }
        let mut expectations = Vec::new();
        for (key, value) in entries(content) {
            let Some(column) = Column::from_key(key.get_ref()) else {
                self.unknown(key, "`expect`", Column::ALL.into_iter().map(Column::as_str));
                continue;
            };
            match (column.about(), value.get_ref()) {
                (About::Memberships | About::Record, DeValue::Table(by_library)) => {
                    for (library, value) in entries(by_library) {
                        let libraries = facts.libraries();
                        if libraries.contains(&library.get_ref().as_ref()) {
                            let there = library.get_ref().to_string();
                            expectations.extend(self.expectation(column, Some(there), value, facts));
                        } else {
                            self.unknown(library, "the libraries of this case", libraries.into_iter());
                        }
                    }
                }
                (About::Memberships | About::Record, _) => {
                    if let Some(library) = self.only_library(value.span(), facts, defaults) {
                        expectations.extend(self.expectation(column, Some(library), value, facts));
                    }
                }
                (About::Profile, _) => expectations.extend(self.expectation(column, None, value, facts)),
            }
        }
        expectations
    }

    /// The library that a value without one is about: that of the case, or else the only one that there is.
    fn only_library(&mut self, span: Range<usize>, facts: &Facts, defaults: &Defaults) -> Option<String> {
        let libraries = facts.libraries();
        let here = libraries.iter().find(|library| Some(**library) == defaults.library());
        match (here, &*libraries) {
            (Some(library), _) | (None, [library]) => Some((*library).to_owned()),
            (None, []) => {
                let message = "the patron has no membership and no account";
                self.mistakes.push(Mistake::new(message, span, "there is nothing to expect this of"));
                None
            }
            (None, several) => {
                let help = format!("write {{ {} = ... }}", several.join(" = ..., "));
                self.mistakes.push(
                    Mistake::new("this could be about several libraries", span, "expected one for each").help(help),
                );
                None
            }
        }
    }

    fn expectation(
        &mut self,
        column: Column,
        library: Option<String>,
        value: &Spanned<DeValue<'_>>,
        facts: &Facts,
    ) -> Option<Expectation> {
        let wanted: Option<Vec<Wanted>> = match value.get_ref() {
            DeValue::Array(array) => array.iter().map(|one| self.wanted(column, one)).collect(),
            _ => Some(vec![self.wanted(column, value)?]),
        };
        let wanted = wanted?;
        let there = match column.about() {
            About::Memberships => facts
                .rows(Table::Memberships)
                .iter()
                .filter(|row| row.get("library").map(|cell| &*cell.text) == library.as_deref())
                .count(),
            About::Record | About::Profile => 1,
        };
        if wanted.len() != there && !column.is_a_list() {
            let memberships = lapse_policy::count(there as u64, "membership", "memberships");
            let message = match column.about() {
                About::Memberships => format!("`{}` is about {memberships}", column.as_str()),
                About::Record | About::Profile => format!("`{}` has one value", column.as_str()),
            };
            let label = format!("expected {there}, found {}", wanted.len());
            self.mistakes
                .push(Mistake::new(message, value.span(), label).help("write a list in the memberships' order"));
            return None;
        }
        Some(Expectation { column, library, wanted, span: value.span() })
    }

    fn wanted(&mut self, column: Column, value: &Spanned<DeValue<'_>>) -> Option<Wanted> {
        let span = value.span();
        let text = match value.get_ref() {
            DeValue::String(text) if column.is_a_day() && text == NONE => NONE.to_owned(),
            _ if column.is_a_day() => self.day(column.as_str(), value)?.to_string(),
            DeValue::String(text) => {
                let words = column.words();
                // The policy knows its own keeps and ends, such as `keep/open-holds`; a plugin's reasons are
                // `plugin-name/reason`, and the plugin knows them.
                if !words.contains(&text.as_ref()) && !text.contains('/') {
                    let message = format!("`{}` is never `{text}`", column.as_str());
                    let mistake = Mistake::new(message, span, "no such word");
                    self.mistakes.push(mistake.nearest(text, words.into_iter()));
                    return None;
                }
                text.to_string()
            }
            _ => {
                self.wrong(span, &format!("`{}`", column.as_str()), "a word in quotes");
                return None;
            }
        };
        Some(Wanted { text, span })
    }

    fn array<'v, 'i>(
        &mut self,
        value: &'v Spanned<DeValue<'i>>,
        name: &str,
        expected: &str,
    ) -> Option<&'v DeArray<'i>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong(value.span(), &format!("`{name}`"), expected);
        }
        array
    }

    fn wrong(&mut self, span: Range<usize>, what: &str, expected: &str) {
        let message = format!("{what} has a value of the wrong kind");
        self.mistakes.push(Mistake::new(message, span, format!("expected {expected}")));
    }

    fn lacks(&mut self, span: Range<usize>, what: &str, help: &str) {
        self.mistakes.push(Mistake::new(format!("{what} is missing"), span, "expected here").help(help));
    }

    fn unknown<'n>(&mut self, key: &Spanned<DeString<'_>>, place: &str, names: impl Iterator<Item = &'n str> + Clone) {
        let name: &str = key.get_ref();
        let mistake = Mistake::new(format!("unknown key `{name}` in {place}"), key.span(), "not known here");
        self.mistakes.push(mistake.nearest(name, names));
    }
}

#[cfg(test)]
mod tests;
