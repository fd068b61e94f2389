//! The page of the runs to come.

use std::collections::HashMap;

use lapse_engine::{MembershipOutcome, ProfileOutcome, RecordOutcome};
use lapse_report::Language;
use lapse_report::data::{AmendmentMark, ForecastReport, Letter, Letters, LibraryForecast, MonthCounts, RunCounts};

use super::{head, library, name, version};
use crate::forecast::{Forecast, Moment, Month};

/// The page of a forecast, with the patrons who get a letter where they are asked for.
pub fn of_forecast(forecast: &Forecast<'_>, with_patrons: bool, language: Language) -> String {
    let first = &forecast.runs[0];
    let codes = &forecast.codes;
    let mut letters_at: HashMap<&str, u64> = HashMap::new();
    forecast
        .letters
        .iter()
        .for_each(|letter| *letters_at.entry(codes.libraries.text(letter.library)).or_default() += 1);
    let libraries = forecast.counts.libraries.iter().map(|(code, months)| LibraryForecast {
        library: library(code, first),
        counts: RunCounts {
            active_before: forecast.counts.valid_before(code),
            months: months.iter().map(counts).collect(),
        },
        letters: letters_at.get(code.as_str()).copied().unwrap_or(0),
    });
    let categories = forecast.counts.by_category().into_iter().map(|(name, (active_before, moments))| {
        let months = moments.iter().map(counts_of_category).collect();
        (name.map(str::to_owned), RunCounts { active_before, months })
    });
    let amendments = forecast.amendments().into_iter().map(|(file, amendment)| AmendmentMark {
        from: amendment.from,
        reason: amendment.reason.clone(),
        file: file.to_owned(),
    });
    let report = ForecastReport {
        head: head(first, vec![version(&name(forecast.policy), forecast.policy)]),
        runs: forecast.runs.iter().map(|of_day| of_day.date).collect(),
        libraries: libraries.collect(),
        categories: categories.collect(),
        profiles_deleted: forecast
            .counts
            .profiles
            .iter()
            .map(|counts| counts[ProfileOutcome::Deleted as usize])
            .collect(),
        amendments: amendments.collect(),
        assumed_activity: forecast.request.assumed.map(|assumed| assumed.percent),
        letters: forecast.request.letters.map(|months| Letters {
            months: u32::try_from(months).unwrap_or(u32::MAX),
            patrons: with_patrons.then(|| letters(forecast)),
        }),
        trips: forecast.trips.clone(),
        attention: forecast.first_run.attention(first),
    };
    lapse_report::forecast_page(&report, language)
}

fn letters(forecast: &Forecast<'_>) -> Vec<Letter> {
    let codes = &forecast.codes;
    let letter = |letter: &crate::forecast::Letter| Letter {
        patron: letter.patron.to_string(),
        library: codes.libraries.text(letter.library).to_owned(),
        subscription: codes.subscriptions.text(letter.subscription).to_owned(),
        on: letter.on,
    };
    forecast.letters.iter().map(letter).collect()
}

fn counts(month: &Month) -> MonthCounts {
    MonthCounts {
        archived: month.newly_archived,
        deleted: month.records[RecordOutcome::Deleted as usize],
        anonymised: month.records[RecordOutcome::Anonymised as usize],
        review: month.records[RecordOutcome::Review as usize],
        ..counts_of_category(&month.of)
    }
}

fn counts_of_category(moment: &Moment) -> MonthCounts {
    MonthCounts {
        active: moment.active,
        deregistered: moment.memberships[MembershipOutcome::Deregistered as usize],
        expired: moment.newly_expired,
        ..MonthCounts::default()
    }
}
