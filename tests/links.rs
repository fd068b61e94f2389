//! Every reference finds its target: the links of every page, and the sections of the contract that comments name, such as
//! "domain.md, stage 2" or "policy.md, rule 3".

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::root;

/// The pages of docs/spec that comments name without their folder.
const SPEC: [&str; 4] = ["domain.md", "policy.md", "interface.md", "plugins.md"];

/// Every file of the repository with one of these endings, as a path from the root.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
            let ignored = name.starts_with('.') || ["target", "out", "node_modules"].contains(&name.as_str());
            if entry.file_type().unwrap().is_dir() && !ignored {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                files.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

fn read(file: &Path) -> String {
    let path = root().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The prose of a page: without its blocks of code.
fn prose(page: &str) -> String {
    page.split("\n```").step_by(2).collect()
}

/// The headings of a page.
fn headings(page: &str) -> Vec<String> {
    let prose = prose(page);
    let titles = prose.lines().filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')));
    titles.map(|title| title.trim().to_owned()).collect()
}

/// What GitHub calls a heading in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The targets of the links in a page.
fn targets(page: &str) -> Vec<String> {
    let prose = prose(page);
    let ends = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.to_owned()).collect()
}

/// Says what is wrong with a link, if anything.
fn broken(file: &Path, target: &str) -> Option<String> {
    if target.starts_with("http") || target.starts_with("mailto:") {
        return None;
    }
    let (path, section) = target.split_once('#').unwrap_or((target, ""));
    let page = if path.is_empty() { file.to_owned() } else { file.parent().unwrap().join(path) };
    if !root().join(&page).exists() {
        return Some(format!("{}: there is no {target}", file.display()));
    }
    let found = section.is_empty() || headings(&read(&page)).iter().any(|heading| anchor(heading) == section);
    (!found).then(|| format!("{}: {target} names no heading", file.display()))
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let pages = files(&[".md"]);
    assert!(pages.len() > 20, "{pages:?}");
    let links = pages.iter().flat_map(|page| targets(&read(page)).into_iter().map(move |target| (page, target)));
    let links: Vec<_> = links.collect();
    assert!(links.len() > 60, "{}", links.len());
    let broken: Vec<_> = links.iter().filter_map(|(page, target)| broken(page, target)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The references to the contract in a text: the page, and what follows its name.
fn references(text: &str) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    for page in SPEC {
        for (at, _) in text.match_indices(page) {
            let before = text[..at].chars().next_back();
            // `docs/plugins.md` and `[plugins.md](plugins.md)` are links or paths, and another page.
            if !before.is_some_and(|letter| letter.is_alphanumeric() || "/-_.([\"".contains(letter))
                || before == Some('(')
            {
                found.push((page, &text[at + page.len()..]));
            }
        }
    }
    found
}

/// Says what is wrong with a reference, if anything: its page has no such section.
fn unknown_section(page: &str, after: &str) -> Option<String> {
    let text = read(&Path::new("docs/spec").join(page));
    let titles = headings(&text);
    let after = after.strip_prefix(',').unwrap_or(after).trim_start();
    let number = |words: &str| words.chars().take_while(char::is_ascii_digit).collect::<String>();
    let (wanted, there) = if let Some(quoted) = after.strip_prefix('"') {
        let section = quoted.split('"').next().unwrap();
        (section.to_owned(), titles.iter().any(|title| title == section))
    } else if let Some(stage) = after.strip_prefix("stage ") {
        let section = format!("Stage {}", number(stage));
        (section.clone(), titles.iter().any(|title| title.starts_with(&section)))
    } else if let Some(rules) = after.strip_prefix("rule").map(|rest| rest.trim_start_matches('s').trim_start()) {
        let rule = number(rules);
        let listed = text
            .lines()
            .any(|line| line.starts_with(&format!("{rule}. ")) || line.starts_with(&format!("| {rule} | ")));
        (format!("rule {rule}"), listed)
    } else {
        return None;
    };
    (!there).then(|| format!("{page} has no {wanted}"))
}

#[test]
fn every_reference_to_the_contract_finds_its_section() {
    let (mut seen, mut broken) = (0, Vec::new());
    for file in files(&[".rs", ".toml", ".py", ".sql", ".h", ".c", ".sh", ".snap"]) {
        // A reference may be broken over two lines of a comment.
        let text = read(&file).replace("\n//! ", " ").replace("\n/// ", " ").replace("\n// ", " ");
        for (page, after) in references(&text) {
            seen += 1;
            broken.extend(unknown_section(page, after).map(|what| format!("{}: {what}", file.display())));
        }
    }
    assert!(seen > 40, "only {seen} references were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_path_that_the_pages_for_programmers_name_is_there() {
    let (mut seen, mut missing) = (0, Vec::new());
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let prose = prose(&read(Path::new(page)));
        for quoted in prose.split('`').skip(1).step_by(2) {
            let is_path = ["crates/", "tests/", "docs/", "benches/"].iter().any(|folder| quoted.starts_with(folder));
            // `messages/*.toml` stands for several files.
            if is_path && !quoted.contains(['*', ' ']) {
                seen += 1;
                missing.extend((!root().join(quoted).exists()).then(|| format!("{page}: there is no {quoted}")));
            }
        }
    }
    assert!(seen > 20, "only {seen} paths were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
