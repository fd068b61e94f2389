//! A whole run in SQLite, in PostgreSQL and in MariaDB: the same rows, the same plan, the same outcome, and the same rows again once it was
//! undone.

use lapse_register::{Purpose, Verified, purge};
use lapse_tables::Folder;

use crate::postgres_server::Server;
use crate::three::{Three, read};

/// The lines of a plan about patrons. The head has moments and names in it.
fn planned(plan: &lapse_register::PlanFile) -> Vec<String> {
    let patrons = plan.patrons(0).unwrap().map(|patron| serde_json::to_string(&patron.unwrap()).unwrap());
    let mut lines: Vec<String> = patrons.collect();
    lines.sort();
    lines
}

#[test]
fn a_database_gives_the_rows_that_it_was_filled_with() {
    let three = Three::with(80, 7);
    let expected = read(&Folder::new(&three.extract));
    assert!(expected.iter().all(|rows| !rows.is_empty()));
    for place in &three.places {
        assert!(read(&place.open(Purpose::Read)) == expected, "{}: the rows differ", place.address);
    }
}

#[test]
fn days_and_other_types_of_postgres_are_read_as_the_texts_of_files() {
    let three = Three::with(60, 3);
    let [sqlite, postgres, _] = &three.places;
    postgres.script(
        "alter table patrons alter birth_date type date using birth_date::date, \
             alter profile_last_active type timestamptz using profile_last_active::timestamptz; \
         alter table memberships alter valid_from type date using valid_from::date, \
             alter valid_until type date using coalesce(valid_until::date, 'infinity'); \
         alter table accounts alter library type char(30); \
         update patrons set profile_last_active = null; \
         alter table patrons alter profile_last_active type date;",
    );
    sqlite.script(
        "update patrons set profile_last_active = null; \
         update memberships set valid_until = '9999-12-31' where valid_until is null;",
    );
    let [expected, found] = [sqlite, postgres].map(|place| read(&place.open(Purpose::Read)));
    assert!(found == expected, "the rows differ");
}

#[test]
fn a_run_does_and_undoes_the_same_everywhere() {
    let three = Three::with(300, 11);
    let told = three.places.each_ref().map(|place| {
        // A status that nobody wrote is an active one, and comes back as it was.
        place.script(
            "update memberships set status = null where status = 'active' and patron_id < 'P00150'; \
             create table loan_history (patron_id text, library text, on_day text, title text); \
             insert into loan_history select patron_id, library, '2020-01-01', 'Reynaert' from memberships; \
             insert into loan_history select patron_id, library, '2026-10-31', 'Elckerlyc' from memberships;",
        );
        let history = "select * from loan_history";
        let before = (place.all_rows(), place.rows(history));
        let plan = place.plan(&three.rules);
        let applied = place.apply(&three.rules, &plan).unwrap();
        assert_eq!(applied.refused, [], "{}", place.address);
        assert_eq!(applied.skipped, [], "{}", place.address);
        let after = (place.all_rows(), place.rows(history));
        assert!(before != after, "nothing was done");
        let database = place.open(Purpose::Act);
        assert!(matches!(database.verify_log().unwrap(), Verified::Whole { entries, .. } if entries > 0));
        let undone = place.undo(applied.run);
        assert_eq!(undone.left, [], "{}", place.address);
        assert!((place.all_rows(), place.rows(history)) == before, "{}: the rows differ", place.address);
        assert_eq!(
            place.rows("select patron_id from lapse_trash union all select patron_id from lapse_archive"),
            [] as [Vec<_>; 0]
        );
        assert!(matches!(database.verify_log().unwrap(), Verified::Whole { .. }));
        (planned(&plan), plan.end, applied.done, after, undone.undone)
    });
    let [sqlite, others @ ..] = told;
    for kind in ["deregister", "archive", "delete", "delete-profile", "pseudonymise"] {
        assert!(sqlite.2.contains_key(kind), "nothing in this test does {kind}: {:?}", sqlite.2);
    }
    for other in others {
        assert_eq!((&sqlite.1, &sqlite.2, &sqlite.4), (&other.1, &other.2, &other.4));
        assert!(sqlite.0 == other.0, "the plans differ");
        assert!(sqlite.3 == other.3, "the rows differ");
    }
}

