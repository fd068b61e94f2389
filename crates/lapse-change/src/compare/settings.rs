//! Each setting that differs between two policies, with the days for which it does. The calendar is cut at each day on which
//! either policy changes. Between two cuts nothing changes, so the comparison of one day holds for all days between them.

use std::collections::BTreeMap;

use lapse_policy::schema::Table;
use lapse_policy::{Day, DayPolicy, Key, Origin, Policy, Setting, Settings, Sourced, Subscription};

use super::loosens::{ThatLoosen, entries_that_loosen, loosens};
use super::{Difference, Value};
use crate::entries::{EntryKey, of_fact, said};
use lapse_cases::boundary::days;
use lapse_policy::provenance::{Provenance, deciding, of_releases, provenance};

type Of<T> = (Key, fn(&T) -> String);

const OF_SUBSCRIPTION: [Of<Subscription>; 9] = [
    (Key::SubscriptionName, |one| one.name.value.clone()),
    (Key::Holder, |one| one.holder.value.to_string()),
    (Key::Category, |one| one.category.value.clone()),
    (Key::Fee, |one| one.fee.value.to_string()),
    (Key::Renewal, |one| one.renewal.value.to_string()),
    (Key::TermMonths, |one| one.term_months.value.to_string()),
    (Key::LapseMonths, |one| one.lapse_months.value.to_string()),
    (Key::GraceDays, |one| one.grace_days.value.to_string()),
    (Key::TermEnds, |one| or_none(one.term_ends.value)),
];

const OF_SETTINGS: [Of<Settings>; 13] = [
    (Key::Sources, |all| words(&all.activity.sources.value)),
    (Key::Scope, |all| all.activity.scope.value.to_string()),
    (Key::EndedMonths, |all| all.cleanup.ended_months.value.to_string()),
    (Key::SettledMonths, |all| all.cleanup.settled_months.value.to_string()),
    (Key::Blocks, |all| words(&all.cleanup.blocks.value)),
    (Key::BlocksIgnored, |all| words(&all.cleanup.blocks_ignored.value)),
    (Key::AccountsNeeded, |all| words(&all.cleanup.accounts_needed.value)),
    (Key::PseudonymiseDays, |all| all.retention.pseudonymise.value.to_string()),
    (Key::HistoryMonths, |all| or_none(all.retention.history_months.value)),
    (Key::FinanceMonths, |all| all.retention.finance_months.value.to_string()),
    (Key::MaxDeregisteredPercent, |all| all.guards.max_deregistered_percent.value.to_string()),
    (Key::MaxRemovedPercent, |all| all.guards.max_removed_percent.value.to_string()),
    (Key::MaxSourceAgeDays, |all| all.guards.max_source_age_days.value.to_string()),
];

const OF_CONSORTIUM: [Of<DayPolicy>; 11] = [
    (Key::ConsortiumName, |of_day| of_day.consortium.name.value.clone()),
    (Key::RunDay, |of_day| of_day.consortium.run_day.value.to_string()),
    (Key::YearStarts, |of_day| of_day.consortium.year_starts.value.to_string()),
    (Key::Removal, |of_day| of_day.consortium.removal.value.to_string()),
    (Key::ProfileInactiveMonths, |of_day| of_day.consortium.profile_inactive_months.value.to_string()),
    (Key::MaxUnmatchedPercent, |of_day| of_day.consortium.guards.max_unmatched_percent.value.to_string()),
    (Key::MaxNewestDateDays, |of_day| of_day.consortium.guards.max_newest_date_days.value.to_string()),
    (Key::RestingSources, |of_day| words(&of_day.consortium.guards.resting_sources.value)),
    (Key::MaxRowsFallenPercent, |of_day| of_day.consortium.guards.max_rows_fallen_percent.value.to_string()),
    (Key::MaxProfilesPercent, |of_day| of_day.consortium.guards.max_profiles_percent.value.to_string()),
    (Key::MaxRejectedPercent, |of_day| of_day.consortium.guards.max_rejected_percent.value.to_string()),
];

