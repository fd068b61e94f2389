//! A policy: what its files say, and what they add up to on any day.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::facts::Facts;
use crate::file::{Amendment, Assignment, CodeId, Codes, PolicyFile, Target};
use crate::link::{LibraryLink, Links};
use crate::resolve::{Stack, is_marked};
use crate::schema::{Key, Layer};
use crate::source::{FileId, Sources};
use crate::{
    Activity, AssignmentId, Cleanup, Consortium, Day, DayPolicy, Fact, Group, Guards, Library, Origin, Retention,
    Settings, Subscription, WholeGuards,
};

/// The policy of a consortium on every day.
#[derive(Debug)]
pub struct Policy {
    pub(crate) path: Option<PathBuf>,
    pub(crate) fingerprint: String,
    pub(crate) sources: Arc<Sources>,
    pub(crate) files: Vec<PolicyFile>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) codes: Codes,
    pub(crate) facts: Vec<Fact>,
    /// What tests name facts by.
    pub(crate) tested: Facts,
    pub(crate) links: Links,
}

/// Names one key: of one subscription, or of any other table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// The key.
    pub key: Key,
    /// The code of the subscription, for the keys of `[subscription]` and `[subscriptions.CODE]`; without it, the setting is
    /// what a subscription gets for which no file says more. For the keys of `[plugins.NAME]`, `[facts.NAME]`, `[keeps.NAME]`
    /// and `[ends.NAME]`, the name there.
    pub subscription: Option<&'a str>,
    /// The fact that a test of `when` or `unless` looks at; none for every other key.
    pub fact: Option<&'a str>,
}

impl<'a> Setting<'a> {
    /// A key of a table that has it once.
    pub const fn of(key: Key) -> Setting<'a> {
        Setting { key, subscription: None, fact: None }
    }

    /// A test of one keep or end.
    pub const fn of_test(key: Key, entry: &'a str, fact: &'a str) -> Setting<'a> {
        Setting { key, subscription: Some(entry), fact: Some(fact) }
    }

    /// A key of one subscription, keep, end, fact or plugin.
    pub const fn of_subscription(key: Key, code: &'a str) -> Setting<'a> {
        Setting { key, subscription: Some(code), fact: None }
    }
}

/// An assignment as people see it in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentView<'a> {
    /// The file, relative to the policy directory: `libraries/peer.toml`.
    pub file: &'a str,
    /// The line of the key, from 1.
    pub line: usize,
    /// The column of the key in characters, from 1.
    pub column: usize,
    /// The kind of file.
    pub layer: Layer,
    /// The key's path as policy.md writes it: `subscriptions.adult.fee`.
    pub key: String,
    /// The value as the file writes it; a test that it writes as several lines, in one.
    pub text: &'a str,
    /// The amendment that it stands in.
    pub amendment: Option<&'a Amendment>,
}

impl Policy {
    /// The policy directory; none of a policy that was loaded from texts.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// SHA-256 over the name and the bytes of every file, in path order, as hex. Two policies with the same files have the
    /// same one, wherever the files came from.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The days on which some amendment begins, each once, in order.
    pub fn change_days(&self) -> Vec<Day> {
        let mut days: Vec<_> =
            self.files.iter().flat_map(|file| &file.amendments).map(|amendment| amendment.from).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Every amendment with the file that it stands in, by file.
    pub fn amendments(&self) -> impl Iterator<Item = (&str, &Amendment)> {
        let files = self.files.iter().enumerate().map(|(index, file)| (&*self.sources.file(FileId(index)).shown, file));
        files.flat_map(|(shown, file)| file.amendments.iter().map(move |amendment| (shown, amendment)))
    }

    /// What an origin stands for: the place in its file, the value as written, the amendment.
    pub fn assignment(&self, id: AssignmentId) -> AssignmentView<'_> {
        let assignment = &self.assignments[id.0 as usize];
        let file = self.sources.file(assignment.file);
        let (line, column) = file.position(assignment.key.start);
        AssignmentView {
            file: &file.shown,
            line,
            column,
            layer: file.layer,
            key: assignment.target.path(&self.codes),
            text: assignment.written.as_deref().unwrap_or(&file.text[assignment.value_span.clone()]),
            amendment: assignment.amendment.map(|index| &self.files[assignment.file.0].amendments[index]),
        }
    }

