//! Plugins for the tests: built from their sources, pinned in a policy.
//!
//! Each test runs in a process of its own under nextest, so that what is built once for all tests must lie on the disk. A
//! plugin is built into a folder below `target/tmp/plugins` that is named after a hash of everything that it is built
//! from. The first test that needs the plugin builds it behind a lock; all others, and all later runs, find it there.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::program::{Folder, root};

/// The library of a Rust plugin, built together with the other Rust plugins.
pub fn rust_plugin(name: &str) -> PathBuf {
    const PLUGINS: [&str; 3] = ["summer-grace", "keep-column", "panics"];
    const SOURCES: [&str; 6] = [
        "Cargo.lock",
        "Cargo.toml",
        "crates/lapse-plugin",
        "examples/plugins/keep-column",
        "examples/plugins/summer-grace",
        "tests/plugins/panics",
    ];
    let built = built_once("rust", &SOURCES, "", |folder| {
        let program = Path::new(env!("CARGO_BIN_EXE_lapse-under-test"));
        let target = program.ancestors().nth(2).expect("a profile's folder lies in the target folder");
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet"])
            .args(PLUGINS.iter().flat_map(|plugin| ["-p", plugin]))
            .env("CARGO_TARGET_DIR", target)
            .current_dir(root())
            .status();
        assert!(built.expect("cargo runs").success(), "the plugins are built");
        for plugin in PLUGINS {
            let library = library(&plugin.replace('-', "_"));
            fs::copy(target.join("debug").join(&library), folder.join(&library)).expect("a plugin can be copied");
        }
    });
    built.join(library(name))
}

/// The library of a plugin in C, from a source in which `define` is defined.
pub fn c_plugin(source: &str, define: &str) -> PathBuf {
    let built = built_once(&define.to_lowercase(), &[source, "crates/lapse-plugin/include"], define, |folder| {
        let built = Command::new("cc")
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fPIC", "-shared", "-I"])
            .arg(root().join("crates/lapse-plugin/include"))
            .arg(format!("-D{define}"))
            .arg(root().join(source))
            .arg("-o")
            .arg(folder.join(library(define)))
            .output()
            .unwrap_or_else(|error| panic!("a C compiler named cc is needed for this test: {error}"));
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    });
    built.join(library(define))
}

/// The folder into which `build` has built from these files, folders and options, in this run or in an earlier one.
fn built_once(name: &str, sources: &[&str], options: &str, build: impl FnOnce(&Path)) -> PathBuf {
    let plugins = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins");
    let mut hash = Sha256::new();
    hash.update(options);
    // A change in how plugins are built builds them anew.
    hash.update(include_str!("plugin_files.rs"));
    for source in sources {
        add(&mut hash, &root().join(source));
    }
    let folder = plugins.join(format!("{name}-{}", &hex(&hash.finalize())[..16]));
    if folder.is_dir() {
        return folder;
    }
    fs::create_dir_all(&plugins).expect("a folder can be made");
    let lock = File::create(plugins.join(format!("{name}.lock"))).expect("a file can be made");
    lock.lock().expect("a file can be locked");
    // Another test may have built it while this one waited for the lock.
    if !folder.is_dir() {
        let unfinished = plugins.join(format!("{name}-unfinished"));
        let _ = fs::remove_dir_all(&unfinished);
        fs::create_dir_all(&unfinished).expect("a folder can be made");
        build(&unfinished);
        // The folder is there as a whole or not at all.
        fs::rename(&unfinished, &folder).expect("a folder can be renamed");
    }
    folder
}

/// Adds the path and the bytes of a file, or of every file in a folder, to a hash.
fn add(hash: &mut Sha256, path: &Path) {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a folder can be read");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in &paths {
            add(hash, path);
        }
    } else {
        let bytes = fs::read(path).expect("a file can be read");
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(bytes.len().to_le_bytes());
        hash.update(&bytes);
    }
}

/// The name that this operating system gives to the file of a library.
pub fn library(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The SHA-256 of a file, as hex.
pub fn sha256(path: &Path) -> String {
    hex(&Sha256::digest(fs::read(path).expect("a plugin can be read")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes any text");
        hex
    })
}

/// Puts a plugin into the policy directory of a folder and gives its table, pinned, with more lines.
pub fn table(folder: &Folder, name: &str, file: &Path, lines: &str) -> String {
    let as_named = library(&name.replace('-', "_"));
    folder.write(&format!("policies/plugins/{as_named}"), fs::read(file).expect("a plugin can be read"));
    let stem = name.replace('-', "_");
    format!("\n[plugins.{name}]\nfile = \"{stem}\"\nsha256 = \"{}\"\n{lines}\n", sha256(file))
}
