//! Each step of a run's output fails in turn, or is the one at which the program is killed: the earlier output stands whole,
//! or the new one does, also after a later run that fails.

use super::super::disk::{Trouble, with_trouble};
use super::*;

/// How a folder is claimed.
type Claim = fn(&Path) -> Result<OutDir, OutDirError>;

const BESIDE: Claim = |path| OutDir::claim(path);

/// What stood there, with other files than the new output has.
const OLD: [&str; 5] = ["memberships.ndjson", "profiles.csv", "records.csv", REJECTS, SUMMARY];

/// A run that writes `text`.
fn run(path: &Path, claim: Claim, text: &str) -> Result<(), OutDirError> {
    let out = claim(path)?;
    for name in RUN {
        out.create(name)?.write_all(text.as_bytes())?;
    }
    out.finish()
}

/// The files in a folder, but for those that are unfinished; none where there is no folder.
fn shown(dir: &Path) -> Vec<(String, String)> {
    let Ok(found) = Found::all(dir) else { return Vec::new() };
    let mut shown: Vec<(String, String)> = found
        .iter()
        .filter(|found| !found.is_aside())
        .map(|found| (found.name.to_str().unwrap().into(), fs::read_to_string(dir.join(&found.name)).unwrap()))
        .collect();
    shown.sort();
    shown
}

/// Lets each step of a run meet trouble in turn, and hands what came of it to `look`, with the folder.
fn at_each_step(trouble: Trouble, claim: Claim, old: &[&str], look: impl Fn(&Path, bool, &str)) {
    for step in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        if !old.is_empty() {
            finished(&out, old, "old");
        }
        let (result, met) = with_trouble(step, trouble, || run(&out, claim, "new"));
        if !met {
            result.unwrap();
            assert!(step > 10, "{step} steps are too few");
            return;
        }
        look(&out, result.is_ok(), &format!("{trouble:?} at step {step}"));
        // A later run that fails loses nothing, and one that does not leaves nothing else.
        let before = whole(&out, old).unwrap_or_else(|| with_text(old, "old"));
        drop(BESIDE(&out).unwrap());
        let now = shown(&out);
        assert!(now == before || now == with_text(&RUN, "new"), "{trouble:?} at step {step}: {now:?}");
        assert_eq!(now.is_empty(), old.is_empty() && before.is_empty());
        run(&out, BESIDE, "newer").unwrap();
        assert_eq!(files(&out), with_text(&RUN, "newer"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "{trouble:?} at step {step}");
    }
}

/// The output, if it is the earlier one or the new one as a whole.
fn whole(out: &Path, old: &[&str]) -> Option<Vec<(String, String)>> {
    Some(shown(out)).filter(|now| *now == with_text(old, "old") || *now == with_text(&RUN, "new"))
}

#[test]
fn a_kill_at_any_step_leaves_the_earlier_output_whole_or_the_new_one() {
    for old in [&OLD[..], &[]] {
        at_each_step(Trouble::Killed, BESIDE, old, |out, _, when| {
            assert!(whole(out, old).is_some(), "{when}: {:?}", shown(out));
        });
    }
}

#[test]
fn where_folders_cannot_be_exchanged_a_kill_at_any_step_loses_nothing() {
    // The next claim, which comes after this in `at_each_step`, moves back what was moved away.
    at_each_step(Trouble::Killed, claim_within, &OLD, |out, _, when| {
        let all = files(out).into_iter().filter(|(_, text)| text == "old").collect::<Vec<_>>();
        assert!(all == with_text(&OLD, "old") || shown(out) == with_text(&RUN, "new"), "{when}: {:?}", files(out));
    });
}

#[test]
fn a_step_that_fails_leaves_the_earlier_output_or_the_run_is_done() {
    for claim in [BESIDE, claim_within] {
        at_each_step(Trouble::Fails, claim, &OLD, |out, done, when| {
            let expected = if done { with_text(&RUN, "new") } else { with_text(&OLD, "old") };
            assert_eq!(shown(out), expected, "{when}");
        });
    }
    at_each_step(Trouble::Fails, BESIDE, &[], |out, done, when| {
        let expected = if done { with_text(&RUN, "new") } else { Vec::new() };
        assert_eq!(shown(out), expected, "{when}");
    });
}

/// A kill while what a kill left is made good.
#[test]
fn a_kill_while_files_are_moved_back_loses_nothing() {
    // Each try waits for the disk many times; these steps are those at which files are moved, and some around them.
    for first in (14..30).step_by(3) {
        for second in (0..20).step_by(2) {
            let dir = tempfile::tempdir().unwrap();
            finished(dir.path(), &OLD, "old");
            let _ = with_trouble(first, Trouble::Killed, || run(dir.path(), claim_within, "new"));
            let ((), met) = with_trouble(second, Trouble::Killed, || drop(claim_within(dir.path())));
            if !met {
                break;
            }
            drop(claim_within(dir.path()).unwrap());
            let when = format!("kills at steps {first} and {second}");
            assert!(whole(dir.path(), &OLD).is_some(), "{when}: {:?}", files(dir.path()));
        }
    }
}
