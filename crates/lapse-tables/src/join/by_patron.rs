//! This brings the rows of each patron together. The rows come in pieces, in the order of their table. They are first
//! sorted into blocks of patrons who follow each other, and then by patron within each block: the rows of a block fit into
//! a processor's cache, where it costs little to access them in any order.

use crate::parallel::map;

/// The number of patrons in a block.
const BLOCK: usize = 1 << 13;

/// The rows of a piece. They are sorted by block; within a block they keep the order of the table.
pub(crate) struct Sorted<T> {
    rows: Vec<(u32, T)>,
    /// The places at which the rows of each block start, and, last, the place at which those of the last block end.
    starts: Vec<u32>,
}

impl<T: Copy> Sorted<T> {
    /// Sorts rows that come in the order of the table. Each comes with the number of its patron, which is less than
    /// `patrons`.
    pub fn of(rows: Vec<(u32, T)>, patrons: usize) -> Sorted<T> {
        let mut starts = vec![0; patrons.div_ceil(BLOCK) + 1];
        for &(patron, _) in &rows {
            starts[patron as usize / BLOCK + 1] += 1;
        }
        add_up(&mut starts);
        if rows.is_sorted_by_key(|&(patron, _)| patron as usize / BLOCK) {
            return Sorted { rows, starts };
        }
        let mut next = starts.clone();
        let mut sorted = rows.clone();
        for row in rows {
            let place = &mut next[row.0 as usize / BLOCK];
            sorted[*place as usize] = row;
            *place += 1;
        }
        Sorted { rows: sorted, starts }
    }

    fn block(&self, block: usize) -> &[(u32, T)] {
        &self.rows[self.starts[block] as usize..self.starts[block + 1] as usize]
    }
}

/// The rows of a table, sorted by patron. Those of one patron keep the order of the table.
pub(crate) struct ByPatron<T> {
    blocks: Vec<Block<T>>,
    patrons: usize,
}

struct Block<T> {
    /// The number of rows in all blocks before this one.
    before: usize,
    rows: Vec<T>,
    /// The places at which the rows of each patron start, and, last, the place at which those of the last patron end.
    starts: Vec<u32>,
}

impl<T: Copy + Send + Sync> ByPatron<T> {
    /// Groups the rows of all pieces by their patron; `patrons` is the number of patrons. `change` gets each row with the
    /// number of its piece, and may change it.
    pub fn group(
        threads: usize,
        pieces: &[Sorted<T>],
        patrons: usize,
        change: impl Fn(usize, &mut T) + Sync,
    ) -> ByPatron<T> {
        ByPatron::of_blocks(threads, patrons, |first, count, block| {
            let all = || pieces.iter().map(|piece| piece.block(block)).enumerate();
            let patrons = || all().flat_map(|(_, rows)| rows.iter().map(|&(patron, _)| patron));
            let mut starts = vec![0; count + 1];
            patrons().for_each(|patron| starts[patron as usize - first + 1] += 1);
            add_up(&mut starts);
            let mut rows = Vec::with_capacity(starts[count] as usize);
            for (piece, of_piece) in all() {
                let start = rows.len();
                rows.extend(of_piece.iter().map(|&(_, row)| row));
                rows[start..].iter_mut().for_each(|row| change(piece, row));
            }
            if !patrons().is_sorted() {
                let mut next = starts.clone();
                for (patron, row) in patrons().zip(rows.clone()) {
                    let place = &mut next[patron as usize - first];
                    rows[*place as usize] = row;
                    *place += 1;
                }
            }
            (rows, starts)
        })
    }

    /// Gives a table that has no row for any of this many patrons.
    pub fn none(patrons: usize) -> ByPatron<T> {
        ByPatron::of_blocks(1, patrons, |_, count, _| (Vec::new(), vec![0; count + 1]))
    }

    /// Makes all blocks. `make` makes the rows and the starts of one; it gets the number of its first patron, the number of
    /// its patrons, and its own number.
    fn of_blocks(
        threads: usize,
        patrons: usize,
        make: impl Fn(usize, usize, usize) -> (Vec<T>, Vec<u32>) + Sync,
    ) -> ByPatron<T> {
        let firsts: Vec<usize> = (0..patrons).step_by(BLOCK).collect();
        let mut before = 0;
        let filled = map(threads, &firsts, |&first| make(first, BLOCK.min(patrons - first), first / BLOCK));
        let blocks = filled.into_iter().map(|(rows, starts)| {
            let block = Block { before, rows, starts };
            before += block.rows.len();
            block
        });
        ByPatron { blocks: blocks.collect(), patrons }
    }

