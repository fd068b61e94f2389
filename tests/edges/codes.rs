//! Codes that are nearly right: capitals and white space must not cost a patron anything, and unknown codes stand.

use super::{CONSORTIUM, RUN, add, extract, memberships, record, rejects, run};

#[test]
fn activity_at_a_library_with_a_capital_was_no_activity_there() {
    let folder = extract(&["P", "Q", "R"]);
    folder.write("policies/consortium.toml", CONSORTIUM.to_owned() + "scope = \"library\"\n");
    let all = ["P,a,adult,2015-01-01,,", "Q,a,adult,2015-01-01,,", "R,a,adult,2015-01-01,,"];
    add(&folder, "memberships", &all);
    add(&folder, "activity", &["P,A,wise,2022-06-01", "Q,\"a\u{a0}\",wise,2022-06-01", "R,other,wise,2022-06-01"]);
    run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["valid bad-input "]);
    assert_eq!(memberships(&folder, "Q"), ["valid bad-input "]);
    assert_eq!(memberships(&folder, "R"), ["deregistered inactive 2022-06-30"], "another library is no slip");
    let problem = "the policy does not have this code, but nearly: write it as `a`";
    assert_eq!(
        rejects(&folder),
        [format!("activity library \"A\" {problem}"), format!("activity library {:?} {problem}", "a\u{a0}")]
    );
}

#[test]
fn a_debt_at_a_library_with_a_capital_was_owed_nowhere() {
    let folder = extract(&["P"]);
    add(&folder, "memberships", &["P,a,paid,2015-01-01,2015-12-31,"]);
    add(&folder, "accounts", &["P,A,85.00,,,3,"]);
    run(&folder, RUN);
    assert_eq!(record(&folder, "P"), "kept bad-input");
    assert_eq!(
        rejects(&folder),
        ["accounts library \"A\" the policy does not have this code, but nearly: write it as `a`"]
    );
}

#[test]
fn a_subscription_with_a_capital_or_a_space_was_without_policy() {
    let folder = extract(&["P", "Q", "R"]);
    add(
        &folder,
        "memberships",
        &[
            "P,a,Adult,2015-01-01,,",
            "P,a,paid,2015-01-01,2015-12-31,",
            "Q,a, adult,2015-01-01,,",
            "Q,a,paid,2015-01-01,2015-12-31,",
            "R,a,adults,2015-01-01,,",
        ],
    );
    run(&folder, RUN);
    for patron in ["P", "Q"] {
        assert_eq!(memberships(&folder, patron), ["expired not-renewed 2015-12-31"]);
        assert_eq!(record(&folder, patron), "kept bad-input");
    }
    assert_eq!(memberships(&folder, "R"), ["valid no-policy "], "another subscription is no slip");
    let problem = "the policy does not have this code, but nearly: write it as `adult`";
    assert_eq!(
        rejects(&folder),
        [
            format!("memberships subscription \"Adult\" {problem}"),
            format!("memberships subscription \" adult\" {problem}")
        ]
    );
}

#[test]
fn a_source_with_a_capital_counted_nowhere() {
    let folder = extract(&["P", "Q"]);
    add(&folder, "memberships", &["P,a,adult,2015-01-01,,", "Q,a,adult,2015-01-01,,"]);
    add(&folder, "activity", &["P,,Wise,2022-06-01", "Q,,kiosk,2022-06-01"]);
    let ran = run(&folder, RUN);
    assert_eq!(memberships(&folder, "P"), ["valid bad-input "]);
    assert_eq!(memberships(&folder, "Q"), ["deregistered inactive 2022-06-30"]);
    assert_eq!(
        rejects(&folder),
        ["activity source \"Wise\" the policy does not have this code, but nearly: write it as `wise`"]
    );
    assert!(ran.stderr.contains("kiosk"), "an unknown code is told: {}", ran.stderr);
}
