//! The register of Koha that we ship, from its plan to its purge, on a stand-in for the tables of Koha that it names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use lapse_engine::guards::{Consent, ConsentAt};
use lapse_policy::{Day, Policy};
use lapse_register::{
    Address, Applied, ApplyError, Applying, Database, Making, PlanFile, Purpose, RegisterFile, Undoing, Verified,
    initialise, make, purge, settle,
};
use lapse_tables::Progress;
use mysql::prelude::Queryable as _;

use crate::mariadb_server::{Server, connection, script};
use crate::three::{Rules, read};

/// A time zone as a server has it that was given the names of them, without the moments at which clocks change.
const TIME_ZONE: &str = "insert into mysql.time_zone values (1, 'N'); \
     insert into mysql.time_zone_name values ('Europe/Brussels', 1); \
     insert into mysql.time_zone_transition_type values (1, 0, 3600, 0, 'CET');";

/// A Koha, set up as the page of the register says.
fn set_up() {
    let url = Server::get().url("mysql");
    script(&url, TIME_ZONE);
    script(&url, "create database koha character set utf8mb4 collate utf8mb4_unicode_ci");
    script(&Server::get().url("koha"), include_str!("koha.sql"));
    for _ in 0..2 {
        // As a person would run it a second time.
        script(&url, include_str!("../../../../registers/koha/views.sql"));
        script(&url, include_str!("../../../../registers/koha/roles.sql"));
    }
    for (user, role) in [("reader", "lapse_read"), ("actor", "lapse_act")] {
        script(
            &url,
            &format!(
                "create user {user}@'127.0.0.1'; grant {role} to {user}@'127.0.0.1'; \
                 set default role {role} for {user}@'127.0.0.1'"
            ),
        );
    }
}

/// The register, for a user, in a folder.
fn register(folder: &Path, user: &str) -> std::path::PathBuf {
    let text = include_str!("../../../../registers/koha/register.toml");
    let path = folder.join(format!("{user}.toml"));
    fs::write(&path, text.replace("$LAPSE_DATABASE_URL", &Server::get().url_of(user, "lapse"))).unwrap();
    path
}

fn open(register: &Path, purpose: Purpose) -> Database {
    let RegisterFile::Database(register) = RegisterFile::read(register).unwrap() else { unreachable!() };
    Database::of_register(*register, purpose).unwrap()
}

/// The policy of Koha's sample, with renewal for whoever is active, and the kinds of block that the views tell.
fn rules(folder: &Path) -> Rules {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/koha-sample/policies");
    let libraries = folder.join("policies/libraries");
    fs::create_dir_all(&libraries).unwrap();
    for library in fs::read_dir(sample.join("libraries")).unwrap() {
        let library = library.unwrap();
        fs::copy(library.path(), libraries.join(library.file_name())).unwrap();
    }
    let text = fs::read_to_string(sample.join("consortium.toml")).unwrap();
    let text = text
        .replacen("renewal = \"none\"", "renewal = \"conditional\"", 1)
        .replace("sources = [\"koha\"]", "sources = [\"koha\", \"loan\", \"renewal\", \"hold\", \"payment\"]")
        .replace(
            "accounts_needed = []",
            "blocks = [\"general\", \"suspension\", \"guarantor\", \"staff\", \"protected\"]",
        );
    fs::write(folder.join("policies/consortium.toml"), text).unwrap();
    let policy = Policy::load(&folder.join("policies")).unwrap().policy.unwrap();
    let of_day = policy.on("2023-01-01".parse::<Day>().unwrap());
    Rules { policy, of_day }
}

fn plan(database: &Database, path: &Path, rules: &Rules) -> PlanFile {
    let progress = Progress::default();
    let making = Making {
        typed: "",
        policy: &rules.policy,
        of_day: &rules.of_day,
        extras: None,
        threads: 1,
        progress: &progress,
    };
    make::<ApplyError>(database, path, &making, |_| (), |_, _| Ok((Vec::new(), serde_json::Value::Null))).unwrap();
    PlanFile::open(path).unwrap()
}

/// What a plan does about each patron.
fn planned(plan: &PlanFile) -> BTreeMap<String, Vec<String>> {
    let patron = |patron: lapse_register::PlannedPatron| {
        (patron.patron.clone(), patron.actions.iter().map(|planned| planned.action.clone()).collect())
    };
    plan.patrons(0).unwrap().map(|found| patron(found.unwrap())).collect()
}

fn apply(database: &Database, plan: &PlanFile, rules: &Rules) -> Result<Applied, ApplyError> {
    let applying = Applying {
        plan,
        policy: &rules.policy,
        of_day: &rules.of_day,
        consents: &[Consent { at: ConsentAt::All, guard: None }],
        irreversible: true,
        batch: 3,
        pause: Duration::ZERO,
        who: "a test",
        goes_on: &|| true,
        told: &|_| (),
    };
    applying.apply(database)
}

