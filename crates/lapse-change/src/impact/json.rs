//! The effect of a change for programs: the counts from each outcome to each other, for all patrons and for each way to divide
//! them. Those whose outcome stays are counted too.

use lapse_engine::{MembershipOutcome, Moves, ProfileOutcome, RecordOutcome};
use serde_json::{Map, Value as Json, json};

use super::Impact;
use crate::attention;

impl Impact<'_> {
    /// Everything that was counted.
    pub fn to_json(&self) -> Json {
        let new = &self.sides[1];
        let mut total = all(&self.tally.total());
        total["profiles"] = profiles(&self.tally.total_profiles());
        let libraries = self.libraries().into_iter().map(|(code, moves)| (code.to_owned(), all(&moves)));
        let categories = self
            .categories()
            .into_iter()
            .map(|(category, moves)| json!({ "category": category, "memberships": memberships(&moves) }));
        let subscriptions = self.subscriptions().into_iter().map(|(library, subscription, moves)| {
            json!({ "library": library, "subscription": subscription, "memberships": memberships(&moves) })
        });
        let ages = self.ages().map(|(age, moves, of_profiles)| {
            let mut counts = all(&moves);
            counts["profiles"] = profiles(&of_profiles);
            (age.as_str().to_owned(), counts)
        });
        json!({
            "date": new.of_day.date.to_string(),
            "patrons": self.summary.patrons,
            "total": total,
            "libraries": libraries.collect::<Map<_, _>>(),
            "categories": categories.collect::<Vec<_>>(),
            "subscriptions": subscriptions.collect::<Vec<_>>(),
            "ages": ages.collect::<Map<_, _>>(),
            "attention": attention::to_json(&self.summary.attention(new.of_day)),
            "guards": attention::guards_to_json(&self.trips),
        })
    }
}

fn all(moves: &Moves) -> Json {
    json!({ "memberships": memberships(moves), "records": records(moves), "starts_later": moves.starts_later })
}

fn memberships(moves: &Moves) -> Json {
    by_word(&MembershipOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect::<Vec<_>>(), &moves.memberships)
}

fn records(moves: &Moves) -> Json {
    by_word(&RecordOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect::<Vec<_>>(), &moves.records)
}

fn profiles(moves: &[[u64; 2]; 2]) -> Json {
    by_word(&ProfileOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect::<Vec<_>>(), moves)
}

/// An object by the outcome of the old policy, in which each outcome of the new one has its count.
fn by_word<const N: usize>(words: &[&str], moves: &[[u64; N]; N]) -> Json {
    let row = |counts: &[u64; N]| -> Json {
        words.iter().zip(counts).map(|(&word, &count)| (word.to_owned(), count.into())).collect::<Map<_, _>>().into()
    };
    words.iter().zip(moves).map(|(&word, counts)| (word.to_owned(), row(counts))).collect::<Map<_, _>>().into()
}
