//! The example plugins in runs: what they change in the tables, in `show` and in `explain`, and that they change the same
//! with isolation and without.

use std::path::Path;
use std::process::Command;

use crate::able::output_of;
use crate::plugin_files::{c_plugin, rust_plugin, table};
use crate::program::{Folder, Ran, root};

const CONSORTIUM: &str = "consortium = { name = \"Two towns\" }\nguards = { max_newest_date_days = 36500 }\n";
const PEER: &str =
    "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n\n[subscriptions.adult]\n";
const DEINZE: &str = "[library]\ncode = \"deinze\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n";

/// Five patrons: a lapsed youth at two libraries; a lapsed adult; an active youth who has died; one whose membership ended
/// long ago, who owes nothing but has open requests; and one with a row that cannot be used. Somebody's activity is known, and
/// every column of accounts is there.
fn folder() -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", CONSORTIUM),
        ("policies/libraries/peer.toml", PEER),
        ("policies/libraries/deinze.toml", DEINZE),
        ("data/patrons.csv", "deceased_on,patron_id\n,lapsed\n,adult\n2022-05-03,died\n,requests\n2022-05-03,held\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until,status\n\
             lapsed,peer,youth,2019-01-01,2022-06-30,\nlapsed,deinze,youth,2019-01-01,,\nadult,peer,adult,2019-01-01,,\n\
             died,peer,youth,2022-01-01,,\nrequests,peer,adult,2010-01-01,2015-01-01,cancelled\n\
             held,peer,youth,2022-01-01,,\nheld,peer,youth,never,,\n",
        ),
        ("data/activity.csv", "patron_id,source,last_active\nrequests,wise,2014-01-01\n"),
        (
            "data/accounts.csv",
            "patron_id,library,owed,credit,blocks,items,open_requests\nrequests,peer,,,,,3\nadult,peer,,,,,0\n",
        ),
    ])
}

