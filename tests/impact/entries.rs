//! Keeps, ends and narrowings on real patrons: what `run`, `diff --data` and `forecast` count and say of review, of records that are
//! made anonymous, of facts that the extract lacks, and of an extract that is too old for the day that is asked.

use serde_json::Value;

use crate::program::Folder;
use crate::tables::consortium::csv_rows;

const CONSORTIUM: &str = "[consortium]\nname = \"One town\"\n\n[facts.holds]\ntable = \"accounts\"\ncolumn = \"open_holds\"\n\
    type = \"count\"\n";
const REVIEW: &str = "\n[keeps.letter]\nreason = \"By hand\"\nreview = true\nwhen = { owed = { under = 5 } }\n";
const OWES: &str = "\n[keeps.owes]\nreason = \"Small debts\"\nwhen = { owed = { at_least = 20 } }\n";
const ENDS: &str = "\n[ends.grown]\nreason = \"Free until eighteen\"\nwhen = { age = { at_least = 18 } }\n";

/// Three patrons: P1 owes 12.00, P2 owes nothing, and P3 is grown up and was active yesterday. The memberships of the first two
/// are long over.
fn folder(old: &str, new: &str, holds: &str) -> Folder {
    let peer = "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\n";
    let consortium = |more: &str| format!("{CONSORTIUM}{more}");
    Folder::with(&[
        ("old/consortium.toml", &consortium(old)),
        ("new/consortium.toml", &consortium(new)),
        ("old/libraries/peer.toml", peer),
        ("new/libraries/peer.toml", peer),
        ("data/patrons.csv", "patron_id,birth_date\nP1,1980-01-01\nP2,1980-01-01\nP3,2000-01-01\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until,status\n\
             P1,peer,youth,2015-01-01,2016-01-01,deregistered\nP2,peer,youth,2015-01-01,2016-01-01,deregistered\n\
             P3,peer,youth,2022-01-01,,active\n",
        ),
        ("data/activity.csv", "patron_id,source,last_active\nP3,wise,2022-06-30\n"),
        (
            "data/accounts.csv",
            &format!(
                "patron_id,library,owed,credit,blocks,items{holds}\nP1,peer,12.00,,,{holds_of}\n",
                holds_of = if holds.is_empty() { "" } else { ",0" }
            ),
        ),
    ])
}

fn run(folder: &Folder, policies: &str) -> (String, Value) {
    let words = [
        "run",
        "--policies",
        policies,
        "--data",
        "data",
        "--date",
        "2022-07-01",
        "--out",
        "out",
        "--report",
        "run.html",
    ];
    let ran = folder.lapse(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (ran.stderr, serde_json::from_str(&folder.read("out/summary.json")).unwrap())
}

fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part} is not in {text}");
}

#[test]
fn a_record_for_review_is_kept_and_counted_apart() {
    let folder = folder("", REVIEW, "");
    let (told, summary) = run(&folder, "new");
    has(&told, "| kept  archived  deleted  review");
    has(&told, "  For a person to look at: 1 record\n");
    assert_eq!(summary["total"]["records"]["review"], 1);
    let page = folder.read("run.html");
    has(&page, "A person has to look at 1 record.");
    has(&page, "for review");
    let (told, _) = run(&folder, "old");
    assert!(!told.contains("review") && !folder.read("run.html").contains("for review"), "{told}");
}

#[test]
fn an_anonymised_record_is_named_so() {
    let folder = folder("", "[cleanup]\nremoval = \"anonymise\"\n", "");
    let (told, summary) = run(&folder, "new");
    has(&told, "| kept  archived  deleted  anonymised");
    assert_eq!(
        (&summary["total"]["records"]["anonymised"], &summary["total"]["records"]["deleted"]),
        (&1.into(), &0.into())
    );
    has(&folder.read("run.html"), "anonymises 1.");
    let moves = moves(&folder);
    let expected = ["P2", "record", "deleted", "anonymised", "cleanup.removal = anonymise", "consortium.toml:9"];
    assert_eq!(moves, [expected.map(str::to_owned)]);
}

#[test]
fn a_fact_that_the_extract_lacks_says_whom_it_holds() {
    let keep = "\n[keeps.open]\nreason = \"Holds\"\nwhen = { holds = { over = 0 } }\n\
                [keeps.stay]\nreason = \"Holds\"\nof = [\"membership\"]\nwhen = { holds = { over = 0 } }\n";
    let folder = folder("", &format!("{keep}{ENDS}"), "");
    let (told, summary) = run(&folder, "new");
    has(
        &told,
        "the fact `holds` is unknown for everybody: the accounts table lacks `open_holds`, which holds 3 records and 1 membership\n",
    );
    let expected = serde_json::json!([
        { "fact": "holds", "table": "accounts", "column": "open_holds", "records": 3, "memberships": 1 }
    ]);
    assert_eq!(summary["attention"]["facts_unknown"], expected);
    has(
        &folder.read("run.html"),
        "The fact holds is unknown for everybody: the table accounts lacks the column open_holds.",
    );
    // With the column nobody is held, and nothing is said.
    let folder = self::folder("", &format!("{keep}{ENDS}"), ",open_holds");
    let (told, summary) = run(&folder, "new");
    assert!(!told.contains("is unknown for everybody"), "{told}");
    assert!(summary["attention"].get("facts_unknown").is_none());
}

