//! Help, completions, the manual page, and how wrong usage ends.

use clap::CommandFactory;
use lapse::cli::Cli;

use super::{two_towns, with_data};
use crate::program::Folder;

fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn every_command_has_help_with_an_example_that_it_understands() {
    let commands = commands();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in &commands {
        for help in ["--help", "-h"] {
            let ran = Folder::new().lapse(&[command, help]);
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command} {help}");
            let example = ran.stdout.lines().find_map(|line| line.strip_prefix("Example: ")).expect(command);
            let words: Vec<&str> = example.split_whitespace().take_while(|word| !">|".contains(word)).collect();
            assert_eq!(words[..2], ["lapse", command]);
            Cli::command().try_get_matches_from(words).unwrap_or_else(|error| panic!("{example}: {error}"));
        }
    }
}

#[test]
fn the_program_has_help_with_an_example_and_a_version() {
    let ran = Folder::new().lapse(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("\nExample: lapse "), "{}", ran.stdout);
    for command in commands() {
        assert!(ran.stdout.contains(&format!("\n  {command} ")), "{command}: {}", ran.stdout);
    }
    let ran = Folder::new().lapse(&["--version"]);
    assert_eq!((ran.code, ran.stdout), (0, format!("lapse {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn completions_exist_for_each_shell_and_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = Folder::new().lapse(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        for word in commands().iter().map(String::as_str).chain(["changes-only", "policies"]) {
            assert!(ran.stdout.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_manual_page_has_every_command_and_option() {
    let ran = Folder::new().lapse(&["man"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with(".TH ")).count(), 1 + commands().len());
    for command in commands() {
        assert!(ran.stdout.contains(&format!(".TH lapse-{command} ")), "{command}");
    }
    assert!(ran.stdout.contains("\\-\\-changes\\-only"), "{}", ran.stdout);
}

#[test]
fn wrong_usage_ends_with_2_and_says_so_on_standard_error() {
    let folder = with_data();
    let before = folder.tree();
    let wrong: &[&[&str]] = &[
        &[],
        &["rnu"],
        &["run"],
        &["run", "--data", "data"],
        &["run", "--data", "data", "--out", "out", "--date", "2022-7-1"],
        &["run", "--data", "data", "--out", "out", "--date", "2022-02-29"],
        &["run", "--data", "data", "--out", "out", "--date", "today"],
        &["run", "--data", "data", "--out", "out", "--threads", "0"],
        &["run", "--data", "data", "--out", "out", "--threads", "-1"],
        &["run", "--data", "data", "--out", "out", "--changes-onyl"],
        &["run", "--data", "data", "--out", "out", "more"],
        &["run", "--data", "data", "--data", "data", "--out", "out"],
        &["check", "--format", "xml"],
        &["show"],
        &["show", "peer", "youth", "more"],
        &["explain", "P1"],
        &["explain", "--data", "data"],
        &["completions"],
        &["completions", "cmd"],
        &["man", "more"],
    ];
    for words in wrong {
        let ran = folder.lapse(words);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words:?}");
        assert!(!ran.stderr.is_empty(), "{words:?}");
    }
    assert!(folder.tree() == before, "nothing was written");
}

#[test]
fn a_misspelt_command_or_option_gets_the_nearest() {
    let ran = two_towns().lapse(&["chekc"]);
    assert!(ran.stderr.contains("'check'"), "{}", ran.stderr);
    let ran = two_towns().lapse(&["check", "--polices", "x"]);
    assert!(ran.stderr.contains("'--policies'"), "{}", ran.stderr);
}

#[test]
fn a_number_of_threads_that_is_none_is_told_what_to_write() {
    for threads in ["lots", "0", "1025", "-1", ""] {
        let option = format!("--threads={threads}");
        let ran = Folder::new().lapse(&["run", "--data", "data", "--out", "out", &option]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("write a whole number from 1 to 1024"), "{threads}: {}", ran.stderr);
    }
}

#[test]
fn the_help_of_changes_only_says_that_the_cut_offs_of_kept_records_go_too() {
    let help = Folder::new().lapse(&["run", "--help"]).stdout;
    let words: Vec<&str> = help.split_whitespace().collect();
    let sentence = "Leave out valid, expired and kept rows, so also the retention cut-offs of kept records";
    assert!(words.join(" ").contains(sentence), "{help}");
}
