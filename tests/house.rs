//! The house stands as ARCHITECTURE.md draws it: dependencies point one way, libraries know no command line and print
//! nothing, no files of a crate need each other in a circle, and every file is small and says what lives in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::root;

/// The crates from the ground up. Each may depend on those of the floors below its own.
const FLOORS: [&[&str]; 8] = [
    &["lapse-policy", "lapse-plugin"],
    &["lapse-engine"],
    &["lapse-tables"],
    &["lapse-host", "lapse-register", "lapse-report"],
    &["lapse-explain"],
    &["lapse-cases", "lapse-sample"],
    &["lapse-change", "lapse-edit"],
    &["lapse"],
];

/// What only the binary knows: the command line, the terminal, signals.
const OF_THE_BINARY: [&str; 7] = ["anstream", "anstyle", "clap", "ctrlc", "indicatif", "nix", "notify"];

/// Printing, or ending the process.
const SPEAKS: [&str; 6] = ["println!", "eprintln!", "print!(", "eprint!(", "process::exit", "dbg!"];

fn crates() -> BTreeMap<String, toml::Table> {
    let folder = root().join("crates");
    let manifests = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("Cargo.toml"));
    let parsed = manifests.map(|path| fs::read_to_string(path).unwrap().parse::<toml::Table>().unwrap());
    parsed.map(|manifest| (manifest["package"]["name"].as_str().unwrap().to_owned(), manifest)).collect()
}

fn dependencies(manifest: &toml::Table) -> impl Iterator<Item = &str> {
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(toml::Table::keys)
        .map(String::as_str)
}

/// The source files of a crate, but for its programs and its tests.
fn sources(of_crate: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join("crates").join(of_crate).join("src")]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                let apart = ["bin", "tests"].iter().any(|name| path.ends_with(name));
                if !apart {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The lines of a file without comments, up to its unit tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn dependencies_point_one_way() {
    let floor = |name: &str| FLOORS.iter().position(|floor| floor.contains(&name));
    for (name, manifest) in crates() {
        let own =
            floor(&name).unwrap_or_else(|| panic!("{name} has no floor: give it one here and in ARCHITECTURE.md"));
        for other in dependencies(&manifest).filter_map(|other| Some((other, floor(other)?))) {
            assert!(other.1 < own, "{name} depends on {}, which is not on a floor below", other.0);
        }
    }
}

#[test]
fn libraries_know_no_command_line_and_print_nothing() {
    for (name, manifest) in crates().into_iter().filter(|(name, _)| name != "lapse") {
        let knows = dependencies(&manifest).find(|other| OF_THE_BINARY.contains(other));
        assert_eq!(knows, None, "{name} is a library; only the binary knows the command line and the terminal");
        for path in sources(&name) {
            let text = fs::read_to_string(&path).unwrap();
            let speaks = code(&text).find(|line| SPEAKS.iter().any(|word| line.contains(word)));
            assert_eq!(speaks, None, "{} prints or ends the process", path.display());
        }
    }
}

#[test]
fn the_binary_is_thin() {
    let lines: usize = sources("lapse").iter().map(|path| fs::read_to_string(path).unwrap().lines().count()).sum();
    assert!(lines < 5_000, "the binary has {lines} lines; what other front ends could use belongs in a library");
}

#[test]
fn every_file_is_small_and_says_what_lives_in_it() {
    for path in crates().keys().flat_map(|name| sources(name)) {
        let text = fs::read_to_string(&path).unwrap();
        // A crate's root may open with its README instead.
        let opens = text.starts_with("//!") || text.starts_with("#![doc");
        assert!(opens, "{} does not open with what lives there", path.display());
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines: which two things is it?", path.display());
    }
}

#[test]
fn no_files_need_each_other_in_a_circle() {
    for name in crates().keys() {
        let circle = Modules::of(name).circle();
        assert_eq!(circle, None, "files of {name} need each other; what they share belongs in a file that both use");
    }
}

/// A module of a crate as its path from the root, which is the empty one.
type Module = Vec<String>;

/// The modules of a crate, and which need which. Only whole paths are followed, `crate::a::b` and `super::b`, to the file
/// that they lead to; what a module exports again leads on to where it comes from.
struct Modules {
    texts: BTreeMap<Module, String>,
    /// Names that a module exports again: where each stands.
    exports: BTreeMap<(Module, String), Module>,
}

impl Modules {
    fn of(name: &str) -> Modules {
        let src = root().join("crates").join(name).join("src");
        let mut texts = BTreeMap::new();
        for path in sources(name) {
            let module = module(path.strip_prefix(&src).unwrap());
            let text = fs::read_to_string(&path).unwrap();
            if module != ["main"] {
                texts.insert(module, code(&text).collect::<Vec<_>>().join("\n"));
            }
        }
        let mut modules = Modules { texts, exports: BTreeMap::new() };
        let all: Vec<Module> = modules.texts.keys().cloned().collect();
        for module in all {
            for path in used(&modules.texts[&module], true) {
                let Some((name, from)) = path.split_last() else { continue };
                if let Some(from) = modules.start(from, &module) {
                    modules.exports.insert((module.clone(), name.clone()), from);
                }
            }
        }
        modules
    }

    /// The module and the rest of a path, from a file of the crate; none for other crates.
    fn start(&self, path: &[String], here: &[String]) -> Option<Module> {
        let mut at = here.to_vec();
        let mut rest = path;
        match path.first().map(String::as_str) {
            Some("crate") => {
                at.clear();
                rest = &rest[1..];
            }
            Some("self") => rest = &rest[1..],
            Some("super") => {}
            // A module that the file itself declares.
            Some(first) if self.texts.contains_key(&[here, &[first.to_owned()]].concat()) => {}
            _ => return None,
        }
        while rest.first().is_some_and(|part| part == "super") {
            at.pop();
            rest = &rest[1..];
        }
        at.extend_from_slice(rest);
        Some(at)
    }

    /// The file in which a path from the root ends.
    fn file(&self, path: &[String], steps: usize) -> Module {
        let mut at = Module::new();
        for (index, part) in path.iter().enumerate() {
            let below = [&at[..], std::slice::from_ref(part)].concat();
            if self.texts.contains_key(&below) {
                at = below;
            } else if let Some(from) = self.exports.get(&(at.clone(), part.clone())).filter(|_| steps < 8) {
                return self.file(&[&from[..], &path[index..]].concat(), steps + 1);
            } else {
                break;
            }
        }
        at
    }

    /// Two files or more that need each other, if there are any.
    fn circle(&self) -> Option<Vec<String>> {
        let mut needs: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
        for (module, text) in &self.texts {
            let files =
                used(text, false).into_iter().filter_map(|path| Some(self.file(&self.start(&path, module)?, 0)));
            // That a child looks at its parent is no circle by itself.
            let others = files.filter(|file| !file.is_empty() && !module.is_empty() && !module.starts_with(file));
            needs.insert(module, others.collect());
        }
        let reached = |from: &Module| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(module) = next.pop() {
                for other in needs.get(&module).into_iter().flatten() {
                    if seen.insert(other.clone()) {
                        next.push(other.clone());
                    }
                }
            }
            seen
        };
        let all: BTreeMap<&Module, BTreeSet<Module>> = needs.keys().map(|&module| (module, reached(module))).collect();
        let with = |module: &Module| -> Vec<String> {
            let both = all.iter().filter(|(other, reach)| reach.contains(module) && all[module].contains(**other));
            both.map(|(other, _)| other.join("::")).collect()
        };
        all.keys().map(|module| with(module)).find(|circle| circle.len() >= 2)
    }
}

