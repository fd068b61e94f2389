//! How the columns of a file become those of a table: which is which, and what becomes of each value. A value that does not
//! have the form that the register tells stays as it is, so that its row is rejected with what truly stands there.

use std::borrow::Cow;
use std::collections::HashMap;

use lapse_policy::{is_slip, nearest};
use lapse_tables::source::Field;

use crate::dialect::Dialect;
use crate::error::FileProblem;
use crate::form::{DateForm, amount_with_comma};
use crate::register::{FileKind, Part};

/// How the columns of a file fit a table.
#[derive(Debug)]
pub(crate) struct Fit {
    /// For each column of the file, the place among the fields of a record.
    pub columns: Vec<Option<usize>>,
    /// The columns of the table that the file has in this way, then what else it has that a fact may ask for. Nothing of that
    /// was meant as a column of the table.
    pub told: Vec<String>,
    /// Fields that have the value of an earlier one.
    copies: Vec<(usize, usize)>,
    steps: Vec<Step>,
    constants: Vec<(usize, String)>,
    /// Where one of these fields is empty there is no row.
    skip: Vec<usize>,
}

/// What becomes of the values of a field.
#[derive(Debug)]
struct Step {
    slot: usize,
    kind: Kind,
    empty: Vec<String>,
    values: HashMap<String, String>,
}

/// What a column of a table holds, as far as registers write it in other ways.
#[derive(Debug)]
enum Kind {
    Day(DateForm),
    Amount { comma: bool },
    Boolean([Vec<String>; 2]),
    Kinds,
    Text,
}

impl Kind {
    fn of(column: &str, of_days: bool, dialect: &Dialect) -> Kind {
        match column {
            _ if of_days => Kind::Day(dialect.dates),
            "owed" | "credit" => Kind::Amount { comma: dialect.decimal_comma },
            "loan_history" => Kind::Boolean(dialect.booleans.clone()),
            "blocks" => Kind::Kinds,
            _ => Kind::Text,
        }
    }
}

impl Fit {
    /// Finds the columns of a part of a table, and those that are `asked` for beyond them, among the `names` that a file has.
    /// Columns whose names are `ignored` are not meant by names that they nearly have.
    pub fn of(part: &Part, asked: &[String], names: &[String], ignored: &[String]) -> Result<Fit, FileProblem> {
        let contract = part.table.columns();
        let mut fit = Fit {
            columns: vec![None; names.len()],
            told: Vec::new(),
            copies: Vec::new(),
            steps: Vec::new(),
            constants: Vec::new(),
            skip: Vec::new(),
        };
        let of_table = contract.iter().map(|column| (column.name, column.required, column.of_days));
        let beyond = asked.iter().map(|name| (name.as_str(), false, false));
        for (slot, (column, required, of_days)) in of_table.chain(beyond).enumerate() {
            if let Some(constant) = part.constants.get(column) {
                fit.constants.push((slot, constant.clone()));
                fit.told.push(column.to_owned());
                continue;
            }
            let theirs = part.theirs(column);
            let mut found = names.iter().enumerate().filter(|(_, name)| Some(name.as_str()) == theirs);
            let Some((at, name)) = found.next() else {
                absent(part, slot, column, required, names)?;
                check_slip(part, asked, slot, names, ignored)?;
                continue;
            };
            if found.next().is_some() {
                return Err(FileProblem::TwoColumns(name.clone()));
            }
            match fit.columns[at] {
                Some(first) => fit.copies.push((first, slot)),
                None => fit.columns[at] = Some(slot),
            }
            fit.told.push(column.to_owned());
            fit.steps.extend(Step::of(part, slot, column, of_days));
        }
        let slot_of = |name: &String| {
            contract
                .iter()
                .map(|column| column.name)
                .chain(asked.iter().map(String::as_str))
                .position(|column| column == name)
        };
        fit.skip = part.skip_empty.iter().filter_map(slot_of).collect();
        let further: Vec<String> = further(part, names, &fit.told).map(str::to_owned).collect();
        fit.told.extend(further);
        Ok(fit)
    }

    /// Brings the fields of a record, as the file has them, into the form of the table. False where there is no row.
    #[inline]
    pub fn apply<'a>(&'a self, fields: &mut [Field<'a>]) -> bool {
        for &(from, to) in &self.copies {
            fields[to] = fields[from].clone();
        }
        for step in &self.steps {
            step.apply(&mut fields[step.slot]);
        }
        for (slot, constant) in &self.constants {
            fields[*slot] = Field::Text(Cow::Borrowed(constant));
        }
        self.skip.iter().all(|&slot| !matches!(&fields[slot], Field::Text(text) if text.is_empty()))
    }
}

impl Step {
    /// None where values stay as they are.
    fn of(part: &Part, slot: usize, column: &str, of_days: bool) -> Option<Step> {
        let kind = Kind::of(column, of_days, &part.dialect);
        let values = part.values.get(column).cloned().unwrap_or_default();
        let empty = part.dialect.empty.clone();
        // A workbook has days where the table may have texts.
        let is_idle = matches!(kind, Kind::Text | Kind::Kinds | Kind::Amount { comma: false })
            && values.is_empty()
            && empty.is_empty()
            && part.kind != FileKind::Workbook;
        (!is_idle).then_some(Step { slot, kind, empty, values })
    }

