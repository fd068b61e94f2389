//! The register of Evergreen that we ship, on a stand-in for its tables: what it reads, what each action does there, and what
//! its roles may not.

use lapse_register::{Purpose, Verified, purge};

use crate::evergreen_system::{Evergreen, planned};

/// Who is there with nothing but this.
const BLOCKS: [(&str, &str); 14] = [
    ("31", "delete from actor.usr_standing_penalty where usr = 31"),
    ("32", "update actor.usr_standing_penalty set stop_date = '2024-06-01' where usr = 32"),
    ("33", "delete from money.collections_tracker where usr = 33"),
    ("34", "update actor.usr set barred = false where id = 34"),
    ("35", "update action.circulation set checkin_time = '2019-01-05', xact_finish = '2019-01-05' where usr = 35"),
    ("36", "update action.circulation set xact_finish = '2019-01-05' where usr = 36"),
    ("37", "update action.hold_request set fulfillment_time = '2019-01-05' where usr = 37"),
    (
        "38",
        "update money.grocery set xact_finish = '2019-01-05' where usr = 38; \
         update money.materialized_billable_xact_summary set balance_owed = 0, last_payment_ts = '2019-01-05' where usr = 38",
    ),
    (
        "39",
        "update money.grocery set xact_finish = '2019-01-05' where usr = 39; \
         update money.materialized_billable_xact_summary set balance_owed = 0 where usr = 39",
    ),
    ("40", "update actor.usr set credit_forward_balance = 0 where id = 40"),
    ("41", "update money.materialized_billable_xact_summary set last_payment_ts = '2019-10-01' where usr = 41"),
    ("45", "update actor.usr set super_user = false where id = 45"),
    ("46", "delete from actor.usr_standing_penalty where usr = 46"),
    ("48", "delete from permission.usr_work_ou_map where usr = 48"),
];

#[test]
fn every_statement_of_the_register_can_be_done_by_the_role_that_acts() {
    let system = Evergreen::new();
    let checked = system.open("lapse_act", Purpose::Act).check().unwrap();
    assert_eq!((checked.mistakes, checked.notes), (vec![], vec![]));
    assert_eq!(checked.statements, 15);
    // Another version of Evergreen is none for this register.
    system.others("delete from config.upgrade_log where version = '1525'");
    let opened = std::panic::catch_unwind(|| system.open("lapse_act", Purpose::Act));
    assert!(opened.is_err());
}

#[test]
fn each_source_of_activity_counts_and_what_is_none_does_not() {
    let system = Evergreen::new();
    let rows = system.rows("select patron_id, library, source, last_active from lapse.lapse_activity order by usr");
    assert_eq!(
        rows,
        [
            "11|BR1|circ|2024-03-05",
            "12|BR1|hold|2024-03-05",
            "13|-|payment|2024-03-05",
            "14|-|opac|2024-03-05",
            "15|-|sip2|2024-03-05",
            "16|-|login|2024-03-05",
            "35|BR1|circ|2018-12-01",
            "36|BR1|circ|2018-12-01",
            "37|BR1|hold|2018-12-01",
            "47|BR1|circ|2018-12-01",
            "60|BR1|circ|2024-04-05",
        ]
    );
    let planned = planned(&system.plan("a.plan"));
    assert_eq!(planned["deregister"], ["17", "18", "19", "20", "21", "22", "61"]);
    assert_eq!(planned["renew"], ["60"]);
}

#[test]
fn every_kind_of_block_keeps_its_patron_until_it_is_lifted() {
    let system = Evergreen::new();
    let mut expected: Vec<String> = ["30", "42", "43", "44", "47"].map(str::to_owned).to_vec();
    assert_eq!(planned(&system.plan("a.plan"))["delete"], expected);
    for (patron, lifted) in BLOCKS {
        system.others(lifted);
        expected.push(patron.to_owned());
        expected.sort();
        assert_eq!(planned(&system.plan("a.plan"))["delete"], expected, "{patron}");
    }
    let blocks = system.rows("select patron_id, blocks from lapse.lapse_accounts where blocks is not null");
    assert_eq!(blocks, [""; 0]);
}

