//! The policy of one day, as the engine and the commands read it: every library with every setting resolved,
//! each value with the place it came from. The names are those of domain.md, "Words", and policy.md.

use std::fmt;

use crate::{Day, Entries, EntryOnly, Fact, Holder, MonthDay, Removal, Renewal, Scope, Sourced, Span};

/// Everything that holds on one day, as `Policy::on` gives it.
#[derive(Clone, Debug)]
pub struct DayPolicy {
    /// The day on which it holds.
    pub date: Day,
    /// The facts that the policy declares, in the order of `consortium.toml`; the same on every day.
    pub facts: Vec<Fact>,
    /// What holds where no library says otherwise, and for a library that the policy does not know.
    pub consortium: Consortium,
    /// The cooperation groups, by code.
    pub groups: Vec<Group>,
    /// The libraries, by code.
    pub libraries: Vec<Library>,
}

impl DayPolicy {
    /// The library with this code; none where the policy does not have it.
    pub fn library(&self, code: &str) -> Option<&Library> {
        self.libraries.iter().find(|library| library.code == code)
    }

    /// The settings by which a library is judged: those of the consortium where the policy does not have it.
    pub fn settings_at(&self, library: &str) -> &Settings {
        self.library(library).map_or(&self.consortium.settings, |library| &library.settings)
    }

    /// All settings by which something is judged: those of each library, then those of the consortium.
    pub fn all_settings(&self) -> impl Iterator<Item = &Settings> {
        self.libraries.iter().map(|library| &library.settings).chain([&self.consortium.settings])
    }
}

/// The consortium's own settings.
#[derive(Clone, Debug)]
pub struct Consortium {
    /// The name for people.
    pub name: Sourced<String>,
    /// The day of the month of the customer run, 1 to 28.
    pub run_day: Sourced<u32>,
    /// The day on which a year begins, where a term is rounded to years.
    pub year_starts: Sourced<MonthDay>,
    /// What becomes of a record that nothing keeps.
    pub removal: Sourced<Removal>,
    /// How long a Mijn Bibliotheek profile may be inactive, in months.
    pub profile_inactive_months: Sourced<u32>,
    /// The guards that are judged for the whole data.
    pub guards: WholeGuards,
    /// The tables that a library may set too.
    pub settings: Settings,
}

/// The keys of `[guards]` that only the consortium sets, because they are judged for the whole data.
#[derive(Clone, Debug)]
pub struct WholeGuards {
    /// The share of the rows of memberships or of accounts that may belong to no patron: 0 to 100 percent.
    pub max_unmatched_percent: Sourced<u32>,
    /// How old the newest date of the whole extract may be, in days.
    pub max_newest_date_days: Sourced<u32>,
    /// The sources that are counted and whose age is not judged.
    pub resting_sources: Sourced<Vec<String>>,
    /// The share of the rows of an earlier run that may be missing: 0 to 100 percent.
    pub max_rows_fallen_percent: Sourced<u32>,
    /// The share of all profiles that a run may delete: 0 to 100 percent.
    pub max_profiles_percent: Sourced<u32>,
    /// The share of a table's rows that may be rejected: 0 to 100 percent.
    pub max_rejected_percent: Sourced<u32>,
}

/// A cooperation group.
#[derive(Clone, Debug)]
pub struct Group {
    /// What libraries name it by.
    pub code: String,
    /// The name for people.
    pub name: Sourced<String>,
    /// 1, 2 or 3.
    pub kind: Sourced<GroupKind>,
}

/// What the libraries of a cooperation group share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Kind 1: nothing that matters to a decision.
    Cooperates,
    /// Kind 2: one set of regulations.
    SharesRules,
    /// Kind 3: one set of regulations, and one membership serves in every library of the group.
    RecognisesMemberships,
}

impl GroupKind {
    /// As policy files write it: 1, 2 or 3.
    pub const fn number(self) -> u8 {
        match self {
            GroupKind::Cooperates => 1,
            GroupKind::SharesRules => 2,
            GroupKind::RecognisesMemberships => 3,
        }
    }
}

