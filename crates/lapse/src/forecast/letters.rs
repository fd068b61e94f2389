//! Letters: the memberships that will be deregistered if nobody does anything, as rows of a file for a mailing.

use lapse_engine::{Codes, LibraryId, SubscriptionId};
use lapse_policy::Day;

use super::Forecast;
use crate::rowfile::{RowFile, RowFormat};

/// A membership that will be deregistered.
#[derive(Clone, Copy, Debug)]
pub struct Letter {
    /// The place of the patron in the extract.
    pub patron: usize,
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

/// By library, then day; of one day in the order of the patrons.
pub(super) fn in_order(mut letters: Vec<Letter>, codes: &Codes) -> Vec<Letter> {
    letters.sort_by_key(|letter| (codes.libraries.text(letter.library), letter.on));
    letters
}

impl Forecast<'_> {
    /// The file of the letters.
    pub fn letters_file(&self, format: RowFormat) -> String {
        let codes = &self.extract.codes;
        let mut file = RowFile::new(format, &COLUMNS);
        for letter in &self.letters {
            file.row(&[
                codes.libraries.text(letter.library),
                &letter.on.to_string(),
                self.extract.ids.get(letter.patron),
                codes.subscriptions.text(letter.subscription),
                &letter.last_activity.map(|day| day.to_string()).unwrap_or_default(),
            ]);
        }
        file.into_text()
    }
}
