//! Rows that a spreadsheet spoilt: ids without their zeros, misspelt kinds of block, years of two digits.

use super::{RUN, add, extract, memberships, record, rejects, run, written};

/// A membership that ended long ago, so that nothing but what the test adds keeps the record.
fn ended(patron: &str) -> String {
    format!("{patron},a,paid,2018-01-01,2018-12-31,")
}

#[test]
fn a_debt_was_lost_with_the_zeros_of_an_id() {
    let folder = extract(&["00123", "00124", "P1", "00125"]);
    add(&folder, "memberships", &["00123", "00124", "P1", "00125"].map(ended).each_ref().map(String::as_str));
    add(&folder, "accounts", &["123,a,85.00,,,3,", "\"00124 \",a,85.00,,,3,", "p1,a,85.00,,,3,", "00999,a,85.00,,,3,"]);
    run(&folder, RUN);
    for (patron, id) in [("00123", "123"), ("00124", "00124 "), ("P1", "p1")] {
        assert_eq!(memberships(&folder, patron), ["expired not-renewed 2018-12-31"]);
        assert_eq!(record(&folder, patron), "kept bad-input");
        let problem = format!(
            "accounts patron_id {id:?} the patrons table has no such patron, but `{patron}` nearly has this id and may be \
             meant; write it as the patrons table does"
        );
        assert!(rejects(&folder).contains(&problem), "{problem}: {:?}", rejects(&folder));
    }
    assert!(rejects(&folder).contains(&"accounts patron_id \"00999\" the patrons table has no such patron".to_owned()));
    assert_eq!(record(&folder, "00125"), "deleted all-clear", "the row of 00999 holds nobody");
}

#[test]
fn all_patrons_whose_ids_a_row_nearly_has_are_held() {
    let folder = extract(&["0123", "00123", "123"]);
    add(&folder, "memberships", &[&ended("0123"), &ended("00123"), &ended("123")]);
    add(&folder, "accounts", &["000123,a,85.00,,,3,"]);
    run(&folder, RUN);
    for patron in ["0123", "00123", "123"] {
        assert_eq!(record(&folder, patron), "kept bad-input", "{patron}");
    }
}

#[test]
fn a_debt_was_lost_with_the_zeros_of_an_id_that_is_longer_than_what_rejects_csv_shows() {
    let long = "x".repeat(1000);
    let (here, other) = (format!("0{long}a"), format!("0{long}…"));
    let folder = extract(&[&here, &other]);
    add(&folder, "memberships", &[&ended(&here), &ended(&other)]);
    add(&folder, "accounts", &[&format!("{long}a,a,85.00,,,3,")]);
    run(&folder, RUN);
    assert_eq!(record(&folder, &here), "kept bad-input");
    assert_eq!(record(&folder, &other), "deleted all-clear", "its id is as the other one is shown");
    let told = rejects(&folder);
    assert!(told[0].starts_with(&format!("accounts patron_id {:?} ", format!("{long}…"))), "{told:?}");
}

#[test]
fn an_id_that_a_patron_has_belongs_to_that_patron_alone() {
    let folder = extract(&["0123", "123"]);
    add(&folder, "memberships", &[&ended("0123"), &ended("123")]);
    add(&folder, "accounts", &["123,a,85.00,,,3,"]);
    run(&folder, RUN);
    assert_eq!(record(&folder, "123"), "kept owes items");
    assert_eq!(record(&folder, "0123"), "deleted all-clear");
}

#[test]
fn a_misspelt_block_deleted() {
    for (blocks, expected) in [
        ("General", "kept blocked"),
        ("general | internet", "kept blocked"),
        ("\"bailiff, general\"", "kept blocked"),
        ("general;bailiff", "kept blocked"),
        ("internet|generl", "kept blocked"),
        ("general", "kept blocked"),
        ("internet", "deleted all-clear"),
        ("", "deleted all-clear"),
    ] {
        let folder = extract(&["P"]);
        add(&folder, "memberships", &[&ended("P")]);
        add(&folder, "accounts", &[&format!("P,a,0.00,0.00,{blocks},0,")]);
        run(&folder, RUN);
        assert_eq!(record(&folder, "P"), expected, "{blocks}");
    }
}

#[test]
fn a_kind_of_block_that_the_policy_ignores_holds_nobody() {
    let folder = extract(&["P"]);
    folder
        .write("policies/consortium.toml", format!("{}\n[cleanup]\nblocks_ignored = [\"note\"]\n", super::CONSORTIUM));
    add(&folder, "memberships", &[&ended("P")]);
    add(&folder, "accounts", &["P,a,,,note,,"]);
    run(&folder, RUN);
    assert_eq!(record(&folder, "P"), "deleted all-clear");
}

