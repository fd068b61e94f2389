//! `lapse init`: what it writes is valid, in canonical layout and explained, and it touches no file that exists.

use crate::program::Folder;

#[test]
fn a_new_repository_passes_its_own_checks() {
    let folder = Folder::new();
    let ran = folder.lapse(&["init", "ours"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let check = folder.lapse(&["check", "--policies", "ours/policies", "--format", "json"]);
    assert_eq!(check.code, 0, "{}", check.stdout);
    assert!(check.stdout.contains("\"warnings\": 0"), "{}", check.stdout);
    let fmt = folder.lapse(&["fmt", "--check", "ours/policies"]);
    assert_eq!((fmt.code, fmt.stdout.as_str()), (0, ""), "{}", fmt.stderr);
    assert!(fmt.stderr.contains("4 files"), "the cases are among them: {}", fmt.stderr);
    assert_eq!(folder.names("ours/schemas"), ["consortium.json", "group.json", "library.json"]);
    assert_eq!(
        folder.names("ours"),
        [".github", ".gitignore", ".gitlab-ci.yml", ".taplo.toml", "README.md", "policies", "schemas", "tests"]
    );
}

#[test]
fn what_comes_next_names_the_folder_unless_one_is_in_it() {
    for (dir, ready, next) in [
        ("ours", "ours is ready\n", "\nNext: read ours/README.md, then `cd ours` and `lapse check`.\n"),
        (".", "This folder is ready\n", "\nNext: read ./README.md, then `lapse check`.\n"),
    ] {
        let ran = Folder::new().lapse(&["init", dir]);
        assert!(ran.stderr.starts_with(ready) && ran.stderr.ends_with(next), "{}", ran.stderr);
    }
}

#[test]
fn the_consortiums_file_explains_every_key_that_it_may_have() {
    let folder = Folder::new();
    assert_eq!(folder.lapse(&["init", "."]).code, 0);
    let text = folder.read("policies/consortium.toml");
    for spec in lapse_policy::schema::KEYS {
        let explained = text.contains(&format!("{} = ", spec.name)) && text.contains(&spec.about[1..]);
        let ours = spec.layers.contains(&lapse_policy::Layer::Consortium);
        let within = lapse_policy::schema::Table::WITHIN.contains(&spec.table);
        assert!(explained || !ours || within, "{}", spec.name);
    }
}

#[test]
fn the_examples_that_are_comments_are_valid_without_the_marks() {
    let folder = Folder::new();
    assert_eq!(folder.lapse(&["init", "."]).code, 0);
    let text = folder.read("policies/consortium.toml");
    let mut lines = Vec::new();
    let mut in_example = false;
    for line in text.lines() {
        // A plugin needs a file, which a new repository does not have.
        let starts = line.starts_with("# [") && !line.starts_with("# [plugins.");
        in_example = starts || (in_example && line.starts_with("# "));
        lines.push(if in_example { &line[2..] } else { line });
    }
    folder.write("policies/consortium.toml", lines.join("\n"));
    let check = folder.lapse(&["check"]);
    assert_eq!(check.code, 0, "{}", check.stdout);
    let show = folder.lapse(&["show", "example", "interlibrary", "--date", "2022-07-01"]);
    assert!(show.stdout.contains("administrative"), "{}", show.stdout);
}

#[test]
fn a_directory_with_something_in_it_is_refused() {
    let folder = Folder::with(&[("ours/notes.txt", "mine")]);
    let ran = folder.lapse(&["init", "ours"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("notes.txt"), "{}", ran.stderr);
    assert_eq!(folder.names("ours"), ["notes.txt"]);
}

#[test]
fn a_fresh_git_repository_is_free_enough() {
    let folder = Folder::with(&[("ours/.git/HEAD", "ref: refs/heads/main\n")]);
    assert_eq!(folder.lapse(&["init", "ours"]).code, 0);
}
