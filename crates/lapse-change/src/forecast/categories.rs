//! The category of each subscription in each run. An amendment may change it, so that it is looked up for each run; for speed the
//! names are numbers and the runs between two amendments share a table.

use lapse_engine::{Codes, LibraryId, SubscriptionId};
use lapse_policy::DayPolicy;

/// The category of each subscription in each run, as a number.
pub(super) struct Categories {
    names: Vec<String>,
    /// For each run, which of `pieces` holds. A piece holds from one amendment to the next.
    piece: Vec<usize>,
    /// The number of each category, by library and subscription; what is not there is [`UNKNOWN`].
    pieces: Vec<Vec<Vec<usize>>>,
}

/// The number for subscriptions that the policy does not know; the numbers of `names` come after it.
const UNKNOWN: usize = 0;

impl Categories {
    /// The categories of the runs by these policies; `changes` says for each run whether an amendment has taken force since the
    /// one before.
    pub fn of(runs: &[DayPolicy], changes: &[bool], codes: &Codes) -> Categories {
        let mut categories = Categories { names: Vec::new(), piece: Vec::new(), pieces: Vec::new() };
        for (of_day, &change) in runs.iter().zip(changes) {
            if change || categories.pieces.is_empty() {
                let piece = categories.piece_of(of_day, codes);
                categories.pieces.push(piece);
            }
            categories.piece.push(categories.pieces.len() - 1);
        }
        categories
    }

    fn piece_of(&mut self, of_day: &DayPolicy, codes: &Codes) -> Vec<Vec<usize>> {
        let mut number = |name: &String| {
            1 + self.names.iter().position(|known| known == name).unwrap_or_else(|| {
                self.names.push(name.clone());
                self.names.len() - 1
            })
        };
        let of_library = of_day.libraries.iter().map(|library| {
            let mut numbers = vec![UNKNOWN; codes.subscriptions.len()];
            for one in &library.subscriptions {
                // A code without a number is in none of the tables.
                if let Some(code) = codes.subscriptions.find(&one.code) {
                    numbers[code.index()] = number(&one.category.value);
                }
            }
            numbers
        });
        of_library.collect()
    }

    /// The number of categories, the unknown one among them.
    pub fn len(&self) -> usize {
        1 + self.names.len()
    }

    /// The number of the category of a subscription in a run.
    pub fn of_run(&self, run: usize, library: LibraryId, subscription: SubscriptionId) -> usize {
        let known = self.pieces[self.piece[run]].get(library.index()).and_then(|of| of.get(subscription.index()));
        known.copied().unwrap_or(UNKNOWN)
    }

    /// The name of a category; none where the policy does not know the subscription.
    pub fn name(&self, number: usize) -> Option<&str> {
        number.checked_sub(1).map(|number| &*self.names[number])
    }
}
