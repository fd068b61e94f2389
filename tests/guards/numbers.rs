//! The numbers of a run, of a comparison and of a page add up.

use serde_json::Value;

use super::{MEMBERSHIPS, members, run, summary};

#[test]
fn what_stays_valid_is_one_number_in_run_page_and_diff_and_what_starts_later_stands_apart() {
    let folder = members(4, "2022-06-30");
    // One is valid, one renewed, one deregistered, one starts later; four are expired, each for another cause.
    let rows = "P0000,a,adult,2015-01-01,2023-02-28,active\nP0001,a,adult,2015-01-01,2022-02-28,active\n\
                P0002,a,adult,2015-01-01,2023-02-28,active\nP0003,a,adult,2022-08-01,2023-07-31,active\n\
                P0003,a,paid,2015-01-01,2018-12-31,cancelled\nP0003,a,paid,2016-01-01,2017-12-31,active\n\
                P0003,a,adult,2015-01-01,2018-12-31,active\nP0003,beyond,adult,2015-01-01,2018-12-31,active\n";
    folder.write("data/memberships.csv", MEMBERSHIPS.to_owned() + rows);
    let activity = folder.read("data/activity.csv").replace("P0002,a,wise,2022-06-30", "P0002,a,wise,2018-06-30");
    folder.write("data/activity.csv", activity);
    let ran = run(&folder, &["--report", "page.html"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let total = &summary(&folder, "out")["total"];
    assert_eq!((&total["valid_before"], &total["starts_later"]), (&3.into(), &1.into()), "{total:#}");
    let said = "3 memberships were valid before the run: 2 stay valid, 1 deregistered; 1 more start later";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert_eq!(
        total["expired"],
        serde_json::json!({ "ended": 1, "not-renewed": 1, "succeeded": 1, "no-policy": 1 }),
        "{}",
        folder.read("out/memberships.csv")
    );
    let page = folder.read("page.html");
    assert!(page.contains("lapse in 1 of 1 library"), "libraries without a policy are no libraries of the consortium");

    // The same policy with a longer lapse term lets everybody stay.
    for name in ["consortium.toml", "libraries/a.toml"] {
        folder.write(&format!("new/{name}"), folder.read(&format!("policies/{name}")));
    }
    let a = folder.read("policies/libraries/a.toml");
    folder
        .write("new/libraries/a.toml", a.replace("[subscriptions.adult]", "[subscriptions.adult]\nlapse_months = 60"));
    let ran =
        folder.lapse(&["diff", "policies", "new", "--data", "data", "--date", "2022-07-01", "--report", "diff.html"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let page = folder.read("diff.html");
    assert!(page.contains("leave 3 instead of 2"), "the page of the change counts what stays valid as the run does");
    let ran = folder.lapse(&["diff", "policies", "new", "--data", "data", "--date", "2022-07-01", "--format", "json"]);
    let effect: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(effect["effect"]["total"]["starts_later"], 1);
}
