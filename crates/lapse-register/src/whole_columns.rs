//! Columns that are written in another form as a whole: a thousand rejected rows with one cause are told once, with the key
//! that mends them.

use std::collections::BTreeMap;
use std::path::Path;

use lapse_policy::thousands;
use lapse_tables::source::Field;
use lapse_tables::{Reject, Source, Table, TableError};

use crate::form::{DateForm, amount_with_comma};
use crate::rows::each_row;

/// A column whose values are written in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeColumn {
    /// Whose.
    pub table: Table,
    /// Which.
    pub column: &'static str,
    /// How many values it has.
    pub values: u64,
    /// How many of them have this form.
    pub alike: u64,
    /// The form.
    pub form: OtherForm,
}

/// A form in which a table does not have its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherForm {
    /// Days in another form; in two, where no day exceeds 12.
    Dates(DateForm, Option<DateForm>),
    /// Amounts with a comma before their fraction.
    DecimalComma,
    /// These texts instead of true and false, or of the words of a status.
    Words(Vec<String>),
}

/// This many rejected rows of a column are looked at to see whether the column must be.
const LOOKED_AT: usize = 100;
/// A column whose values have more distinct texts does not hold words.
const MOST_WORDS: usize = 6;

impl WholeColumn {
    /// What people are told: what the values look like, and the key of the register that mends it. Without a register they are
    /// told to write one.
    pub fn sentence(&self, register: Option<&Path>) -> String {
        let WholeColumn { table, column, values, alike, form } = self;
        let (looks, key) = match form {
            OtherForm::Dates(form, None) => (form.name().to_owned(), format!("dates = \"{}\"", form.name())),
            OtherForm::Dates(form, Some(twin)) => (format!("{} or {}", form.name(), twin.name()), "dates".to_owned()),
            OtherForm::DecimalComma => ("12,50".to_owned(), "decimals = \",\"".to_owned()),
            OtherForm::Words(words) => {
                let key = if *column == "status" { "values.status" } else { "booleans" };
                (words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "), key.to_owned())
            }
        };
        let mended = match register {
            Some(register) => format!("set `{key}` in {}", register.display()),
            None => format!("write a register of files (`lapse register new`), which sets `{key}`"),
        };
        let name = table.name();
        format!("{name}.{column}: {} of {} values look like {looks}; {mended}", thousands(*alike), thousands(*values))
    }
}

/// The columns of a source that are written in another form as a whole, where some rows were rejected. Tables whose rejected
/// rows do not look so are not read again.
pub fn whole_columns(source: &dyn Source, rejects: &[Reject]) -> Result<Vec<WholeColumn>, TableError> {
    let mut found = Vec::new();
    for table in Table::ALL {
        let suspicious = table.columns().iter().any(|column| {
            let mut looks = Looks::default();
            let of_column = rejects.iter().filter(|reject| reject.table == table && reject.column == column.name);
            of_column.take(LOOKED_AT).for_each(|reject| looks.see(&reject.value));
            looks.form(column.name, column.of_days).is_some()
        });
        if !suspicious {
            continue;
        }
        let Some(opened) = source.table(table, &[])? else { continue };
        let mut looks: Vec<Looks> = table.columns().iter().map(|_| Looks::default()).collect();
        each_row(table, &*opened, |_, fields| {
            for (looks, field) in looks.iter_mut().zip(fields) {
                match field {
                    Field::Text(text) => looks.see(text),
                    Field::Day(_) => looks.values += 1,
                }
            }
            true
        })?;
        found.extend(table.columns().iter().zip(&looks).filter_map(|(column, looks)| {
            let (form, alike) = looks.form(column.name, column.of_days)?;
            Some(WholeColumn { table, column: column.name, values: looks.values, alike, form })
        }));
    }
    Ok(found)
}

/// What the values of a column look like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks {
    /// How many there are.
    pub values: u64,
    /// How many are days in each of the forms.
    pub dates: [u64; DateForm::ALL.len()],
    /// How many are amounts with a comma.
    pub commas: u64,
    /// Distinct values and how often each comes, up to one more than are told.
    pub words: BTreeMap<String, u64>,
}

impl Looks {
    pub fn see(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.values += 1;
        if text.as_bytes()[0].is_ascii_digit() {
            for (count, form) in self.dates.iter_mut().zip(DateForm::ALL) {
                *count += u64::from(form.read(text).is_some());
            }
        }
        self.commas += u64::from(amount_with_comma(text).is_some());
        if let Some(count) = self.words.get_mut(text) {
            *count += 1;
        } else if self.words.len() <= MOST_WORDS && text.len() < 40 {
            self.words.insert(text.to_owned(), 1);
        }
    }

