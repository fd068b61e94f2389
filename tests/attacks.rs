//! Plugins that attack the program that loaded them: none gets further than its own process, and each test is named for what
//! got through once.

use std::path::Path;
use std::process::Command;

use crate::misbehaving::{folder, refused, run, with_plugin};
use crate::plugin_files::{c_plugin, table};
use crate::program::{Folder, Ran, root};

const SOURCE: &str = "tests/plugins/attacks.c";

fn attacked(define: &str, lines: &str) -> (Folder, Ran) {
    with_plugin(folder(), &c_plugin(SOURCE, define), lines)
}

#[test]
fn a_constructor_forged_a_reason_with_a_line_break() {
    let (folder, ran) = attacked("FORGES", "");
    let words =
        ["the plugin odd", "its reason `so\\u000aP1,peer,youth,deregistered` is not in lower case with hyphens"];
    refused(&(folder, ran), &words);
}

#[test]
fn a_constructor_forged_memory_beyond_the_last_address() {
    let attacked = attacked("FORGES_ADDRESS", "");
    refused(&attacked, &["the plugin odd", "spoiled the talk between its process and lapse"]);
    assert!(!attacked.1.stderr.contains("panic"), "{}", attacked.1.stderr);
}

#[test]
fn as_many_reasons_as_there_may_be_took_as_long_as_all_pairs_of_them() {
    let began = std::time::Instant::now();
    let (_, ran) = attacked("MANY_REASONS", "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // All pairs would take a minute, and the words alone take a second.
    assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_plugin_had_all_rights_of_the_user() {
    let (folder, ran) = attacked("ESCAPES", "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(folder.path().join("out/memberships.csv").is_file());
}

#[test]
fn a_reply_that_trickled_outlived_its_time_limit() {
    let folder = folder();
    let table = table(&folder, "odd", &c_plugin(SOURCE, "TRICKLES"), "grants = [\"keep-record\"]\ntimeout_seconds = 2");
    let consortium = folder.read("policies/consortium.toml");
    folder.write("policies/consortium.toml", format!("{consortium}{table}"));
    let ran = run(&folder);
    refused(&(folder, ran), &["the plugin odd did not answer within 2 seconds"]);
}

#[test]
fn a_plugin_commanded_the_terminal_with_its_refusal() {
    for isolation in ["process", "none"] {
        let (folder, ran) = attacked("SPEAKS", &format!("isolation = \"{isolation}\""));
        refused(
            &(folder, ran),
            &["failed on the batch from patron P1 to patron P3: \\u001b[2Jall is well\\u000d\\u000alapse: done;"],
        );
    }
}

#[test]
fn a_library_brought_in_others_that_no_pin_covers() {
    let folder = folder();
    let built = |name: &str, options: &[&str]| {
        let path = folder.path().join(name);
        let built = Command::new("cc")
            .args(["-std=c11", "-fPIC", "-shared", "-DFINE", "-I"])
            .arg(root().join("crates/lapse-plugin/include"))
            .arg(root().join("tests/plugins/misbehaves.c"))
            .arg("-o")
            .arg(&path)
            .args(options)
            .status();
        assert!(built.expect("a C compiler is there").success());
        path
    };
    let other = built("libother.so", &[]);
    let linked = built("libodd.so", &["-Wl,--no-as-needed", other.to_str().unwrap()]);
    let searching = built("libsearching.so", &["-Wl,-rpath,$ORIGIN/others"]);
    let renamed = built("librenamed.so", &["-Wl,-soname,${LIB}evil.so"]);
    let expanding = built("libexpanding.so", &["-Wl,--no-as-needed", renamed.to_str().unwrap()]);
    for (library, place) in
        [(&linked, other.to_str().unwrap()), (&searching, "$ORIGIN/others"), (&expanding, "${LIB}evil.so")]
    {
        let copy = Folder::with(&[]);
        for name in
            ["policies/consortium.toml", "policies/libraries/peer.toml", "data/patrons.csv", "data/memberships.csv"]
        {
            copy.write(name, folder.read(name));
        }
        let refused_run = with_plugin(copy, library, "");
        refused(&refused_run, &["has the system load another library from", place, "its pin does not cover"]);
        // Nothing of it is run for that.
        let checked = refused_run.0.lapse(&["check"]);
        assert_eq!(checked.code, 1);
        assert!(checked.stdout.contains(place), "{}", checked.stdout);
    }
}

#[test]
fn check_and_test_ran_the_code_of_a_plugin_that_a_pull_request_brought() {
    let (folder, ran) = with_plugin(folder(), &c_plugin("tests/plugins/misbehaves.c", "LOAD_PRINTS"), "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("a library is loaded"));
    folder.write("cases.toml", "[[case]]\nname = \"any\"\nlibrary = \"peer\"\ndate = 2022-07-01\nexpect = {}\n");
    for (words, code) in [(&["check"][..], 0), (&["test", "cases.toml"], 2), (&["cases", "--all"], 2)] {
        let ran = folder.lapse(words);
        assert_eq!(ran.code, code, "{words:?} {}", ran.stderr);
        assert!(!ran.stderr.contains("a library is loaded"), "{words:?} {}", ran.stderr);
        assert!(ran.stderr.contains("--plugins runs"), "{words:?} {}", ran.stderr);
    }
    assert!(folder.lapse(&["check", "--plugins"]).stderr.contains("a library is loaded"));
}

#[test]
fn plugin_check_says_what_holds_on_this_machine() {
    let folder = folder();
    let plugin = c_plugin(SOURCE, "ESCAPES");
    let ran = folder.lapse(&["plugin", "check", Path::new(&plugin).to_str().unwrap()]);
    for words in ["it reads no files but the system's libraries", "it has no network", "it gets no new rights"] {
        assert!(ran.stdout.contains(&format!("holds   {words}")), "{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("lacks"), "{}", ran.stdout);
}
