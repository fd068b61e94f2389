//! An apply that is killed at any moment goes on where it stopped: nothing is lost, nothing is done twice.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::state::State;
use crate::program::{program, root};

/// How often an apply is killed: 20 times, or as often as `LAPSE_KILLS` says (`just faults`).
pub fn kills() -> u32 {
    std::env::var("LAPSE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Numbers without an order that one can see, the same each time.
pub fn chance(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn an_apply_that_is_killed_goes_on_where_it_stopped() {
    let undisturbed = State::of_sample();
    undisturbed.plan("july.plan");
    let start = Instant::now();
    assert_eq!(undisturbed.apply("july.plan", &["--batch", "1"]).code, 0);
    let whole = start.elapsed();
    let expected = undisturbed.tables();
    let actions = undisturbed.number("select count(*) from lapse_log");

    let (mut seed, mut killed, mut rounds) = (2022, 0, 0);
    while killed < kills() {
        rounds += 1;
        assert!(rounds <= 10 * kills(), "an apply is too fast to be killed");
        let state = State::of_sample();
        state.plan("july.plan");
        loop {
            let mut apply = program()
                .current_dir(state.folder.path())
                .args(["apply", "july.plan", "--data", "patrons.db", "--batch", "1", "--policies"])
                .arg(root().join("policies"))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
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
        assert_eq!(state.tables(), expected);
        assert_eq!(state.number("select count(*) from lapse_log"), actions, "an action was done twice, or not at all");
        state.log_is_whole();
    }
}

#[test]
fn the_second_of_two_applies_says_who_works_there() {
    let state = State::of_sample();
    state.plan("july.plan");
    let mut first = program()
        .current_dir(state.folder.path())
        .args(["apply", "july.plan", "--data", "patrons.db", "--batch", "10", "--pause-ms", "500", "--policies"])
        .arg(root().join("policies"))
        .env("LOGNAME", "ann")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while state.number("select count(*) from lapse_lease") == 0 {
        assert!(start.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    }
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("ann@") && ran.stderr.contains("works in this database since"), "{}", ran.stderr);
    first.kill().unwrap();
    first.wait().unwrap();
    // Its process is gone, so that nobody waits for two minutes.
    assert_eq!(state.apply("july.plan", &[]).code, 0);
}

#[test]
fn ctrl_c_ends_after_the_batch_and_the_same_command_goes_on() {
    let state = State::of_sample();
    state.plan("july.plan");
    let apply = program()
        .current_dir(state.folder.path())
        .args(["apply", "july.plan", "--data", "patrons.db", "--batch", "10", "--pause-ms", "200", "--policies"])
        .arg(root().join("policies"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while state.number("select count(*) from lapse_log") == 0 {
        assert!(start.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    }
    let status = std::process::Command::new("kill").args(["-INT", &apply.id().to_string()]).status().unwrap();
    assert!(status.success());
    let ended = apply.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(told.contains("the same command goes on"), "{told}");
    assert_eq!(state.number("select count(*) from lapse_lease"), 0);
    let ran = state.apply("july.plan", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        state.number("select count(*) from memberships where status = 'deregistered' and valid_until = '2022-06-30'"),
        99
    );
}
