//! The rows of a list: what each says of one subscription of one library, now and from a date on.

use std::collections::HashMap;

use lapse_policy::schema::Kind;
use lapse_policy::{Day, Holder, Key, Renewal, Subscription};

use super::cells::{Cells, Content, RowOfCells};
use super::column::Column;
use super::columns::Columns;
use super::day::read_day;
use crate::{CellError, CellProblem, Expected};

/// When a value of a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Until the row's date.
    Now,
    /// From the row's date on.
    From,
}

/// A key of a subscription that a list has a column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Who holds it.
    Holder,
    /// Its category.
    Category,
    /// Its fee, in euro.
    Fee,
    /// How it is renewed.
    Renewal,
    /// Its lapse term, in months.
    LapseMonths,
}

impl Field {
    /// The key in policy files.
    pub const fn key(self) -> Key {
        match self {
            Field::Holder => Key::Holder,
            Field::Category => Key::Category,
            Field::Fee => Key::Fee,
            Field::Renewal => Key::Renewal,
            Field::LapseMonths => Key::LapseMonths,
        }
    }

    /// Its value in a subscription, as a policy file writes it.
    pub fn of(self, subscription: &Subscription) -> String {
        match self {
            Field::Holder => quoted(subscription.holder.value.as_str()),
            Field::Category => quoted(&subscription.category.value),
            Field::Fee => quoted(&subscription.fee.value.to_string()),
            Field::Renewal => quoted(subscription.renewal.value.as_str()),
            Field::LapseMonths => subscription.lapse_months.value.to_string(),
        }
    }

    /// The value of a cell as a policy file writes it, or what the cell should hold.
    fn read(self, content: &Content) -> Result<String, Expected> {
        let kind = self.key().spec().kind;
        let expected = if self == Field::Renewal { Expected::Renewal } else { Expected::Value(kind) };
        let word = match content {
            Content::Text(text) => text.to_lowercase(),
            Content::Number(number) => number.to_string(),
            Content::Empty | Content::Day(_) | Content::Unusable(_) => return Err(Expected::Value(kind)),
        };
        match self {
            Field::Holder => holder(&word).map(|holder| quoted(holder.as_str())),
            Field::Renewal => renewal(&word).map(|renewal| quoted(renewal.as_str())),
            Field::Fee => fee(&word).map(|fee| quoted(&fee)),
            Field::Category => Some(quoted(&content.shown())),
            Field::LapseMonths => months(&word, kind).map(|months| months.to_string()),
        }
        .ok_or(expected)
    }
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A value that a subscription is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The key.
    pub field: Field,
    /// When it is to have it.
    pub when: When,
    /// The value, as a policy file writes it.
    pub value: String,
    /// The cell that says so.
    pub address: String,
}

/// A row that makes sense by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The code or name of the library.
    pub library: String,
    /// The cell that names the library.
    pub library_address: String,
    /// The code or name of the subscription.
    pub subscription: String,
    /// The cell that names the subscription.
    pub subscription_address: String,
    /// The date from which something holds.
    pub from: Option<Day>,
    /// The reason for the change.
    pub reason: Option<String>,
    /// The values of the subscription.
    pub wants: Vec<Want>,
}

/// Every row below the headers that makes sense, and every cell that does not.
pub fn read_rows(cells: &Cells, columns: &Columns) -> (Vec<Row>, Vec<CellProblem>) {
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    let mut seen = HashMap::new();
    for row in cells.rows.iter().filter(|row| row.number > columns.header_row) {
        let mut reader = RowReader { row, columns, problems: Vec::new() };
        let read = reader.read();
        problems.append(&mut reader.problems);
        let Some(read) = read else { continue };
        let subject = (read.library.to_lowercase(), read.subscription.to_lowercase());
        if let Some(first) = seen.insert(subject, row.number) {
            let why = CellError::SecondRow { first: format!("row {first}") };
            problems.push(CellProblem { address: read.subscription_address.clone(), why });
        }
        rows.push(read);
    }
    (rows, problems)
}

struct RowReader<'a> {
    row: &'a RowOfCells,
    columns: &'a Columns,
    problems: Vec<CellProblem>,
}

