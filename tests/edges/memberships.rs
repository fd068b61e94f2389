//! Memberships as systems export them: terms that do not fit a month, rows of history, and what was cancelled but is paid.

use super::{LIBRARY, RUN, add, extract, memberships, record, run};
use crate::program::Folder;

/// Where each subscription of adults runs for half a year.
fn half_yearly(row: &str) -> Folder {
    let folder = extract(&["P"]);
    folder.write("policies/libraries/a.toml", LIBRARY.replace("adult]\n", "adult]\nterm_months = 6\n"));
    add(&folder, "memberships", &[row]);
    add(&folder, "activity", &["P,,wise,2022-08-15"]);
    folder
}

#[test]
fn half_yearly_terms_drifted_and_a_late_run_gave_another_end_than_runs_in_time() {
    // The first days of runs, each in time, and the ends that they give.
    let runs = [("2022-09-01", "2023-02-28"), ("2023-03-01", "2023-08-31"), ("2023-09-01", "2024-02-29")];
    let mut until = "2022-08-31".to_owned();
    for (date, end) in runs {
        let in_time = half_yearly(&format!("P,a,adult,2021-09-01,{until},"));
        run(&in_time, date);
        assert_eq!(memberships(&in_time, "P"), [format!("renewed active {end}")], "in time, on {date}");
        let late = half_yearly("P,a,adult,2021-09-01,2022-08-31,");
        run(&late, date);
        assert_eq!(memberships(&late, "P"), [format!("renewed active {end}")], "late, on {date}");
        end.clone_into(&mut until);
    }
}

#[test]
fn a_membership_of_the_31st_ends_the_day_before_the_last_day_of_a_shorter_month() {
    let folder = half_yearly("P,a,adult,2021-08-31,2022-02-27,");
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["renewed active 2022-08-30"]);
    run(&folder, "2022-09-01");
    assert_eq!(memberships(&folder, "P"), ["renewed active 2023-02-27"]);
}

#[test]
fn the_old_row_of_a_subscription_that_was_taken_again_was_renewed() {
    let folder = extract(&["P", "Q", "R", "S"]);
    add(
        &folder,
        "memberships",
        &[
            "P,a,adult,2012-01-01,2013-12-31,",
            "P,a,adult,2021-01-01,2022-12-31,",
            "Q,a,adult,2012-01-01,2013-12-31,",
            "Q,a,adult,2014-01-01,2014-12-31,cancelled",
            "R,a,adult,2012-01-01,2013-12-31,",
            "R,a,paid,2021-01-01,2022-12-31,",
            "S,a,adult,2012-01-01,2013-12-31,",
            "S,a,adult,2012-01-01,2014-12-31,",
        ],
    );
    add(&folder, "activity", &["P,,wise,2022-06-01", "Q,,wise,2022-06-01", "R,,wise,2022-06-01", "S,,wise,2022-06-01"]);
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["expired succeeded 2013-12-31", "valid active 2022-12-31"]);
    assert_eq!(memberships(&folder, "Q"), ["expired succeeded 2013-12-31", "expired ended 2014-12-31"]);
    assert_eq!(memberships(&folder, "R"), ["renewed active 2022-12-31", "valid no-renewal 2022-12-31"]);
    assert_eq!(memberships(&folder, "S"), ["expired succeeded 2013-12-31", "renewed active 2022-12-31"]);
    assert_eq!(record(&folder, "P"), "kept valid-membership");
    assert_eq!(record(&folder, "Q"), "deleted all-clear", "neither row of history comes back to life");
}

#[test]
fn what_was_cancelled_but_paid_until_december_had_ended_in_july() {
    let folder = extract(&["P", "Q", "R"]);
    add(
        &folder,
        "memberships",
        &[
            "P,a,paid,2022-01-01,2022-12-31,cancelled",
            "Q,a,adult,2015-01-01,2022-12-31,cancelled",
            "R,a,adult,2015-01-01,9999-12-31,cancelled",
        ],
    );
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["valid cancelled 2022-12-31"]);
    assert_eq!(memberships(&folder, "Q"), ["valid cancelled 2022-12-31"], "long inactive, but paid and cancelled");
    assert_eq!(memberships(&folder, "R"), ["expired ended 9999-12-31"], "a date that stands for no end is none");
    assert_eq!(record(&folder, "P"), "kept valid-membership");
    assert_eq!(record(&folder, "R"), "kept ended-recently", "nobody knows when it ended");
    run(&folder, "2023-01-01");
    for patron in ["P", "Q"] {
        assert_eq!(memberships(&folder, patron), ["expired ended 2022-12-31"], "it is never renewed");
        assert_eq!(record(&folder, patron), "kept ended-recently");
    }
    run(&folder, "2025-01-01");
    assert_eq!(record(&folder, "P"), "deleted all-clear");
}
