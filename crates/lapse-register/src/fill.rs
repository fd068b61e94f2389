//! Fills the tables of a database from another source, such as the files of an extract: every row with every column, as it is,
//! so that whatever is wrong with it is found there as it would be in the files.

use std::collections::BTreeSet;

use lapse_tables::source::Together;
use lapse_tables::{Progress, Source, Table};

use crate::apply_error::ApplyError;
use crate::database::{Access, Address, Connection, DatabaseError, Kind, Transaction, Value, connect, quoted};

/// This many rows are added at once.
const TOGETHER: usize = 1_000;

/// Makes the four tables in a database, as far as the source has them, and fills them. Gives how many rows each has, in the
/// order of [`Table::ALL`]. A table that is there already is an error, and then nothing is changed.
///
/// MariaDB commits whatever makes a table as soon as it is done. There the tables are filled under other names, and get theirs
/// all at once when they are whole; what a program that was stopped left under those names, the next one takes away.
pub fn fill(address: &Address, source: &dyn Source) -> Result<[u64; 4], ApplyError> {
    // Before anything is made.
    for table in Table::ALL {
        source.table(table, &[])?;
    }
    let mut connection = connect(address, Access::Make)?;
    connection.begin(Transaction::Change)?;
    let filled = fill_all(&mut *connection, source, address);
    match filled {
        Ok(rows) => {
            connection.commit()?;
            Ok(rows)
        }
        Err(error) => {
            connection.roll_back();
            Err(error)
        }
    }
}

fn fill_all(connection: &mut dyn Connection, source: &dyn Source, address: &Address) -> Result<[u64; 4], ApplyError> {
    if let Some(table) = Table::ALL.into_iter().find(|table| connection.columns(table.name()).is_ok()) {
        return Err(ApplyError::TableIsThere { place: address.clone(), table: table.name() });
    }
    let is_committed = connection.kind() == Kind::Mysql;
    let name =
        |table: Table| if is_committed { format!("lapse_fill_{}", table.name()) } else { table.name().to_owned() };
    if is_committed {
        connection.script(&format!("drop table if exists {}", Table::ALL.map(name).join(", ")))?;
    }
    let mut rows = [0; 4];
    let mut renamed = Vec::new();
    for table in Table::ALL {
        let Some(opened) = source.table(table, &[])? else { continue };
        let parts = opened.columns()?;
        drop(opened);
        let of_all = |name: &str| parts.iter().all(|part| part.names.iter().any(|column| column == name));
        let columns = Columns {
            of_table: table.columns().iter().map(|column| column.name).collect(),
            // An account whose columns nobody tells is not one without debts: such a column is not made.
            left_out: match table {
                Table::Accounts => {
                    table.columns().iter().map(|column| column.name).filter(|name| !of_all(name)).collect()
                }
                Table::Patrons | Table::Memberships | Table::Activity => Vec::new(),
            },
            more: {
                let named: BTreeSet<&String> = parts.iter().flat_map(|part| &part.names).collect();
                let is_more = |name: &&String| !name.is_empty() && of_all(name) && !is_of(table, name);
                named.into_iter().filter(is_more).cloned().collect()
            },
        };
        make(connection, &name(table), &columns.made())?;
        rows[table as usize] = copy(connection, source, table, &name(table), &columns)?;
        renamed.push(format!("{} to {}", name(table), table.name()));
    }
    if is_committed && !renamed.is_empty() {
        connection.script(&format!("rename table {}", renamed.join(", ")))?;
    }
    Ok(rows)
}

/// The columns of a table that is filled.
struct Columns {
    /// Those of the contract.
    of_table: Vec<&'static str>,
    /// Those of them that are not made.
    left_out: Vec<&'static str>,
    /// All others that the source has.
    more: Vec<String>,
}

impl Columns {
    /// Those that are made.
    fn made(&self) -> Vec<&str> {
        let of_table = self.of_table.iter().copied().filter(|name| !self.left_out.contains(name));
        of_table.chain(self.more.iter().map(String::as_str)).collect()
    }

    /// Whether the field at a place is of one of them.
    fn is_made(&self, place: usize) -> bool {
        self.of_table.get(place).is_none_or(|name| !self.left_out.contains(name))
    }
}

fn is_of(table: Table, name: &str) -> bool {
    table.columns().iter().any(|column| column.name == name)
}

fn make(connection: &mut dyn Connection, name: &str, columns: &[&str]) -> Result<(), DatabaseError> {
    let kind = connection.kind();
    let of = |(place, name): (usize, &&str)| {
        let of_type = match (kind, place) {
            (Kind::Sqlite | Kind::Postgres, _) => "text",
            (Kind::Mysql, 0) => "varchar(191) character set utf8mb4 collate utf8mb4_bin",
            (Kind::Mysql, _) => "text character set utf8mb4 collate utf8mb4_bin",
        };
        format!("{} {of_type}", quoted(kind, name))
    };
    let columns: Vec<String> = columns.iter().enumerate().map(of).collect();
    connection.script(&format!("create table {name} ({})", columns.join(", ")))?;
    connection.script(&format!("create index {name}_patron_id on {name} (patron_id)"))
}

fn copy(
    connection: &mut dyn Connection,
    source: &dyn Source,
    table: Table,
    name: &str,
    columns: &Columns,
) -> Result<u64, ApplyError> {
    let Some(opened) = source.table(table, &columns.more)? else { return Ok(0) };
    let progress = Progress::default();
    let names = columns.made();
    let width = columns.of_table.len() + columns.more.len();
    let (mut waiting, mut count) = (Vec::with_capacity(TOGETHER), 0);
    for piece in opened.pieces(&progress) {
        let mut piece = piece?;
        while let Some(mut records) = piece.records()? {
            let mut together = Together::new(width);
            while records.next(&mut together)? {
                for (_, fields) in together.iter() {
                    let made = fields.iter().enumerate().filter(|(place, _)| columns.is_made(*place));
                    let values = made.map(|(_, field)| match field.clone().into_text() {
                        text if text.is_empty() => Value::Null,
                        text => Value::Text(text.into_owned()),
                    });
                    waiting.push(values.collect());
                    count += 1;
                }
                if waiting.len() >= TOGETHER {
                    connection.insert(name, &names, &waiting)?;
                    waiting.clear();
                }
            }
        }
    }
    connection.insert(name, &names, &waiting)?;
    Ok(count)
}