/// One library with everything resolved.
#[derive(Clone, Debug)]
pub struct Library {
    /// What the tables name it by.
    pub code: String,
    /// The name for people.
    pub name: Sourced<String>,
    /// Its group, as an index into [`DayPolicy::groups`].
    pub group: Option<usize>,
    /// The tables that the library, its group or the consortium set.
    pub settings: Settings,
    /// Its subscriptions, by code.
    pub subscriptions: Vec<Subscription>,
}

/// The tables of a policy that a consortium, a group and a library may all set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[activity]`
    pub activity: Activity,
    /// `[cleanup]`
    pub cleanup: Cleanup,
    /// `[retention]`
    pub retention: Retention,
    /// `[guards]`
    pub guards: Guards,
    /// `[keeps.NAME]` and `[ends.NAME]`
    pub entries: Entries,
}

/// `[activity]`: what counts as the last activity of a patron.
#[derive(Clone, Debug)]
pub struct Activity {
    /// The sources that count, in the order of the file.
    pub sources: Sourced<Vec<String>>,
    /// Whether activity elsewhere counts.
    pub scope: Sourced<Scope>,
}

/// `[cleanup]`: what keeps a record after its memberships have ended.
#[derive(Clone, Debug)]
pub struct Cleanup {
    /// Months without valid membership after which a record may go.
    pub ended_months: Sourced<u32>,
    /// Months after which a settled cost no longer holds the record.
    pub settled_months: Sourced<u32>,
    /// The kinds of block that hold a record.
    pub blocks: Sourced<Vec<String>>,
    /// The kinds of block that do not hold a record. A kind in neither list holds it, and is reported.
    pub blocks_ignored: Sourced<Vec<String>>,
    /// The columns of the accounts table without which no record is removed.
    pub accounts_needed: Sourced<Vec<String>>,
}

/// `[retention]`: how long the data that goes with a record is kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// After how long activity is pseudonymised for a patron who opted out of loan history.
    pub pseudonymise: Sourced<Span>,
    /// Months after which activity is pseudonymised for a patron who keeps loan history; never, where there are none.
    pub history_months: Sourced<Option<u32>>,
    /// Months after which finance rows are deleted.
    pub finance_months: Sourced<u32>,
}

/// `[guards]`: a run beyond these ends with exit code 4 until a person has looked.
#[derive(Clone, Debug)]
pub struct Guards {
    /// The share of a library's memberships, of those valid before the run, that a run may end: 0 to 100 percent.
    pub max_deregistered_percent: Sourced<u32>,
    /// The share of a library's records that a run may archive or delete: 0 to 100 percent.
    pub max_removed_percent: Sourced<u32>,
    /// How old the newest row of a counted source may be, in days.
    pub max_source_age_days: Sourced<u32>,
}

/// One subscription (type) of one library.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// What the tables name it by.
    pub code: String,
    /// The name for people.
    pub name: Sourced<String>,
    /// Who holds it.
    pub holder: Sourced<Holder>,
    /// Free text that reports are broken down by.
    pub category: Sourced<String>,
    /// What it costs.
    pub fee: Sourced<Fee>,
    /// How it renews.
    pub renewal: Sourced<Renewal>,
    /// Months that a renewal adds.
    pub term_months: Sourced<u32>,
    /// Months of inactivity after which a conditional membership lapses.
    pub lapse_months: Sourced<u32>,
    /// Days past its end for which a membership is still valid: 0 to 3660.
    pub grace_days: Sourced<u32>,
    /// The day of the year on which renewals end.
    pub term_ends: Sourced<Option<MonthDay>>,
}

impl Subscription {
    /// Whether `only` of a keep or an end lets it through.
    pub fn is_in(&self, only: &EntryOnly) -> bool {
        only.matches(self.holder.value, &self.category.value, &self.code)
    }
}

/// An amount in euro, counted in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fee {
    /// Whole cents.
    pub cents: u64,
}

impl Fee {
    /// Whether a subscription with this fee is free. Any fee above zero makes it paid.
    pub fn is_free(self) -> bool {
        self.cents == 0
    }
}

impl fmt::Display for Fee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}
