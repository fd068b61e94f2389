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
                self.decides(policy, &Stack { day, ..*stack }, Target { key, code: None }, None);
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
                self.decides(policy, &stack, Target { key, code: Some(code) }, Some(&marks));
            }
        }
    }

    /// The keys about which some statement of the stack says something of which no effect is known yet.
    fn open_keys(&self, stack: &Stack<'_>, code: Option<CodeId>) -> Vec<Key> {
        let is_open = |file: &PolicyFile, statement: &Statement| {
            let plain = statement.amendment.filter(|_| !statement.enforced);
            !self.holding[statement.assignment.0 as usize]
                || plain.is_some_and(|amendment| !self.amendments.contains(&(file.id.0, amendment)))
        };
        let keys = KEYS.iter().map(|spec| spec.key).filter(|&key| is_of_subscription(key) == code.is_some());
        keys.filter(|&key| {
            stack.files().into_iter().flatten().any(|file| {
                let own = code.map_or(&[][..], |_| file.about(Target { key, code }));
                let all = file.about(Target { key, code: None });
                own.iter().chain(all).any(|statement| is_open(file, statement))
            })
        })
        .collect()
    }

    /// Notes the statement that decides a value, and its amendment if the value would be another without it.
    fn decides(&mut self, policy: &Policy, stack: &Stack<'_>, target: Target, marks: Option<&Marks>) {
        let Some((file, statement)) = winner(stack, target, marks) else { return };
        // A lapse term matters only to a membership that can lapse.
        if target.key != Key::LapseMonths || is_conditional(stack, target.code, marks) {
            self.holding[statement.assignment.0 as usize] = true;
        }
        let Some(amendment) = statement.amendment else { return };
        let noted = (file.id.0, amendment);
        if statement.enforced || self.amendments.contains(&noted) {
            return;
        }
        let without = Stack { without: Some((file.id, amendment)), ..*stack };
        let value = &policy.assignments[statement.assignment.0 as usize].value;
        if without.value(target.key, target.code, marks) != Some(value) {
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

/// The statement that decides a value; none where no file says anything.
pub(super) fn winner<'a>(
    stack: &Stack<'a>,
    target: Target,
    marks: Option<&Marks>,
) -> Option<(&'a PolicyFile, &'a Statement)> {
    let mut winner = None;
    stack.visit(target.key, target.code, marks, |file, statement| winner = Some((file, statement)));
    winner
}

/// Whether a subscription renews on condition on the day of the stack.
pub(super) fn is_conditional(stack: &Stack<'_>, code: Option<CodeId>, marks: Option<&Marks>) -> bool {
    stack.value(Key::Renewal, code, marks) == Some(&Value::Renewal(Renewal::Conditional))
}

pub(super) fn is_of_subscription(key: Key) -> bool {
    matches!(key.spec().table, Table::Subscription | Table::Subscriptions)
}
