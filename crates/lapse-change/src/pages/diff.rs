//! The page of what a change of policy does to real patrons.

use lapse_engine::{MembershipDecision, Moves};
use lapse_report::Language;
use lapse_report::data::{DiffReport, Loosening, Moved as MovedPatron, MovedWhat, Why};

use super::{head, library, version};
use crate::compare::{Comparison, Same};
use crate::few;
use crate::impact::{Deciders, Impact, Moved, RecordSide, What, Words};

/// The page of the effect of a change, whose policies differ as `comparison` says, with the patrons who move where they are asked for.
pub fn of_diff(comparison: &Comparison, impact: &Impact<'_>, with_patrons: bool, language: Language) -> String {
    let new = &impact.sides[1];
    let libraries = impact.libraries().into_iter().map(|(code, moves)| (library(code, new.of_day), moves)).collect();
    let subscriptions = impact.subscriptions().into_iter();
    let categories = impact.categories().into_iter();
    let report = DiffReport {
        head: head(new.of_day, impact.sides.iter().map(|side| version(side.name, side.policy)).collect()),
        patrons: impact.summary.patrons,
        libraries,
        subscriptions: subscriptions.map(|(at, code, moves)| (at.to_owned(), code.to_owned(), moves)).collect(),
        categories: categories.map(|(name, moves): (_, Moves)| (name.map(str::to_owned), moves)).collect(),
        age_bands: impact.tally.ages,
        profiles: impact.tally.total_profiles(),
        trips: impact.trips.clone(),
        attention: impact.summary.attention(new.of_day),
        loosens: loosens(comparison),
        moved: with_patrons.then(|| patrons(impact)),
    };
    lapse_report::diff_page(&report, language)
}

/// What of the change lets more go than before.
fn loosens(comparison: &Comparison) -> Vec<Loosening> {
    let all = comparison.gathered().into_iter().filter(|same| same.first.loosens);
    let one = |Same { first, places }: Same<'_>| Loosening {
        setting: first.setting.clone(),
        before: first.before.text.clone(),
        after: first.after.text.clone(),
        places: few(&places),
        from: first.from,
        until: first.until,
        by: first.after.by.as_ref().or(first.before.by.as_ref()).map(ToString::to_string).unwrap_or_default(),
    };
    all.map(one).collect()
}

/// The patrons of whom a membership or a record moves.
fn patrons(impact: &Impact<'_>) -> Vec<MovedPatron> {
    let codes = &impact.codes;
    let words = impact.sides.each_ref().map(Words::of);
    let mut deciders = Deciders::new(impact);
    let mut patrons = Vec::new();
    for of_patron in impact.moved.chunk_by(|one, next| one.patron == next.patron) {
        for moved in of_patron {
            let Some((library, what)) = what(impact, moved, &words) else { continue };
            patrons.push(MovedPatron {
                patron: moved.patron.to_string(),
                library: codes.libraries.text(library).to_owned(),
                what,
                decided_by: deciders.of(moved, of_patron).by.clone(),
            });
        }
    }
    patrons
}

fn what(impact: &Impact<'_>, moved: &Moved, words: &[Words<'_>; 2]) -> Option<(lapse_engine::LibraryId, MovedWhat)> {
    match &moved.what {
        What::Membership { library, subscription, decided, .. } => {
            let subscription = impact.codes.subscriptions.text(*subscription).to_owned();
            let [old, new] = [0, 1].map(|side| {
                let MembershipDecision { outcome, reason, named, extra, .. } = decided[side];
                let why = match (extra, named) {
                    (Some(extra), _) => Why::Named(words[side].of_reason(extra).to_owned()),
                    (None, Some(entry)) => Why::Named(impact.codes.entry(entry).to_owned()),
                    (None, None) => Why::Rule(reason),
                };
                (outcome, why)
            });
            Some((*library, MovedWhat::Membership { subscription, old, new }))
        }
        What::Record { library, decided: [RecordSide { record: old, .. }, RecordSide { record: new, .. }] } => {
            Some((*library, MovedWhat::Record { old: old.outcome, new: new.outcome }))
        }
        // A profile belongs to no library; the page counts them.
        What::Profile { .. } => None,
    }
}