    /// The forms that the most of the values have as days, and how many: the second is its twin where both fit.
    pub fn date_form(&self) -> Option<(DateForm, Option<DateForm>, u64)> {
        let most = *self.dates.iter().max()?;
        let at = self.dates.iter().position(|&count| count == most && count > 0)?;
        let form = DateForm::ALL[at];
        let twin = form
            .twin()
            .filter(|twin| DateForm::ALL.iter().zip(self.dates).any(|(of, count)| of == twin && count == most));
        Some((form, twin, most))
    }

    /// Whether nearly all of the values, of which there are some, are so.
    fn nearly_all(&self, count: u64) -> bool {
        self.values > 1 && count * 10 >= self.values * 9
    }

    /// The other form that nearly all values have, and how many have it.
    fn form(&self, column: &str, of_days: bool) -> Option<(OtherForm, u64)> {
        match column {
            _ if of_days => {
                let (form, twin, alike) = self.date_form()?;
                let told = form != DateForm::ISO && self.nearly_all(alike);
                told.then_some((OtherForm::Dates(form, twin), alike))
            }
            "owed" | "credit" => {
                // Amounts without a fraction have neither sign.
                let told = self.commas > 1 && self.nearly_all(self.commas);
                told.then_some((OtherForm::DecimalComma, self.commas))
            }
            "loan_history" | "status" => {
                let right = ["true", "false", "active", "deregistered", "cancelled"];
                let told = self.values > 1
                    && self.words.len() <= if column == "status" { MOST_WORDS } else { 2 }
                    && self.words.keys().all(|word| !right.contains(&word.as_str()));
                told.then(|| (OtherForm::Words(self.words.keys().cloned().collect()), self.values))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(column: &str, of_days: bool, values: &[&str]) -> Option<OtherForm> {
        let mut looks = Looks::default();
        for value in values {
            looks.see(value);
        }
        looks.form(column, of_days).map(|(form, _)| form)
    }

    fn dates(values: &[&str]) -> Option<String> {
        match form("settled_on", true, values)? {
            OtherForm::Dates(form, None) => Some(form.name().to_owned()),
            OtherForm::Dates(form, Some(twin)) => Some(format!("{} or {}", form.name(), twin.name())),
            _ => None,
        }
    }

    #[test]
    fn a_column_tells_its_form_by_all_of_its_values() {
        assert_eq!(dates(&["13/02/2022", "01/02/2022"]).as_deref(), Some("DD/MM/YYYY"));
        assert_eq!(dates(&["02/13/2022", "01/02/2022"]).as_deref(), Some("MM/DD/YYYY"));
        assert_eq!(dates(&["11/02/2022", "01/02/2022"]).as_deref(), Some("DD/MM/YYYY or MM/DD/YYYY"));
        assert_eq!(dates(&["1/2/2022", "13/02/2022"]).as_deref(), Some("D/M/YYYY"));
        assert_eq!(dates(&["20220201 00:00", "20220213"]).as_deref(), Some("YYYYMMDD"));
        assert_eq!(dates(&["2022-02-01", "2022-02-13"]), None);
        assert_eq!(dates(&["13/02/2022", "soon", "2022-01-01"]), None);
        assert_eq!(dates(&["13/02/2022"]), None, "a single value is no column");
    }

    #[test]
    fn amounts_and_words_are_told_too() {
        assert_eq!(form("owed", false, &["12,50", "0,00"]), Some(OtherForm::DecimalComma));
        assert_eq!(form("owed", false, &["12.50", "0,00"]), None);
        let words = OtherForm::Words(vec!["J".to_owned(), "N".to_owned()]);
        assert_eq!(form("loan_history", false, &["J", "N", "", "J"]), Some(words));
        assert_eq!(form("loan_history", false, &["J", "false"]), None);
    }

    #[test]
    fn the_sentence_names_the_key_that_mends_it() {
        let form = OtherForm::Dates(DateForm::named("DD/MM/YYYY").unwrap(), None);
        let whole = WholeColumn { table: Table::Accounts, column: "settled_on", values: 4812, alike: 4812, form };
        assert_eq!(
            whole.sentence(Some(Path::new("r.toml"))),
            "accounts.settled_on: 4,812 of 4,812 values look like DD/MM/YYYY; set `dates = \"DD/MM/YYYY\"` in r.toml"
        );
        assert!(whole.sentence(None).contains("write a register of files (`lapse register new`)"));
    }
}