    /// Everything that holds on a day.
    pub fn on(&self, day: Day) -> DayPolicy {
        self.on_for(day, |_| true)
    }

    /// What holds on a day, with only the libraries whose code is wanted. A patron who is at no other library needs no more.
    pub fn on_for(&self, day: Day, wanted: impl Fn(&str) -> bool) -> DayPolicy {
        let stack = self.consortium_stack(day);
        DayPolicy {
            date: day,
            facts: self.facts.clone(),
            consortium: Consortium {
                name: stack.sourced(Target::of(Key::ConsortiumName), None),
                run_day: stack.sourced(Target::of(Key::RunDay), None),
                year_starts: stack.sourced(Target::of(Key::YearStarts), None),
                removal: stack.sourced(Target::of(Key::Removal), None),
                profile_inactive_months: stack.sourced(Target::of(Key::ProfileInactiveMonths), None),
                guards: whole_guards(&stack),
                settings: self.settings(&stack),
            },
            groups: self
                .links
                .groups
                .iter()
                .map(|group| {
                    let stack = Stack { group: Some(&self.files[group.file]), ..stack };
                    Group {
                        code: group.code.clone(),
                        name: stack.name(Target::of(Key::GroupName), &group.code),
                        kind: stack.sourced(Target::of(Key::GroupKind), None),
                    }
                })
                .collect(),
            libraries: self
                .links
                .libraries
                .iter()
                .filter(|library| wanted(&library.code))
                .map(|library| {
                    let stack = self.library_stack(library, day);
                    Library {
                        code: library.code.clone(),
                        name: stack.name(Target::of(Key::LibraryName), &library.code),
                        group: library.group,
                        settings: self.settings(&stack),
                        subscriptions: self.subscriptions(&stack),
                    }
                })
                .collect(),
        }
    }

    pub(crate) fn settings(&self, stack: &Stack<'_>) -> Settings {
        Settings {
            activity: Activity {
                sources: stack.sourced(Target::of(Key::Sources), None),
                scope: stack.sourced(Target::of(Key::Scope), None),
            },
            cleanup: Cleanup {
                ended_months: stack.sourced(Target::of(Key::EndedMonths), None),
                settled_months: stack.sourced(Target::of(Key::SettledMonths), None),
                blocks: stack.sourced(Target::of(Key::Blocks), None),
                blocks_ignored: stack.sourced(Target::of(Key::BlocksIgnored), None),
                accounts_needed: stack.sourced(Target::of(Key::AccountsNeeded), None),
            },
            retention: Retention {
                pseudonymise: stack.sourced(Target::of(Key::PseudonymiseDays), None),
                history_months: stack.optional(Target::of(Key::HistoryMonths), None),
                finance_months: stack.sourced(Target::of(Key::FinanceMonths), None),
            },
            guards: Guards {
                max_deregistered_percent: stack.sourced(Target::of(Key::MaxDeregisteredPercent), None),
                max_removed_percent: stack.sourced(Target::of(Key::MaxRemovedPercent), None),
                max_source_age_days: stack.sourced(Target::of(Key::MaxSourceAgeDays), None),
            },
            entries: self.entries(stack),
        }
    }

    fn subscriptions(&self, stack: &Stack<'_>) -> Vec<Subscription> {
        let offered = self.named(stack).into_iter().filter(|&code| stack.offers(code));
        offered.map(|code| subscription(stack, code, self.codes.name(code))).collect()
    }