/// The path of a module from the path of its file.
fn module(file: &Path) -> Module {
    let mut parts: Module = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

/// The paths of `use` declarations, of those alone that are exported again, or with all other paths in the code.
fn used(text: &str, exported: bool) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut rest = text;
    let mut other = String::new();
    while let Some(at) = find_use(rest) {
        let (before, from) = rest.split_at(at);
        let Some(end) = from.find(';') else { break };
        let line = before.rsplit('\n').next().unwrap_or_default();
        if !exported || line.trim_start().starts_with("pub") {
            let declared: String = from["use ".len()..end].split_whitespace().collect::<Vec<_>>().join(" ");
            flatten("", &declared, &mut paths);
        }
        other.push_str(before);
        rest = &from[end..];
    }
    if !exported {
        other.push_str(rest);
        let ends = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
        let words = other.split(ends).filter(|word| word.starts_with("crate::") || word.starts_with("super::"));
        paths.extend(words.map(|word| word.split("::").map(str::to_owned).collect()));
    }
    paths
}

/// Where the next `use` declaration begins.
fn find_use(text: &str) -> Option<usize> {
    text.match_indices("use ").map(|(at, _)| at).find(|&at| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default().trim();
        line.is_empty() || line == "pub" || (line.starts_with("pub(") && line.ends_with(')'))
    })
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn flatten(prefix: &str, tree: &str, paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = format!("{prefix}{}", tree.split(" as ").next().unwrap_or_default());
        paths.push(path.split("::").map(|part| part.trim().to_owned()).collect());
        return;
    };
    let within = tree[open + 1..].strip_suffix('}').expect("a brace that is opened is closed at the end");
    let prefix = format!("{prefix}{}", &tree[..open]);
    let (mut depth, mut start) = (0, 0);
    for (at, c) in within.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                flatten(&prefix, &within[start..at], paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !within[start..].trim().is_empty() {
        flatten(&prefix, &within[start..], paths);
    }
}

#[test]
fn a_circle_of_any_length_is_found() {
    let text = |text: &str| text.to_owned();
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
    let texts = BTreeMap::from([
        (module("a"), text("use crate::b::B;")),
        (module("b"), text("use super::{c::{C, D}, other::E};")),
        (module("c"), text("fn c() -> crate::a::A {}")),
        (module("other"), text("use crate::a::A;")),
    ]);
    let mut modules = Modules { texts, exports: BTreeMap::new() };
    assert_eq!(modules.circle(), Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned(), "other".to_owned()]));
    modules.texts.insert(module("c"), text("fn c() {}"));
    assert_eq!(modules.circle(), Some(vec!["a".to_owned(), "b".to_owned(), "other".to_owned()]));
    modules.texts.insert(module("b"), text("use super::c::C;"));
    assert_eq!(modules.circle(), None);
    modules.texts.insert(module("c"), text("use super::b::B;"));
    assert_eq!(modules.circle(), Some(vec!["b".to_owned(), "c".to_owned()]));
    modules.texts.insert(module("c"), text("fn c() {}"));
    modules.texts.insert(module("other"), text("use std::fmt;"));
    assert_eq!(modules.circle(), None);
}