#[test]
fn the_year_0022_counted_as_activity_and_deregistered() {
    let folder = extract(&["P", "Q"]);
    add(&folder, "memberships", &["P,a,adult,2015-01-01,,", "Q,a,adult,2015-01-01,,"]);
    add(&folder, "activity", &["P,,wise,0022-06-15", "Q,,wise,2018-06-15"]);
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["valid bad-input "]);
    assert_eq!(memberships(&folder, "Q"), ["deregistered inactive 2022-06-30"]);
    assert_eq!(
        rejects(&folder),
        ["activity last_active \"0022-06-15\" a date before 1900 tells nothing about a patron; check its year"]
    );
}

#[test]
fn the_year_0019_counted_as_an_end_and_deleted() {
    let folder = extract(&["P"]);
    add(&folder, "memberships", &["P,a,paid,0018-01-01,0019-12-31,", "P,a,paid,2018-01-01,0019-12-31,", &ended("P")]);
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["expired not-renewed 2018-12-31"]);
    assert_eq!(record(&folder, "P"), "kept bad-input");
    let places: Vec<String> =
        rejects(&folder).iter().map(|row| row.splitn(4, ' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(places, ["memberships valid_from \"0018-01-01\"", "memberships valid_until \"0019-12-31\""]);
}

#[test]
fn a_birth_date_before_1900_is_a_fact() {
    let folder = extract(&[]);
    folder.write("data/patrons.csv", "patron_id,birth_date\nsomebody,\nP,1899-12-31\n");
    add(&folder, "memberships", &[&ended("P")]);
    assert_eq!(run(&folder, RUN).stdout, "");
    assert_eq!(record(&folder, "P"), "deleted all-clear");
}

#[test]
fn a_date_that_looks_empty_is_no_activity_and_no_end_but_a_start() {
    for empty in ["1900-01-01", "1970-01-01"] {
        let folder = extract(&["active", "ended", "settled", "begun", "seen"]);
        folder.write(
            "data/patrons.csv",
            format!("patron_id,profile_last_active\nsomebody,\nactive,\nended,\nsettled,\nbegun,\nseen,{empty}\n"),
        );
        add(
            &folder,
            "memberships",
            &[
                "active,a,adult,2021-01-01,,",
                &format!("ended,a,adult,1900-01-01,{empty},"),
                &ended("ended"),
                &ended("settled"),
                &format!("begun,a,adult,{empty},,"),
                "begun,a,paid,2018-01-01,2018-12-31,",
            ],
        );
        add(&folder, "activity", &[&format!("active,,wise,{empty}")]);
        add(&folder, "accounts", &[&format!("settled,a,,,,,{empty}")]);
        run(&folder, RUN);
        assert_eq!(
            written(&folder, "memberships", "active", 4),
            ["valid active  "],
            "{empty}: the day of enrolling counts"
        );
        assert_eq!(record(&folder, "ended"), "kept bad-input", "{empty}");
        assert_eq!(record(&folder, "settled"), "kept bad-input", "{empty}");
        assert_eq!(memberships(&folder, "begun")[0], "deregistered inactive 2022-06-30", "{empty}");
        let columns: Vec<String> =
            rejects(&folder).iter().map(|row| row.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            columns,
            ["patrons profile_last_active", "memberships valid_until", "accounts settled_on"],
            "{empty}"
        );
    }
}

#[test]
fn a_debt_was_lost_behind_what_cannot_be_seen_in_an_id() {
    let ids = ["\u{feff}123", "123\u{200b}", "\u{1c}123", "00 123"];
    for id in ids {
        let folder = extract(&["123"]);
        add(&folder, "memberships", &[&ended("123")]);
        add(&folder, "accounts", &[&format!("{id},a,85.00,,,3,")]);
        run(&folder, RUN);
        assert_eq!(record(&folder, "123"), "kept bad-input", "{id:?}");
    }
}

#[test]
fn a_debt_was_lost_where_a_program_took_ids_for_fractions() {
    let folder = extract(&["123", "0124", "P1"]);
    add(&folder, "memberships", &["123", "0124", "P1"].map(ended).each_ref().map(String::as_str));
    std::fs::remove_file(folder.path().join("data/accounts.csv")).unwrap();
    let row = |id: &str| {
        format!("{{\"patron_id\":{id},\"library\":\"a\",\"owed\":5.0,\"credit\":0.0,\"blocks\":\"\",\"items\":0}}\n")
    };
    folder.write("data/accounts.ndjson", row("123.0") + &row("124.0"));
    run(&folder, RUN);
    assert_eq!(
        ["123", "0124", "P1"].map(|id| record(&folder, id)),
        ["kept owes", "kept bad-input", "deleted all-clear"]
    );
    for (id, said) in [("123", "owes"), ("0124", "nearly has this id")] {
        let ran = folder.lapse(&["explain", id, "--data", "data", "--date", RUN]);
        assert!(ran.stdout.contains(said), "{id}: {}{}", ran.stdout, ran.stderr);
    }
}
