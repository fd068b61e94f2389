//! Registers of databases: their mistakes, and actions by SQL, by a work list and by a program of the site.

use super::state::State;

/// A register of the tables of `patrons.db`, whose actions are these.
fn register(actions: &str) -> String {
    let only = "patron_id in (select value from json_each($ids))";
    format!(
        "[register]\nname = \"ours\"\ndatabase = \"sqlite\"\nurl = \"sqlite:patrons.db\"\n\n[read]\n\
         patrons = {{ from = \"patrons\", only = \"{only}\" }}\nmemberships = {{ from = \"memberships\", only = \"{only}\" }}\n\
         activity = {{ from = \"activity\", only = \"{only}\" }}\n\
         accounts = {{ from = \"select * from accounts where 1 = 1 {{only}}\", only = \"{only}\" }}\n\n{actions}"
    )
}

fn with(actions: &str) -> State {
    let state = State::of_sample();
    state.folder.write("ours.toml", register(actions));
    state
}

fn plan(state: &State) {
    let ran = state.lapse(&["plan", "--data", "ours.toml", "--date", "2022-07-01", "--out", "a.plan"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

const DEREGISTER: &str = "[action.deregister]\nbefore = \"select status, library as place from memberships where patron_id = $patron_id \
    and library = $library and subscription = $subscription and valid_from = $valid_from\"\n\
    sql = \"update memberships set status = 'deregistered', valid_until = $valid_until where patron_id = $patron_id and library = $before_place \
    and subscription = $subscription and valid_from = $valid_from\"\n\
    undo = \"update memberships set status = $before_status, valid_until = $before_valid_until where patron_id = $patron_id and library = $library \
    and subscription = $subscription and valid_from = $valid_from and valid_until = $valid_until\"\nrows = 1\n";

#[test]
fn a_register_says_what_is_done_and_what_is_not() {
    let state = with(DEREGISTER);
    let ran = state.lapse(&["register", "check", "ours.toml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("7 statements can be done"), "{}", ran.stdout);
    let before = state.tables();
    plan(&state);
    let ran = state.lapse(&["plan", "show", "a.plan"]);
    assert!(
        ran.stdout
            .contains("Not done, because the register does not say how: archive 16, delete 36, delete-profile 39, renew 66; pseudonymise and purge-finance"),
        "{}",
        ran.stdout
    );
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("done: 99 deregistered"), "{}", ran.stdout);
    // A plan for one register is none for another.
    let ran = state.lapse(&["apply", "a.plan", "--data", "patrons.db"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("another register"), "{}", ran.stderr);
    assert_eq!(state.lapse(&["undo", "1", "--data", "ours.toml"]).code, 0);
    assert_eq!(state.tables(), before);
}

#[test]
fn a_statement_that_touches_two_rows_is_rolled_back_for_this_patron_alone() {
    let state = with(
        "[action.deregister]\nsql = \"update memberships set status = 'deregistered', valid_until = $valid_until \
         where patron_id = $patron_id\"\nundo = \"none\"\nrows = 1\n",
    );
    state.others(
        "insert into memberships (patron_id, library, subscription, valid_from, valid_until) \
         values ('P000066', 'peer', 'adult', '2022-01-01', '2023-12-31')",
    );
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("99 actions cannot be undone, and wait for --irreversible"), "{}", ran.stdout);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("the statement would change 2 rows, not 1"), "{}", ran.stdout);
    let done = state.number("select count(distinct patron_id) from memberships where status = 'deregistered' and valid_until = '2022-06-30'");
    let refused = state.number("select count(distinct pseudonym) from lapse_log where content like '%\"refused\"%'");
    assert!(done > 0 && refused > 0, "{done}, {refused}");
    let twice = "select count(*) from (select patron_id from memberships where status = 'deregistered' and valid_until = '2022-06-30' \
                 group by patron_id having count(*) > 1)";
    assert_eq!(state.number(twice), 0);
    state.log_is_whole();
}

#[test]
fn a_work_list_is_written_once_and_settled_when_the_system_has_done_it() {
    let state = with(
        "[action.delete]\nhand_over = { file = \"delete-{run}.txt\", line = \"$patron_id\" }\n\
         done_when = \"select 1 where not exists (select 1 from patrons where patron_id = $patron_id)\"\nundo = \"none\"\n",
    );
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Handed over: 36 deleted"), "{}", ran.stdout);
    let list = state.folder.read("delete-1.txt");
    assert_eq!(list.lines().count(), 36);
    let first = list.lines().next().unwrap();
    state.others(&format!("delete from patrons where patron_id = '{first}'"));
    let ran = state.lapse(&["apply", "--reconcile", "--data", "ours.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("1 action is found to be done; of 35 actions nobody knows yet"), "{}", ran.stdout);
    let log = state.lapse(&["log", "--data", "ours.toml", "--patron", first]).stdout;
    let told: Vec<bool> = ["delete intended", "delete unknown", "delete done"].map(|what| log.contains(what)).into();
    assert_eq!(told, [true; 3], "{log}");
    state.log_is_whole();
}

#[test]
fn a_program_of_the_site_answers_for_each_action() {
    let state = with("[action.delete]\ncommand = [\"python3\", \"site.py\"]\nundo = \"none\"\n");
    state.folder.write(
        "site.py",
        "import json, sys\nfor number, line in enumerate(sys.stdin):\n    action = json.loads(line)\n    \
         if number == 0: print(json.dumps({'entry': int(action['entry']), 'outcome': 'refused', 'note': 'has a loan'}))\n    \
         elif number > 1: print(json.dumps({'entry': int(action['entry']), 'outcome': 'done'}))\n",
    );
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("done: 34 deleted"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Handed over: 1 deleted"), "{}", ran.stdout);
    assert!(ran.stdout.contains("has a loan"), "{}", ran.stdout);
    state.log_is_whole();
}

#[test]
fn mistakes_of_a_register_are_told_with_their_places() {
    let state = with(
        "[action.deregister]\nsql = \"update memberships set status = $stauts\"\n\n[action.remove]\nsql = \"x\"\n\n\
         [action.delete]\nsql = \"delete\"\nhand_over = { file = \"a\" }\nundo = \"none\"\n",
    );
    let ran = state.lapse(&["register", "check", "ours.toml"]);
    assert_eq!(ran.code, 2);
    for told in [
        "there is no value `$stauts` here",
        "[action.deregister] has no `undo`",
        "[action] has no key `remove`",
        "delete must be done in one way",
        "ours.toml:",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    state.folder.write(
        "bad.toml",
        "[register]\nname = \"x\"\ndatabase = \"postgres\"\nurl = \"postgres://me:secret@db/x\"\n\n[read]\n",
    );
    let ran = state.lapse(&["register", "check", "bad.toml"]);
    assert!(ran.stderr.contains("a password must not stand in this file"), "{}", ran.stderr);
    state.folder.write("unset.toml", "[register]\nname = \"x\"\ndatabase = \"postgres\"\nurl = \"$LAPSE_NOT_SET\"\n");
    let ran = state.lapse(&["register", "check", "unset.toml"]);
    assert!(ran.stderr.contains("the variable LAPSE_NOT_SET is not set"), "{}", ran.stderr);
}

#[test]
fn a_statement_that_the_database_does_not_take_is_told() {
    let state = with("[action.delete]\nsql = \"delete from borrowers where id = $patron_id\"\nundo = \"none\"\n");
    let ran = state.lapse(&["register", "check", "ours.toml"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("action.delete.sql: the database refuses a statement (no such table: borrowers)"),
        "{}",
        ran.stderr
    );
}

#[test]
fn whom_a_program_refused_to_delete_was_purged_all_the_same() {
    let state = with(
        "[action.delete]\ncommand = [\"python3\", \"site.py\"]\nundo = \"none\"\n\n\
         [action.purge]\nsql = \"delete from patrons where patron_id = $patron_id\"\n",
    );
    // It refuses the first, does the second, and says nothing of the others.
    state.folder.write(
        "site.py",
        "import json, sys\nfor number, line in enumerate(sys.stdin):\n    entry = json.loads(line)['entry']\n    \
         if number < 2: print(json.dumps({'entry': entry, 'outcome': ['refused', 'done'][number]}))\n",
    );
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let before = state.number("select count(*) from patrons");
    state.others("update lapse_runs set began = '2020-01-01T00:00:00Z'");
    let ran = state.lapse(&["purge", "--data", "ours.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("34 patrons were not taken away"), "{}", ran.stdout);
    assert_eq!(state.number("select count(*) from patrons"), before - 1);
    // Those of whom nobody knows are kept in mind.
    assert_eq!(state.number("select count(*) from lapse_before"), 34);
    state.log_is_whole();
}

#[test]
fn a_program_that_cannot_be_started_was_told_as_one_that_was_asked() {
    let state = with("[action.delete]\ncommand = [\"./nothere\"]\nundo = \"none\"\n");
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("36 actions were refused"), "{}", ran.stdout);
    assert!(ran.stdout.contains("./nothere cannot be started"), "{}", ran.stdout);
}

#[test]
fn a_work_list_of_another_database_was_added_to() {
    let state =
        with("[action.delete]\nhand_over = { file = \"delete-{run}.txt\", line = \"$patron_id\" }\nundo = \"none\"\n");
    state.folder.write("delete-1.txt", "4711\n");
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("it is there already"), "{}", ran.stdout);
    assert_eq!(state.folder.read("delete-1.txt"), "4711\n");
}

#[test]
fn what_a_database_says_of_a_patron_was_kept_in_the_log() {
    let state = with("[action.delete]\nsql = \"delete from patrons where patron_id = $patron_id\"\nundo = \"none\"\n");
    state.others("create trigger no before delete on patrons begin select raise(abort, 'Janssens has a loan'); end");
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("Janssens has a loan"), "{}", ran.stdout);
    assert_eq!(state.number("select count(*) from lapse_log where content like '%Janssens%'"), 0);
    assert_eq!(
        state.number("select count(*) from lapse_log where content like '%the database refused a statement%'"),
        36
    );
}

#[test]
fn ways_to_purge_that_were_taken_and_never_done_are_mistakes() {
    let state = with(
        "[action.purge]\ncommand = [\"true\"]\n\n[action.delete]\n\
         hand_over = { file = \"delete.txt\", line = \"$patron_id\" }\nundo = \"none\"\n",
    );
    let ran = state.lapse(&["register", "check", "ours.toml"]);
    assert_eq!(ran.code, 2);
    for told in ["this cannot be how something is purged", "the lists of all runs would be one"] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

#[test]
fn what_was_about_to_be_handed_over_when_an_apply_was_killed_was_told_to_nobody() {
    let state =
        with("[action.delete]\nhand_over = { file = \"delete-{run}.txt\", line = \"$patron_id\" }\nundo = \"none\"\n");
    plan(&state);
    state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    // As if it had been killed behind the commit of what was intended, and before the second batch.
    state.others("update lapse_before set settled = null where entry <= 20");
    state.others("update lapse_passes set ended = null, position = 20");
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("20 actions were about to be handed over when an apply was stopped"), "{}", ran.stdout);
    assert!(ran.stdout.contains("lapse apply --reconcile --data ours.toml"), "{}", ran.stdout);
}

#[test]
fn a_misspelt_address_in_a_register_made_a_new_database() {
    let state = with("");
    state.folder.write("away.toml", register("").replace("patrons.db", "away.db"));
    let ran = state.lapse(&["register", "init", "away.toml"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    let ran = state.lapse(&["register", "init", "--from", ".", "ours.toml"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("--from makes tables of lapse's own"), "{}", ran.stderr);
    assert!(!state.folder.path().join("away.db").exists());
}

#[test]
fn the_command_to_go_on_named_another_database_than_the_plan_was_made_with() {
    let state = with(DEREGISTER);
    let policies = crate::program::root().join("policies");
    plan(&state);
    let ran = state.lapse(&["plan", "show", "a.plan"]);
    let expected = format!("Go on: lapse apply a.plan --data ours.toml --policies {}", policies.display());
    assert!(ran.stdout.contains(&expected), "{}", ran.stdout);
}

#[test]
fn a_value_in_another_spelling_was_that_of_somebody_else() {
    for name in ["$Patron_id", ":patron_id", "?", "@patron_id"] {
        let state = with(&format!(
            "[action.delete]\nsql = \"delete from patrons where patron_id = {name} and $entry is not null\"\nundo = \"none\"\n"
        ));
        let ran = state.lapse(&["register", "check", "ours.toml"]);
        assert_eq!(ran.code, 1, "{name}: {}", ran.stdout);
        assert!(ran.stderr.contains("there is no value"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn an_id_with_a_line_break_was_another_id_on_a_work_list() {
    let state =
        with("[action.delete]\nhand_over = { file = \"delete-{run}.txt\", line = \"$patron_id\" }\nundo = \"none\"\n");
    plan(&state);
    let shown = state.lapse(&["plan", "show", "a.plan", "--library", "deinze"]).stdout;
    let id = shown.lines().find(|line| line.contains("  delete at")).unwrap().split("  ").next().unwrap().to_owned();
    for table in super::state::TABLES {
        state.others(&format!("update {table} set patron_id = '1' || char(10) || '2' where patron_id = '{id}'"));
    }
    plan(&state);
    let ran = state.lapse(&["apply", "a.plan", "--data", "ours.toml", "--irreversible"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("1 action was refused"), "{}", ran.stdout);
    let list = state.folder.read("delete-1.txt");
    assert_eq!((list.lines().count(), list.contains("1 2")), (35, false));
}
