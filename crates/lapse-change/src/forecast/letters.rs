//! The memberships that will be deregistered if nobody does anything, as rows of a file. Libraries write letters to these
//! patrons, so that the rows are called letters.

use lapse_engine::forecast::Span;
use lapse_engine::{Codes, LibraryId, MembershipOutcome, SubscriptionId};
use lapse_policy::Day;
use lapse_tables::{Field, Format, Kind, OutColumn, Renumberings, RowFile};

use super::Forecast;

/// A membership that will be deregistered.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The id of the patron.
    pub patron: Box<str>,
    /// The library.
    pub library: LibraryId,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The run that does it.
    pub on: Day,
    /// The last activity that counts; none where there was none.
    pub last_activity: Option<Day>,
}

const COLUMNS: [OutColumn; 5] = [
    OutColumn::new("library", Kind::Word),
    OutColumn::new("deregistered_on", Kind::Day),
    OutColumn::new("patron_id", Kind::Id),
    OutColumn::new("subscription", Kind::Word),
    OutColumn::new("last_activity", Kind::MaybeDay),
];

/// Calls `each` for every membership of a patron that a run deregisters.
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
    /// The same with other numbers for its codes.
    pub(super) fn renumbered(mut self, to: &Renumberings) -> Letter {
        self.library = to.library(self.library);
        self.subscription = to.subscription(self.subscription);
        self
    }
}

/// Sorts letters by library, then day, then the order of the patrons. Each comes with the place of its batch.
pub(super) fn in_order(mut letters: Vec<((usize, usize), Letter)>, codes: &Codes) -> Vec<Letter> {
    // Stable, so that the letters of one batch stay in its order.
    letters.sort_by_key(|(place, letter)| (codes.libraries.text(letter.library), letter.on, *place));
    letters.into_iter().map(|(_, letter)| letter).collect()
}

impl Forecast<'_> {
    /// The file of the letters, which [`Request::letters`](super::Request::letters) has asked for.
    pub fn letters_file(&self, format: Format) -> Vec<u8> {
        let codes = &self.codes;
        let mut file = RowFile::new(format, &COLUMNS);
        for letter in &self.letters {
            file.row(&[
                Field::Text(codes.libraries.text(letter.library)),
                Field::Day(Some(letter.on)),
                Field::Text(&letter.patron),
                Field::Text(codes.subscriptions.text(letter.subscription)),
                Field::Day(letter.last_activity),
            ]);
        }
        file.into_bytes()
    }
}
