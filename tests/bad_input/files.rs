//! Files as they come: missing, empty, of another kind, not to be opened, long, or unusual but in order.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::{POLICIES, RUN, TABLES, about, assert_not_held, assert_refused, assert_refused_by, good, text};
use crate::able::output_of;
use crate::program::{Folder, Ran, program};

fn without(table: &str) -> Folder {
    let folder = good();
    fs::remove_file(folder.path().join(format!("data/{table}.csv"))).unwrap();
    folder
}

#[test]
fn a_data_directory_that_is_not_there_stops_the_run() {
    let folder = good();
    let run = ["run", "--data", "nowhere", "--date", "2022-07-01", "--out", "out"];
    assert_refused_by(
        &folder,
        |folder| folder.lapse(&run),
        &["nowhere: there is no such folder; name the one that holds the tables"],
    );
}

#[test]
fn a_data_directory_that_is_a_file_stops_the_run() {
    let folder = good();
    let run = ["run", "--data", "data/patrons.csv", "--date", "2022-07-01", "--out", "out"];
    assert_refused_by(
        &folder,
        |folder| folder.lapse(&run),
        &["data/patrons.csv: this is not a folder; name the one that holds the tables"],
    );
}

#[test]
fn an_empty_data_directory_stops_the_run() {
    let folder = Folder::with(POLICIES);
    fs::create_dir(folder.path().join("data")).unwrap();
    assert_refused(&folder, &["data: there is no table `patrons` in this folder"]);
}

#[test]
fn memberships_that_are_not_there_stop_the_run() {
    assert_refused(&without("memberships"), &["data: there is no table `memberships` in this folder"]);
}

#[test]
fn activity_and_accounts_need_not_be_there_and_nobody_lapses_or_goes_for_what_they_would_say() {
    let folder = without("activity");
    assert_eq!(folder.lapse(RUN).code, 0);
    let [memberships, records, _] =
        ["memberships", "records", "profiles"].map(|name| folder.read(&format!("out/{name}.csv")));
    for patron in ["P1", "P2"] {
        assert_eq!(
            about(patron, &memberships)[0],
            format!("{patron},peer,youth,2015-01-01,valid,activity-unknown,2022-12-31,")
        );
        assert_eq!(about(patron, &records)[1], format!("{patron},riemst,archived,kept-elsewhere,,2012-07-01"));
    }
    let folder = without("accounts");
    assert_eq!(folder.lapse(RUN).code, 0);
    let records = folder.read("out/records.csv");
    for patron in ["P1", "P2"] {
        assert_eq!(
            about(patron, &records),
            [
                format!("{patron},peer,kept,accounts-unknown ended-recently,,2012-07-01"),
                format!("{patron},riemst,kept,accounts-unknown,,2012-07-01")
            ]
        );
    }
    folder.write("policies/consortium.toml", POLICIES[0].1.to_owned() + "\n[cleanup]\naccounts_needed = []\n");
    assert_eq!(folder.lapse(RUN).code, 0);
    assert_not_held(&folder, "P1");
    assert_not_held(&folder, "P2");
}

#[test]
fn an_empty_file_stops_the_run_in_every_table() {
    for (table, _) in TABLES {
        for nothing in ["", "\u{feff}", "\n", "\r\n\n"] {
            let folder = good();
            folder.write(&format!("data/{table}.csv"), nothing);
            assert_refused(&folder, &[&format!("data/{table}.csv: the file is empty")]);
        }
    }
}

#[test]
fn tables_with_a_header_only_come_out_with_a_header_only() {
    let folder = good();
    for (table, text) in TABLES {
        folder.write(&format!("data/{table}.csv"), text.lines().next().unwrap());
    }
    let ran = folder.lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
    for table in ["memberships", "records", "profiles"] {
        assert_eq!(folder.read(&format!("out/{table}.csv")).lines().count(), 1, "{table}");
    }
}

