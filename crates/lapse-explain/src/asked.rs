//! What a test asks of a fact, in words: the bounds, the terms with their days, the date that must be earlier.

use lapse_engine::{FactTerm, FactValue, Period};
use lapse_policy::{Day, FactKind, Fee, NumberTest, Span, Test, TestedFact, count, months};

use crate::known::{Of, month};

impl Of<'_> {
    /// What a value must be for the test to be so: `20.00 or more`.
    pub fn asked(self, fact: TestedFact, test: &Test) -> String {
        match test {
            Test::Is(there) => match (self.kind(fact), there) {
                (Some(FactKind::Flag), true) => "yes".to_owned(),
                (Some(FactKind::Flag), false) => "no".to_owned(),
                (_, true) => "a date".to_owned(),
                (_, false) => "no date".to_owned(),
            },
            Test::Number(bounds) => self.bounds(fact, bounds),
            Test::Age { at_least, under } => {
                let least = at_least.map(|years| format!("{years} years or more"));
                let most = under.map(|years| format!("less than {years} years"));
                both(least.into_iter().chain(most))
            }
            Test::Date(test) => {
                let within = |span: String| format!("less than {span} ago");
                let past = |span: String| format!("{span} ago or more");
                let round = test.round.map_or_else(String::new, |round| format!(" (to the end of the {round})"));
                let spans = [
                    test.within_months.map(|months| within(span(Span::Months(months)))),
                    test.within_days.map(|number| within(span(Span::Days(number)))),
                    test.past_months.map(|months| past(span(Span::Months(months)))),
                    test.past_days.map(|number| past(span(Span::Days(number)))),
                ];
                let spans = spans.into_iter().flatten().map(|span| format!("{span}{round}"));
                let after = test.after.map(|other| format!("later than {}", self.name(other)));
                both(spans.chain(after))
            }
            Test::AnyOf(kinds) => one_of(kinds.iter().map(String::as_str)),
            Test::Months(months) => one_of(months.iter().map(|&number| month(number))),
        }
    }

    /// The days that a test compares with that of the run, to follow the value: `30 days later is 2022-05-31, not after 2022-07-01`.
    pub fn compared(self, test: &Test, value: FactValue, other: FactValue) -> String {
        let (Some(since), run) = (value.day(), self.run.date()) else { return String::new() };
        let terms = FactTerm::of(test, self.run.of_day.consortium.year_starts.value);
        let mut words: Vec<String> = terms
            .within
            .iter()
            .chain(&terms.past)
            .map(|&term| in_days(term, &length(test, term), since, run))
            .collect();
        if let Test::Date(test) = test
            && let Some(fact) = test.after
        {
            words.push(match other.day() {
                _ if other.is_unknown() => unknown_within(self, fact),
                None => format!("there is no date of {}", self.name(fact)),
                Some(day) => {
                    let later = if since > day { "later" } else { "not later" };
                    format!("it is {later} than {}, {day}", self.name(fact))
                }
            });
        }
        words.iter().flat_map(|words| ["; ", words.as_str()]).collect()
    }

    fn kind(self, fact: TestedFact) -> Option<FactKind> {
        match fact {
            TestedFact::Declared(index) => Some(self.run.of_day.facts[index].kind),
            TestedFact::BuiltIn(_) => None,
        }
    }

    fn bounds(self, fact: TestedFact, bounds: &NumberTest) -> String {
        let is_amount = fact.is_amount(&self.run.of_day.facts);
        let number = |number: u64| if is_amount { Fee { cents: number }.to_string() } else { number.to_string() };
        let NumberTest { over, at_least, under, at_most } = *bounds;
        both(
            [
                over.map(|over| format!("more than {}", number(over))),
                at_least.map(|at_least| format!("{} or more", number(at_least))),
                under.map(|under| format!("less than {}", number(under))),
                at_most.map(|at_most| format!("{} or less", number(at_most))),
            ]
            .into_iter()
            .flatten(),
        )
    }
}

/// That the date with which `after` compares is not known, within a sentence.
fn unknown_within(of: Of<'_>, fact: TestedFact) -> String {
    let unknown = of.unknown(fact);
    let mut letters = unknown.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A term with its days: `24 months later is 2022-07-14, in a month that ends on 2022-07-31, not before 2022-07-01`.
fn in_days(term: FactTerm, length: &str, since: Day, run: Day) -> String {
    let Some(until) = term.until(since) else {
        return format!("{length} later is past the end of the calendar");
    };
    let later = format!("{length} later is {until}");
    let (period, over) = match (term.round, term.over(since)) {
        (None, _) => return format!("{later}, {} {run}", if until > run { "after" } else { "not after" }),
        (Some(Period::Month), over) => ("month", over),
        (Some(Period::Year(_)), over) => ("year", over),
    };
    match over {
        Some(over) => {
            let before = if over > run { "not before" } else { "before" };
            format!("{later}, in a {period} that ends on {}, {before} {run}", over.previous())
        }
        None => format!("{later}, in a {period} that ends past the end of the calendar"),
    }
}

/// How long a term of a test is, in words: an age is told in years.
fn length(test: &Test, term: FactTerm) -> String {
    match (test, term.length) {
        (Test::Age { .. }, Span::Months(months)) => count((months / 12).into(), "year", "years"),
        (_, length) => span(length),
    }
}

fn span(length: Span) -> String {
    match length {
        Span::Days(days) => count(days.into(), "day", "days"),
        Span::Months(number) => months(number),
    }
}

fn both(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(" and ")
}

fn one_of<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.collect();
    match &*all {
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(length: Span, round: Option<Period>, since: &str, run: &str) -> String {
        let term = FactTerm { length, round };
        in_days(term, &span(length), since.parse().unwrap(), run.parse().unwrap())
    }

    #[test]
    fn a_term_is_told_with_the_day_on_which_it_is_over() {
        let days = Span::Days(30);
        assert_eq!(told(days, None, "2022-06-01", "2022-07-01"), "30 days later is 2022-07-01, not after 2022-07-01");
        assert_eq!(told(days, None, "2022-06-02", "2022-07-01"), "30 days later is 2022-07-02, after 2022-07-01");
        assert_eq!(
            told(Span::Months(1200), None, "9990-01-01", "9991-01-01"),
            "1,200 months later is past the end of the calendar"
        );
    }

    #[test]
    fn a_rounded_term_is_told_with_the_end_of_its_month_or_year() {
        let month = |run| told(Span::Months(4), Some(Period::Month), "2022-02-14", run);
        assert_eq!(
            month("2022-06-30"),
            "4 months later is 2022-06-14, in a month that ends on 2022-06-30, not before 2022-06-30"
        );
        assert_eq!(
            month("2022-07-01"),
            "4 months later is 2022-06-14, in a month that ends on 2022-06-30, before 2022-07-01"
        );
    }

    #[test]
    fn several_words_are_told_as_a_sentence_would() {
        assert_eq!(one_of(["July"].into_iter()), "July");
        assert_eq!(one_of(["June", "July", "August"].into_iter()), "June, July or August");
    }
}
