//! How many usable rows name each code, by the codes themselves, so that the counts of two parts or of two runs can be put
//! together or beside each other.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use lapse_engine::{Code, kinds_of_block};
use lapse_tables::Seen;

/// How many usable rows name each code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeRows {
    /// By library, of each table in the order of [`lapse_tables::Table::ALL`]; `patrons` names none.
    pub libraries: BTreeMap<String, [u64; 4]>,
    /// Memberships by subscription, over all libraries.
    pub subscriptions: BTreeMap<String, u64>,
    /// Activity by source.
    pub sources: BTreeMap<String, u64>,
    /// Accounts by library and kind of block.
    pub blocks: BTreeMap<(String, String), u64>,
}

impl CodeRows {
    /// What was counted while the tables were read.
    pub(super) fn of(seen: &Seen) -> CodeRows {
        let (codes, counts) = (&seen.codes, &seen.counts);
        let mut rows = CodeRows::default();
        for (table, of_table) in counts.libraries.iter().enumerate() {
            for (library, &count) in of_table.iter().enumerate().filter(|&(_, &count)| count > 0) {
                let library = codes.libraries.text(Code::new(library)).to_owned();
                rows.libraries.entry(library).or_default()[table] += count;
            }
        }
        let by_text = |counts: &[u64], text: &dyn Fn(usize) -> String| {
            let counts = counts.iter().enumerate().filter(|&(_, &count)| count > 0);
            counts.map(|(number, &count)| (text(number), count)).collect()
        };
        rows.subscriptions =
            by_text(&counts.subscriptions, &|number| codes.subscriptions.text(Code::new(number)).to_owned());
        rows.sources = by_text(&counts.sources, &|number| codes.sources.text(Code::new(number)).to_owned());
        for (&(library, cell), count) in &counts.blocks {
            for kind in kinds_of_block(codes.blocks.text(cell)) {
                let place = (codes.libraries.text(library).to_owned(), kind.to_owned());
                *rows.blocks.entry(place).or_default() += count;
            }
        }
        rows
    }
}

impl AddAssign<&CodeRows> for CodeRows {
    fn add_assign(&mut self, other: &CodeRows) {
        for (library, tables) in &other.libraries {
            let here = self.libraries.entry(library.clone()).or_default();
            here.iter_mut().zip(tables).for_each(|(rows, other)| *rows += other);
        }
        for (here, others) in [(&mut self.subscriptions, &other.subscriptions), (&mut self.sources, &other.sources)] {
            for (code, rows) in others {
                *here.entry(code.clone()).or_default() += rows;
            }
        }
        for (place, rows) in &other.blocks {
            *self.blocks.entry(place.clone()).or_default() += rows;
        }
    }
}
