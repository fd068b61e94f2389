//! Plugins that misbehave: each ends the run with exit code 2, writes nothing, and leads to a message that a policy editor
//! understands. None of them takes the program down.

use std::path::Path;

use crate::plugin_files::{c_plugin, rust_plugin, sha256, table};
use crate::program::{Folder, Ran};

const CONSORTIUM: &str = "consortium = { name = \"Two towns\" }\nguards = { max_newest_date_days = 36500 }\n";

/// Three patrons with a membership each.
pub fn folder() -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", CONSORTIUM),
        ("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n"),
        ("data/patrons.csv", "patron_id\nP1\nP2\nP3\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from\nP1,peer,youth,2022-01-01\nP2,peer,youth,2022-01-01\nP3,peer,youth,2022-01-01\n",
        ),
    ])
}

pub fn run(folder: &Folder) -> Ran {
    folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"])
}

/// A run with a plugin that misbehaves in this way.
fn run_with(define: &str, lines: &str) -> (Folder, Ran) {
    let folder = folder();
    let plugin = c_plugin("tests/plugins/misbehaves.c", define);
    with_plugin(folder, &plugin, lines)
}

pub fn with_plugin(folder: Folder, plugin: &Path, lines: &str) -> (Folder, Ran) {
    let table = table(&folder, "odd", plugin, &format!("grants = [\"keep-record\"]\ntimeout_seconds = 5\n{lines}"));
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{table}"));
    let ran = run(&folder);
    (folder, ran)
}

/// Checks that the run ended without output, and that its message has these words.
pub fn refused((folder, ran): &(Folder, Ran), words: &[&str]) {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert_eq!(folder.names("out"), Vec::<String>::new());
    for word in words {
        assert!(ran.stderr.contains(word), "{word:?} is not in: {}", ran.stderr);
    }
}

const BATCH: &str = "on the batch from patron P1 to patron P3";

#[test]
fn a_plugin_that_has_no_opinion_changes_nothing() {
    let without = folder();
    assert_eq!(run(&without).code, 0);
    let (with, ran) = run_with("FINE", "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for table in ["memberships", "records", "profiles"] {
        assert_eq!(with.read(&format!("out/{table}.csv")), without.read(&format!("out/{table}.csv")));
    }
}

#[test]
fn a_plugin_that_crashes_is_named_with_its_batch() {
    refused(&run_with("SEGFAULT", ""), &["the plugin odd crashed (segmentation fault)", BATCH, "nothing was written"]);
    refused(&run_with("ABORTS", ""), &["the plugin odd crashed (abort)", BATCH]);
}

#[test]
fn a_plugin_that_exits_does_not_end_the_program() {
    refused(&run_with("EXITS", ""), &["the plugin odd exited with code 0", BATCH]);
    refused(&run_with("CREATE_EXITS", ""), &["consortium.toml:5", "the plugin odd", "exited with code 0"]);
}

#[test]
fn a_library_that_ends_its_process_while_it_is_loaded_does_not_end_the_program() {
    for (define, how) in [("LOAD_SEGFAULTS", "crashed (segmentation fault)"), ("LOAD_EXITS", "exited with code 0")] {
        let ran = run_with(define, "");
        refused(&ran, &["consortium.toml:5: the plugin odd", how]);
        let checked = ran.0.lapse(&["check", "--plugins"]);
        assert_eq!(checked.code, 1, "{}", checked.stderr);
        assert!(checked.stdout.contains(how), "{}", checked.stdout);
    }
}

#[test]
fn a_plugin_that_does_not_return_is_ended_at_its_time_limit() {
    let folder = folder();
    let plugin = c_plugin("tests/plugins/misbehaves.c", "LOOPS");
    let table = table(&folder, "odd", &plugin, "grants = [\"keep-record\"]\ntimeout_seconds = 1");
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{table}"));
    let ran = run(&folder);
    refused(&(folder, ran), &["the plugin odd did not answer within 1 second", BATCH]);
}

#[test]
fn a_plugin_that_does_not_come_back_from_its_config_is_ended_at_its_time_limit() {
    let folder = folder();
    let plugin = c_plugin("tests/plugins/misbehaves.c", "CREATE_LOOPS");
    let table = table(&folder, "odd", &plugin, "grants = [\"keep-record\"]\ntimeout_seconds = 1");
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{table}"));
    let ran = run(&folder);
    refused(&(folder, ran), &["consortium.toml:5: the plugin odd", "did not answer within 1 second"]);
}

