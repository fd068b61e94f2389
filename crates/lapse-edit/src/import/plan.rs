//! What to change so that the policy says what the list says. Each step is decided by the policy that the steps before it
//! make, and at the end every value of the list is looked up in it once more.

use std::collections::HashMap;

use lapse_policy::{AssignmentView, Day, DayPolicy, Key, Layer, Library, Origin, Policy, Setting, Subscription};

use super::Problem;
use super::draft::Draft;
use super::edit;
use super::rows::{Row, Want, When};

/// A change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, relative to the policy directory.
    pub file: String,
    /// What changes in it, as people read it.
    pub what: String,
}

/// What the list changes.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes in the order in which they were decided.
    pub changes: Vec<Change>,
    /// What is worth a second look.
    pub notes: Vec<String>,
    /// What cannot be done; nothing is then.
    pub problems: Vec<Problem>,
}

/// A row and what of the policy it is about.
struct Subject<'r> {
    row: &'r Row,
    library: String,
    subscription: String,
    file: String,
}

/// Decides what to change, and changes the draft. `today` stands for now in a row without a date; `reason` is that of
/// amendments for which the list gives none.
pub fn plan(draft: &mut Draft, rows: &[Row], today: Day, reason: &str) -> Result<Plan, String> {
    let mut planner = Planner { draft, today, reason, plan: Plan::default() };
    let subjects = planner.subjects(rows)?;
    planner.add_subscriptions(&subjects)?;
    planner.change(&subjects, When::Now)?;
    planner.change(&subjects, When::From)?;
    planner.verify(&subjects)?;
    Ok(planner.plan)
}

/// A policy with the days that were asked for.
struct Lookup {
    policy: Policy,
    days: HashMap<Day, DayPolicy>,
}