#[test]
fn a_run_is_applied_undone_applied_again_and_purged() {
    let system = Evergreen::new();
    let before = system.patrons();
    let plan = system.plan("july.plan");
    let applied = system.apply(&plan);
    assert_eq!((&applied.skipped, &applied.refused), (&vec![], &vec![]));
    let done: Vec<(&str, u64)> = applied.done.iter().map(|(kind, number)| (kind.as_str(), *number)).collect();
    assert_eq!(done, [("delete", 5), ("deregister", 7), ("renew", 1)]);
    let after = system.patrons();
    let state = |id: u32| -> String {
        system
            .rows(&format!(
                "select active, deleted, expire_date at time zone 'Europe/Brussels' from actor.usr where id = {id}"
            ))
            .concat()
    };
    assert_eq!(state(22), "f|f|2024-06-30 23:59:59");
    assert_eq!(state(61), "f|f|2024-06-30 23:59:59");
    assert_eq!(state(60), "t|f|2025-06-15 23:59:59");
    assert_eq!(state(30), "f|t|2019-01-31 23:59:59");
    // Evergreen's own trigger saw each change.
    assert_eq!(system.rows("select count(*) from auditor.actor_usr_history"), ["13"]);

    // What a run did is what the next one sees: it has nothing to do.
    assert_eq!(planned(&system.plan("next.plan")).len(), 0);

    let undone = system.undo(applied.run);
    assert_eq!(undone.left, []);
    assert_eq!(system.patrons(), before, "an undo brings back each row as it was, to the microsecond");
    let again = system.apply(&system.plan("again.plan"));
    assert_eq!((again.skipped, again.refused, again.done), (vec![], vec![], applied.done));
    assert_eq!(system.patrons(), after);

    system.others("update lapse.lapse_runs set began = '2020-01-01T00:00:00Z'");
    let purged = purge(&system.open("lapse_act", Purpose::Act), "a test").unwrap();
    assert_eq!((purged.runs, purged.by_the_system, purged.left), (vec![1, 2], 5, vec![]));
    assert_eq!(
        system.rows("select id from actor.usr where family_name = 'PURGED' order by id"),
        ["30", "42", "43", "44", "47"]
    );
    let kept = "select patron_id from lapse.lapse_before union all select patron_id from lapse.lapse_ids";
    assert_eq!(system.rows(kept), [""; 0]);
    let log = system.open("lapse_act", Purpose::Act).verify_log().unwrap();
    assert!(matches!(log, Verified::Whole { entries, .. } if entries > 39), "{log:?}");
}

#[test]
fn who_borrows_or_owes_between_plan_and_apply_is_skipped() {
    let system = Evergreen::new();
    let plan = system.plan("july.plan");
    system.others(
        "insert into action.circulation (usr, xact_start) values (17, '2024-06-30'), (30, '2024-06-30'); \
         update actor.usr set expire_date = '2026-01-31 23:59:59+01' where id = 22; \
         delete from actor.usr where id = 42",
    );
    let before = system.patrons();
    let applied = system.apply(&plan);
    let mut skipped: Vec<String> =
        applied.skipped.iter().map(|left| format!("{}: {}", left.patron, left.why)).collect();
    skipped.sort();
    assert_eq!(
        skipped,
        [
            "17: the patron has changed since the plan in activity, accounts",
            "22: the patron has changed since the plan in memberships",
            "30: the patron has changed since the plan in activity, accounts",
            "42: the patron is no longer there",
        ]
    );
    assert_eq!(applied.refused, []);
    for id in ["17|", "22|", "30|", "42|"] {
        let of = |rows: &[String]| rows.iter().find(|row| row.starts_with(id)).unwrap().clone();
        assert_eq!(of(&before), of(&system.patrons()));
    }
}

#[test]
fn an_open_transaction_that_the_views_do_not_show_is_refused() {
    let system = Evergreen::new();
    // Checked in, and nothing owed, but never closed.
    system.others(
        "insert into action.circulation (usr, xact_start, checkin_time) values (30, '2018-12-01', '2018-12-20')",
    );
    let plan = system.plan("july.plan");
    let applied = system.apply(&plan);
    let refused: Vec<&str> = applied.refused.iter().map(|left| left.patron.as_str()).collect();
    assert_eq!(refused, ["30"], "{:?}", applied.refused);
    assert_eq!(applied.done["delete"], 4);
    assert_eq!(system.rows("select deleted from actor.usr where id = 30"), ["f"]);
}

