//! Guards: what trips waits for a person, and the rest is done.

use std::fmt::Write as _;

use super::state::State;
use crate::program::{Folder, Ran};

/// A consortium of two libraries, at one of which a guard trips.
fn with_guard() -> (State, Folder) {
    let policies = Folder::with(&[
        (
            "consortium.toml",
            "[consortium]\nname = \"Two\"\n\n[activity]\nsources = [\"desk\"]\n\n[guards]\nmax_newest_date_days = 9999\nmax_source_age_days = 9999\n",
        ),
        ("libraries/gent.toml", "[library]\ncode = \"gent\"\n\n[subscriptions.adult]\n"),
        ("libraries/deinze.toml", "[library]\ncode = \"deinze\"\n\n[subscriptions.adult]\n"),
    ]);
    let folder = Folder::new();
    let (mut patrons, mut memberships, mut activity) = (
        "patron_id\n".to_owned(),
        "patron_id,library,subscription,valid_from,valid_until\n".to_owned(),
        "patron_id,source,last_active\n".to_owned(),
    );
    let mut add = |id: String, library: &str, last: &str| {
        let _ = writeln!(patrons, "{id}");
        let _ = writeln!(memberships, "{id},{library},adult,2015-01-01,2026-12-31");
        let _ = writeln!(activity, "{id},desk,{last}");
    };
    // At Deinze thirty of forty lapse, at Gent two of two hundred.
    for number in 0..40 {
        add(format!("D{number:03}"), "deinze", if number < 30 { "2018-01-01" } else { "2026-06-01" });
    }
    for number in 0..200 {
        add(format!("G{number:03}"), "gent", if number < 2 { "2018-01-01" } else { "2026-06-01" });
    }
    // One of those who lapse at Deinze lapses at Gent too.
    memberships.push_str("D000,gent,adult,2015-01-01,2026-12-31\n");
    let accounts = "patron_id,library,owed,credit,blocks,items\nG100,gent,0,0,,0\n";
    for (name, text) in [("patrons", &patrons), ("memberships", &memberships), ("activity", &activity)] {
        folder.write(&format!("data/{name}.csv"), text);
    }
    folder.write("data/accounts.csv", accounts);
    let state = State { folder };
    let ran = state.folder.lapse(&["register", "init", "--from", "data", "patrons.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (state, policies)
}

fn lapse(state: &State, policies: &Folder, words: &[&str]) -> Ran {
    let mut words = words.to_vec();
    words.extend(["--policies", policies.path().to_str().unwrap()]);
    state.folder.lapse(&words)
}

const DEREGISTERED: &str = "select count(*) from memberships where status = 'deregistered' and library = ";

#[test]
fn a_library_whose_guard_trips_waits_and_the_others_do_not() {
    let (state, policies) = with_guard();
    let before = state.tables();
    let ran = lapse(&state, &policies, &["plan", "--data", "patrons.db", "--date", "2026-07-01", "--out", "a.plan"]);
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout
            .contains("deinze waits, and each deletion that spans it for --consent deinze:max_deregistered_percent"),
        "{}",
        ran.stdout
    );

    let ran = lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(
        ran.stdout
            .contains("30 actions wait for consent: the same command with --consent deinze:max_deregistered_percent"),
        "{}",
        ran.stdout
    );
    assert_eq!(state.number(&format!("{DEREGISTERED}'gent'")), 3);
    assert_eq!(state.number(&format!("{DEREGISTERED}'deinze'")), 0);
    // Asked once more, nothing is done twice.
    let ran = lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stdout.contains("done: nothing"), "{}", ran.stdout);

    // The patron who was changed by the first pass is known as it left them.
    let ran =
        lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db", "--consent", "deinze", "--batch", "7"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("done: 30 deregistered"), "{}", ran.stdout);
    assert_eq!(state.number(&format!("{DEREGISTERED}'deinze'")), 30);
    assert!(
        state.lapse(&["log", "--data", "patrons.db", "--patron", "D001"]).stdout.contains("with the consent deinze")
    );
    state.log_is_whole();
    let ran = lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db", "--consent", "all"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("nothing is left to do of it"), "{}", ran.stderr);
    assert_eq!(state.lapse(&["undo", "1", "--data", "patrons.db"]).code, 0);
    assert!(state.tables() == before, "an undo did not bring every row back");
}

#[test]
fn a_patron_who_changed_between_two_passes_is_left_alone() {
    let (state, policies) = with_guard();
    lapse(&state, &policies, &["plan", "--data", "patrons.db", "--date", "2026-07-01", "--out", "a.plan"]);
    lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db"]);
    for patron in ["D000", "D005"] {
        state.others(&format!("update activity set last_active = '2026-06-30' where patron_id = '{patron}'"));
    }
    let ran = lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db", "--consent", "deinze"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("done: 28 deregistered"), "{}", ran.stdout);
    assert!(ran.stdout.contains("D000  deregister at deinze: the patron has changed since the plan"), "{}", ran.stdout);
}

#[test]
fn a_consent_for_what_is_not_there_is_refused() {
    let (state, policies) = with_guard();
    lapse(&state, &policies, &["plan", "--data", "patrons.db", "--date", "2026-07-01", "--out", "a.plan"]);
    let ran = lapse(&state, &policies, &["apply", "a.plan", "--data", "patrons.db", "--consent", "deinse"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `deinze`?"), "{}", ran.stderr);
    assert_eq!(state.number("select count(*) from lapse_runs"), 0);
}