#[test]
fn a_panic_names_the_patron_isolated_or_not() {
    for isolation in ["process", "none"] {
        let ran = with_plugin(folder(), &rust_plugin("panics"), &format!("isolation = \"{isolation}\""));
        refused(&ran, &["the plugin odd failed on patron P2: it panicked", "an unlucky number"]);
    }
}

#[test]
fn a_plugin_that_fails_is_named_with_the_patron_isolated_or_not() {
    for isolation in ["process", "none"] {
        let ran = run_with("FAILS", &format!("isolation = \"{isolation}\""));
        refused(&ran, &["the plugin odd failed on patron P2: this patron is too much"]);
    }
}

#[test]
fn a_verdict_beyond_the_grants_is_refused_isolated_or_not() {
    for isolation in ["process", "none"] {
        let ran = run_with("UNGRANTED", &format!("isolation = \"{isolation}\""));
        refused(&ran, &["the plugin odd deregisters a membership", "`grants` do not have \"deregister\"", "patron P2"]);
    }
}

#[test]
fn a_reason_must_be_declared_and_an_opinion_must_mean_something() {
    refused(&run_with("UNDECLARED", ""), &["the plugin odd gave the reason number 7", "declares only 1", "patron P2"]);
    refused(&run_with("UNKNOWN_OPINION", ""), &["the plugin odd gave the opinion number 9", "patron P2"]);
}

#[test]
fn a_plugin_that_writes_beyond_its_verdicts_is_found_out() {
    for define in ["OVERRUNS_MEMBERSHIPS", "OVERRUNS_RECORDS"] {
        for isolation in ["process", "none"] {
            let ran = run_with(define, &format!("isolation = \"{isolation}\""));
            refused(&ran, &["the plugin odd wrote outside of the room for its verdicts", BATCH]);
        }
    }
    refused(&run_with("OVERRUNS_FAR", ""), &["the plugin odd crashed", BATCH]);
}

#[test]
fn what_is_no_plugin_of_this_version_is_refused_at_its_line_by_run_and_check() {
    for (define, words) in [
        ("NEWER", &["version 2 of the plugin interface", "knows version 1"][..]),
        ("NO_ENTRY", &["does not export `lapse_plugin_entry`"]),
        ("REASON_NOT_UTF_8", &["reason number 2 is not a text in UTF-8"]),
        ("CREATE_REFUSES", &["refuses its config: `months` is missing"]),
    ] {
        for isolation in ["process", "none"] {
            let ran = run_with(define, &format!("isolation = \"{isolation}\""));
            refused(&ran, &["consortium.toml:5: the plugin odd"]);
            refused(&ran, words);
            let checked = ran.0.lapse(&["check", "--plugins"]);
            assert_eq!(checked.code, 1, "{}", checked.stdout);
            for word in words.iter().chain(&["consortium.toml:5:8", "the plugin `odd` cannot be used"]) {
                assert!(checked.stdout.contains(word), "{word:?} is not in: {}", checked.stdout);
            }
        }
    }
    let folder = folder();
    folder.write("text", "not a library at all");
    let text = folder.path().join("text");
    refused(
        &with_plugin(folder, &text, ""),
        &["consortium.toml:5: the plugin odd", "not a shared library for this machine"],
    );
}

#[test]
fn a_config_that_is_refused_is_told_at_its_line() {
    let ran = run_with("CREATE_REFUSES", "config = { month = 7 }");
    refused(&ran, &["consortium.toml:9: the plugin odd"]);
    let checked = ran.0.lapse(&["check", "--plugins"]);
    assert!(checked.stdout.contains("consortium.toml:9:10"), "{}", checked.stdout);
}