#[test]
fn a_directory_where_a_file_should_be_stops_the_run_in_every_table() {
    for (table, _) in TABLES {
        let folder = without(table);
        fs::create_dir(folder.path().join(format!("data/{table}.csv"))).unwrap();
        assert_refused(&folder, &[&format!("data/{table}.csv: this cannot be read")]);
    }
}

#[test]
fn a_link_that_leads_nowhere_stops_the_run_even_for_a_table_that_may_be_absent() {
    for (table, _) in TABLES {
        let folder = without(table);
        std::os::unix::fs::symlink("nowhere", folder.path().join(format!("data/{table}.csv"))).unwrap();
        assert_refused(&folder, &[&format!("data/{table}.csv: this cannot be read")]);
    }
}

#[test]
fn a_table_in_two_formats_stops_the_run_since_only_one_of_them_can_be_meant() {
    for (table, _) in TABLES {
        let folder = good();
        folder.write(&format!("data/{table}.ndjson"), "");
        assert_refused(&folder, &[&format!("{table}.csv"), &format!("{table}.ndjson")]);
    }
}

/// Runs the program as a user whom permissions hold back. Gives nothing where this machine cannot do that.
fn as_somebody(folder: &Folder, words: &[&str]) -> Option<Ran> {
    const NOBODY: u32 = 65534;
    // The folder for temporary files is closed to other users.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut run = program();
    // Permissions do not hold back root, who therefore runs the program as nobody. The program may lie in a folder that
    // nobody can enter, so a second name of it, or a copy, goes into this one.
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        let (built, here) = (PathBuf::from(run.get_program()), folder.path().join("lapse"));
        fs::hard_link(&built, &here).or_else(|_| fs::copy(&built, &here).map(drop)).unwrap();
        run = Command::new(here);
        run.uid(NOBODY).gid(NOBODY).env("NO_COLOR", "1");
    }
    output_of(run.args(words).current_dir(folder.path())).map(|output| Ran::from(&output))
}

