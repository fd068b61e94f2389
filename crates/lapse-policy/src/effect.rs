//! Warnings for what has no effect: a lapse term without conditional renewal, an amendment that changes nothing, a group
//! without libraries (policy.md, "Errors"). One pass over every library and every day on which something changes there
//! finds out what does have an effect; whatever it does not find has none.

use std::collections::HashSet;

use crate::diagnostics::Diagnostic;
use crate::file::{CodeId, PolicyFile, Statement, Target};
use crate::policy::Policy;
use crate::resolve::{Stack, is_marked};
use crate::schema::{Key, Table};
use crate::value::Value;
use crate::{Day, Renewal};

/// Finds everything in a policy without errors that has no effect.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let effects = Effects::of(policy);
    let mut findings = Vec::new();
    for (index, file) in policy.files.iter().enumerate() {
        let libraries = policy.libraries_below(file);
        if libraries.is_empty() {
            findings.extend(empty_group(policy, file));
        }
        findings.extend(idle_lapse_terms(policy, file, &libraries, &effects));
        for amendment in 0..file.amendments.len() {
            // An enforced amendment may protect what holds already, and one without libraries has nothing to change yet.
            let excused = file.amendments[amendment].enforce || libraries.is_empty();
            let idle = !excused && !effects.amendments.contains(&(index, amendment));
            findings.extend(idle_amendment(policy, file, amendment, idle));
        }
    }
    findings
}

/// What has an effect at some library on some day.
#[derive(Default)]
struct Effects {
    /// Amendments that are not enforced and without which some value would be another: the file and the index.
    amendments: HashSet<(usize, usize)>,
    /// Subscriptions of a library whose renewal is conditional on some day: the library and the code.
    conditional: HashSet<(usize, CodeId)>,
}

impl Effects {
    fn of(policy: &Policy) -> Effects {
        let mut effects = Effects::default();
        effects.sweep_tables(policy, &policy.consortium_stack(Day::MIN));
        for (index, library) in policy.links.libraries.iter().enumerate() {
            let stack = policy.library_stack(library, Day::MIN);
            effects.sweep_tables(policy, &stack);
            effects.sweep_subscriptions(policy, index, &stack);
        }
        effects
    }

    /// Looks at the tables that a file has once, on every day on which some file of the stack changes.
    fn sweep_tables(&mut self, policy: &Policy, stack: &Stack<'_>) {
        let keys: Vec<_> = self.open_keys(stack).into_iter().filter(|key| !is_of_subscription(*key)).collect();
        for day in days(stack) {
            for &key in &keys {
                self.decides(policy, &Stack { day, ..*stack }, Target { key, code: None });
            }
        }
    }

    fn sweep_subscriptions(&mut self, policy: &Policy, library: usize, stack: &Stack<'_>) {
        let keys: Vec<_> = self.open_keys(stack).into_iter().filter(|key| is_of_subscription(*key)).collect();
        let days = days(stack);
        for code in policy.named(stack) {
            for &day in &days {
                let stack = Stack { day, ..*stack };
                self.introduces(policy, &stack, code);
                for &key in &keys {
                    self.decides(policy, &stack, Target { key, code: Some(code) });
                }
                if !self.conditional.contains(&(library, code)) {
                    let marks = stack.marks(Some(code));
                    let renewal = stack.value(Key::Renewal, Some(code), Some(&marks));
                    if renewal == Some(&Value::Renewal(Renewal::Conditional)) {
                        self.conditional.insert((library, code));
                    }
                }
            }
        }
    }