    #[inline]
    fn apply<'a>(&'a self, field: &mut Field<'a>) {
        let text = match field {
            Field::Text(text) => text,
            Field::Day(day) => {
                if !matches!(self.kind, Kind::Day(_)) {
                    *field = Field::Text(Cow::Owned(day.to_string()));
                }
                return;
            }
        };
        if text.is_empty() {
            return;
        }
        if self.empty.iter().any(|empty| *empty == *text) {
            *field = Field::EMPTY;
            return;
        }
        if let Some(meaning) = self.values.get(&**text) {
            *field = Field::Text(Cow::Borrowed(meaning));
            return;
        }
        match &self.kind {
            Kind::Day(form) => {
                // The form of the tables is no other day in any other form, so it is taken too.
                if let Some(day) = form.read(text).or_else(|| DateForm::ISO.read(text)) {
                    *field = Field::Day(day);
                }
            }
            Kind::Amount { comma: true } => {
                if let Some(amount) = amount_with_comma(text) {
                    *field = Field::Text(Cow::Owned(amount));
                }
            }
            Kind::Boolean([yes, no]) => {
                if yes.iter().any(|yes| *yes == *text) {
                    *field = Field::Text(Cow::Borrowed("true"));
                } else if no.iter().any(|no| *no == *text) {
                    *field = Field::Text(Cow::Borrowed("false"));
                }
            }
            Kind::Kinds if !self.values.is_empty() && text.contains('|') => {
                let kinds = text.split('|').map(|kind| self.values.get(kind).map_or(kind, String::as_str));
                *field = Field::Text(Cow::Owned(kinds.collect::<Vec<_>>().join("|")));
            }
            Kind::Amount { comma: false } | Kind::Kinds | Kind::Text => {}
        }
    }
}

/// Whether a column may be missing from a file.
fn absent(part: &Part, slot: usize, column: &str, required: bool, names: &[String]) -> Result<(), FileProblem> {
    let found = || names.to_vec();
    let contract = part.table.columns();
    // What no object of a JSON file has is left out where it is empty; a name that nearly is there is a slip all the same.
    let may_leave_out =
        |theirs: &str| part.kind == FileKind::Json && !required && names.iter().all(|name| !is_slip(name, theirs));
    match part.columns.get(column) {
        Some(theirs) if !theirs.is_empty() && !may_leave_out(theirs) => {
            if let Some(sign) = other_delimiter(part, names) {
                return Err(FileProblem::Delimiter(sign));
            }
            let near = nearest(theirs, names.iter().map(String::as_str)).map(str::to_owned);
            Err(FileProblem::NoMappedColumn { column: column.to_owned(), theirs: theirs.clone(), near, found: found() })
        }
        _ if slot >= contract.len() => Err(FileProblem::NoAskedColumn(column.to_owned())),
        _ if required => match other_delimiter(part, names) {
            Some(sign) => Err(FileProblem::Delimiter(sign)),
            None => {
                Err(FileProblem::NoColumn { column: contract[slot].name, table: part.table.name(), found: found() })
            }
        },
        _ => Ok(()),
    }
}

/// What seems to part the fields of a file whose header is a single name.
fn other_delimiter(part: &Part, names: &[String]) -> Option<&'static str> {
    let [only] = names else { return None };
    if part.kind != FileKind::Text {
        return None;
    }
    [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars"), (',', "commas")]
        .into_iter()
        .find_map(|(sign, name)| only.contains(sign).then_some(name))
}

/// The columns beyond those of the table, and beyond what is `told`, that the file has: by the names that the register gives
/// them, and by their own where it names them nowhere. One whose name is nearly that of a column that is lacking is left out: the
/// register says that it is another.
fn further<'f>(part: &'f Part, names: &'f [String], told: &'f [String]) -> impl Iterator<Item = &'f str> {
    let contract = part.table.columns();
    let is_told = |name: &str| told.iter().any(|told| told == name);
    let renamed = part.columns.iter().filter(|(_, theirs)| names.contains(theirs)).map(|(column, _)| column);
    let renamed = renamed.chain(part.constants.keys()).map(String::as_str).filter(move |name| !is_told(name));
    let is_said =
        move |name: &String| part.columns.contains_key(name) || part.columns.values().any(|theirs| theirs == name);
    let lacking = move || contract.iter().map(|column| column.name).filter(move |column| !is_told(column));
    let is_exempt =
        move |name: &str| lacking().chain(part.columns.keys().map(String::as_str)).any(|column| is_slip(name, column));
    let own = names.iter().filter(move |name| !is_said(name) && !is_told(name) && !is_exempt(name));
    renamed.chain(own.map(String::as_str))
}

/// Tells a column that is nearly called like one that the table lacks: what it holds would be lost. A column that the
/// register names, or says to be none, is exempt.
fn check_slip(
    part: &Part,
    asked: &[String],
    slot: usize,
    names: &[String],
    ignored: &[String],
) -> Result<(), FileProblem> {
    let contract = part.table.columns();
    let Some(column) = contract.get(slot).map(|column| column.name) else { return Ok(()) };
    if part.columns.contains_key(column) {
        return Ok(());
    }
    let is_exempt = |name: &String| {
        part.columns.values().any(|theirs| theirs == name)
            || contract.iter().any(|column| column.name == name)
            || asked.contains(name)
            || ignored.contains(name)
    };
    match names.iter().find(|name| is_slip(name, column) && !is_exempt(name)) {
        Some(name) => Err(FileProblem::Slip { column, name: name.clone() }),
        None => Ok(()),
    }
}
