//! What the README shows is what the program does with the files that are there.

use std::fs;

use crate::program::{Folder, program, root};

/// The block of the README that begins with these words.
fn block(start: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    blocks.find_map(|(_, text)| text.starts_with(start).then(|| text.to_owned())).expect(start)
}

#[test]
fn the_policy_of_the_readme_is_an_excerpt_of_ours() {
    let policy = fs::read_to_string(root().join("policies/libraries/waregem.toml")).unwrap();
    for table in block("[library]").trim_end().split("\n\n") {
        assert!(policy.contains(table), "this is not in waregem.toml: {table}");
    }
}

#[test]
fn the_mistake_of_the_readme_is_told_as_it_says() {
    let policies = root().join("policies");
    let folder = Folder::new();
    let copy = |name: &str| folder.write(&format!("policies/{name}"), fs::read(policies.join(name)).unwrap());
    copy("consortium.toml");
    let waregem = fs::read_to_string(policies.join("libraries/waregem.toml")).unwrap();
    folder.write("policies/libraries/waregem.toml", waregem.replacen("category", "catgory", 1));
    assert_eq!(folder.lapse(&["check"]).stdout, block("error: "));
}

#[test]
fn the_patron_of_the_readme_is_explained_as_it_says() {
    let words = ["explain", "P000066", "--data", "examples/data", "--date", "2022-07-01"];
    let output = program().args(words).current_dir(root()).output().unwrap();
    assert_says(&String::from_utf8(output.stdout).unwrap(), &block("Patron "));
}

#[test]
fn the_run_of_the_readme_ends_as_it_says() {
    let folder = Folder::new();
    let words = ["run", "--data", "examples/data", "--date", "2022-07-01", "--out"];
    let output = program().args(words).arg(folder.path().join("out")).current_dir(root()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_says(&String::from_utf8(output.stderr).unwrap(), &block("Eengemaakt "));
}

/// Makes sure that a text has the parts of a block of the README in their order; `...` stands for what is left out.
fn assert_says(text: &str, block: &str) {
    let mut rest = text;
    for part in block.split("...\n") {
        let at = rest.find(part).unwrap_or_else(|| panic!("this does not come next: {part}in: {text}"));
        rest = &rest[at + part.len()..];
    }
}