#[test]
fn what_was_changed_after_the_run_is_neither_undone_nor_purged() {
    let system = Evergreen::new();
    let applied = system.apply(&system.plan("july.plan"));
    // At the desk one card was renewed, one patron came back, one got a loan all the same, and one was purged by hand.
    system.others(
        "update actor.usr set active = true, expire_date = '2026-06-30 23:59:59+02' where id = 17; \
         update actor.usr set deleted = false, active = true where id = 30; \
         select actor.usr_delete(43, null)",
    );
    let undone = system.undo(applied.run);
    let mut left: Vec<&str> = undone.left.iter().map(|left| left.patron.as_str()).collect();
    left.sort_unstable();
    assert_eq!(left, ["17", "30", "43"]);
    assert_eq!(
        system.rows("select active, expire_date at time zone 'UTC' from actor.usr where id = 17"),
        ["t|2026-06-30 21:59:59"]
    );

    let again = system.apply(&system.plan("again.plan"));
    assert_eq!((&again.skipped, &again.refused), (&vec![], &vec![]));
    system.others(
        "insert into action.circulation (usr, xact_start) values (44, '2024-07-02'); \
         update actor.usr set deleted = false where id = 47; \
         update lapse.lapse_runs set began = '2020-01-01T00:00:00Z'",
    );
    let purged = purge(&system.open("lapse_act", Purpose::Act), "a test").unwrap();
    let mut left: Vec<&str> = purged.left.iter().map(|left| left.patron.as_str()).collect();
    left.sort_unstable();
    assert_eq!(left, ["30", "44", "47"]);
    assert_eq!(system.rows("select id from actor.usr where family_name = 'PURGED' order by id"), ["42", "43"]);
}

#[test]
fn the_roles_may_do_what_the_register_does_and_nothing_else() {
    let system = Evergreen::new();
    let refused = |client: &mut postgres::Client, sql: &str| {
        let error = client.batch_execute(sql).expect_err(sql);
        assert_eq!(error.code().map(postgres::error::SqlState::code), Some("42501"), "{sql}: {error}");
    };
    assert_eq!(planned(&system.plan_as("lapse_read", "read.plan")), planned(&system.plan("act.plan")));
    let mut reader = system.client("lapse_read");
    reader.batch_execute("set default_transaction_read_only = off").unwrap();
    for sql in [
        "select id from actor.usr",
        "select usr from action.circulation",
        "update actor.usr set active = false",
        "delete from lapse.lapse_log",
        "create table lapse.mine ()",
        "select lapse.purge_usr(30)",
    ] {
        refused(&mut reader, sql);
    }
    let mut actor = system.client("lapse_act");
    for sql in [
        "select family_name from actor.usr",
        "update actor.usr set family_name = 'x'",
        "update actor.usr set super_user = true",
        "delete from auditor.actor_usr_history",
        "select usr from money.collections_tracker",
        "create table public.mine ()",
    ] {
        refused(&mut actor, sql);
    }
    // Evergreen lets everybody call its function; what that does is done with the caller's rights, which do not suffice.
    refused(&mut actor, "select actor.usr_delete(30, null)");
    // Ours leaves alone whoever was not deleted.
    assert_eq!(actor.query("select lapse.purge_usr(30)", &[]).unwrap().len(), 0);
}

#[test]
fn the_patrons_of_a_batch_are_found_by_their_keys() {
    let system = Evergreen::new();
    // Whole tables are read only where nothing else is possible.
    let explain = |view: &str| {
        system.rows(&format!(
            "set enable_seqscan = off; explain select * from lapse.lapse_{view} where usr = any('{{11,35}}'::int[])"
        ))
    };
    for (view, tables) in [
        ("patrons", &["usr"][..]),
        ("memberships", &["usr"]),
        ("activity", &["usr_activity", "circulation", "hold_request"]),
        (
            "accounts",
            &[
                "materialized_billable_xact_summary",
                "usr_standing_penalty",
                "collections_tracker",
                "circulation",
                "hold_request",
            ],
        ),
    ] {
        let plan = explain(view);
        for table in tables {
            let scans_all = plan.iter().any(|line| line.contains(&format!("Seq Scan on {table} ")));
            assert!(!scans_all, "{view} reads all of {table}:\n{}", plan.join("\n"));
        }
    }
}
