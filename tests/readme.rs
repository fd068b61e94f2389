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

#[test]
fn the_way_of_the_readme_from_a_plan_to_an_undo_goes_as_it_says() {
    let folder = Folder::new();
    for name in ["policies", "examples"] {
        std::os::unix::fs::symlink(root().join(name), folder.path().join(name)).unwrap();
    }
    let (mut told, mut codes) = (Vec::new(), Vec::new());
    for line in block("lapse register init").lines() {
        let typed = line.split('#').next().unwrap();
        let words: Vec<&str> = typed.split_whitespace().skip(1).collect();
        let ran = folder.lapse(&words);
        codes.push(ran.code);
        told.push(format!("{}{}", ran.stderr, ran.stdout));
    }
    // The rows of the sample that are wrong on purpose.
    assert_eq!(codes, [0, 3, 0, 0, 0, 0, 0, 0], "{told:?}");
    assert_says(&told[1], &block("Plan of "));
    assert_says(&told[2], &block("P000635  deregister"));
    assert_says(&told[3], &block("Run 1: done: "));
    assert!(
        told[5].contains("put back: 16 archived, 36 deleted, 39 profiles deleted, 98 deregistered, 66 renewed"),
        "{}",
        told[5]
    );
    assert!(told[7].contains("The log is whole"), "{}", told[7]);
}

/// Makes sure that a text has the parts of a block of the README in their order; `...` stands for what is left out.
fn assert_says(text: &str, block: &str) {
    let mut rest = text;
    for part in block.split("...\n") {
        let at = rest.find(part).unwrap_or_else(|| panic!("this does not come next: {part}in: {text}"));
        rest = &rest[at + part.len()..];
    }
}