    /// The keys that some amendment of the stack sets, of the amendments of which no effect is known yet.
    fn open_keys(&self, stack: &Stack<'_>) -> Vec<Key> {
        let mut keys = Vec::new();
        for file in stack.files().into_iter().flatten() {
            let open = file.amended().filter(|(statement, amendment)| {
                !statement.enforced && !self.amendments.contains(&(file.id.0, *amendment))
            });
            keys.extend(open.map(|(statement, _)| statement.target.key));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Notes the amendment that decides a value, if the value would be another without it. An amendment that decides
    /// nothing changes nothing.
    fn decides(&mut self, policy: &Policy, stack: &Stack<'_>, target: Target) {
        let marks = is_marked(target.key).then(|| stack.marks(target.code));
        let mut winner = None;
        stack.visit(target.key, target.code, marks.as_ref(), |file, statement| winner = Some((file, statement)));
        let Some((file, statement)) = winner else { return };
        let Some(amendment) = statement.amendment else { return };
        let noted = (file.id.0, amendment);
        if statement.enforced || self.amendments.contains(&noted) {
            return;
        }
        if target.code.is_some_and(|code| !stack.offers(code)) {
            return;
        }
        let without = Stack { without: Some((file.id, amendment)), ..*stack };
        let value = &policy.assignments[statement.assignment.0 as usize].value;
        if without.value(target.key, target.code, marks.as_ref()) != Some(value) {
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

/// The first day of the calendar, and every day on which some amendment of the stack begins. Between two of them nothing
/// changes.
fn days(stack: &Stack<'_>) -> Vec<Day> {
    let amendments = stack.files().into_iter().flatten().flat_map(|file| &file.amendments);
    let mut days: Vec<_> = std::iter::once(Day::MIN).chain(amendments.map(|amendment| amendment.from)).collect();
    days.sort_unstable();
    days.dedup();
    days
}

fn is_of_subscription(key: Key) -> bool {
    matches!(key.spec().table, Table::Subscription | Table::Subscriptions)
}

fn empty_group(policy: &Policy, file: &PolicyFile) -> Option<Diagnostic> {
    let group = policy.links.groups.iter().find(|group| group.file == file.id.0)?;
    let code = file.about(Target { key: Key::GroupCode, code: None }).first()?;
    let place = policy.assignments[code.assignment.0 as usize].value_place();
    let code = &group.code;
    Some(
        Diagnostic::warning(format!("the group `{code}` has no libraries"), place)
            .label("no library names this code")
            .help(format!("write group = \"{code}\" in the `[library]` table of its libraries, or remove the file")),
    )
}

/// Warns of `lapse_months` that no subscription with conditional renewal ever gets.
fn idle_lapse_terms(policy: &Policy, file: &PolicyFile, libraries: &[usize], effects: &Effects) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for statement in file.statements.iter().filter(|statement| statement.target.key == Key::LapseMonths) {
        let mut subscriptions = libraries.iter().flat_map(|&library| {
            let codes = match statement.target.code {
                Some(code) => vec![code],
                None => policy.named(&policy.library_stack(&policy.links.libraries[library], Day::MIN)),
            };
            codes.into_iter().map(move |code| (library, code))
        });
        let mut some = subscriptions.by_ref().peekable();
        if some.peek().is_none() || some.any(|subscription| effects.conditional.contains(&subscription)) {
            continue;
        }
        let assignment = &policy.assignments[statement.assignment.0 as usize];
        let path = statement.target.path(&policy.codes);
        let label = match statement.target.code {
            Some(_) => "its renewal is conditional on no day",
            None => "no subscription that gets it has conditional renewal on any day",
        };
        findings.push(
            Diagnostic::warning(format!("`{path}` has no effect"), assignment.key_place())
                .label(label)
                .help("remove the line, or set renewal = \"conditional\""),
        );
    }
    findings
}

/// Warns of an amendment that sets no key, or that is `idle`: without it every value would be the same.
fn idle_amendment(policy: &Policy, file: &PolicyFile, index: usize, idle: bool) -> Option<Diagnostic> {
    let statements = || file.amended().filter(|(_, amendment)| *amendment == index).map(|(statement, _)| statement);
    let names = file.subscriptions.iter().any(|named| named.amendment == Some(index));
    let finding = Diagnostic::warning("this amendment changes nothing", file.place(&file.amendment_spans[index]));
    if statements().next().is_none() && !names {
        return Some(finding.label("it sets no key").help("say what it changes, or remove it"));
    }
    if !idle {
        return None;
    }
    let finding = finding.label("without it every value would be the same on every day");
    let silenced = statements().find_map(|statement| enforced_in(file, statement));
    Some(match silenced {
        Some(enforced) => finding
            .also(policy.assignments[enforced.assignment.0 as usize].key_place(), "this is enforced and stands")
            .help("add enforce = true to the amendment to have it take over, or remove it"),
        None => finding.help("remove it, or check its date and `only`"),
    })
}

/// The enforced amendment of the same file that stands in the way of a statement.
fn enforced_in<'a>(file: &'a PolicyFile, statement: &Statement) -> Option<&'a Statement> {
    let general = Target { code: None, ..statement.target };
    let own = file.about(statement.target).iter();
    own.chain(file.about(general)).find(|other| other.enforced && other.from <= statement.from)
}
