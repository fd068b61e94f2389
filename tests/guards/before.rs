//! The rows of an earlier run beside those of this one.

use super::{ACCOUNTS, DATE, guards, members, names, run, summary, table};
use crate::program::Folder;

fn earlier() -> Folder {
    let folder = members(300, "2022-06-30");
    let ran = folder.lapse(&["run", "--data", "data", "--date", DATE, "--out", "june"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder
}

#[test]
fn accounts_that_were_cut_in_half_deleted_more_and_no_guard_tripped() {
    let folder = earlier();
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..150, |id| format!("{id},a,,,,,")));
    let ran = run(&folder, &["--before", "june", "--report", "page.html"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert_eq!(names(&guards(&folder, "out")), ["max_rows_fallen_percent accounts"]);
    let said = "the whole consortium: accounts has 150 rows and had 300, 50.0% fewer; a: accounts has 150 rows of a and had \
                300, 50.0% fewer (max_rows_fallen_percent is 10)";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(ran.stderr.contains("compared with those of the run of 2022-07-01"), "{}", ran.stderr);
    assert!(folder.read("page.html").contains("1 guard trips: rows are missing"));
    assert_eq!(summary(&folder, "out")["compared_with"], DATE);

    let consents = ["--consent", "consortium:max_rows_fallen_percent", "--consent", "a:max_rows_fallen_percent"];
    assert_eq!(run(&folder, &[&["--before", "june"], &consents[..]].concat()).code, 0);
}

#[test]
fn a_source_that_is_gone_is_missed() {
    let folder = earlier();
    folder.write("data/activity.csv", folder.read("data/activity.csv").replace(",wise,", ",legacy,"));
    assert_eq!(run(&folder, &["--before", "june"]).code, 4);
    let told = summary(&folder, "out")["guards"][0]["at"][0]["found"].clone();
    assert_eq!(told, "activity has 0 rows of `wise` and had 300, 100.0% fewer");
}

#[test]
fn without_an_earlier_run_the_summary_says_that_nothing_was_compared() {
    let folder = earlier();
    let ran = run(&folder, &["--report", "page.html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("not compared with those of an earlier run"), "{}", ran.stderr);
    assert!(folder.read("page.html").contains("not compared with those of an earlier run"));
    assert!(summary(&folder, "out")["compared_with"].is_null());
}

#[test]
fn a_run_may_be_compared_with_the_one_that_it_replaces() {
    let folder = earlier();
    assert_eq!(run(&folder, &[]).code, 0);
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..100, |id| format!("{id},a,,,,,")));
    assert_eq!(run(&folder, &["--before", "out"]).code, 4);
}

#[test]
fn what_is_no_earlier_run_writes_nothing() {
    let folder = earlier();
    folder.write("other/summary.json", "{}");
    for (before, said) in [("nowhere", "cannot read nowhere/summary.json"), ("other", "is not the summary of a run")] {
        let ran = run(&folder, &["--before", before]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert_eq!(folder.names("out"), Vec::<String>::new());
    }
}
