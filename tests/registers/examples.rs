//! The exports in `examples/registers`: each register reads its files without a rejected row, and decides what its page says.

use crate::program::{Folder, root};

/// Checks a register, runs it on 1 July 2024, and gives the outcomes of the memberships and of the records.
fn decided(system: &str) -> (Vec<String>, Vec<String>) {
    let folder = Folder::new();
    let example = root().join("examples/registers").join(system);
    let register = example.join("register.toml").display().to_string();
    let checked = folder.lapse(&["register", "check", &register]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let policies = example.join("policies").display().to_string();
    let ran =
        folder.lapse(&["run", "--policies", &policies, "--data", &register, "--date", "2024-07-01", "--out", "out"]);
    assert!(ran.code == 0 || ran.code == 4, "{}", ran.stderr);
    assert!(!folder.path().join("out/rejects.csv").exists(), "{}", ran.stderr);
    let rows = |table: &str, columns: &[usize]| {
        let text = folder.read(&format!("out/{table}.csv"));
        let pick = |line: &str| {
            let fields: Vec<&str> = line.split(',').collect();
            columns.iter().map(|&column| fields[column]).collect::<Vec<_>>().join(" ")
        };
        text.lines().skip(1).map(pick).collect()
    };
    (rows("memberships", &[0, 1, 4, 6]), rows("records", &[0, 1, 2, 3]))
}

#[test]
fn koha_writes_days_first_and_one_file_is_three_tables() {
    let (memberships, records) = decided("koha");
    assert_eq!(
        memberships,
        [
            "0023529000139 CPL valid 2026-01-04",
            "0023529000147 CPL expired 2020-09-12",
            "0023529000154 FPL expired 2019-01-31",
            "0023529000162 FPL expired 2021-08-19",
            "0023529000170 CPL expired 2019-03-02",
        ]
    );
    assert_eq!(
        records,
        [
            "0023529000139 CPL kept valid-membership items",
            "0023529000147 CPL deleted all-clear",
            "0023529000154 FPL kept owes items",
            "0023529000162 FPL deleted all-clear",
            "0023529000170 CPL kept blocked",
        ]
    );
}

#[test]
fn folio_nests_its_users_and_numbers_its_groups() {
    let (memberships, records) = decided("folio");
    assert_eq!(memberships.len(), 4);
    assert!(memberships[0].ends_with(" main valid 2026-02-28"), "{memberships:?}");
    let outcomes: Vec<&str> = records.iter().map(|row| row.split_once(' ').unwrap().1).collect();
    assert_eq!(
        outcomes,
        ["main kept valid-membership items", "east kept owes", "main deleted all-clear", "east kept blocked"]
    );
}

#[test]
fn evergreen_has_bars_between_fields_and_its_profiles_become_codes() {
    let (memberships, records) = decided("evergreen");
    assert_eq!(
        memberships,
        [
            "30001 BR1 valid 2026-04-01",
            "30002 BR2 expired 2020-09-30",
            "30003 BR1 expired 2018-01-14",
            "30004 BR2 expired 2019-03-02",
        ]
    );
    assert_eq!(
        records,
        [
            "30001 BR1 kept valid-membership items",
            "30002 BR2 deleted all-clear",
            "30003 BR1 kept owes",
            "30004 BR2 kept blocked",
        ]
    );
}

#[test]
fn frappe_knows_one_library_and_no_accounts() {
    let (memberships, records) = decided("frappe");
    assert_eq!(
        memberships,
        [
            "LM00001 library valid 2025-01-14",
            "LM00002 library expired 2020-05-31",
            "LM00003 library expired 2019-03-19",
        ]
    );
    assert_eq!(
        records,
        [
            "LM00001 library kept valid-membership",
            "LM00002 library deleted all-clear",
            "LM00003 library deleted all-clear",
        ]
    );
}