fn run(folder: &Folder, date: &str) -> Ran {
    let ran = folder.lapse(&["run", "--data", "data", "--date", date, "--out", "out"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    ran
}

/// The columns of a row that the patron has at the library.
fn row(folder: &Folder, table: &str, patron: &str, library: &str, columns: &[usize]) -> String {
    let text = folder.read(&format!("out/{table}.csv"));
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let row = rows.find(|row| row[0] == patron && row[1] == library).expect("there is such a row");
    columns.iter().map(|&column| row[column]).collect::<Vec<_>>().join(" ")
}

fn membership(folder: &Folder, patron: &str, library: &str) -> String {
    row(folder, "memberships", patron, library, &[4, 5, 6])
}

fn record(folder: &Folder, patron: &str, library: &str) -> String {
    row(folder, "records", patron, library, &[2, 3])
}

fn grace(folder: &Folder, lines: &str) -> String {
    table(folder, "summer-grace", &rust_plugin("summer_grace"), &format!("grants = [\"keep-membership\"]\n{lines}"))
}

fn deceased(folder: &Folder) -> String {
    let plugin = c_plugin("examples/plugins/deceased/deceased.c", "NDEBUG");
    table(folder, "deceased", &plugin, "grants = [\"deregister\"]\ncolumns = [\"patrons.deceased_on\"]\n")
}

fn keep_column(folder: &Folder) -> String {
    let lines = "grants = [\"keep-record\"]\ncolumns = [\"accounts.open_requests\"]\nconfig = { column = \"accounts.open_requests\" }\n";
    table(folder, "keep-column", &rust_plugin("keep_column"), lines)
}

#[test]
fn summer_grace_keeps_a_lapsed_youth_in_july_only() {
    let folder = folder();
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{}", grace(&folder, "")));
    run(&folder, "2022-07-01");
    assert_eq!(membership(&folder, "lapsed", "peer"), "renewed summer-grace/summer 2023-06-30");
    assert_eq!(membership(&folder, "lapsed", "deinze"), "valid summer-grace/summer ");
    assert_eq!(record(&folder, "lapsed", "peer"), "kept valid-membership");
    assert_eq!(membership(&folder, "adult", "peer"), "deregistered inactive 2022-06-30");
    run(&folder, "2022-09-01");
    assert_eq!(membership(&folder, "lapsed", "peer"), "deregistered inactive 2022-08-31");
}

#[test]
fn the_case_file_of_summer_grace_comes_out_as_it_says_and_only_with_the_plugin() {
    let folder = Folder::new();
    let ours = |name: &str| std::fs::read_to_string(root().join("policies").join(name)).unwrap();
    folder.write("policies/libraries/peer.toml", ours("libraries/peer.toml"));
    let cases = root().join("examples/policies-with-plugins/tests/cases/summer-grace.toml");
    for (plugin, code) in [(grace(&folder, ""), 0), (String::new(), 1)] {
        folder.write("policies/consortium.toml", format!("{}\n{plugin}", ours("consortium.toml")));
        let ran = folder.lapse(&["test", "--plugins", cases.to_str().unwrap()]);
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_plugin_takes_part_only_below_the_file_that_names_it() {
    let folder = folder();
    folder.write("policies/libraries/deinze.toml", format!("{DEINZE}{}", grace(&folder, "")));
    run(&folder, "2022-07-01");
    assert_eq!(membership(&folder, "lapsed", "peer"), "deregistered inactive 2022-06-30");
    assert_eq!(membership(&folder, "lapsed", "deinze"), "valid summer-grace/summer ");
}

#[test]
fn two_files_that_name_a_plugin_have_an_instance_each() {
    let folder = folder();
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{}", grace(&folder, "config = { months = [12] }")));
    folder.write("policies/libraries/deinze.toml", format!("{DEINZE}{}", grace(&folder, "config = { months = [7] }")));
    run(&folder, "2022-07-01");
    assert_eq!(membership(&folder, "lapsed", "peer"), "deregistered inactive 2022-06-30");
    assert_eq!(membership(&folder, "lapsed", "deinze"), "valid summer-grace/summer ");
}

#[test]
fn deceased_ends_what_goes_on_and_keeps_its_hands_off_a_held_patron() {
    let folder = folder();
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{}", deceased(&folder)));
    run(&folder, "2022-07-01");
    assert_eq!(membership(&folder, "died", "peer"), "deregistered deceased/deceased 2022-06-30");
    assert_eq!(record(&folder, "died", "peer"), "kept ended-recently");
    assert_eq!(membership(&folder, "held", "peer"), "valid active ");
    let summary: serde_json::Value = serde_json::from_str(&folder.read("out/summary.json")).unwrap();
    assert_eq!(summary["plugins"][0]["name"], "deceased");
}

#[test]
fn keep_column_keeps_a_record_with_open_requests() {
    let folder = folder();
    run(&folder, "2022-07-01");
    assert_eq!(record(&folder, "requests", "peer"), "deleted all-clear");
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{}", keep_column(&folder)));
    run(&folder, "2022-07-01");
    assert_eq!(record(&folder, "requests", "peer"), "kept keep-column/above-limit");
}

#[test]
fn keep_wins_over_deregister_and_isolation_and_threads_change_nothing() {
    let folder = folder();
    let all = format!("{CONSORTIUM}{}{}{}", grace(&folder, ""), deceased(&folder), keep_column(&folder));
    folder.write(
        "data/patrons.csv",
        "deceased_on,patron_id\n2022-05-03,lapsed\n,adult\n2022-05-03,died\n,requests\n,held\n",
    );
    let mut results = Vec::new();
    for (isolation, threads) in [("process", "1"), ("process", "3"), ("none", "1"), ("none", "3")] {
        let policy = all.replace("grants = ", &format!("isolation = \"{isolation}\"\ngrants = "));
        folder.write("policies/consortium.toml", policy);
        let words = ["run", "--data", "data", "--date", "2022-07-01", "--out", "out", "--threads", threads];
        assert_eq!(folder.lapse(&words).code, 3);
        assert_eq!(membership(&folder, "lapsed", "deinze"), "valid summer-grace/summer ");
        results.push(["memberships", "records", "profiles"].map(|table| folder.read(&format!("out/{table}.csv"))));
    }
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn a_plugin_in_this_process_that_allows_one_call_at_a_time_gets_no_two() {
    let patrons: Vec<String> = (0..40_000).map(|number| format!("P{number:05}")).collect();
    // One table begins with the last patron, so that the tables do not count as sorted.
    let rows = |header: &str, rest: &str| patrons.iter().fold(header.to_owned(), |rows, id| rows + id + rest);
    let folder = Folder::with(&[
        ("policies/libraries/peer.toml", PEER),
        ("data/patrons.csv", &rows("patron_id\nP99999\n", "\n")),
        ("data/memberships.csv", &rows("patron_id,library,subscription,valid_from\n", ",peer,youth,2022-01-01\n")),
    ]);
    let plugin = c_plugin("tests/plugins/misbehaves.c", "ONE_AT_A_TIME");
    let races = c_plugin("tests/plugins/misbehaves.c", "RACES");
    for (plugin, code) in [(&plugin, 0), (&races, 2)] {
        let lines = "grants = [\"keep-record\"]\nisolation = \"none\"\n";
        let policy = format!("{CONSORTIUM}{}", table(&folder, "one", plugin, lines));
        folder.write("policies/consortium.toml", policy);
        let words = ["run", "--data", "data", "--date", "2022-07-01", "--out", "out", "--threads", "4"];
        let ran = folder.lapse(&words);
        // The plugin that allows parallel calls gets several at once and fails. If it did not, the first would prove nothing.
        assert_eq!(ran.code, code, "{}", ran.stderr);
    }
}

#[test]
fn a_plugin_gets_to_know_every_fact_isolated_or_not() {
    let folder = Folder::with(&[
        ("policies/groups/noord.toml", "[group]\ncode = \"noord\"\nname = \"Noord\"\nkind = 3\n"),
        (
            "policies/libraries/peer.toml",
            "[library]\ncode = \"peer\"\nname = \"Bib Peer\"\ngroup = \"noord\"\n\n\
             [subscriptions.youth]\nname = \"Jeugd\"\ncategory = \"young\"\nfee = \"1.25\"\nholder = \"institution\"\n\
             renewal = \"automatic\"\nterm_months = 7\nlapse_months = 31\n\n\
             [cleanup]\nended_months = 11\nsettled_months = 13\n\n\
             [retention]\npseudonymise_days = 17\nfinance_months = 19\n",
        ),
        (
            "data/patrons.csv",
            "patron_id,a,birth_date,profile_last_active,loan_history\neverything,of the patron,1970-01-02,1970-01-03,false\n",
        ),
        (
            "data/memberships.csv",
            "patron_id,b,library,subscription,valid_from,valid_until,status\n\
             everything,first,peer,youth,1970-01-04,2022-06-30,\n\
             everything,second,nowhere,unknown,1970-01-05,1970-01-06,cancelled\n",
        ),
        ("data/activity.csv", "patron_id,library,source,last_active\neverything,,wise,1970-01-07\n"),
        (
            "data/accounts.csv",
            "patron_id,library,owed,credit,blocks,items,settled_on,c\n\
             everything,peer,2.00,0,general|internet,3,1970-01-08,of the account\n",
        ),
    ]);
    let told = "run 19174 born Some(1) profile Some(2) held false history false a of the patron; \
                membership peer Bib Peer Some((\"noord\", 3)) true true 11 13 17 19 | youth Jeugd young 125 Institution Automatic 7 31 true | \
                3 Some(19173) Some(19388) Some(6) Active Renewed NotAPerson b first; \
                membership nowhere ";
    let then = "Some(5) Some(5) Some(6) Cancelled Expired NoPolicy b second; \
                record peer true true false true [\"general\", \"internet\"] Some(7) c of the account; record nowhere false false false false [] None c ";
    for isolation in ["process", "none"] {
        let lines = format!(
            "grants = [\"keep-record\"]\nisolation = \"{isolation}\"\n\
             columns = [\"patrons.a\", \"memberships.b\", \"accounts.c\"]\n"
        );
        folder.write(
            "policies/consortium.toml",
            format!("{CONSORTIUM}{}", table(&folder, "tells", &rust_plugin("panics"), &lines)),
        );
        let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(told) && ran.stderr.contains(then), "{isolation}: {}", ran.stderr);
    }
}

#[test]
fn a_column_that_the_table_does_not_have_stops_the_run() {
    let folder = folder();
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{}", deceased(&folder)));
    folder.write("data/patrons.csv", "patron_id\nlapsed\n");
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("does not name the column `deceased_on`, which a plugin asks for"), "{}", ran.stderr);
}

#[test]
fn a_column_that_lapse_reads_by_itself_is_not_asked_for() {
    let folder = folder();
    let lines = "grants = [\"deregister\"]\ncolumns = [\"patrons.deceased_on\", \"accounts.owed\"]\n";
    let table = table(&folder, "keep-column", &rust_plugin("keep_column"), lines);
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{table}"));
    let checked = folder.lapse(&["check", "--plugins"]);
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    for part in ["consortium.toml:8:11", "it gets `accounts.owed` without asking; take it out of `columns`"] {
        assert!(checked.stdout.contains(part), "{part:?} is not in: {}", checked.stdout);
    }
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("consortium.toml:8: the plugin keep-column: it gets `accounts.owed`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn explain_names_the_plugin_its_verdict_and_the_policy_line() {
    let folder = folder();
    let all = format!("{CONSORTIUM}{}{}", grace(&folder, ""), keep_column(&folder));
    folder.write("policies/consortium.toml", all);
    let explain = |patron| folder.lapse(&["explain", patron, "--data", "data", "--date", "2022-07-01"]);
    let text = explain("lapsed").stdout;
    for words in [
        "Membership youth at peer: renewed (summer-grace/summer)",
        "plugin summer-grace   yes  It says: keep the membership (summer-grace/summer).",
        "plugins.summer-grace.file = summer_grace (consortium.toml:5)",
        "plugins.summer-grace.grants = [\"keep-membership\"] (consortium.toml:7)",
        "2022-09-01  the membership youth at peer is deregistered (inactive)",
    ] {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
    let text = explain("requests").stdout;
    assert!(text.contains("Record at peer: kept (keep-column/above-limit)"), "{text}");
    assert!(text.contains("It says: keep the record (keep-column/above-limit)."), "{text}");
}

#[test]
fn show_tells_which_plugins_take_part_where() {
    let folder = folder();
    folder.write("policies/libraries/deinze.toml", format!("{DEINZE}{}", grace(&folder, "")));
    let shown = folder.lapse(&["show", "deinze"]).stdout;
    for words in [
        "[plugins.summer-grace], named by the library",
        "file                      summer_grace",
        "libraries/deinze.toml:8",
    ] {
        assert!(shown.contains(words), "{words:?} is not in: {shown}");
    }
    assert!(!folder.lapse(&["show", "peer"]).stdout.contains("summer-grace"));
    let json: serde_json::Value =
        serde_json::from_str(&folder.lapse(&["show", "deinze", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["plugins"][0]["name"], "summer-grace");
    assert_eq!(json["plugins"][0]["timeout_seconds"]["value"], "60");
}

#[test]
fn check_is_content_with_plugins_that_are_pinned() {
    let folder = folder();
    let all = format!("{CONSORTIUM}{}{}{}", grace(&folder, ""), deceased(&folder), keep_column(&folder));
    folder.write("policies/consortium.toml", &all);
    let ran = folder.lapse(&["check", "--plugins"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
}

#[test]
fn the_makefile_of_the_plugin_in_c_builds_it() {
    let out = Folder::new();
    let mut command = Command::new("make");
    command.arg("-C").arg(root().join("examples/plugins/deceased")).arg(format!("OUT={}", out.path().display()));
    let Some(made) = output_of(&mut command) else { return };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(Path::new(&out.path().join("libdeceased.so")).exists());
}
