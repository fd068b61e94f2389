//! Guards as people meet them: what trips, what the run says of it, who may answer. Each test is named for what broke.

mod attention;
mod before;
mod numbers;
mod sources;

use std::fmt::Write as _;

use serde_json::Value;

use crate::program::{Folder, Ran};

const DATE: &str = "2022-07-01";

/// A consortium with one library.
const POLICIES: &[(&str, &str)] = &[
    (
        "policies/consortium.toml",
        "[consortium]\nname = \"Test\"\n\n[subscription]\nrenewal = \"conditional\"\n\n[activity]\nsources = [\"wise\", \
         \"legacy\"]\n",
    ),
    (
        "policies/libraries/a.toml",
        "[library]\ncode = \"a\"\nname = \"Aalter\"\n\n[subscriptions.adult]\n\n[subscriptions.paid]\nfee = \
         \"10.00\"\nrenewal = \"none\"\n",
    ),
];

const PATRONS: &str = "patron_id,profile_last_active\n";
const MEMBERSHIPS: &str = "patron_id,library,subscription,valid_from,valid_until,status\n";
const ACTIVITY: &str = "patron_id,library,source,last_active\n";
const ACCOUNTS: &str = "patron_id,library,owed,credit,blocks,items,settled_on\n";

/// A header and a row for each patron with a number in `numbers`, of whose id `row` is told.
fn table(header: &str, numbers: std::ops::Range<usize>, row: impl Fn(&str) -> String) -> String {
    let mut text = header.to_owned();
    for number in numbers {
        let _ = writeln!(text, "{}", row(&format!("P{number:04}")));
    }
    text
}

/// A folder with policies and `patrons` members of library `a`, each seen by `wise` on this day.
fn members(patrons: usize, seen: &str) -> Folder {
    let folder = Folder::with(POLICIES);
    folder.write("data/patrons.csv", table(PATRONS, 0..patrons, |id| format!("{id},")));
    let member = |id: &str| format!("{id},a,adult,2015-01-01,2023-02-28,active");
    folder.write("data/memberships.csv", table(MEMBERSHIPS, 0..patrons, member));
    folder.write("data/activity.csv", table(ACTIVITY, 0..patrons, |id| format!("{id},a,wise,{seen}")));
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..patrons, |id| format!("{id},a,,,,,")));
    folder
}

/// Runs the program with these further words.
fn run(folder: &Folder, words: &[&str]) -> Ran {
    let usual = ["run", "--data", "data", "--date", DATE, "--out", "out"];
    folder.lapse(&[&usual[..], words].concat())
}

fn summary(folder: &Folder, out: &str) -> Value {
    serde_json::from_str(&folder.read(&format!("{out}/summary.json"))).expect("a summary is JSON")
}

/// The guards that trip, by cause, each with whether somebody answered for it.
fn guards(folder: &Folder, out: &str) -> Vec<(String, bool)> {
    let summary = summary(folder, out);
    let guard = |cause: &Value| {
        let subject = cause["source"].as_str().or(cause["table"].as_str());
        let subject = subject.map_or_else(String::new, |subject| format!(" {subject}"));
        (format!("{}{subject}", cause["guard"].as_str().unwrap()), cause["answered"].as_bool().unwrap())
    };
    summary["guards"].as_array().unwrap().iter().map(guard).collect()
}

fn names(guards: &[(String, bool)]) -> Vec<&str> {
    guards.iter().map(|(name, _)| name.as_str()).collect()
}

const FEED_IS_OLD: [&str; 3] = ["max_newest_date_days", "max_deregistered_percent", "max_source_age_days wise"];

