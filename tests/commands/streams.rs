//! Results go to standard output and everything else to standard error; colour appears only where it is wanted. A reader
//! that stops reading is a success, and a result that cannot be written is a failure.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::{PEER, two_towns, with_data};
use crate::able::cannot_run;
use crate::program::{Folder, Ran, program};

const RUN: &[&str] = &["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];
const SHOW: &[&str] = &["show", "peer", "--date", "2022-07-01"];
const EXPLAIN: &[&str] = &["explain", "P1", "--data", "data", "--date", "2022-07-01"];

/// Commands that print text as their result, each with a folder in which it has something to print.
fn with_results() -> Vec<(Folder, &'static [&'static str])> {
    let warned = two_towns();
    warned.write("policies/groups/empty.toml", "[group]\ncode = \"empty\"\nkind = 2\n");
    vec![
        (with_data(), SHOW),
        (with_data(), EXPLAIN),
        (warned, &["check"]),
        (Folder::new(), &["completions", "zsh"]),
        (Folder::new(), &["man"]),
    ]
}

/// The program in `folder`, with colour as the environment of a user has it.
fn plain(folder: &Folder) -> Command {
    let mut command = program();
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.current_dir(folder.path());
    command
}

fn has_colour(ran: &Ran) -> bool {
    (ran.stdout.clone() + &ran.stderr).contains('\u{1b}')
}

#[test]
fn warnings_and_summaries_go_to_standard_error() {
    let ran = with_data().lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("Two towns, run of 2022-07-01: 3 patrons"), "{}", ran.stderr);
    let folder = two_towns();
    folder.write("policies/groups/empty.toml", "[group]\ncode = \"empty\"\nkind = 2\n");
    let ran = folder.lapse(&["show", "peer", "--date", "2022-07-15"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("warning: ")).count(), ran.stderr.lines().count());
    assert!(ran.stderr.contains("the policies in policies have 1 warning"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("Bibliotheek Peer"), "{}", ran.stdout);
}

#[test]
fn there_is_no_colour_where_nobody_looks() {
    for (folder, words) in with_results() {
        let ran = Ran::from(&plain(&folder).args(words).output().unwrap());
        assert!(!has_colour(&ran), "{words:?}");
    }
    let folder = with_data();
    assert!(!has_colour(&Ran::from(&plain(&folder).args(RUN).output().unwrap())));
    assert!(!has_colour(&Ran::from(&plain(&folder).args(["show", "nobody"]).output().unwrap())));
}

#[test]
fn no_color_is_heeded_even_where_colour_is_forced() {
    for words in [SHOW, EXPLAIN, RUN] {
        let folder = with_data();
        let forced = Ran::from(&plain(&folder).args(words).env("CLICOLOR_FORCE", "1").output().unwrap());
        assert!(has_colour(&forced), "there would be colour: {words:?}");
        let without =
            Ran::from(&plain(&folder).args(words).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap());
        assert!(!has_colour(&without), "{words:?}");
    }
}

#[test]
fn a_reader_that_is_gone_is_a_success() {
    for (folder, words) in with_results() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(words).current_dir(folder.path()).stdout(writer).output().unwrap();
        let ran = Ran::from(&output);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("error") && !ran.stderr.contains("panic"), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn a_reader_that_goes_after_the_first_line_is_a_success() {
    let folder = two_towns();
    // This is more than a pipe holds, so the program is still writing when the reader stops.
    let many: String = (0..1000)
        .map(|number| {
            PEER[PEER.find("[sub").unwrap()..]
                .replace(".youth", &format!(".y{number}"))
                .replace(".adult", &format!(".a{number}"))
        })
        .collect();
    folder.write("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n\n".to_owned() + &many);
    let mut child = program().args(SHOW).current_dir(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::with_capacity(64, child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "peer (peer), as it stands on 2022-07-01");
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return cannot_run("there is no /dev/full");
    };
    for (folder, words) in with_results() {
        let full = full.try_clone().unwrap();
        let ran = Ran::from(&program().args(words).current_dir(folder.path()).stdout(full).output().unwrap());
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("error: the result cannot be written to standard output"), "{}", ran.stderr);
    }
}
