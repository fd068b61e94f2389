//! The runs to come, if nobody does anything: each run's result is fed to the next, under the policy of its day.

use lapse_engine::{
    Decisions, ExtraError, LibraryId, Membership, MembershipOutcome, ProfileOutcome, RecordOutcome, Runs,
    SubscriptionId,
};

use crate::day_run::DayRun;
use crate::story::{Later, LaterRun};

/// How many runs with a change are told at most. The first is what matters; the others show where it leads.
const TOLD: usize = 6;

/// Finds the first later runs at which an outcome changes for the patron at `index`, about whom `run` made these
/// decisions.
pub(crate) fn look_ahead(run: &DayRun<'_>, index: usize, decisions: &Decisions) -> Result<Later, ExtraError> {
    let patron = run.extract.patron(index);
    let mut before = Standing::of(patron.memberships, decisions, run);
    let mut told = Vec::new();
    let decide = run.on_later_days(index);
    let mut runs = Runs::after(run.policy, run.of_day, &run.extract.codes, &decide, &patron, decisions);
    while told.len() < TOLD
        && let Some(next) = runs.next().transpose()?
    {
        let after = Standing::of(&next.memberships, &next.decisions, run);
        let changes = after.changes_since(&before, run);
        if !changes.is_empty() {
            told.push(LaterRun { date: next.date.to_string(), changes });
        }
        before = after;
    }
    Ok(Later { looked_ahead_to: runs.last_day().to_string(), runs: told, gone: runs.is_gone() })
}

/// What a patron is left with after a run, as far as a change in it is worth telling.
struct Standing {
    /// Whether each membership goes on; and how it was decided.
    memberships: Vec<(bool, MembershipOutcome, String)>,
    records: Vec<(LibraryId, RecordOutcome, String)>,
    profile: Option<ProfileOutcome>,
    names: Vec<(SubscriptionId, LibraryId)>,
}

impl Standing {
    fn of(memberships: &[Membership], decisions: &Decisions, run: &DayRun<'_>) -> Standing {
        Standing {
            memberships: decisions
                .memberships
                .iter()
                .map(|decided| {
                    let reason = decided.reason_in_words(|entry| run.named(entry), |reason| run.word(reason));
                    (decided.is_valid(), decided.outcome, reason.to_owned())
                })
                .collect(),
            records: decisions
                .records
                .iter()
                .map(|record| {
                    let extra = decisions.extra_reasons(record.library);
                    let keeps = decisions.keeps_of(record.library).map(|keep| run.named(keep.keep));
                    let reasons: Vec<&str> = record.reasons_in_words(keeps, extra, |reason| run.word(reason)).collect();
                    (record.library, record.outcome, reasons.join(" "))
                })
                .collect(),
            profile: decisions.profile.map(|profile| profile.outcome),
            names: memberships.iter().map(|membership| (membership.subscription, membership.library)).collect(),
        }
    }

