//! Values around the bounds of a test of a fact: below each, at it and above it, and one that nobody knows. The engine says
//! what the test comes to of each.

use lapse_engine::{FactTerm, FactValue, TestDay, Truth};
use lapse_policy::{
    BuiltInFact, Day, DayPolicy, EmptyCell, Fact, FactKind, FactSource, FactTest, Fee, Library, NumberTest, Test,
    TestedFact,
};

/// What a patron has of a fact, so that a test of it comes to something.
pub(super) struct Value {
    /// In words, such as `holds 1`.
    pub what: String,
    /// The cells of facts; an empty text where the cell is empty.
    pub cells: Vec<(TestedFact, String)>,
    /// Whether the test is so.
    pub truth: Truth,
}

/// Makes the values of tests at a library on a day.
pub(super) struct Values<'a> {
    pub of_day: &'a DayPolicy,
    pub here: &'a Library,
    pub day: TestDay<'a>,
}

impl Values<'_> {
    /// Those around the bounds of a test, in order. The month of the run is no value of a patron.
    pub fn of(&self, test: &FactTest) -> Vec<Value> {
        let mut values = match &test.test.value {
            Test::Is(_) => self.there(test),
            Test::Number(bounds) => self.numbers(test, bounds),
            Test::Age { .. } => self.days(test, None),
            Test::Date(date) => self.days(test, date.after),
            Test::AnyOf(kinds) => self.codes(test, kinds),
            Test::Months(_) => return Vec::new(),
        };
        values.extend(self.empty(test));
        values
    }

    fn value(&self, of: &FactTest, text: String, known: FactValue) -> Value {
        let truth = self.day.truth(of, known, FactValue::NONE).unwrap_or(Truth::Unknown);
        Value { what: format!("{} {text}", self.name(of)), cells: vec![(of.fact, text)], truth }
    }

    /// What a value is called: that of an age is a day of birth.
    fn name(&self, test: &FactTest) -> &str {
        match test.fact {
            TestedFact::BuiltIn(BuiltInFact::Age) => "born",
            fact => fact.name(&self.of_day.facts),
        }
    }

    fn fact(&self, fact: TestedFact) -> Option<&Fact> {
        match fact {
            TestedFact::Declared(index) => Some(&self.of_day.facts[index]),
            TestedFact::BuiltIn(_) => None,
        }
    }

    fn there(&self, test: &FactTest) -> Vec<Value> {
        if self.fact(test.fact).is_some_and(|fact| fact.kind == FactKind::Flag) {
            let flag = |there: bool| {
                let value = if there { FactValue::TRUE } else { FactValue::NONE };
                self.value(test, there.to_string(), value)
            };
            return vec![flag(true), flag(false)];
        }
        vec![self.date(test, self.of_day.date.previous())]
    }

    fn date(&self, test: &FactTest, day: Day) -> Value {
        self.value(test, day.to_string(), FactValue::of_day(Some(day)))
    }

    fn numbers(&self, test: &FactTest, bounds: &NumberTest) -> Vec<Value> {
        let is_amount = test.fact.is_amount(&self.of_day.facts);
        let NumberTest { over, at_least, under, at_most } = *bounds;
        let bounds = [over, at_least, under, at_most].into_iter().flatten();
        let mut numbers: Vec<u64> = bounds.flat_map(|bound| [bound.saturating_sub(1), bound, bound + 1]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let value = |number: u64| {
            if is_amount {
                self.value(test, Fee { cents: number }.to_string(), FactValue::of_amount(number, false))
            } else {
                self.value(test, number.to_string(), FactValue::of_count(number))
            }
        };
        numbers.into_iter().map(value).collect()
    }

    /// The days on which a term of the test turns, those before and after them; with the date that must be earlier, the day
    /// before it, the day itself and the day after.
    fn days(&self, test: &FactTest, after: Option<TestedFact>) -> Vec<Value> {
        let run = self.of_day.date;
        let terms = FactTerm::of(&test.test.value, self.of_day.consortium.year_starts.value);
        let turns = terms.within.iter().chain(&terms.past).filter_map(|term| term.last_over(run));
        let mut days: Vec<Day> = turns.flat_map(|last| [last.previous(), last, last.next()]).collect();
        days.sort_unstable();
        days.dedup();
        let Some(other) = after else {
            return days.into_iter().map(|day| self.date(test, day)).collect();
        };
        let with = |day: Day, earlier: Day| {
            let [value, compared] = [day, earlier].map(|day| FactValue::of_day(Some(day)));
            let truth = self.day.truth(test, value, compared).unwrap_or(Truth::Unknown);
            let other_name = other.name(&self.of_day.facts);
            Value {
                what: format!("{} {day}, {other_name} {earlier}", self.name(test)),
                cells: vec![(test.fact, day.to_string()), (other, earlier.to_string())],
                truth,
            }
        };
        let by_terms: Vec<Value> = days.iter().map(|&day| with(day, day.previous())).collect();
        let so = days.iter().zip(&by_terms).find(|(_, value)| value.truth == Truth::True).map(|(&day, _)| day);
        let day = so.unwrap_or_else(|| run.previous().previous());
        by_terms.into_iter().chain([day, day.next()].map(|earlier| with(day, earlier))).collect()
    }

    fn codes(&self, test: &FactTest, kinds: &[String]) -> Vec<Value> {
        let of = |kind: &str, truth| Value {
            what: format!("{} {kind}", self.name(test)),
            cells: vec![(test.fact, kind.to_owned())],
            truth,
        };
        let another = match test.fact {
            // A kind of block that no policy lists would hold for another reason.
            TestedFact::BuiltIn(_) => {
                self.here.settings.cleanup.blocks_ignored.value.iter().map(String::as_str).collect()
            }
            TestedFact::Declared(_) => vec!["another", "other"],
        };
        let another = another.into_iter().find(|kind| !kinds.iter().any(|named| named == kind));
        kinds.iter().map(|kind| of(kind, Truth::True)).chain(another.map(|kind| of(kind, Truth::False))).collect()
    }

    /// An empty cell: unknown or none, as the policy has it; none where the value stands in a column that is never empty, or
    /// where something stands in for it.
    fn empty(&self, test: &FactTest) -> Option<Value> {
        let value = match test.fact {
            TestedFact::BuiltIn(fact) => match fact {
                BuiltInFact::Age => FactValue::UNKNOWN,
                BuiltInFact::SettledOn | BuiltInFact::Blocks => FactValue::NONE,
                BuiltInFact::LastActivity
                | BuiltInFact::BegunOn
                | BuiltInFact::EndedOn
                | BuiltInFact::Owed
                | BuiltInFact::Credit
                | BuiltInFact::Items
                | BuiltInFact::RunMonth => return None,
            },
            TestedFact::Declared(index) => match &self.of_day.facts[index] {
                Fact { source: FactSource::Column { .. }, empty: EmptyCell::Unknown, .. } => FactValue::UNKNOWN,
                Fact { .. } => FactValue::NONE,
            },
        };
        let of_codes = if value.is_unknown() { Truth::Unknown } else { Truth::False };
        let truth = self.day.truth(test, value, FactValue::NONE).unwrap_or(of_codes);
        let what = if value.is_unknown() { "unknown" } else { "none" };
        Some(Value { what: format!("{} {what}", self.name(test)), cells: vec![(test.fact, String::new())], truth })
    }
}
