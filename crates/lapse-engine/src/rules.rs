//! The policy of the run day made ready for evaluation: the settings of each library and subscription, found by the
//! number of its code. Nothing here changes during a run.

use lapse_policy::{
    BuiltInFact, Cleanup, Day, DayPolicy, Entry, Fact, FactSource, FactTable, GroupKind, Holder, Library, MonthDay,
    Removal, Renewal, Scope, Settings, Subscription, Test, TestedFact,
};

use crate::codes::{BlockId, Interner, kind};
use crate::conditions::{Making, ValueOf};
use crate::entry_rules::{EntryRules, MakingEntries};
use crate::{AccountColumns, BlocksId, Codes, FactColumn, FactColumns, LibraryId, SourceId, SubscriptionId};

/// What the engine needs of a policy on the day of a run.
#[derive(Clone, Debug)]
pub struct Rules {
    /// D, the run day.
    pub run: Day,
    /// `profile.inactive_months`
    pub profile_inactive_months: u32,
    /// `cleanup.removal`
    pub removal: Removal,
    /// Whether some library has a keep, an end or a narrowing in force.
    pub(crate) has_entries: bool,
    /// The columns of facts that patrons come with.
    pub(crate) columns: FactColumns,
    /// For each declared fact of activity, whether a source is one of its own; by the place of the fact in the policy.
    pub(crate) activity_facts: Vec<Vec<bool>>,
    libraries: Vec<LibraryRules>,
    /// The consortium's settings, which judge a library that the policy does not know.
    unknown: LibraryRules,
    /// The kinds of block that the policy of some library lists, to hold a record or not to.
    kinds: Interner<kind::Block>,
    /// What each cell of [`Codes::blocks`] names.
    blocks: Vec<Cell>,
}

/// The kinds of block that one cell names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    /// Those that the policy of some library lists.
    listed: Vec<BlockId>,
    /// Whether it names a kind that no library lists. It may be a misspelt one, so it holds.
    unlisted: bool,
}

/// The settings of one library.
#[derive(Clone, Debug)]
pub struct LibraryRules {
    /// Whether the policy has the library.
    pub in_policy: bool,
    /// Its group of kind 3 ([`recognising_group`]).
    pub recognising_group: Option<usize>,
    /// `activity.scope`
    pub scope: Scope,
    /// `cleanup.ended_months`
    pub ended_months: u32,
    /// `cleanup.settled_months`
    pub settled_months: u32,
    /// `cleanup.accounts_needed`
    pub accounts_needed: AccountColumns,
    /// D less `retention.pseudonymise_days`
    pub pseudonymise_before: Day,
    /// D less `retention.history_months`; none where the policy sets none.
    pub history_before: Option<Day>,
    /// D less `retention.finance_months`
    pub purge_finance_before: Day,
    counted_sources: Vec<bool>,
    /// By kind of block that the policy of some library lists.
    holding_blocks: Vec<bool>,
    subscriptions: Vec<Option<SubscriptionRules>>,
    pub(crate) entries: EntryRules,
}

/// The settings of one subscription at one library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionRules {
    /// Who holds it.
    pub holder: Holder,
    /// Whether it has no fee.
    pub free: bool,
    /// How it renews.
    pub renewal: Renewal,
    /// The months that a renewal adds.
    pub term_months: u32,
    /// The months of inactivity after which it lapses.
    pub lapse_months: u32,
    /// The days past its end for which a membership is still valid.
    pub grace_days: u32,
    /// The day of the year on which renewals end.
    pub term_ends: Option<MonthDay>,
}

impl From<&Subscription> for SubscriptionRules {
    fn from(subscription: &Subscription) -> SubscriptionRules {
        SubscriptionRules {
            holder: subscription.holder.value,
            free: subscription.fee.value.is_free(),
            renewal: subscription.renewal.value,
            term_months: subscription.term_months.value,
            lapse_months: subscription.lapse_months.value,
            grace_days: subscription.grace_days.value,
            term_ends: subscription.term_ends.value,
        }
    }
}

