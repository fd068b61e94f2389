//! A feed or a column that is gone: what nobody knows then must not count as nothing.

use std::fs;

use super::{ACTIVITY, CONSORTIUM, MEMBERSHIPS, RUN, add, extract, memberships, record, run};
use crate::program::Folder;

/// A debtor and a patron who owes nothing, both gone for years.
fn debtor() -> Folder {
    let folder = extract(&["A", "B"]);
    add(&folder, "memberships", &["A,a,paid,2015-01-01,2015-12-31,", "B,a,paid,2015-01-01,2015-12-31,"]);
    add(&folder, "accounts", &["A,a,99.00,,,,"]);
    folder
}

fn remove(folder: &Folder, table: &str) {
    fs::remove_file(folder.path().join(format!("data/{table}.csv"))).unwrap();
}

#[test]
fn without_accounts_debtors_were_deleted() {
    let folder = debtor();
    run(&folder, RUN);
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept owes", "deleted all-clear"]);
    remove(&folder, "accounts");
    run(&folder, RUN);
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept accounts-unknown", "kept accounts-unknown"]);
}

#[test]
fn each_column_of_accounts_that_is_gone_keeps_every_record_unless_the_policy_does_not_need_it() {
    for column in ["owed", "credit", "blocks", "items"] {
        let folder = debtor();
        folder.write("data/accounts.csv", folder.read("data/accounts.csv").replace(column, "other_name"));
        run(&folder, RUN);
        assert_eq!(record(&folder, "B"), "kept accounts-unknown", "{column}");
        let needed: Vec<&str> =
            ["owed", "credit", "blocks", "items"].into_iter().filter(|name| *name != column).collect();
        folder.write("policies/consortium.toml", format!("{CONSORTIUM}\n[cleanup]\naccounts_needed = {needed:?}\n"));
        run(&folder, RUN);
        assert_eq!(record(&folder, "B"), "deleted all-clear", "{column}");
    }
    let folder = debtor();
    folder.write("data/accounts.csv", folder.read("data/accounts.csv").replace("settled_on", "other_name"));
    run(&folder, RUN);
    assert_eq!(record(&folder, "B"), "deleted all-clear", "when costs were settled is not needed");
}

#[test]
fn a_misspelt_column_in_ndjson_deleted_the_debtor() {
    let folder = debtor();
    remove(&folder, "accounts");
    folder.write("data/accounts.ndjson", "{\"patron_id\":\"A\",\"library\":\"a\",\"owde\":\"99.00\"}\n");
    let before = folder.tree();
    let ran = folder.lapse(&["run", "--data", "data", "--date", RUN, "--out", "out"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            2,
            "error: data/accounts.ndjson: there is no column `owed`, but `owde`, which nearly is its name; write it as `owed`, or \
             say --ignore-column owde if it is another\n"
        )
    );
    assert!(folder.tree() == before, "nothing was written");
    folder.write("data/accounts.ndjson", "{\"patron_id\":\"A\",\"library\":\"a\",\"debt\":\"99.00\"}\n");
    run(&folder, RUN);
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept accounts-unknown", "kept accounts-unknown"]);
}

#[test]
fn a_column_of_ndjson_is_there_where_any_row_of_any_file_has_it() {
    let folder = debtor();
    remove(&folder, "accounts");
    folder.write("data/accounts/1.ndjson", "{\"patron_id\":\"A\",\"library\":\"a\",\"owed\":\"99.00\",\"credit\":0}\n");
    folder.write("data/accounts/2.ndjson", "{\"patron_id\":\"B\",\"library\":\"a\",\"blocks\":\"\",\"items\":0}\n");
    run(&folder, RUN);
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept owes", "deleted all-clear"]);
    folder.write("data/accounts/2.ndjson", "{\"patron_id\":\"B\",\"library\":\"a\",\"items\":0}\n");
    run(&folder, RUN);
    assert_eq!(record(&folder, "B"), "kept accounts-unknown");
}

#[test]
fn accounts_in_ndjson_without_a_row_have_no_columns() {
    let folder = debtor();
    remove(&folder, "accounts");
    folder.write("data/accounts.ndjson", "");
    run(&folder, RUN);
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept accounts-unknown", "kept accounts-unknown"]);
}

