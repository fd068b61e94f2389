//! Which changes let more go than before, or let more go unnoticed: fewer columns without which no record is removed, more kinds of
//! block that do not hold, a guard that trips later, and keeps, narrowings and ends of which the tests do not show that they let
//! no more go (policy.md, "Facts, keeps, ends").

use std::collections::BTreeSet;

use lapse_policy::schema::Table;
use lapse_policy::{DayPolicy, EmptyCell, Entries, Entry, Fact, FactSource, Key, Round, Test, TestedFact};

/// Whether a setting lets more go with the value `after` than with `before`. A list is written as in a file, or as words with
/// spaces between them.
pub fn loosens(key: Key, before: &str, after: &str) -> bool {
    let list = |text: &str| {
        let words = text.split([' ', ',', '[', ']', '"']).filter(|word| !word.is_empty() && *word != "none");
        words.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let drops = |before: &str, after: &str| !list(before).is_subset(&list(after));
    match key {
        Key::AccountsNeeded => drops(before, after),
        Key::BlocksIgnored | Key::RestingSources => drops(after, before),
        key if key.spec().table == Table::Guards => {
            let number = |text: &str| text.parse::<u32>().ok();
            number(before).zip(number(after)).is_some_and(|(before, after)| after > before)
        }
        _ => false,
    }
}

/// What a policy says of entries at a library: the policy of the day, which has the facts that they name, and the entries.
pub type Said<'a> = (&'a DayPolicy, &'a Entries);

/// What lets more go at a library by one policy than by another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThatLoosen {
    /// The keeps, narrowings and ends, by their table and name.
    pub entries: BTreeSet<(Table, String)>,
    /// The facts that they look at, by either policy.
    pub facts: BTreeSet<String>,
}

/// The keeps, narrowings and ends by which more may go with `after` than with `before`. Each is compared as a whole, as far as
/// its tests can tell: a keep holds no less where some keep of the new policy holds whatever it held, a narrowing where the
/// reason still holds wherever it did, and an end takes no more where some end of the old policy applied wherever it does.
pub fn entries_that_loosen(before: Said<'_>, after: Said<'_>) -> ThatLoosen {
    let (facts, old) = with_facts_of(before, after.0);
    let new = after.1;
    let same_years = before.0.consortium.year_starts.value == after.0.consortium.year_starts.value;
    // A term that is rounded to years of another beginning is another term.
    let can_tell = |one: &Entry, other: &Entry| same_years || !(rounds_to_years(one) || rounds_to_years(other));
    let mut loosen = ThatLoosen::default();
    let mut add = |table: Table, name: &str, of_before: Option<&Entry>, of_after: Option<&Entry>| {
        let all_facts = [(before.0, of_before), (after.0, of_after)];
        let named = all_facts.into_iter().filter_map(|(policy, entry)| Some((policy, entry?)));
        loosen.facts.extend(named.flat_map(|(policy, entry)| {
            entry.facts().map(|fact| fact.name(&policy.facts).to_owned()).collect::<Vec<_>>()
        }));
        loosen.entries.insert((table, name.to_owned()));
    };
    for (at, keep) in old.keeps.iter().enumerate().filter(|(_, keep)| keep.entry.active.value) {
        let mut of = keep.of.value.iter();
        let is_still_held = of.all(|&of| {
            let mut keeps = new.keeps.iter().filter(|other| other.entry.active.value);
            keeps.any(|other| can_tell(&keep.entry, &other.entry) && keep.implies_for(of, other, &facts))
        });
        if !is_still_held {
            let name = &keep.entry.name;
            let now = new.keeps.iter().find(|other| other.entry.name == *name).map(|other| &other.entry);
            add(Table::Keeps, name, Some(&before.1.keeps[at].entry), now);
        }
    }
    for narrowing in new.narrowings.iter().filter(|narrowing| narrowing.entry.active.value) {
        let place = old.narrowings.iter().position(|other| other.of == narrowing.of);
        let was = place.map(|at| &old.narrowings[at]).filter(|was| was.entry.active.value);
        let holds_no_less = match was {
            Some(was) => can_tell(&was.entry, &narrowing.entry) && was.implies(narrowing, &facts),
            None => narrowing.leaves_all(),
        };
        if !holds_no_less {
            let was = place.map(|at| &before.1.narrowings[at].entry);
            add(Table::Keeps, &narrowing.entry.name, was, Some(&narrowing.entry));
        }
    }
    for end in new.ends.iter().filter(|end| end.active.value) {
        let mut were = old.ends.iter().filter(|was| was.active.value);
        if !were.any(|was| can_tell(was, end) && end.implies(was, &facts)) {
            let was = before.1.ends.iter().find(|was| was.name == end.name);
            add(Table::Ends, &end.name, was, Some(end));
        }
    }
    loosen
}

fn rounds_to_years(entry: &Entry) -> bool {
    entry.tests().any(|test| matches!(&test.test.value, Test::Date(date) if date.round == Some(Round::Year)))
}

