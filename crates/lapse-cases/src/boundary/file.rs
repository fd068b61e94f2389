//! The boundary cases of libraries as case files, with what the engine decides as the expectation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lapse_host::Plugins;
use lapse_policy::{Day, Policy};

use super::made_up::Boundary;
use super::sections::{Section, cases};
use super::timeline::{Known, Timeline};
use crate::casefile::quoted;
use crate::error::CasesError;
use crate::outcomes::Outcomes;
use crate::trial::Trial;

/// How each such file begins, by which it is told from files that people wrote, so that none of those is overwritten.
pub const HEADER: &str = "# Written by `lapse cases";

/// The text of each library's file. It is not in canonical layout yet: whoever writes the file lays it out.
pub fn texts(policy: &Policy, plugins: &Plugins, libraries: &[&str]) -> Result<Vec<String>, CasesError> {
    let timeline = Timeline::of(policy);
    let mut known = Known::default();
    known.add(timeline.days());
    let sections: Vec<Vec<Section>> = libraries.iter().map(|library| cases(&timeline, &known, library)).collect();
    let all: Vec<&Boundary> = sections.iter().flatten().flat_map(|section| &section.cases).collect();
    let mut outcomes = decide(policy, plugins, &all)?.into_iter();
    Ok(libraries.iter().zip(&sections).map(|(library, sections)| text(library, sections, &mut outcomes)).collect())
}

/// The file of a library; takes what was decided about its cases.
fn text(library: &str, sections: &[Section], outcomes: &mut impl Iterator<Item = Outcomes>) -> String {
    let mut text = format!(
        "{HEADER} {library}`, from the policy: run it again when the policy has changed, and review the difference.\n\
         # Each threshold on the day before it, the day itself and the day after. Write cases of your own in another file.\n\n\
         library = {}\n",
        quoted(library)
    );
    for section in sections {
        let from = section.from.map_or_else(String::new, |day| format!(" from {day} on"));
        let title = if section.title.is_empty() { String::new() } else { format!(": {}", section.title) };
        let _ = writeln!(text, "\n# {}{from}{title}", section.subject);
        for (case, decided) in section.cases.iter().zip(&mut *outcomes) {
            text.push('\n');
            write_case(case, &decided, library, &mut text);
        }
    }
    text
}

fn write_case(case: &Boundary, decided: &Outcomes, library: &str, text: &mut String) {
    let Boundary { subject, what, date, facts, shows } = case;
    let name = quoted(&format!("{subject} on {date}: {what}"));
    let expect: Vec<String> = shows.iter().filter_map(|column| column.to_toml(decided, library)).collect();
    let _ = write!(text, "[[case]]\nname = {name}\ndate = {date}\n{}", facts.to_toml(library));
    let _ = writeln!(text, "expect = {{ {} }}", expect.join(", "));
}

/// What the engine decides about each case, in order; the cases of one day together.
fn decide(policy: &Policy, plugins: &Plugins, all: &[&Boundary]) -> Result<Vec<Outcomes>, CasesError> {
    let mut by_day: BTreeMap<Day, Vec<usize>> = BTreeMap::new();
    for (index, case) in all.iter().enumerate() {
        by_day.entry(case.date).or_default().push(index);
    }
    let mut outcomes = vec![Outcomes::default(); all.len()];
    for (day, indexes) in by_day {
        let trial = Trial::new(policy, plugins, day, indexes.iter().map(|&index| &all[index].facts))?;
        for (patron, index) in indexes.into_iter().enumerate() {
            outcomes[index] = trial.decide(patron)?;
        }
    }
    Ok(outcomes)
}
