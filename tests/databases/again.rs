//! What has changed since a plan, and plans that must not be applied.

use super::state::State;
use crate::program::Folder;

#[test]
fn a_patron_who_borrows_a_book_between_plan_and_apply_is_left_alone() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.others("insert into activity (patron_id, library, source, last_active) values ('P000066', 'nazareth', 'wise', '2022-06-30')");
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("P000066  deregister at nazareth: the patron has changed since the plan in activity"),
        "{}",
        ran.stdout
    );
    assert_eq!(state.rows("select status from memberships where patron_id = 'P000066'"), [["active"]]);
    assert_eq!(
        state.number("select count(*) from memberships where status = 'deregistered' and valid_until = '2022-06-30'"),
        98
    );
    let log = state.lapse(&["log", "--data", "patrons.db", "--patron", "P000066"]).stdout;
    assert!(log.contains("deregister skipped"), "{log}");
}

#[test]
fn a_patron_who_is_gone_or_whose_row_is_spoilt_is_left_alone() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.others("delete from patrons where patron_id = 'P000066'");
    let other = state.rows("select patron_id from memberships where patron_id not in ('P000066') and valid_until between '2022-07-01' and '2022-12-31' limit 1");
    let planned = state.lapse(&["plan", "show", "july.plan", "--library", "deinze"]).stdout;
    let deregistered =
        planned.lines().find(|line| line.contains("  deregister ")).unwrap().split("  ").next().unwrap().to_owned();
    state.others(&format!(
        "insert into accounts (patron_id, library, owed) values ('{deregistered}', 'elsewhere', '-1')"
    ));
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 3, "{}{other:?}", ran.stderr);
    assert!(ran.stdout.contains("P000066  deregister at nazareth: the patron is no longer there"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains(&format!("{deregistered}  deregister at deinze: a row of the patron can no longer be used")),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_second_of_two_plans_of_one_month_finds_everything_done() {
    let state = State::of_sample();
    state.plan("one.plan");
    state.plan("two.plan");
    assert_eq!(state.apply("one.plan", &[]).code, 0);
    let after = state.tables();
    let ran = state.apply("two.plan", &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("done: nothing"), "{}", ran.stdout);
    assert_eq!(state.tables(), after);
    state.log_is_whole();
}

#[test]
fn a_plan_is_applied_once_and_by_its_own_policy_and_database() {
    let state = State::of_sample();
    state.plan("july.plan");
    let other = State::of_sample();
    std::fs::copy(state.folder.path().join("july.plan"), other.folder.path().join("july.plan")).unwrap();
    let ran = other.apply("july.plan", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("was made in another database"), "{}", ran.stderr);

    let policies = Folder::with(&[
        ("consortium.toml", "[consortium]\nname = \"Another\"\n"),
        ("libraries/deinze.toml", "[library]\ncode = \"deinze\"\n"),
    ]);
    let ran = state.folder.lapse(&[
        "apply",
        "july.plan",
        "--data",
        "patrons.db",
        "--policies",
        policies.path().to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("was made by another policy"), "{}", ran.stderr);

    assert_eq!(state.apply("july.plan", &[]).code, 0);
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("this plan was applied as run 1, and nothing is left to do of it"), "{}", ran.stderr);
}

#[test]
fn a_database_that_was_put_back_from_a_backup_refuses_later_plans() {
    let state = State::of_sample();
    std::fs::copy(state.folder.path().join("patrons.db"), state.folder.path().join("backup.db")).unwrap();
    state.plan("july.plan");
    state.apply("july.plan", &[]);
    state.plan("again.plan");
    std::fs::remove_file(state.folder.path().join("patrons.db")).unwrap();
    std::fs::rename(state.folder.path().join("backup.db"), state.folder.path().join("patrons.db")).unwrap();
    let ran = state.apply("again.plan", &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("no longer has what it had when this plan was made"), "{}", ran.stderr);
}

#[test]
fn a_plan_that_was_changed_is_refused() {
    let state = State::of_sample();
    state.plan("july.plan");
    let text = state.folder.read("july.plan");
    let lines: Vec<&str> = text.lines().collect();
    let changed = [
        text.replace("P000066", "P000067"),
        lines[..lines.len() - 1].join("\n"),
        [&lines[..3], &lines[4..]].concat().join("\n"),
        text[..text.len() / 2].to_owned(),
        format!("{text}{{}}\n"),
        "patron_id,library\n".to_owned(),
        String::new(),
    ];
    for text in changed {
        state.folder.write("changed.plan", &text);
        let ran = state.apply("changed.plan", &[]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains("changed.plan:"), "{}", ran.stderr);
    }
    assert_eq!(state.number("select count(*) from lapse_runs"), 0);
}

#[test]
fn only_the_owner_may_read_a_plan() {
    use std::os::unix::fs::PermissionsExt as _;
    let state = State::of_sample();
    state.plan("july.plan");
    let mode = std::fs::metadata(state.folder.path().join("july.plan")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(state.folder.names("."), ["july.plan", "patrons.db"]);
}

#[test]
fn a_dry_run_shows_statements_and_does_nothing() {
    let state = State::of_sample();
    state.plan("july.plan");
    let before = state.tables();
    let ran = state.apply("july.plan", &["--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("update memberships set status = 'deregistered'"), "{}", ran.stdout);
    assert!(ran.stdout.contains("$patron_id = 'P000066'"), "{}", ran.stdout);
    assert_eq!(state.tables(), before);
    assert_eq!(state.number("select count(*) from lapse_runs"), 0);
}

#[test]
fn files_are_no_database() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.folder.write("extract/patrons.csv", "patron_id\n");
    for data in ["extract", "sqlite:nowhere.db"] {
        let ran = state.lapse(&["apply", "july.plan", "--data", data]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("lapse register init"), "{}", ran.stderr);
    }
    state.folder.write("broken.db", "SQLite format 3\0 and then nothing");
    let ran = state.lapse(&["apply", "july.plan", "--data", "broken.db"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("broken.db cannot be opened"), "{}", ran.stderr);
}

#[test]
fn a_plan_replaced_the_database_that_it_was_made_for() {
    let state = State::of_sample();
    state.folder.write("register.toml", "[register]\n");
    let before = std::fs::read(state.folder.path().join("patrons.db")).unwrap();
    for out in ["patrons.db", "register.toml"] {
        let ran = state.lapse(&["plan", "--data", "patrons.db", "--date", "2022-07-01", "--out", out]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains("is there already, and is no plan"), "{}", ran.stderr);
    }
    assert!(std::fs::read(state.folder.path().join("patrons.db")).unwrap() == before);
    // A plan may take the place of an earlier one.
    state.plan("july.plan");
    state.plan("july.plan");
}

#[test]
fn a_run_that_was_stopped_and_undone_does_not_go_on() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.apply("july.plan", &["--batch", "20"]);
    // As if it had been stopped after the second batch, and one of its actions cannot be put back.
    state.others("update lapse_passes set ended = null, position = 40");
    state.others("update memberships set valid_until = '2023-12-31' where patron_id = 'P000066'");
    let ran = state.lapse(&["undo", "1", "--data", "patrons.db"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("was undone at"), "{}", ran.stderr);
}

#[test]
fn names_that_nobody_has_were_answered_with_nothing() {
    let state = State::of_sample();
    state.plan("july.plan");
    state.apply("july.plan", &[]);
    for words in [
        &["plan", "show", "july.plan", "--library", "deinse"][..],
        &["undo", "1", "--data", "patrons.db", "--patron", "P68"],
        &["log", "--data", "patrons.db", "--run", "99"],
        &["log", "--data", "patrons.db", "--patron", "P68"],
        &["undo", "99", "--data", "patrons.db"],
    ] {
        let ran = state.lapse(words);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words:?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}
