//! A small stand-in for Evergreen on a server, with the views, the roles and the register that we ship, and a policy for its
//! libraries.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use lapse_policy::{Day, Policy};
use lapse_register::{
    Address, Applied, ApplyError, Applying, Database, Making, PlanFile, Purpose, RegisterFile, Undoing, Undone,
    initialise, make,
};
use lapse_tables::Progress;

use crate::postgres_server::Server;
use crate::three::Rules;

const POLICY: &[(&str, &str)] = &[
    (
        "consortium.toml",
        "[consortium]\nname = \"Evergreen\"\n\n[subscription]\nholder = \"person\"\ncategory = \"adult\"\nfee = \"0.00\"\n\
         renewal = \"conditional\"\nterm_months = 12\nlapse_months = 24\n\n\
         [activity]\nsources = [\"circ\", \"hold\", \"payment\", \"opac\", \"sip2\", \"login\"]\n",
    ),
    ("libraries/BR1.toml", "[library]\ncode = \"BR1\"\n\n[subscriptions.patrons]\nname = \"Patrons\"\n"),
    ("libraries/BR2.toml", "[library]\ncode = \"BR2\"\n\n[subscriptions.patrons]\nname = \"Patrons\"\n"),
];

/// The system, in a database of its own.
pub struct Evergreen {
    pub name: String,
    pub rules: Rules,
    folder: tempfile::TempDir,
}

impl Evergreen {
    /// As its owner finds it once README.md of the register was followed.
    pub fn new() -> Evergreen {
        // Roles are those of a whole server, and two who make them at once are in each other's way.
        static ONE: Mutex<()> = Mutex::new(());
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let name = Evergreen::server().database();
        let mut owner = Evergreen::server().client(&name);
        owner.batch_execute(include_str!("evergreen.sql")).unwrap();
        // As a person would run them a second time.
        for _ in 0..2 {
            owner.batch_execute(include_str!("../../../../registers/evergreen/views.sql")).unwrap();
            owner.batch_execute(include_str!("../../../../registers/evergreen/roles.sql")).unwrap();
        }
        owner.batch_execute("alter role lapse_read login; alter role lapse_act login").unwrap();
        drop(one);
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in POLICY {
            let path = folder.path().join("policies").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let policy = Policy::load(&folder.path().join("policies")).unwrap().policy.unwrap();
        let of_day = policy.on("2024-07-01".parse::<Day>().unwrap());
        let system = Evergreen { name, rules: Rules { policy, of_day }, folder };
        let address = Address::parse(&system.url("lapse_act")).unwrap();
        assert_eq!(initialise(&address, Some("lapse")).unwrap(), (None, 1));
        system
    }

    /// A server for these tests alone, since other tests make the same roles.
    fn server() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Server::start(""))
    }

    pub fn url(&self, role: &str) -> String {
        Evergreen::server().url_of(role, &self.name)
    }

    /// What a role sees.
    pub fn client(&self, role: &str) -> postgres::Client {
        postgres::Client::connect(&self.url(role), postgres::NoTls).unwrap()
    }

    /// What happens in the library meanwhile.
    pub fn others(&self, sql: &str) {
        self.client("lapse_admin").batch_execute(sql).unwrap();
    }

    /// The rows of a query, each as the texts of its columns between bars, in the order of the query.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let told = self.client("lapse_admin").simple_query(sql).unwrap();
        let row = |message: postgres::SimpleQueryMessage| match message {
            postgres::SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|at| row.get(at).unwrap_or("-")).collect::<Vec<_>>().join("|"))
            }
            _ => None,
        };
        told.into_iter().filter_map(row).collect()
    }

    /// All that lapse may change there.
    pub fn patrons(&self) -> Vec<String> {
        self.rows(
            "select id, active, deleted, expire_date at time zone 'UTC', usrname, profile from actor.usr order by id",
        )
    }

    /// The database by the register that we ship, for a role. Another variable cannot be set in the environment of tests, so the
    /// address stands in a copy of it.
    pub fn open(&self, role: &str, purpose: Purpose) -> Database {
        let shipped = include_str!("../../../../registers/evergreen/register.toml");
        let variable = "\"$LAPSE_DATABASE_URL\"";
        assert!(shipped.contains(variable));
        let path = self.folder.path().join(format!("{role}.toml"));
        fs::write(&path, shipped.replace(variable, &format!("\"{}\"", self.url(role)))).unwrap();
        let RegisterFile::Database(register) = RegisterFile::read(&path).unwrap() else { panic!("not of a database") };
        Database::of_register(*register, purpose).unwrap()
    }

    pub fn plan(&self, name: &str) -> PlanFile {
        self.plan_as("lapse_act", name)
    }

    pub fn plan_as(&self, role: &str, name: &str) -> PlanFile {
        let (rules, progress) = (&self.rules, Progress::default());
        let path: PathBuf = self.folder.path().join(name);
        let making = Making {
            typed: "",
            policy: &rules.policy,
            of_day: &rules.of_day,
            extras: None,
            threads: 2,
            progress: &progress,
        };
        let nothing = |_: &Path| ();
        let database = self.open(role, Purpose::Read);
        make::<ApplyError>(&database, &path, &making, nothing, |_, _| Ok((Vec::new(), serde_json::Value::Null)))
            .unwrap();
        PlanFile::open(&path).unwrap()
    }

    pub fn apply(&self, plan: &PlanFile) -> Applied {
        let applying = Applying {
            plan,
            policy: &self.rules.policy,
            of_day: &self.rules.of_day,
            consents: &[],
            irreversible: false,
            batch: 4,
            pause: Duration::ZERO,
            who: "a test",
            goes_on: &|| true,
            told: &|_| (),
        };
        applying.apply(&self.open("lapse_act", Purpose::Act)).unwrap()
    }

    pub fn undo(&self, run: u64) -> Undone {
        let undoing = Undoing { run, patron: None, library: None, who: "a test", goes_on: &|| true };
        undoing.undo(&self.open("lapse_act", Purpose::Act)).unwrap()
    }
}

/// Whom a plan is about, by kind of action.
pub fn planned(plan: &PlanFile) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for patron in plan.patrons(0).unwrap() {
        let patron = patron.unwrap();
        for planned in &patron.actions {
            all.entry(planned.action.clone()).or_default().push(patron.patron.clone());
        }
    }
    for patrons in all.values_mut() {
        patrons.sort();
    }
    all
}
