//! What may go wrong on a server, and what people are told of it.

use std::sync::mpsc::channel;

use lapse_register::{Address, ApplyError, Database, Purpose, fill, initialise};
use lapse_tables::{Folder, Source as _, Table};

use crate::postgres_server::Server;
use crate::three::Three;

#[test]
fn a_lock_of_another_session_is_waited_for_and_its_holder_is_named() {
    let three = Three::with(60, 9);
    let postgres = &three.places[1];
    let plan = postgres.plan(&three.rules);
    let patron = plan.patrons(0).unwrap().next().unwrap().unwrap().patron;
    let url = format!("{}?application_name=circulation", Server::get().url_of("lapse_admin", &three.name));
    let mut other = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let mut locks = other.transaction().unwrap();
    locks.execute("select 1 from patrons where patron_id = $1 for update", &[&patron]).unwrap();
    let process: i32 = locks.query_one("select pg_backend_pid()", &[]).unwrap().get(0);

    // The URL says how long to wait, so that the test need not.
    let Address::Postgres(url) = &postgres.address else { unreachable!() };
    let hurried = crate::three::Place::new(&format!("{url}?options=-c%20lock_timeout%3D400ms"), &three);
    let error = hurried.apply(&three.rules, &plan).unwrap_err().to_string();
    assert!(error.contains("canceling statement due to lock timeout"), "{error}");
    let holder = format!("process {process} (user lapse_admin, application circulation) holds the lock");
    assert!(error.contains(&holder), "{error}");

    // Nothing was done, and the same goes on once the lock is free.
    assert_eq!(postgres.rows("select content from lapse_log"), [] as [Vec<_>; 0]);
    locks.rollback().unwrap();
    let applied = postgres.apply(&three.rules, &plan).unwrap();
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
}

#[test]
fn a_loan_that_is_made_while_the_lock_is_waited_for_was_not_seen() {
    let three = Three::with(60, 9);
    let postgres = &three.places[1];
    let plan = postgres.plan(&three.rules);
    let planned = plan.patrons(0).unwrap().next().unwrap().unwrap();
    let mut other =
        postgres::Client::connect(&Server::get().url_of("lapse_admin", &three.name), postgres::NoTls).unwrap();
    let mut loan = other.transaction().unwrap();
    // As the key of a loan does: the row of the patron is locked, and not changed.
    loan.execute("select 1 from patrons where patron_id = $1 for key share", &[&planned.patron]).unwrap();
    let library = &planned.actions[0].libraries[0];
    loan.execute("delete from accounts where patron_id = $1 and library = $2", &[&planned.patron, library]).unwrap();
    let insert = "insert into accounts (patron_id, library, items) values ($1, $2, '1')";
    loan.execute(insert, &[&planned.patron, library]).unwrap();
    let applied = std::thread::scope(|scope| {
        let applying = scope.spawn(|| postgres.apply(&three.rules, &plan).unwrap());
        let waits =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let began = std::time::Instant::now();
        let mut watcher = Server::get().client(&three.name);
        while watcher.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 0 {
            assert!(began.elapsed() < std::time::Duration::from_secs(30), "nobody waits");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        loan.commit().unwrap();
        applying.join().unwrap()
    });
    assert!(applied.skipped.iter().any(|left| left.patron == planned.patron), "{:?}", applied.skipped);
}

#[test]
fn a_connection_that_is_cut_in_the_middle_loses_nothing_and_does_nothing_twice() {
    let [cut, whole] = [Three::with(300, 4), Three::with(300, 4)];
    let undisturbed = &whole.places[1];
    undisturbed.apply(&whole.rules, &undisturbed.plan(&whole.rules)).unwrap();
    let postgres = &cut.places[1];
    let plan = postgres.plan(&cut.rules);
    let mut cuts = 0;
    loop {
        let (tell, told) = channel();
        let (url, name) = (Server::get().url("postgres"), cut.name.clone());
        let cutter = std::thread::spawn(move || {
            let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
            told.recv().unwrap();
            let sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
            client.execute(sql, &[&name]).unwrap();
        });
        let done = postgres.apply_telling(&cut.rules, &plan, &|_| {
            let _ = tell.send(());
        });
        let _ = tell.send(());
        cutter.join().unwrap();
        match done {
            Ok(_) | Err(ApplyError::Applied { .. }) => break,
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains("terminating connection due to administrator command"), "{said}");
                cuts += 1;
                // The lease of a command that was cut off is stale after two minutes.
                postgres.script("delete from lapse_lease");
            }
        }
    }
    assert!(cuts > 0, "the connection was never cut");
    assert!(postgres.all_rows() == undisturbed.all_rows(), "the rows differ");
    let outcomes = "select content::json->>'action' || ' ' || (content::json->>'outcome') from lapse_log";
    assert_eq!(postgres.rows(outcomes), undisturbed.rows(outcomes));
}

#[test]
fn a_column_that_is_missing_is_named() {
    let three = Three::with(60, 1);
    let postgres = &three.places[1];
    let plan = postgres.plan(&three.rules);
    postgres.script("alter table memberships rename column status to state");
    let error = postgres.apply(&three.rules, &plan).unwrap_err().to_string();
    assert_eq!(error, "this plan was made for another register or other columns; make a new plan");
    postgres.script("alter table memberships drop column library");
    let error = postgres.open(Purpose::Read).table(Table::Memberships, &[]).err().unwrap().to_string();
    assert!(error.contains("library"), "{error}");
}

#[test]
fn a_server_that_is_not_there_and_a_url_that_is_wrong_are_told() {
    let told = |url: &str| Database::open(&Address::parse(url).unwrap(), Purpose::Read).err().unwrap().to_string();
    let said = told("postgres://lapse:s3cr3t@127.0.0.1:1/patrons");
    assert!(
        said.starts_with("postgres://lapse@127.0.0.1:1/patrons cannot be opened (error connecting to server:"),
        "{said}"
    );
    let said = told(&format!("{}?sslmode=require", Server::get().url("postgres")));
    assert!(said.contains("server does not support TLS"), "{said}");
    let said = told(&Server::get().url_of("nobody_at_all", "postgres"));
    assert!(said.contains("role \"nobody_at_all\" does not exist"), "{said}");
    assert!(!told("postgres://lapse:s3cr3t@db/p?sslmode=s3cr3t2").contains("s3cr3t@"));
}

#[test]
fn tables_that_are_there_are_not_filled_again() {
    let three = Three::with(20, 1);
    let postgres = &three.places[1];
    let before = postgres.all_rows();
    let error = fill(&postgres.address, &Folder::new(&three.extract)).unwrap_err();
    assert!(matches!(error, ApplyError::TableIsThere { table: "patrons", .. }), "{error}");
    assert!(postgres.all_rows() == before, "the rows differ");
    assert_eq!(initialise(&postgres.address, None).unwrap(), (Some(1), 1));
}