    #[inline]
    pub fn of(&self, patron: usize) -> &[T] {
        let Block { before: _, rows, starts } = &self.blocks[patron / BLOCK];
        let patron = patron % BLOCK;
        &rows[starts[patron] as usize..starts[patron + 1] as usize]
    }

    /// Gives the place that the first row of a patron has among the rows of all patrons.
    pub fn first(&self, patron: usize) -> usize {
        let block = &self.blocks[patron / BLOCK];
        block.before + block.starts[patron % BLOCK] as usize
    }

    /// Gives all rows, a block at a time.
    pub fn blocks(&self) -> impl Iterator<Item = &[T]> {
        self.blocks.iter().map(|block| &*block.rows)
    }

    /// Gives all rows.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.blocks().flatten()
    }

    pub fn patrons(&self) -> usize {
        self.patrons
    }

    /// Makes each row into something else, or leaves it out; the others keep their order.
    pub fn filter_map<U: Copy + Send + Sync>(
        &self,
        threads: usize,
        make: impl Fn(&T) -> Option<U> + Sync,
    ) -> ByPatron<U> {
        ByPatron::of_blocks(threads, self.patrons, |first, count, block| {
            let mut rows = Vec::with_capacity(self.blocks[block].rows.len());
            let mut starts = vec![0; count + 1];
            for patron in 0..count {
                rows.extend(self.of(first + patron).iter().filter_map(&make));
                starts[patron + 1] = u32::try_from(rows.len()).expect("fewer than four billion rows in a block");
            }
            (rows, starts)
        })
    }
}

/// Turns counts into the places at which each block or patron starts. Each count stands one place after that of its block
/// or patron.
fn add_up(counts: &mut [u32]) {
    for at in 1..counts.len() {
        counts[at] += counts[at - 1];
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn grouped<T: Copy + Send + Sync>(pieces: Vec<Vec<(u32, T)>>, patrons: usize) -> ByPatron<T> {
        let pieces: Vec<Sorted<T>> = pieces.into_iter().map(|rows| Sorted::of(rows, patrons)).collect();
        ByPatron::group(2, &pieces, patrons, |_, _| {})
    }

    #[test]
    fn rows_of_a_patron_stand_together_in_the_order_of_the_file() {
        let pieces = vec![vec![(2, 'a'), (0, 'b')], vec![], vec![(2, 'c'), (0, 'd'), (2, 'e')]];
        let grouped = grouped(pieces, 4);
        assert_eq!(
            (0..4).map(|patron| grouped.of(patron)).collect::<Vec<_>>(),
            [&['b', 'd'][..], &[], &['a', 'c', 'e'], &[]]
        );
        let kept = grouped.filter_map(2, |&row| (row != 'c').then_some(row.to_ascii_uppercase()));
        assert_eq!([kept.of(0), kept.of(2)], [&['B', 'D'], &['A', 'E']]);
        assert_eq!((kept.of(1), kept.of(3), kept.patrons()), (&[][..], &[][..], 4));
    }

    #[test]
    fn no_rows_are_no_rows_for_each_patron() {
        let none = ByPatron::<char>::none(2);
        assert_eq!((none.patrons(), none.of(0), none.of(1), none.rows().count()), (2, &[][..], &[][..], 0));
        assert_eq!(grouped::<char>(vec![vec![]], 0).patrons(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn blocks_do_not_show(
            pieces in vec(vec(0..3 * u32::try_from(BLOCK).unwrap(), 0..40), 0..5), sorted in any::<bool>(), patrons in 2 * BLOCK..=3 * BLOCK,
        ) {
            let mut number = 0;
            let mut pieces: Vec<Vec<(u32, u32)>> = pieces
                .into_iter()
                .map(|piece| piece.into_iter().filter(|&patron| (patron as usize) < patrons).map(|patron| (patron, 0)).collect())
                .collect();
            for piece in &mut pieces {
                if sorted {
                    piece.sort_unstable();
                }
                for (_, row) in piece {
                    *row = number;
                    number += 1;
                }
            }
            let mut expected = vec![Vec::new(); patrons];
            for &(patron, row) in pieces.iter().flatten() {
                expected[patron as usize].push(row);
            }
            let grouped = grouped(pieces, patrons);
            let mut before = 0;
            for (patron, rows) in expected.iter().enumerate() {
                prop_assert_eq!(grouped.of(patron), &rows[..]);
                prop_assert_eq!(grouped.first(patron), before);
                before += rows.len();
            }
            prop_assert_eq!(grouped.rows().count(), before);
        }
    }
}
