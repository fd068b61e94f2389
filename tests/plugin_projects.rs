//! `lapse plugin check` and `lapse plugin new`, as those who write plugins use them.

use std::path::Path;
use std::process::Command;

use crate::able::output_of;
use crate::plugin_files::{c_plugin, library, rust_plugin};
use crate::program::{Folder, Ran, root};

fn check(folder: &Folder, file: &Path, words: &[&str]) -> Ran {
    let file = file.to_str().expect("a path in UTF-8");
    folder.lapse(&[&["plugin", "check", file], words].concat())
}

#[test]
fn the_example_plugins_pass() {
    let folder = Folder::new();
    let deceased = c_plugin("examples/plugins/deceased/deceased.c", "NDEBUG");
    let open_requests = ["--column", "accounts.open_requests", "--config", r#"{"column":"accounts.open_requests"}"#];
    for (file, words) in [
        (rust_plugin("summer_grace"), &[][..]),
        (rust_plugin("keep_column"), &open_requests),
        (deceased, &["--column", "patrons.deceased_on"]),
    ] {
        let ran = check(&folder, &file, words);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        for step in ["no patrons", "10,000 patrons", "the same batch twice", "calls from four threads"] {
            assert!(ran.stdout.contains(&format!("passed  {step}")), "{step:?} is not in: {}", ran.stdout);
        }
    }
}

#[test]
fn what_a_plugin_does_wrong_is_told_at_the_step_that_shows_it() {
    let folder = Folder::new();
    for (define, told) in [
        ("FINE", "failed  refuses a config with a key that it cannot know"),
        ("NO_ENTRY", "failed  loads and describes itself: the library does not export `lapse_plugin_entry`"),
        ("CREATE_EXITS", "failed  makes an instance from its config: it exited with code 0"),
        ("SEGFAULT", "failed  no patrons: it crashed (segmentation fault)"),
        ("UNKNOWN_OPINION", "failed  one patron: the plugin misbehaves gave the opinion number 9"),
        ("OVERRUNS_RECORDS", "failed  no patrons: the plugin misbehaves wrote outside of the room for its verdicts"),
        ("FICKLE", "failed  the same batch twice gives the same verdicts: the verdicts are not the same as before"),
        ("RACES", "failed  calls from four threads give the same verdicts: "),
        ("LOAD_EXITS", "failed  loads and describes itself: it exited with code 0"),
        ("DESTROY_SEGFAULTS", "it crashed (segmentation fault)"),
    ] {
        let ran = check(&folder, &c_plugin("tests/plugins/misbehaves.c", define), &[]);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(told), "{told:?} is not in: {}", ran.stdout);
    }
    let loops = c_plugin("tests/plugins/misbehaves.c", "LOOPS");
    let ran = check(&folder, &loops, &["--timeout", "1"]);
    assert!(ran.stdout.contains("failed  no patrons: it did not answer within 1 second"), "{}", ran.stdout);
    let ran = check(&folder, Path::new("nowhere.so"), &[]);
    assert_eq!(ran.code, 2);
}

#[test]
fn a_new_plugin_in_c_builds_and_passes_its_test_and_the_check() {
    let folder = Folder::new();
    let ran = folder.lapse(&["plugin", "new", "staff-stays", "--lang", "c"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut command = Command::new("make");
    command.arg("test").arg("libstaff_stays.so").current_dir(folder.path().join("staff-stays"));
    let Some(made) = output_of(&mut command) else { return };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let ran = check(&folder, &folder.path().join("staff-stays/libstaff_stays.so"), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_new_plugin_in_rust_builds_without_a_network_and_passes_its_test_and_the_check() {
    let folder = Folder::new();
    let ran = folder.lapse(&["plugin", "new", "staff-stays"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let project = folder.path().join("staff-stays");
    for words in [&["test", "--quiet", "--offline"][..], &["build", "--quiet", "--offline"]] {
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(words)
            .env("CARGO_TARGET_DIR", project.join("target"))
            .current_dir(&project)
            .output()
            .expect("cargo runs");
        let told = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success() && !told.contains("warning"), "{told}");
    }
    let ran = check(&folder, &project.join("target/debug").join(library("staff_stays")), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_new_plugin_in_rust_may_use_an_sdk_that_lies_elsewhere() {
    let folder = Folder::new();
    let sdk = root().join("crates/lapse-plugin");
    let sdk = sdk.to_str().expect("a path in UTF-8");
    assert_eq!(folder.lapse(&["plugin", "new", "staff-stays", "--sdk", sdk]).code, 0);
    assert!(folder.read("staff-stays/Cargo.toml").contains(&format!("lapse-plugin = {{ path = \"{sdk}\" }}")));
    assert!(!folder.names("staff-stays").contains(&"lapse-plugin".to_owned()));
}

#[test]
fn a_new_plugin_does_not_write_over_anything() {
    let folder = Folder::with(&[("staff-stays/notes", "mine")]);
    let ran = folder.lapse(&["plugin", "new", "staff-stays"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("is there already"), "{}", ran.stderr);
    assert_eq!(folder.names("staff-stays"), ["notes"]);
}
