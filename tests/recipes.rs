//! The CI recipes of `examples/ci`: every step, taken from the recipe itself, runs in a scratch Git repository that
//! `lapse init` made. Only what reaches out of the machine has a stand-in, which notes how it was called.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use saphyr::{LoadableYamlNode, YamlOwned};

use crate::program::{Folder, Ran, root};

/// A step of a recipe.
struct Step {
    script: String,
    env: Vec<(String, String)>,
}

/// The steps of a recipe, in their order.
type Recipe = fn() -> Vec<Step>;

const RECIPES: [Recipe; 2] = [github, gitlab];

const AMENDMENT: &str = r#"
[[amendment]]
from = 2025-01-01
reason = "Council decision of 10 December 2024"
subscriptions.youth = { lapse_months = 36 }
"#;
const LIBRARY: &str = "work/policies/libraries/example.toml";

fn parsed(recipe: &str) -> YamlOwned {
    let text = fs::read_to_string(root().join("examples/ci").join(recipe)).unwrap();
    YamlOwned::load_from_str(&text).unwrap_or_else(|error| panic!("{recipe}: {error}")).remove(0)
}

fn github() -> Vec<Step> {
    let recipe = parsed("github/policies.yml");
    let steps = recipe["jobs"]["policies"]["steps"].as_sequence().expect("steps");
    let runs = steps.iter().filter_map(|step| Some((step, step.as_mapping_get("run")?)));
    let step = |(step, run): (&YamlOwned, &YamlOwned)| {
        let env = step.as_mapping_get("env").and_then(YamlOwned::as_mapping).into_iter().flatten();
        Step {
            script: evaluated(text(run)),
            env: env
                .map(|(name, value)| (text(name).to_owned(), evaluated(text(value))))
                .chain([("GITHUB_STEP_SUMMARY".to_owned(), "summary.md".to_owned())])
                .collect(),
        }
    };
    runs.map(step).collect()
}

/// A text of a recipe with the expressions of GitHub as they are for a change.
fn evaluated(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(start) = text.find("${{") {
        let end = start + text[start..].find("}}").expect("an expression ends") + 2;
        let value = match text[start + 3..end - 2].trim() {
            "vars.LAPSE_GIT" => "https://example.org/lapse.git",
            "github.base_ref" => "main",
            "github.event.number" => "7",
            "github.token" => "secret",
            unknown => panic!("a recipe uses `{unknown}`; say here what it stands for"),
        };
        text.replace_range(start..end, value);
    }
    text
}

fn gitlab() -> Vec<Step> {
    let recipe = parsed("gitlab/.gitlab-ci.yml");
    let before = &recipe["default"]["before_script"];
    let jobs = recipe.as_mapping().expect("jobs").iter().filter_map(|(_, job)| job.as_mapping_get("script"));
    let lines = jobs.flat_map(|script| [before, script]).flat_map(|lines| lines.as_sequence().expect("lines"));
    let env = [
        ("LAPSE_GIT", "https://example.org/lapse.git"),
        ("LAPSE_COMMENT_TOKEN", "secret"),
        ("CI_API_V4_URL", "https://example.org/api/v4"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "7"),
        // GitLab gives the commit itself.
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "origin/main"),
    ];
    let step = |line| Step {
        script: text(line).to_owned(),
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    lines.map(step).collect()
}

fn text(value: &YamlOwned) -> &str {
    value.as_str().expect("a text")
}

