//! The way from a plan over apply to undo and purge, in lapse's own tables.

use super::state::State;

#[test]
fn an_undo_brings_every_row_back() {
    let state = State::of_sample();
    let before = state.tables();
    let ran = state.plan("july.plan");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("Go on: lapse apply july.plan --data patrons.db --policies "), "{}", ran.stdout);
    assert_eq!(state.tables(), before, "a plan changes nothing");

    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("99 deregistered, 66 renewed"), "{}", ran.stdout);
    assert_eq!(
        state.number("select count(*) from memberships where status = 'deregistered' and valid_until = '2022-06-30'"),
        99
    );
    assert_eq!(state.number("select count(distinct patron_id) from lapse_trash where part = 'memberships'"), 36);
    state.log_is_whole();

    let ran = state.lapse(&["undo", "1", "--data", "patrons.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(state.tables(), before);
    state.log_is_whole();
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("was undone at"), "{}", ran.stderr);
}

#[test]
fn what_a_run_did_is_what_the_next_run_sees() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.apply("july.plan", &[]);
    let ran = state.lapse(&["run", "--data", "patrons.db", "--date", "2022-07-01", "--out", "out", "--changes-only"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    // Whatever was decided was done, but for what the own tables have no table of.
    assert_eq!(state.folder.read("out/memberships.csv").lines().count(), 1);
    assert_eq!(state.folder.read("out/profiles.csv").lines().count(), 1);
    let records = state.folder.read("out/records.csv");
    assert_eq!(records.lines().skip(1).find(|line| !line.contains(",kept,")), None);
}

#[test]
fn a_part_of_a_run_can_be_undone() {
    let state = State::of_sample();
    let before = state.tables();
    state.plan("july.plan");
    state.apply("july.plan", &[]);
    let of_patron = "select valid_until, status from memberships where patron_id = 'P000066'";
    assert_eq!(state.rows(of_patron), [["2022-06-30", "deregistered"]]);
    let ran = state.lapse(&["undo", "1", "--data", "patrons.db", "--patron", "P000066"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(state.rows(of_patron), [["2023-02-22", "active"]]);
    let ran = state.lapse(&["undo", "1", "--data", "patrons.db", "--library", "deinze"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let of_library = |tables: &std::collections::BTreeMap<&str, Vec<Vec<String>>>| -> Vec<Vec<String>> {
        tables["memberships"].iter().filter(|row| row[1] == "deinze").cloned().collect()
    };
    assert_eq!(of_library(&state.tables()), of_library(&before));
    assert_ne!(state.tables(), before);
    assert_eq!(state.lapse(&["undo", "1", "--data", "patrons.db"]).code, 0);
    assert_eq!(state.tables(), before);
}

#[test]
fn what_was_changed_since_the_run_is_not_put_back() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.apply("july.plan", &[]);
    state.others("update memberships set valid_until = '2023-07-01', status = 'active' where patron_id = 'P000066'");
    let ran = state.lapse(&["undo", "1", "--data", "patrons.db", "--patron", "P000066"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("P000066  deregister at nazareth: the present state is not what the run left"),
        "{}",
        ran.stdout
    );
    assert_eq!(state.rows("select valid_until from memberships where patron_id = 'P000066'"), [["2023-07-01"]]);
    let deleted = state.rows("select patron_id from lapse_trash where part = 'patrons' limit 1")[0][0].clone();
    state.others(&format!("insert into patrons (patron_id) values ('{deleted}')"));
    let ran = state.lapse(&["undo", "1", "--data", "patrons.db", "--patron", &deleted]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(state.number(&format!("select count(*) from patrons where patron_id = '{deleted}'")), 1);
}

#[test]
fn what_is_purged_is_not_in_the_file_any_more() {
    let state = State::of_sample();
    state.others(
        "update patrons set patron_id = 'NamedSomebody77' where patron_id in \
                  (select patron_id from memberships limit 0)",
    );
    state.plan("july.plan");
    let deleted = {
        let shown = state.lapse(&["plan", "show", "july.plan", "--library", "deinze"]).stdout;
        let line = shown.lines().find(|line| line.contains("  delete at")).unwrap().to_owned();
        line.split("  ").next().unwrap().to_owned()
    };
    // An id that nothing else in the file looks like.
    let secret = "Q7Wx-Zz-Planted";
    for table in super::state::TABLES {
        state.others(&format!("update {table} set patron_id = '{secret}' where patron_id = '{deleted}'"));
    }
    state.plan("july.plan");
    assert_eq!(state.apply("july.plan", &[]).code, 0);
    let bytes = |state: &State| {
        let path = state.folder.path().join("patrons.db");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
        bytes
    };
    let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(holds(&bytes(&state)));
    let ran = state.lapse(&["purge", "--data", "patrons.db"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("Run 1 can be undone for 30 more days"), "{}", ran.stdout);
    state.others("update lapse_runs set began = '2020-01-01T00:00:00Z'");
    let ran = state.lapse(&["purge", "--data", "patrons.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!holds(&bytes(&state)));
    state.log_is_whole();
    let ran = state.lapse(&["undo", "1", "--data", "patrons.db"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("can be undone for 30 days"), "{}", ran.stderr);
}

#[test]
fn a_changed_log_is_found() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.apply("july.plan", &["--batch", "50"]);
    state.log_is_whole();
    for change in [
        "update lapse_log set content = replace(content, 'inactive', 'whatever') where entry = 7",
        "delete from lapse_log where entry = (select max(entry) from lapse_log)",
        "delete from lapse_log where entry = 12",
        "delete from lapse_batches where batch = 2",
        "update lapse_log set pseudonym = 'x' where entry = 7",
        "update lapse_log set run = 9 where entry = 7",
        "update lapse_log set content = content || char(10) where entry = 7",
        "update lapse_batches set hash = 'x' where batch = (select max(batch) from lapse_batches)",
    ] {
        std::fs::copy(state.folder.path().join("patrons.db"), state.folder.path().join("copy.db")).unwrap();
        let copy = rusqlite::Connection::open(state.folder.path().join("copy.db")).unwrap();
        assert_eq!(copy.execute(change, []).unwrap(), 1, "{change}");
        drop(copy);
        let ran = state.lapse(&["log", "verify", "--data", "copy.db"]);
        assert_eq!(ran.code, 1, "{change}: {}", ran.stdout);
        assert!(ran.stdout.contains("was changed or cut off"), "{}", ran.stdout);
    }
}

#[test]
fn the_log_tells_of_a_patron_without_naming_others() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.apply("july.plan", &[]);
    let ran = state.lapse(&["log", "--data", "patrons.db", "--patron", "P000066"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert!(
        ran.stdout.contains("deregister done: youth at nazareth because inactive by consortium.toml:"),
        "{}",
        ran.stdout
    );
    assert_eq!(state.number("select count(*) from lapse_log where content like '%P000066%'"), 0);
}

#[test]
fn only_the_owner_could_not_keep_others_from_reading_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let state = State::of_sample();
    let mode = std::fs::metadata(state.folder.path().join("patrons.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ran = state.lapse(&["register", "init", "--from", "nothere", "other.db"]);
    assert_eq!(ran.code, 2);
    assert!(!state.folder.path().join("other.db").exists(), "a file without tables was left");
}

#[test]
fn a_deletion_left_the_rows_that_are_kept_for_a_time() {
    let state = State::of_sample();
    state.others("create table finance_history (patron_id text, library text, on_day text)");
    state.others("insert into finance_history select patron_id, library, '2022-01-01' from memberships");
    // A row without a day may be of any, and is not older than a cut-off.
    state.others("insert into finance_history values ('P000066', 'nazareth', '')");
    let before = state.rows("select * from finance_history order by 1, 2, 3");
    state.plan("july.plan");
    assert_eq!(state.apply("july.plan", &[]).code, 0);
    let of_nobody = "select count(*) from finance_history where patron_id not in (select patron_id from memberships)";
    assert_eq!(state.number(of_nobody), 0);
    assert_eq!(state.number("select count(*) from finance_history where on_day = ''"), 1);
    assert_eq!(state.lapse(&["undo", "1", "--data", "patrons.db"]).code, 0);
    assert!(state.rows("select * from finance_history order by 1, 2, 3") == before);
}
