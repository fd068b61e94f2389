//! The commands as they are typed: what they print, where, and how they end.

use crate::program::{Folder, root};

const CONSORTIUM: &str = "[consortium]\nname = \"Two towns\"\n";
const PEER: &str = "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n";

fn two_files() -> Folder {
    Folder::with(&[("policies/consortium.toml", CONSORTIUM), ("policies/libraries/peer.toml", PEER)])
}

#[test]
fn check_finds_nothing_wrong_with_the_policies_that_we_ship() {
    let folder = Folder::new();
    for policies in ["policies", "examples/koha-sample/policies"] {
        let ran = folder.lapse(&["check", "--policies", root().join(policies).to_str().unwrap()]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{policies}: {}", ran.stderr);
    }
}

#[test]
fn check_points_at_the_misspelt_key_and_names_the_nearest() {
    let folder = two_files();
    folder.write("policies/libraries/peer.toml", PEER.replace("category", "catgory"));
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 1);
    let all = ran.stdout + &ran.stderr;
    assert!(all.contains("libraries/peer.toml:5:1"), "{all}");
    assert!(all.contains("`category`"), "{all}");
}

#[test]
fn a_run_over_policies_with_errors_writes_nothing() {
    let folder = two_files();
    folder.write("policies/libraries/peer.toml", "[library]\n");
    folder.write("data/patrons.csv", "patron_id\nP1\n");
    folder.write("data/memberships.csv", "patron_id,library,subscription,valid_from\n");
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert_eq!(folder.names("out"), Vec::<String>::new());
}

#[test]
fn what_a_run_writes_can_be_read_back() {
    let folder = two_files();
    folder.write("data/patrons.csv", "patron_id\nP1\n");
    folder.write(
        "data/memberships.csv",
        "patron_id,library,subscription,valid_from,valid_until\nP1,peer,youth,2019-01-01,2022-12-31\n",
    );
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
    let memberships = folder.read("out/memberships.csv");
    assert_eq!(memberships.lines().nth(1), Some("P1,peer,youth,2019-01-01,deregistered,inactive,2022-06-30,"));
}
