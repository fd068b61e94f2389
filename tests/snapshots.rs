//! One snapshot for each library of `policies/`: what four runs make of a fixed cast of patrons there
//! (`cast/cast.toml`). A new library needs a new snapshot: `INSTA_UPDATE=always cargo test -p lapse-tests snapshots` writes
//! it, for review. `plugins` shows which patrons the plugins of `examples/policies-with-plugins` affect.

mod cast;
mod page;
mod play;
mod plugins;
mod table;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use lapse_engine::{KeepReason, MembershipOutcome, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome};
use lapse_policy::{Day, DayPolicy, Policy};

use crate::program::{Folder, root};
use cast::Cast;
use page::page;
use play::{RUNS, play, policies};

/// The policy on each run, of a directory whose files have no errors.
fn load(dir: &Path) -> [DayPolicy; RUNS.len()] {
    let loaded = Policy::load(dir).unwrap();
    policies(&loaded.policy.unwrap_or_else(|| panic!("{}", loaded.diagnostics.render(false))))
}

/// The sample policy of this repository, on each run.
fn ours() -> [DayPolicy; RUNS.len()] {
    load(&root().join("policies"))
}

fn codes(policies: &[DayPolicy; RUNS.len()]) -> Vec<&str> {
    policies[0].libraries.iter().map(|library| library.code.as_str()).collect()
}

fn pages(policies: &[DayPolicy; RUNS.len()], cast: &Cast) -> Vec<String> {
    (0..policies[0].libraries.len()).map(|here| page(here, policies, cast)).collect()
}

#[test]
fn each_library_treats_the_cast_as_its_snapshot_says() {
    let policies = ours();
    let pages = pages(&policies, &Cast::read());
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Every library is compared before the test fails, so that a change of the consortium shows in all of them at once.
    let differs = settings.bind(|| {
        let mut differs = codes(&policies);
        let mut pages = pages.iter();
        differs.retain(|&code| {
            let page = pages.next().expect("each library has a page");
            catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(code, page))).is_err()
        });
        differs
    });
    assert!(differs.is_empty(), "the snapshots of these libraries differ: {}", differs.join(", "));
}

#[test]
fn each_page_says_that_it_is_no_timeline_and_names_no_two_columns_alike() {
    for page in pages(&ours(), &Cast::read()) {
        assert!(page.starts_with("Each run starts from the same facts"), "{page}");
        for heading in page.lines().filter(|line| line.starts_with("  run ")) {
            let names: Vec<_> = heading.split("  ").map(str::trim).filter(|name| !name.is_empty()).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{heading}");
        }
    }
}

#[test]
fn each_snapshot_belongs_to_a_library() {
    let policies = ours();
    let mut expected: BTreeSet<_> = codes(&policies).into_iter().map(|code| format!("{code}.snap")).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "snap") {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(expected.remove(name), "tests/snapshots/{name} belongs to no library of policies/: delete it");
        }
    }
    assert!(expected.is_empty(), "these libraries have no snapshot: {expected:?}");
}

#[test]
fn a_changed_term_of_one_library_shows_in_its_snapshot_and_in_no_other() {
    let cast = Cast::read();
    let before = ours();
    let (codes, before) = (codes(&before), pages(&before, &cast));
    for (index, code) in codes.iter().enumerate() {
        for key in [
            "subscriptions.youth.lapse_months",
            "subscriptions.youth.term_months",
            "cleanup.ended_months",
            "cleanup.settled_months",
        ] {
            for months in [1, 1200] {
                let folder = copied(&root().join("policies"));
                let name = format!("libraries/{code}.toml");
                let amendment = format!("\n[[amendment]]\nfrom = 2019-06-01\nreason = \"A test\"\n{key} = {months}\n");
                folder.write(&name, folder.read(&name) + &amendment);
                let after = pages(&load(folder.path()), &cast);
                let changed: Vec<_> = (0..codes.len()).filter(|&at| before[at] != after[at]).collect();
                assert_eq!(changed, [index], "{key} = {months} at {code}");
            }
        }
    }
}

/// A copy of a policy directory.
fn copied(policies: &Path) -> Folder {
    let folder = Folder::new();
    for dir in ["", "groups", "libraries"] {
        for entry in fs::read_dir(policies.join(dir)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let name = path.strip_prefix(policies).unwrap().to_str().unwrap();
                folder.write(name, fs::read(&path).unwrap());
            }
        }
    }
    folder
}

