//! Work in numbered batches, side by side, with the rows of each written in the order of the numbers.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use crate::OutDirError;
use crate::write::{OutTables, Rows};

/// So many batches for each thread may wait for their turn to be written.
const WAITING: usize = 2;

/// Why not every batch was written.
pub(crate) enum Stopped<E> {
    /// A batch could not be made.
    Making(E),
    /// The rows of a batch could not be written.
    Writing(OutDirError),
}

/// Makes the rows of batches `0..count` on `threads` threads and writes them to `out` in order. Each thread has a
/// worker of its own, made by `new_worker` and handed to `make` with each batch; they come back at the end.
pub(crate) fn write_batches<W: Send, E: Send>(
    threads: usize,
    count: usize,
    new_worker: impl Fn() -> W + Sync,
    make: impl Fn(&mut W, usize, &mut Rows) -> Result<(), E> + Sync,
    out: &mut OutTables,
) -> Result<Vec<W>, Stopped<E>> {
    let threads = threads.clamp(1, count.max(1));
    // Empty rows go round: a thread takes some, fills them and sends them to be written, and they come back empty. So
    // a thread that is ahead of the others waits, and memory stays bounded.
    let (give_back, empty) = channel::<Rows>();
    for _ in 0..threads * WAITING {
        give_back.send(out.rows()).expect("the other end is held below");
    }
    let (send, receive) = channel();
    let empty = Mutex::new(empty);
    let next = AtomicUsize::new(0);
    let on_thread = |send: Sender<(usize, Result<Rows, E>)>| {
        let mut own = new_worker();
        loop {
            // Rows before a batch number: a thread that has a number can always finish it. A statement of its own, so
            // that the lock is not held while the batch is made.
            let Ok(mut rows) = empty.lock().unwrap_or_else(PoisonError::into_inner).recv() else { break };
            let batch = next.fetch_add(1, Ordering::Relaxed);
            if batch >= count {
                break;
            }
            let result = make(&mut own, batch, &mut rows).map(|()| rows);
            if send.send((batch, result)).is_err() {
                break;
            }
        }
        own
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                let send = send.clone();
                scope.spawn(|| on_thread(send))
            })
            .collect();
        drop(send);
        let written = write_in_order(receive, give_back, out);
        let join = |thread: ScopedJoinHandle<'_, W>| thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        let workers = threads.into_iter().map(join).collect();
        written.map(|()| workers)
    })
}

/// Writes batches as they come, in their order. Ends early, and the threads with it, when one cannot be made or written.
#[expect(clippy::needless_pass_by_value, reason = "both ends must be dropped at an early end, so that threads end too")]
fn write_in_order<E>(
    receive: Receiver<(usize, Result<Rows, E>)>,
    give_back: Sender<Rows>,
    out: &mut OutTables,
) -> Result<(), Stopped<E>> {
    let mut waiting = BTreeMap::new();
    let mut turn = 0;
    for (batch, rows) in receive {
        waiting.insert(batch, rows.map_err(Stopped::Making)?);
        while let Some(mut rows) = waiting.remove(&turn) {
            out.write(&mut rows).map_err(Stopped::Writing)?;
            // The threads are gone when the last batch is done; nobody needs the rows then.
            let _ = give_back.send(rows);
            turn += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Condvar;
    use std::time::Duration;

    use super::*;
    use crate::{Format, OutDir};

    #[test]
    fn two_threads_make_their_batches_at_the_same_time() {
        let dir = tempfile::tempdir().unwrap();
        let out = OutDir::claim(&dir.path().join("out")).unwrap();
        let mut tables = OutTables::create(&out, Format::Csv).unwrap();
        let (within, both) = (Mutex::new(0), Condvar::new());
        let make = |(): &mut (), _: usize, _: &mut Rows| {
            let mut count = within.lock().unwrap();
            *count += 1;
            both.notify_all();
            let (count, late) = both.wait_timeout_while(count, Duration::from_secs(30), |count| *count < 2).unwrap();
            assert!(!late.timed_out(), "{count} of two threads came");
            Ok::<(), Infallible>(())
        };
        assert!(write_batches(2, 2, || (), make, &mut tables).is_ok());
    }
}
