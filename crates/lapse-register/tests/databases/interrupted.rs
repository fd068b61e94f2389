//! An apply on a server that something comes in the way of: whatever it was, nothing is lost, nothing is done twice, the log is
//! whole, and the same apply then comes to what an undisturbed one comes to.

use std::cell::Cell;
use std::time::{Duration, Instant};

use lapse_register::{Applied, ApplyError, PlanFile, Purpose, Verified};

use crate::postgres_server::{Server, give_to_the_server};
use crate::three::{Place, Three};

/// As many patrons as give several batches.
const PATRONS: u32 = 1_000;
const SEED: u64 = 11;

/// What an apply has come to: the rows, what is kept of those that are gone, and what the log says was done.
fn outcome(place: &Place) -> Vec<Vec<Vec<Option<String>>>> {
    let mut all = place.all_rows();
    for sql in [
        "select entry::text, patron_id, library, part, content from lapse_trash",
        "select entry::text, patron_id, library, part, content from lapse_archive",
        "select entry::text, patron_id, kind from lapse_before",
        "select entry::text, content::json->>'action', content::json->>'outcome' from lapse_log",
        "select pass::text, position::text from lapse_passes where ended is not null",
    ] {
        all.push(place.rows(sql));
    }
    all
}

/// What an undisturbed apply comes to.
fn undisturbed() -> Vec<Vec<Vec<Option<String>>>> {
    let both = Three::with(PATRONS, SEED);
    let place = &both.places[1];
    let applied = place.apply(&both.rules, &place.plan(&both.rules)).unwrap();
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
    outcome(place)
}

fn log_is_whole(place: &Place) {
    let verified = place.open(Purpose::Read).verify_log().unwrap();
    assert!(matches!(verified, Verified::Whole { .. }), "{verified:?}");
}

/// Fails unless nothing stands half done: what the log says was done is what is kept for an undo, and how far the plan is goes
/// with it.
fn nothing_is_half_done(place: &Place) {
    log_is_whole(place);
    let done = place.rows("select entry::text from lapse_log where content::json->>'outcome' = 'done'");
    assert_eq!(done, place.rows("select entry::text from lapse_before"));
    let batches = place.rows("select distinct batch::text from lapse_log");
    assert_eq!(batches, place.rows("select batch::text from lapse_batches"));
}

/// The same command once more, which comes to what an undisturbed one does. One that was cut off left its lease, which is stale
/// after two minutes.
fn goes_on(both: &Three, place: &Place, plan: &PlanFile) {
    nothing_is_half_done(place);
    place.script("delete from lapse_lease");
    let applied = match place.apply(&both.rules, plan) {
        Ok(applied) => applied,
        Err(ApplyError::Applied { .. }) => Applied::default(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
    assert!(outcome(place) == undisturbed(), "it came to something else");
    nothing_is_half_done(place);
}

/// Applies a plan, and does something after the second batch, which must stop it. Gives what it said then.
fn stopped(both: &Three, place: &Place, plan: &PlanFile, disturb: &dyn Fn()) -> String {
    let batches = Cell::new(0);
    let done = place.apply_telling(&both.rules, plan, &|_| {
        batches.set(batches.get() + 1);
        if batches.get() == 2 {
            disturb();
        }
    });
    done.unwrap_err().to_string()
}

#[test]
fn a_server_that_is_stopped_in_the_middle_and_started_again() {
    let server = Server::start("");
    for signal in ["INT", "QUIT"] {
        let both = Three::on(&server, PATRONS, SEED);
        let place = &both.places[1];
        let plan = place.plan(&both.rules);
        let said = stopped(&both, place, &plan, &|| server.end(signal));
        assert!(said.contains("terminating connection") || said.contains("(connection closed)"), "{signal}: {said}");
        let error = place.apply(&both.rules, &plan);
        assert!(error.is_err(), "there is no server");
        server.start_again();
        assert!(!place.rows("select content from lapse_log").is_empty(), "two batches were done");
        goes_on(&both, place, &plan);
    }
}

#[test]
fn a_server_that_is_stopped_within_a_batch() {
    let server = Server::start("");
    let both = Three::on(&server, PATRONS, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    // The fortieth entry of the log takes its time.
    place.script(
        "create function slow() returns trigger language plpgsql as $$ begin \
             if new.entry = 40 then perform pg_sleep(30); end if; return new; end $$; \
         create trigger slow before insert on lapse_log for each row execute function slow();",
    );
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = server.client(&both.name);
            let sleeps = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
            wait_for(|| !client.query(sleeps, &[]).unwrap().is_empty());
            server.end("INT");
        });
        let said = place.apply(&both.rules, &plan).unwrap_err().to_string();
        assert!(said.contains("terminating connection"), "{said}");
    });
    server.start_again();
    place.script("drop trigger slow on lapse_log");
    let entries = place.rows("select entry::text from lapse_log").len();
    assert!((17..40).contains(&entries), "{entries}");
    goes_on(&both, place, &plan);
}

