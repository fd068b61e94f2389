//! Letters: the memberships that will be deregistered if nobody does anything, as rows of a file for a mailing.

use lapse_engine::forecast::Span;
use lapse_engine::{Codes, LibraryId, MembershipOutcome, SubscriptionId};
use lapse_policy::Day;
use lapse_tables::Renumberings;

use super::Forecast;
use crate::rowfile::{RowFile, RowFormat};

/// A membership that will be deregistered.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The id of the patron.
    pub patron: Box<str>,
    /// Where.
    pub library: LibraryId,
    /// Its type.
    pub subscription: SubscriptionId,
    /// The run that does it.
    pub on: Day,
    /// The last activity that counts; none where there was none.
    pub last_activity: Option<Day>,
}

const COLUMNS: [&str; 5] = ["library", "deregistered_on", "patron_id", "subscription", "last_activity"];

/// Tells which memberships of a patron a run deregisters.
pub(super) fn find(id: &str, on: Day, span: &Span<'_>, mut each: impl FnMut(Letter)) {
    for (membership, decided) in span.memberships.iter().zip(&span.decisions.memberships) {
        if decided.outcome == MembershipOutcome::Deregistered {
            each(Letter {
                patron: id.into(),
                library: membership.library,
                subscription: membership.subscription,
                on,
                last_activity: decided.last_activity,
            });
        }
    }
}

impl Letter {
    /// With other numbers for its codes.
    pub(super) fn renumbered(mut self, to: &Renumberings) -> Letter {
        self.library = to.library(self.library);
        self.subscription = to.subscription(self.subscription);
        self
    }
}

/// By library, then day; of one day in the order of the patrons. Each comes with the place of its batch.
pub(super) fn in_order(mut letters: Vec<((usize, usize), Letter)>, codes: &Codes) -> Vec<Letter> {
    // Stable, so that the letters of one batch stay in its order.
    letters.sort_by_key(|(place, letter)| (codes.libraries.text(letter.library), letter.on, *place));
    letters.into_iter().map(|(_, letter)| letter).collect()
}

impl Forecast<'_> {
    /// The file of the letters.
    pub fn letters_file(&self, format: RowFormat) -> String {
        let codes = &self.codes;
        let mut file = RowFile::new(format, &COLUMNS);
        for letter in &self.letters {
            file.row(&[
                codes.libraries.text(letter.library),
                &letter.on.to_string(),
                &letter.patron,
                codes.subscriptions.text(letter.subscription),
                &letter.last_activity.map(|day| day.to_string()).unwrap_or_default(),
            ]);
        }
        file.into_text()
    }
}