/// Does what Koha's own tool does with a number of its list.
fn delete(number: &str) {
    script(
        &Server::get().url("koha"),
        &format!(
            "insert into deletedborrowers select * from borrowers where borrowernumber = {number}; \
             delete from borrowers where borrowernumber = {number}"
        ),
    );
}

/// A column of the tables behind the views, as an administrator sees it.
fn texts(sql: &str) -> Vec<String> {
    connection(&Server::get().url("koha")).query(sql).unwrap()
}

fn refused(user: &str, sql: &str) {
    let said = connection(&Server::get().url_of(user, "lapse")).query_drop(sql).unwrap_err().to_string();
    assert!(said.contains("denied"), "{sql}: {said}");
}

/// Who reads the views cannot read what is behind them, and who acts can do no more there than the actions need.
fn nobody_does_more_than_their_role() {
    refused("reader", "select surname from koha.borrowers");
    refused("reader", "update lapse_views.memberships set library = 'MPL'");
    refused("reader", "delete from lapse.lapse_log");
    refused("reader", "create table lapse.mine (a int)");
    refused("actor", "select surname from koha.borrowers");
    refused("actor", "update koha.borrowers set branchcode = 'MPL'");
    refused("actor", "update lapse_views.memberships set library = 'MPL'");
    refused("actor", "delete from koha.borrowers");
}

fn the_views_tell_what_koha_has(database: &Database) {
    let [patrons, memberships, activity, accounts] = <[_; 4]>::try_from(read(database)).unwrap();
    let row = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
    assert_eq!(patrons[0], row(&["1", "1980-01-02", "", "true"]));
    assert!(memberships.contains(&row(&["4", "CPL", "PT", "2010-01-01", "", "active"])));
    let of = |rows: &[Vec<String>], patron: &str| -> Vec<Vec<String>> {
        rows.iter().filter(|row| row[0] == patron).map(|row| row[1..].to_vec()).collect()
    };
    // The day is that of the time zone, and neither a renewal by a program nor anonymous history is anybody's activity.
    let mut of_loan = of(&activity, "12");
    of_loan.sort();
    assert_eq!(
        of_loan,
        [row(&["", "koha", "2015-05-05"]), row(&["", "renewal", "2017-02-02"]), row(&["CPL", "loan", "2016-01-01"])]
    );
    assert!(activity.iter().all(|row| !row[0].is_empty()), "{activity:?}");
    let told: Vec<String> = accounts.iter().map(|row| row.join(" ")).collect();
    assert_eq!(
        told,
        [
            "12 MPL 0.00 0.00  1 ",
            "13 CPL 0.00 0.00  1 ",
            "14 CPL 12.50 0.00  0 ",
            "15 MPL 0.00 3.25  0 ",
            "16 CPL 0.00 0.00 general 0 ",
            "17 CPL 0.00 0.00 guarantor 0 ",
            "18 CPL 0.00 0.00 staff 0 ",
            "19 CPL 0.00 0.00 protected 0 ",
            "20 CPL 0.00 0.00  0 2022-06-06",
            "21 CPL 0.00 0.00 suspension 0 ",
        ]
    );
}

/// However much history there is, what is read again of some patrons is found by their numbers.
fn an_apply_reads_no_more_than_its_patrons() {
    let mut connection = connection(&Server::get().url("lapse"));
    for insert in [
        "insert into koha.old_issues select seq + 1000, null, 502, 'CPL', '2014-01-01' from seq_1_to_5000",
        "insert into koha.old_issues select seq + 9000, 14, 502, 'CPL', '2014-01-01' from seq_1_to_50",
    ] {
        connection.query_drop(insert).unwrap();
    }
    for table in ["patrons", "memberships", "activity", "accounts"] {
        connection.query_drop("flush status").unwrap();
        let select = format!("select * from lapse_views.{table} where borrowernumber in ('10', '11')");
        let _: Vec<mysql::Row> = connection.query(select).unwrap();
        let ask = "select cast(sum(variable_value) as int) from information_schema.session_status \
             where variable_name in ('handler_read_rnd_next', 'handler_read_next', 'handler_read_key')";
        let rows: u64 = connection.query_first(ask).unwrap().unwrap();
        assert!(rows < 500, "{table}: {rows} rows were read");
    }
}

