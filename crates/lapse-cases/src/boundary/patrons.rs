//! Made-up patrons, each as small as it can be: the rows that bring the patron to a threshold, and nothing else.

use lapse_engine::{SubscriptionRules, Term};
use lapse_policy::{Day, Library, Subscription};
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

/// Whether memberships of a subscription can lapse by inactivity.
pub fn lapses(subscription: &Subscription) -> bool {
    SubscriptionRules::from(subscription).can_lapse()
}

/// Whether a run renews memberships of a subscription that are past their end.
pub fn renews(subscription: &Subscription) -> bool {
    SubscriptionRules::from(subscription).renews()
}

/// A source that counts at a library.
pub fn source(library: &Library) -> &str {
    library.settings.activity.sources.value.first().map_or("wise", |source| source)
}

/// Enrolled long before `day`.
pub(super) fn enrolled(day: Day) -> String {
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

    /// A membership that ended just so long before `day` that after `ended_months` it no longer keeps the record: a record
    /// that nothing else keeps goes on `day`.
    pub fn gone(self, day: Day, ended_months: u32) -> Facts {
        self.cancelled(Term::last_passed(ended_months, day).previous())
    }

    fn membership(self, from: &str, until: Option<&str>) -> Facts {
        let mut cells = vec![("library", self.library), ("subscription", self.subscription), ("valid_from", from)];
        cells.extend(until.map(|until| ("valid_until", until)));
        Facts::default().with(Table::Memberships, &cells)
    }
}
