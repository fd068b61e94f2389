//! Keeps, ends and narrowings as they were tried: what each test looked at and asked, with the lines of the policy behind it.

use lapse_engine::{EntryOf, Event, FactValue, LibraryId, Membership, Patron, Truth};
use lapse_policy::provenance::Provenance;
use lapse_policy::{Entry, EntryKeys, FactTest, Keep, KeepOf, Key, Narrowing, Setting, Sourced, TestedFact};

use crate::day_run::DayRun;
use crate::known::Of;
use crate::story::Step;

/// The events before the one at `at` that tell of the tests of its entry: they come right before it.
pub fn tests_before(events: &[Event], at: usize) -> &[Event] {
    let begins = events[..at].iter().rposition(|event| !matches!(event, Event::Tested { .. }));
    &events[begins.map_or(0, |before| before + 1)..at]
}

/// A keep, an end or a narrowing as the policy of the day has it at a library.
#[derive(Clone, Copy)]
pub enum EntryOfPolicy<'a> {
    /// A keep.
    Keep(&'a Keep),
    /// An end.
    End(&'a Entry),
    /// A narrowing.
    Narrowing(&'a Narrowing),
}

impl<'a> EntryOfPolicy<'a> {
    /// The entry that was tried at a library.
    pub fn find(run: &DayRun<'a>, library: LibraryId, entry: EntryOf) -> Option<EntryOfPolicy<'a>> {
        let entries = &run.of_day.settings_at(run.library(library)).entries;
        match entry {
            EntryOf::Narrowing(reason) => {
                entries.narrowings.iter().find(|narrowing| narrowing.of == reason).map(EntryOfPolicy::Narrowing)
            }
            EntryOf::Named(named) => match run.extract.codes.entry(named).split_once('/')? {
                ("keep", name) => entries.keeps.iter().find(|keep| keep.entry.name == name).map(EntryOfPolicy::Keep),
                (_, name) => entries.ends.iter().find(|end| end.name == name).map(EntryOfPolicy::End),
            },
        }
    }

    /// What keeps, ends and narrowings have in common.
    pub fn entry(self) -> &'a Entry {
        match self {
            EntryOfPolicy::Keep(keep) => &keep.entry,
            EntryOfPolicy::End(end) => end,
            EntryOfPolicy::Narrowing(narrowing) => &narrowing.entry,
        }
    }

    /// The test that was tried.
    pub fn test(self, unless: bool, index: usize) -> &'a FactTest {
        let entry = self.entry();
        if unless { &entry.unless[index] } else { &entry.when[index] }
    }

    /// The key of the tests.
    pub fn key_of_tests(self, unless: bool) -> Key {
        let EntryKeys { when, unless: exception, .. } = self.keys();
        if unless { exception } else { when }
    }

    fn keys(self) -> EntryKeys {
        if self.is_end() { EntryKeys::OF_ENDS } else { EntryKeys::OF_KEEPS }
    }

    fn is_end(self) -> bool {
        matches!(self, EntryOfPolicy::End(_))
    }

    /// What the entry does where a test lets it, and what it does not do where an exception applies.
    fn verbs(self) -> (&'static str, &'static str) {
        match self {
            EntryOfPolicy::Keep(_) => ("keeps", "does not keep"),
            EntryOfPolicy::End(_) => ("ends it", "does not end it"),
            EntryOfPolicy::Narrowing(_) => ("holds here", "does not hold here"),
        }
    }
}

/// An entry that was tried.
pub(crate) struct Tried<'e> {
    pub entry: EntryOf,
    pub of: Option<KeepOf>,
    pub library: LibraryId,
    pub membership: Option<usize>,
    pub about: bool,
    pub truth: Truth,
    /// The tests, as events.
    pub tests: &'e [Event],
}

/// The step of an entry that was tried, with the rule by which it is told; none where the policy of the day does not have it.
pub(crate) fn step(run: &DayRun<'_>, patron: &Patron<'_>, rule: String, tried: &Tried<'_>) -> Option<Step> {
    let entry = EntryOfPolicy::find(run, tried.library, tried.entry)?;
    let telling = Telling { run, patron, entry, tried };
    let (sentence, mut policy) = if tried.about { telling.tests() } else { telling.not_about() };
    policy.extend(telling.line_of(&entry.entry().reason, entry.keys().reason));
    let holds = if entry.is_end() { tried.truth == Truth::True } else { tried.truth != Truth::False };
    let sentence = match entry {
        EntryOfPolicy::Keep(keep) if holds && keep.review.value && tried.of == Some(KeepOf::Record) => {
            policy.extend(telling.line_of(&keep.review, Key::KeepReview));
            format!("{sentence} It is for a person to look at.")
        }
        _ => sentence,
    };
    Some(Step { rule, holds, sentence, policy })
}

struct Telling<'a, 'e> {
    run: &'a DayRun<'a>,
    patron: &'a Patron<'a>,
    entry: EntryOfPolicy<'a>,
    tried: &'e Tried<'e>,
}

impl Telling<'_, '_> {
    fn line(&self, setting: Setting<'_>) -> Provenance {
        self.run.line(Some(self.run.library(self.tried.library)), setting)
    }

    /// The line of a key of the entry, where a file has it: what an amendment gives as its reason is told with its keys.
    fn line_of<T>(&self, value: &Sourced<T>, key: Key) -> Option<Provenance> {
        let line = self.line(Setting::of_subscription(key, &self.entry.entry().name));
        (value.origin != lapse_policy::Origin::BuiltIn && line.file.is_some()).then_some(line)
    }

