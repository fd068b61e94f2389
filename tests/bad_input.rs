//! Bad input of every kind: a row that cannot be used is reported and holds its patron, a table that cannot be read stops
//! the run, and the output is complete or absent. Each test spoils one thing in a folder that has no other fault.

mod bounds;
mod files;
mod hostile;
mod out;
mod places;
mod rows;
mod stops;

use crate::program::{Folder, Ran};

const RUN: &[&str] = &["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];

/// A consortium whose guards let pass what these small extracts are: old, and with rows that cannot be used.
const GUARDED: &str = "[consortium]\nname = \"Two towns\"\n\n[guards]\nmax_source_age_days = 36500\n\
                       max_newest_date_days = 36500\nmax_unmatched_percent = 100\nmax_rejected_percent = 100\n";

const POLICIES: &[(&str, &str)] = &[
    ("policies/consortium.toml", GUARDED),
    ("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n"),
    ("policies/libraries/riemst.toml", "[library]\ncode = \"riemst\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n"),
];

/// Two patrons with the same facts. A run takes from them all that it can; the tests spoil a row of P1, never one of P2.
const TABLES: [(&str, &str); 4] = [
    (
        "patrons",
        "patron_id,birth_date,profile_last_active,loan_history\n\
         P1,2005-01-01,2018-01-01,true\n\
         P2,2005-01-01,2018-01-01,true\n",
    ),
    (
        "memberships",
        "patron_id,library,subscription,valid_from,valid_until,status\n\
         P1,peer,youth,2015-01-01,2022-12-31,active\n\
         P1,riemst,youth,2012-01-01,2013-01-01,cancelled\n\
         P2,peer,youth,2015-01-01,2022-12-31,active\n\
         P2,riemst,youth,2012-01-01,2013-01-01,cancelled\n",
    ),
    (
        "activity",
        "patron_id,library,source,last_active\n\
         P1,peer,wise,2018-01-01\nP1,peer,legacy,2017-01-01\nP1,peer,mijn-bibliotheek,2017-01-01\nP1,peer,sip2,2017-01-01\n",
    ),
    (
        "accounts",
        "patron_id,library,owed,credit,blocks,items,settled_on\n\
         P1,riemst,0,0.00,internet,0,2015-01-01\n\
         P2,riemst,,,,,\n",
    ),
];

/// A folder with policies and tables that have no faults.
fn good() -> Folder {
    let folder = Folder::with(POLICIES);
    for (table, text) in TABLES {
        folder.write(&format!("data/{table}.csv"), text);
    }
    folder
}

fn text(table: &str) -> &'static str {
    TABLES.iter().find(|(name, _)| *name == table).expect("a table").1
}

/// The lines of an output table that are about a patron.
fn about<'a>(patron: &str, table: &'a str) -> Vec<&'a str> {
    table.lines().filter(|line| line.split(',').next() == Some(patron)).collect()
}

/// Checks that the run took nothing from `patron`, as it must where the patron is held.
fn assert_held(folder: &Folder, patron: &str) {
    let tables = ["memberships", "records", "profiles"].map(|table| folder.read(&format!("out/{table}.csv")));
    let [memberships, records, profiles] = &tables;
    for line in about(patron, memberships) {
        assert!(!line.contains(",deregistered,"), "{line}");
    }
    for line in about(patron, records) {
        assert!(line.contains(",kept,bad-input"), "{line}");
    }
    for line in about(patron, profiles) {
        assert!(line.contains(",kept,bad-input"), "{line}");
    }
}

/// Checks that the run took from `patron` all that it can.
fn assert_not_held(folder: &Folder, patron: &str) {
    let at = |table: &str| folder.read(&format!("out/{table}.csv"));
    assert_eq!(
        about(patron, &at("memberships")).iter().map(|line| line.split(',').nth(4).unwrap()).collect::<Vec<_>>(),
        ["deregistered", "expired"],
        "{patron}"
    );
    assert_eq!(
        about(patron, &at("records")).iter().map(|line| line.split(',').nth(2).unwrap()).collect::<Vec<_>>(),
        ["kept", "archived"],
        "{patron}"
    );
    assert_eq!(about(patron, &at("profiles")), [format!("{patron},deleted,inactive")]);
}

/// Checks that the run refuses: it ends with exit code 2 and one sentence that has each of `words`, prints no result, and
/// touches no file.
fn assert_refused(folder: &Folder, words: &[&str]) {
    assert_refused_by(folder, |folder| folder.lapse(RUN), words);
}

fn assert_refused_by(folder: &Folder, run: impl FnOnce(&Folder) -> Ran, words: &[&str]) {
    let before = folder.tree();
    let ran = run(folder);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not in: {}", ran.stderr);
    }
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.ends_with('\n'), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(folder.tree() == before, "a refused run leaves everything as it was: {:?}", folder.tree().keys());
}

#[test]
fn without_anything_wrong_both_patrons_lose_what_the_rules_take() {
    let folder = good();
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
    assert_not_held(&folder, "P1");
    assert_not_held(&folder, "P2");
}