    /// Every origin of a setting of a library on a day, lowest precedence first, so that the last one decides. The first is
    /// the built-in value (the code for a name, none for a group), except for a key that a file must have. Without a
    /// library, or for one that the policy does not know, the trail is that of the consortium.
    pub fn trail(&self, day: Day, library: Option<&str>, setting: Setting<'_>) -> Vec<Origin> {
        let known = library.and_then(|code| self.links.libraries.iter().find(|library| library.code == code));
        let stack = match known {
            Some(library) => self.library_stack(library, day),
            None => self.consortium_stack(day),
        };
        // A subscription that no file names gets what every subscription gets.
        let code = setting.subscription.and_then(|code| self.codes.find(code));
        let fact = setting.fact.and_then(|fact| self.codes.find(fact));
        let marks = is_marked(setting.key).then(|| stack.marks(code));
        let target = Target { key: setting.key, code, fact };
        let spec = setting.key.spec();
        // What a file must say, and what a keep or end may leave out, has no built-in value.
        let has_none = spec.required || (target.entry().is_some() && spec.default.is_none());
        let built_in = (!has_none).then_some(Origin::BuiltIn);
        let mut trail: Vec<_> = built_in.into_iter().collect();
        stack.visit(target, marks.as_ref(), |_, statement| trail.push(Origin::File(statement.assignment)));
        trail
    }

    /// The files that decide on a day for a library that the policy does not know: the consortium's alone.
    pub(crate) fn consortium_stack(&self, day: Day) -> Stack<'_> {
        Stack {
            assignments: &self.assignments,
            consortium: &self.files[0],
            group: None,
            library: None,
            day,
            without: None,
        }
    }

    /// The files that decide on a day for a library: the consortium's, its group's and its own.
    pub(crate) fn library_stack(&self, library: &LibraryLink, day: Day) -> Stack<'_> {
        Stack {
            group: library.group.map(|group| &self.files[self.links.groups[group].file]),
            library: Some(&self.files[library.file]),
            ..self.consortium_stack(day)
        }
    }

    /// The libraries that a file decides for: all, those of the group, or the one.
    pub(crate) fn libraries_below(&self, file: &PolicyFile) -> Vec<usize> {
        let speaks = |&library: &usize| {
            let library = &self.links.libraries[library];
            match file.layer {
                Layer::Consortium => true,
                Layer::Group => library.group.is_some_and(|group| self.links.groups[group].file == file.id.0),
                Layer::Library => library.file == file.id.0,
            }
        };
        (0..self.links.libraries.len()).filter(speaks).collect()
    }

    /// The subscriptions that the files of a stack name on any day, sorted by code.
    pub(crate) fn named(&self, stack: &Stack<'_>) -> Vec<CodeId> {
        let mut codes: Vec<_> =
            stack.files().into_iter().flatten().flat_map(|file| &file.subscriptions).map(|named| named.code).collect();
        codes.sort_unstable_by(|&one, &two| self.codes.name(one).cmp(self.codes.name(two)));
        codes.dedup();
        codes
    }
}

fn whole_guards(stack: &Stack<'_>) -> WholeGuards {
    WholeGuards {
        max_unmatched_percent: stack.sourced(Target::of(Key::MaxUnmatchedPercent), None),
        max_newest_date_days: stack.sourced(Target::of(Key::MaxNewestDateDays), None),
        resting_sources: stack.sourced(Target::of(Key::RestingSources), None),
        max_rows_fallen_percent: stack.sourced(Target::of(Key::MaxRowsFallenPercent), None),
        max_profiles_percent: stack.sourced(Target::of(Key::MaxProfilesPercent), None),
        max_rejected_percent: stack.sourced(Target::of(Key::MaxRejectedPercent), None),
    }
}

fn subscription(stack: &Stack<'_>, id: CodeId, code: &str) -> Subscription {
    let marks = stack.marks(Some(id));
    let marks = Some(&marks);
    let key = |key| Target::named(key, id);
    Subscription {
        code: code.to_owned(),
        name: stack.name(key(Key::SubscriptionName), code),
        holder: stack.sourced(key(Key::Holder), None),
        category: stack.sourced(key(Key::Category), None),
        fee: stack.sourced(key(Key::Fee), marks),
        renewal: stack.sourced(key(Key::Renewal), marks),
        term_months: stack.sourced(key(Key::TermMonths), marks),
        lapse_months: stack.sourced(key(Key::LapseMonths), marks),
        grace_days: stack.sourced(key(Key::GraceDays), marks),
        term_ends: stack.optional(key(Key::TermEnds), marks),
    }
}