#[test]
fn sixty_of_sixty_were_deregistered_on_a_feed_777_days_old_and_the_exit_code_was_0() {
    let folder = members(60, "2020-05-15");
    let ran = run(&folder, &["--report", "page.html"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(folder.names("out").contains(&"memberships.csv".to_owned()), "the tables are written all the same");
    assert_eq!(names(&guards(&folder, "out")), FEED_IS_OLD);
    let said = "the newest activity from `wise` is of 2020-05-15, 777 days before the run, and 60 deregistrations rest on \
                it: the whole consortium, a (max_source_age_days is 35)";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let (guards, libraries) = (ran.stderr.find("guards trip").unwrap(), ran.stderr.find("deregistered  ").unwrap());
    assert!(guards < libraries, "the guards come first: {}", ran.stderr);
    let page = folder.read("page.html");
    assert!(
        page.contains("3 guards trip: the extract is old, many memberships are deregistered, a source"),
        "the headline"
    );
    assert_eq!(summary(&folder, "out")["guards"][2]["deregistrations"], 60);
}

#[test]
fn a_person_answers_for_guards_and_the_summary_keeps_for_which() {
    let folder = members(60, "2020-05-15");
    assert_eq!(run(&folder, &["--consent", "all"]).code, 0);
    assert!(guards(&folder, "out").iter().all(|(_, answered)| *answered));
    assert_eq!(summary(&folder, "out")["consents"], serde_json::json!([{ "at": "all", "guard": null }]));

    let ran = run(&folder, &["--consent", "consortium"]);
    assert_eq!(ran.code, 4, "nobody answered for the library: {}", ran.stderr);
    assert_eq!(guards(&folder, "out").iter().filter(|(_, answered)| *answered).count(), 1);
    let ran = run(&folder, &["--consent", "consortium", "--consent", "a:max_deregistered_percent"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let ran = run(&folder, &["--consent", "consortium", "--consent", "a"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("and --consent answered for"), "{}", ran.stderr);
}

#[test]
fn a_consent_with_a_slip_writes_nothing_and_names_what_is_near() {
    let folder = members(1, "2022-06-30");
    for (consent, said) in
        [("consortum", "did you mean `consortium`?"), ("a:max_removd_percent", "did you mean `max_removed_percent`?")]
    {
        let ran = run(&folder, &["--consent", consent]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert_eq!(folder.names("out"), Vec::<String>::new());
    }
}

#[test]
fn a_source_that_rests_tripped_a_guard_in_every_library_each_month() {
    let folder = members(200, "2022-06-30");
    let mut activity = folder.read("data/activity.csv");
    for number in 0..200 {
        let _ = writeln!(activity, "P{number:04},a,legacy,2018-05-01");
    }
    // Some are not seen any more, so that deregistrations rest on the source.
    let activity =
        (0..15).fold(activity, |text, number| text.replace(&format!("P{number:04},a,wise,2022-06-30\n"), ""));
    folder.write("data/activity.csv", activity);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(summary(&folder, "out")["total"]["memberships"]["deregistered"], 15);
    assert_eq!(guards(&folder, "out"), []);

    let consortium = folder.read("policies/consortium.toml");
    folder.write("policies/consortium.toml", consortium + "\n[guards]\nresting_sources = []\n");
    assert_eq!(run(&folder, &[]).code, 4);
    assert_eq!(names(&guards(&folder, "out")), ["max_source_age_days legacy"]);
}

#[test]
fn memberships_with_a_header_alone_deleted_every_profile_of_2015() {
    let folder = members(1105, "2022-06-30");
    folder.write("data/patrons.csv", table(PATRONS, 0..1105, |id| format!("{id},2015-03-01")));
    folder.write("data/memberships.csv", MEMBERSHIPS);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert_eq!(names(&guards(&folder, "out")), ["empty_table memberships", "max_profiles_percent"]);
    assert!(ran.stderr.contains("1105 of 1105 profiles would be deleted (100.0%)"), "{}", ran.stderr);
}

#[test]
fn a_run_of_2099_or_of_today_on_an_old_extract_was_not_stopped() {
    let folder = members(30, "2022-06-30");
    for words in [&["--date", "2099-01-01"][..], &[]] {
        let ran = folder.lapse(&[&["run", "--data", "data", "--out", "out"], words].concat());
        assert_eq!(ran.code, 4, "{}", ran.stderr);
        assert_eq!(guards(&folder, "out")[0].0, "max_newest_date_days");
    }
    assert_eq!(run(&folder, &[]).code, 0);
}

#[test]
fn exit_code_4_stands_above_3() {
    let folder = members(60, "2020-05-15");
    folder.write("data/memberships.csv", folder.read("data/memberships.csv") + "nobody,a,adult,2015-01-01,,active\n");
    assert_eq!(run(&folder, &[]).code, 4);
    assert_eq!(run(&folder, &["--consent", "all"]).code, 3);
}

#[test]
fn many_rows_of_nobody_and_many_rejects_are_told_apart() {
    let folder = members(40, "2022-06-30");
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..40, |id| format!("other-{id},a,5.00,,,,")));
    folder.write(
        "data/activity.csv",
        table(ACTIVITY, 0..40, |id| format!("{id},a,wise,2022-06-3x")) + "P0001,a,wise,2022-06-30\n",
    );
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert_eq!(names(&guards(&folder, "out")), ["max_rejected_percent activity", "max_unmatched_percent accounts"]);
    let rows = &summary(&folder, "out")["rows"];
    assert_eq!((&rows["accounts"]["of_nobody"], &rows["activity"]["of_nobody"]), (&40.into(), &0.into()));
}