    /// One sentence for each change.
    fn changes_since(&self, before: &Standing, run: &DayRun<'_>) -> Vec<String> {
        let mut changes = Vec::new();
        let memberships = before.memberships.iter().zip(&self.memberships).zip(&self.names);
        for ((before, after), &(subscription, library)) in memberships {
            if before.0 != after.0 {
                let subscription = run.extract.codes.subscriptions.text(subscription);
                let library = run.library(library);
                changes.push(format!("the membership {subscription} at {library} is {} ({})", after.1, after.2));
            }
        }
        for (library, outcome, reasons) in &self.records {
            let earlier = before.records.iter().find(|(there, ..)| there == library);
            if earlier.is_some_and(|(_, earlier, _)| earlier != outcome) {
                let library = run.library(*library);
                let outcome = match outcome {
                    RecordOutcome::Review => "for a person to look at",
                    outcome => outcome.as_str(),
                };
                changes.push(format!("the record at {library} is {outcome} ({reasons})"));
            }
        }
        if let (Some(before), Some(after)) = (before.profile, self.profile)
            && before != after
        {
            changes.push(format!("the Mijn Bibliotheek profile is {after}"));
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lapse_host::Plugins;
    use lapse_policy::{Day, Policy};
    use lapse_tables::Folder;

    use super::*;
    use crate::explain;

    const PEER: &str = "[library]\ncode = \"peer\"\n[subscriptions.youth]\n[subscriptions.desk]\nrenewal = \"none\"\n";
    const BILZEN: &str = "[library]\ncode = \"bilzen\"\n[subscriptions.youth]\n";

    /// Tables that tell nothing about P1, but of which every column is there and somebody is active.
    const DEFAULTS: [(&str, &str); 2] = [
        ("activity", "patron_id,source,last_active\nP2,wise,2022-01-01\n"),
        ("accounts", "patron_id,library,owed,credit,blocks,items\n"),
    ];

    /// What is to come for the patron P1 after the run of 2022-07-01, under a consortium with `more` in its file. A table
    /// that is not among `others` is that of the defaults.
    fn later(more: &str, patron: &str, memberships: &[&str], others: &[(&str, &str)]) -> Later {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("policies/consortium.toml", &format!("[consortium]\nname = \"Two towns\"\n{more}"));
        write("policies/libraries/peer.toml", PEER);
        write("policies/libraries/bilzen.toml", BILZEN);
        write("data/patrons.csv", &format!("patron_id,profile_last_active\nP1,{patron}\nP2,\n"));
        let header = "patron_id,library,subscription,valid_from,valid_until,status\n";
        let rows: String = memberships.iter().flat_map(|row| ["P1,", row, "\n"]).collect();
        write("data/memberships.csv", &(header.to_owned() + &rows));
        for (table, text) in DEFAULTS.iter().chain(others) {
            write(&format!("data/{table}.csv"), text);
        }
        tell(&folder.path().join("policies"), &folder.path().join("data"))
    }

    fn tell(policies: &Path, data: &Path) -> Later {
        let policy = Policy::load(policies).unwrap().policy.expect("the policy has no errors");
        explain(&policy, &Plugins::none(), day("2022-07-01"), &Folder::new(data), "P1", 1).unwrap().later
    }

    fn told(later: &Later) -> Vec<String> {
        later.runs.iter().flat_map(|run| run.changes.iter().map(|change| format!("{} {change}", run.date))).collect()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_lapse_comes_first_and_two_years_later_the_record_goes() {
        let activity = ("activity", "patron_id,source,last_active\nP1,wise,2021-06-15\n");
        let later = later("", "", &["peer,youth,2019-03-01,,"], &[activity]);
        assert_eq!(
            told(&later),
            [
                "2023-07-01 the membership youth at peer is deregistered (inactive)",
                "2025-07-01 the record at peer is deleted (all-clear)",
            ]
        );
        assert!(later.gone);
    }

    #[test]
    fn a_membership_that_is_renewed_year_after_year_is_no_change() {
        let activity = ("activity", "patron_id,source,last_active\nP1,wise,2022-06-15\n");
        let later = later("", "", &["peer,youth,2019-03-01,2022-07-31,"], &[activity]);
        assert_eq!(told(&later)[0], "2024-07-01 the membership youth at peer is deregistered (inactive)");
    }

    #[test]
    fn an_archived_record_is_deleted_once_the_other_is_clear() {
        let later =
            later("", "", &["peer,desk,2019-03-01,2022-12-31,", "bilzen,youth,2010-01-01,2011-01-01,cancelled"], &[]);
        assert_eq!(
            told(&later),
            [
                "2023-01-01 the membership desk at peer is expired (not-renewed)",
                "2025-01-01 the record at peer is deleted (all-clear)",
                "2025-01-01 the record at bilzen is deleted (all-clear)",
            ]
        );
        assert!(later.gone);
    }

    #[test]
    fn a_debt_holds_for_as_long_as_anybody_looks() {
        let accounts = ("accounts", "patron_id,library,owed,credit,blocks,items\nP1,peer,1,0,,0\n");
        let later = later("", "", &["peer,desk,2010-01-01,2015-01-01,"], &[accounts]);
        assert_eq!(told(&later), [""; 0]);
        assert!(!later.gone);
        assert!(day(&later.looked_ahead_to) > day("2122-07-01"), "beyond the longest term: {}", later.looked_ahead_to);
    }

    #[test]
    fn a_policy_of_later_days_is_that_of_the_runs_to_come() {
        let more = "[subscription]\nrenewal = \"automatic\"\n[[amendment]]\nfrom = 2023-03-15\nreason = \"x\"\n\
                    subscription = { renewal = \"conditional\" }\n";
        let later = later(more, "", &["bilzen,youth,2010-01-01,,"], &[]);
        assert_eq!(told(&later)[0], "2023-04-01 the membership youth at bilzen is deregistered (inactive)");
    }

    #[test]
    fn the_runs_to_come_are_on_the_run_day_of_the_policy() {
        let later = later("run_day = 15\n", "2022-01-20", &[], &[]);
        assert_eq!(told(&later), ["2024-02-15 the Mijn Bibliotheek profile is deleted"]);
        assert!(later.gone);
    }

    #[test]
    fn a_held_patron_stays_as_it_is() {
        let activity = ("activity", "patron_id,source,last_active\nP1,wise,x\nP2,wise,2022-01-01\n");
        let later = later("", "2015-01-01", &["peer,youth,2019-03-01,,"], &[activity]);
        assert_eq!(told(&later), [""; 0]);
    }

    #[test]
    fn no_more_than_a_few_changes_are_told() {
        let memberships: Vec<String> =
            (0..12).map(|month| format!("peer,desk,2019-03-01,2023-{:02}-15,", month + 1)).collect();
        let later = later("", "", &memberships.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        assert_eq!(later.runs.len(), TOLD);
        assert!(!later.gone);
    }

    #[test]
    fn nothing_comes_for_a_patron_of_whom_nothing_is_known() {
        let later = later("", "", &[], &[]);
        assert_eq!(told(&later), [""; 0]);
        assert!(later.gone);
        assert_eq!(later.looked_ahead_to, "2022-07-01");
    }
}
