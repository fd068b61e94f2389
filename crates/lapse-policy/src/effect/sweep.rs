//! What has an effect: one pass over every library and every day on which something changes there. Between two of those days
//! nothing changes, so that what decides no value on any of them decides none at all.

use std::collections::HashSet;

use crate::Day;
use crate::Renewal;
use crate::file::{CodeId, PolicyFile, Statement, Target};
use crate::policy::Policy;
use crate::resolve::{Marks, Stack};
use crate::schema::{KEYS, Key, Table};
use crate::value::Value;

/// What has an effect at some library on some day.
pub(super) struct Effects {
    /// Amendments that are not enforced and without which some value would be another: the file and the index.
    pub amendments: HashSet<(usize, usize)>,
    /// For each assignment, whether it decides a value that counts.
    pub holding: Vec<bool>,
}

impl Effects {
    pub fn of(policy: &Policy) -> Effects {
        let mut effects = Effects { amendments: HashSet::new(), holding: vec![false; policy.assignments.len()] };
        effects.sweep_tables(policy, &policy.consortium_stack(Day::MIN));
        for library in &policy.links.libraries {
            let stack = policy.library_stack(library, Day::MIN);
            effects.sweep_tables(policy, &stack);
            for code in policy.named(&stack) {
                effects.sweep_subscription(policy, &stack, code);
            }
        }
        effects
    }

    /// Looks at the tables that a file has once, on every day on which some file of the stack changes.
    fn sweep_tables(&mut self, policy: &Policy, stack: &Stack<'_>) {
        let keys = self.open_keys(stack, None);
        for day in stack.days() {
            for &key in &keys {
                self.decides(policy, &Stack { day, ..*stack }, Target::of(key), None);
            }
        }
        self.sweep_entries(policy, stack);
    }

    /// Looks at every key of every keep and end.
    fn sweep_entries(&mut self, policy: &Policy, stack: &Stack<'_>) {
        let files = stack.files().into_iter().flatten();
        let mut targets: Vec<_> = files
            .flat_map(|file| file.statements.iter().filter(|statement| self.is_open(file, statement)))
            .map(|statement| statement.target)
            .filter(|target| target.entry().is_some())
            .collect();
        targets.sort_unstable();
        targets.dedup();
        if targets.is_empty() {
            return;
        }
        for day in stack.days() {
            for &target in &targets {
                self.decides(policy, &Stack { day, ..*stack }, target, None);
            }
        }
    }

    fn sweep_subscription(&mut self, policy: &Policy, stack: &Stack<'_>, code: CodeId) {
        let keys = self.open_keys(stack, Some(code));
        for day in stack.days() {
            let stack = Stack { day, ..*stack };
            self.introduces(policy, &stack, code);
            if keys.is_empty() || !stack.offers(code) {
                continue;
            }
            let marks = stack.marks(Some(code));
            for &key in &keys {
                self.decides(policy, &stack, Target::named(key, code), Some(&marks));
            }
        }
    }

    /// Whether a statement, or the amendment that it stands in, has no effect that is known yet.
    fn is_open(&self, file: &PolicyFile, statement: &Statement) -> bool {
        let plain = statement.amendment.filter(|_| !statement.enforced);
        !self.holding[statement.assignment.0 as usize]
            || plain.is_some_and(|amendment| !self.amendments.contains(&(file.id.0, amendment)))
    }

    /// The keys about which some statement of the stack says something of which no effect is known yet.
    fn open_keys(&self, stack: &Stack<'_>, code: Option<CodeId>) -> Vec<Key> {
        let keys = KEYS.iter().map(|spec| spec.key).filter(|&key| is_of_subscription(key) == code.is_some());
        keys.filter(|&key| {
            stack.files().into_iter().flatten().any(|file| {
                let own = code.map_or(&[][..], |_| file.about(Target { key, code, fact: None }));
                let all = file.about(Target::of(key));
                own.iter().chain(all).any(|statement| self.is_open(file, statement))
            })
        })
        .collect()
    }

    /// Notes the statement that decides a value, and its amendment if the value would be another without it.
    fn decides(&mut self, policy: &Policy, stack: &Stack<'_>, target: Target, marks: Option<&Marks>) {
        let Some((file, statement)) = stack.winner(target, marks) else { return };
        // A lapse term matters only to a membership that can lapse, and `none` only where it takes something away.
        let counts = match policy.assignments[statement.assignment.0 as usize].value {
            Value::Unset => takes_away(policy, stack, target, marks),
            _ => target.key != Key::LapseMonths || is_conditional(stack, target.code, marks),
        };
        if counts {
            self.holding[statement.assignment.0 as usize] = true;
        }
        let Some(amendment) = statement.amendment else { return };
        let noted = (file.id.0, amendment);
        if statement.enforced || self.amendments.contains(&noted) {
            return;
        }
        let without = Stack { without: Some((file.id, amendment)), ..*stack };
        let value = &policy.assignments[statement.assignment.0 as usize].value;
        // `none` says what silence says.
        let said = |value: Option<&Value>| value.filter(|value| **value != Value::Unset).cloned();
        if said(without.value(target, marks)) != said(Some(value)) {
            self.amendments.insert(noted);
        }
    }

    /// Notes an amendment without which a subscription would not exist.
    fn introduces(&mut self, policy: &Policy, stack: &Stack<'_>, code: CodeId) {
        for file in stack.files().into_iter().flatten() {
            for named in file.subscriptions.iter().filter(|named| named.code == code) {
                let (Some(amendment), Some(from)) = (named.amendment, named.from) else { continue };
                let noted = (file.id.0, amendment);
                if from > stack.day
                    || policy.files[file.id.0].amendments[amendment].enforce
                    || self.amendments.contains(&noted)
                {
                    continue;
                }
                if !(Stack { without: Some((file.id, amendment)), ..*stack }).offers(code) {
                    self.amendments.insert(noted);
                }
            }
        }
    }
}

/// Whether the `none` that decides a value takes one away that would hold otherwise.
fn takes_away(policy: &Policy, stack: &Stack<'_>, target: Target, marks: Option<&Marks>) -> bool {
    let mut before = [None, None];
    stack.visit(target, marks, |_, statement| before = [before[1], Some(statement.assignment)]);
    let value = before[0].map(|id| &policy.assignments[id.0 as usize].value);
    value.is_some_and(|value| *value != Value::Unset)
}

/// Whether a subscription renews on condition on the day of the stack.
pub(super) fn is_conditional(stack: &Stack<'_>, code: Option<CodeId>, marks: Option<&Marks>) -> bool {
    stack.value(Target { key: Key::Renewal, code, fact: None }, marks) == Some(&Value::Renewal(Renewal::Conditional))
}

pub(super) fn is_of_subscription(key: Key) -> bool {
    matches!(key.spec().table, Table::Subscription | Table::Subscriptions)
}