#[test]
fn every_outcome_and_every_reason_occurs_at_some_library() {
    use MembershipOutcome::{Deregistered, Expired, Renewed, Valid};
    use MembershipReason::{
        Active, ActivityUnknown, Automatic, BadInput, Cancelled, Ended, Inactive, NoPolicy, NoRenewal, NotAPerson,
        NotRenewed, Paid, StartsLater, Succeeded,
    };
    let (mut memberships, mut records, mut kept) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut profiles, mut profiles_kept) = (BTreeSet::new(), BTreeSet::new());
    let (policies, cast) = (ours(), Cast::read());
    for here in 0..policies[0].libraries.len() {
        for scene in play(here, &policies, &cast).iter().flat_map(|(_, scenes)| scenes) {
            for run in &scene.runs {
                memberships.extend(scene.memberships(run).map(|(_, decided)| (decided.outcome, decided.reason)));
                records.extend(scene.record(run).map(|record| record.outcome));
                kept.extend(scene.record(run).iter().flat_map(|record| record.reasons.iter()));
                // A record at a library without policy is on no page: it shows in what it does to the record here.
                if scene.record(run).is_some_and(|record| record.outcome == RecordOutcome::Archived) {
                    let reasons = run.records.iter().flat_map(|record| record.reasons.iter());
                    kept.extend(reasons.filter(|&reason| reason == KeepReason::NoPolicy));
                }
                profiles.extend(run.profile.map(|profile| profile.outcome));
                profiles_kept.extend(run.profile.iter().flat_map(|profile| profile.reasons.iter()));
            }
        }
    }
    // The rules of domain.md, stage 1, each with every reason that it can have. Where rule 9 applies, renewal is automatic,
    // or conditional and free, so that it never gives `no-renewal` or `paid`; what was cancelled is never renewed.
    let rules = [
        &[(Valid, NoPolicy), (Expired, NoPolicy)][..],
        &[(Expired, Ended)],
        &[(Valid, StartsLater)],
        &[(Expired, Succeeded)],
        &[(Deregistered, Inactive)],
        &[Cancelled, NotAPerson, Automatic, NoRenewal, Paid, Active, ActivityUnknown, BadInput].map(|why| (Valid, why)),
        &[NotAPerson, Automatic, Active, ActivityUnknown, BadInput].map(|why| (Renewed, why)),
        &[(Expired, NotRenewed)],
    ];
    assert_eq!(memberships, rules.concat().into_iter().collect());
    assert_all(&records, &[RecordOutcome::Kept, RecordOutcome::Archived, RecordOutcome::Deleted]);
    assert_all(&kept, KeepReason::ALL);
    assert_all(&profiles, &[ProfileOutcome::Kept, ProfileOutcome::Deleted]);
    assert_all(&profiles_kept, ProfileReason::ALL);
}

fn assert_all<T: Copy + Ord + Debug>(found: &BTreeSet<T>, all: &[T]) {
    assert_eq!(*found, all.iter().copied().collect());
}

#[test]
fn each_threshold_has_a_patron_on_the_day_before_the_day_itself_and_the_day_after() {
    let [june, july, ..] = RUNS;
    let cast = Cast::read();
    let memberships = || cast.members().flat_map(|member| &member.memberships);
    let in_force = || memberships().filter(|membership| !membership.is_ended());
    let days = |facts: &mut dyn Iterator<Item = &cast::CastDay>| facts.map(|fact| fact.0).collect::<BTreeSet<_>>();
    let active = days(&mut cast.members().flat_map(|member| &member.activity).map(|activity| &activity.last_active));
    let enrolled = days(&mut in_force().map(|membership| &membership.valid_from));
    let until = days(&mut in_force().filter_map(|membership| membership.valid_until.as_ref()));
    let ended = days(&mut memberships().filter(|one| one.is_ended()).filter_map(|one| one.valid_until.as_ref()));
    let ended: BTreeSet<_> = ended.into_iter().map(Day::next).collect();
    let settled = cast.members().flat_map(|member| &member.accounts).filter_map(|account| account.settled_on.as_ref());
    let settled = days(&mut { settled });
    let profile = days(&mut cast.members().filter_map(|member| member.profile_last_active.as_ref()));
    for (what, facts, threshold) in [
        ("last active 24 months before July", &active, july.add_months(-24)),
        ("last active 60 months before June", &active, june.add_months(-60)),
        ("enrolled 24 months before July", &enrolled, july.add_months(-24)),
        ("starts in July", &enrolled, july),
        ("valid until July", &until, july),
        ("ended 12 months before July", &ended, july.add_months(-12)),
        ("ended 24 months before July", &ended, july.add_months(-24)),
        ("ended 36 months before July", &ended, july.add_months(-36)),
        ("settled 24 months before July", &settled, july.add_months(-24)),
        ("settled 36 months before July", &settled, july.add_months(-36)),
        ("profile active 24 months before July", &profile, july.add_months(-24)),
    ] {
        for day in [threshold.previous(), threshold, threshold.next()] {
            assert!(facts.contains(&day), "the cast has nobody around {what}, on {day}");
        }
    }
}
