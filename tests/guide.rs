//! The guide for policy editors, followed to the letter: every file is written, every command run, in their order.

use crate::program::{Folder, root};

/// Where the text of each TOML block of the guide goes: into a new file, to the end of a file, or in place of its head.
const FILES: [(&str, Part); 5] = [
    ("policies/libraries/example.toml", Part::End),
    ("policies/libraries/peer.toml", Part::Whole),
    ("policies/groups/noord.toml", Part::Whole),
    ("policies/libraries/peer.toml", Part::Head),
    ("policies/consortium.toml", Part::End),
];

#[derive(Clone, Copy)]
enum Part {
    Whole,
    End,
    /// Up to the first empty line.
    Head,
}

fn write(folder: &Folder, file: &str, part: Part, text: &str) {
    let whole = match part {
        Part::Whole => text.to_owned(),
        Part::End => format!("{}\n{text}", folder.read(file)),
        Part::Head => format!("{text}\n{}", folder.read(file).split_once("\n\n").expect("more than its head").1),
    };
    folder.write(file, whole);
    for words in [&["check"][..], &["fmt", "--check"]] {
        assert_eq!(folder.lapse(words).code, 0, "{words:?} after the change of {file}");
    }
}

/// Runs a line of the guide as if it were typed, and checks only its exit code.
fn run(folder: &Folder, line: &str) {
    let line = line.split('#').next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        // The folder exists already, and every command runs in it.
        ["mkdir" | "cd", _] => {}
        ["git", ref words @ ..] => drop(folder.git(words)),
        ["lapse", ref words @ ..] => {
            let ran = folder.lapse(words);
            // The made-up patrons have rows that are wrong on purpose; `explain` decides about one patron only.
            let expected = if words[0] != "explain" && words.contains(&"--data") { 3 } else { 0 };
            assert_eq!(ran.code, expected, "{line}: {}{}", ran.stdout, ran.stderr);
        }
        _ => panic!("the guide has a line that this test does not know: {line}"),
    }
}

#[test]
fn the_guide_can_be_followed_to_the_letter() {
    let guide = std::fs::read_to_string(root().join("docs/guide.md")).unwrap();
    let folder = Folder::new();
    let mut files = FILES.into_iter();
    for block in guide.split("```").skip(1).step_by(2) {
        match block.split_once('\n').expect("a line") {
            ("toml", text) => {
                let (file, part) = files.next().expect("a file that this test knows");
                write(&folder, file, part, text);
            }
            (_, lines) => lines.lines().for_each(|line| run(&folder, line)),
        }
    }
    assert!(files.next().is_none(), "the guide has fewer files than this test");
    // At the end the repository passes its own checks, once the boundary cases are written again.
    run(&folder, "lapse cases --all");
    run(&folder, "lapse test");
    // The patron whom it explains is one of those whom its change hits, and the run lists what it says.
    let of_patron = "P000038,membership,example,youth,2021-07-09,valid,active,deregistered,inactive";
    assert!(guide.contains("explain P000038 ") && folder.read("whom.csv").contains(of_patron));
    assert!(["renewed", "deregistered"].iter().all(|outcome| folder.read("july/memberships.csv").contains(outcome)));
    let explained = folder.lapse(&["diff", "main~1:policies", "policies"]).stdout;
    for part in ["library: not in the policy -> in the policy", "36", "enforced: Decision of the general meeting"] {
        assert!(explained.contains(part), "{part} is not in {explained}");
    }
}
