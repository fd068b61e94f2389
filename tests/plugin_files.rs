//! Plugins for the tests: built from their sources, pinned in a policy.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::program::{Folder, root};

/// The libraries of the Rust plugins, built once for all tests.
pub fn rust_plugin(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let dir = BUILT.get_or_init(|| {
        let dir = Path::new(env!("CARGO_BIN_EXE_lapse-under-test")).parent().expect("a program lies in a folder");
        let target = dir.parent().expect("a profile's folder lies in the target folder");
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "-p", "summer-grace", "-p", "keep-column", "-p", "panics"])
            .env("CARGO_TARGET_DIR", target)
            .current_dir(root())
            .status();
        assert!(built.expect("cargo runs").success(), "the plugins are built");
        target.join("debug")
    });
    dir.join(library(name))
}

/// A plugin in C, built into a folder.
pub fn c_plugin(source: &str, define: &str, dir: &Path) -> PathBuf {
    let library = dir.join(library(define));
    let built = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fPIC", "-shared", "-I"])
        .arg(root().join("crates/lapse-plugin/include"))
        .arg(format!("-D{define}"))
        .arg(root().join(source))
        .arg("-o")
        .arg(&library)
        .output()
        .unwrap_or_else(|error| panic!("a C compiler named cc is needed for this test: {error}"));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    library
}

/// The name that this operating system gives to the file of a library.
pub fn library(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The SHA-256 of a file, as hex.
pub fn sha256(path: &Path) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(std::fs::read(path).expect("a plugin can be read")) {
        write!(hex, "{byte:02x}").expect("a String takes any text");
    }
    hex
}

/// Puts a plugin into the policy directory of a folder and gives its table, pinned, with more lines.
pub fn table(folder: &Folder, name: &str, file: &Path, lines: &str) -> String {
    let as_named = library(&name.replace('-', "_"));
    folder.write(&format!("policies/plugins/{as_named}"), std::fs::read(file).expect("a plugin can be read"));
    let stem = name.replace('-', "_");
    format!("\n[plugins.{name}]\nfile = \"{stem}\"\nsha256 = \"{}\"\n{lines}\n", sha256(file))
}