#[test]
fn the_register_of_koha_does_what_its_page_says() {
    set_up();
    let folder = tempfile::tempdir().unwrap();
    let rules = rules(folder.path());
    let [reader, actor] = ["reader", "actor"].map(|user| register(folder.path(), user));
    let address = Address::parse(&Server::get().url_of("actor", "lapse")).unwrap();
    assert_eq!(initialise(&address, Some("lapse")).unwrap(), (None, 1));
    // As the page says of those whose membership ended before lapse came.
    script(
        &Server::get().url("lapse"),
        "insert into koha_deregistered select borrowernumber, dateexpiry from koha.borrowers where dateexpiry < '2019-01-01'",
    );

    nobody_does_more_than_their_role();
    let database = open(&reader, Purpose::Read);
    the_views_tell_what_koha_has(&database);
    let by_reader = planned(&plan(&database, &folder.path().join("reader.plan"), &rules));
    drop(database);
    let of_run = plan(&open(&actor, Purpose::Read), &folder.path().join("actor.plan"), &rules);
    let expected = BTreeMap::from([
        ("1", "deregister"),
        ("2", "deregister"),
        ("4", "deregister"),
        ("3", "renew"),
        ("10", "delete"),
        ("11", "delete"),
    ]);
    let expected: BTreeMap<String, Vec<String>> =
        expected.into_iter().map(|(patron, action)| (patron.to_owned(), vec![action.to_owned()])).collect();
    assert_eq!(by_reader, expected);
    assert_eq!(planned(&of_run), expected);

    // Between plan and apply somebody comes back.
    script(
        &Server::get().url("koha"),
        "update borrowers set lastseen = '2022-12-24 12:00:00' where borrowernumber = 2",
    );
    an_apply_reads_no_more_than_its_patrons();
    let before = texts("select cast(dateexpiry as char) from borrowers order by borrowernumber");
    let database = open(&actor, Purpose::Act);
    let applied = apply(&database, &of_run, &rules).unwrap();
    assert_eq!(applied.refused, []);
    assert_eq!(applied.skipped.iter().map(|left| left.patron.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(applied.done, BTreeMap::from([("deregister".to_owned(), 2), ("renew".to_owned(), 1)]));
    assert_eq!(applied.handed_over, BTreeMap::from([("delete".to_owned(), 2)]));
    let list = fs::read_to_string(folder.path().join("delete-1.txt")).unwrap();
    assert_eq!(list, "10\n11\n");
    assert!(texts("select cast(dateexpiry as char) from borrowers order by borrowernumber") != before);
    let logged = "select concat(action, ' ', object) from action_logs order by object";
    assert_eq!(texts(logged), ["MODIFY 1", "RENEW 3", "MODIFY 4"]);
    let status =
        "select concat(borrowernumber, ' ', status) from lapse_views.memberships where borrowernumber < 5 order by 1";
    assert_eq!(texts(status), ["1 deregistered", "2 active", "3 active", "4 deregistered"]);

    // Koha's tool has done one of them.
    delete("10");
    let settled = settle(&database, "a test").unwrap();
    assert_eq!((settled.done, settled.unknown), (1, 1));

    // What was done in Koha's tables is put back, and what Koha did is not.
    let undoing = Undoing { run: 1, patron: None, library: None, who: "a test", goes_on: &|| true };
    let undone = undoing.undo(&database).unwrap();
    assert_eq!(undone.undone, BTreeMap::from([("deregister".to_owned(), 2), ("renew".to_owned(), 1)]));
    assert_eq!(undone.left.iter().map(|left| left.patron.as_str()).collect::<Vec<_>>(), ["11", "10"]);
    assert_eq!(texts(status), ["1 active", "2 active", "3 active", "4 active"]);
    let left = texts("select cast(dateexpiry as char) from borrowers order by borrowernumber");
    assert_eq!(left.len(), before.len() - 1);
    assert_eq!(texts("select cast(dateexpiry as char) from borrowers where borrowernumber < 5"), before[..4]);

    // Nothing is forgotten of a run as long as nobody knows what became of a patron.
    script(&Server::get().url("lapse"), "update lapse_runs set began = '2020-01-01T00:00:00Z'");
    let purged = purge(&database, "a test").unwrap();
    assert_eq!((purged.runs, purged.left.len()), (vec![], 1));
    delete("11");
    assert_eq!(settle(&database, "a test").unwrap().unknown, 0);
    let purged = purge(&database, "a test").unwrap();
    assert_eq!((purged.runs, purged.left), (vec![1], vec![]));
    assert_eq!(texts("select surname from deletedborrowers"), [] as [String; 0]);
    assert_eq!(
        texts("select patron_id from lapse.lapse_before union all select patron_id from lapse.lapse_ids"),
        [] as [String; 0]
    );
    assert!(matches!(database.verify_log().unwrap(), Verified::Whole { entries, .. } if entries > 8));
}