#[test]
fn a_table_that_may_not_be_read_stops_the_run() {
    let folder = good();
    fs::create_dir(folder.path().join("out")).unwrap();
    fs::set_permissions(folder.path().join("out"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(folder.path().join("data/accounts.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    let Some(ran) = as_somebody(&folder, RUN) else { return };
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("data/accounts.csv: this cannot be read (Permission denied"), "{}", ran.stderr);
    assert_eq!(folder.names("out"), Vec::<String>::new());
}

#[test]
fn an_output_directory_that_may_not_be_written_stops_the_run() {
    let folder = good();
    fs::create_dir(folder.path().join("out")).unwrap();
    fs::set_permissions(folder.path().join("out"), fs::Permissions::from_mode(0o555)).unwrap();
    let Some(ran) = as_somebody(&folder, RUN) else { return };
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("out: this cannot be written (Permission denied"), "{}", ran.stderr);
    assert_eq!(folder.names("out"), Vec::<String>::new());
}

#[test]
fn a_line_of_64_mebibytes_is_read_like_any_other_where_it_is_allowed() {
    let folder = good();
    let long = "x".repeat(64 << 20);
    folder.write("data/patrons.csv", format!("patron_id,note\nP1,{long}\nP2,\n"));
    assert_eq!(folder.lapse(RUN).code, 2, "a line has 16 MB unless more is asked for");
    assert_eq!(folder.lapse(&[RUN, &["--max-line", "65"]].concat()).code, 0);
    assert_eq!(folder.read("out/records.csv").lines().count(), 5);
}

#[test]
fn a_bad_value_of_64_mebibytes_is_cut_short_in_the_rejects() {
    let folder = good();
    let long = "9".repeat(64 << 20);
    folder.write("data/accounts.csv", format!("patron_id,library,settled_on\nP1,peer,{long}\n"));
    assert_eq!(folder.lapse(&[RUN, &["--max-line", "65"]].concat()).code, 3);
    assert!(folder.read("out/rejects.csv").len() < 2000);
}

/// The tables that a run over the folder writes.
fn output(folder: &Folder) -> [String; 3] {
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ["memberships", "records", "profiles"].map(|table| folder.read(&format!("out/{table}.csv")))
}

/// Checks that the good tables, rewritten in another way, lead to the same decisions.
fn comes_out_the_same(rewrite: impl Fn(&str) -> String) {
    let folder = good();
    for (table, text) in TABLES {
        folder.write(&format!("data/{table}.csv"), rewrite(text));
    }
    assert_eq!(output(&folder), output(&good()));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    comes_out_the_same(|text| format!("\u{feff}{text}"));
    comes_out_the_same(|text| format!("\u{feff}\n{text}"));
}

#[test]
fn line_ends_may_be_those_of_windows() {
    comes_out_the_same(|text| text.replace('\n', "\r\n"));
}

#[test]
fn the_last_line_end_may_be_missing() {
    comes_out_the_same(|text| text.trim_end().to_owned());
}

#[test]
fn blank_lines_are_skipped_wherever_they_stand() {
    comes_out_the_same(|text| format!("\n\r\n{}\n\n", text.replace('\n', "\n\n\r\n")));
}

#[test]
fn every_field_may_be_in_quotes() {
    comes_out_the_same(|text| {
        let quoted = |line: &str| line.split(',').map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(",");
        text.lines().map(|line| quoted(line) + "\n").collect()
    });
}

#[test]
fn further_columns_are_ignored_whatever_they_hold() {
    comes_out_the_same(|text| {
        let mut lines = text.lines();
        let header = format!("note,{},\n", lines.next().unwrap());
        lines.fold(header, |text, line| text + &format!("\"a,\"\"b\"\"\nc\",{line},1\n"))
    });
}

#[test]
fn columns_may_stand_in_any_order() {
    comes_out_the_same(|text| {
        let reversed = |line: &str| line.rsplit(',').collect::<Vec<_>>().join(",");
        text.lines().map(|line| reversed(line) + "\n").collect()
    });
}

#[test]
fn optional_columns_may_be_missing() {
    let folder = good();
    folder.write("data/patrons.csv", "patron_id\nP1\nP2\n");
    folder.write("data/memberships.csv", "patron_id,library,subscription,valid_from\nP1,peer,youth,2015-01-01\n");
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,wise,2018-01-01\n");
    folder.write("data/accounts.csv", "patron_id,library\nP1,peer\nP2,peer\n");
    let [memberships, records, profiles] = output(&folder);
    assert_eq!(
        memberships.lines().nth(1),
        Some("P1,peer,youth,2015-01-01,deregistered,inactive,2022-06-30,2018-01-01")
    );
    assert_eq!(records.lines().nth(2), Some("P2,peer,kept,accounts-unknown no-membership,,2012-07-01"));
    assert_eq!(profiles.lines().count(), 1);
}

#[test]
fn text_is_text_so_an_id_may_hold_anything() {
    let folder = good();
    let ids = ["007", "7", "a,b", "say \"hi\"", "two\nlines", "é", "e\u{301}", " ", "\u{feff}", "\0", "=1+1"];
    let quoted = |id: &str| format!("\"{}\"", id.replace('"', "\"\""));
    let rows = |rest: &str| ids.iter().map(|id| quoted(id) + rest + "\n").collect::<String>();
    folder.write("data/patrons.csv", "patron_id\n".to_owned() + &rows(""));
    folder.write(
        "data/memberships.csv",
        "patron_id,library,subscription,valid_from\n".to_owned() + &rows(",peer,youth,2015-01-01"),
    );
    folder.write("data/activity.csv", text("activity").lines().next().unwrap());
    folder.write("data/accounts.csv", text("accounts").lines().next().unwrap());
    let [memberships, ..] = output(&folder);
    let mut reader = csv::Reader::from_reader(memberships.as_bytes());
    let read: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
    assert_eq!(read, ids);
}