#[test]
fn a_file_that_changed_after_the_pin_is_not_loaded() {
    let (folder, ran) = run_with("FINE", "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let path = format!("policies/plugins/{}", crate::plugin_files::library("odd"));
    let mut bytes = std::fs::read(folder.path().join(&path)).unwrap();
    bytes.push(0);
    folder.write(&path, bytes);
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    let found = sha256(&folder.path().join(&path));
    let ran = run(&folder);
    let checked = folder.lapse(&["check", "--plugins"]);
    refused(&(folder, ran), &["consortium.toml:6: the plugin odd", "is not the one that is pinned", &found]);
    assert_eq!(checked.code, 1);
    for word in ["consortium.toml:6:10", "is pinned to another file", &format!("sha256 = \"{found}\"")] {
        assert!(checked.stdout.contains(word), "{word:?} is not in: {}", checked.stdout);
    }
}

#[test]
fn a_plugin_without_pin_is_not_loaded_and_check_prints_the_line_to_paste() {
    let (folder, _) = run_with("CREATE_EXITS", "");
    let consortium = folder.read("policies/consortium.toml");
    let (pin, rest): (Vec<&str>, Vec<&str>) = consortium.lines().partition(|line| line.starts_with("sha256"));
    folder.write("policies/consortium.toml", rest.join("\n"));
    let checked = folder.lapse(&["check", "--plugins"]);
    assert_eq!(checked.code, 1);
    for word in ["the plugin `odd` is not pinned", pin[0], "consortium.toml:5:8"] {
        assert!(checked.stdout.contains(word), "{word:?} is not in: {}", checked.stdout);
    }
    let ran = run(&folder);
    refused(&(folder, ran), &["consortium.toml:5: the plugin odd", "is not pinned"]);
}

#[test]
fn a_file_that_is_not_there_is_told_with_the_folders_that_were_looked_in() {
    let folder = folder();
    folder.write(
        "policies/consortium.toml",
        format!("{CONSORTIUM}[plugins.odd]\nfile = \"nowhere\"\ngrants = [\"keep-record\"]\n"),
    );
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out", "--plugin-dir", "other"]);
    refused(&(folder, ran), &["consortium.toml:4: the plugin odd: there is no file", "policies/plugins or other"]);
}

#[test]
fn what_a_plugin_prints_gets_into_no_result() {
    let (folder, ran) = run_with("PRINTS", "");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("a line on standard output"));
    let explained = folder.lapse(&["explain", "P1", "--data", "data", "--date", "2022-07-01", "--format", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&explained.stdout).is_ok(), "{}", explained.stdout);
}

#[test]
fn a_plugin_in_this_process_is_loaded_once_however_many_files_and_policies_name_it() {
    let folder = folder();
    let plugin = c_plugin("tests/plugins/misbehaves.c", "LOAD_PRINTS");
    let table = table(&folder, "odd", &plugin, "grants = [\"keep-record\"]\nisolation = \"none\"");
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{table}"));
    let peer = folder.read("policies/libraries/peer.toml");
    folder.write("policies/libraries/peer.toml", peer + &table);
    let loads = |ran: &Ran| ran.stderr.matches("a library is loaded\n").count();
    let ran = run(&folder);
    assert_eq!((ran.code, loads(&ran)), (0, 1), "{}", ran.stderr);
    let ran = folder.lapse(&["diff", "policies", "policies", "--data", "data", "--date", "2022-07-01"]);
    assert_eq!((ran.code, loads(&ran)), (0, 1), "{}", ran.stderr);
}

#[test]
fn instances_end_before_the_program_does_isolated_or_not() {
    for isolation in ["process", "none"] {
        let (_, ran) = run_with("DESTROY_PRINTS", &format!("isolation = \"{isolation}\""));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("an instance ends\n").count(), 1, "{isolation}: {}", ran.stderr);
    }
}

#[test]
fn a_crash_while_an_instance_ends_harms_nothing() {
    let (folder, ran) = run_with("DESTROY_SEGFAULTS", "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(folder.names("out").contains(&"summary.json".to_owned()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_plugins_process_ends_with_the_program_however_that_ends() {
    let folder = folder();
    let plugin = c_plugin("tests/plugins/misbehaves.c", "LOOPS");
    let table = table(&folder, "odd", &plugin, "grants = [\"keep-record\"]\ntimeout_seconds = 3600");
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{table}"));
    let mut program = crate::program::program()
        .args(["run", "--data", "data", "--date", "2022-07-01", "--out", "out"])
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    let wait_for = |mut what: Box<dyn FnMut() -> bool>| {
        for _ in 0..3000 {
            if what() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("nothing happened for half a minute");
    };
    let of = program.id();
    let children = move || {
        let tasks = std::fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
        let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    wait_for(Box::new(move || !children().is_empty()));
    let child = children().remove(0);
    program.kill().unwrap();
    program.wait().unwrap();
    let stat = format!("/proc/{child}/stat");
    // A process that has ended but that nobody waited for is a zombie (Z).
    wait_for(Box::new(move || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "))));
}
