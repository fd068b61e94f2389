//! A policy: what its files say, and what they add up to on any day.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::file::{Amendment, Assignment, CodeId, Codes, PolicyFile};
use crate::link::{LibraryLink, Links};
use crate::resolve::{Stack, is_marked};
use crate::schema::{Key, Layer};
use crate::source::{FileId, Sources};
use crate::{
    Activity, AssignmentId, Cleanup, Consortium, Day, DayPolicy, Group, Guards, Library, Origin, Retention, Settings,
    Subscription, WholeGuards,
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
    pub(crate) links: Links,
}

/// Names one key: of one subscription, or of any other table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// The key.
    pub key: Key,
    /// The code of the subscription, for the keys of `[subscription]` and `[subscriptions.CODE]`; without it, the setting is
    /// what a subscription gets for which no file says more. For the keys of `[plugins.NAME]`, the name of the plugin.
    pub subscription: Option<&'a str>,
}

impl<'a> Setting<'a> {
    /// A key of a table that has it once.
    pub const fn of(key: Key) -> Setting<'a> {
        Setting { key, subscription: None }
    }

    /// A key of one subscription.
    pub const fn of_subscription(key: Key, code: &'a str) -> Setting<'a> {
        Setting { key, subscription: Some(code) }
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
    /// The value as the file writes it.
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
            text: &file.text[assignment.value_span.clone()],
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
            consortium: Consortium {
                name: stack.sourced(Key::ConsortiumName, None, None),
                run_day: stack.sourced(Key::RunDay, None, None),
                profile_inactive_months: stack.sourced(Key::ProfileInactiveMonths, None, None),
                guards: whole_guards(&stack),
                settings: settings(&stack),
            },
            groups: self
                .links
                .groups
                .iter()
                .map(|group| {
                    let stack = Stack { group: Some(&self.files[group.file]), ..stack };
                    Group {
                        code: group.code.clone(),
                        name: stack.name(Key::GroupName, None, &group.code),
                        kind: stack.sourced(Key::GroupKind, None, None),
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
                        name: stack.name(Key::LibraryName, None, &library.code),
                        group: library.group,
                        settings: settings(&stack),
                        subscriptions: self.subscriptions(&stack),
                    }
                })
                .collect(),
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
        let marks = is_marked(setting.key).then(|| stack.marks(code));
        let built_in = (!setting.key.spec().required).then_some(Origin::BuiltIn);
        let mut trail: Vec<_> = built_in.into_iter().collect();
        stack.visit(setting.key, code, marks.as_ref(), |_, statement| trail.push(Origin::File(statement.assignment)));
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
        max_unmatched_percent: stack.sourced(Key::MaxUnmatchedPercent, None, None),
        max_newest_date_days: stack.sourced(Key::MaxNewestDateDays, None, None),
        resting_sources: stack.sourced(Key::RestingSources, None, None),
        max_rows_fallen_percent: stack.sourced(Key::MaxRowsFallenPercent, None, None),
        max_profiles_percent: stack.sourced(Key::MaxProfilesPercent, None, None),
        max_rejected_percent: stack.sourced(Key::MaxRejectedPercent, None, None),
    }
}

fn settings(stack: &Stack<'_>) -> Settings {
    Settings {
        activity: Activity {
            sources: stack.sourced(Key::Sources, None, None),
            scope: stack.sourced(Key::Scope, None, None),
        },
        cleanup: Cleanup {
            ended_months: stack.sourced(Key::EndedMonths, None, None),
            settled_months: stack.sourced(Key::SettledMonths, None, None),
            blocks: stack.sourced(Key::Blocks, None, None),
            blocks_ignored: stack.sourced(Key::BlocksIgnored, None, None),
            accounts_needed: stack.sourced(Key::AccountsNeeded, None, None),
        },
        retention: Retention {
            pseudonymise_days: stack.sourced(Key::PseudonymiseDays, None, None),
            finance_months: stack.sourced(Key::FinanceMonths, None, None),
        },
        guards: Guards {
            max_deregistered_percent: stack.sourced(Key::MaxDeregisteredPercent, None, None),
            max_removed_percent: stack.sourced(Key::MaxRemovedPercent, None, None),
            max_source_age_days: stack.sourced(Key::MaxSourceAgeDays, None, None),
        },
    }
}

fn subscription(stack: &Stack<'_>, id: CodeId, code: &str) -> Subscription {
    let marks = stack.marks(Some(id));
    let (id, marks) = (Some(id), Some(&marks));
    Subscription {
        code: code.to_owned(),
        name: stack.name(Key::SubscriptionName, id, code),
        holder: stack.sourced(Key::Holder, id, None),
        category: stack.sourced(Key::Category, id, None),
        fee: stack.sourced(Key::Fee, id, marks),
        renewal: stack.sourced(Key::Renewal, id, marks),
        term_months: stack.sourced(Key::TermMonths, id, marks),
        lapse_months: stack.sourced(Key::LapseMonths, id, marks),
    }
}
