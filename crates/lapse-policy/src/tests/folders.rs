//! Policies from folders and from texts by name: what stands in the way of reading them, and that both ways give the same.

use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::load;
use crate::{LoadError, Loaded, Policy};

/// The least that a consortium says.
const NAMED: (&str, &str) = ("consortium.toml", "consortium.name = \"Test\"\n");

/// A policy directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    for (name, text) in files {
        write(&dir, name, text.as_bytes());
    }
    dir
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) {
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The policy of a folder with these files.
fn of_folder(files: &[(&str, &str)]) -> Loaded {
    Policy::load(directory(files).path()).expect("a policy directory that can be read")
}

#[test]
fn without_a_directory_or_its_consortium_there_is_nothing_to_check() {
    let error = Policy::load(Path::new("no/such/directory")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the policy directory `no/such/directory`: there is none");
    let dir = directory(&[("libraries/peer.toml", "library.code = \"peer\"\n")]);
    let error = Policy::load(dir.path()).unwrap_err().to_string();
    assert!(error.starts_with("cannot read the consortium's policy file `"), "{error}");
    assert!(error.ends_with("consortium.toml`: there is none"), "{error}");
}

#[test]
fn a_folder_named_like_a_file_is_an_error() {
    assert_snapshot!(of_folder(&[NAMED, ("groups/noord.toml/x", "")]).diagnostics.render(false), @r#"
    error: cannot read `groups/noord.toml`: it is a directory, not a file
    --> groups/noord.toml
    "#);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_link_to_nowhere_is_no_absent_folder() {
    let dir = directory(&[NAMED]);
    std::os::unix::fs::symlink("nowhere", dir.path().join("libraries")).unwrap();
    let error = Policy::load(dir.path()).unwrap_err().to_string();
    assert!(error.contains("libraries"), "{error}");
}

#[test]
fn texts_are_what_a_folder_with_these_files_is() {
    let consortium = ("consortium.toml", "\u{feff}[consortium]\nname = \"E\"\n[cleanup]\nblocks = [\"genral\"]\n");
    let peer = ("libraries/peer.toml", "[library]\ncode = \"peer\"\ngroup = \"noord\"\n");
    let noord = ("groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 3\n");
    let wrong = ("libraries/a.toml", "[library]\ncod = \"a\"\n");
    let unread = [
        ("peer.toml", ""),
        ("librairies/noord.toml", ""),
        ("Groups/x.toml", ""),
        ("group/x.toml", ""),
        ("groups/noord.tml", ""),
        ("groups/deep/x.toml", "= not read"),
        ("libraries/.peer.toml", "= not read"),
        ("libraries/peer.TOML", ""),
        ("libraries/README.md", ""),
        (".git/config.toml", ""),
    ];
    let with_unread = |files: &[(&'static str, &'static str)]| [files, &unread].concat();
    for files in [
        vec![consortium],
        vec![peer, noord, consortium],
        vec![wrong, consortium, noord, peer],
        with_unread(&[peer, consortium, noord]),
        with_unread(&[wrong, consortium]),
        with_unread(&[consortium]),
    ] {
        let (folder, texts) = (of_folder(&files), load(&files));
        assert_eq!(folder.diagnostics.render(false), texts.diagnostics.render(false));
        let fingerprint = |loaded: &Loaded| loaded.policy.as_ref().map(|policy| policy.fingerprint().to_owned());
        assert_eq!(fingerprint(&folder), fingerprint(&texts));
    }
}

#[test]
fn only_a_policy_from_a_folder_has_a_path() {
    let files = [NAMED];
    let dir = directory(&files);
    assert_eq!(Policy::load(dir.path()).unwrap().policy.unwrap().path(), Some(dir.path()));
    assert_eq!(load(&files).policy.unwrap().path(), None);
}

#[test]
fn texts_need_the_consortiums_and_each_name_once() {
    let error = Policy::from_texts([("libraries/peer.toml", "library.code = \"peer\"\n")]).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the consortium's policy file `consortium.toml`: there is none");
    let error =
        Policy::from_texts([("consortium.toml", ""), ("groups/a.toml", ""), ("groups/a.toml", "")]).unwrap_err();
    assert!(matches!(&error, LoadError::Twice { name } if name == "groups/a.toml"), "{error}");
    assert_eq!(error.to_string(), "two policy files are called `groups/a.toml`; give each file once");
}
