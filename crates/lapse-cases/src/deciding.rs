//! Which tests of keeps, ends and narrowings decided something about a patron: those without which the entry would have come
//! out otherwise.

use lapse_engine::{Event, Truth};
use lapse_explain::{DayRun, EntryOfPolicy, tests_before};

/// A test that decided whether its entry counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deciding {
    /// The entry, such as `keeps.open-holds`.
    pub entry: String,
    /// The test there, such as `when.holds`.
    pub test: String,
    /// Whether it was so.
    pub so: bool,
}

/// The table and the name of an entry, as policy files write them.
pub(crate) fn path(entry: EntryOfPolicy<'_>) -> String {
    let table = if matches!(entry, EntryOfPolicy::End(_)) { "ends" } else { "keeps" };
    format!("{table}.{}", entry.entry().name)
}

/// The tests that decided, of the events of one patron.
pub(crate) fn deciding(run: &DayRun<'_>, events: &[Event]) -> Vec<Deciding> {
    let mut all = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let Event::Entry { entry, library, .. } = *event else { continue };
        let Some(entry) = EntryOfPolicy::find(run, library, entry) else { continue };
        for round in rounds(tests_before(events, at)) {
            for event in round {
                let Event::Tested { unless, index, fact, truth, .. } = *event else { continue };
                if truth == Truth::Unknown || !decides(round, (unless, index)) {
                    continue;
                }
                let within = if unless { "unless" } else { "when" };
                let test = format!("{within}.{}", fact.name(&run.of_day.facts));
                all.push(Deciding { entry: path(entry), test, so: truth == Truth::True });
            }
        }
    }
    all
}

/// The tests of an entry each time that they were tried: once, or once for each of some memberships.
fn rounds(tests: &[Event]) -> impl Iterator<Item = &[Event]> {
    tests.chunk_by(|one, next| match (one, next) {
        (
            Event::Tested { unless: before, index: first, membership: one, .. },
            Event::Tested { unless: after, index: second, membership: other, .. },
        ) => one == other && (before, first) < (after, second),
        _ => false,
    })
}

/// Whether the entry would come out otherwise if this test did: all others that stand with it are so, and what stands in the
/// other list lets it be.
fn decides(round: &[Event], this: (bool, usize)) -> bool {
    let others = |unless: bool| {
        round.iter().filter_map(move |event| match *event {
            Event::Tested { unless: of, index, truth, .. } if of == unless && (of, index) != this => Some(truth),
            _ => None,
        })
    };
    let all_so = |unless| others(unless).all(|truth| truth == Truth::True);
    let is_exception = this.0;
    // Of several exceptions, one that is not so is enough to let it be.
    let lets_it_be = if is_exception {
        all_so(false)
    } else {
        others(true).next().is_none() || others(true).any(|truth| truth == Truth::False)
    };
    all_so(is_exception) && lets_it_be
}

#[cfg(test)]
mod tests {
    use lapse_engine::{EntryOf, FactValue, LibraryId};
    use lapse_policy::{BuiltInFact, Narrowed, TestedFact};

    use super::*;

    fn tested(unless: bool, index: usize, truth: Truth, membership: Option<usize>) -> Event {
        Event::Tested {
            entry: EntryOf::Narrowing(Narrowed::Owes),
            library: LibraryId::new(0),
            membership,
            unless,
            index,
            fact: TestedFact::BuiltIn(BuiltInFact::Owed),
            value: FactValue::NONE,
            other: FactValue::NONE,
            truth,
            turns: None,
        }
    }

    #[test]
    fn a_test_decides_where_all_others_let_it() {
        let [so, not, unknown] = [Truth::True, Truth::False, Truth::Unknown];
        let of = |when: [Truth; 2], unless: &[Truth]| {
            let mut round: Vec<Event> = (0..2).map(|index| tested(false, index, when[index], None)).collect();
            round.extend(unless.iter().enumerate().map(|(index, &truth)| tested(true, index, truth, None)));
            let all = [(false, 0), (false, 1)].into_iter().chain((0..unless.len()).map(|index| (true, index)));
            all.map(|this| decides(&round, this)).collect::<Vec<bool>>()
        };
        assert_eq!(of([so, so], &[]), [true, true]);
        assert_eq!(of([so, not], &[]), [false, true]);
        assert_eq!(of([so, unknown], &[]), [false, true]);
        assert_eq!(of([not, not], &[]), [false, false]);
        // An exception that is so makes all else of no account, and counts only where all else is so.
        assert_eq!(of([so, so], &[so]), [false, false, true]);
        assert_eq!(of([so, so], &[not]), [true, true, true]);
        assert_eq!(of([so, not], &[not]), [false, true, false]);
        assert_eq!(of([so, so], &[not, so]), [true, true, true, false]);
    }

    #[test]
    fn the_tests_of_each_membership_are_apart() {
        let so = Truth::True;
        let tests = [
            tested(false, 0, so, Some(0)),
            tested(true, 0, so, Some(0)),
            tested(false, 0, so, Some(1)),
            tested(false, 0, so, None),
            tested(false, 0, so, None),
        ];
        assert_eq!(rounds(&tests).map(<[Event]>::len).collect::<Vec<_>>(), [2, 1, 1, 1]);
    }
}
