//! An apply on a PostgreSQL server that is killed at any moment goes on where it stopped. The server may still be at what it was
//! told last when the program is gone.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::killed::{chance, kills};
use super::postgres_server::Server;
use crate::program::{Folder, Ran, program, root};

/// The sample consortium in a database of its own.
struct OnServer {
    folder: Folder,
    url: String,
    name: String,
}

impl OnServer {
    fn of_sample() -> OnServer {
        let name = Server::get().database();
        let state = OnServer { folder: Folder::new(), url: Server::get().url(&name), name };
        state.succeeds(&["register", "init", "--from", root().join("examples/data").to_str().unwrap(), &state.url], 0);
        let plan = ["plan", "--data", &state.url, "--date", "2022-07-01", "--out", "july.plan"];
        state.succeeds(&plan, 3);
        state
    }

    /// The program with these words, and the policies that we ship where it takes some.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.folder.path()).args(words);
        if matches!(words[0], "plan" | "apply") {
            command.arg("--policies").arg(root().join("policies"));
        }
        command
    }

    fn succeeds(&self, words: &[&str], code: i32) {
        let ran = Ran::from(&self.command(words).output().unwrap());
        assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
    }

    fn apply(&self) -> Command {
        self.command(&["apply", "july.plan", "--data", &self.url, "--batch", "12"])
    }

    /// The rows of a query, each as one text, sorted.
    fn rows(&self, sql: &str) -> Vec<String> {
        let mut client = Server::get().client(&self.name);
        let mut rows: Vec<String> = client
            .query(&format!("select t::text from ({sql}) as t"), &[])
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        rows.sort();
        rows
    }

    /// The four tables, what was taken out of them, and what the log says was done, but for moments and keys.
    fn state(&self) -> Vec<Vec<String>> {
        [
            "select * from patrons",
            "select * from memberships",
            "select * from activity",
            "select * from accounts",
            "select entry, patron_id, library, part, content from lapse_archive",
            "select entry, patron_id, library, part, content from lapse_trash",
            "select entry, patron_id, library, kind from lapse_before",
            "select entry, content::json->>'action' as action, content::json->>'outcome' as outcome from lapse_log",
        ]
        .map(|sql| self.rows(sql))
        .to_vec()
    }

    fn log_is_whole(&self) {
        self.succeeds(&["log", "verify", "--data", &self.url], 0);
    }
}

#[test]
fn an_apply_on_a_server_that_is_killed_goes_on_where_it_stopped() {
    let undisturbed = OnServer::of_sample();
    let start = Instant::now();
    assert!(undisturbed.apply().output().unwrap().status.success());
    let whole = start.elapsed();
    let expected = undisturbed.state();

    let (mut seed, mut killed, mut rounds) = (2022, 0, 0);
    while killed < kills() {
        rounds += 1;
        assert!(rounds <= 10 * kills(), "an apply is too fast to be killed");
        let state = OnServer::of_sample();
        loop {
            let mut apply = state.apply().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let wait = Duration::from_micros(chance(&mut seed) % u64::try_from(whole.as_micros()).unwrap());
            std::thread::sleep(wait);
            if killed < kills() && apply.try_wait().unwrap().is_none() {
                apply.kill().unwrap();
                apply.wait().unwrap();
                killed += 1;
                state.log_is_whole();
                continue;
            }
            let ended = apply.wait_with_output().unwrap();
            let told = String::from_utf8_lossy(&ended.stderr);
            // The one that was killed last may have been done.
            let is_done = ended.status.code() == Some(0) || told.contains("nothing is left to do of it");
            assert!(is_done, "{:?}: {told}", ended.status);
            break;
        }
        assert!(state.state() == expected, "an action was done twice, or not at all");
        state.log_is_whole();
    }
}
