//! What can be told only of merged values, for each library and day: a keep or end that lacks something, or whose keys do not
//! fit together, and terms that do not end on one day of the year. Each is told once, at the line that causes it.

use std::collections::HashSet;

use crate::diagnostics::Diagnostic;
use crate::file::{EntryId, Target};
use crate::merge::EntryKeys;
use crate::policy::Policy;
use crate::resolve::Stack;
use crate::schema::{Key, Table};
use crate::source::{FileId, Place};
use crate::value::Value;
use crate::{AssignmentId, BuiltInFact, Day, KeepOf, Narrowed, Origin, Test, TestedFact};

/// Finds what is wrong with keeps and ends as they result. Those of which something could not be read are left out.
pub(crate) fn entries(policy: &Policy, unsure: &HashSet<EntryId>) -> Vec<Diagnostic> {
    let mut judge = Judge { policy, told: HashSet::new(), findings: Vec::new() };
    let libraries = policy.links.libraries.iter().map(|library| policy.library_stack(library, Day::MIN));
    for stack in std::iter::once(policy.consortium_stack(Day::MIN)).chain(libraries) {
        let named: Vec<_> = policy.named_entries(&stack).into_iter().filter(|entry| !unsure.contains(entry)).collect();
        if named.is_empty() {
            continue;
        }
        for day in stack.days() {
            for &entry in &named {
                judge.entry(&Stack { day, ..stack }, entry);
            }
        }
    }
    judge.findings
}

/// Finds the subscriptions whose renewals end on one day of the year although their terms are not whole years.
pub(crate) fn terms(policy: &Policy) -> Vec<Diagnostic> {
    let mut judge = Judge { policy, told: HashSet::new(), findings: Vec::new() };
    if !policy.assignments.iter().any(|assignment| assignment.target.key == Key::TermEnds) {
        return judge.findings;
    }
    for library in &policy.links.libraries {
        let stack = policy.library_stack(library, Day::MIN);
        if stack.files().into_iter().flatten().any(|file| file.unsure) {
            continue;
        }
        let codes = policy.named(&stack);
        for day in stack.days() {
            let stack = Stack { day, ..stack };
            for &code in codes.iter().filter(|&&code| stack.offers(code)) {
                let marks = stack.marks(Some(code));
                let key = |key| Target::named(key, code);
                let ends = stack.optional::<crate::MonthDay>(key(Key::TermEnds), Some(&marks));
                let months = stack.sourced::<u32>(key(Key::TermMonths), Some(&marks));
                let (Some(day), Origin::File(of_day)) = (ends.value, ends.origin) else { continue };
                if months.value.is_multiple_of(12) {
                    continue;
                }
                let Origin::File(of_months) = months.origin else { continue };
                judge.two(of_day, of_months, |cause, other| {
                    let (label, about) = if cause == of_day {
                        (format!("renewals cannot all end on {day}"), "a term that is not whole years")
                    } else {
                        ("expected a multiple of 12".to_owned(), "renewals end on this day")
                    };
                    let path = policy.assignments[cause.0 as usize].target.path(&policy.codes);
                    Diagnostic::error(
                        format!(
                            "`{path}` does not fit: renewals end on one day of the year, and terms of {} months do not",
                            months.value
                        ),
                        policy.assignments[cause.0 as usize].value_place(),
                    )
                    .label(label)
                    .also(policy.assignments[other.0 as usize].value_place(), about)
                    .help("write a term of whole years, or term_ends = \"none\"")
                });
            }
        }
    }
    judge.findings
}

struct Judge<'a> {
    policy: &'a Policy,
    /// What was told, by its place and by what it is about.
    told: HashSet<(FileId, usize, &'static str)>,
    findings: Vec<Diagnostic>,
}

