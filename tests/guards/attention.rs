//! What needs attention, on the terminal, on the page and in summary.json.

use serde_json::json;

use super::{ACCOUNTS, DATE, MEMBERSHIPS, PATRONS, members, run, summary, table};

/// Checks that the terminal and the page say these, the page with its own words.
fn says(folder: &crate::program::Folder, code: i32, terminal: &[&str], page: &[&str]) {
    let ran = run(folder, &["--report", "page.html", "--consent", "all"]);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    let mut after = 0;
    for said in terminal {
        let place = ran.stderr[after..].find(said);
        after += place.unwrap_or_else(|| panic!("no `{said}`, or not in this order: {}", ran.stderr));
    }
    let text = folder.read("page.html");
    for said in page {
        assert!(text.contains(said), "no `{said}` on the page");
    }
}

#[test]
fn accounts_without_a_column_that_is_needed_said_nothing() {
    let folder = members(30, "2022-06-30");
    let ended = |id: &str| format!("{id},a,paid,2018-01-01,2018-12-31,active");
    folder.write("data/memberships.csv", table(MEMBERSHIPS, 0..30, ended));
    folder.write("data/accounts.csv", table("patron_id,library,credit,items\n", 0..10, |id| format!("{id},a,,1")));
    let said = "the accounts table lacks owed, blocks, which alone holds 20 records (accounts-unknown)";
    says(&folder, 0, &[said, "cleanup.accounts_needed"], &["lacks owed, blocks. That alone holds 20 records"]);
    let told = &summary(&folder, "out")["attention"]["accounts_unknown"];
    assert_eq!(*told, json!({ "columns": ["owed", "blocks"], "records": 20 }));
}

#[test]
fn an_activity_feed_that_is_gone_deregistered_everybody() {
    let folder = members(30, "2022-06-30");
    std::fs::remove_file(folder.path().join("data/activity.csv")).unwrap();
    let said = "no row of activity is usable, which alone keeps 30 memberships (activity-unknown)";
    says(&folder, 0, &[said], &["no row of activity is usable. That alone keeps 30 memberships"]);
    assert_eq!(summary(&folder, "out")["attention"]["activity_unknown"], json!({ "memberships": 30 }));
}

#[test]
fn rows_and_codes_that_nobody_knows_are_told_in_every_table() {
    let folder = members(30, "2022-06-30");
    let with = |name: &str, rows: &str| folder.write(name, folder.read(name) + rows);
    with(
        "data/memberships.csv",
        "Q1,a,adult,2015-01-01,,active\nP0001,a,adult,2015-01-01,2023-02-28,active\nP0002,a,senior,2015-01-01,,active\n\
         P0003,a,adult,1970-01-01,2018-12-31,cancelled\nP0004,a,adult,2015-01-02,2018-12-31,active\n",
    );
    with(
        "data/activity.csv",
        "P0001,elsewhere,wise,2022-06-01\nP0001,a,kiosk,2022-06-01\nP0001,a,wise,1970-01-01\nP0001,a,wise,2022-07-02\n",
    );
    folder.write(
        "data/accounts.csv",
        table(ACCOUNTS, 0..30, |id| format!("{id},a,,,,,")).replace("P0005,a,,,,,", "P0005,a,,,General,,2022-08-01")
            + "P0005,beyond,,,,,\n",
    );
    let terminal = [
        "1 row belongs to no patron and holds nobody",
        "1 membership has no policy",
        "2 rows name libraries that the policy does not have",
        "elsewhere in activity: 1",
        "beyond in accounts: 1",
        "1 row of activity is of a source that no policy counts",
        "kiosk: 1",
    ];
    let page = [
        "1 row belongs to no patron and holds nobody",
        "1 membership has no policy",
        "accounts, beyond: 1",
        "kiosk: 1",
        "1 membership is there twice",
        "1 row of activity has a date that looks empty",
        "1 membership begins on a date that looks empty",
        "1 activity row has a date after the run",
    ];
    let said = run(&folder, &["--consent", "all"]).stderr;
    assert!(said.contains("membership is there twice"), "{said}");
    says(&folder, 3, &terminal, &page);
    let told = &summary(&folder, "out")["attention"];
    assert_eq!(told["repeated"], 1);
    assert_eq!(told["unknown_sources"], json!([{ "source": "kiosk", "rows": 1 }]));
    assert_eq!(told["activity_looks_empty"], 1);
}

#[test]
fn a_kind_of_block_in_neither_list_is_told_with_its_library() {
    let folder = members(3, "2022-06-30");
    folder.write("data/accounts.csv", table(ACCOUNTS, 0..3, |id| format!("{id},a,,,library-ban|internet,,2022-08-01")));
    let terminal = ["1 kind of block is in neither", "library-ban at a: 3", "accounts settled after the run: 3"];
    says(&folder, 0, &terminal, &["a, library-ban: 3", "3 accounts were settled after the run"]);
    let told = &summary(&folder, "out")["attention"]["unknown_blocks"];
    assert_eq!(*told, json!([{ "library": "a", "kind": "library-ban", "accounts": 3 }]));
}

#[test]
fn a_renewal_over_more_than_two_terms_is_told() {
    let folder = members(1, "2022-06-30");
    folder.write(
        "data/memberships.csv",
        table(MEMBERSHIPS, 0..1, |id| format!("{id},a,adult,2015-01-01,2018-12-31,active")),
    );
    says(&folder, 0, &["1 membership is renewed over more than two terms"], &["renewed over more than two terms"]);
}

#[test]
fn a_forecast_said_nothing_of_guards_and_of_tables_without_a_row() {
    let folder = members(105, "2022-06-30");
    folder.write("data/patrons.csv", table(PATRONS, 0..105, |id| format!("{id},2015-03-01")));
    folder.write("data/memberships.csv", MEMBERSHIPS);
    assert_eq!(run(&folder, &[]).code, 4);
    let forecast = |words: &[&str]| {
        let usual = ["forecast", "--data", "data", "--from", DATE, "--months", "2"];
        let ran = folder.lapse(&[&usual[..], words].concat());
        assert_eq!(ran.code, 0, "a forecast goes on: {}", ran.stderr);
        ran.stdout
    };
    let text = forecast(&["--report", "page.html"]);
    let empty = "the table memberships is there without a row, and there are 105 patrons";
    let profiles = "105 of 105 profiles would be deleted (100.0%)";
    let page = folder.read("page.html");
    for said in [empty, profiles] {
        assert!(text.contains(&format!("\n  guard: the whole consortium: {said} (")), "no `{said}`: {text}");
    }
    for said in [empty, "105 of 105 profiles would be deleted, 100"] {
        assert!(page.contains(said), "no `{said}` on the page");
    }
    let json: serde_json::Value = serde_json::from_str(&forecast(&["--format", "json"])).unwrap();
    assert_eq!(json["guards"], summary(&folder, "out")["guards"], "as the run says it");
}
