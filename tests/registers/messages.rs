//! What people are told of registers and of exports in other forms.

use crate::program::{Folder, Ran};

const CONSORTIUM: &str =
    "[consortium]\nname = \"Test\"\n\n[subscription]\nrenewal = \"none\"\n\n[activity]\nsources = [\"wise\"]\n";
const LIBRARY: &str = "[library]\ncode = \"a\"\nname = \"A\"\n\n[subscriptions.adult]\nname = \"Adult\"\n";

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(&[("policies/consortium.toml", CONSORTIUM), ("policies/libraries/a.toml", LIBRARY)]);
    for (name, text) in files {
        folder.write(name, text);
    }
    folder
}

fn run(folder: &Folder, data: &str) -> Ran {
    folder.lapse(&["run", "--data", data, "--date", "2022-07-01", "--out", "out"])
}

const REGISTER: &str = r#"
[files]
delimiter = ";"

[tables.patrons]
file = "p.csv"
columns = { patron_id = "nr" }

[tables.memberships]
file = "m.csv"
columns = { patron_id = "nr", valid_from = "van", valid_until = "tot" }
constants = { library = "a", subscription = "adult" }
"#;

#[test]
fn a_whole_column_in_another_form_is_told_once_with_the_key_that_mends_it() {
    let rows =
        (10..60).map(|n| format!("P{n},a,adult,{}/05/2015,20/06/2022\n", n % 28 + 1)).collect::<Vec<_>>().concat();
    let patrons = (10..60).map(|n| format!("P{n},\n")).collect::<Vec<_>>().concat();
    let folder = folder(&[
        ("data/patrons.csv", &format!("patron_id,birth_date\n{patrons}P99,soon\n")),
        ("data/memberships.csv", &format!("patron_id,library,subscription,valid_from,valid_until\n{rows}")),
    ]);
    let ran = run(&folder, "data");
    assert!(ran.code >= 3, "{}", ran.stderr);
    let told =
        "memberships.valid_from: 50 of 50 values look like D/M/YYYY; write a register of files (`lapse register new`)";
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("memberships.valid_until: 50 of 50 values look like DD/MM/YYYY"), "{}", ran.stderr);
    // Nothing is said row by row of that column, but what is wrong elsewhere is.
    assert!(!ran.stderr.contains("valid_from `"), "{}", ran.stderr);
    assert!(ran.stderr.contains("birth_date `soon`"), "{}", ran.stderr);
}

