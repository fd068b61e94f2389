//! Each setting that differs between two policies, with the days for which it does. The calendar is cut at each day on which
//! either policy changes. Between two cuts nothing changes, so the comparison of one day holds for all days between them.

use std::collections::BTreeMap;

use lapse_policy::{Day, DayPolicy, Key, Policy, Setting, Settings, Subscription};

use super::{Difference, Value};
use lapse_cases::boundary::days;
use lapse_policy::provenance::deciding;

type Of<T> = (Key, fn(&T) -> String);

const OF_SUBSCRIPTION: [Of<Subscription>; 7] = [
    (Key::SubscriptionName, |one| one.name.value.clone()),
    (Key::Holder, |one| one.holder.value.to_string()),
    (Key::Category, |one| one.category.value.clone()),
    (Key::Fee, |one| one.fee.value.to_string()),
    (Key::Renewal, |one| one.renewal.value.to_string()),
    (Key::TermMonths, |one| one.term_months.value.to_string()),
    (Key::LapseMonths, |one| one.lapse_months.value.to_string()),
];

const OF_SETTINGS: [Of<Settings>; 12] = [
    (Key::Sources, |all| words(&all.activity.sources.value)),
    (Key::Scope, |all| all.activity.scope.value.to_string()),
    (Key::EndedMonths, |all| all.cleanup.ended_months.value.to_string()),
    (Key::SettledMonths, |all| all.cleanup.settled_months.value.to_string()),
    (Key::Blocks, |all| words(&all.cleanup.blocks.value)),
    (Key::BlocksIgnored, |all| words(&all.cleanup.blocks_ignored.value)),
    (Key::AccountsNeeded, |all| words(&all.cleanup.accounts_needed.value)),
    (Key::PseudonymiseDays, |all| all.retention.pseudonymise_days.value.to_string()),
    (Key::FinanceMonths, |all| all.retention.finance_months.value.to_string()),
    (Key::MaxDeregisteredPercent, |all| all.guards.max_deregistered_percent.value.to_string()),
    (Key::MaxRemovedPercent, |all| all.guards.max_removed_percent.value.to_string()),
    (Key::MaxSourceAgeDays, |all| all.guards.max_source_age_days.value.to_string()),
];

const OF_CONSORTIUM: [Of<DayPolicy>; 9] = [
    (Key::ConsortiumName, |of_day| of_day.consortium.name.value.clone()),
    (Key::RunDay, |of_day| of_day.consortium.run_day.value.to_string()),
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
    let here = of_day.libraries.iter().find(|here| here.code == library)?;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// Whether the policy has the library.
    Library,
    /// Whether the library offers the subscription.
    Offered,
    Key(Key),
}

impl What {
    /// The value in words, or what its absence means.
    fn shown(self, text: Option<&String>) -> String {
        match (self, text) {
            (What::Library, Some(_)) => "in the policy".to_owned(),
            (What::Library, None) => "not in the policy".to_owned(),
            (What::Offered, Some(_)) => "offered".to_owned(),
            (What::Offered, None) => "not offered".to_owned(),
            (What::Key(_), text) => text.cloned().unwrap_or_default(),
        }
    }

    fn name(self) -> String {
        match self {
            What::Library => "library".to_owned(),
            What::Offered => "subscription".to_owned(),
            What::Key(key) => match key {
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
        let [before, after] = [old, new].map(|policy| values(&policy.on(day)));
        let differs: BTreeMap<&Subject, [Option<&String>; 2]> = before
            .keys()
            .chain(after.keys())
            .map(|subject| (subject, [before.get(subject), after.get(subject)]))
            .filter(|(subject, [one, other])| one != other && is_worth_telling(subject, &before, &after))
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
            if runs.last().is_some_and(|last| last.until.is_none()) {
                continue;
            }
            runs.push(Difference {
                library: subject.library.clone(),
                subscription: subject.subscription.clone(),
                setting: subject.setting.name(),
                before: value(old, day, subject, one),
                after: value(new, day, subject, other),
                from: (day > Day::MIN).then_some(day),
                until: None,
            });
        }
    }
    found.into_values().flatten().collect()
}

/// Whether a difference says something that no other says. Where only one policy has a library or a subscription, this says it
/// all, and the settings there are left out.
fn is_worth_telling(subject: &Subject, before: &Values, after: &Values) -> bool {
    let both_have = |subject: &Subject| before.contains_key(subject) && after.contains_key(subject);
    let library = Subject { subscription: None, setting: What::Library, ..subject.clone() };
    match subject.setting {
        What::Library => true,
        What::Offered => both_have(&library),
        What::Key(_) => both_have(subject),
    }
}

fn value(policy: &Policy, day: Day, subject: &Subject, text: Option<&String>) -> Value {
    let by = match subject.setting {
        What::Library | What::Offered => None,
        What::Key(key) => {
            let setting = Setting { key, subscription: subject.subscription.as_deref() };
            Some(deciding(policy, day, subject.library.as_deref(), setting))
        }
    };
    Value { text: subject.setting.shown(text), by }
}

type Values = BTreeMap<Subject, String>;

/// Everything that a policy says on a day.
fn values(of_day: &DayPolicy) -> Values {
    let mut values = Values::new();
    let mut add = |library: Option<&str>, subscription: Option<&str>, setting, text| {
        let [library, subscription] = [library, subscription].map(|code| code.map(str::to_owned));
        values.insert(Subject { library, subscription, setting }, text);
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