/// The group of a library, by its place in the policy, where it is of kind 3: its libraries recognise each other's
/// memberships.
pub fn recognising_group(policy: &DayPolicy, library: &Library) -> Option<usize> {
    library.group.filter(|&group| policy.groups[group].kind.value == GroupKind::RecognisesMemberships)
}

impl Rules {
    /// The rules of `policy`, for facts whose codes are `codes`. These must have every code that the facts use, and
    /// those of the policy ([`Codes::of`], [`Codes::learn`]).
    pub fn new(policy: &DayPolicy, codes: &Codes) -> Rules {
        let mut kinds = Interner::<kind::Block>::default();
        for settings in policy.all_settings() {
            let Cleanup { blocks, blocks_ignored, .. } = &settings.cleanup;
            blocks.value.iter().chain(&blocks_ignored.value).for_each(|kind| _ = kinds.intern(kind));
            let tests = settings.entries.in_force().flat_map(Entry::tests);
            for test in tests {
                if let Test::AnyOf(named) = &test.test.value {
                    for kind in named {
                        kinds.intern(kind);
                    }
                }
            }
        }
        let mut unknown = LibraryRules::new(policy, &policy.consortium.settings, &[], codes, &kinds);
        unknown.in_policy = false;
        // A library that only another policy has, such as that of another day, has a number in between; here it is
        // unknown.
        let mut libraries = Vec::new();
        for library in &policy.libraries {
            let Some(code) = codes.libraries.find(&library.code) else { continue };
            if libraries.len() <= code.index() {
                libraries.resize(code.index() + 1, unknown.clone());
            }
            libraries[code.index()] = LibraryRules::of(library, policy, codes, &kinds);
        }
        let has_entries = libraries.iter().chain([&unknown]).any(|library| !library.entries.is_empty());
        let mut rules = Rules {
            run: policy.date,
            profile_inactive_months: policy.consortium.profile_inactive_months.value,
            removal: policy.consortium.removal.value,
            has_entries,
            columns: codes.facts.clone(),
            activity_facts: policy.facts.iter().map(|fact| sources_of(fact, codes)).collect(),
            libraries,
            unknown,
            kinds,
            blocks: Vec::new(),
        };
        rules.learn_blocks(codes.blocks.texts());
        rules
    }

    /// Learns the cells of blocks that were added to [`Codes::blocks`], all of which are `cells`, since the last time.
    pub fn learn_blocks<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        for cell in cells.skip(self.blocks.len()) {
            let mut of_cell = Cell { listed: Vec::new(), unlisted: false };
            for kind in kinds_of_block(cell) {
                match self.kinds.find(kind) {
                    Some(kind) => of_cell.listed.push(kind),
                    None => of_cell.unlisted = true,
                }
            }
            self.blocks.push(of_cell);
        }
    }

    /// The settings of a library, or the consortium's where the policy does not know it.
    #[inline]
    pub fn library(&self, library: LibraryId) -> &LibraryRules {
        self.libraries.get(library.index()).unwrap_or(&self.unknown)
    }

    /// Whether a cell names one of these kinds.
    pub(crate) fn names_any(&self, cell: BlocksId, kinds: &[BlockId]) -> bool {
        self.blocks[cell.index()].listed.iter().any(|kind| kinds.contains(kind))
    }

    /// Whether one of the kinds of block in an account's cell holds its record at this library.
    pub(crate) fn holds(&self, library: &LibraryRules, blocks: BlocksId) -> bool {
        let Cell { listed, unlisted } = &self.blocks[blocks.index()];
        *unlisted || listed.iter().any(|kind| library.holding_blocks[kind.index()])
    }
}