    /// Why the entry is not about what is looked at.
    fn not_about(&self) -> (String, Vec<Provenance>) {
        let (only, lines) = self.only();
        let of_policy = self.tried.membership.map(|at| self.subscription(&self.patron.memberships[at]));
        let sentence = match of_policy {
            None => format!("It is about {only}, and no membership here is one of these."),
            Some(None) => format!("It is about {only}, and the policy does not have this membership."),
            Some(Some(subscription)) => format!(
                "It is about {only}; this membership is {}, of category {}, and its holder is: {}.",
                subscription.code, subscription.category.value, subscription.holder.value
            ),
        };
        (sentence, lines)
    }

    fn subscription(&self, membership: &Membership) -> Option<&lapse_policy::Subscription> {
        let codes = &self.run.extract.codes;
        let library = codes.libraries.text(membership.library);
        let here = self.run.of_day.library(library)?;
        let code = codes.subscriptions.text(membership.subscription);
        here.subscriptions.iter().find(|other| other.code == code)
    }

    /// The memberships that the entry is about, in words, with the lines that say so.
    fn only(&self) -> (String, Vec<Provenance>) {
        let (only, keys) = (&self.entry.entry().only, self.entry.keys());
        let (mut words, mut lines) = (Vec::new(), Vec::new());
        if let Some(holder) = &only.holder {
            let holders: Vec<&str> = holder.value.iter().map(|holder| holder.as_str()).collect();
            words.push(format!("holder {}", holders.join(" or ")));
            lines.extend(self.line_of(holder, keys.holder));
        }
        let texts =
            [("category", &only.category, keys.category), ("subscription", &only.subscription, keys.subscription)];
        for (word, list, key) in texts {
            if let Some(list) = list {
                words.push(format!("{word} {}", list.value.join(" or ")));
                lines.extend(self.line_of(list, key));
            }
        }
        (format!("memberships with {}", words.join(" and ")), lines)
    }

    /// A sentence for each test, with the lines of the tests.
    fn tests(&self) -> (String, Vec<Provenance>) {
        let entry = self.entry.entry();
        let (mut sentences, mut lines) = (Vec::new(), Vec::new());
        if let EntryOfPolicy::Narrowing(narrowing) = self.entry
            && !narrowing.holds.value
        {
            lines.extend(self.line_of(&narrowing.holds, Key::KeepHolds));
            return ("The policy says that this never holds here.".to_owned(), lines);
        }
        let mut before = None;
        let several = {
            let mut tried = self.tried.tests.iter().filter_map(tried_on);
            let first = tried.next();
            tried.any(|other| Some(other) != first)
        };
        for event in self.tried.tests {
            let Event::Tested { membership, unless, index, fact, value, other, truth, .. } = *event else { continue };
            let test = self.entry.test(unless, index);
            if several && membership != before {
                before = membership;
                sentences.extend(membership.map(|at| self.of_which(&self.patron.memberships[at])));
            }
            let of = Of { run: self.run, patron: self.patron, library: self.tried.library, membership };
            sentences.push(self.sentence(of, test, Looked { value, other, truth, unless }));
            let name = fact.name(&self.run.of_day.facts);
            let line = self.line(Setting::of_test(self.entry.key_of_tests(unless), &entry.name, name));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if sentences.is_empty() {
            let (only, of_only) = self.only();
            lines.extend(of_only);
            let sentence = match (entry.only.is_all(), self.tried.truth) {
                (false, Truth::False) => format!("It is about {only}, and none of these is so."),
                (false, _) => format!("It is about {only}, whatever else is so."),
                (true, _) => "Nothing limits it.".to_owned(),
            };
            sentences.push(sentence);
        }
        (sentences.join(" "), lines)
    }

    fn of_which(&self, membership: &Membership) -> String {
        let code = self.run.extract.codes.subscriptions.text(membership.subscription);
        format!("Of the membership {code} from {}:", membership.valid_from)
    }

    fn sentence(&self, of: Of<'_>, test: &FactTest, looked: Looked) -> String {
        let Looked { value, other, truth, unless } = looked;
        let (does, does_not) = self.entry.verbs();
        let verb = if unless { does_not } else { does };
        let is_known_beforehand = test.fact == TestedFact::BuiltIn(lapse_policy::BuiltInFact::RunMonth);
        let so = match (self.tried.truth, self.entry.is_end()) {
            (Truth::Unknown, true) => ": what is not known ends nothing",
            (Truth::Unknown, false) => ": what is not known keeps",
            // Something else decided.
            (Truth::True | Truth::False, _) => "",
        };
        if value.is_unknown() && !is_known_beforehand {
            return format!("{}{so}.", of.unknown(test.fact));
        }
        let test_is = &test.test.value;
        let (value, asked) =
            (of.value(test.fact, value) + &of.compared(test_is, value, other), of.asked(test.fact, test_is));
        match truth {
            Truth::True => format!("{value}; {asked} {verb}."),
            Truth::False => format!("{value}; only {asked} {verb}."),
            Truth::Unknown => format!("{value}{so}."),
        }
    }
}

/// What a test came to.
#[derive(Clone, Copy)]
struct Looked {
    value: FactValue,
    other: FactValue,
    truth: Truth,
    unless: bool,
}

fn tried_on(event: &Event) -> Option<usize> {
    match event {
        Event::Tested { membership, .. } => *membership,
        _ => None,
    }
}
