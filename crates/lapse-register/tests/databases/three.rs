//! The same tables in a SQLite database, in one of PostgreSQL and in one of MariaDB, and all that a run does with them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lapse_policy::{Day, DayPolicy, Policy};
use lapse_register::{
    Address, Applied, ApplyError, Applying, Database, Making, PlanFile, Purpose, RegisterFile, Undoing, Undone, fill,
    initialise, make,
};
use lapse_tables::source::Together;
use lapse_tables::{Folder, Progress, Source, Table};
use mysql::prelude::Queryable as _;

use crate::mariadb_server;
use crate::postgres_server::Server;

/// The policy that the repository ships, on a day.
pub struct Rules {
    pub policy: Policy,
    pub of_day: DayPolicy,
}

impl Rules {
    pub fn on(day: &str) -> Rules {
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let policy = Policy::load(&policies).unwrap().policy.unwrap();
        let of_day = policy.on(day.parse::<Day>().unwrap());
        Rules { policy, of_day }
    }
}

/// A database, and a folder for plans about it.
pub struct Place {
    pub address: Address,
    plans: PathBuf,
    /// A register of its own; none where the tables are lapse's.
    register: Option<PathBuf>,
}

/// An extract, and the databases that were filled with it.
pub struct Three {
    pub rules: Rules,
    pub extract: PathBuf,
    /// Of SQLite, PostgreSQL and MariaDB, in this order.
    pub places: [Place; 3],
    /// The name of the PostgreSQL database.
    pub name: String,
    _folder: tempfile::TempDir,
}

impl Three {
    /// Databases with the rows of this many patrons.
    pub fn with(patrons: u32, seed: u64) -> Three {
        Three::on(Server::get(), patrons, seed)
    }

    /// The same on another server.
    pub fn on(server: &Server, patrons: u32, seed: u64) -> Three {
        let rules = Rules::on("2026-11-01");
        let folder = tempfile::tempdir().unwrap();
        let extract = folder.path().join("extract");
        lapse_sample::write(&rules.of_day, patrons, seed, &extract, |_| ()).unwrap();
        let mariadb = mariadb_server::Server::get();
        let name = server.database();
        let addresses = [
            format!("sqlite:{}/patrons.db", folder.path().display()),
            server.url(&name),
            mariadb.url(&mariadb.database()),
        ];
        let places = addresses.map(|address| {
            let address = Address::parse(&address).unwrap();
            fill(&address, &Folder::new(&extract)).unwrap();
            initialise(&address, None).unwrap();
            Place { plans: folder.path().join(address.kind().as_str()), address, register: None }
        });
        Three { rules, extract, places, name, _folder: folder }
    }
}

impl Place {
    /// The same database by another URL.
    pub fn new(url: &str, three: &Three) -> Place {
        Place { address: Address::parse(url).unwrap(), plans: three.places[1].plans.clone(), register: None }
    }

    /// The PostgreSQL database by a register whose actions these are.
    pub fn by_register(actions: &str, three: &Three) -> Place {
        let place = &three.places[1];
        let Address::Postgres(url) = &place.address else { unreachable!() };
        let tables = Table::ALL.map(|table| {
            format!("{0} = {{ from = \"{0}\", only = \"patron_id = any($ids::text[])\" }}\n", table.name())
        });
        let text = format!(
            "[register]\nname = \"ours\"\ndatabase = \"postgres\"\nurl = \"{url}\"\n\n[read]\n{}\n{actions}",
            tables.concat()
        );
        let path = place.plans.with_extension("toml");
        std::fs::write(&path, text).unwrap();
        Place { address: place.address.clone(), plans: place.plans.clone(), register: Some(path) }
    }

    pub fn open(&self, purpose: Purpose) -> Database {
        self.try_open(purpose).unwrap()
    }

    /// The same, where it may not be there.
    pub fn try_open(&self, purpose: Purpose) -> Result<Database, ApplyError> {
        let Some(register) = &self.register else { return Ok(Database::open(&self.address, purpose)?) };
        let RegisterFile::Database(register) = RegisterFile::read(register).unwrap() else { unreachable!() };
        Database::of_register(*register, purpose)
    }