#[test]
fn a_run_acts_on_days_numbers_and_words_that_postgres_has_types_for() {
    let three = Three::with(300, 11);
    let [sqlite, postgres, _] = &three.places;
    // A day that no calendar has can stand in a text alone.
    for place in [sqlite, postgres] {
        place.script(
            "delete from patrons where birth_date like '%-02-30' or profile_last_active like '%-02-30'; \
             delete from memberships where valid_from like '%-02-30' or valid_until like '%-02-30'; \
             delete from activity where last_active like '%-02-30'; \
             delete from accounts where settled_on like '%-02-30';",
        );
    }
    sqlite.script(
        "create table finance_history (patron_id text, library text, on_day text, amount text); \
         insert into finance_history select patron_id, library, '2010-01-01', '1.50' from memberships;",
    );
    postgres.script(
        "create table finance_history (patron_id varchar(40), library char(30), on_day date, amount numeric(9, 2)); \
         insert into finance_history select patron_id, library, '2010-01-01', '1.50' from memberships; \
         create type membership_status as enum ('active', 'expired', 'deregistered', 'blocked', 'cancelled'); \
         alter table memberships alter patron_id type varchar(40), alter library type varchar(30), \
             alter valid_from type date using valid_from::date, alter valid_until type date using valid_until::date, \
             alter status type membership_status using status::membership_status; \
         alter table patrons alter birth_date type date using birth_date::date, \
             alter profile_last_active type date using profile_last_active::date; \
         alter table activity alter last_active type date using last_active::date; \
         alter table accounts alter owed type numeric(9, 2) using owed::numeric;",
    );
    let rows = || {
        ["patrons", "memberships", "activity", "accounts", "finance_history"]
            .map(|table| postgres.rows(&format!("select to_jsonb(t)::text from {table} as t")))
    };
    let before = rows();
    let [expected, applied] =
        [sqlite, postgres].map(|place| place.apply(&three.rules, &place.plan(&three.rules)).unwrap());
    assert_eq!((&applied.refused, &applied.skipped), (&vec![], &vec![]));
    assert_eq!(applied.done, expected.done);
    assert!(applied.done.contains_key("purge-finance") && applied.done.contains_key("deregister"));
    assert!(rows() != before, "nothing was done");
    assert_eq!(postgres.undo(applied.run).left, []);
    assert!(rows() == before, "the rows differ");
}

#[test]
fn a_later_run_takes_away_what_the_first_archived_and_gives_it_back() {
    let three = Three::with(200, 5);
    let years = ["2029-11-01", "2033-11-01"].map(crate::three::Rules::on);
    let told = three.places.each_ref().map(|place| {
        // Whoever left one library and stayed at another leaves that too, and is nobody's patron some years later.
        for rules in [&three.rules, &years[0]] {
            place.apply(rules, &place.plan(rules)).unwrap();
        }
        let archived = "select concat(entry, ''), patron_id, part, content from lapse_archive";
        let before = (place.all_rows(), place.rows(archived));
        assert!(!before.1.is_empty());
        let applied = place.apply(&years[1], &place.plan(&years[1])).unwrap();
        assert_eq!((applied.refused, applied.skipped), (vec![], vec![]));
        assert!(place.rows("select patron_id from lapse_trash where archived_entry is not null").len() > 1);
        assert_eq!(place.undo(applied.run).left, []);
        assert!((place.all_rows(), place.rows(archived)) == before, "{}: the rows differ", place.address);
        (applied.done, before.0)
    });
    for other in &told[1..] {
        assert!(told[0] == *other, "{:?} and {:?}, or the rows differ", told[0].0, other.0);
    }
}

#[test]
fn a_purge_forgets_whom_a_run_was_about_and_nothing_else() {
    let three = Three::with(120, 2);
    let told = three.places.each_ref().map(|place| {
        let plan = place.plan(&three.rules);
        place.apply(&three.rules, &plan).unwrap();
        let database = place.open(Purpose::Act);
        let purged = purge(&database, "a test").unwrap();
        assert_eq!((purged.runs, purged.not_yet), (vec![], vec![(1, 30)]));
        assert!(!place.rows("select patron_id from lapse_trash").is_empty());
        place.script("update lapse_runs set began = '2020-01-01T00:00:00Z'");
        let purged = purge(&database, "a test").unwrap();
        assert_eq!(purged.runs, [1]);
        let forgotten = "select patron_id from lapse_trash union all select patron_id from lapse_before \
             union all select patron_id from lapse_ids union all select secret from lapse_runs where secret is not null";
        assert_eq!(place.rows(forgotten), [] as [Vec<_>; 0]);
        assert!(matches!(database.verify_log().unwrap(), Verified::Whole { .. }));
        (purged.actions, place.all_rows())
    });
    for other in &told[1..] {
        assert!(told[0] == *other, "{:?} and {:?}, or the rows differ", told[0].0, other.0);
    }
}

#[test]
fn what_is_deleted_from_the_own_tables_of_postgres_leaves_no_dead_rows() {
    let three = Three::with(120, 2);
    let postgres = &three.places[1];
    postgres.apply(&three.rules, &postgres.plan(&three.rules)).unwrap();
    postgres.script("update lapse_runs set began = '2020-01-01T00:00:00Z'");
    purge(&postgres.open(Purpose::Act), "a test").unwrap();
    let mut client = Server::get().client(&three.name);
    let pages: i64 = client.query_one("select pg_relation_size('lapse_trash')", &[]).unwrap().get(0);
    assert_eq!(pages, 0, "a vacuum gives back the pages of a table that is empty");
}
