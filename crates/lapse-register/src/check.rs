//! Looks whether everything that a register of a database says can be done there, and does nothing of it.

use lapse_tables::Table;

use crate::actions::{ActionKind, Does, Undo};
use crate::apply_error::ApplyError;
use crate::database::{Statement, Transaction};
use crate::opened::Database;

/// What a look at a register of a database found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many statements can be done.
    pub statements: u64,
    /// What cannot be done.
    pub mistakes: Vec<CannotDo>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Something that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotDo {
    /// Where the register says it, such as `action.delete`.
    pub place: String,
    /// Why not.
    pub problem: String,
}

impl Database {
    /// Prepares every statement, and says what a person should know of the register.
    pub fn check(&self) -> Result<Checked, ApplyError> {
        let mut checked = Checked::default();
        let mut all: Vec<(String, &Statement)> = Vec::new();
        all.extend(self.register.lock.iter().map(|lock| ("read.lock".to_owned(), lock)));
        for (kind, action) in &self.register.actions {
            let place = format!("action.{}", kind.as_str());
            match &action.does {
                Does::Sql { before, statements, .. } => {
                    all.extend(before.iter().map(|before| (format!("{place}.before"), before)));
                    all.extend(statements.iter().map(|statement| (format!("{place}.sql"), statement)));
                }
                Does::HandOver { done_when, .. } | Does::Command { done_when, .. } => {
                    all.extend(done_when.iter().map(|asked| (format!("{place}.done_when"), asked)));
                }
            }
            match &action.undo {
                Undo::Sql(statements) => {
                    all.extend(statements.iter().map(|statement| (format!("{place}.undo"), statement)));
                }
                Undo::None if *kind == ActionKind::Purge => {}
                Undo::None => {
                    let what = format!("nothing undoes {}, so that apply asks for --irreversible", kind.as_str());
                    checked.notes.push(what);
                }
            }
        }
        let reads: Vec<(String, Statement)> = Table::ALL
            .into_iter()
            .filter_map(|table| {
                let sql = self.register.reads[table as usize].as_ref()?;
                let statement = Statement::parse(&format!("select * from {}", sql.selected(true)));
                Some((format!("read.{}", table.name()), statement))
            })
            .collect();
        all.extend(reads.iter().map(|(place, statement)| (place.clone(), statement)));
        let mut connection = self.shared.get();
        for (place, statement) in all {
            // Each in a transaction of its own, since one that cannot be prepared spoils its transaction.
            connection.begin(Transaction::Change)?;
            let prepared = connection.prepare(statement);
            connection.roll_back();
            match prepared {
                Ok(()) => checked.statements += 1,
                Err(error) => checked.mistakes.push(CannotDo { place, problem: error.to_string() }),
            }
        }
        drop(connection);
        for table in Table::ALL {
            for column in table.columns().iter().filter(|column| column.required) {
                let has = self.tables.columns_of(table).map(|mut columns| columns.any(|name| name == column.name));
                if has == Some(false) {
                    let problem = format!("there is no column `{}`, which every row needs", column.name);
                    checked.mistakes.push(CannotDo { place: format!("read.{}", table.name()), problem });
                }
            }
        }
        if self.identity().is_err() {
            checked.notes.push("lapse has no tables of its own there yet; `lapse register init` makes them".to_owned());
        }
        Ok(checked)
    }
}
