//! Reads a table in pieces, side by side, whatever its source.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::check::Check;
use super::contract::{Records, TableSource};
use super::together::Together;
use crate::{Progress, Table, TableError};

/// Records that follow each other, counted and checked as they are read.
pub(crate) struct Counted<'r, 'a> {
    records: Box<dyn Records<'a> + 'r>,
    /// How many were read.
    pub count: u64,
    check: Check,
}

impl<'a> Counted<'_, 'a> {
    /// Reads the next records into `together`; false at the end.
    pub fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        let more = self.records.next(together)?;
        self.count += together.count() as u64;
        self.check.rows(together)?;
        Ok(more)
    }
}

/// Reads the table `of` a source in pieces on `threads` threads: `piece` gets the records of one piece, or of a part of it. The results come
/// in the order of the table; the first that fails stops all.
pub(crate) fn read<R: Send>(
    of: Table,
    table: &dyn TableSource,
    threads: usize,
    progress: &Progress,
    piece: impl Fn(&mut Counted<'_, '_>) -> Result<R, TableError> + Sync,
) -> Result<Vec<R>, TableError> {
    let pieces = Mutex::new(table.pieces(progress).enumerate());
    let results = Mutex::new(BTreeMap::new());
    let unchecked = Check::new(of, table.parts().len());
    let stopped = AtomicBool::new(false);
    let work = || {
        while !stopped.load(Ordering::Relaxed) {
            // A statement of its own, so that the lock is not held while the piece is read.
            let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, unread)) = next else { break };
            let read = unread.and_then(|mut unread| {
                let (mut found, mut check) = (Vec::new(), unchecked);
                while let Some(records) = unread.records()? {
                    let mut records = Counted { records, count: 0, check };
                    found.push(piece(&mut records)?);
                    progress.read(records.count);
                    check = records.check;
                }
                Ok((found, check))
            });
            if read.is_err() {
                stopped.store(true, Ordering::Relaxed);
            }
            results.lock().unwrap_or_else(PoisonError::into_inner).insert(number, read);
        }
    };
    if threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (mut all, mut checked) = (Vec::new(), unchecked);
    for read in results.into_values() {
        let (found, check) = read?;
        checked.piece(check)?;
        all.extend(found);
    }
    Ok(all)
}
