//! Ids, codes and names that command a terminal, break a line or begin a formula: shown escaped in every text, and left as they
//! are in the tables for programs.

use crate::program::Folder;

/// An id, a library and a source with everything that must not reach a terminal.
const ODD: &str = "P\u{1b}[2J\u{202e}1";

fn folder() -> Folder {
    let (library, source) = ("pe\u{1b}]0;x\u{7}er", "wi\u{1b}[31mse");
    Folder::with(&[
        ("policies/consortium.toml", "consortium = { name = \"Test\" }\nguards = { max_newest_date_days = 36500 }\n"),
        ("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n[subscriptions.youth]\n"),
        ("data/patrons.csv", &format!("patron_id\n{ODD}\n=cmd\n\"two\nlines\"\n")),
        (
            "data/memberships.csv",
            &format!(
                "patron_id,library,subscription,valid_from\n{ODD},peer,youth,2015-01-01\n=cmd,{library},youth,2022-13-01\n\"two\nlines\",{library},youth,2022-01-01\n"
            ),
        ),
        ("data/activity.csv", &format!("patron_id,source,last_active\n{ODD},{source},2015-01-01\n")),
    ])
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_control() && letter != '\n' || ('\u{202a}'..='\u{202e}').contains(&letter))
}

#[test]
fn ids_and_codes_commanded_the_terminal() {
    let folder = folder();
    let args = ["--data", "data", "--date", "2022-07-01"];
    let ran =
        folder.lapse(&[&["run"], &args[..], &["--out", "out", "--report", "run.html", "--with-patrons"]].concat());
    assert_eq!(ran.code, 3, "{} {}", ran.stdout, ran.stderr);
    let explained = folder.lapse(&[&["explain", ODD], &args[..]].concat());
    assert_eq!(explained.code, 0, "{}", explained.stderr);
    let two_lines = folder.lapse(&[&["explain", "two\nlines"], &args[..]].concat());
    assert_eq!(two_lines.code, 0, "{}", two_lines.stderr);
    for (what, text) in [
        ("run", &ran.stdout),
        ("run, errors", &ran.stderr),
        ("explain", &explained.stdout),
        ("two lines", &two_lines.stdout),
        ("page", &folder.read("run.html")),
    ] {
        assert!(is_plain(text), "{what}: {text:?}");
    }
    assert!(explained.stdout.contains("Patron P\\u001b[2J\\u202e1, run"), "{}", explained.stdout);
    assert!(two_lines.stdout.contains("Patron two\\u000alines, run"), "{}", two_lines.stdout);
    assert!(ran.stderr.contains("pe\\u001b]0;x\\u0007er"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\\u000a"), "{}", ran.stderr);
    // Programs get each id as it is.
    assert!(folder.read("out/records.csv").contains(ODD));
}

#[test]
fn a_letter_began_a_formula_in_a_spreadsheet() {
    let folder = Folder::with(&[
        ("old/consortium.toml", "consortium = { name = \"Test\" }\n"),
        ("old/libraries/peer.toml", "[library]\ncode = \"peer\"\n[subscriptions.youth]\n"),
        ("new/consortium.toml", "consortium = { name = \"Test\" }\n[subscription]\nterm_months = 24\n"),
        (
            "new/libraries/peer.toml",
            "[library]\ncode = \"peer\"\n[subscriptions.youth]\nrenewal = \"none\"\nfee = \"1.00\"\n",
        ),
        ("data/patrons.csv", "patron_id\n=cmd\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until\n=cmd,peer,youth,2020-01-01,2022-06-15\n",
        ),
    ]);
    let moved = |file: &str| {
        let ran = folder.lapse(&["diff", "old", "new", "--data", "data", "--date", "2022-07-01", "--moves", file]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        folder.read(file)
    };
    assert!(moved("moves.csv").contains("\n'=cmd,"), "{}", moved("moves.csv"));
    assert!(moved("moves.ndjson").contains("\"patron_id\":\"=cmd\""));
}

#[test]
fn a_subscription_misspelt_below_its_consortium_went_without_a_word() {
    let folder = Folder::with(&[
        (
            "policies/consortium.toml",
            "consortium = { name = \"Test\" }\n[subscriptions.Volwassen]\n[subscriptions.kids-6]\n",
        ),
        (
            "policies/libraries/peer.toml",
            "[library]\ncode = \"peer\"\n[subscriptions.Volwasen]\nfee = \"1.00\"\n[subscriptions.kids-7]\n",
        ),
    ]);
    let checked = folder.lapse(&["check"]);
    let told = "the subscription `Volwasen` is nearly `Volwassen`, and is another";
    assert!(checked.stdout.contains(told) && !checked.stdout.contains("kids"), "{}", checked.stdout);
}

#[test]
fn check_says_which_names_look_alike_and_which_folders_nobody_reads() {
    let folder = Folder::with(&[
        ("policies/consortium.toml", "consortium = { name = \"Test\" }\n"),
        ("policies/libraries/one.toml", "[library]\ncode = \"peer\"\n[subscriptions.youth]\n"),
        ("policies/libraries/two.toml", "[library]\ncode = \"\u{440}eer\"\n[subscriptions.\"yo\u{200b}uth\"]\n"),
        ("policies/libraries/noord/peer.toml", "[library]\ncode = \"genk\"\n"),
    ]);
    let checked = folder.lapse(&["check"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    for words in [
        "the library codes `peer` and `\u{440}eer` look alike, but have other letters",
        "the subscription code `yo\\u200buth` has a character in it that cannot be seen",
        "libraries/noord/",
        "no folder within it is read",
    ] {
        assert!(checked.stdout.contains(words), "{words}\n{}", checked.stdout);
    }
}
