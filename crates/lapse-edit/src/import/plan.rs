//! What to change so that the policy says what the list says. Each step looks at the policy that the earlier steps make,
//! and at the end every value of the list is looked up in the policy once more.

use std::collections::HashMap;

use lapse_policy::{AssignmentView, Day, DayPolicy, Key, Layer, Library, Origin, Policy, Setting, Subscription};

use super::change::{Change, Coded, NearlyKnown};
use super::draft::Draft;
use super::edit;
use super::rows::{Row, Want, When};
use crate::{CellError, CellProblem, ChangeError, EditError};

/// What the list changes.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes in the order in which they were decided, each with its file, relative to the policy directory.
    pub changes: Vec<(String, Change)>,
    /// What is worth a second look.
    pub notes: Vec<NearlyKnown>,
    /// The cells that cannot be followed. Where there are any, nothing is to be written.
    pub problems: Vec<CellProblem>,
}

/// A row, and the subscription that it is about.
struct Subject<'r> {
    row: &'r Row,
    library: String,
    subscription: String,
    file: String,
}

/// Decides what to change, and changes the draft. `today` stands for now in a row without a date. `reason` is the reason of
/// amendments for which the list gives none.
pub fn plan(draft: &mut Draft, rows: &[Row], today: Day, reason: &str) -> Result<Plan, ChangeError> {
    let mut planner = Planner { draft, today, reason, plan: Plan::default() };
    let subjects = planner.subjects(rows)?;
    planner.add_subscriptions(&subjects)?;
    planner.change(&subjects, When::Now)?;
    planner.change(&subjects, When::From)?;
    planner.verify(&subjects)?;
    Ok(planner.plan)
}

/// A policy, resolved for the days that were asked for.
struct Lookup {
    policy: Policy,
    days: HashMap<Day, DayPolicy>,
}

impl Lookup {
    /// The subscription on a day; `None` where the library does not offer it then.
    fn subscription(&mut self, day: Day, subject: &Subject<'_>) -> Option<&Subscription> {
        let of_day = self.days.entry(day).or_insert_with(|| self.policy.on(day));
        let library = of_day.library(&subject.library)?;
        library.subscriptions.iter().find(|subscription| subscription.code == subject.subscription)
    }
}

struct Planner<'a> {
    draft: &'a mut Draft,
    today: Day,
    reason: &'a str,
    plan: Plan,
}