impl RowReader<'_> {
    /// The row; `None` where it has problems.
    fn read(&mut self) -> Option<Row> {
        self.problems.extend(self.columns.stray(self.row));
        let (library, library_address) = self.name(Column::Library);
        let (subscription, subscription_address) = self.name(Column::Subscription);
        let mut wants = Vec::new();
        for (column, field, when) in [
            (Column::Holder, Field::Holder, When::Now),
            (Column::Category, Field::Category, When::Now),
            (Column::Fee, Field::Fee, When::Now),
            (Column::RenewalNow, Field::Renewal, When::Now),
            (Column::LapseNow, Field::LapseMonths, When::Now),
            (Column::RenewalFrom, Field::Renewal, When::From),
            (Column::LapseFrom, Field::LapseMonths, When::From),
        ] {
            let (content, address) = self.columns.cell(self.row, column);
            if content == Content::Empty {
                continue;
            }
            match field.read(&content) {
                Ok(value) => wants.push(Want { field, when, value, address }),
                Err(expected) => self.unexpected(address, &content, expected),
            }
        }
        let from = self.day(wants.iter().find(|want| want.when == When::From));
        let (reason, _) = self.columns.cell(self.row, Column::Reason);
        let reason = (reason != Content::Empty).then(|| reason.shown());
        self.problems.is_empty().then_some(Row {
            library,
            library_address,
            subscription,
            subscription_address,
            from,
            reason,
            wants,
        })
    }

    fn unexpected(&mut self, address: String, content: &Content, expected: Expected) {
        let why = CellError::Unexpected { shown: content.shown(), expected };
        self.problems.push(CellProblem { address, why });
    }

    /// The library or the subscription, which every row must name, with the address of its cell.
    fn name(&mut self, column: Column) -> (String, String) {
        let (content, address) = self.columns.cell(self.row, column);
        match &content {
            Content::Text(_) | Content::Number(_) => {}
            Content::Empty => {
                let why = CellError::Missing { column: column.as_str() };
                self.problems.push(CellProblem { address: address.clone(), why });
            }
            Content::Day(_) | Content::Unusable(_) => {
                self.unexpected(address.clone(), &content, Expected::CodeOrName { column: column.as_str() });
            }
        }
        (content.shown(), address)
    }

    /// The date of the row, which must be there where a value holds from it on.
    fn day(&mut self, needed_by: Option<&Want>) -> Option<Day> {
        let (content, address) = self.columns.cell(self.row, Column::From);
        let day = match &content {
            Content::Day(day) => Some(*day),
            Content::Text(text) => read_day(text),
            Content::Empty => {
                if let Some(want) = needed_by {
                    self.problems.push(CellProblem { address: want.address.clone(), why: CellError::NoDate });
                }
                return None;
            }
            Content::Number(_) | Content::Unusable(_) => None,
        };
        match day {
            Some(day) if day.since_1900().is_ok() => Some(day),
            Some(_) | None => {
                self.unexpected(address, &content, Expected::Date);
                None
            }
        }
    }
}

fn months(word: &str, kind: Kind) -> Option<u32> {
    let Kind::Whole { min, max, .. } = kind else { return None };
    word.parse().ok().filter(|months| (min..=max).contains(months))
}

fn holder(word: &str) -> Option<Holder> {
    Holder::from_word(word).or(match word {
        "persons" | "persoon" | "personen" => Some(Holder::Person),
        "institutions" | "instelling" | "instellingen" => Some(Holder::Institution),
        "administratief" | "administratieve pas" | "administratieve passen" => Some(Holder::Administrative),
        _ => None,
    })
}

fn renewal(word: &str) -> Option<Renewal> {
    Renewal::from_word(word).or(match word {
        "0" | "automatisch" => Some(Renewal::Automatic),
        "1" | "voorwaardelijk" => Some(Renewal::Conditional),
        "geen" => Some(Renewal::None),
        _ => None,
    })
}

/// An amount in euro with two decimals, from `5`, `5.5`, `5,00` or `€ 5,00`.
fn fee(word: &str) -> Option<String> {
    let bare = word.trim_start_matches('€').trim_end_matches('€').trim().replacen(',', ".", 1);
    let (euros, decimals) = bare.split_once('.').unwrap_or((&bare, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = !euros.is_empty() && euros.len() <= 9 && decimals.len() <= 2 && digits(euros) && digits(decimals);
    whole.then(|| format!("{euros}.{decimals:0<2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_written_with_two_decimals() {
        for (text, expected) in [("5", "5.00"), ("5.5", "5.50"), ("5,00", "5.00"), ("€ 5,00", "5.00"), ("0", "0.00")]
        {
            assert_eq!(fee(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "-1", "5.001", "1.000,00", "free", "1e3", "€"] {
            assert_eq!(fee(text), None, "{text}");
        }
    }

    #[test]
    fn holders_and_renewals_are_known_in_dutch_and_in_english() {
        assert_eq!(Field::Holder.read(&Content::Text("Instellingen".into())), Ok("\"institution\"".into()));
        assert_eq!(Field::Renewal.read(&Content::Number(1.0)), Ok("\"conditional\"".into()));
        assert_eq!(Field::Renewal.read(&Content::Text("0".into())), Ok("\"automatic\"".into()));
        assert!(Field::Renewal.read(&Content::Number(2.0)).is_err());
        assert!(Field::LapseMonths.read(&Content::Number(24.5)).is_err());
        assert!(Field::LapseMonths.read(&Content::Number(0.0)).is_err());
    }
}
