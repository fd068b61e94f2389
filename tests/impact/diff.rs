//! `lapse diff --data`: what differs where both policies decide about the same patrons.

use proptest::prelude::*;
use serde_json::Value;

use super::sum;
use crate::formats::{csv_table, ndjson_rows, parquet_rows};
use crate::plugin_files::{rust_plugin, table};
use crate::program::{Folder, Ran};
use crate::tables::consortium::{Policies, RUN, Written, a_consortium, csv_rows};

const DIFF: [&str; 7] = ["diff", "old", "new", "--data", "data", "--date", RUN];

fn diff(folder: &Folder, words: &[&str]) -> Ran {
    let ran = folder.lapse(&[&DIFF[..], words].concat());
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    ran
}

pub const MEMBERSHIPS: [&str; 4] = ["valid", "renewed", "deregistered", "expired"];
const RECORDS: [&str; 3] = ["kept", "archived", "deleted"];
const PROFILES: [&str; 2] = ["kept", "deleted"];

type Rows<'a> = &'a [Vec<String>];

/// The rows of an output table with another outcome by the new policy, and how many go from one outcome to another.
fn moves(old: Rows<'_>, new: Rows<'_>, outcome: usize) -> Vec<[Vec<String>; 2]> {
    let both = old.iter().zip(new).filter(|(old, new)| old[outcome] != new[outcome]);
    both.map(|(old, new)| [old.clone(), new.clone()]).collect()
}

/// The rows that the file of moves must have: the patron, what moves, both outcomes and both reasons.
fn expected(old: &Written, new: &Written) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for [old, new] in moves(&old.memberships, &new.memberships, 4) {
        let id = [&old[0], "membership", &old[1], &old[2], &old[3]];
        rows.push(id.into_iter().chain([&*old[4], &old[5], &new[4], &new[5]]).map(str::to_owned).collect());
    }
    for [old, new] in moves(&old.records, &new.records, 2) {
        let id = [&old[0], "record", &old[1], "", ""];
        rows.push(id.into_iter().chain([&*old[2], &old[3], &new[2], &new[3]]).map(str::to_owned).collect());
    }
    for [old, new] in moves(&old.profiles, &new.profiles, 1) {
        let id = [&old[0], "profile", "", "", ""];
        rows.push(id.into_iter().chain([&*old[1], &old[2], &new[1], &new[2]]).map(str::to_owned).collect());
    }
    rows.sort_unstable();
    rows
}

