//! What may go wrong on a MariaDB server, and what its own types and letters come to.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use lapse_register::{Address, ApplyError, Database, Purpose, fill, initialise};
use lapse_tables::{Folder, Source as _, Table};
use mysql::prelude::Queryable as _;

use crate::mariadb_server::{Server, connection, script};
use crate::three::{Place, Three, read};

fn url(place: &Place) -> &str {
    let Address::Mysql(url) = &place.address else { unreachable!("it is of MariaDB") };
    url
}

#[test]
fn days_numbers_and_booleans_of_mariadb_are_read_and_acted_on_as_the_texts_of_files() {
    let three = Three::with(300, 11);
    let [sqlite, _, mariadb] = &three.places;
    for place in [sqlite, mariadb] {
        // A day that no calendar has can stand in a text alone.
        place.script(
            "delete from patrons where birth_date like '%-02-30' or profile_last_active like '%-02-30'; \
             delete from memberships where valid_from like '%-02-30' or valid_until like '%-02-30'; \
             delete from activity where last_active like '%-02-30'; \
             delete from accounts where settled_on like '%-02-30'; \
             delete from patrons where loan_history not in ('true', 'false')",
        );
    }
    mariadb.script(
        "create table finance_history (patron_id varchar(40), library char(30), on_day date, amount decimal(9, 2)); \
         insert into finance_history select patron_id, library, '2010-01-01', '1.50' from memberships; \
         update patrons set loan_history = case loan_history when 'true' then 1 when 'false' then 0 end; \
         alter table patrons modify birth_date date, modify profile_last_active date, modify loan_history tinyint(1); \
         alter table memberships modify patron_id varchar(40), modify library varchar(30), modify valid_from date, \
             modify valid_until date, \
             modify status enum('active', 'expired', 'deregistered', 'blocked', 'cancelled'); \
         alter table activity modify last_active date; \
         alter table accounts modify owed decimal(9, 2), modify items int;",
    );
    sqlite.script(
        "create table finance_history (patron_id text, library text, on_day text, amount text); \
         insert into finance_history select patron_id, library, '2010-01-01', '1.50' from memberships;",
    );
    let [expected, found] = [sqlite, mariadb].map(|place| read(&place.open(Purpose::Read)));
    // The accounts differ: amounts have both their decimals there.
    for (expected, found) in expected[..3].iter().zip(&found) {
        let differing = expected.iter().zip(found).find(|(one, other)| one != other);
        assert_eq!((differing, expected.len()), (None, found.len()));
    }

    let rows = || {
        let tables = ["patrons", "memberships", "activity", "accounts", "finance_history"];
        tables.map(|table| mariadb.rows(&format!("select * from {table}")))
    };
    let before = rows();
    let [expected, applied] =
        [sqlite, mariadb].map(|place| place.apply(&three.rules, &place.plan(&three.rules)).unwrap());
    assert_eq!((&applied.refused, &applied.skipped), (&vec![], &vec![]));
    assert_eq!(applied.done, expected.done);
    assert!(applied.done.contains_key("purge-finance") && applied.done.contains_key("deregister"));
    assert!(rows() != before, "nothing was done");
    assert_eq!(mariadb.undo(applied.run).left, []);
    assert!(rows() == before, "the rows differ");
}

#[test]
fn whatever_letters_a_row_has_come_back_with_it() {
    let three = Three::with(150, 3);
    let mariadb = &three.places[2];
    mariadb.script(
        "alter table patrons add `a \"b\\` text, add json json, add nothing varchar(9); \
         update patrons set `a \"b\\` = '\"\\\\ ''é🂡\n\t$x ?', json = '{\"a\": [1, null]}', nothing = '';",
    );
    let before = mariadb.all_rows();
    let applied = mariadb.apply(&three.rules, &mariadb.plan(&three.rules)).unwrap();
    assert!(applied.done["delete"] > 0, "{:?}", applied.done);
    assert_eq!(mariadb.undo(applied.run).left, []);
    assert!(mariadb.all_rows() == before, "the rows differ");
}

#[test]
fn a_lock_of_another_session_is_waited_for_and_its_holder_is_named() {
    let three = Three::with(60, 9);
    let mariadb = &three.places[2];
    let plan = mariadb.plan(&three.rules);
    let patron = plan.patrons(0).unwrap().next().unwrap().unwrap().patron;
    let mut other = connection(url(mariadb));
    other.query_drop("start transaction").unwrap();
    other.exec_drop("select 1 from patrons where patron_id = ? for update", (&patron,)).unwrap();

    let error = mariadb.apply(&three.rules, &plan).unwrap_err().to_string();
    assert!(error.contains("Lock wait timeout exceeded"), "{error}");
    let holder = format!("process {} (user root from 127.0.0.1:", other.connection_id());
    assert!(error.contains(&holder) && error.contains("holds locks in a transaction since"), "{error}");

    // Nothing was done, and the same goes on once the lock is free.
    assert_eq!(mariadb.rows("select content from lapse_log"), [] as [Vec<_>; 0]);
    other.query_drop("rollback").unwrap();
    let applied = mariadb.apply(&three.rules, &plan).unwrap();
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
}

