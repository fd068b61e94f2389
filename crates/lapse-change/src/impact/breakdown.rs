//! The effect of a change as people are told it: how many come out otherwise, how often each move from outcome to outcome
//! occurs, and a table for each way to divide the patrons.

use lapse_engine::{BeforeAfter, MembershipOutcome, Moves, ProfileOutcome, RecordOutcome, moved};
use lapse_policy::{count, thousands};

use super::Impact;

/// The moves of each of several parts of the patrons, such as libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// How the patrons are divided.
    pub title: &'static str,
    /// What the cells of a row are: names, then counts.
    pub header: Vec<String>,
    /// A row for each part that has a move, and one for all together.
    pub rows: Vec<Part>,
    /// The number of parts without a move, which are not shown.
    pub still: usize,
}

/// A row of a [`Breakdown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the part is called.
    pub names: Vec<String>,
    /// The active memberships before and after, then the moves of each kind.
    pub counts: Vec<u64>,
}

impl Part {
    /// Its cells in words and figures.
    pub fn cells(&self) -> Vec<String> {
        self.names.iter().cloned().chain(self.counts.iter().copied().map(thousands)).collect()
    }
}

impl Breakdown {
    /// How many parts are not shown.
    pub fn left_out(&self) -> String {
        format!("{} without a move left out", self.still)
    }
}

impl Impact<'_> {
    /// What it is about.
    pub fn title(&self) -> String {
        let patrons = count(self.summary.patrons, "patron", "patrons");
        format!("Whom this hits: {patrons} in the run of {}", self.sides[1].of_day.date)
    }

    /// How many come out otherwise.
    pub fn headline(&self) -> String {
        if self.is_none() {
            return "Nobody comes out otherwise.".to_owned();
        }
        let (total, profiles) = (self.tally.total(), self.tally.total_profiles());
        let all = |moves: &[u64]| moves.iter().sum();
        format!(
            "{} of {}, {} of {} and {} of {} come out otherwise.",
            thousands(total.moved_memberships()),
            count(all(total.memberships.as_flattened()), "membership", "memberships"),
            thousands(total.moved_records()),
            count(all(total.records.as_flattened()), "record", "records"),
            thousands(moved(&profiles)),
            count(all(profiles.as_flattened()), "profile", "profiles"),
        )
    }

    /// The counts of each kind of move that occurs, of memberships, records and profiles.
    pub fn totals(&self) -> Vec<(&'static str, Vec<(String, u64)>)> {
        let all = self.all();
        let of = |kinds| self.moving(kinds).into_iter().map(|kind| (kind.name, (kind.of)(&all))).collect();
        let totals: [(_, Vec<_>); 3] =
            [("memberships", of(memberships())), ("records", of(records())), ("profiles", of(profiles()))];
        totals.into_iter().filter(|(_, moves)| !moves.is_empty()).collect()
    }

    /// A table for each way to divide the patrons, where it has a move to show.
    pub fn breakdowns(&self) -> Vec<Breakdown> {
        let [memberships, records, profiles] = [memberships(), records(), profiles()].map(|kinds| self.moving(kinds));
        let memberships: Vec<&Kind> = memberships.iter().collect();
        let of_records: Vec<&Kind> = memberships.iter().copied().chain(&records).collect();
        // They stand beside records, whose outcomes have the same words.
        let profiles: Vec<Kind> =
            profiles.into_iter().map(|kind| Kind { name: format!("profile {}", kind.name), ..kind }).collect();
        let of_patrons: Vec<&Kind> = of_records.iter().copied().chain(&profiles).collect();
        let libraries = self.libraries();
        let libraries = libraries.iter().map(|&(code, moves)| ([code], moves.into()));
        let libraries = breakdown("By library", &["library"], &of_records, libraries);
        let categories = self.categories();
        let categories = categories.iter().map(|&(name, moves)| ([name.unwrap_or("(no policy)")], moves.into()));
        let categories = breakdown("By category", &["category"], &memberships, categories);
        let subscriptions = self.subscriptions();
        let subscriptions = subscriptions.iter().map(|&(library, code, moves)| ([library, code], moves.into()));
        let subscriptions = breakdown("By subscription", &["library", "subscription"], &memberships, subscriptions);
        let ages = self.ages().map(|(age, moves, profiles)| ([age.as_str()], Counted { moves, profiles }));
        let ages = breakdown("By age", &["age"], &of_patrons, ages);
        [libraries, categories, subscriptions, ages].into_iter().flatten().collect()
    }

    /// All patrons together.
    fn all(&self) -> Counted {
        Counted { moves: self.tally.total(), profiles: self.tally.total_profiles() }
    }

    /// Those of `kinds` that occur.
    fn moving(&self, kinds: Vec<Kind>) -> Vec<Kind> {
        let all = self.all();
        kinds.into_iter().filter(|kind| (kind.of)(&all) > 0).collect()
    }
}