/// Where the rules find the value of a fact.
fn place_of(fact: TestedFact, policy: &DayPolicy, codes: &Codes) -> ValueOf {
    let of_column = |table, column: &FactColumn, make: fn(usize) -> ValueOf| {
        codes.facts.place(table, column).map_or(ValueOf::Nowhere, make)
    };
    match fact {
        TestedFact::BuiltIn(fact @ (BuiltInFact::Owed | BuiltInFact::Credit | BuiltInFact::Items)) => {
            of_column(FactTable::Accounts, &FactColumn::OfAccounts(fact), ValueOf::Account)
        }
        TestedFact::BuiltIn(fact) => ValueOf::BuiltIn(fact),
        TestedFact::Declared(index) => match &policy.facts[index] {
            Fact { source: FactSource::Activity { .. }, .. } => ValueOf::Activity(index),
            Fact { source: FactSource::Column { table, column }, kind, empty, .. } => {
                let column = FactColumn::Declared { column: column.clone(), kind: *kind, empty: *empty };
                let make = match table {
                    FactTable::Patrons => ValueOf::Patron,
                    FactTable::Memberships => ValueOf::Membership,
                    FactTable::Accounts => ValueOf::Account,
                };
                of_column(*table, &column, make)
            }
        },
    }
}

/// By source, whether it is one of those of a fact of activity.
fn sources_of(fact: &Fact, codes: &Codes) -> Vec<bool> {
    match &fact.source {
        FactSource::Activity { sources } => {
            codes.sources.texts().map(|text| sources.iter().any(|source| source == text)).collect()
        }
        FactSource::Column { .. } => Vec::new(),
    }
}

/// The kinds of block that a cell of accounts names, `|` between them; an empty one is none.
pub fn kinds_of_block(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').filter(|kind| !kind.is_empty())
}

/// Whether a kind of block holds a record: it is one that holds, or none that does not (`cleanup.blocks_ignored`).
fn holds(kind: &str, cleanup: &Cleanup) -> bool {
    let is_in = |list: &[String]| list.iter().any(|listed| listed == kind);
    is_in(&cleanup.blocks.value) || !is_in(&cleanup.blocks_ignored.value)
}

impl LibraryRules {
    fn new(
        policy: &DayPolicy,
        settings: &Settings,
        subscriptions: &[Subscription],
        codes: &Codes,
        kinds: &Interner<kind::Block>,
    ) -> LibraryRules {
        let run = policy.date;
        let Settings { activity, cleanup, retention, guards: _, entries } = settings;
        let tests = Making {
            run,
            year_starts: policy.consortium.year_starts.value,
            place: &|fact| place_of(fact, policy, codes),
            is_amount: &|fact| fact.is_amount(&policy.facts),
            kind: &|kind| kinds.find(kind),
        };
        LibraryRules {
            in_policy: true,
            recognising_group: None,
            scope: activity.scope.value,
            ended_months: cleanup.ended_months.value,
            settled_months: cleanup.settled_months.value,
            accounts_needed: AccountColumns::of(cleanup.accounts_needed.value.iter().map(String::as_str)),
            pseudonymise_before: retention.pseudonymise.value.before(run),
            history_before: retention.history_months.value.map(|months| run.add_months(-months.cast_signed())),
            purge_finance_before: run.add_months(-retention.finance_months.value.cast_signed()),
            counted_sources: codes
                .sources
                .texts()
                .map(|text| activity.sources.value.iter().any(|s| s == text))
                .collect(),
            holding_blocks: kinds.texts().map(|kind| holds(kind, cleanup)).collect(),
            subscriptions: Vec::new(),
            entries: EntryRules::of(entries, &MakingEntries { codes, subscriptions, tests: &tests }),
        }
    }

    fn of(library: &Library, policy: &DayPolicy, codes: &Codes, kinds: &Interner<kind::Block>) -> LibraryRules {
        let mut rules = LibraryRules::new(policy, &library.settings, &library.subscriptions, codes, kinds);
        rules.recognising_group = recognising_group(policy, library);
        for subscription in &library.subscriptions {
            // A code without a number is in none of the tables, so no rule will ask for it.
            let Some(code) = codes.subscriptions.find(&subscription.code) else { continue };
            if rules.subscriptions.len() <= code.index() {
                rules.subscriptions.resize(code.index() + 1, None);
            }
            rules.subscriptions[code.index()] = Some(subscription.into());
        }
        rules
    }