/// The value of a setting at a library on a day, in words; none where the policy does not have it.
pub fn value_of(of_day: &DayPolicy, library: &str, setting: Setting<'_>) -> Option<String> {
    let here = of_day.library(library)?;
    if let Some(code) = setting.subscription {
        let one = here.subscriptions.iter().find(|one| one.code == code)?;
        return text_of(&OF_SUBSCRIPTION, setting.key, one);
    }
    match setting.key {
        Key::GroupKind => here.group.map(|group| of_day.groups[group].kind.value.number().to_string()),
        key => text_of(&OF_SETTINGS, key, &here.settings).or_else(|| text_of(&OF_CONSORTIUM, key, of_day)),
    }
}

fn text_of<T>(all: &[Of<T>], key: Key, holder: &T) -> Option<String> {
    all.iter().find(|(of, _)| *of == key).map(|(_, text)| text(holder))
}

fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// The words in alphabetical order, because the order of these lists means nothing.
fn words(list: &[String]) -> String {
    let mut list: Vec<&str> = list.iter().map(|word| &**word).collect();
    list.sort_unstable();
    if list.is_empty() { "none".to_owned() } else { list.join(" ") }
}

/// What a value is about: the library, the subscription, and the setting in the order in which settings are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    library: Option<String>,
    subscription: Option<String>,
    setting: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// Whether the policy has the library.
    Library,
    /// Whether the library offers the subscription.
    Offered,
    Key(Key),
    /// A key of a keep, an end or a narrowing.
    Entry(EntryKey),
    /// A key that some file enforces and no longer does for the library.
    Release(String),
}

/// A value and where it comes from.
#[derive(Clone, Debug)]
struct Said {
    text: String,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    /// What decides is the last of the statements about the setting.
    Trail,
    At(Origin),
    Release(Box<Provenance>),
}

impl From<String> for Said {
    fn from(text: String) -> Said {
        Said { text, by: By::Trail }
    }
}

impl What {
    /// The value in words, or what its absence means.
    fn shown(&self, said: Option<&Said>) -> String {
        let text = said.map(|said| &said.text);
        match (self, text) {
            (What::Library, Some(_)) => "in the policy".to_owned(),
            (What::Library, None) => "not in the policy".to_owned(),
            (What::Offered, Some(_)) => "offered".to_owned(),
            (What::Offered, None) => "not offered".to_owned(),
            (What::Entry(_) | What::Release(_) | What::Key(_), Some(text)) => text.clone(),
            (What::Key(_), None) => String::new(),
            (What::Entry(key), None) => key.unsaid().to_owned(),
            (What::Release(_), None) => "not released".to_owned(),
        }
    }

    /// The table and the name of the keep, end or narrowing.
    fn entry(&self) -> Option<(Table, String)> {
        match self {
            What::Entry(key) if key.table() != Table::Facts => Some((key.table(), key.entry.clone())),
            What::Entry(_) | What::Library | What::Offered | What::Key(_) | What::Release(_) => None,
        }
    }

    fn name(&self) -> String {
        match self {
            What::Library => "library".to_owned(),
            What::Offered => "subscription".to_owned(),
            What::Entry(key) => key.path(),
            What::Release(key) => format!("release of {key}"),
            What::Key(key) => match *key {
                Key::LibraryGroup => "group".to_owned(),
                key if OF_SUBSCRIPTION.iter().any(|(of, _)| *of == key) => key.spec().name.to_owned(),
                key => format!("{}.{}", key.spec().table.as_str(), key.spec().name),
            },
        }
    }
}