#[test]
fn the_status_under_a_misspelt_name_made_everybody_active() {
    let folder = extract(&["P"]);
    let row = "P,a,adult,2015-01-01,2030-12-31,deregistered\n";
    for name in ["stauts", "Status", "status ", "statuss", "tatus"] {
        folder.write("data/memberships.csv", MEMBERSHIPS.replace("status", name) + row);
        let ran = folder.lapse(&["run", "--data", "data", "--date", RUN, "--out", "out"]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        let told = format!("there is no column `status`, but `{name}`, which nearly is its name");
        assert!(ran.stderr.contains(&told), "{told}: {}", ran.stderr);
    }
    folder.write("data/memberships.csv", MEMBERSHIPS.to_owned() + row);
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["expired ended 2030-12-31"]);
}

/// Two memberships of a patron whom nobody has seen since enrolling in 2015.
fn unseen() -> Folder {
    let folder = extract(&["P"]);
    add(&folder, "memberships", &["P,a,adult,2015-01-01,,", "P,a,adult,2016-01-01,2022-06-30,"]);
    folder
}

#[test]
fn an_activity_feed_that_is_gone_deregistered_everybody() {
    let folder = unseen();
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P")[0], "deregistered inactive 2022-06-30");
    let unknown = ["valid activity-unknown ", "renewed activity-unknown 2022-12-31"];
    folder.write("policies/libraries/a.toml", super::LIBRARY.replace("adult]\n", "adult]\nterm_months = 6\n"));
    for rows in ["", "P,,wise,\n", "P,,wise,2022-06-31\n", "P,,wise,1970-01-01\n", "nobody,,wise,2022-06-15\n"] {
        folder.write("data/activity.csv", ACTIVITY.to_owned() + rows);
        run(&folder, RUN);
        assert_eq!(memberships(&folder, "P"), unknown, "{rows}");
    }
    remove(&folder, "activity");
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), unknown);
}

#[test]
fn a_row_of_a_source_that_nobody_counts_is_activity_that_is_known() {
    let folder = unseen();
    folder.write("data/activity.csv", ACTIVITY.to_owned() + "somebody,,kiosk,2022-06-15\n");
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P")[0], "deregistered inactive 2022-06-30");
}

#[test]
fn memberships_without_a_row_delete_no_record() {
    let folder = extract(&["P"]);
    add(&folder, "accounts", &["P,a,,,,,"]);
    run(&folder, RUN);
    assert_eq!(record(&folder, "P"), "kept no-membership");
}

#[cfg(unix)]
#[test]
fn accounts_through_a_pipe_had_a_misspelt_column_and_the_debtor_was_deleted() {
    let folder = debtor();
    let pipe = folder.path().join("data/accounts.csv");
    let text = folder.read("data/accounts.csv").replace("owed", "debt");
    remove(&folder, "accounts");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(pipe, text).unwrap());
    run(&folder, RUN);
    writer.join().unwrap();
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept accounts-unknown", "kept accounts-unknown"]);
}

/// `debtor` with accounts in NDJSON, one text a file.
fn accounts_in_ndjson(files: &[&str]) -> Folder {
    let folder = debtor();
    remove(&folder, "accounts");
    for (number, text) in files.iter().enumerate() {
        folder.write(&format!("data/accounts/{number}.ndjson"), text);
    }
    folder
}

const CLEAR: &str = "{\"patron_id\":\"B\",\"library\":\"a\",\"owed\":0,\"credit\":0,\"blocks\":\"\",\"items\":0}\n";

#[test]
fn a_byte_order_mark_hid_the_columns_of_ndjson() {
    let folder = accounts_in_ndjson(&[&format!("\u{feff}{CLEAR}")]);
    run(&folder, RUN);
    assert_eq!(record(&folder, "B"), "deleted all-clear");
    let folder = accounts_in_ndjson(&[&format!("\u{feff}{}", CLEAR.replace("items", "Items"))]);
    let ran = folder.lapse(&["run", "--data", "data", "--date", RUN, "--out", "out"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("no column `items`, but `Items`"), "{}", ran.stderr);
}

#[test]
fn a_column_with_a_space_in_its_name_is_told_as_it_is_typed() {
    let folder = debtor();
    folder.write("data/accounts.csv", folder.read("data/accounts.csv").replace("owed", " owed"));
    let ran = folder.lapse(&["run", "--data", "data", "--date", RUN, "--out", "out"]);
    assert!(ran.stderr.contains("--ignore-column ' owed' if"), "{}", ran.stderr);
    let ran = folder.lapse(&["run", "--data", "data", "--date", RUN, "--out", "out", "--ignore-column", " owed"]);
    assert_eq!([record(&folder, "A"), record(&folder, "B")], ["kept accounts-unknown", "kept accounts-unknown"]);
    assert_ne!(ran.code, 2);
}
