//! What only a real server can tell of a connection.

#[path = "../../../tests/databases/postgres_server.rs"]
mod postgres_server;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::*;
use postgres_server::{Server, give_to_the_server};

fn open(url: &str) -> Postgres {
    Postgres::open(&Address::parse(url).unwrap(), url, Access::Change).unwrap()
}

/// A connection to a database of its own.
fn connected() -> Postgres {
    open(&Server::get().url(&Server::get().database()))
}

fn values<const N: usize>(pairs: [(&str, Value); N]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn asked(connection: &mut Postgres, sql: &str) -> Result<Found, DatabaseError> {
    connection.query(&Statement::parse(sql), &Values::new())
}

fn why(error: &DatabaseError) -> Why {
    match error {
        DatabaseError::Refused { why, .. } => *why,
        other => panic!("{other}"),
    }
}

#[test]
fn whatever_a_query_gives_is_told_as_a_text() {
    let mut connection = connected();
    connection.set_time_zone("Europe/Brussels").unwrap();
    let sql = "select 'é'::text as a, 'b '::char(3) as b, 7::int2 as c, -7::int8 as d, true as e, null as f, '{\"g\": 1}'::jsonb as g";
    let known = asked(&mut connection, sql).unwrap();
    assert_eq!(known.columns, ["a", "b", "c", "d", "e", "f", "g"]);
    let texts = |found: &Found| -> Vec<String> {
        found.rows[0].iter().map(|text| text.clone().unwrap_or_else(|| "none".to_owned())).collect()
    };
    assert_eq!(texts(&known), ["é", "b  ", "7", "-7", "true", "none", "{\"g\": 1}"]);
    // Two columns of one name, types that are not known here, an order, and a comment at the end.
    let sql = "select d.a, d.a, 1.50::numeric(9, 2), '1.2.3.4'::inet, array[1, 2], '2026-07-01 00:30+02'::timestamptz, \
        true as t from (values ('2026-01-01'::date), ('infinity')) as d (a) order by d.a desc -- $none";
    let found = asked(&mut connection, sql).unwrap();
    assert_eq!(found.columns, ["a", "a", "numeric", "inet", "array", "timestamptz", "t"]);
    assert_eq!(
        texts(&found),
        ["infinity", "infinity", "1.50", "1.2.3.4/32", "{1,2}", "2026-07-01 00:30:00+02", "true"]
    );
    assert_eq!(found.rows[1][0].as_deref(), Some("2026-01-01"));
}

#[test]
fn values_are_bound_whatever_they_have_in_them() {
    let mut connection = connected();
    connection.script("create table t (id bigint, day date, text text, many int[])").unwrap();
    let odd = "'; drop table t; -- \\ \" {a,b} NULL é";
    let rows = [
        vec!["1".into(), "2026-01-01".into(), odd.into(), Value::List(vec!["1".to_owned(), "2".to_owned()])],
        vec!["2".into(), Value::Null, "NULL".into(), Value::Null],
        vec!["3".into(), "infinity".into(), "".into(), Value::List(Vec::new())],
    ];
    connection.insert("t", &["id", "day", "text", "many"], &rows).unwrap();
    let some = Statement::parse(
        "select text, many, day from t where id = any($ids::int[]) and text = any($texts) order by id",
    );
    let texts = ["NULL", odd].map(str::to_owned).to_vec();
    let values = values([("ids", Value::List(vec!["1".to_owned(), "2".to_owned()])), ("texts", Value::List(texts))]);
    let found = connection.query(&some, &values).unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(found.rows, [[text(odd), text("{1,2}"), text("2026-01-01")], [text("NULL"), None, None]]);

    let mut streamed = Vec::new();
    let columns = connection.columns("t").unwrap();
    assert_eq!(columns.iter().map(|column| column.is_day).collect::<Vec<_>>(), [false, true, false, false]);
    let selected: Vec<String> = columns.iter().map(|column| connection.as_selected(column)).collect();
    assert_eq!(selected, ["\"id\"::text", "\"day\"", "\"text\"", "\"many\"::text"]);
    for condition in ["", " where id = any($ids::bigint[])"] {
        let sql = Statement::parse(&format!("select {} from t{condition} order by id limit 2", selected.join(", ")));
        let mut all = Vec::new();
        let mut each = |chunk: RowChunk| {
            let mut values = chunk.values();
            while !values.is_empty() {
                all.extend(columns.iter().map(|column| values.next(column.is_day).unwrap().into_text().into_owned()));
            }
            true
        };
        connection.stream(&sql, &values, &columns, &mut each).unwrap();
        streamed.push(all);
    }
    assert_eq!(streamed[0], ["1", "2026-01-01", odd, "{1,2}", "2", "", "NULL", ""]);
    assert_eq!(streamed[0], streamed[1]);
}

#[test]
fn asking_for_columns_does_not_spoil_a_transaction() {
    let mut connection = connected();
    connection.begin(Transaction::Change).unwrap();
    connection.script("create table t (a int)").unwrap();
    assert!(connection.columns("no_such_table").is_err());
    assert!(connection.prepare(&Statement::parse("select nonsense")).is_err());
    connection.insert_new("t", &["a"], 1, &[vec!["1".into()]]).unwrap();
    connection.commit().unwrap();
    assert_eq!(asked(&mut connection, "select a from t").unwrap().first(), Some("1"));
}

#[test]
fn a_transaction_that_an_error_spoiled_is_not_committed_in_silence() {
    let mut connection = connected();
    connection.script("create table t (a int)").unwrap();
    connection.begin(Transaction::Change).unwrap();
    connection.script("insert into t values (1)").unwrap();
    assert_eq!(why(&asked(&mut connection, "select 1 / 0").unwrap_err()), Why::Other);
    assert!(connection.commit().is_err());
    assert_eq!(asked(&mut connection, "select count(*) from t").unwrap().first(), Some("0"));
    connection.begin(Transaction::Snapshot).unwrap();
    assert!(connection.script("insert into t values (1)").is_err());
    connection.roll_back();
}

#[test]
fn many_changes_are_done_in_their_order() {
    let mut connection = connected();
    connection.script("create table t (id int, seen int)").unwrap();
    let rows: Vec<Vec<Value>> = (0..1_200_u64).map(|id| vec![(id % 1_000).into(), 0_u64.into()]).collect();
    connection.insert("t", &["id", "seen"], &rows).unwrap();
    // Each looks for what the one before it left.
    let change = Statement::parse("update t set seen = $new where id = $id and seen = $old");
    let all: Vec<Values> = (0..2_000_u64)
        .map(|at| values([("id", (at / 2).into()), ("old", (at % 2).into()), ("new", (at % 2 + 1).into())]))
        .collect();
    connection.begin(Transaction::Change).unwrap();
    let changed = connection.change_many(&change, &all).unwrap();
    assert!((0..2_000).all(|at| changed[at] == if at / 2 < 200 { 2 } else { 1 }));
    let wrong = values([("id", "x".into()), ("old", "0".into()), ("new", "0".into())]);
    let error = connection.change_many(&change, &[all[0].clone(), wrong, all[1].clone()]).unwrap_err();
    assert!(error.to_string().contains("invalid input syntax for type integer: \"x\""), "{error}");
    connection.roll_back();
    assert_eq!(asked(&mut connection, "select max(seen) from t").unwrap().first(), Some("0"));
}

#[test]
fn a_statement_is_prepared_again_where_a_table_has_other_columns() {
    let mut connection = connected();
    connection.script("create table t (a int); insert into t values (1)").unwrap();
    assert_eq!(asked(&mut connection, "select * from t").unwrap().columns, ["a"]);
    connection.script("alter table t add column b date default '2026-01-01'").unwrap();
    let found = asked(&mut connection, "select * from t").unwrap();
    assert_eq!((found.columns.len(), found.rows[0][1].as_deref()), (2, Some("2026-01-01")));
    // In a transaction nothing can be asked again, but the transaction can be tried again.
    connection.script("create table u (a int)").unwrap();
    asked(&mut connection, "select * from u").unwrap();
    connection.begin(Transaction::Change).unwrap();
    connection.script("alter table u add column b int").unwrap();
    assert_eq!(why(&asked(&mut connection, "select * from u").unwrap_err()), Why::Busy);
    connection.roll_back();
    assert_eq!(asked(&mut connection, "select * from u").unwrap().columns, ["a"]);
}

#[test]
fn transactions_that_wait_for_each_other_may_be_tried_again() {
    let url = Server::get().url(&Server::get().database());
    let [mut one, mut two] = [open(&url), open(&url)];
    one.script("create table t (a int); insert into t values (1), (2); set deadlock_timeout = '50ms'").unwrap();
    two.script("set deadlock_timeout = '50ms'").unwrap();
    let lock = |connection: &mut Postgres, a: &str| {
        connection.change(&Statement::parse("update t set a = a where a = $a"), &values([("a", a.into())]))
    };
    for connection in [&mut one, &mut two] {
        connection.begin(Transaction::Change).unwrap();
    }
    lock(&mut one, "1").unwrap();
    lock(&mut two, "2").unwrap();
    let other = std::thread::spawn(move || {
        let done = lock(&mut two, "1").map(drop);
        two.roll_back();
        done
    });
    let done = lock(&mut one, "2").map(drop);
    one.roll_back();
    let error = done.and(other.join().unwrap()).unwrap_err();
    assert!(error.is_passing(), "{error}");
    assert!(error.to_string().contains("deadlock detected; Process"), "{error}");
}

#[test]
fn a_connection_that_the_server_ends_is_gone_and_why_is_told() {
    let mut connection = connected();
    let process = asked(&mut connection, "select pg_backend_pid()").unwrap();
    let mut other = Server::get().client("postgres");
    other.batch_execute(&format!("select pg_terminate_backend({})", process.first().unwrap())).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    let error = asked(&mut connection, "select 1").unwrap_err();
    assert_eq!(why(&error), Why::Gone);
    assert!(error.to_string().contains("terminating connection due to administrator command"), "{error}");
}

#[test]
fn settings_are_set_unless_the_url_has_others() {
    let mut connection = connected();
    let setting = |connection: &mut Postgres, name: &str| {
        asked(connection, &format!("select current_setting('{name}')")).unwrap().first().unwrap().to_owned()
    };
    assert_eq!(setting(&mut connection, "lock_timeout"), "10s");
    assert_eq!(setting(&mut connection, "statement_timeout"), "30min");
    assert_eq!(setting(&mut connection, "idle_in_transaction_session_timeout"), "10min");
    assert_eq!(setting(&mut connection, "application_name"), "lapse");
    let url = format!("{}?options=-c%20lock_timeout%3D3s", Server::get().url("postgres"));
    assert_eq!(setting(&mut open(&url), "lock_timeout"), "3s");
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
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(
        path,
        &format!("req -x509 {new} -keyout self.key -out self.crt -subj /CN=x -addext subjectAltName=DNS:localhost"),
    );
    openssl(path, &format!("req -x509 {new} -keyout ca.key -out ca.crt -subj /CN=authority"));
    openssl(path, &format!("req -x509 {new} -keyout other.key -out other.crt -subj /CN=other"));
    openssl(path, "req -newkey rsa:2048 -nodes -keyout of_ca.key -out of_ca.csr -subj /CN=x");
    std::fs::write(path.join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").unwrap();
    openssl(
        path,
        "x509 -req -in of_ca.csr -CA ca.crt -CAkey ca.key -days 2 -out of_ca.crt -extfile names -set_serial 7",
    );
    for (certificate, authority) in [("self", "self"), ("of_ca", "ca")] {
        let place = |end: &str| path.join(format!("{certificate}.{end}"));
        give_to_the_server(&place("key"));
        std::fs::set_permissions(place("key"), std::fs::Permissions::from_mode(0o600)).unwrap();
        let files = format!("-c ssl_cert_file={} -c ssl_key_file={}", place("crt").display(), place("key").display());
        let server = Server::start(&format!("-c ssl=on {files}"));
        let tried = |host: &str, query: &str| -> Result<bool, String> {
            let query = query.replace("FOLDER", &path.display().to_string());
            let url = format!("{}{query}", server.url("postgres").replace("127.0.0.1", host));
            let mut connection = Postgres::open(&Address::parse(&url).unwrap(), &url, Access::Read)
                .map_err(|error| error.to_string())?;
            let asked = asked(&mut connection, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").unwrap();
            Ok(asked.first() == Some("true"))
        };
        let trusting = format!("&sslrootcert=FOLDER/{authority}.crt");
        assert_eq!(tried("localhost", "?sslmode=disable"), Ok(false));
        assert_eq!(tried("localhost", ""), Ok(true));
        assert_eq!(tried("127.0.0.1", "?sslmode=require"), Ok(true));
        assert_eq!(tried("localhost", &format!("?sslmode=verify-full{trusting}")), Ok(true));
        assert_eq!(tried("127.0.0.1", &format!("?sslmode=verify-ca{trusting}")), Ok(true));
        let refused = |host: &str, query: &str, why: &str| {
            let said = tried(host, query).unwrap_err();
            assert!(said.contains(why), "{said}");
        };
        refused("127.0.0.1", &format!("?sslmode=verify-full{trusting}"), "certificate not valid for name");
        refused(
            "localhost",
            "?sslmode=verify-full&sslrootcert=FOLDER/other.crt",
            "sslrootcert in the URL names a file",
        );
        refused("localhost", "?sslmode=verify-ca&sslrootcert=FOLDER/other.crt", "invalid peer certificate");
        refused("localhost", "?sslmode=require&sslrootcert=FOLDER/other.crt", "invalid peer certificate");
        refused("localhost", "?sslmode=verify-full", "sslrootcert");
        refused("localhost", "?sslmode=verify-full&sslrootcert=FOLDER/none.crt", "none.crt cannot be read");
    }
}
