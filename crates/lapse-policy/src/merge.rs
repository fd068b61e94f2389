//! Keeps, ends and narrowings as they hold for a library on a day: each key of each entry is merged over files and dates as
//! every other key is, and the keys that hold make the entry.

use crate::file::{EntryId, PolicyFile, Statement, Target};
use crate::policy::Policy;
use crate::resolve::Stack;
use crate::schema::{Key, Table};
use crate::value::{FromValue, Value};
use crate::{AssignmentId, Entries, Entry, EntryOnly, FactTest, Keep, Narrowed, Narrowing, Origin, Sourced};

/// The keys that keeps, narrowings and ends all have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryKeys {
    /// `reason`
    pub reason: Key,
    /// `holder` of `only`
    pub holder: Key,
    /// `category` of `only`
    pub category: Key,
    /// `subscription` of `only`
    pub subscription: Key,
    /// `when`
    pub when: Key,
    /// `unless`
    pub unless: Key,
    /// `active`
    pub active: Key,
}

impl EntryKeys {
    /// Those of `[keeps.NAME]`.
    pub const OF_KEEPS: EntryKeys = EntryKeys {
        reason: Key::KeepReason,
        holder: Key::KeepOnlyHolder,
        category: Key::KeepOnlyCategory,
        subscription: Key::KeepOnlySubscription,
        when: Key::KeepWhen,
        unless: Key::KeepUnless,
        active: Key::KeepActive,
    };
    /// Those of `[ends.NAME]`.
    pub const OF_ENDS: EntryKeys = EntryKeys {
        reason: Key::EndReason,
        holder: Key::EndOnlyHolder,
        category: Key::EndOnlyCategory,
        subscription: Key::EndOnlySubscription,
        when: Key::EndWhen,
        unless: Key::EndUnless,
        active: Key::EndActive,
    };

    /// Those of the table of a keep or an end.
    pub(crate) const fn of(table: Table) -> EntryKeys {
        if matches!(table, Table::Ends) { EntryKeys::OF_ENDS } else { EntryKeys::OF_KEEPS }
    }
}

impl Policy {
    /// Every keep, end and narrowing of which some file says something for the library, on the day of the stack.
    pub(crate) fn entries(&self, stack: &Stack<'_>) -> Entries {
        let mut entries = Entries::default();
        for id in self.named_entries(stack) {
            let Some(entry) = self.entry(stack, id) else { continue };
            let key = |key| Target::named(key, id.name);
            if id.table == Table::Ends {
                entries.ends.push(entry);
            } else if let Some(of) = Narrowed::from_word(&entry.name) {
                entries.narrowings.push(Narrowing { of, entry, holds: stack.sourced(key(Key::KeepHolds), None) });
            } else {
                entries.keeps.push(Keep {
                    entry,
                    of: stack.sourced(key(Key::KeepOf), None),
                    review: stack.sourced(key(Key::KeepReview), None),
                });
            }
        }
        entries.narrowings.sort_unstable_by_key(|narrowing| narrowing.of);
        entries
    }

    /// The keeps and ends that the files of a stack name on any day, sorted by table and then by name.
    pub(crate) fn named_entries(&self, stack: &Stack<'_>) -> Vec<EntryId> {
        let mut named: Vec<_> =
            stack.files().into_iter().flatten().flat_map(|file| &file.entries).map(|named| named.id).collect();
        named.sort_unstable_by(|one, two| {
            (one.table, self.codes.name(one.name)).cmp(&(two.table, self.codes.name(two.name)))
        });
        named.dedup();
        named
    }

    /// A keep or an end; none on a day on which nothing that is said of it counts.
    fn entry(&self, stack: &Stack<'_>, id: EntryId) -> Option<Entry> {
        let keys = EntryKeys::of(id.table);
        let key = |key| Target::named(key, id.name);
        Some(Entry {
            name: self.codes.name(id.name).to_owned(),
            reason: self.entry_reason(stack, id)?,
            only: EntryOnly {
                holder: stack.maybe(key(keys.holder), None),
                category: stack.maybe(key(keys.category), None),
                subscription: stack.maybe(key(keys.subscription), None),
            },
            when: self.fact_tests(stack, key(keys.when)),
            unless: self.fact_tests(stack, key(keys.unless)),
            active: stack.sourced(key(keys.active), None),
        })
    }

    /// The reason of a keep or end: its own, or that of the first amendment that says something of it, in the highest file that
    /// has one. Where only files that do not count, or later amendments, say why, their reason serves. None where nobody says
    /// why, and where nothing that is said of it counts.
    pub(crate) fn entry_reason(&self, stack: &Stack<'_>, id: EntryId) -> Option<Sourced<String>> {
        let target = Target::named(EntryKeys::of(id.table).reason, id.name);
        if let Some(reason) = stack.maybe(target, None) {
            return Some(reason);
        }
        let counting = stack.about_entry(id);
        if counting.is_empty() {
            return None;
        }
        let files = stack.files().into_iter().flatten();
        let all: Vec<_> = files.flat_map(|file| file.about_entry(id).map(move |statement| (file, statement))).collect();
        let first = |said: &[(&PolicyFile, &Statement)]| {
            let amended = said.iter().filter(|(_, statement)| statement.amendment.is_some());
            let order = |(file, statement): &&(&PolicyFile, &Statement)| {
                (file.layer, statement.from, self.place_in_file(statement.assignment))
            };
            let (file, statement) = amended.min_by_key(order)?;
            let reason = file.amendments[statement.amendment?].reason.clone();
            Some(Sourced { value: reason, origin: Origin::File(statement.assignment) })
        };
        first(&counting)
            .or_else(|| {
                let (_, statement) = all.iter().find(|(_, statement)| statement.target == target)?;
                let reason = String::from_value(&self.assignments[statement.assignment.0 as usize].value)?;
                Some(Sourced { value: reason, origin: Origin::File(statement.assignment) })
            })
            .or_else(|| first(&all))
    }

    fn place_in_file(&self, assignment: AssignmentId) -> usize {
        self.assignments[assignment.0 as usize].key.start
    }

    /// The tests of `when` or `unless` that hold, in the order of the facts.
    pub(crate) fn fact_tests(&self, stack: &Stack<'_>, target: Target) -> Vec<FactTest> {
        let files = stack.files().into_iter().flatten();
        let mut facts: Vec<_> =
            files.flat_map(|file| file.tests(target)).filter_map(|statement| statement.target.fact).collect();
        facts.sort_unstable();
        facts.dedup();
        let mut tests: Vec<_> = facts
            .into_iter()
            .filter_map(|fact| {
                let (_, statement) = stack.winner(Target { fact: Some(fact), ..target }, None)?;
                let Value::Test(test) = &self.assignments[statement.assignment.0 as usize].value else { return None };
                let test = Sourced { value: test.clone(), origin: Origin::File(statement.assignment) };
                Some(FactTest { fact: self.tested.tested(self.codes.name(fact))?, test })
            })
            .collect();
        tests.sort_unstable_by_key(|test| test.fact);
        tests
    }
}