/// A repository that `lapse init` made, in `origin`, and a clone of it for a change, in `work`.
fn repository() -> Folder {
    let folder = Folder::new();
    assert_eq!(folder.lapse(&["init", "origin"]).code, 0);
    for words in [
        &["init", "--quiet", "--initial-branch", "main", "origin"][..],
        &["-C", "origin", "add", "."],
        &["-C", "origin", "commit", "--quiet", "-m", "Begin"],
        &["clone", "--quiet", "origin", "work"],
        &["-C", "work", "checkout", "--quiet", "-b", "change"],
    ] {
        folder.git(words);
    }
    fs::create_dir(folder.path().join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_lapse-under-test"), folder.path().join("bin/lapse")).unwrap();
    for name in ["cargo", "gh", "curl"] {
        folder.write(&format!("bin/{name}"), format!("#!/bin/sh\necho {name} \"$@\" >> ../calls\n"));
        let path = folder.path().join("bin").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// Runs the steps in `work` until one fails, and gives it with what it said.
fn first_failure(folder: &Folder, steps: Vec<Step>) -> Option<(String, Ran)> {
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    steps.into_iter().find_map(|Step { script, env }| {
        let output = Command::new("sh")
            .args(["-e", "-c", &script])
            .current_dir(folder.path().join("work"))
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .envs(env)
            .output()
            .unwrap();
        let ran = Ran::from(&output);
        (ran.code != 0).then_some((script, ran))
    })
}

fn assert_passes(folder: &Folder, steps: Vec<Step>) {
    if let Some((script, ran)) = first_failure(folder, steps) {
        panic!("{script} ended with {}:\n{}{}", ran.code, ran.stdout, ran.stderr);
    }
}

/// Does what a policy editor does before a commit.
fn write_cases(folder: &Folder) {
    let ran = folder.lapse(&["cases", "--all", "--policies", "work/policies"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn a_new_repository_passes_its_own_ci_at_once() {
    for recipe in RECIPES {
        let folder = repository();
        assert_passes(&folder, recipe());
        assert!(folder.read("work/changes.md").contains("Nothing:"));
    }
}

#[test]
fn a_change_with_its_cases_passes_and_is_told_in_a_comment() {
    for recipe in RECIPES {
        let folder = repository();
        folder.write(LIBRARY, folder.read(LIBRARY) + AMENDMENT);
        write_cases(&folder);
        folder.git(&["-C", "work", "commit", "--quiet", "--all", "-m", "Youth lapses after three years"]);
        assert_passes(&folder, recipe());
        let changes = folder.read("work/changes.md");
        assert!(changes.contains("| lapse\\_months | example youth | 24 | 36 | from 2025-01-01 on |"), "{changes}");
        assert!(changes.contains("- A patron with youth at Example library, last active on "), "{changes}");
        assert!(folder.read("work/test-results.xml").contains("example.boundary.toml"));
        assert_eq!(folder.git(&["-C", "work", "diff", "--stat"]), "", "no step changes a file of the repository");
    }
}

#[test]
fn the_comparison_becomes_a_comment_on_github_and_stands_on_the_page_of_the_run() {
    let folder = repository();
    assert_passes(&folder, github());
    let calls = "cargo install --locked --git https://example.org/lapse.git lapse\n\
                 gh pr comment 7 --edit-last --create-if-none --body-file changes.md\n";
    assert_eq!(folder.read("calls"), calls);
    assert_eq!(folder.read("work/summary.md"), folder.read("work/changes.md"));
}

#[test]
fn the_comparison_becomes_a_note_on_gitlab_and_nothing_is_installed_twice() {
    let folder = repository();
    assert_passes(&folder, gitlab());
    let calls = folder.read("calls");
    assert!(calls.starts_with("curl --fail ") && calls.contains(" --data-urlencode body@changes.md "), "{calls}");
    assert!(calls.ends_with(" https://example.org/api/v4/projects/3/merge_requests/7/notes\n"), "{calls}");
    assert_eq!(calls.lines().count(), 1, "{calls}");
}

#[test]
fn each_step_stops_what_it_is_there_for() {
    for recipe in RECIPES {
        for (change, step) in [
            (AMENDMENT.replace("lapse_months", "lapse_month"), "lapse check"),
            (AMENDMENT.replace(" = ", "="), "lapse fmt --check"),
            ("\n[cleanup]\nended_months = 12\n".to_owned(), "lapse test --junit test-results.xml --min-coverage 50"),
            (AMENDMENT.to_owned(), "lapse cases --all --check"),
        ] {
            let folder = repository();
            folder.write(LIBRARY, folder.read(LIBRARY) + &change);
            let (script, ran) = first_failure(&folder, recipe()).expect("a step that fails");
            assert_eq!((script.as_str(), ran.code), (step, 1), "{change}{}{}", ran.stdout, ran.stderr);
        }
    }
}
