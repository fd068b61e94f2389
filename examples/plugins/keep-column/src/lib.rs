//! Keeps a record while a column of the tables, such as the number of open requests, is above a number.
//! A cell that is no number keeps the record too: what cannot be read must not lose anybody's data.

use lapse_plugin::{Column, Patron, Plugin, Record, Setup, Verdicts};
use serde::Deserialize;

const ABOVE: &str = "above-limit";
const UNCLEAR: &str = "no-number";

/// The config.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Such as `accounts.open_requests`.
    column: String,
    /// The number above which the record is kept.
    #[serde(default)]
    above: f64,
}

/// The plugin.
struct KeepColumn {
    table: Table,
    column: Column,
    above: f64,
}

/// Whose column it is.
enum Table {
    Patrons,
    Memberships,
    Accounts,
}

impl Plugin for KeepColumn {
    const NAME: &str = "keep-column";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const REASONS: &[&str] = &[ABOVE, UNCLEAR];

    fn create(setup: &Setup<'_>) -> Result<Self, String> {
        let config: Config =
            serde_json::from_str(setup.config).map_err(|error| format!("`config` does not fit ({error})"))?;
        let table = match config.column.split_once('.').map(|(table, _)| table) {
            Some("patrons") => Table::Patrons,
            Some("memberships") => Table::Memberships,
            Some("accounts") => Table::Accounts,
            _ => return Err("`column` must be a table and a column, such as \"accounts.open_requests\"".into()),
        };
        Ok(KeepColumn { table, column: setup.column(&config.column)?, above: config.above })
    }

    fn decide(&self, patron: &Patron<'_>, verdicts: &mut Verdicts<'_>) {
        for record in patron.records() {
            if let Some(reason) = self.why_keep(patron, &record) {
                verdicts.keep_record(&record, reason);
            }
        }
    }
}

impl KeepColumn {
    /// The first reason that a cell about this record gives.
    fn why_keep(&self, patron: &Patron<'_>, record: &Record<'_>) -> Option<&'static str> {
        match self.table {
            Table::Patrons => self.cell(patron.column(self.column)),
            Table::Accounts => self.cell(record.column(self.column)),
            Table::Memberships => patron
                .memberships()
                .filter(|membership| membership.library().code() == record.library().code())
                .find_map(|membership| self.cell(membership.column(self.column))),
        }
    }

    fn cell(&self, cell: &str) -> Option<&'static str> {
        let cell = cell.trim();
        match cell.parse::<f64>() {
            Ok(number) if number.is_nan() => Some(UNCLEAR),
            Ok(number) => (number > self.above).then_some(ABOVE),
            Err(_) => (!cell.is_empty()).then_some(UNCLEAR),
        }
    }
}

lapse_plugin::export!(KeepColumn);

#[cfg(test)]
mod tests {
    use lapse_plugin::Date;
    use lapse_plugin::testing::{Membership, Patron, judge};

    use super::*;

    const CONFIG: &str = r#"{"column":"accounts.open_requests","above":2}"#;

    fn with(config: &str, columns: &[&str], cell: &str) -> Result<String, String> {
        let patron = Patron {
            columns: vec![cell.into()],
            account_columns: vec![cell.into()],
            memberships: vec![Membership { columns: vec![cell.into()], ..Membership::default() }],
            ..Patron::default()
        };
        judge::<KeepColumn>(config, columns, Date::parse("2022-07-01").unwrap(), &patron).map(|judged| judged.record)
    }

    #[test]
    fn a_record_is_kept_above_the_number_and_not_at_it() {
        let cell = |cell| with(CONFIG, &["accounts.open_requests"], cell).unwrap();
        assert_eq!(
            (&*cell("2"), &*cell("2.01"), &*cell("3"), &*cell("")),
            ("", "keep above-limit", "keep above-limit", "")
        );
    }

    #[test]
    fn a_cell_that_is_no_number_keeps_the_record() {
        let cell = |cell| with(CONFIG, &["accounts.open_requests"], cell).unwrap();
        assert_eq!((&*cell("many"), &*cell("NaN"), &*cell("-1")), ("keep no-number", "keep no-number", ""));
    }

    #[test]
    fn the_column_may_be_of_any_table_that_has_further_columns() {
        for column in ["patrons.x", "memberships.x", "accounts.x"] {
            let config = format!(r#"{{"column":"{column}"}}"#);
            assert_eq!(with(&config, &[column], "1").unwrap(), "keep above-limit", "{column}");
        }
    }

    #[test]
    fn a_config_that_does_not_fit_is_told() {
        for config in ["{}", r#"{"column":"x"}"#, r#"{"column":"activity.x"}"#, r#"{"column":"patrons.x","over":1}"#] {
            assert!(with(config, &["patrons.x"], "1").is_err(), "{config}");
        }
        let told = with(CONFIG, &["patrons.x"], "1").unwrap_err();
        assert_eq!(told, "this plugin reads the column `accounts.open_requests`; add it to `columns`");
    }
}