/// The facts of the later policy, and the entries of the earlier one with its facts as those that say the same there. What the
/// later one does not say comes after its own, and is like none of them.
fn with_facts_of((policy, entries): Said<'_>, later: &DayPolicy) -> (Vec<Fact>, Entries) {
    let mut facts = later.facts.clone();
    let numbers: Vec<usize> = policy
        .facts
        .iter()
        .map(|fact| {
            let same = |other: &&Fact| says_no_less(fact, other);
            let of_name = later.facts.iter().position(|other| other.name == fact.name && same(&other));
            of_name.or_else(|| later.facts.iter().position(|other| same(&other))).unwrap_or_else(|| {
                facts.push(fact.clone());
                facts.len() - 1
            })
        })
        .collect();
    let number = |fact: &mut TestedFact| {
        if let TestedFact::Declared(index) = fact {
            *index = numbers[*index];
        }
    };
    let mut entries = entries.clone();
    let Entries { keeps, ends, narrowings } = &mut entries;
    let keeps = keeps.iter_mut().map(|keep| &mut keep.entry);
    let narrowings = narrowings.iter_mut().map(|narrowing| &mut narrowing.entry);
    for entry in keeps.chain(narrowings).chain(ends) {
        for test in entry.when.iter_mut().chain(&mut entry.unless) {
            number(&mut test.fact);
            if let Test::Date(date) = &mut test.test.value
                && let Some(after) = &mut date.after
            {
                number(after);
            }
        }
    }
    (facts, entries)
}

/// Whether a fact has the same values by a later policy, where an empty cell at most becomes unknown: that keeps, and does not
/// end.
fn says_no_less(fact: &Fact, later: &Fact) -> bool {
    let same_source = match (&fact.source, &later.source) {
        (FactSource::Activity { .. }, FactSource::Activity { .. }) => {
            fact.sources().iter().collect::<BTreeSet<_>>() == later.sources().iter().collect()
        }
        (one, other) => one == other,
    };
    same_source && fact.kind == later.kind && (fact.empty == later.empty || later.empty == EmptyCell::Unknown)
}

#[cfg(test)]
mod tests {
    use lapse_policy::{Day, Policy};

    use super::*;

    #[test]
    fn a_guard_that_trips_later_a_column_less_and_a_block_more_loosen() {
        for (key, before, after, expected) in [
            (Key::MaxRemovedPercent, "10", "50", true),
            (Key::MaxRemovedPercent, "10", "5", false),
            (Key::MaxNewestDateDays, "35", "9", false),
            (Key::RestingSources, "legacy", "legacy wise", true),
            (Key::RestingSources, "legacy", "none", false),
            (Key::AccountsNeeded, "blocks credit items owed", "owed", true),
            (Key::AccountsNeeded, "owed", "none", true),
            (Key::AccountsNeeded, "none", "owed", false),
            (Key::AccountsNeeded, "[\"owed\", \"credit\"]", "[ \"credit\" ]", true),
            (Key::BlocksIgnored, "internet", "general internet", true),
            (Key::BlocksIgnored, "internet", "none", false),
            (Key::EndedMonths, "24", "12", false),
        ] {
            assert_eq!(loosens(key, before, after), expected, "{key:?} {before} {after}");
        }
    }

    /// The policy of a consortium with these lines, and two facts.
    fn policy(text: &str) -> DayPolicy {
        let text = format!(
            "[consortium]\nname = \"Test\"\n[facts.holds]\ntable = \"accounts\"\ncolumn = \"open_holds\"\ntype = \"count\"\n\
             [facts.loan]\ntable = \"activity\"\nsources = [\"loan\", \"desk\"]\n{text}"
        );
        let loaded = Policy::from_texts([("consortium.toml", text)]).unwrap();
        let told = loaded.diagnostics.render(false);
        loaded.policy.unwrap_or_else(|| panic!("{told}")).on(Day::MIN)
    }

    /// The names of what loosens between two such policies.
    fn names(before: &str, after: &str) -> Vec<String> {
        of_policies(&policy(before), &policy(after))
    }

    fn of_policies(before: &DayPolicy, after: &DayPolicy) -> Vec<String> {
        let [old, new] = [before, after].map(|policy| (policy, &policy.consortium.settings.entries));
        let all = entries_that_loosen(old, new).entries;
        all.into_iter().map(|(table, name)| format!("{}.{name}", table.as_str())).collect()
    }

    fn keep(name: &str, test: &str) -> String {
        format!("[keeps.{name}]\nreason = \"r\"\nwhen.{test}\n")
    }

    fn end(name: &str, test: &str) -> String {
        format!("[ends.{name}]\nreason = \"r\"\nwhen.{test}\n")
    }

    /// What loosens one way, and the other way round.
    fn both_ways(one: &str, other: &str) -> [bool; 2] {
        [names(one, other), names(other, one)].map(|names| !names.is_empty())
    }