/// The moves of a part of the patrons. Only all patrons together and an age band have profiles.
#[derive(Clone, Copy, Default)]
struct Counted {
    moves: Moves,
    profiles: [[u64; 2]; 2],
}

impl From<Moves> for Counted {
    fn from(moves: Moves) -> Counted {
        Counted { moves, ..Counted::default() }
    }
}

/// A count of moves of one kind, and what it is called.
struct Kind {
    name: String,
    of: Box<dyn Fn(&Counted) -> u64>,
}

/// Every move from one of `words` to another.
fn pairs<'w>(words: &'w [&'static str]) -> impl Iterator<Item = (String, usize, usize)> + 'w {
    let all = (0..words.len()).flat_map(move |old| (0..words.len()).map(move |new| (old, new)));
    all.filter(|(old, new)| old != new).map(move |(old, new)| (format!("{} -> {}", words[old], words[new]), old, new))
}

fn memberships() -> Vec<Kind> {
    let words: Vec<&str> = MembershipOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words)
        .map(|(name, old, new)| Kind { name, of: Box::new(move |part| part.moves.memberships[old][new]) })
        .collect()
}

fn records() -> Vec<Kind> {
    let words: Vec<&str> = RecordOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words)
        .map(|(name, old, new)| Kind { name, of: Box::new(move |part| part.moves.records[old][new]) })
        .collect()
}

fn profiles() -> Vec<Kind> {
    let words: Vec<&str> = ProfileOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words).map(|(name, old, new)| Kind { name, of: Box::new(move |part| part.profiles[old][new]) }).collect()
}

/// A row for each of `parts` that has a move and one for all together: the active memberships before and after, then the moves
/// of each kind. None where there are no kinds.
fn breakdown<'n, const N: usize>(
    title: &'static str,
    names: &[&str; N],
    kinds: &[&Kind],
    parts: impl Iterator<Item = ([&'n str; N], Counted)>,
) -> Option<Breakdown> {
    if kinds.is_empty() {
        return None;
    }
    let header = names.iter().copied().chain(["active before", "after"]).map(str::to_owned);
    let mut breakdown = Breakdown {
        title,
        header: header.chain(kinds.iter().map(|kind| kind.name.clone())).collect(),
        rows: Vec::new(),
        still: 0,
    };
    let mut active = BeforeAfter::default();
    let mut sums = vec![0; kinds.len()];
    let row = |names: [&str; N], active: BeforeAfter, counts: &[u64]| Part {
        names: names.map(str::to_owned).to_vec(),
        counts: [&[active.before, active.after], counts].concat(),
    };
    for (names, part) in parts {
        let counts: Vec<u64> = kinds.iter().map(|kind| (kind.of)(&part)).collect();
        active = active + part.moves.active();
        sums.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        if counts.iter().any(|&count| count > 0) {
            breakdown.rows.push(row(names, part.moves.active(), &counts));
        } else {
            breakdown.still += 1;
        }
    }
    let mut all = [""; N];
    all[0] = "all";
    breakdown.rows.push(row(all, active, &sums));
    Some(breakdown)
}