#[test]
fn a_batch_that_a_deadlock_took_back_is_tried_again() {
    let three = Three::with(60, 9);
    let mariadb = &three.places[2];
    let plan = mariadb.plan(&three.rules);
    let patron = plan.patrons(0).unwrap().next().unwrap().unwrap().patron;
    // The server takes back whoever changed less.
    mariadb.script("create table weight as select seq from seq_1_to_1000");
    let mut other = connection(url(mariadb));
    other.query_drop("start transaction; update weight set seq = seq + 1").unwrap();
    other.exec_drop("select 1 from patrons where patron_id = ? for update", (&patron,)).unwrap();
    let waits = url(mariadb).to_owned();
    let crossing = std::thread::spawn(move || {
        let mut looks = connection(&waits);
        let ask = "select count(*) from information_schema.innodb_trx t \
             join information_schema.processlist p on p.id = t.trx_mysql_thread_id \
             where t.trx_state = 'LOCK WAIT' and p.db = database()";
        while looks.query_first::<u64, _>(ask).unwrap() == Some(0) {
            // Whoever asks more often gets the answer of the last time.
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        // Lapse holds the lease and waits for the patron.
        other.query_drop("update lapse_lease set since = '' where id = 1").unwrap();
        other.query_drop("rollback").unwrap();
    });
    let applied = mariadb.apply(&three.rules, &plan).unwrap();
    crossing.join().unwrap();
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
    assert!(!applied.done.is_empty());
}

#[test]
fn a_connection_that_is_cut_in_the_middle_loses_nothing_and_does_nothing_twice() {
    let [cut, whole] = [Three::with(300, 4), Three::with(300, 4)];
    let undisturbed = &whole.places[2];
    undisturbed.apply(&whole.rules, &undisturbed.plan(&whole.rules)).unwrap();
    let mariadb = &cut.places[2];
    let plan = mariadb.plan(&cut.rules);
    let mut cuts = 0;
    loop {
        let (tell, told) = std::sync::mpsc::channel();
        let url = url(mariadb).to_owned();
        let cutter = std::thread::spawn(move || {
            let mut client = connection(&url);
            told.recv().unwrap();
            let ask = "select id from information_schema.processlist where db = database() and id <> connection_id()";
            for process in client.query::<u64, _>(ask).unwrap() {
                // It may have ended by itself.
                let _ = client.query_drop(format!("kill {process}"));
            }
        });
        let done = mariadb.apply_telling(&cut.rules, &plan, &|_| {
            let _ = tell.send(());
        });
        let _ = tell.send(());
        cutter.join().unwrap();
        match done {
            Ok(_) | Err(ApplyError::Applied { .. }) => break,
            Err(error) => {
                let said = error.to_string();
                let words = ["server disconnected", "Connection was killed", "Broken pipe", "reset by peer"];
                assert!(words.iter().any(|word| said.contains(word)), "{said}");
                cuts += 1;
                // The lease of a command that was cut off is stale after two minutes.
                mariadb.script("delete from lapse_lease");
            }
        }
    }
    assert!(cuts > 0, "the connection was never cut");
    assert!(mariadb.all_rows() == undisturbed.all_rows(), "the rows differ");
    let outcomes = "select concat(json_value(content, '$.action'), json_value(content, '$.outcome')) from lapse_log";
    assert_eq!(mariadb.rows(outcomes), undisturbed.rows(outcomes));
}

#[test]
fn tables_that_were_left_half_made_are_finished_by_the_next_command() {
    let three = Three::with(20, 1);
    let url = Server::get().url(&Server::get().database());
    let address = Address::parse(&url).unwrap();
    // As a program leaves it that was stopped in the middle.
    script(&url, "create table lapse_fill_patrons (other text); create table lapse_fill_accounts (other text)");
    fill(&address, &Folder::new(&three.extract)).unwrap();
    assert_eq!(initialise(&address, None).unwrap(), (None, 1));
    script(&url, "drop table lapse_trash, lapse_identity, lapse_before; delete from lapse_schema");
    let error = Database::open(&address, Purpose::Act).unwrap().last_summary().unwrap_err();
    assert!(matches!(error, ApplyError::Outdated { .. }), "{error}");
    assert_eq!(initialise(&address, None).unwrap(), (Some(0), 1));
    assert_eq!(initialise(&address, None).unwrap(), (Some(1), 1));
    let database = Database::open(&address, Purpose::Act).unwrap();
    assert!(read(&database) == read(&Folder::new(&three.extract)), "the rows differ");
    assert_eq!(database.last_summary().unwrap(), None);
    let error = fill(&address, &Folder::new(&three.extract)).unwrap_err();
    assert!(matches!(error, ApplyError::TableIsThere { table: "patrons", .. }), "{error}");
}

#[test]
fn a_column_that_is_missing_and_a_server_that_is_not_there_are_named() {
    let three = Three::with(60, 1);
    let mariadb = &three.places[2];
    let plan = mariadb.plan(&three.rules);
    mariadb.script("alter table memberships change status state text");
    // The actions are others without it.
    let error = mariadb.apply(&three.rules, &plan).unwrap_err();
    assert!(matches!(error, ApplyError::OtherRegister), "{error}");
    mariadb.script("alter table memberships drop column library");
    let error = mariadb.open(Purpose::Read).table(Table::Memberships, &[]).err().unwrap().to_string();
    assert!(error.contains("library"), "{error}");

    let told = |url: &str| Database::open(&Address::parse(url).unwrap(), Purpose::Read).err().unwrap().to_string();
    let said = told("mysql://lapse:s3cr3t@127.0.0.1:1/patrons");
    assert!(said.starts_with("mysql://lapse@127.0.0.1:1/patrons cannot be opened ("), "{said}");
    assert!(said.contains("refused"), "{said}");
    let said = told(&format!("{}&ssl-mode=required", Server::get().url("mysql")));
    assert!(said.contains("the server has no TLS, which ssl-mode=disabled in the URL does without"), "{said}");
    let said = told(&Server::get().url_of("nobody_at_all", "mysql"));
    assert!(said.contains("Access denied for user 'nobody_at_all'"), "{said}");
}

/// Runs openssl in a folder, where each word of `arguments` is one of its own.
fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output();
    let done = done.expect("this test makes certificates by openssl; install it: apt-get install openssl");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_server_is_who_it_says_as_far_as_the_url_asks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let new = "-newkey rsa:2048 -nodes -days 2";
    openssl(path, &format!("req -x509 {new} -keyout ca.key -out ca.crt -subj /CN=authority"));
    openssl(path, &format!("req -x509 {new} -keyout other.key -out other.crt -subj /CN=other"));
    openssl(path, "req -newkey rsa:2048 -nodes -keyout of_ca.key -out of_ca.csr -subj /CN=x");
    std::fs::write(path.join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").unwrap();
    openssl(
        path,
        "x509 -req -in of_ca.csr -CA ca.crt -CAkey ca.key -days 2 -out of_ca.crt -extfile names -set_serial 7",
    );
    std::fs::set_permissions(path.join("of_ca.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let setting = |name: &str, file: &str| format!("--{name}={}", path.join(file).display());
    let server = Server::start(&[setting("ssl-cert", "of_ca.crt"), setting("ssl-key", "of_ca.key")]);
    let make = "create user careful@'%' require ssl; create database patrons; grant all on patrons.* to careful@'%'; \
         use patrons; create table patrons (patron_id text); create table memberships (patron_id text)";
    script(&server.url("mysql"), make);
    let tried = |host: &str, query: &str| {
        let url = server.url_of("careful", "patrons").replace("127.0.0.1", host);
        let query = query.replace("FOLDER", &path.display().to_string());
        let opened = Database::open(&Address::parse(&(url + &query)).unwrap(), Purpose::Read);
        opened.map(drop).map_err(|error| error.to_string())
    };
    let said = |host: &str, query: &str| tried(host, query).unwrap_err();
    // The server lets this user in by TLS alone, so that whoever is let in came by it.
    assert!(said("127.0.0.1", "").contains("Access denied"), "{}", said("127.0.0.1", ""));
    assert_eq!(tried("127.0.0.1", "&ssl-mode=required"), Ok(()));
    assert_eq!(tried("127.0.0.1", "&ssl-mode=verify-ca&ssl-ca=FOLDER/ca.crt"), Ok(()));
    assert_eq!(tried("localhost", "&ssl-mode=VERIFY_IDENTITY&ssl-ca=FOLDER/ca.crt"), Ok(()));
    for (host, query) in [
        ("127.0.0.1", "&ssl-mode=verify-identity&ssl-ca=FOLDER/ca.crt"),
        ("127.0.0.1", "&ssl-mode=verify-ca&ssl-ca=FOLDER/other.crt"),
        ("localhost", "&ssl-mode=verify-identity"),
    ] {
        let said = said(host, query);
        assert!(said.contains("invalid peer certificate") && said.contains("ssl-ca in the URL"), "{said}");
    }
}
