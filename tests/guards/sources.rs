//! A source that has stopped, wherever its rows and the memberships are that rest on it.

use super::{ACTIVITY, MEMBERSHIPS, POLICIES, guards, members, names, run, table};

const B: &str = "[library]\ncode = \"b\"\nname = \"Beveren\"\n\n[subscriptions.adult]\n";

#[test]
fn a_source_was_silent_at_one_library_and_the_memberships_that_rest_on_it_were_at_another() {
    let folder = members(400, "2022-06-30");
    folder.write("policies/libraries/b.toml", B);
    // All are members of `b`. Half of them come to `a` only, where the source told of nobody since 2020.
    let member = |id: &str| format!("{id},b,adult,2015-01-01,2023-02-28,active");
    folder.write("data/memberships.csv", table(MEMBERSHIPS, 0..400, member));
    let away = table("", 0..200, |id| format!("{id},a,wise,2020-05-15"));
    folder.write("data/activity.csv", table(ACTIVITY, 200..400, |id| format!("{id},b,wise,2022-06-30")) + &away);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let said = "the newest activity from `wise` is of 2020-05-15, 777 days before the run, and 200 deregistrations rest on \
                it: a (max_source_age_days is 35)";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn a_source_that_only_a_library_counts_could_stop_unseen() {
    let folder = members(100, "2022-06-30");
    let library =
        POLICIES[1].1.replace("name = \"Aalter\"\n", "name = \"Aalter\"\n\n[activity]\nsources = [\"desk\"]\n");
    folder.write("policies/libraries/a.toml", library);
    // The rows of the source carry no library, so that it cannot be judged at one.
    folder.write("data/activity.csv", table(ACTIVITY, 0..100, |id| format!("{id},,desk,2020-05-15")));
    let ran =
        run(&folder, &["--consent", "consortium:max_deregistered_percent", "--consent", "a:max_deregistered_percent"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(names(&guards(&folder, "out")).contains(&"max_source_age_days desk"), "{}", ran.stderr);
}
