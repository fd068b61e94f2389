//! Facts, keeps, ends, narrowings and releases in `lapse diff` and `lapse show`: each key is a line, what loosens is marked, and a
//! bound that moves finds somebody who comes out otherwise.

use serde_json::Value;

use super::{CONSORTIUM, DEINZE, assert_has, diff, twice};
use crate::program::Folder;

const FACTS: &str = "
[facts.holds]
table = \"accounts\"
column = \"open_holds\"
type = \"count\"

[keeps.open-holds]
reason = \"Holds are served first\"
when = { holds = { over = 0 } }
";

const OWES: &str = "
[keeps.owes]
reason = \"Debts under 20.00 are let go\"
when = { owed = { at_least = \"20.00\" } }
";

/// The old policy has `old` in the consortium's file beside the facts, the new one `new`.
fn pair(old: &str, new: &str) -> Folder {
    let folder = twice();
    folder.write("old/consortium.toml", format!("{CONSORTIUM}{FACTS}{old}"));
    folder.write("new/consortium.toml", format!("{CONSORTIUM}{FACTS}{new}"));
    folder
}

fn json(folder: &Folder) -> Value {
    serde_json::from_str(&diff(folder, &["--format", "json"]).stdout).unwrap()
}

/// The settings that differ, each with whether it loosens.
fn marked(folder: &Folder) -> Vec<(String, bool)> {
    let json = json(folder);
    let all = json["differences"].as_array().unwrap().iter();
    let mut all: Vec<_> =
        all.map(|one| (one["setting"].as_str().unwrap().to_owned(), one["loosens"].as_bool().unwrap())).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn each_key_of_a_narrowing_is_a_line_that_is_marked() {
    let folder = pair("", OWES);
    let told = diff(&folder, &[]).stdout;
    assert_has(
        &told,
        &[
            "keeps.owes.reason: none -> Debts under 20.00 are let go, on every day (loosens)\n  consortium, deinze, peer\n",
            "keeps.owes.when.owed: none -> at_least \"20.00\", on every day (loosens)\n",
            "after   consortium.toml:18",
            "who owes 19.99, with open_holds 0: the record goes on",
        ],
    );
    assert_has(&diff(&folder, &["--format", "markdown"]).stdout, &["| keeps.owes.when.owed (loosens) |"]);
    // What is narrowed no longer keeps more than before.
    let back = pair(OWES, "");
    assert_eq!(marked(&back), [("keeps.owes.reason".to_owned(), false), ("keeps.owes.when.owed".to_owned(), false)]);
    assert_has(&diff(&back, &[]).stdout, &["keeps.owes.when.owed: at_least \"20.00\" -> none, on every day\n"]);
}

#[test]
fn a_bound_that_moves_finds_somebody_between_the_two() {
    let moved = |new: &str| {
        let folder = pair("", "");
        folder.write("new/consortium.toml", format!("{CONSORTIUM}{}", FACTS.replace("over = 0", new)));
        folder
    };
    let told = diff(&moved("over = 3"), &[]).stdout;
    assert_has(
        &told,
        &[
            "keeps.open-holds.when.holds: over 0 -> over 3, on every day (loosens)\n",
            ", with open_holds 1: the record goes on",
        ],
    );
    let told = diff(&moved("at_least = 1"), &[]).stdout;
    assert_has(&told, &["over 0 -> at_least 1, on every day\n", "No made-up patron comes out otherwise."]);
    let reviewed = format!("{CONSORTIUM}{FACTS}review = true\n");
    let folder = pair("", "");
    folder.write("new/consortium.toml", reviewed);
    let told = diff(&folder, &[]).stdout;
    assert_has(
        &told,
        &[
            "keeps.open-holds.review: false -> true, on every day (loosens)\n",
            "the record is for a person to look at; before, kept.",
        ],
    );
}

#[test]
fn ends_releases_and_guards_are_marked_and_keeps_are_not() {
    let enforced = "\n[[amendment]]\nfrom = 2020-01-01\nreason = \"All alike\"\nenforce = true\n\
                    subscription = { lapse_months = 24 }\n";
    let release = "\n[[amendment]]\nfrom = 2027-01-01\nreason = \"Deinze may (board)\"\n\
                   release = { libraries = [\"deinze\"], keys = [\"subscription.lapse_months\"] }\n";
    let ends = "\n[ends.grown]\nreason = \"Free until eighteen\"\nonly = { category = \"adult\" }\nwhen = { age = { at_least = 18 } }\n\
                [keeps.new]\nreason = \"New\"\nwhen = { begun_on = { within_months = 36 } }\n\
                [guards]\nmax_removed_percent = 50\nmax_profiles_percent = 5\n\
                [cleanup]\nblocks_ignored = [\"internet\", \"lost\"]\naccounts_needed = [\"owed\"]\nremoval = \"anonymise\"\n\
                [retention]\npseudonymise_months = 3\nhistory_months = 36\n";
    let folder = pair(enforced, &format!("{ends}{enforced}{release}"));
    let expected = [
        ("cleanup.accounts_needed", true),
        ("cleanup.blocks_ignored", true),
        ("cleanup.removal", false),
        ("ends.grown.only.category", true),
        ("ends.grown.reason", true),
        ("ends.grown.when.age", true),
        ("guards.max_profiles_percent", false),
        ("guards.max_removed_percent", true),
        ("keeps.new.reason", false),
        ("keeps.new.when.begun_on", false),
        // The library set another term before, which is no longer overruled.
        ("lapse_months", false),
        ("release of subscription.lapse_months", true),
        ("retention.history_months", false),
        ("retention.pseudonymise", false),
    ];
    assert_eq!(marked(&folder), expected.map(|(setting, loosens)| (setting.to_owned(), loosens)));
    let told = diff(&folder, &[]).stdout;
    assert_has(
        &told,
        &[
            "release of subscription.lapse_months: not released -> released, from 2027-01-01 on (loosens)\n  deinze\n",
            "amendment of 2027-01-01: Deinze may (board)",
            "retention.pseudonymise: 90 days -> 3 months, on every day\n",
            "retention.history_months: none -> 36, on every day\n",
            "is deregistered on",
        ],
    );
    // The council's question: Deinze takes the months that it may now set.
    let new = folder.read("new/libraries/deinze.toml");
    let own = "\n[[amendment]]\nfrom = 2027-01-01\nreason = \"Council\"\nsubscription.lapse_months = 36\n";
    folder.write("new/libraries/deinze.toml", new.replace("lapse_months = 60\n", "") + own);
    assert_has(&diff(&folder, &[]).stdout, &["lapse_months: 24 -> 36, from 2027-01-01 on\n  deinze youth\n"]);
}

#[test]
fn a_fact_that_reads_another_column_is_a_difference_that_loosens() {
    let folder = pair("", "");
    folder.write("new/consortium.toml", format!("{CONSORTIUM}{}", FACTS.replace("open_holds", "holds_now")));
    assert_has(
        &diff(&folder, &[]).stdout,
        &["facts.holds.column: open_holds -> holds_now, on every day (loosens)\n  consortium\n"],
    );
    // What nobody knows keeps.
    let with = |empty: &str| FACTS.replace("type = \"count\"", &format!("type = \"count\"\nempty = \"{empty}\""));
    folder.write("old/consortium.toml", format!("{CONSORTIUM}{}", with("none")));
    folder.write("new/consortium.toml", format!("{CONSORTIUM}{}", with("unknown")));
    assert_eq!(marked(&folder), [("facts.holds.empty".to_owned(), false)]);
    folder.write("old/consortium.toml", format!("{CONSORTIUM}{}", with("unknown")));
    folder.write("new/consortium.toml", format!("{CONSORTIUM}{}", with("none")));
    assert_eq!(marked(&folder), [("facts.holds.empty".to_owned(), true)]);
}

#[test]
fn a_bound_that_moved_was_marked_whichever_way_it_moved() {
    let least = |entry: &str, least: &str| {
        format!("\n[{entry}]\nreason = \"r\"\nwhen = {{ owed = {{ at_least = \"{least}\" }} }}\n")
    };
    for (entry, higher_loosens) in [("keeps.debtors", true), ("keeps.owes", true), ("ends.debtors", false)] {
        let [lower, higher] = ["10.00", "20.00"].map(|bound| least(entry, bound));
        for (folder, loosens) in [(pair(&lower, &higher), higher_loosens), (pair(&higher, &lower), !higher_loosens)] {
            assert_eq!(marked(&folder), [(format!("{entry}.when.owed"), loosens)], "{entry}");
        }
    }
    let keep = least("keeps.debtors", "10.00");
    let gone = marked(&pair(&keep, ""));
    assert!(gone.iter().all(|(_, loosens)| *loosens), "a keep that goes: {gone:?}");
    // What a library says of it counts there alone.
    let folder = pair(&keep, &keep);
    folder.write("new/libraries/deinze.toml", format!("{DEINZE}[keeps.debtors]\nwhen.owed.at_least = \"50.00\"\n"));
    let told = "keeps.debtors.when.owed: at_least \"10.00\" -> at_least \"50.00\", on every day (loosens)\n  deinze\n";
    assert_has(&diff(&folder, &[]).stdout, &[told]);
}

#[test]
fn a_change_of_one_key_on_a_later_day_is_told_of_the_whole_entry() {
    // The bound holds no less from the beginning; the exception of 2027 lets some go for all that.
    let keep = |bound: &str| format!("\n[keeps.debtors]\nreason = \"r\"\nwhen.owed.at_least = \"{bound}\"\n");
    let exception =
        "\n[[amendment]]\nfrom = 2027-01-01\nreason = \"Not the young\"\nkeeps.debtors.unless.age.under = 18\n";
    let folder = pair(&keep("20.00"), &format!("{}{exception}", keep("10.00")));
    let expected = [("keeps.debtors.unless.age", true), ("keeps.debtors.when.owed", true)];
    assert_eq!(marked(&folder), expected.map(|(setting, loosens)| (setting.to_owned(), loosens)));
}

#[test]
fn show_tells_entries_with_their_lines_and_marks_what_loosens() {
    let folder = pair("", OWES);
    let of_deinze = "[keeps.owes]\nwhen = { owed = { at_least = \"5.00\" } }\n[guards]\nmax_removed_percent = 40\n";
    folder.write("new/libraries/deinze.toml", format!("{DEINZE}{of_deinze}"));
    let told = folder.lapse(&["show", "deinze", "--policies", "new"]).stdout;
    assert_has(
        &told,
        &[
            "[keeps.open-holds], a keep\n",
            "[keeps.owes], narrows the built-in reason (loosens)\n",
            "  when.owed                 { at_least = \"5.00\" }  libraries/deinze.toml:10\n",
            "over { at_least = \"20.00\" }  consortium.toml:18\n",
            "max_removed_percent       40              libraries/deinze.toml:12 (loosens)\n",
        ],
    );
    let json: Value =
        serde_json::from_str(&folder.lapse(&["show", "deinze", "--policies", "new", "--format", "json"]).stdout)
            .unwrap();
    assert_eq!(json["keeps"]["owes"]["loosens"], true);
    assert_eq!(json["keeps"]["owes"]["keys"]["when.owed"]["overrode"][0]["line"], 18);
    assert_eq!(json["guards"]["max_removed_percent"]["loosens"], true);
    assert_eq!(json["keeps"]["open-holds"]["loosens"], false);
    let of_deinze =
        "[keeps.owes]\nholds = true\nwhen.owed = \"none\"\n[ends.adult]\nreason = \"r\"\nwhen.age.at_least = 18\n";
    folder.write("new/libraries/deinze.toml", format!("{DEINZE}{of_deinze}"));
    let told = folder.lapse(&["show", "deinze", "--policies", "new"]).stdout;
    assert_has(&told, &["[keeps.owes], narrows the built-in reason\n", "[ends.adult], an end (loosens)\n"]);
}
