//! One action: its values, and its statements one after the other.

use serde_json::Map;

use crate::actions::{Action, Does, RowsChanged};
use crate::apply_error::ApplyError;
use crate::database::{Connection, DatabaseError, Found, Statement, Value, Values};
use crate::plan::{Planned, PlannedPatron};

/// Why the database did not do an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// As whoever runs the command is told.
    pub shown: String,
    /// As the log has it, which is kept when the patron is gone: without the words of the database, which can have names in
    /// them.
    pub logged: String,
}

impl Refusal {
    /// The row that an action is about is not as it was expected to be, in words without any value of it.
    fn of_row(shown: String) -> Refusal {
        Refusal { logged: shown.clone(), shown }
    }

    fn of_error(error: &DatabaseError) -> Refusal {
        Refusal { shown: error.to_string(), logged: "the database refused a statement".to_owned() }
    }
}

/// The values that the statements of an action can name.
pub(crate) fn values_of(patron: &PlannedPatron, planned: &Planned, run: u64, run_date: &str, entry: u64) -> Values {
    let library = planned.libraries.first().filter(|_| planned.libraries.len() == 1 && !is_of_patron(planned));
    let texts: [(&str, Value); 15] = [
        ("patron_id", patron.patron.as_str().into()),
        ("library", library.map(String::as_str).into()),
        ("subscription", planned.subscription.as_deref().into()),
        ("valid_from", planned.valid_from.as_deref().into()),
        ("before_valid_until", planned.before_valid_until.as_deref().into()),
        ("valid_until", planned.valid_until.as_deref().into()),
        ("cut_off", planned.cut_off.as_deref().into()),
        ("profile_last_active", planned.profile_last_active.as_deref().into()),
        ("action", planned.action.as_str().into()),
        ("reason", planned.reason.as_str().into()),
        ("because", planned.because.as_str().into()),
        ("note", format!("lapse run {run}: {} ({})", planned.action, planned.reason).into()),
        ("run", run.into()),
        ("date", run_date.into()),
        ("entry", entry.into()),
    ];
    texts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Whether an action is about a patron as a whole, not about a record at a library.
fn is_of_patron(planned: &Planned) -> bool {
    use crate::actions::ActionKind as Kind;
    match planned.kind() {
        Some(Kind::Delete | Kind::Anonymise | Kind::DeleteProfile | Kind::Purge) | None => true,
        Some(Kind::Deregister | Kind::Renew | Kind::Archive | Kind::Pseudonymise | Kind::PurgeFinance) => false,
    }
}

/// An action as text: its statements, and below each the values of its names.
pub(crate) fn shown(action: &Action, values: &Values) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    match &action.does {
        Does::Sql { before, statements, .. } => {
            for statement in before.iter().chain(statements) {
                let _ = writeln!(text, "{}", statement.text().split_whitespace().collect::<Vec<_>>().join(" "));
                let mut names: Vec<&str> = statement.names().collect();
                names.sort_unstable();
                names.dedup();
                for name in names {
                    let value = match values.get(name) {
                        Some(Value::Text(text)) => format!("'{text}'"),
                        Some(Value::List(_) | Value::Null) => "null".to_owned(),
                        None => "from `before`".to_owned(),
                    };
                    let _ = writeln!(text, "    ${name} = {value}");
                }
            }
        }
        Does::HandOver { file, line, .. } => {
            let _ = writeln!(text, "into {}: {}", file.display(), line.text());
        }
        Does::Command { program, .. } => {
            let _ = writeln!(text, "to the program {}: {}", program.join(" "), values_to_text(values));
        }
    }
    text
}

/// Does an action by SQL; `values` get what its row was before. A refusal leaves the transaction to be rolled back, at least
/// to where it was before.
pub(crate) fn act(
    connection: &mut dyn Connection,
    action: &Action,
    values: &mut Values,
) -> Result<Result<(), Refusal>, ApplyError> {
    let Does::Sql { before, statements, rows } = &action.does else { return Ok(Ok(())) };
    if let Some(before) = before {
        let found = match connection.query(before, values) {
            Ok(found) => found,
            Err(error) if error.ends_the_work() => return Err(error.into()),
            Err(error) => return Ok(Err(Refusal::of_error(&error))),
        };
        if let Err(refusal) = before_row(values, &found) {
            return Ok(Err(refusal));
        }
    }
    do_all(connection, statements, *rows, values)
}

/// Takes the one row that `before` gave into the values of an action.
pub(super) fn before_row(values: &mut Values, found: &Found) -> Result<(), Refusal> {
    let row = match &*found.rows {
        [row] => row,
        [] => return Err(Refusal::of_row("its row is not as it was expected to be".to_owned())),
        rows => return Err(Refusal::of_row(format!("`before` gives {} rows, not one", rows.len()))),
    };
    for (column, value) in found.columns.iter().zip(row) {
        values.insert(format!("before_{column}"), value.as_deref().into());
    }
    Ok(())
}

/// Does statements, of which the first must change so many rows.
pub(crate) fn do_all(
    connection: &mut dyn Connection,
    statements: &[Statement],
    rows: RowsChanged,
    values: &Values,
) -> Result<Result<(), Refusal>, ApplyError> {
    for (place, statement) in statements.iter().enumerate() {
        match connection.change(statement, values) {
            Ok(changed) if place > 0 || rows.allows(changed) => {}
            Ok(0) => return Ok(Err(Refusal::of_row("its row is not as it was expected to be".to_owned()))),
            Ok(changed) => {
                let expected = match rows {
                    RowsChanged::Exactly(number) => number.to_string(),
                    RowsChanged::AtLeastOne | RowsChanged::Any => "some".to_owned(),
                };
                return Ok(Err(Refusal::of_row(format!("the statement would change {changed} rows, not {expected}"))));
            }
            Err(error) if error.ends_the_work() => return Err(error.into()),
            Err(error) => return Ok(Err(Refusal::of_error(&error))),
        }
    }
    Ok(Ok(()))
}

/// Values as JSON, as they are kept for an undo.
pub(crate) fn values_to_text(values: &Values) -> String {
    let json = |value: &Value| match value {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) => text.clone().into(),
        Value::List(texts) => texts.clone().into(),
    };
    let map: Map<String, serde_json::Value> = values.iter().map(|(name, value)| (name.clone(), json(value))).collect();
    serde_json::Value::from(map).to_string()
}

/// The values that were kept; empty where they cannot be read.
pub(crate) fn values_from_text(text: &str) -> Values {
    let map: Map<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    let value = |json: serde_json::Value| match json {
        serde_json::Value::String(text) => Value::Text(text),
        _ => Value::Null,
    };
    map.into_iter().map(|(name, json)| (name, value(json))).collect()
}
