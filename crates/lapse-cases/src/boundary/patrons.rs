//! Made-up patrons, each as small as it can be: the rows that bring the patron to a threshold, and nothing else.

use lapse_policy::{Day, Holder, Library, Renewal, Settings, Subscription};
use lapse_tables::Table;

use crate::casefile::Facts;

/// Where the patron's membership is.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The library.
    pub library: &'a str,
    /// The subscription.
    pub subscription: &'a str,
}

/// Whether a membership can lapse by inactivity (row 4 of stage 1).
pub fn lapses(subscription: &Subscription) -> bool {
    subscription.holder.value == Holder::Person
        && subscription.fee.value.is_free()
        && subscription.renewal.value == Renewal::Conditional
}

/// Whether a membership renews itself (row 6 of stage 1).
pub fn renews(subscription: &Subscription) -> bool {
    match subscription.renewal.value {
        Renewal::Automatic => true,
        Renewal::Conditional => subscription.fee.value.is_free(),
        Renewal::None => false,
    }
}

/// A source that counts at a library.
pub fn source(library: &Library) -> &str {
    library.settings.activity.sources.value.first().map_or("wise", |source| source)
}

/// The last day that lies `months` before `day` or longer.
pub fn months_before(day: Day, months: u32) -> Day {
    let after = |first: Day| first.add_months(months.cast_signed());
    let mut last = day.add_months(-months.cast_signed());
    // 28 and 29 February 2020 both reach 28 February 2022 after 24 months; take the later one.
    while last < day && after(last.next()) <= day {
        last = last.next();
    }
    last
}

/// Enrolled long before `day`.
fn enrolled(day: Day) -> String {
    Day::new(day.year().saturating_sub(10).max(1), 1, 1).unwrap_or(Day::MIN).to_string()
}

/// The only fact that stage 3 needs: the day on which the profile was last active.
pub fn profile(last_active: Day) -> Facts {
    Facts::default().with(Table::Patrons, &[("profile_last_active", &last_active.to_string())])
}

impl At<'_> {
    /// A membership without end, last active on a day.
    pub fn active(self, last_active: Day, source: &str) -> Facts {
        self.membership(&enrolled(last_active), None)
            .with(Table::Activity, &[("source", source), ("last_active", &last_active.to_string())])
    }

    /// As [`At::active`], but the activity was at another library.
    pub fn active_at(self, library: &str, last_active: Day, source: &str) -> Facts {
        self.membership(&enrolled(last_active), None).with(
            Table::Activity,
            &[("library", library), ("source", source), ("last_active", &last_active.to_string())],
        )
    }

    /// A membership that starts on a day.
    pub fn starting(self, from: Day) -> Facts {
        self.membership(&from.to_string(), None)
    }

    /// A membership with a last day, of a patron who was active the day before `today`.
    pub fn until(self, until: Day, today: Day, source: &str) -> Facts {
        let last_active = today.previous().to_string();
        self.membership(&enrolled(until), Some(&until.to_string()))
            .with(Table::Activity, &[("source", source), ("last_active", &last_active)])
    }

    /// A membership that was cancelled, with its last day.
    pub fn cancelled(self, until: Day) -> Facts {
        Facts::default().with(
            Table::Memberships,
            &[
                ("library", self.library),
                ("subscription", self.subscription),
                ("valid_from", &enrolled(until)),
                ("valid_until", &until.to_string()),
                ("status", "cancelled"),
            ],
        )
    }

    /// A membership that ended so long before `day` that by these settings it no longer keeps the record.
    pub fn gone(self, day: Day, settings: &Settings) -> Facts {
        let months = settings.cleanup.ended_months.value;
        self.cancelled(day.add_months(-months.cast_signed()).add_months(-12))
    }

    fn membership(self, from: &str, until: Option<&str>) -> Facts {
        let mut cells = vec![("library", self.library), ("subscription", self.subscription), ("valid_from", from)];
        cells.extend(until.map(|until| ("valid_until", until)));
        Facts::default().with(Table::Memberships, &cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_days_that_reach_a_day_after_these_months_the_last_is_taken() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        for (from, months, expected) in [
            ("2022-07-01", 24, "2020-07-01"),
            ("2022-02-28", 24, "2020-02-29"),
            ("2024-02-29", 24, "2022-02-28"),
            ("2024-03-30", 1, "2024-02-29"),
            ("2023-02-28", 1, "2023-01-31"),
        ] {
            assert_eq!(months_before(day(from), months), day(expected), "{months} before {from}");
        }
    }
}
