//! Codes with spaces and signs: libraries and subscriptions named "Adult - Full Year" and "Town / North" go through every
//! command, and a file that is named after such a code escapes what a file name cannot hold.

use crate::program::Folder;
use crate::tables::consortium::csv_rows;

const LIBRARY: &str = r#"[library]
code = "Town / North"
group = "The Coast"

[subscriptions."Adult - Full Year"]
lapse_months = 36

[subscriptions."Adult - Half Year"]
fee = "5.00"
renewal = "none"
term_months = 6
"#;

fn consortium() -> Folder {
    let folder = Folder::with(&[
        ("policies/consortium.toml", "[consortium]\nname = \"Towns\"\n\n[guards]\nmax_source_age_days = 36500\n"),
        ("policies/groups/coast.toml", "[group]\ncode = \"The Coast\"\nkind = 3\n"),
        ("policies/libraries/north.toml", LIBRARY),
    ]);
    folder.write("data/patrons.csv", "patron_id\nP1\nP2\n");
    folder.write(
        "data/memberships.csv",
        "patron_id,library,subscription,valid_from,valid_until\n\
         P1,Town / North,Adult - Full Year,2015-01-01,2022-12-31\n\
         P2,Town / North,Adult - Half Year,2022-01-01,2022-06-30\n",
    );
    folder.write(
        "data/activity.csv",
        "patron_id,library,source,last_active\nP1,Town / North,wise,2019-06-01\nP2,,wise,2022-06-20\n",
    );
    folder.write("data/accounts.csv", "patron_id,library,owed,credit,blocks,items\nP1,Town / North,0,0,,0\n");
    folder
}

const DAY: [&str; 2] = ["--date", "2022-07-01"];

/// Runs a command that must end well, and gives its result.
fn well(folder: &Folder, words: &[&str]) -> String {
    let ran = folder.lapse(words);
    assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[test]
fn check_and_show_know_codes_with_spaces() {
    let folder = consortium();
    assert_eq!(well(&folder, &["check"]), "");
    assert_eq!(well(&folder, &["fmt", "--check"]), "");
    let all = well(&folder, &["show", "Town / North"]);
    assert!(all.contains("(Town / North), group The Coast") && all.contains("Adult - Half Year"), "{all}");
    let one = well(&folder, &[&["show", "Town / North", "Adult - Full Year"][..], &DAY].concat());
    assert!(one.contains("lapse_months") && one.contains("36"), "{one}");
    let slip = folder.lapse(&["show", "Town / North", "Adult - Full Yaer"]);
    assert!(slip.stderr.contains("did you mean `Adult - Full Year`?"), "{}", slip.stderr);
}

#[test]
fn a_run_and_its_explanation_know_codes_with_spaces() {
    let folder = consortium();
    let words = ["run", "--data", "data", "--out", "out", "--report", "page.html", "--with-patrons"];
    well(&folder, &[&words[..], &DAY].concat());
    let rows = csv_rows(&folder.read("out/memberships.csv"));
    assert_eq!(rows[0][..6], ["P1", "Town / North", "Adult - Full Year", "2015-01-01", "deregistered", "inactive"]);
    assert_eq!(rows[1][..6], ["P2", "Town / North", "Adult - Half Year", "2022-01-01", "expired", "not-renewed"]);
    assert!(folder.read("page.html").contains("Town / North"));
    let explained = well(&folder, &[&["explain", "P1", "--data", "data"][..], &DAY].concat());
    assert!(explained.contains("Membership Adult - Full Year at Town / North: deregistered"), "{explained}");
    assert!(explained.contains("libraries/north.toml:6"), "{explained}");
    let forecast = well(&folder, &["forecast", "--data", "data", "--from", "2022-07-01", "--months", "2"]);
    assert!(forecast.contains("2022-07-01"), "{forecast}");
}

#[test]
fn boundary_cases_of_a_code_with_a_slash_get_a_file_and_pass() {
    let folder = consortium();
    well(&folder, &["cases", "Town / North"]);
    assert_eq!(folder.names("tests/cases"), ["Town %2F North.boundary.toml"]);
    let text = folder.read("tests/cases/Town %2F North.boundary.toml");
    assert!(text.contains("library = \"Town / North\""), "{text}");
    assert!(text.contains("subscription = \"Adult - Full Year\""), "{text}");
    well(&folder, &["cases", "--all", "--check"]);
    well(&folder, &["test"]);
    folder.write(
        "tests/cases/own.toml",
        "library = \"Town / North\"\ndate = 2022-07-01\n\n[[case]]\nname = \"lapses\"\nmemberships = [\n    { subscription = \
         \"Adult - Full Year\", valid_from = 2015-01-01 },\n]\nexpect.membership = { \"Town / North\" = \"deregistered\" }\n",
    );
    well(&folder, &["test"]);
}

#[test]
fn a_change_of_a_code_with_spaces_is_told() {
    let folder = consortium();
    folder.write("new/consortium.toml", folder.read("policies/consortium.toml"));
    folder.write("new/groups/coast.toml", folder.read("policies/groups/coast.toml"));
    folder.write("new/libraries/north.toml", LIBRARY.replace("36", "60"));
    let told = well(&folder, &["diff", "policies", "new"]);
    assert!(told.contains("Town / North") && told.contains("Adult - Full Year"), "{told}");
    let words = ["diff", "policies", "new", "--data", "data", "--moves", "moves.csv", "--report", "diff.html"];
    well(&folder, &[&words[..], &DAY].concat());
    let moves = folder.read("moves.csv");
    assert!(moves.contains("Town / North,Adult - Full Year"), "{moves}");
    assert!(moves.contains("subscriptions.\"\"Adult - Full Year\"\".lapse_months"), "{moves}");
    well(&folder, &["diff", "policies", "new", "--format", "markdown"]);
}

#[test]
fn the_made_up_data_of_a_code_with_spaces_runs() {
    let folder = consortium();
    well(&folder, &[&["sample", "--patrons", "50", "--out", "sample"][..], &DAY].concat());
    let ran = folder.lapse(&[&["run", "--data", "sample", "--out", "out"][..], &DAY].concat());
    assert!([0, 3, 4].contains(&ran.code), "{}", ran.stderr);
    assert!(folder.read("sample/memberships.csv").contains(",Town / North,Adult - Full Year,"));
}

#[test]
fn a_list_brings_in_codes_with_spaces() {
    let folder = consortium();
    let list = "library,subscription,fee,lapse now\nTown / North,Adult - Full Year,0.00,24\nSea: East,Day Ticket,1.00,\n\
                Town / North,adult -  full year,2.00,\n";
    folder.write("list.csv", list);
    let ran = folder.lapse(&["import", "subscriptions", "list.csv", "--write"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("subscriptions.\"Adult - Full Year\".lapse_months = 24, was 36"), "{}", ran.stdout);
    assert!(ran.stderr.contains("would be a new subscription; if it is `Adult - Full Year`"), "{}", ran.stderr);
    assert_eq!(folder.names("policies/libraries"), ["Sea%3A East.toml", "north.toml"]);
    let east = folder.read("policies/libraries/Sea%3A East.toml");
    assert!(east.contains("code = \"Sea: East\"") && east.contains("[subscriptions.\"Day Ticket\"]"), "{east}");
    let checked = folder.lapse(&["check"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    assert!(checked.stdout.contains("differ only by capitals or white space"), "{}", checked.stdout);
}