/// The first days of the periods in which neither of two policies changes.
pub(super) fn pieces(old: &Policy, new: &Policy) -> Vec<Day> {
    let mut all: Vec<Day> = days(old).into_iter().chain(days(new)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Every difference, by library, subscription, setting and day.
pub(super) fn differences(old: &Policy, new: &Policy) -> Vec<Difference> {
    let mut found: BTreeMap<Subject, Vec<Difference>> = BTreeMap::new();
    for day in pieces(old, new) {
        let of_days = [old, new].map(|policy| policy.on(day));
        let loosening = Loosening::of(&of_days);
        let [all_before, all_after] =
            [(old, &of_days[0]), (new, &of_days[1])].map(|(policy, of_day)| values(policy, of_day));
        let shown = |subject: &Subject, said| subject.setting.shown(said);
        let differs: BTreeMap<&Subject, [Option<&Said>; 2]> = all_before
            .keys()
            .chain(all_after.keys())
            .map(|subject| (subject, [all_before.get(subject), all_after.get(subject)]))
            .filter(|(subject, [one, other])| {
                shown(subject, *one) != shown(subject, *other) && is_worth_telling(subject, &all_before, &all_after)
            })
            .collect();
        for (subject, runs) in &mut found {
            // The last difference of this subject ends on the day before, unless the same values differ on this day too.
            let texts = differs.get(subject).map(|sides| sides.map(|text| subject.setting.shown(text)));
            if let Some(last) = runs.last_mut().filter(|last| last.until.is_none())
                && texts.as_ref() != Some(&[last.before.text.clone(), last.after.text.clone()])
            {
                last.until = Some(day.previous());
            }
        }
        for (subject, [one, other]) in differs {
            let runs = found.entry(subject.clone()).or_default();
            if let Some(last) = runs.last_mut().filter(|last| last.until.is_none()) {
                // What else is said of the entry may change in between, and have it let more go.
                last.loosens |= matches!(&subject.setting, What::Entry(key) if loosening.has(subject, key));
                continue;
            }
            let (before, after) = (value(old, day, subject, one), value(new, day, subject, other));
            let loosens = match &subject.setting {
                What::Key(key) => loosens(*key, &before.text, &after.text),
                What::Entry(key) => loosening.has(subject, key),
                What::Release(_) => other.is_some(),
                What::Library | What::Offered => false,
            };
            runs.push(Difference {
                library: subject.library.clone(),
                subscription: subject.subscription.clone(),
                setting: subject.setting.name(),
                entry: subject.setting.entry(),
                before,
                after,
                from: (day > Day::MIN).then_some(day),
                until: None,
                loosens,
            });
        }
    }
    found.into_values().flatten().map(in_one_unit).collect()
}

/// `pseudonymise_days` and `pseudonymise_months` are one setting in two units. Where both policies count days, it is told as
/// before there were months to count.
fn in_one_unit(mut difference: Difference) -> Difference {
    let setting = What::Key(Key::PseudonymiseDays).name();
    if difference.setting == setting {
        let days = |value: &Value| value.text.strip_suffix(" days").map(str::to_owned);
        match (days(&difference.before), days(&difference.after)) {
            (Some(before), Some(after)) => (difference.before.text, difference.after.text) = (before, after),
            _ => setting.trim_end_matches("_days").clone_into(&mut difference.setting),
        }
    }
    difference
}

/// What of the entries lets more go by the new policy on a day, by library; none stands for the consortium.
struct Loosening(BTreeMap<Option<String>, ThatLoosen>);

impl Loosening {
    fn of([before, after]: &[DayPolicy; 2]) -> Loosening {
        let at = |old: &Settings, new: &Settings| entries_that_loosen((before, &old.entries), (after, &new.entries));
        let both = after.libraries.iter().filter_map(|new| Some((new, before.library(&new.code)?)));
        let by_library = both.map(|(new, old)| (Some(new.code.clone()), at(&old.settings, &new.settings)));
        let of_consortium = (None, at(&before.consortium.settings, &after.consortium.settings));
        Loosening(by_library.chain([of_consortium]).collect())
    }

    /// Whether a key of an entry at a library is of one that loosens; a fact, which is of all libraries, where some such entry
    /// looks at it.
    fn has(&self, subject: &Subject, key: &EntryKey) -> bool {
        match key.table() {
            Table::Facts => self.0.values().any(|all| all.facts.contains(&key.entry)),
            table => self.0.get(&subject.library).is_some_and(|all| all.entries.contains(&(table, key.entry.clone()))),
        }
    }
}

/// Whether a difference says something that no other says. Where only one policy has a library or a subscription, this says it
/// all, and the settings there are left out.
fn is_worth_telling(subject: &Subject, before: &Values, after: &Values) -> bool {
    let both_have = |subject: &Subject| before.contains_key(subject) && after.contains_key(subject);
    let library = Subject { subscription: None, setting: What::Library, ..subject.clone() };
    match subject.setting {
        What::Library => true,
        What::Offered => both_have(&library),
        What::Entry(_) | What::Release(_) => subject.library.is_none() || both_have(&library),
        What::Key(_) => both_have(subject),
    }
}

fn value(policy: &Policy, day: Day, subject: &Subject, said: Option<&Said>) -> Value {
    let decides = |setting| Some(deciding(policy, day, subject.library.as_deref(), setting));
    let by = match (&subject.setting, said.map(|said| &said.by)) {
        (What::Library | What::Offered, _)
        | (What::Entry(_) | What::Release(_), None)
        | (What::Release(_), Some(By::At(_) | By::Trail)) => None,
        (What::Key(key), _) => {
            decides(Setting { key: *key, subscription: subject.subscription.as_deref(), fact: None })
        }
        (What::Entry(key), Some(By::At(origin))) => Some(provenance(policy, *origin, key.setting())),
        (What::Entry(key), Some(By::Trail)) => decides(key.setting()),
        (What::Entry(_) | What::Release(_), Some(By::Release(by))) => Some((**by).clone()),
    };
    Value { text: subject.setting.shown(said), by }
}

type Values = BTreeMap<Subject, Said>;

/// Everything that a policy says on a day.
fn values(policy: &Policy, of_day: &DayPolicy) -> Values {
    let mut values = Values::new();
    add_entries(&mut values, of_day);
    let releases = of_day.libraries.iter().flat_map(|library| {
        let all = of_releases(policy, of_day.date, &library.code).into_iter();
        all.map(|by| (library.code.clone(), by))
    });
    for (library, by) in releases {
        let setting = What::Release(by.value.clone());
        let said = Said { text: "released".to_owned(), by: By::Release(Box::new(by)) };
        values.insert(Subject { library: Some(library), subscription: None, setting }, said);
    }
    let mut add = |library: Option<&str>, subscription: Option<&str>, setting, text: String| {
        let [library, subscription] = [library, subscription].map(|code| code.map(str::to_owned));
        values.insert(Subject { library, subscription, setting }, text.into());
    };
    for (key, text) in OF_CONSORTIUM {
        add(None, None, What::Key(key), text(of_day));
    }
    for (key, text) in OF_SETTINGS {
        add(None, None, What::Key(key), text(&of_day.consortium.settings));
    }
    for library in &of_day.libraries {
        let here = Some(&*library.code);
        let group = library.group.map(|group| &of_day.groups[group]);
        add(here, None, What::Library, String::new());
        add(here, None, What::Key(Key::LibraryName), library.name.value.clone());
        add(here, None, What::Key(Key::LibraryGroup), group.map_or("none".to_owned(), |group| group.code.clone()));
        if let Some(group) = group {
            add(here, None, What::Key(Key::GroupKind), group.kind.value.number().to_string());
        }
        for (key, text) in OF_SETTINGS {
            add(here, None, What::Key(key), text(&library.settings));
        }
        for one in &library.subscriptions {
            let code = Some(&*one.code);
            add(here, code, What::Offered, String::new());
            for (key, text) in OF_SUBSCRIPTION {
                add(here, code, What::Key(key), text(one));
            }
        }
    }
    values
}

/// Adds the facts that a policy declares, and what files say of keeps, ends and narrowings.
fn add_entries(values: &mut Values, of_day: &DayPolicy) {
    for (key, text) in of_day.facts.iter().flat_map(of_fact) {
        let setting = What::Entry(key);
        values.insert(Subject { library: None, subscription: None, setting }, text.into());
    }
    let libraries = of_day.libraries.iter().map(|library| (Some(&library.code), &library.settings));
    for (library, settings) in libraries.chain([(None, &of_day.consortium.settings)]) {
        for entry in said(&settings.entries, &of_day.facts) {
            for (key, Sourced { value, origin }) in entry.keys {
                let subject = Subject { library: library.cloned(), subscription: None, setting: What::Entry(key) };
                values.insert(subject, Said { text: value, by: By::At(origin) });
            }
        }
    }
}