    /// Does several statements beside lapse.
    pub fn script(&self, sql: &str) {
        match &self.address {
            Address::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
            Address::Postgres(url) => {
                postgres::Client::connect(url, postgres::NoTls).unwrap().batch_execute(sql).unwrap();
            }
            Address::Mysql(url) => mariadb_server::script(url, sql),
        }
    }

    /// The rows that a query gives, sorted; each of its columns must be a text.
    pub fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let mut rows: Vec<Vec<Option<String>>> = match &self.address {
            Address::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect();
                statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
            }
            Address::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                let rows = client.query(sql, &[]).unwrap();
                rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
            }
            Address::Mysql(url) => {
                let rows: Vec<mysql::Row> = mariadb_server::connection(url).query(sql).unwrap();
                rows.into_iter().map(|row| row.unwrap().into_iter().map(mysql::from_value).collect()).collect()
            }
        };
        rows.sort();
        rows
    }

    /// All rows of the four tables.
    pub fn all_rows(&self) -> Vec<Vec<Vec<Option<String>>>> {
        Table::ALL.map(|table| self.rows(&format!("select * from {}", table.name()))).to_vec()
    }

    /// Makes a plan.
    pub fn plan(&self, rules: &Rules) -> PlanFile {
        self.plan_into(rules, "plan.ndjson")
    }

    /// The same, into a file of this name.
    pub fn plan_into(&self, rules: &Rules, name: &str) -> PlanFile {
        let database = self.open(Purpose::Read);
        let (path, progress) = (self.plans.join(name), Progress::default());
        let making = Making {
            typed: "",
            policy: &rules.policy,
            of_day: &rules.of_day,
            extras: None,
            threads: 2,
            progress: &progress,
        };
        make::<ApplyError>(&database, &path, &making, |_| (), |_, _| Ok((Vec::new(), serde_json::Value::Null)))
            .unwrap();
        PlanFile::open(&path).unwrap()
    }

    /// Applies a plan in batches of some patrons.
    pub fn apply(&self, rules: &Rules, plan: &PlanFile) -> Result<Applied, ApplyError> {
        self.apply_telling(rules, plan, &|_| ())
    }

    /// Applies a plan, and tells after each batch.
    pub fn apply_telling(&self, rules: &Rules, plan: &PlanFile, told: &dyn Fn(u64)) -> Result<Applied, ApplyError> {
        applying(rules, plan, told).apply(&self.try_open(Purpose::Act)?)
    }

    /// Applies a plan, and does what cannot be undone.
    pub fn apply_irreversibly(&self, rules: &Rules, plan: &PlanFile) -> Applied {
        let applying = Applying { irreversible: true, ..applying(rules, plan, &|_| ()) };
        applying.apply(&self.open(Purpose::Act)).unwrap()
    }

    /// Puts back what a run did.
    pub fn undo(&self, run: u64) -> Undone {
        let undoing = Undoing { run, patron: None, library: None, who: "a test", goes_on: &|| true };
        undoing.undo(&self.open(Purpose::Act)).unwrap()
    }
}

fn applying<'a>(rules: &'a Rules, plan: &'a PlanFile, told: &'a dyn Fn(u64)) -> Applying<'a> {
    Applying {
        plan,
        policy: &rules.policy,
        of_day: &rules.of_day,
        consents: &[],
        irreversible: false,
        batch: 17,
        pause: Duration::ZERO,
        who: "a test",
        goes_on: &|| true,
        told,
    }
}

/// What a source gives for each of the four tables, sorted.
pub fn read(source: &dyn Source) -> Vec<Vec<Vec<String>>> {
    let rows = Table::ALL.map(|table| {
        let Some(opened) = source.table(table, &[]).unwrap() else { return Vec::new() };
        let progress = Progress::default();
        let mut rows = Vec::new();
        for piece in opened.pieces(&progress) {
            let mut piece = piece.unwrap();
            while let Some(mut records) = piece.records().unwrap() {
                let mut together = Together::new(table.columns().len());
                while records.next(&mut together).unwrap() {
                    let texts = together.iter().map(|(_, fields)| {
                        fields.iter().map(|field| field.clone().into_text().into_owned()).collect::<Vec<String>>()
                    });
                    rows.extend(texts);
                }
            }
        }
        rows.sort();
        rows
    });
    rows.to_vec()
}
