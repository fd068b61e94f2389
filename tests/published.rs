//! The rules that libraries publish, in examples/published: each folder passes its own checks and cases and stands in the
//! README, and the rules of the example plugins give the same outcomes in TOML. The page about purge rules shows one of them, and
//! a small policy of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::plugin_cases::sample;
use crate::program::{Folder, Ran, program, root};

const PUBLISHED: &str = "examples/published";
const PAGE: &str = "docs/from-a-purge-rule.md";
const IN_TOML: &str = "examples/published/plugins-in-toml";

/// The reason of each plugin, and the one that stands for it without a plugin.
const REASONS: [(&str, &str); 3] = [
    ("summer-grace/summer", "keep/summer"),
    ("deceased/deceased", "end/deceased"),
    ("keep-column/above-limit", "keep/open-requests"),
];

/// The cases of the plugins that come out otherwise without them, as the README says.
const OTHERWISE: [&str; 6] = [
    "an empty text is nothing in the column",
    "what is not written as a date has no effect",
    "keep wins: a youth who lapsed and died is kept over the summer by summer-grace",
    "below the number: the record goes",
    "a little above the number is above it",
    "what is no number keeps the record: somebody must look",
];

/// The names of the folders of rules.
fn folders() -> Vec<String> {
    let entries = fs::read_dir(root().join(PUBLISHED)).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the program at the root of the project.
fn lapse(words: &[&str]) -> Ran {
    Ran::from(&program().args(words).current_dir(root()).output().unwrap())
}

/// Every TOML file in a folder and below it.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push((path.clone(), fs::read_to_string(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn the_rules_of_each_folder_are_right_and_their_cases_pass() {
    let folders = folders();
    assert!(folders.len() >= 7, "{folders:?}");
    for folder in folders {
        let policies = format!("{PUBLISHED}/{folder}/policies");
        let ran = lapse(&["check", "--policies", &policies]);
        assert_eq!(ran.code, 0, "{folder}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.ends_with("no errors, no warnings\n"), "{folder}: {}{}", ran.stdout, ran.stderr);
        let ran = lapse(&["test", "--policies", &policies]);
        assert_eq!(ran.code, 0, "{folder}: {}{}", ran.stdout, ran.stderr);
        let ran = lapse(&["fmt", "--check", &policies, &format!("{PUBLISHED}/{folder}/tests/cases")]);
        assert_eq!(ran.code, 0, "{folder}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn every_keep_and_end_of_the_folders_decides_a_case() {
    for folder in folders() {
        let folder = root().join(PUBLISHED).join(folder);
        let cases: String = texts(&folder.join("tests/cases")).into_iter().map(|(_, text)| text).collect();
        for (file, text) in texts(&folder.join("policies")) {
            for (header, word) in [("[keeps.", "keep"), ("[ends.", "end")] {
                for name in text.split(header).skip(1).filter_map(|rest| rest.split(']').next()) {
                    // A narrowing shows by the built-in reason that it narrows.
                    let narrowed = ["owes", "settled-recently", "ended-recently"].contains(&name);
                    let reason = format!("\"{word}/{name}\"");
                    assert!(narrowed || cases.contains(&reason), "no case of {} has {reason}", file.display());
                }
            }
        }
    }
}

#[test]
fn the_table_of_the_readme_names_each_folder_with_its_source() {
    let readme = fs::read_to_string(root().join(PUBLISHED).join("README.md")).unwrap();
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| [")).collect();
    let named: Vec<&str> = rows.iter().filter_map(|row| row.strip_prefix("| [")?.split(']').next()).collect();
    assert_eq!(named.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(), folders().into_iter().collect());
    for row in rows {
        assert!(row.contains("](http") || row.contains("](../plugins/"), "a source is missing: {row}");
    }
}

/// The lines of TOML without comments and without the space before them, in parts that an empty line separates.
fn parts(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(|line| line.split(" #").next().unwrap().trim_end()).collect();
    let parts = lines.split(|line| line.is_empty()).map(|part| {
        let said = part.iter().filter(|line| !line.starts_with('#'));
        said.flat_map(|line| [line, "\n"]).collect::<String>()
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// The blocks of TOML of a page.
fn blocks(page: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join(page)).unwrap();
    let blocks = page.split("\n```toml\n").skip(1);
    blocks.map(|rest| rest.split("\n```").next().unwrap().to_owned() + "\n").collect()
}

/// What the page about purge rules shows of what the program says, by how it begins.
fn shown(start: &str) -> String {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let (_, rest) = page.split_once(&format!("\n```\n{start}")).expect(start);
    format!("{start}{}\n", rest.split("\n```").next().unwrap())
}

#[test]
fn what_the_pages_show_of_the_rule_of_wisconsin_stands_in_its_folder() {
    let folder = root().join(PUBLISHED).join("scls");
    let ours: BTreeSet<String> = texts(&folder).iter().flat_map(|(_, text)| parts(text)).collect();
    let mut seen = 0;
    for page in [PAGE, "README.md"] {
        // The README and the page have blocks of other policies, which other tests look at.
        let others = ["waregem", "[files]", "# policies/", "# tests/cases/", "[[amendment]]"];
        let blocks = blocks(page).into_iter().filter(|block| !others.iter().any(|other| block.contains(other)));
        for part in blocks.flat_map(|block| parts(&block)) {
            seen += 1;
            assert!(ours.contains(&part), "not in scls: {part}");
        }
    }
    assert!(seen > 12, "only {seen} parts were found");
}

#[test]
fn what_the_page_shows_of_a_patron_is_what_explain_says() {
    let folder = Folder::with(&[
        ("data/patrons.csv", "patron_id\nP1\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until\nP1,branch,adult,2010-01-01,2013-12-31\n",
        ),
        ("data/activity.csv", "patron_id,library,source,last_active\nP1,branch,checkout,2013-05-01\n"),
        ("data/accounts.csv", "patron_id,library,owed,items,open_holds\nP1,branch,19.99,0,\n"),
    ]);
    let policies = root().join(PUBLISHED).join("scls/policies");
    let date = ["--data", "data", "--date", "2016-01-01"];
    let ran = folder.lapse(&[&["explain", "P1", "--policies", policies.to_str().unwrap()][..], &date].concat());
    let shown = shown("Record at branch");
    let mut rest = &*ran.stdout;
    for part in shown.split("...\n") {
        let at = rest.find(part.trim_end()).unwrap_or_else(|| panic!("this does not come next: {part}in: {rest}"));
        rest = &rest[at..];
    }
}

#[test]
fn the_small_policy_of_the_page_is_whole_and_its_change_is_told_as_the_page_says() {
    const TOWN: &str = "policies/libraries/town.toml";
    let folder = Folder::new();
    let mut files = Vec::new();
    let blocks = blocks(PAGE);
    for block in &blocks {
        // The first line names the file.
        let name = block.strip_prefix("# ").and_then(|rest| rest.split_once(':'));
        if let Some((name, _)) = name.filter(|(name, _)| name.contains('/')) {
            folder.write(name, block);
            files.push(name);
        }
    }
    assert_eq!(files, ["policies/consortium.toml", TOWN, "tests/cases/town.toml"]);
    let is_right = || {
        let ran = folder.lapse(&["check"]);
        assert_eq!((ran.code, &*ran.stdout), (0, ""), "{}", ran.stderr);
        let layout = folder.lapse(&["fmt", "--check", "policies", "tests/cases"]);
        assert_eq!(layout.code, 0, "{}{}", layout.stdout, layout.stderr);
        ran.stderr
    };
    let checked = is_right();
    let tested = folder.lapse(&["test"]);
    assert_eq!(tested.code, 0, "{}", tested.stdout);
    assert_eq!(checked + &tested.stderr, shown("policies: "));

    for file in &files[..2] {
        folder.write(&file.replacen("policies", "old", 1), folder.read(file));
    }
    let before = folder.read(TOWN);
    let amendment = blocks.iter().find(|block| block.starts_with("[[amendment]]")).expect("an amendment");
    folder.write(TOWN, format!("{before}\n{amendment}"));
    is_right();
    let ran = folder.lapse(&["show", "town", "--date", "2026-01-01"]);
    assert!(ran.stdout.contains(&shown("[keeps.owes], ")), "{}", ran.stdout);
    let ran = folder.lapse(&["diff", "old", "policies"]);
    assert_eq!(ran.stdout, shown("keeps.owes.when.owed: "));

    // The same with a new reason, as the page writes it in a line.
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix('`')?.split('`').next().filter(|line| line.starts_with("keeps.owes = ")));
    let (head, _) = amendment.split_once("keeps.owes").unwrap();
    folder.write(TOWN, format!("{before}\n{head}{}\n", line.expect("a keep in a line")));
    is_right();
    let ran = folder.lapse(&["show", "town", "--date", "2026-01-01"]);
    assert!(ran.stdout.contains("Less than 20.00 holds nobody  "), "{}", ran.stdout);
}

#[test]
fn the_mark_and_the_witnesses_tell_which_way_a_change_goes_as_the_page_says() {
    let consortium = "[consortium]\nname = \"All\"\n";
    let library = "[library]\ncode = \"town\"\n\n[subscriptions.adult]\n";
    for (keep, before, after, marked, witness) in [
        ("owes", "owed = { at_least = 10 }", "owed = { at_least = 20 }", true, "the record goes on "),
        ("owes", "owed = { at_least = 20 }", "owed = { at_least = 10 }", false, "the record never goes"),
        ("young", "age = { under = 18 }", "age = { under = 12 }", true, "the record goes on "),
    ] {
        let town = |test: &str| format!("{library}[keeps.{keep}]\nreason = \"Why\"\nwhen = {{ {test} }}\n");
        let folder = Folder::with(&[
            ("old/consortium.toml", consortium),
            ("old/libraries/town.toml", &town(before)),
            ("new/consortium.toml", consortium),
            ("new/libraries/town.toml", &town(after)),
        ]);
        let ran = folder.lapse(&["diff", "old", "new"]);
        assert_eq!(ran.stdout.contains("(loosens)"), marked, "{keep}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(witness), "{keep}: {}", ran.stdout);
    }
}

/// The cases in a file, each with its name.
fn cases(text: &str) -> Vec<(String, String)> {
    let name = |case: &str| case.split('"').nth(1).unwrap().to_owned();
    text.split("\n[[case]]\n").skip(1).map(|case| (name(case), case.trim_end().to_owned())).collect()
}

fn with_other_reasons(text: &str) -> String {
    REASONS.iter().fold(text.to_owned(), |text, (of_plugin, without)| text.replace(of_plugin, without))
}

#[test]
fn the_cases_of_the_plugins_come_out_the_same_in_toml() {
    let mut otherwise: BTreeSet<&str> = OTHERWISE.into();
    for (file, text) in texts(&root().join("examples/policies-with-plugins/tests/cases")) {
        let ours = root().join(IN_TOML).join("tests/cases").join(file.file_name().unwrap());
        let ours = cases(&fs::read_to_string(ours).unwrap());
        for (name, case) in cases(&with_other_reasons(&text)) {
            if !otherwise.remove(&*name) {
                assert!(ours.iter().any(|(_, our)| *our == case), "not in TOML: {case}");
            }
        }
    }
    assert!(otherwise.is_empty(), "no longer a case of a plugin: {otherwise:?}");
}

/// `examples/data` with one more column of patrons and of accounts, whose cells are told by patron and by row.
fn extract(
    folder: &Folder,
    deceased_on: impl Fn(usize, &str) -> &'static str,
    requests: impl Fn(usize) -> &'static str,
) {
    for table in ["patrons", "memberships", "activity", "accounts"] {
        let text = fs::read_to_string(root().join(format!("examples/data/{table}.csv"))).unwrap();
        let line = |(row, line): (usize, &str)| match (table, row) {
            ("patrons", 0) => format!("{line},deceased_on\n"),
            ("patrons", _) => format!("{line},{}\n", deceased_on(row, line.split(',').next().unwrap())),
            ("accounts", 0) => format!("{line},open_requests\n"),
            ("accounts", _) => format!("{line},{}\n", requests(row)),
            _ => format!("{line}\n"),
        };
        folder.write(&format!("data/{table}.csv"), text.lines().enumerate().map(line).collect::<String>());
    }
}

fn run(folder: &Folder, policies: &str, date: &str) {
    let ran = folder.lapse(&["run", "--policies", policies, "--data", "data", "--date", date, "--out", "out"]);
    // The sample has rows that are wrong on purpose, and guards trip where one patron in five has died.
    assert!([3, 4].contains(&ran.code), "{}", ran.stderr);
}

/// The tables of a run. The reason of a membership is left out: that of a patron with a rejected row, or of one who would have
/// lapsed too, is another one without plugins.
fn outcomes(folder: &Folder) -> String {
    let memberships = folder.read("out/memberships.csv");
    let without_reason = memberships.lines().map(|line| {
        let cells = line.split(',').enumerate().filter(|(column, _)| *column != 5);
        cells.flat_map(|(_, cell)| [cell, ","]).collect::<String>() + "\n"
    });
    let others = ["records", "profiles"].map(|table| folder.read(&format!("out/{table}.csv"))).concat();
    with_other_reasons(&(without_reason.collect::<String>() + &others))
}

#[test]
fn the_rules_of_the_plugins_give_the_same_outcomes_in_toml() {
    const DAYS: [&str; 5] = ["2022-05-03", "2022-07-01", "2022-07-02", "", ""];
    let folder = sample(None);
    let in_toml = root().join(IN_TOML).join("policies");
    let in_toml = in_toml.to_str().unwrap();
    for date in ["2022-07-01", "2022-09-01"] {
        // The patrons for whom the README names a difference do not die.
        extract(&folder, |_, _| "", |_| "");
        run(&folder, in_toml, date);
        let memberships = folder.read("out/memberships.csv");
        let cells = memberships.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let differs = cells.filter(|cells| ["not-renewed", "keep/summer"].contains(&cells[5]));
        let differs: BTreeSet<&str> = differs.map(|cells| cells[0]).collect();

        let day = |row: usize, patron: &str| if differs.contains(patron) { "" } else { DAYS[row % 5] };
        extract(&folder, day, |row| ["", "0", "1", "2"][row % 4]);
        run(&folder, "policies", date);
        let with_plugins = outcomes(&folder);
        run(&folder, in_toml, date);
        let without = outcomes(&folder);
        for (left, right) in with_plugins.lines().zip(without.lines()) {
            assert_eq!(left, right, "on {date}");
        }
        assert_eq!(with_plugins.lines().count(), without.lines().count());
        let reasons = folder.read("out/memberships.csv");
        assert!(reasons.contains(",end/deceased,") && without.contains("keep/open-requests"), "each rule decides");
        assert_eq!(reasons.contains(",keep/summer,"), date == "2022-07-01");
    }
}