#[test]
fn the_key_is_set_in_the_register_where_there_is_one() {
    let rows = (10..40).map(|n| format!("P{n};{}/05/2015;20/06/2022\n", n % 12 + 13)).collect::<Vec<_>>().concat();
    let patrons = (10..40).map(|n| format!("P{n}\n")).collect::<Vec<_>>().concat();
    let folder = folder(&[
        ("x/p.csv", &format!("nr\n{patrons}")),
        ("x/m.csv", &format!("nr;van;tot\n{rows}")),
        ("x/register.toml", REGISTER),
    ]);
    for ran in [run(&folder, "x/register.toml"), folder.lapse(&["register", "check", "x/register.toml"])] {
        let told = "memberships.valid_from: 30 of 30 values look like DD/MM/YYYY; set `dates = \"DD/MM/YYYY\"` in x/register.toml";
        assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
        assert!(ran.code >= 3, "{}", ran.stderr);
    }
    folder.write("x/register.toml", REGISTER.replace("[files]", "[files]\ndates = \"DD/MM/YYYY\""));
    let checked = folder.lapse(&["register", "check", "x/register.toml"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.contains("2015-05-"), "{}", checked.stdout);
}

#[test]
fn a_value_that_does_not_fit_is_rejected_with_what_stands_on_its_line() {
    let register = REGISTER.replace("[files]", "[files]\ndates = \"DD/MM/YYYY\"");
    let folder = folder(&[
        ("x/p.csv", "nr\nP1\nP2\n"),
        ("x/m.csv", "nr;van;tot\n\nP1;01/02/2020;31/02/2021\n\"P2\";\"01/02/\n2020\";\nP2;01/02/2020;\n"),
        ("x/register.toml", &register),
    ]);
    let ran = run(&folder, "x/register.toml");
    assert!(ran.code >= 3, "{}", ran.stderr);
    let rejects = folder.read("out/rejects.csv");
    assert!(rejects.contains("memberships,3,valid_until,31/02/2021,"), "{rejects}");
    assert!(rejects.contains("memberships,4,valid_from,\"01/02/\n2020\","), "{rejects}");
}

#[test]
fn mistakes_of_a_register_have_their_places_and_nothing_is_written() {
    let folder = folder(&[("x/register.toml", "[files]\ndelimeter = \";\"\n[tables.patrons]\nfile = \"p.csv\"\n")]);
    let ran = run(&folder, "x/register.toml");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("x/register.toml:2:1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `delimiter`?"), "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no file `p.csv`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("the register x/register.toml has 2 mistakes; nothing was read"), "{}", ran.stderr);
    assert!(!folder.path().join("out").exists());
    assert_eq!(run(&folder, "x/other.toml").code, 2);
}

#[test]
fn a_column_that_a_file_does_not_have_is_told_with_the_nearest() {
    let told = |header: &str| {
        let folder =
            folder(&[("x/p.csv", "nr\nP1\n"), ("x/m.csv", &format!("{header}\n")), ("x/register.toml", REGISTER)]);
        let ran = run(&folder, "x/register.toml");
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        ran.stderr
    };
    assert!(
        told("nr;vam;tot").contains("no column `van`, which the register takes as `valid_from`; did you mean `vam`?")
    );
    assert!(told("nr,van,tot").contains("seem to be separated by commas; set `delimiter`"));
    assert!(told("nr;van;tot;Status ").contains("write status = \"Status \" under `columns`"));
    assert!(told("nr;van;tot;van").contains("two columns `van`"));
}

#[test]
fn a_column_that_is_said_to_be_none_is_not_looked_for() {
    let register = REGISTER.replace("tot\" }", "tot\", status = \"\" }");
    for header in ["nr;van;tot;Status", "nr;van;tot;status"] {
        let folder = folder(&[
            ("x/p.csv", "nr\nP1\n"),
            ("x/m.csv", &format!("{header}\nP1;2020-01-01;2022-12-31;whatever\n")),
            ("x/register.toml", &register),
        ]);
        let ran = run(&folder, "x/register.toml");
        assert!(!folder.path().join("out/rejects.csv").exists(), "{}", ran.stderr);
        assert!(folder.read("out/memberships.csv").contains("valid"), "{}", ran.stderr);
    }
}

#[test]
fn with_exact_ids_007_and_7_are_two_people() {
    let accounts =
        "[tables.accounts]\nfile = \"k.csv\"\ncolumns = { patron_id = \"nr\" }\nconstants = { library = \"a\" }\n";
    for (ids, held) in [("", true), ("ids = \"exact\"\n", false)] {
        let register = REGISTER.replace("[files]\n", &format!("[files]\n{ids}")) + accounts;
        let folder = folder(&[
            ("x/p.csv", "nr\n007\n"),
            ("x/m.csv", "nr;van;tot\n007;2015-01-01;2016-12-31\n"),
            ("x/k.csv", "nr;owed;credit;blocks;items;settled_on\n7;85.00;0;;3;\n"),
            ("x/register.toml", &register),
        ]);
        let ran = run(&folder, "x/register.toml");
        assert!(ran.code >= 3, "{}", ran.stderr);
        assert_eq!(
            folder.read("out/records.csv").contains("bad-input"),
            held,
            "{ids}{}",
            folder.read("out/records.csv")
        );
    }
}

#[test]
fn a_debt_under_a_misspelt_path_does_not_vanish() {
    let register = r#"
        [tables.patrons]
        file = "u.json"
        columns = { patron_id = "id" }
        [tables.memberships]
        file = "u.json"
        columns = { patron_id = "id", valid_from = "van" }
        constants = { library = "a", subscription = "adult" }
        [tables.accounts]
        file = "u.json"
        columns = { patron_id = "id", owed = "balance.owed" }
        constants = { library = "a" }
    "#;
    let folder = folder(&[
        ("x/u.json", "[{\"id\": \"P1\", \"van\": \"2015-01-01\", \"balance\": {\"owde\": 99.0}}]"),
        ("x/register.toml", register),
    ]);
    let ran = run(&folder, "x/register.toml");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `balance.owde`?"), "{}", ran.stderr);
}

#[test]
fn a_result_never_replaces_a_file_of_the_register() {
    let folder = folder(&[
        ("x/p.csv", "nr\nP1\n"),
        ("x/m.csv", "nr;van;tot\nP1;2015-01-01;2022-12-31\n"),
        ("x/register.toml", REGISTER),
    ]);
    let words =
        ["diff", "policies", "policies", "--data", "x/register.toml", "--date", "2022-07-01", "--moves", "x/m.csv"];
    let ran = folder.lapse(&words);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("name another file"), "{}", ran.stderr);
}

#[test]
fn facts_were_unknown_for_everybody_through_a_register() {
    let fact = "\n[facts.holds]\ntable = \"accounts\"\ncolumn = \"open_holds\"\ntype = \"count\"\n\
                [keeps.open-holds]\nreason = \"Holds are served first\"\nwhen = { holds = { over = 0 } }\n\
                [cleanup]\naccounts_needed = []\n";
    let accounts = |columns: &str| {
        format!(
            "{REGISTER}[tables.accounts]\nfile = \"a.csv\"\ncolumns = {{ {columns} }}\nconstants = {{ library = \"a\" }}\n"
        )
    };
    let folder = folder(&[
        ("policies/consortium.toml", &format!("{CONSORTIUM}{fact}")),
        ("x/p.csv", "nr\nP1\nP2\n"),
        ("x/m.csv", "nr;van;tot\nP1;2010-01-01;2012-01-01\nP2;2010-01-01;2012-01-01\n"),
        ("x/a.csv", "nr;open_holds\nP1;2\nP2;0\n"),
        ("x/register.toml", &accounts("patron_id = \"nr\"")),
    ]);
    let decided = |folder: &Folder| {
        let ran = run(folder, "x/register.toml");
        assert!(ran.code != 2, "{}", ran.stderr);
        let records = folder.read("out/records.csv");
        assert!(records.contains("P1,a,kept,keep/open-holds,"), "{records}");
        assert!(records.contains("P2,a,deleted,all-clear,"), "{records}");
    };
    decided(&folder);
    folder.write("x/a.csv", "nr;Reserveringen\nP1;2\nP2;0\n");
    folder.write("x/register.toml", accounts("patron_id = \"nr\", open_holds = \"Reserveringen\""));
    decided(&folder);
    // What nearly is the column that the fact asks for stops here too, unless the register says that there is none.
    folder.write("x/a.csv", "nr;open_hold\nP1;2\nP2;0\n");
    folder.write("x/register.toml", accounts("patron_id = \"nr\""));
    let ran = run(&folder, "x/register.toml");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no column `open_holds`, but `open_hold`"), "{}", ran.stderr);
    folder.write("x/register.toml", accounts("patron_id = \"nr\", open_holds = \"\""));
    assert!(run(&folder, "x/register.toml").code != 2);
    assert!(folder.read("out/records.csv").contains("P2,a,kept,keep/open-holds,"));
}