impl Lookup {
    /// The subscription as it stands on a day; none where the library does not offer it then.
    fn subscription(&mut self, day: Day, subject: &Subject<'_>) -> Option<&Subscription> {
        let of_day = self.days.entry(day).or_insert_with(|| self.policy.on(day));
        let library = of_day.libraries.iter().find(|library| library.code == subject.library)?;
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
    fn problem(&mut self, address: &str, sentence: impl Into<String>) {
        self.plan.problems.push(Problem { address: address.to_owned(), sentence: sentence.into() });
    }

    fn note_change(&mut self, file: &str, what: String) {
        self.plan.changes.push(Change { file: file.to_owned(), what });
    }

    /// The policy with the changes so far.
    fn lookup(&self) -> Result<Lookup, String> {
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
    fn subjects<'r>(&mut self, rows: &'r [Row]) -> Result<Vec<Subject<'r>>, String> {
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
            if is_code(&subscription) {
                subjects.push(Subject { row, library, subscription, file });
            } else {
                let sentence = format!("{library} has no subscription `{subscription}`, and a code has no spaces");
                self.problem(&row.subscription_address, sentence);
            }
        }
        self.twice(&subjects);
        Ok(subjects)
    }

    /// Two rows that name one subscription in two ways.
    fn twice(&mut self, subjects: &[Subject<'_>]) {
        for (index, later) in subjects.iter().enumerate() {
            let same =
                |other: &&Subject<'_>| other.library == later.library && other.subscription == later.subscription;
            if let Some(first) = subjects[..index].iter().find(same) {
                let address = &first.row.subscription_address;
                let sentence = format!("{address} is about the same subscription of the same library");
                self.problem(&later.row.subscription_address, sentence);
            }
        }
    }

    /// The code and the file of a library that the policy does not know.
    fn new_library(&mut self, row: &Row, known: &[Library]) -> Option<(String, String)> {
        let code = row.library.clone();
        if !is_code(&code) || code.starts_with('.') || code.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']) {
            let sentence = format!("the policies have no library `{code}`, and this cannot be the code of a new one");
            self.problem(&row.library_address, sentence);
            return None;
        }
        let file = format!("libraries/{code}.toml");
        if self.draft.is_new(&file) {
            return Some((code, file));
        }
        if self.draft.has(&file) {
            let sentence = format!("the policies have no library `{code}`, but {file} is there");
            self.problem(&row.library_address, sentence);
            return None;
        }
        if let Some(near) = lapse_policy::nearest(&code, known.iter().map(|library| &*library.code)) {
            let address = &row.library_address;
            self.plan
                .notes
                .push(format!("{address}: `{code}` would be a new library; if it is `{near}`, mend the list"));
        }
        self.draft.add(&file, edit::new_library(&code));
        Some((code, file))
    }

    fn add_subscriptions(&mut self, subjects: &[Subject<'_>]) -> Result<(), String> {
        let mut lookup = self.lookup()?;
        for subject in subjects {
            let day = self.day(subject.row, When::Now);
            if lookup.subscription(day, subject).is_none() {
                let edited = edit::add_subscription(self.draft.file(&subject.file)?, &subject.subscription);
                self.edited(subject, &subject.row.subscription_address, edited);
                self.note_change(&subject.file, format!("subscriptions.{}: new", subject.subscription));
            }
        }
        Ok(())
    }

    /// Changes every value that is not what the list says.
    fn change(&mut self, subjects: &[Subject<'_>], when: When) -> Result<(), String> {
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
    ) -> Result<(), String> {
        let Subject { library, subscription, file, row } = subject;
        let decides = deciding(policy, day, library, subscription, want.field.key());
        let amendment = decides.as_ref().and_then(|view| Some((view, view.amendment?)));
        if let Some((view, amendment)) =
            amendment.filter(|(view, amendment)| view.layer != Layer::Library && amendment.enforce)
        {
            let sentence = format!(
                "{}:{} holds here since {}, and no library can override it: {} = {current}, not {}",
                view.file,
                view.line,
                amendment.from,
                want.field.key().spec().name,
                want.value
            );
            self.problem(&want.address, sentence);
            return Ok(());
        }
        let name = want.field.key().spec().name;
        let of_library = amendment.filter(|(view, _)| view.file == file).map(|(_, amendment)| amendment);
        let (from, reason) = match (want.when, row.from, of_library) {
            // What holds now was said by an amendment of this file: it is what the list corrects.
            (When::Now, _, Some(amendment)) => (Some(amendment.from), amendment.reason.clone()),
            (When::Now, _, None) | (When::From, None, _) => (None, String::new()),
            (When::From, Some(from), _) => (Some(from), row.reason.clone().unwrap_or_else(|| self.reason.to_owned())),
        };
        let document = self.draft.file(file)?;
        let setting = (want.field.key(), want.value.as_str());
        let (edited, place) = match from {
            Some(from) => {
                (edit::amend(document, from, &reason, subscription, setting), format!("amendment of {from}: "))
            }
            None => (edit::set(document, subscription, want.field.key(), &want.value), String::new()),
        };
        self.edited(subject, &want.address, edited);
        self.note_change(file, format!("{place}subscriptions.{subscription}.{name} = {}, was {current}", want.value));
        Ok(())
    }

    fn edited(&mut self, subject: &Subject<'_>, address: &str, edited: Result<(), &str>) {
        if let Err(why) = edited {
            self.problem(address, format!("{} {why}", subject.file));
        }
    }

    /// The policy that the changes make says what the list says, or the cell that it does not follow is a problem.
    fn verify(&mut self, subjects: &[Subject<'_>]) -> Result<(), String> {
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
                let by = decides.map_or_else(String::new, |view| format!(" by {}:{}", view.file, view.line));
                let current = current.unwrap_or_else(|| "nothing".to_owned());
                let name = want.field.key().spec().name;
                let sentence = format!("{name} would still be {current} on {day}{by}, not {}", want.value);
                self.problem(&want.address, sentence);
            }
        }
        Ok(())
    }
}

/// Whether a cell names something by its code or its name.
fn names(cell: &str, code: &str, name: &str) -> bool {
    cell == code || cell.to_lowercase() == name.to_lowercase()
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

fn library_file(policy: &Policy, day: Day, code: &str) -> String {
    let trail = policy.trail(day, Some(code), Setting::of(Key::LibraryCode));
    let file = trail.into_iter().rev().find_map(|origin| match origin {
        Origin::File(id) => Some(policy.assignment(id).file.to_owned()),
        Origin::BuiltIn => None,
    });
    file.expect("a library has its code from its file")
}

/// The assignment that decides a key of a subscription; none where no file does.
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