impl Planner<'_> {
    fn problem(&mut self, address: &str, why: CellError) {
        self.plan.problems.push(CellProblem { address: address.to_owned(), why });
    }

    fn note_change(&mut self, file: &str, change: Change) {
        self.plan.changes.push((file.to_owned(), change));
    }

    /// The policy with the changes so far.
    fn lookup(&self) -> Result<Lookup, ChangeError> {
        Ok(Lookup { policy: self.draft.policy()?, days: HashMap::new() })
    }

    /// The day on which a value is looked up.
    fn day(&self, row: &Row, when: When) -> Day {
        match (when, row.from) {
            (When::Now, Some(from)) => from.previous(),
            (When::From, Some(from)) => from,
            (When::Now | When::From, None) => self.today,
        }
    }

    /// Finds the library and the subscription of each row by code or name; a library that is new gets its file.
    fn subjects<'r>(&mut self, rows: &'r [Row]) -> Result<Vec<Subject<'r>>, ChangeError> {
        let policy = self.draft.policy()?;
        let of_day = policy.on(self.today);
        let mut subjects = Vec::new();
        for row in rows {
            let known = of_day.libraries.iter().find(|library| names(&row.library, &library.code, &library.name.value));
            let (library, file) = match known {
                Some(library) => (library.code.clone(), library_file(&policy, self.today, &library.code)),
                None => match self.new_library(row, &of_day.libraries) {
                    Some(found) => found,
                    None => continue,
                },
            };
            let subscriptions = known.map_or(&[][..], |library| &library.subscriptions);
            let subscription = subscriptions
                .iter()
                .find(|subscription| names(&row.subscription, &subscription.code, &subscription.name.value))
                .map_or_else(|| row.subscription.clone(), |subscription| subscription.code.clone());
            let codes = || subscriptions.iter().map(|other| &other.code);
            let alike = |other: &&String| lapse_policy::folded(other) == lapse_policy::folded(&subscription);
            if let Some(near) = codes().find(alike).filter(|_| !codes().any(|code| *code == subscription)) {
                let (address, near) = (row.subscription_address.clone(), near.clone());
                let code = subscription.clone();
                self.plan.notes.push(NearlyKnown { address, what: Coded::Subscription, code, near });
            }
            if lapse_policy::is_code(&subscription) {
                subjects.push(Subject { row, library, subscription, file });
            } else {
                let why = CellError::SubscriptionCode { library, code: subscription };
                self.problem(&row.subscription_address, why);
            }
        }
        self.twice(&subjects);
        Ok(subjects)
    }

    /// Finds rows that name one subscription in two ways.
    fn twice(&mut self, subjects: &[Subject<'_>]) {
        for (index, later) in subjects.iter().enumerate() {
            let same =
                |other: &&Subject<'_>| other.library == later.library && other.subscription == later.subscription;
            if let Some(first) = subjects[..index].iter().find(same) {
                let why = CellError::SecondRow { first: first.row.subscription_address.clone() };
                self.problem(&later.row.subscription_address, why);
            }
        }
    }

    /// The code and the file of a library that the policy does not know.
    fn new_library(&mut self, row: &Row, known: &[Library]) -> Option<(String, String)> {
        let code = row.library.clone();
        if !lapse_policy::is_code(&code) {
            self.problem(&row.library_address, CellError::LibraryCode { code });
            return None;
        }
        let file = format!("libraries/{}.toml", lapse_policy::file_stem(&code));
        if self.draft.is_new(&file) {
            return Some((code, file));
        }
        if self.draft.has(&file) {
            self.problem(&row.library_address, CellError::FileIsThere { code, file });
            return None;
        }
        if let Some(near) = lapse_policy::nearest(&code, known.iter().map(|library| &*library.code)) {
            let (address, near) = (row.library_address.clone(), near.to_owned());
            self.plan.notes.push(NearlyKnown { address, what: Coded::Library, code: code.clone(), near });
        }
        self.draft.add(&file, edit::new_library(&code));
        Some((code, file))
    }

    fn add_subscriptions(&mut self, subjects: &[Subject<'_>]) -> Result<(), ChangeError> {
        let mut lookup = self.lookup()?;
        for subject in subjects {
            let day = self.day(subject.row, When::Now);
            if lookup.subscription(day, subject).is_none() {
                let edited = edit::add_subscription(self.draft.file(&subject.file)?, &subject.subscription);
                self.edited(subject, &subject.row.subscription_address, edited);
                let subscription = subject.subscription.clone();
                self.note_change(&subject.file, Change::NewSubscription { subscription });
            }
        }
        Ok(())
    }

    /// Changes every value that is not what the list says.
    fn change(&mut self, subjects: &[Subject<'_>], when: When) -> Result<(), ChangeError> {
        if !self.plan.problems.is_empty() {
            return Ok(());
        }
        let mut lookup = self.lookup()?;
        for subject in subjects {
            let day = self.day(subject.row, when);
            for want in subject.row.wants.iter().filter(|want| want.when == when) {
                let Some(current) = lookup.subscription(day, subject).map(|found| want.field.of(found)) else {
                    continue;
                };
                if current != want.value {
                    self.change_one(&lookup.policy, day, subject, want, &current)?;
                }
            }
        }
        Ok(())
    }

    fn change_one(
        &mut self,
        policy: &Policy,
        day: Day,
        subject: &Subject<'_>,
        want: &Want,
        current: &str,
    ) -> Result<(), ChangeError> {
        let Subject { library, subscription, file, row } = subject;
        let key = want.field.key().spec().name;
        let decides = deciding(policy, day, library, subscription, want.field.key());
        let amendment = decides.as_ref().and_then(|view| Some((view, view.amendment?)));
        if let Some((view, amendment)) =
            amendment.filter(|(view, amendment)| view.layer != Layer::Library && amendment.enforce)
        {
            let why = CellError::Enforced {
                file: view.file.to_owned(),
                line: view.line,
                from: amendment.from,
                key,
                current: current.to_owned(),
                wanted: want.value.clone(),
            };
            self.problem(&want.address, why);
            return Ok(());
        }
        let of_library = amendment.filter(|(view, _)| view.file == file).map(|(_, amendment)| amendment);
        let (from, reason) = match (want.when, row.from, of_library) {
            // An amendment of this file says what holds now, so the list corrects that amendment.
            (When::Now, _, Some(amendment)) => (Some(amendment.from), amendment.reason.clone()),
            (When::Now, _, None) | (When::From, None, _) => (None, String::new()),
            (When::From, Some(from), _) => (Some(from), row.reason.clone().unwrap_or_else(|| self.reason.to_owned())),
        };
        let document = self.draft.file(file)?;
        let setting = (want.field.key(), want.value.as_str());
        let edited = match from {
            Some(from) => edit::amend(document, from, &reason, subscription, setting),
            None => edit::set(document, subscription, want.field.key(), &want.value),
        };
        self.edited(subject, &want.address, edited);
        let change = Change::Value {
            amendment: from,
            subscription: subscription.clone(),
            key,
            value: want.value.clone(),
            before: current.to_owned(),
        };
        self.note_change(file, change);
        Ok(())
    }

    fn edited(&mut self, subject: &Subject<'_>, address: &str, edited: Result<(), EditError>) {
        if let Err(why) = edited {
            self.problem(address, CellError::Edit { file: subject.file.clone(), why });
        }
    }

    /// Finds the cells that the policy does not follow after all changes.
    fn verify(&mut self, subjects: &[Subject<'_>]) -> Result<(), ChangeError> {
        if !self.plan.problems.is_empty() {
            return Ok(());
        }
        let mut lookup = self.lookup()?;
        for subject in subjects {
            for want in &subject.row.wants {
                let day = self.day(subject.row, want.when);
                let current = lookup.subscription(day, subject).map(|found| want.field.of(found));
                if current.as_ref() == Some(&want.value) {
                    continue;
                }
                let decides = deciding(&lookup.policy, day, &subject.library, &subject.subscription, want.field.key());
                let why = CellError::NotReached {
                    key: want.field.key().spec().name,
                    current: current.unwrap_or_else(|| "nothing".to_owned()),
                    day,
                    by: decides.map(|view| format!("{}:{}", view.file, view.line)),
                    wanted: want.value.clone(),
                };
                self.problem(&want.address, why);
            }
        }
        Ok(())
    }
}

/// Whether a cell names something by its code or its name.
fn names(cell: &str, code: &str, name: &str) -> bool {
    cell == code || cell.to_lowercase() == name.to_lowercase()
}

/// The file of a library, relative to the policy directory.
fn library_file(policy: &Policy, day: Day, code: &str) -> String {
    let trail = policy.trail(day, Some(code), Setting::of(Key::LibraryCode));
    let file = trail.into_iter().rev().find_map(|origin| match origin {
        Origin::File(id) => Some(policy.assignment(id).file.to_owned()),
        Origin::BuiltIn => None,
    });
    file.expect("a library has its code from its file")
}

/// The assignment that decides a key of a subscription; `None` where no file does.
fn deciding<'p>(
    policy: &'p Policy,
    day: Day,
    library: &str,
    subscription: &str,
    key: Key,
) -> Option<AssignmentView<'p>> {
    let trail = policy.trail(day, Some(library), Setting::of_subscription(key, subscription));
    match trail.last()? {
        Origin::File(id) => Some(policy.assignment(*id)),
        Origin::BuiltIn => None,
    }
}