/// A folder with two policies and the data; some patrons have a birth date.
fn folder(old: &Policies, new: &Policies, data: &crate::tables::consortium::Data) -> Folder {
    let folder = Folder::new();
    old.write(&folder, "old");
    new.write(&folder, "new");
    let mut data = data.clone();
    for (patron, year) in data.tables[0].iter_mut().zip((1930..2024).step_by(7).cycle()) {
        patron[1] = if year % 5 == 0 { String::new() } else { format!("{year}-07-01") };
    }
    data.write(&folder);
    folder
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_effect_is_what_two_runs_by_hand_say(one in a_consortium(), other in a_consortium(), threads in 1..4usize) {
        let (old, new) = (one.policies.run(&one.data, 2), other.policies.run(&one.data, 2));
        let folder = folder(&one.policies, &other.policies, &one.data);
        let threads = threads.to_string();
        let ran = diff(&folder, &["--format", "json", "--moves", "moves.csv", "--threads", &threads]);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let effect = &json["effect"];

        let mut told: Vec<Vec<String>> = csv_rows(&folder.read("moves.csv"));
        let decided: Vec<_> = told.iter_mut().map(|row| row.split_off(9)).collect();
        prop_assert!(decided.iter().all(|decided| !decided[1].is_empty()), "{:?} {:?}", told, decided);
        told.sort_unstable();
        prop_assert_eq!(&told, &expected(&old, &new));

        let tables: [(&str, &[&str], usize, [Rows<'_>; 2]); 3] = [
            ("memberships", &MEMBERSHIPS, 4, [&old.memberships, &new.memberships]),
            ("records", &RECORDS, 2, [&old.records, &new.records]),
            ("profiles", &PROFILES, 1, [&old.profiles, &new.profiles]),
        ];
        for (table, words, outcome, [old, new]) in tables {
            for from in words {
                for to in words {
                    let by_hand = |library: Option<&str>| {
                        let rows = old.iter().zip(new).filter(|(row, _)| library.is_none_or(|code| row[1] == code));
                        rows.filter(|(old, new)| old[outcome] == *from && new[outcome] == *to).count() as u64
                    };
                    let place = format!("/{table}/{from}/{to}");
                    prop_assert_eq!(effect["total"].pointer(&place).and_then(Value::as_u64), Some(by_hand(None)));
                    prop_assert_eq!(sum(&effect["ages"], &place), by_hand(None));
                    if table != "profiles" {
                        prop_assert_eq!(sum(&effect["libraries"], &place), by_hand(None));
                        for (code, counts) in effect["libraries"].as_object().unwrap() {
                            prop_assert_eq!(counts.pointer(&place).and_then(Value::as_u64), Some(by_hand(Some(code))));
                        }
                    }
                    if table == "memberships" {
                        prop_assert_eq!(sum(&effect["categories"], &place), by_hand(None));
                        prop_assert_eq!(sum(&effect["subscriptions"], &place), by_hand(None));
                    }
                }
            }
        }
    }

    #[test]
    fn equal_policies_have_no_effect(consortium in a_consortium()) {
        let folder = folder(&consortium.policies, &consortium.policies, &consortium.data);
        for format in ["text", "markdown"] {
            let ran = diff(&folder, &["--exit-code", "--format", format, "--moves", "moves.csv"]);
            let meaning = folder.lapse(&["diff", "old", "new", "--format", format]);
            prop_assert_eq!((ran.code, ran.stdout), (0, meaning.stdout));
        }
        prop_assert_eq!(folder.read("moves.csv").lines().count(), 1);
    }
}

#[test]
fn the_list_of_moves_has_the_same_rows_in_every_format() {
    let folder = two_youths();
    for ending in ["csv", "ndjson", "parquet"] {
        diff(&folder, &["--moves", &format!("moves.{ending}")]);
    }
    let (header, rows) = csv_table(&folder, "moves.csv");
    assert_eq!((header.len(), rows.len()), (11, 2));
    assert_eq!(ndjson_rows(&folder, "moves.ndjson", &header), rows);
    assert_eq!(parquet_rows(&folder, "moves.parquet"), rows);
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + AUTOMATIC);
    diff(&folder, &["--moves", "moves.parquet"]);
    assert_eq!(parquet_rows(&folder, "moves.parquet"), Vec::<Vec<String>>::new(), "a list without a row is a file too");
}

const CONSORTIUM: &str =
    "[consortium]\nname = \"Two towns\"\n\n[guards]\nmax_source_age_days = 36500\nmax_newest_date_days = 36500\n";
const AUTOMATIC: &str = "\n[subscription]\nrenewal = \"automatic\"\n";
const PEER: &str = "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n";

/// Two young patrons: one with a profile who was last seen in 2019, and one who was active last week.
fn two_youths() -> Folder {
    Folder::with(&[
        ("old/consortium.toml", &(CONSORTIUM.to_owned() + AUTOMATIC)),
        ("old/libraries/peer.toml", PEER),
        ("new/consortium.toml", CONSORTIUM),
        ("new/libraries/peer.toml", PEER),
        ("data/patrons.csv", "patron_id,birth_date,profile_last_active\nP1,2010-07-01,2019-01-01\nP2,2010-07-02,\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until\nP1,peer,youth,2015-01-01,2022-06-15\n\
             P2,peer,youth,2015-01-01,2022-12-31\n",
        ),
        ("data/activity.csv", "patron_id,library,source,last_active\nP1,peer,wise,2019-06-01\nP2,,sip2,2022-06-24\n"),
        ("data/accounts.csv", "patron_id,library,owed,credit,blocks,items\n"),
    ])
}

#[test]
fn the_effect_stands_after_the_difference_in_meaning() {
    let folder = two_youths();
    let ran = diff(&folder, &["--moves", "moves.ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (meaning, effect) =
        ran.stdout.split_at(ran.stdout.find("\nWhom this hits: 2 patrons in the run of 2022-07-01").unwrap());
    assert!(meaning.starts_with("renewal: automatic -> conditional"), "{meaning}");
    for part in [
        "  1 of 2 memberships, 0 of 2 records and 1 of 1 profile come out otherwise.\n",
        "    renewed -> deregistered            1\n",
        "  library  active before  after  renewed -> deregistered\n  peer                 2      1                        1\n",
        "  12-17              1      0                        1                        1\n",
    ] {
        assert!(effect.contains(part), "{part} is not in {effect}");
    }
    let moves = folder.read("moves.ndjson");
    let rows: Vec<Value> = moves.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{moves}");
    assert_eq!(rows[0]["old_reason"], "automatic");
    assert_eq!((&rows[1]["what"], &rows[1]["library"]), (&"profile".into(), &Value::Null));
    for row in &rows {
        assert_eq!(row["setting"], "subscription.renewal = conditional", "{row}");
        assert_eq!(row["decided_by"], "built-in default", "{row}");
    }
    let markdown = diff(&folder, &["--format", "markdown"]).stdout;
    assert!(
        markdown.contains(
            "| library | active before | after | renewed -\\> deregistered |\n|---|--:|--:|--:|\n| peer | 2 | 1 | 1 |"
        ),
        "{markdown}"
    );
    assert_eq!(folder.lapse(&[&DIFF[..], &["--exit-code"]].concat()).code, 1);
}

#[test]
fn the_page_of_a_change_says_whom_it_hits() {
    let folder = two_youths();
    diff(&folder, &["--report", "diff.html", "--with-patrons"]);
    let page = crate::report::text(&folder.read("diff.html"));
    assert!(page.contains("With the new policies 1 of 2 active memberships stay") && page.contains("P1"), "{page}");
    diff(&folder, &["--report", "diff.html", "--lang", "nl"]);
    assert!(!folder.read("diff.html").contains("P1"));
}

#[test]
fn a_change_that_hits_profiles_alone_is_told_by_age_and_on_the_page() {
    let folder = two_youths();
    folder.write("old/consortium.toml", CONSORTIUM);
    folder.write("old/libraries/peer.toml", PEER.to_owned() + "lapse_months = 100\n");
    folder.write("new/libraries/peer.toml", PEER.to_owned() + "lapse_months = 100\n");
    folder.write(
        "data/memberships.csv",
        "patron_id,library,subscription,valid_from,valid_until,status\n\
         P1,peer,youth,2015-01-01,2021-06-15,cancelled\n",
    );
    folder.write("old/consortium.toml", CONSORTIUM.to_owned() + "\n[profile]\ninactive_months = 60\n");
    let ran = diff(&folder, &["--report", "diff.html", "--lang", "en"]);
    let (_, effect) = ran.stdout.split_once("\nWhom this hits").unwrap();
    assert!(effect.contains("  profiles\n    kept -> deleted                    1\n"), "{effect}");
    let ages = "  age    active before  after  profile kept -> deleted\n  12-17              0      0                        1\n";
    assert!(effect.contains(ages), "{effect}");
    assert!(!effect.contains("By library"), "no library, category or subscription has a profile: {effect}");
    let page = crate::report::text(&folder.read("diff.html"));
    assert!(!page.contains("change nothing"), "{page}");
    assert!(page.contains("Mijn Bibliotheek profiles with another outcome: 1."), "{page}");
    assert!(page.contains("instead of 0 (+1)"), "{page}");
}

#[test]
fn a_plugin_of_one_policy_is_asked_for_that_policy_alone() {
    let folder = two_youths();
    let plugin = table(&folder, "summer-grace", &rust_plugin("summer_grace"), "grants = [\"keep-membership\"]\n");
    folder.write("old/consortium.toml", format!("{CONSORTIUM}{plugin}"));
    std::fs::rename(folder.path().join("policies/plugins"), folder.path().join("old/plugins")).unwrap();
    let ran = diff(&folder, &["--moves", "moves.csv", "--report", "diff.html", "--with-patrons"]);
    assert!(ran.stdout.contains("    renewed -> deregistered            1\n"), "{}", ran.stdout);
    let page = crate::report::text(&folder.read("diff.html"));
    assert!(page.contains("summer-grace/summer"), "the page says who kept the membership: {page}");
    let rows = csv_rows(&folder.read("moves.csv"));
    assert_eq!(rows[0][5..9], ["renewed", "summer-grace/summer", "deregistered", "inactive"]);
    // The settings are the same in both policies. The outcome differs because no plugin keeps the membership any more.
    assert_eq!(rows[0][9..], ["", "the plugin `summer-grace` is in the old policy only"]);
    let back = folder.lapse(&["diff", "new", "old", "--data", "data", "--date", RUN, "--moves", "moves.csv"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    let rows = csv_rows(&folder.read("moves.csv"));
    assert!(
        rows[0][9].starts_with("plugins.summer-grace.file = ") && rows[0][10].starts_with("consortium.toml:"),
        "{rows:?}"
    );
}

#[test]
fn a_plugin_of_a_revision_is_taken_from_the_work_tree_or_refused_at_its_line_of_the_revision() {
    let folder = two_youths();
    let plugin = table(&folder, "summer-grace", &rust_plugin("summer_grace"), "grants = [\"keep-membership\"]\n");
    folder.git(&["init", "--quiet"]);
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{plugin}"));
    folder.write("policies/libraries/peer.toml", PEER);
    folder.git(&["add", "policies/consortium.toml", "policies/libraries"]);
    folder.git(&["commit", "--quiet", "-m", "With a plugin"]);
    let words = ["diff", "HEAD", "new", "--data", "data", "--date", RUN];
    let ran = folder.lapse(&words);
    assert!(ran.stdout.contains("    renewed -> deregistered            1\n"), "{}{}", ran.stdout, ran.stderr);
    std::fs::remove_dir_all(folder.path().join("policies/plugins")).unwrap();
    let ran = folder.lapse(&words);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    let line = CONSORTIUM.lines().count() + 3;
    let place = format!("HEAD/consortium.toml:{line}: ");
    assert!(ran.stderr.contains(&place) && ran.stderr.contains(" in policies/plugins; put it there"), "{}", ran.stderr);
}

#[test]
fn libraries_that_only_one_policy_has_are_judged_by_that_one() {
    let folder = two_youths();
    let bilzen = PEER.replace("peer", "bilzen") + "\n[cleanup]\nended_months = 12\n";
    folder.write("old/libraries/bilzen.toml", &bilzen);
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + AUTOMATIC);
    folder.write("data/patrons.csv", folder.read("data/patrons.csv") + "P3,,\n");
    let more = "P2,bilzen,youth,2015-01-01,2022-06-15\nP3,bilzen,youth,2015-01-01,2021-01-01,cancelled\n";
    let memberships = folder.read("data/memberships.csv").replace("valid_until\n", "valid_until,status\n") + more;
    let memberships = memberships.replace("-15\n", "-15,\n").replace("-31\n", "-31,\n");
    folder.write("data/memberships.csv", memberships);
    let ran = folder.lapse(&[&DIFF[..], &["--moves", "moves.csv"]].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let rows = csv_rows(&folder.read("moves.csv"));
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[0][5..9], ["renewed", "automatic", "expired", "no-policy"]);
    assert_eq!(rows[0][9..], ["", "the library or the subscription is not in the policy"]);
    // The library's own term decided that the record goes.
    assert_eq!(rows[1][5..9], ["deleted", "all-clear", "kept", "ended-recently no-policy"]);
    assert_eq!(rows[1][9..], ["", "the library is in one of the policies only"]);
}

#[test]
fn each_side_takes_for_slips_what_a_run_by_its_policy_does() {
    let folder = two_youths();
    let rows = |ids: &[&str], row: fn(&str) -> String| ids.iter().map(|id| row(id)).collect::<String>();
    let all = ["S0", "S1", "S2", "S3", "S4", "S5", "S6"];
    folder.write(
        "data/patrons.csv",
        "patron_id,profile_last_active\n".to_owned() + &rows(&all, |id| format!("{id},2015-01-01\n")),
    );
    let ended = rows(&all, |id| format!("{id},peer,youth,2015-01-01,2018-01-01,cancelled\n"));
    let lapsing = rows(&all, |id| format!("{id},peer,adult,2015-01-01,2023-01-01,\n"));
    let lapsing =
        lapsing.lines().filter(|line| !line.starts_with("S0")).fold(String::new(), |all, line| all + line + "\n");
    let slips = "S1,Genk,youth,2015-01-01,2018-01-01,cancelled\nS2,peer,School,2015-01-01,2018-01-01,cancelled\n\
                 S5,zele,youth,2015-01-01,2018-01-01,cancelled\nS6,peer,Senior,2015-01-01,2018-01-01,cancelled\n";
    let header = "patron_id,library,subscription,valid_from,valid_until,status\n";
    folder.write("data/memberships.csv", format!("{header}{ended}{lapsing}{slips}"));
    folder.write(
        "data/activity.csv",
        "patron_id,library,source,last_active\nS0,peer,wise,2019-06-01\nS3,,Kiosk,2018-01-01\n",
    );
    folder.write("data/accounts.csv", "patron_id,library,owed,credit,blocks,items\nS4,GENK,,,,\n");
    let peer = PEER.to_owned() + "\n[subscriptions.adult]\n";
    folder.write("old/consortium.toml", CONSORTIUM);
    // Only the old policy has `Zele` and `senior`, only the new one `genk`, `school` and `kiosk`; each stands otherwise in the data.
    folder.write("old/libraries/peer.toml", peer.clone() + "\n[subscriptions.senior]\n");
    folder.write("old/libraries/zele.toml", PEER.replace("peer", "Zele"));
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + "\n[activity]\nsources = [\"wise\", \"kiosk\"]\n");
    folder.write("new/libraries/peer.toml", peer + "\n[subscriptions.school]\n");
    folder.write("new/libraries/genk.toml", PEER.replace("peer", "genk"));
    let run = |policies: &str| {
        let words = ["run", "--policies", policies, "--data", "data", "--date", RUN, "--out"];
        let out = format!("out-{policies}");
        folder.lapse(&[&words[..], &[&out]].concat());
        let tables = ["memberships", "records", "profiles"];
        tables.map(|table| csv_rows(&folder.read(&format!("{out}/{table}.csv"))))
    };
    let (old, new) = (run("old"), run("new"));
    // The patron, what moves, the library if it has one, and both outcomes, of rows that both runs have.
    let mut expected = Vec::new();
    for (table, (what, key)) in [("membership", 4), ("record", 2), ("profile", 1)].into_iter().enumerate() {
        for row in &old[table] {
            let Some(other) = new[table].iter().find(|other| other[..key] == row[..key]) else { continue };
            if row[key] != other[key] {
                let library = if key > 1 { &*row[1] } else { "" };
                expected.push([&*row[0], what, library, &*row[key], &*other[key]].map(str::to_owned));
            }
        }
    }
    let ran = folder.lapse(&[&DIFF[..], &["--moves", "moves.csv"]].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let moves = csv_rows(&folder.read("moves.csv"));
    assert!(moves.iter().all(|row| !row[10].is_empty()), "{moves:?}");
    // A run rejects the row of a slip, so that only the other run has its membership.
    let in_both =
        moves.iter().filter(|row| row[2] == "peer" && !["School", "Senior"].contains(&&*row[3]) || row[2].is_empty());
    let mut told: Vec<[String; 5]> = in_both.map(|row| [0, 1, 2, 5, 7].map(|cell| row[cell].clone())).collect();
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert!(expected.len() > 10, "{expected:?}");
}

#[test]
fn what_needs_data_is_refused_without() {
    let folder = two_youths();
    for (words, sentence) in [
        (&["diff", "old", "new", "--date", RUN][..], "name the tables as --data"),
        (&["diff", "old", "new", "--moves", "moves.csv"], "--data"),
        (&["diff", "old", "new", "--data", "data", "--moves", "moves.xlsx"], "ends in .csv, .ndjson or .parquet"),
        (&["diff", "old", "new", "--data", "nowhere"], "nowhere"),
    ] {
        let ran = folder.lapse(words);
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(sentence), "{}", ran.stderr);
    }
    assert_eq!(folder.names("."), ["data", "new", "old"]);
}

#[test]
fn a_result_replaces_no_table_and_no_other_result() {
    let folder = two_youths();
    let before = folder.tree();
    let (of_a_table, of_no_page) =
        ("a table of data has this name", "the page is HTML; name a file that ends in .html");
    let table = "new/../data/patrons.csv";
    for (sentence, words) in [
        (of_a_table, &["diff", "old", "new", "--moves", table][..]),
        (of_a_table, &["forecast", "--policies", "new", "--letters", "1", "--letters-out", table]),
        (of_a_table, &["run", "--policies", "new", "--out", "out", "--report", "data/accounts/page.html"]),
        (of_no_page, &["run", "--policies", "new", "--out", "out", "--report", "new/consortium.toml"]),
        (of_no_page, &["diff", "old", "new", "--moves", "both.csv", "--report", "both.csv"]),
    ] {
        let ran = folder.lapse(&[words, &["--data", "data"]].concat());
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(sentence), "{}", ran.stderr);
        assert_eq!(folder.tree(), before);
    }
}
