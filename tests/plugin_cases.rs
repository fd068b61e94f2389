//! Case files of policies with plugins: the columns that plugins ask for, and the cases of the sample consortium with
//! plugins, each of which fails without its plugin.

use std::fs;
use std::path::Path;

use crate::plugin_files::{c_plugin, rust_plugin, table};
use crate::program::{Folder, Ran, root};

const DECEASED: &str = r#"library = "peer"
date = 2022-07-01

[[case]]
name = "somebody who died"
deceased_on = 2022-05-03
memberships = [{ subscription = "youth", valid_from = 2022-01-01, moved = true }]
accounts = [{ open_requests = 3 }]
expect = { membership = "deregistered", membership_reason = "deceased/deceased" }
"#;

/// A policy with one library and one case; with a plugin that asks for a column of each table, or without one.
fn town(case: &str, with_plugin: bool) -> Folder {
    let folder = Folder::with(&[
        ("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\n"),
        ("tests/cases/peer.toml", case),
    ]);
    let mut policy = "[consortium]\nname = \"A town\"\n".to_owned();
    if with_plugin {
        let plugin = c_plugin("examples/plugins/deceased/deceased.c", "NDEBUG");
        let lines = "grants = [\"deregister\"]\ncolumns = [\"patrons.deceased_on\"]\n";
        policy.push_str(&table(&folder, "deceased", &plugin, lines));
        let lines = "grants = [\"keep-record\"]\nconfig = { column = \"accounts.open_requests\" }\n\
                     columns = [\"accounts.open_requests\", \"memberships.moved\"]\n";
        policy.push_str(&table(&folder, "keep-column", &rust_plugin("keep_column"), lines));
    }
    folder.write("policies/consortium.toml", policy);
    folder
}

fn test(folder: &Folder) -> Ran {
    folder.lapse(&["test", "--plugins"])
}

#[test]
fn a_case_gives_values_to_the_columns_that_plugins_ask_for() {
    let ran = test(&town(DECEASED, true));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let nothing = DECEASED.replace("deceased_on = 2022-05-03\n", "");
    let ran = test(&town(&nothing, true));
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("expected deceased/deceased, got active"), "{}", ran.stdout);
}

#[test]
fn a_column_that_no_plugin_asks_for_is_an_unknown_key() {
    let ran = test(&town(DECEASED, false));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stdout);
    for part in [
        "unknown key `deceased_on` in a case",
        "peer.toml:6:1",
        "unknown key `moved` in a row of `memberships`",
        "unknown key `open_requests` in a row of `accounts`",
        "peer.toml:8:15",
    ] {
        assert!(ran.stderr.contains(part), "{part:?} is not in: {}", ran.stderr);
    }
    let ran = test(&town(&DECEASED.replace("deceased_on", "decesed_on"), true));
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `deceased_on`?"), "{}", ran.stderr);
}

#[test]
fn fmt_puts_the_column_of_a_plugin_after_the_other_columns_of_its_table() {
    let untidy = DECEASED
        .replace("deceased_on = 2022-05-03\n", "")
        .replace("moved = true", "moved = true, valid_until = 2022-12-31")
        .replace("deceased\" }\n", "deceased\" }\ndeceased_on = 2022-05-03\nbirth_date = 1990-01-01\n");
    let tidy = DECEASED
        .replace("deceased_on", "birth_date = 1990-01-01\ndeceased_on")
        .replace("moved = true", "valid_until = 2022-12-31, moved = true");
    let folder = town(&untidy, true);
    assert_eq!(folder.lapse(&["fmt", "tests/cases"]).code, 0);
    assert_eq!(folder.read("tests/cases/peer.toml"), tidy);
    let ran = test(&folder);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

/// The sample consortium with plugins, built and pinned; without the plugin `left_out`.
pub fn sample(left_out: Option<&str>) -> Folder {
    let folder = Folder::new();
    let ours = root().join("examples/policies-with-plugins");
    copy(&ours, Path::new("policies"), &folder);
    let deceased = c_plugin("examples/plugins/deceased/deceased.c", "NDEBUG");
    let mut policy = folder.read("policies/consortium.toml");
    for (name, file) in [
        ("summer-grace", rust_plugin("summer_grace")),
        ("deceased", deceased),
        ("keep-column", rust_plugin("keep_column")),
    ] {
        let header = format!("[plugins.{name}]\n");
        let (before, rest) = policy.split_once(&header).expect("the sample names the plugin");
        let (lines, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
        let lines: Vec<&str> = lines.lines().filter(|line| !line.starts_with("file")).collect();
        let pinned =
            if left_out == Some(name) { String::new() } else { table(&folder, name, &file, &lines.join("\n")) };
        policy = format!("{before}{pinned}\n{after}");
    }
    folder.write("policies/consortium.toml", policy);
    folder
}

/// Copies the TOML files of a policy directory, with what its links lead to.
fn copy(from: &Path, to: &Path, folder: &Folder) {
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).expect("an entry");
        let to = to.join(name);
        if path.is_dir() {
            copy(&path, &to, folder);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            folder.write(to.to_str().expect("a path in UTF-8"), fs::read(&path).expect("a file can be read"));
        }
    }
}

#[test]
fn the_cases_of_the_sample_with_plugins_come_out_as_expected() {
    let folder = sample(None);
    let ran = test(&folder);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let laid_out = folder.lapse(&["fmt", "--check", "policies/tests/cases"]);
    assert_eq!((laid_out.code, laid_out.stdout.as_str()), (0, ""), "{}", laid_out.stderr);
}

#[test]
fn the_cases_of_each_plugin_need_that_plugin() {
    // Cases that give a value to the plugin's column cannot even be read.
    for (plugin, code) in [("summer-grace", 1), ("deceased", 2), ("keep-column", 2)] {
        let folder = sample(Some(plugin));
        let ran = folder.lapse(&["test", "--plugins", &format!("policies/tests/cases/{plugin}.toml")]);
        assert_eq!(ran.code, code, "{plugin}: {}{}", ran.stdout, ran.stderr);
    }
}