    #[test]
    fn a_bound_that_moved_was_marked_both_ways() {
        let debt = |name: &str, least: u32| keep(name, &format!("owed.at_least = {least}"));
        assert_eq!(both_ways(&debt("debtors", 10), &debt("debtors", 20)), [true, false], "20 holds fewer");
        assert_eq!(both_ways(&debt("owes", 10), &debt("owes", 20)), [true, false], "20 holds fewer");
        let debt = |least: u32| end("debtors", &format!("owed.at_least = {least}"));
        assert_eq!(both_ways(&debt(10), &debt(20)), [false, true], "20 ends fewer");
        assert_eq!(both_ways(&end("a", "age.at_least = 18"), &end("a", "age.at_least = 16")), [true, false]);
        assert_eq!(
            both_ways(&keep("a", "begun_on.within_days = 9"), &keep("a", "begun_on.within_days = 8")),
            [true, false]
        );
    }

    #[test]
    fn what_comes_goes_or_is_not_in_force_is_compared_with_nothing() {
        let (a, e) = (keep("a", "owed.over = 5"), end("e", "age.at_least = 18"));
        assert_eq!(both_ways(&a, ""), [true, false]);
        assert_eq!(both_ways(&a, &format!("{a}active = false\n")), [true, false]);
        assert_eq!(both_ways("", &e), [true, false]);
        assert_eq!(both_ways(&format!("{e}active = false\n"), &e), [true, false]);
        let owes = "[keeps.owes]\nreason = \"r\"\n";
        assert_eq!(both_ways("", &format!("{owes}holds = false\n")), [true, false]);
        assert_eq!(both_ways("", &format!("{owes}holds = true\n")), [false, false], "it leaves all");
        assert_eq!(both_ways(&keep("owes", "owed.over = 5"), &format!("{owes}holds = false\n")), [true, false]);
    }

    #[test]
    fn a_keep_that_another_takes_over_lets_nobody_go() {
        let (a, b) = (keep("a", "holds.over = 3"), keep("b", "holds.over = 1"));
        assert_eq!(names(&a, &b), [""; 0]);
        assert_eq!(names(&b, &a), ["keeps.b"]);
        let both = format!("{a}of = [\"record\", \"membership\"]\n");
        assert_eq!(
            names(&both, &format!("{b}[keeps.c]\nreason = \"r\"\nof = [\"membership\"]\nwhen.holds.over = 2\n")),
            [""; 0]
        );
        assert_eq!(names(&both, &b), ["keeps.a"], "nothing keeps the memberships");
        assert_eq!(both_ways(&a, &format!("{a}review = true\n")), [true, false], "a person may let it go");
        assert_eq!(names(&end("x", "age.at_least = 18"), &end("y", "age.at_least = 21")), [""; 0]);
    }

    #[test]
    fn a_fact_that_is_another_or_a_year_that_begins_elsewhere_is_not_compared() {
        let text = keep("a", "holds.over = 3") + &keep("b", "loan.within_months = 3");
        let with = |change: &dyn Fn(&mut DayPolicy)| {
            let (before, mut after) = (policy(&text), policy(&text));
            change(&mut after);
            [of_policies(&before, &after), of_policies(&after, &before)]
        };
        let none = Vec::<String>::new;
        let column = FactSource::Column { table: lapse_policy::FactTable::Accounts, column: "holds".to_owned() };
        assert_eq!(with(&|after| after.facts[0].source = column.clone()), [["keeps.a"], ["keeps.a"]]);
        assert_eq!(with(&|after| after.facts[0].empty = EmptyCell::None), [vec!["keeps.a".to_owned()], none()]);
        let loan =
            |sources: &[&str]| FactSource::Activity { sources: sources.iter().map(|&one| one.to_owned()).collect() };
        assert_eq!(with(&|after| after.facts[1].source = loan(&["desk", "loan"])), [none(), none()]);
        assert_eq!(with(&|after| after.facts[1].source = loan(&["desk"])), [["keeps.b"], ["keeps.b"]]);
        let rounded = keep("a", "begun_on = { past_months = 12, round = \"year\" }");
        let years = policy(&rounded);
        let mut other = years.clone();
        other.consortium.year_starts.value = lapse_policy::MonthDay { month: 7, day: 1 };
        assert_eq!(of_policies(&years, &years), none());
        assert_eq!(of_policies(&years, &other), ["keeps.a"]);
    }

    #[test]
    fn the_facts_are_found_by_their_place_in_either_policy() {
        let mut other = policy(&keep("a", "holds.over = 3"));
        let first = other.facts.remove(0);
        other.facts.push(first);
        other.consortium.settings.entries.keeps[0].entry.when[0].fact = TestedFact::Declared(1);
        let this = policy(&keep("a", "holds.over = 3"));
        assert_eq!([of_policies(&this, &other), of_policies(&other, &this)], [Vec::<String>::new(), Vec::new()]);
    }
}