/// The patrons who move: the id, what it is, both outcomes, the setting and the line that decides.
fn moves(folder: &Folder) -> Vec<[String; 6]> {
    let ran = folder.lapse(&[
        "diff",
        "old",
        "new",
        "--data",
        "data",
        "--date",
        "2022-07-01",
        "--moves",
        "moves.csv",
        "--report",
        "diff.html",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows = csv_rows(&folder.read("moves.csv")).into_iter();
    rows.map(|row| [0, 1, 5, 7, 9, 10].map(|column| row[column].clone())).collect()
}

#[test]
fn the_key_of_the_entry_decides_a_move() {
    let decided = |old: &str, new: &str| {
        let moves = moves(&folder(old, new, ""));
        moves.into_iter().map(|row| row.join(" | ")).collect::<Vec<_>>()
    };
    assert_eq!(
        decided("", OWES),
        ["P1 | record | kept | deleted | keeps.owes.when.owed = at_least \"20.00\" | consortium.toml:11"]
    );
    assert_eq!(
        decided(OWES, ""),
        ["P1 | record | deleted | kept | keeps.owes.when.owed = none | no longer said by consortium.toml:11"]
    );
    assert_eq!(
        decided("", ENDS),
        ["P3 | membership | valid | deregistered | ends.grown.when.age = at_least 18 | consortium.toml:11"]
    );
    assert_eq!(
        decided(&REVIEW.replace("review = true\n", ""), REVIEW),
        ["P2 | record | kept | review | keeps.letter.review = true | consortium.toml:11"]
    );
    assert_eq!(
        decided("", REVIEW),
        ["P2 | record | deleted | review | keeps.letter.when.owed = under \"5.00\" | consortium.toml:12"]
    );
    let page = folder("", OWES, "");
    moves(&page);
    has(&page.read("diff.html"), "What the new policies let go more easily");
    let page = folder("", REVIEW, "");
    moves(&page);
    assert!(!page.read("diff.html").contains("What the new policies let go more easily"));
}

#[test]
fn an_old_extract_is_named_first() {
    let folder = folder("", OWES, "");
    let first = "warning: the newest date in activity and valid_from is 2022-06-30, 732 days before the run: by then everybody is \
                 inactive, and the answer means nothing";
    let diff = |date: &str| {
        folder.lapse(&["diff", "old", "new", "--data", "data", "--date", date, "--report", "diff.html"]).stderr
    };
    has(&diff("2024-07-01"), first);
    has(&folder.read("diff.html"), "the numbers below mean nothing");
    assert!(!diff("2022-08-01").contains("means nothing") && !folder.read("diff.html").contains("mean nothing"));
    let forecast = |from: &str| {
        let words =
            ["forecast", "--policies", "new", "--data", "data", "--months", "3", "--report", "f.html", "--from", from];
        folder.lapse(&words).stderr
    };
    has(&forecast("2024-07-01"), first);
    has(&folder.read("f.html"), "the numbers below mean nothing");
    assert!(!forecast("2022-07-01").contains("means nothing"));
}

#[test]
fn a_forecast_counts_what_waits_for_a_person() {
    let folder = folder("", REVIEW, "");
    let words = [
        "forecast",
        "--policies",
        "new",
        "--data",
        "data",
        "--months",
        "2",
        "--from",
        "2022-07-01",
        "--report",
        "f.html",
    ];
    let told = folder.lapse(&words).stdout;
    has(&told, "| archived  deleted  review  | profiles deleted");
    has(&told, "review: all that a person has to look at after the run");
    has(&folder.read("f.html"), "Records for review are those after the last run.");
    let json: Value =
        serde_json::from_str(&folder.lapse(&[&words[..], &["--format", "json"]].concat()).stdout).unwrap();
    assert_eq!(json["runs"][1]["total"]["records"]["review"], 1);
}

#[test]
fn guards_count_what_is_made_anonymous_and_not_what_waits_for_a_person() {
    let policies = |more: &str| format!("{CONSORTIUM}[cleanup]\nremoval = \"anonymise\"\n{more}");
    let folder = folder("", "", "");
    let ids = || (0..30).map(|number| format!("Q{number:02}"));
    folder.write("data/patrons.csv", ids().fold("patron_id\n".to_owned(), |text, id| text + &id + "\n"));
    let row = |id: String| format!("{id},peer,youth,2015-01-01,2016-01-01,deregistered\n");
    let header = "patron_id,library,subscription,valid_from,valid_until,status\n".to_owned();
    folder.write("data/memberships.csv", ids().fold(header, |text, id| text + &row(id)));
    folder.write("data/activity.csv", "patron_id,source,last_active\nQ00,wise,2022-06-30\n");
    folder.write(
        "data/accounts.csv",
        "patron_id,library,owed,credit,blocks,items\n".to_owned()
            + &ids().fold(String::new(), |text, id| text + &id + ",peer,,,,\n"),
    );
    let code = |more: &str| {
        folder.write("new/consortium.toml", policies(more));
        let ran = folder.lapse(&["run", "--policies", "new", "--data", "data", "--date", "2022-07-01", "--out", "out"]);
        (ran.code, ran.stderr.contains("max_removed_percent"))
    };
    assert_eq!(code(""), (4, true));
    assert_eq!(code(REVIEW), (0, false));
}
