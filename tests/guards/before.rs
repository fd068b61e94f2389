//! The rows of an earlier run beside those of this one.

use serde_json::Value;

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
fn tables_that_were_too_small_to_compare_were_said_to_be_compared() {
    let folder = members(300, "2022-06-30");
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..99, |id| format!("{id},a,,,,,")));
    let june = ["run", "--data", "data", "--date", DATE, "--out", "june"];
    assert_eq!(folder.lapse(&june).code, 0);
    folder.write("data/accounts.csv", ACCOUNTS);
    let ran = run(&folder, &["--before", "june", "--report", "page.html", "--consent", "consortium:empty_table"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = "but for tables that were too small to compare, with fewer than 100 rows then: accounts.";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(folder.read("page.html").contains("these tables were too small to compare: accounts."));
    assert_eq!(summary(&folder, "out")["too_few_to_compare"], serde_json::json!(["accounts"]));

    let folder = members(30, "2022-06-30");
    assert_eq!(folder.lapse(&june).code, 0);
    let ran = run(&folder, &["--before", "june", "--report", "page.html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("No rows were compared with those of the run of 2022-07-01"), "{}", ran.stderr);
    assert!(folder.read("page.html").contains("No table was compared with the run of 2022-07-01."));
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
fn a_run_was_compared_with_a_later_one() {
    let folder = members(300, "2022-06-30");
    assert_eq!(folder.lapse(&["run", "--data", "data", "--date", DATE, "--out", "out"]).code, 0);
    let args = ["run", "--data", "data", "--date", "2022-06-01", "--out", "june", "--before", "out"];
    let ran = folder.lapse(&args);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("which is later than 2022-06-01"), "{}", ran.stderr);
}

#[test]
fn a_run_may_be_compared_with_that_of_the_month_before_in_the_same_folder() {
    let folder = members(300, "2022-05-31");
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-06-01", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..100, |id| format!("{id},a,,,,,")));
    assert_eq!(run(&folder, &["--before", "out"]).code, 4);
}

#[test]
fn a_run_that_was_repeated_compared_itself_with_itself_and_let_the_missing_rows_through() {
    let folder = members(300, "2022-05-31");
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-06-01", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..100, |id| format!("{id},a,,,,,")));
    assert_eq!(run(&folder, &["--before", "out"]).code, 4);
    let again = run(&folder, &["--before", "out"]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("--before out: this is the output of the run of 2022-07-01"), "{}", again.stderr);
    assert_eq!(names(&guards(&folder, "out")), ["max_rows_fallen_percent accounts"], "the first run still stands");
}

#[test]
fn the_consent_that_a_run_asks_for_answers_for_it_and_one_for_nothing_is_told() {
    let folder = earlier();
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..150, |id| format!("{id},a,,,,,")));
    let ran = run(&folder, &["--before", "june"]);
    let asked = ["--consent", "consortium:max_rows_fallen_percent", "--consent", "a:max_rows_fallen_percent"];
    assert!(ran.stderr.contains(&asked.join(" ")), "{}", ran.stderr);
    let ran = run(&folder, &[&["--before", "june", "--consent", "a:max_removed_percent"], &asked[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("--consent a:max_removed_percent"), "{}", ran.stderr);
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

#[test]
fn a_damaged_summary_was_compared_as_if_it_had_counted_nothing() {
    let folder = earlier();
    let whole: Value = serde_json::from_str(&folder.read("june/summary.json")).unwrap();
    let damages: [fn(&mut Value); 5] = [
        |summary| summary["codes"]["libraries"] = "x".into(),
        |summary| summary["codes"]["sources"] = serde_json::json!([1]),
        |summary| summary["codes"]["sources"]["wise"] = "300".into(),
        |summary| summary["codes"] = Value::Null,
        |summary| summary["date"] = "june\n".into(),
    ];
    for damage in damages {
        let mut summary = whole.clone();
        damage(&mut summary);
        folder.write("june/summary.json", summary.to_string());
        let ran = run(&folder, &["--before", "june"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("june/summary.json is not the summary of a run"), "{}", ran.stderr);
    }
}
