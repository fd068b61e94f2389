//! A database with its register, open for work: a source of the four tables, and what a run may do there.

use lapse_tables::source::TableSource;
use lapse_tables::{Source, Table, TableError};

use crate::actions::{DatabaseRegister, own_register};
use crate::apply_error::ApplyError;
use crate::database::{
    Access, Address, Connection, DatabaseError, DatabaseTables, Shared, Statement, Transaction, Values, connect,
};
use crate::journal::{Runs, VERSION, bring_up_to_date, version};

/// A database that is open.
pub struct Database {
    pub(crate) register: DatabaseRegister,
    pub(crate) shared: Shared,
    pub(crate) tables: DatabaseTables,
}

/// What is done with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its rows are read, all as they were at one moment.
    Read,
    /// A run acts there.
    Act,
}

impl Database {
    /// Opens a database whose tables have the names and columns of an extract.
    pub fn open(address: &Address, purpose: Purpose) -> Result<Database, DatabaseError> {
        let mut connection = begun(address, None, purpose)?;
        let register = own_register(address, &mut *connection)?;
        Database::with(register, connection)
    }

    /// Opens the database of a register file.
    pub fn of_register(register: DatabaseRegister, purpose: Purpose) -> Result<Database, ApplyError> {
        let mut connection = begun(&register.address, register.time_zone.as_deref(), purpose)?;
        if let Some(marker) = &register.marker
            && connection.query(marker, &Values::new())?.rows.is_empty()
        {
            return Err(ApplyError::OtherDatabase { place: register.address, name: register.name });
        }
        Ok(Database::with(register, connection)?)
    }

    fn with(register: DatabaseRegister, connection: Box<dyn Connection>) -> Result<Database, DatabaseError> {
        let shared = Shared::new(connection);
        let tables = DatabaseTables::open(&shared, &register.reads, register.ids_are_exact)?;
        Ok(Database { register, shared, tables })
    }

    /// The same, where the columns with these names are not meant as those whose names they nearly have.
    #[must_use]
    pub fn ignoring(mut self, columns: &[String]) -> Database {
        self.tables = self.tables.ignoring(columns);
        self
    }

    /// What a run may do there.
    pub fn register(&self) -> &DatabaseRegister {
        &self.register
    }

    /// The identity that the database was given when it got lapse's own tables, and an error where it has none of this version.
    pub(crate) fn identity(&self) -> Result<String, ApplyError> {
        let (mut connection, prefix) = (self.shared.get(), self.register.prefix());
        let place = || self.register.typed();
        match version(&mut **connection, &prefix)? {
            None => return Err(ApplyError::NotInitialised { place: place() }),
            Some(version) if version < VERSION => return Err(ApplyError::Outdated { place: place() }),
            Some(version) if version > VERSION => return Err(ApplyError::TooNew { place: place() }),
            Some(_) => {}
        }
        let asked = Statement::parse(&format!("select identity from {prefix}lapse_identity"));
        Ok(connection.query(&asked, &Values::new())?.first().unwrap_or_default().to_owned())
    }

    /// The summary of the last run there; none where nothing was ever done.
    pub fn last_summary(&self) -> Result<Option<String>, ApplyError> {
        self.identity()?;
        Ok((Runs { prefix: &self.register.prefix() }).last_summary(&mut **self.shared.get())?)
    }
}

/// A connection for a purpose; where rows are read, all of them are as they were at one moment.
fn begun(address: &Address, time_zone: Option<&str>, purpose: Purpose) -> Result<Box<dyn Connection>, DatabaseError> {
    let mut connection = connect(address, access(purpose))?;
    if let Some(zone) = time_zone {
        connection.set_time_zone(zone)?;
    }
    if purpose == Purpose::Read {
        connection.begin(Transaction::Snapshot)?;
    }
    Ok(connection)
}

/// Makes lapse's own tables in a database, or brings them up to date. Gives the version that there was and the one that there
/// is.
pub fn initialise(address: &Address, schema: Option<&str>) -> Result<(Option<usize>, usize), ApplyError> {
    let mut connection = connect(address, Access::Make)?;
    let prefix = schema.map(|schema| format!("{schema}.")).unwrap_or_default();
    connection.begin(Transaction::Change)?;
    let done = match version(&mut *connection, &prefix) {
        Ok(Some(version)) if version > VERSION => Err(ApplyError::TooNew { place: address.to_string() }),
        Ok(_) => bring_up_to_date(&mut *connection, &prefix),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(versions) => {
            connection.commit()?;
            Ok(versions)
        }
        Err(error) => {
            connection.roll_back();
            Err(error)
        }
    }
}

const fn access(purpose: Purpose) -> Access {
    match purpose {
        Purpose::Read => Access::Read,
        Purpose::Act => Access::Change,
    }
}

impl Source for Database {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        Source::table(&self.tables, table, asked)
    }

    fn ignored_columns(&self) -> &[String] {
        self.tables.ignored_columns()
    }

    fn ids_are_exact(&self) -> bool {
        self.tables.ids_are_exact()
    }
}
