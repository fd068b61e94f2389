//! What needs attention after a run as people are told it: several of one kind stand below one sentence, what matters most
//! first.

use std::collections::BTreeSet;
use std::mem::discriminant;

use lapse_engine::{Attention, Oddities};
use lapse_policy::{DayPolicy, count, thousands};
use lapse_tables::Reject;

use super::Summary;

/// Something that people are told to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// What it is.
    pub what: String,
    /// A second sentence, where there is more to say of all together.
    pub also: Option<String>,
    /// A line for each of several that it is about.
    pub lines: Vec<String>,
    /// The rejected rows that it is about, which the summary only counts.
    pub rejects: Option<Rejects>,
}

/// Some of the rejected rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejects {
    /// Those that belong to nobody.
    OfNobody,
    /// Those that hold a patron. Columns that are written in another form as a whole are among them.
    Holding,
}

impl Rejects {
    /// Whether a row is one of them.
    pub fn has(self, reject: &Reject) -> bool {
        reject.of_nobody == (self == Rejects::OfNobody)
    }
}

impl Summary {
    /// What needs attention beside the guards, one for each kind of thing, then the notes about the whole run.
    pub fn concerns(&self, of_day: &DayPolicy) -> Vec<Concern> {
        let attention = self.attention(of_day);
        let is_same = |one: &Attention, next: &Attention| {
            discriminant(one) == discriminant(next) && !matches!(one, Attention::FactUnknown { .. })
        };
        let of_attention = attention.chunk_by(is_same).map(|same| concern(same, self.oddities));
        of_attention.chain(self.notes().iter().map(|note| Concern::saying(note.to_string()))).collect()
    }
}

impl Concern {
    fn saying(what: String) -> Concern {
        Concern { what, also: None, lines: Vec::new(), rejects: None }
    }

    fn of_codes(what: String, same: &[Attention]) -> Concern {
        Concern { lines: same.iter().map(Attention::in_list).collect(), ..Concern::saying(what) }
    }

    fn of_rejects(what: &str, rejects: Rejects) -> Concern {
        Concern { rejects: Some(rejects), ..Concern::saying(what.to_owned()) }
    }
}

/// Several of one kind in one.
fn concern(same: &[Attention], oddities: Oddities) -> Concern {
    let rows = rows(same);
    match &same[0] {
        Attention::OfNobody { .. } => {
            let what =
                count(rows, "row belongs to no patron and holds nobody", "rows belong to no patron and hold nobody");
            Concern::of_rejects(&what, Rejects::OfNobody)
        }
        Attention::Rejected { .. } => {
            let what = count(rows, "row was rejected and its patron held", "rows were rejected and their patrons held");
            Concern { also: held(rows, oddities), ..Concern::of_rejects(&what, Rejects::Holding) }
        }
        Attention::NoPolicy { .. } => {
            Concern::of_codes(count(rows, "membership has no policy", "memberships have no policy"), same)
        }
        Attention::UnknownLibrary { .. } => {
            let what = count(rows, "row names a library", "rows name libraries");
            Concern::of_codes(format!("{what} that the policy does not have"), same)
        }
        Attention::UnknownSource { .. } => {
            let what = count(rows, "row of activity is of a source", "rows of activity are of sources");
            Concern::of_codes(format!("{what} that no policy counts"), same)
        }
        Attention::UnknownBlock { .. } => {
            let what = count(kinds_of_block(same), "kind of block is", "kinds of block are");
            let lists = "in neither `cleanup.blocks` nor `cleanup.blocks_ignored`, which holds the record";
            Concern::of_codes(format!("{what} {lists}; accounts that have it:"), same)
        }
        Attention::AccountsUnknown { .. }
        | Attention::ActivityUnknown { .. }
        | Attention::FactUnknown { .. }
        | Attention::Repeated(_)
        | Attention::ManyTerms(_)
        | Attention::ActivityLooksEmpty(_)
        | Attention::StartsLookEmpty(_)
        | Attention::ActivityAfterRun(_)
        | Attention::ProfilesAfterRun(_)
        | Attention::SettledAfterRun(_) => Concern::saying(same[0].to_string()),
    }
}

/// How many patrons these rejected rows hold; none where each row holds a patron whose record says so.
fn held(rows: u64, Oddities { held, held_without_record, .. }: Oddities) -> Option<String> {
    let patrons = count(held, "patron is held", "patrons are held");
    match held_without_record {
        0 if held == rows => None,
        0 => Some(patrons),
        without => Some(format!("{patrons}, {} of them without a record", thousands(without))),
    }
}

/// The rows that several of one kind are about.
fn rows(same: &[Attention]) -> u64 {
    let of = |what: &Attention| match what {
        Attention::OfNobody { rows, .. }
        | Attention::Rejected { rows, .. }
        | Attention::UnknownLibrary { rows, .. }
        | Attention::UnknownSource { rows, .. } => *rows,
        Attention::NoPolicy { memberships, .. } => *memberships,
        _ => 0,
    };
    same.iter().map(of).sum()
}

/// How many kinds of block several unknown ones at libraries are. An account may have more than one of them.
fn kinds_of_block(same: &[Attention]) -> u64 {
    let kind = |what: &Attention| match what {
        Attention::UnknownBlock { kind, .. } => Some(kind.clone()),
        _ => None,
    };
    same.iter().filter_map(kind).collect::<BTreeSet<_>>().len() as u64
}