    /// The settings of a subscription here, where the policy has it.
    #[inline]
    pub fn subscription(&self, subscription: SubscriptionId) -> Option<&SubscriptionRules> {
        self.subscriptions.get(subscription.index())?.as_ref()
    }

    /// Whether activity from this source counts here (`activity.sources`).
    #[inline]
    pub fn counts(&self, source: SourceId) -> bool {
        self.counted_sources.get(source.index()).copied().unwrap_or(false)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! Rules made without a policy, for the tests of what the rules decide.

    use lapse_policy::Policy;

    use super::*;

    #[test]
    fn a_misspelt_block_held_nobody() {
        let policy = Policy::from_texts([
            ("consortium.toml", "[consortium]\nname = \"Test\"\n"),
            ("libraries/peer.toml", "[library]\ncode = \"peer\"\n"),
            ("libraries/genk.toml", "[library]\ncode = \"genk\"\n[cleanup]\nblocks = [\"bailiff\"]\n"),
            (
                "libraries/deinze.toml",
                "[library]\ncode = \"deinze\"\n[cleanup]\nblocks_ignored = [\"general\", \"internet\"]\n",
            ),
        ]);
        let policy = policy.unwrap().policy.unwrap().on("2022-07-01".parse().unwrap());
        let mut codes = Codes::of(&policy);
        let mut held = |library: &str, cell: &str| {
            let (library, blocks) = (codes.libraries.intern(library), codes.blocks.intern(cell));
            let rules = Rules::new(&policy, &codes);
            rules.holds(rules.library(library), blocks)
        };
        for misspelt in ["General", "general | internet", "bailiff, general", "general;bailiff", " ", "internet|generl"]
        {
            assert!(held("peer", misspelt), "{misspelt}");
        }
        for (library, cell, holds) in [
            ("peer", "general", true),
            ("peer", "internet", false),
            ("peer", "||internet|", false),
            ("genk", "general", true),
            ("genk", "internet", false),
            ("deinze", "internet", false),
            ("deinze", "general", true),
            ("elsewhere", "general", true),
            ("elsewhere", "internet", false),
            ("elsewhere", "other", true),
        ] {
            assert_eq!(held(library, cell), holds, "{cell} at {library}");
        }
    }

    /// The settings of a library with one subscription; source 0 counts, and block 0 holds.
    pub(crate) fn library(
        run: Day,
        subscription: Option<SubscriptionRules>,
        recognising_group: Option<usize>,
        scope: Scope,
    ) -> LibraryRules {
        LibraryRules {
            in_policy: true,
            recognising_group,
            scope,
            ended_months: 24,
            settled_months: 24,
            accounts_needed: AccountColumns::ALL,
            pseudonymise_before: run.add_days(-90),
            history_before: None,
            purge_finance_before: run.add_months(-120),
            counted_sources: vec![true, false],
            holding_blocks: vec![true, false],
            subscriptions: vec![subscription],
            entries: EntryRules::default(),
        }
    }

    /// The same rules on the day of another run. The cut-offs of retention stay those of the first.
    pub(crate) fn in_run(rules: &Rules, run: Day) -> Rules {
        Rules { run, ..rules.clone() }
    }

    /// Rules for these libraries. Cell 0 of blocks has block 0, cell 1 block 1, cell 2 both, and cell 3 one that nobody
    /// lists.
    pub(crate) fn rules(run: Day, libraries: Vec<LibraryRules>) -> Rules {
        let cell = |listed: &[usize], unlisted| Cell {
            listed: listed.iter().map(|&kind| BlockId::new(kind)).collect(),
            unlisted,
        };
        Rules {
            run,
            profile_inactive_months: 24,
            removal: Removal::Delete,
            has_entries: false,
            columns: FactColumns::default(),
            activity_facts: Vec::new(),
            libraries,
            unknown: LibraryRules { in_policy: false, ..library(run, None, None, Scope::Patron) },
            kinds: Interner::default(),
            blocks: vec![cell(&[0], false), cell(&[1], false), cell(&[1, 0], false), cell(&[1], true)],
        }
    }
}