fn wait_for(mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_secs(30), "it did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_deadlock_with_another_session_is_tried_again() {
    let both = Three::with(PATRONS, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    let mut ids: Vec<String> = plan.patrons(0).unwrap().take(17).map(|patron| patron.unwrap().patron).collect();
    ids.sort();
    let [first, .., last] = &*ids else { panic!("{ids:?}") };
    let mut other = Server::get().client(&both.name);
    // The last patron of the first batch, and then the first: apply locks them the other way round. Whoever waits longest is
    // told of the deadlock, and that is to be apply.
    other.batch_execute("set deadlock_timeout = '1h'; begin").unwrap();
    let lock = "select 1 from patrons where patron_id = $1 for update";
    other.execute(lock, &[last]).unwrap();
    let mut watcher = Server::get().client(&both.name);
    let applied = std::thread::scope(|scope| {
        scope.spawn(|| {
            let waits =
                "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
            wait_for(|| !watcher.query(waits, &[]).unwrap().is_empty());
            other.execute(lock, &[first]).unwrap();
            other.batch_execute("commit").unwrap();
        });
        place.apply(&both.rules, &plan).unwrap()
    });
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
    let deadlocks = "select deadlocks::text from pg_stat_database where datname = current_database()";
    wait_for(|| place.rows(deadlocks) == [[Some("1".to_owned())]]);
    assert!(outcome(place) == undisturbed(), "it came to something else");
    nothing_is_half_done(place);
}

#[test]
fn serialization_failures_are_tried_again_and_then_in_halves() {
    let both = Three::with(PATRONS, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    // A sequence counts on where a transaction is rolled back. Three tries of the first batch fail, and one of its halves.
    place.script(
        "create sequence tries; \
         create function busy() returns trigger language plpgsql as $$ begin \
             if nextval('tries') <= 4 then raise sqlstate '40001' using message = 'could not serialize'; end if; \
             return new; end $$; \
         create trigger busy before insert on lapse_batches for each row execute function busy();",
    );
    let applied = place.apply(&both.rules, &plan).unwrap();
    assert_eq!((applied.skipped, applied.refused), (vec![], vec![]));
    nothing_is_half_done(place);
    // One batch more than without the halves, and the same in them.
    let [expected, found] = [undisturbed(), outcome(place)];
    assert!(found == expected, "it came to something else");
    // Where it never ends, the command does.
    let both = Three::with(40, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    place.script(
        "create function busy() returns trigger language plpgsql as $$ begin \
             raise sqlstate '40001' using message = 'could not serialize'; end $$; \
         create trigger busy before insert on lapse_batches for each row execute function busy();",
    );
    let said = place.apply(&both.rules, &plan).unwrap_err().to_string();
    assert!(said.contains("could not serialize"), "{said}");
    assert_eq!(place.rows("select content from lapse_log"), [] as [Vec<_>; 0]);
    nothing_is_half_done(place);
}

#[test]
fn a_disk_that_is_full_leaves_nothing_half_done() {
    let both = Three::with(PATRONS, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    // Each of the tables that a batch writes to is the one for which there is no room.
    for (number, table) in
        ["lapse_log", "lapse_before", "lapse_trash", "memberships", "lapse_passes"].iter().enumerate()
    {
        place.script(&format!(
            "create or replace function full_{number}() returns trigger language plpgsql as $$ begin \
                 raise sqlstate '53100' using message = 'could not extend file: No space left on device'; end $$; \
             create trigger full_{number} before insert or update on {table} for each row \
                 when (pg_trigger_depth() = 0) execute function full_{number}();"
        ));
        let said = place.apply(&both.rules, &plan).unwrap_err().to_string();
        assert!(said.contains("No space left on device"), "{table}: {said}");
        nothing_is_half_done(place);
        place.script(&format!("drop trigger full_{number} on {table}; delete from lapse_lease"));
    }
    goes_on(&both, place, &plan);
}

#[test]
fn a_column_that_is_missing_for_a_while() {
    let both = Three::with(PATRONS, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    let rename = |from: &str, to: &str| place.script(&format!("alter table activity rename column {from} to {to}"));
    let said = stopped(&both, place, &plan, &|| rename("last_active", "latest"));
    assert!(said.contains("last_active"), "{said}");
    // Asked again it finds other columns than the plan was made with.
    let said = place.apply(&both.rules, &plan).unwrap_err().to_string();
    assert!(said.contains("last_active") || said.contains("other columns"), "{said}");
    rename("latest", "last_active");
    goes_on(&both, place, &plan);
}

#[test]
fn two_plans_of_one_month_are_done_once() {
    let both = Three::with(PATRONS, SEED);
    let place = &both.places[1];
    let [first, second] = ["first.ndjson", "second.ndjson"].map(|name| place.plan_into(&both.rules, name));
    assert_ne!(first.hash, second.hash);
    place.apply(&both.rules, &first).unwrap();
    let rows = place.all_rows();
    let applied = place.apply(&both.rules, &second).unwrap();
    assert!(applied.done.is_empty() && !applied.skipped.is_empty() && applied.refused.is_empty(), "{:?}", applied.done);
    assert!(place.all_rows() == rows, "something was done twice");
    log_is_whole(place);
}

#[test]
fn a_statement_that_would_touch_two_rows_is_refused_for_its_patron_alone() {
    let both = Three::with(PATRONS, SEED);
    // It does not say which of several memberships of one subscription it is about.
    let place = Place::by_register(
        "[action.deregister]\nrows = 1\n\
         sql = \"update memberships set status = 'deregistered', valid_until = $valid_until \
             where patron_id = $patron_id and library = $library and subscription = $subscription\"\n\
         undo = \"none\"\n",
        &both,
    );
    let patrons =
        |plan: &PlanFile| -> Vec<String> { plan.patrons(0).unwrap().map(|patron| patron.unwrap().patron).collect() };
    let all = patrons(&place.plan(&both.rules));
    let patron = &all[all.len() / 2];
    place.script(&format!(
        "insert into memberships (patron_id, library, subscription, valid_from, valid_until, status) \
             select patron_id, library, subscription, '2001-01-01', '2001-12-31', 'deregistered' \
             from memberships where patron_id = '{patron}'"
    ));
    let plan = place.plan(&both.rules);
    assert_eq!(patrons(&plan), all);
    let rows = format!("select * from memberships where patron_id = '{patron}'");
    let before = place.rows(&rows);
    let applied = place.apply_irreversibly(&both.rules, &plan);
    let refused: Vec<&String> = applied.refused.iter().map(|left| &left.patron).collect();
    assert!(!refused.is_empty() && refused.iter().all(|refused| *refused == patron), "{refused:?}");
    assert!(applied.refused[0].why.contains("the statement would change 2 rows, not 1"), "{:?}", applied.refused);
    assert!(place.rows(&rows) == before, "one of the two rows was changed");
    let done: u64 = applied.done.values().sum();
    let ended =
        "select distinct patron_id from memberships where status = 'deregistered' and valid_until = '2026-10-31'";
    assert_eq!(place.rows(ended).len(), all.len() - 1);
    assert!(done >= u64::try_from(all.len() - 1).unwrap());
    nothing_is_half_done(&place);
}

/// A disk with little room, until it is dropped.
struct TinyDisk(tempfile::TempDir);

impl TinyDisk {
    /// None where the tests may not mount one.
    fn of(size: &str) -> Option<TinyDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(folder.path());
        let mounted = mount.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success());
        mounted.then(|| {
            give_to_the_server(folder.path());
            TinyDisk(folder)
        })
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_disk_that_fills_up_stops_an_apply_which_goes_on_once_there_is_room() {
    // Where nobody may mount a disk, the test before this one stands in for it.
    let Some(disk) = TinyDisk::of("64k") else { return };
    // A server whose files go while it runs is of no use to other tests.
    let server = Server::start("");
    let both = Three::on(&server, PATRONS, SEED);
    let place = &both.places[1];
    let plan = place.plan(&both.rules);
    place.script(&format!("create tablespace tiny location '{}'", disk.0.path().display()));
    place.script("alter table lapse_log set tablespace tiny");
    let said = place.apply(&both.rules, &plan).unwrap_err().to_string();
    assert!(said.contains("No space left on device"), "{said}");
    assert!(!place.rows("select content from lapse_log").is_empty(), "the disk was full before anything was done");
    nothing_is_half_done(place);
    let said = place.apply(&both.rules, &plan).unwrap_err().to_string();
    assert!(said.contains("No space left on device"), "{said}");
    nothing_is_half_done(place);
    place.script("alter table lapse_log set tablespace pg_default");
    place.script("drop tablespace tiny");
    goes_on(&both, place, &plan);
}