impl Judge<'_> {
    /// Looks at one keep or end on the day of the stack.
    fn entry(&mut self, stack: &Stack<'_>, id: EntryId) {
        if stack.about_entry(id).is_empty() {
            return;
        }
        if self.policy.entry_reason(stack, id).is_none() {
            self.without_reason(stack, id);
        }
        // What is switched off may lack anything: an enforced `active = false` forbids an entry that it does not know.
        if is(stack, Target::named(EntryKeys::of(id.table).active, id.name), false) {
            return;
        }
        if id.table == Table::Ends {
            if !self.has_test(stack, Target::named(Key::EndWhen, id.name)) {
                self.without_test(stack, id);
            }
        } else if Narrowed::from_word(self.policy.codes.name(id.name)).is_none() {
            self.keep(stack, id);
        }
    }

    fn keep(&mut self, stack: &Stack<'_>, id: EntryId) {
        let key = |key| Target::named(key, id.name);
        let EntryKeys { holder, category, subscription, when, unless, .. } = EntryKeys::OF_KEEPS;
        let only = [holder, category, subscription];
        let tested = [when, unless].iter().any(|&of| self.has_test(stack, key(of)));
        if !tested && !only.iter().any(|&of| stack.winner(key(of), None).is_some()) {
            self.without_test(stack, id);
        }
        let of = stack.winner(key(Key::KeepOf), None).map(|(_, statement)| statement.assignment);
        let kept: &[KeepOf] = match of.map(|of| &self.policy.assignments[of.0 as usize].value) {
            Some(Value::KeepOf(of)) => of,
            Some(_) | None => &[KeepOf::Record],
        };
        if kept.len() > 1 && kept.contains(&KeepOf::Membership) {
            self.ended_on_of_memberships(stack, id);
        }
        let Some(of) = of.filter(|_| !kept.contains(&KeepOf::Record)) else { return };
        if is(stack, key(Key::KeepReview), true)
            && let Some((_, review)) = stack.winner(key(Key::KeepReview), None)
        {
            self.of_and(of, review.assignment, "review", |path| {
                format!("`{path}` does not fit: `review` is for a record, and this keep keeps none")
            });
        }
        if kept != [KeepOf::Membership] {
            return;
        }
        for at in self.tests_of_ended_on(stack, id) {
            self.of_and(of, at, "ended_on", |path| {
                format!("`{path}` does not fit: `ended_on` is a fact of records, and this keep is of memberships")
            });
        }
    }

    /// Warns of a keep of memberships too that looks at when those of a record ended: of a membership nobody knows that, so
    /// that the keep holds each one that it is about.
    fn ended_on_of_memberships(&mut self, stack: &Stack<'_>, id: EntryId) {
        for at in self.tests_of_ended_on(stack, id) {
            let assignment = &self.policy.assignments[at.0 as usize];
            if self.told.insert((assignment.file, assignment.key.start, "ended_on")) {
                let path = assignment.target.path(&self.policy.codes);
                self.findings.push(
                    Diagnostic::warning(format!("`{path}` is unknown of every membership"), assignment.key_place())
                        .label("`ended_on` is a fact of records; what is not known keeps, so no membership lapses")
                        .help("keep memberships by a keep of their own, without `ended_on`"),
                );
            }
        }
    }

    /// The tests of a keep that look at `ended_on`.
    fn tests_of_ended_on(&self, stack: &Stack<'_>, id: EntryId) -> Vec<AssignmentId> {
        let tests = [Key::KeepWhen, Key::KeepUnless]
            .into_iter()
            .flat_map(|of_test| self.policy.fact_tests(stack, Target::named(of_test, id.name)));
        let ended_on = TestedFact::BuiltIn(BuiltInFact::EndedOn);
        let looks = tests.filter(|test| {
            let after = matches!(&test.test.value, Test::Date(date) if date.after == Some(ended_on));
            test.fact == ended_on || after
        });
        let places = looks.filter_map(|test| match test.test.origin {
            Origin::File(at) => Some(at),
            Origin::BuiltIn => None,
        });
        places.collect()
    }

    /// Tells that `of` does not fit what another key says.
    fn of_and(&mut self, of: AssignmentId, other: AssignmentId, what: &'static str, message: impl Fn(&str) -> String) {
        let policy = self.policy;
        self.two(of, other, |cause, second| {
            let path = policy.assignments[cause.0 as usize].target.path(&policy.codes);
            let place = |id: AssignmentId| policy.assignments[id.0 as usize].key_place();
            let (label, about) = if cause == of {
                ("expected \"record\" among these".to_owned(), format!("`{what}` stands here"))
            } else {
                (format!("`{what}` needs \"record\" in `of`"), "what it keeps stands here".to_owned())
            };
            Diagnostic::error(message(&path), place(cause))
                .label(label)
                .also(place(second), about)
                .help("add \"record\" to `of`, or remove the other line")
        });
    }

    /// Tells a finding about two lines at the one that stands above the other: what is nearer to the library or later.
    fn two(
        &mut self,
        one: AssignmentId,
        two: AssignmentId,
        finding: impl Fn(AssignmentId, AssignmentId) -> Diagnostic,
    ) {
        let policy = self.policy;
        let rank = |id: AssignmentId| {
            let assignment = &policy.assignments[id.0 as usize];
            let file = &policy.files[assignment.file.0];
            let from = assignment.amendment.map(|amendment| file.amendments[amendment].from);
            (file.layer, from, assignment.key.start)
        };
        let (cause, other) = if rank(one) > rank(two) { (one, two) } else { (two, one) };
        let assignment = &policy.assignments[cause.0 as usize];
        if self.told.insert((assignment.file, assignment.key.start, "two")) {
            self.findings.push(finding(cause, other));
        }
    }

    fn without_reason(&mut self, stack: &Stack<'_>, id: EntryId) {
        let Some((file, span)) = named_first(stack, id) else { return };
        if !self.told.insert((file, span.start, "reason")) {
            return;
        }
        let path = id.path(&self.policy.codes);
        let finding = Diagnostic::error(format!("`{path}` has no `reason`"), Place { file, span: Some(span) })
            .label(format!("expected `reason` here: {}", EntryKeys::of(id.table).reason.spec().about))
            .help("add a line such as `reason = \"Council decision of 3 May 2026\"`");
        self.findings.push(finding);
    }

    /// Tells of a keep that says nothing of whom it keeps, or of an end that says nothing of when. Where `none` took the last
    /// test away, that is the line that causes it.
    fn without_test(&mut self, stack: &Stack<'_>, id: EntryId) {
        let said = stack.about_entry(id).into_iter().map(|(_, statement)| statement.assignment);
        let unset = said.rev().find(|at| self.policy.assignments[at.0 as usize].value == Value::Unset);
        let named = || named_first(stack, id).map(|(file, span)| Place { file, span: Some(span) });
        let place = unset.map(|unset| self.policy.assignments[unset.0 as usize].key_place()).or_else(named);
        let Some(place) = place else { return };
        let start = place.span.as_ref().map_or(0, |span| span.start);
        if !self.told.insert((place.file, start, "test")) {
            return;
        }
        let path = id.path(&self.policy.codes);
        let finding = if id.table == Table::Ends {
            Diagnostic::error(format!("`{path}` has no `when`"), place)
                .label("expected `when`: without it every membership would end")
                .help("add a line such as `when = { age = { at_least = 18 } }`")
        } else {
            Diagnostic::error(format!("`{path}` has none of `when`, `unless` and `only`"), place)
                .label("it would keep everybody, so that nothing is ever removed")
                .help("say whom it keeps: `when = { owed = { over = 0 } }`, or `only = { category = \"web\" }`")
        };
        self.findings.push(finding);
    }

    fn has_test(&self, stack: &Stack<'_>, target: Target) -> bool {
        !self.policy.fact_tests(stack, target).is_empty()
    }
}

fn is(stack: &Stack<'_>, target: Target, wanted: bool) -> bool {
    stack.value(target, None) == Some(&Value::Boolean(wanted))
}

/// Where the highest file that counts names a keep or end.
fn named_first(stack: &Stack<'_>, id: EntryId) -> Option<(FileId, std::ops::Range<usize>)> {
    let files = stack.files().into_iter().take(stack.counting(id)).flatten();
    files
        .flat_map(|file| file.entries.iter().map(move |named| (file.id, named)))
        .find(|(_, named)| named.id == id && named.from.is_none_or(|from| from <= stack.day))
        .map(|(file, named)| (file, named.span.clone()))
}
