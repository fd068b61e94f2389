//! A patron's story as a page of text for a terminal.

use std::fmt::Write as _;

use lapse_explain::{Chapter, Fact, Step, Story, Why};

use crate::terminal::{FAINT, GOOD, STRONG, WARNING, shown};

/// The page.
pub fn story(story: &Story) -> String {
    let mut text = format!("{STRONG}Patron {}, run of {}{STRONG:#}\n", shown(&story.patron), story.date);
    heading("What the tables say", &mut text);
    for Fact { table: _, file, line, text: fact, rejected } in &story.facts {
        let place = format!("{file}:{line}");
        let fact = if fact.is_empty() { "no value but the id" } else { fact };
        let _ = writeln!(text, "  {FAINT}{place:<24}{FAINT:#}  {}", shown(fact));
        if let Some(problem) = rejected {
            let _ = writeln!(text, "  {:<24}  {WARNING}rejected{WARNING:#}: {}", "", shown(problem));
        }
    }
    if story.held {
        let _ = writeln!(
            text,
            "  A row of this patron was rejected, so no membership is ended and no record removed. What is kept is still \
             cleared of old data."
        );
    }
    text.push_str(&why(&story.why));
    later(story, &mut text);
    text
}

fn later(story: &Story, text: &mut String) {
    heading("What comes next, if nobody does anything", text);
    for run in &story.later.runs {
        for (index, change) in run.changes.iter().enumerate() {
            let date = if index == 0 { &*run.date } else { "" };
            let _ = writeln!(text, "  {date:<10}  {}", shown(change));
        }
    }
    if story.held {
        let rejected = story.facts.iter().filter(|fact| fact.rejected.is_some());
        let places: Vec<String> = rejected.map(Fact::place).collect();
        let _ = writeln!(
            text,
            "  While the rejected row stands, no membership is ended and no record removed: correct {}.",
            places.join(" and ")
        );
    } else if story.later.gone {
        let _ = writeln!(text, "  Then nothing is left of the patron that a run could decide about.");
    } else if story.later.runs.is_empty() {
        let _ = writeln!(text, "  Nothing changes up to the run of {}.", story.later.looked_ahead_to);
    }
}

/// The chapters of the page: each rule that was tried.
pub fn why(why: &Why) -> String {
    let mut text = String::new();
    for membership in &why.memberships {
        let [library, subscription] =
            [&membership.library, &membership.subscription].map(|code| code.as_deref().unwrap_or_default());
        chapter(&format!("Membership {subscription} at {library}"), membership, &mut text);
    }
    for record in &why.records {
        chapter(&format!("Record at {}", record.library.as_deref().unwrap_or_default()), record, &mut text);
    }
    if let Some(profile) = &why.profile {
        chapter("Mijn Bibliotheek profile", profile, &mut text);
    }
    text
}

fn heading(title: &str, text: &mut String) {
    let _ = writeln!(text, "\n{STRONG}{title}{STRONG:#}");
}

fn chapter(title: &str, chapter: &Chapter, text: &mut String) {
    let reasons = chapter.reasons.join(" ");
    heading(&format!("{}: {} ({reasons})", shown(title), chapter.outcome), text);
    for Step { rule, holds, sentence, policy } in &chapter.steps {
        let (mark, style) = if *holds { ("yes", GOOD) } else { ("no", FAINT) };
        let _ = writeln!(text, "  {rule:<20}  {style}{mark:<3}{style:#}  {}", shown(sentence));
        for line in policy {
            let _ = writeln!(text, "  {:<27}{FAINT}{} = {} ({line}){FAINT:#}", "", line.key, line.value);
        }
    }
    let _ = writeln!(text, "  {STRONG}{}{STRONG:#}", chapter.so);
}
