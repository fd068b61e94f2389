//! Numbered steps side by side, what each gives taken in the order of the numbers.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use super::contract::Output;
use crate::OutDirError;

/// For each thread this many steps may wait for their turn to be taken.
const WAITING: usize = 2;

/// Why not every step was taken.
pub(crate) enum Stopped<E> {
    /// A step failed; of several the first.
    Step(E),
    /// The rows of a step could not be written.
    Writing(OutDirError),
}

/// A step by its number, with the rows that it made and what else it found.
type Step<R, F, E> = (usize, Result<(R, F), E>);

/// Takes the steps `0..count` on `threads` threads, and hands the rows of each to `out` in the order of the steps. Each
/// thread has a worker of its own, made by `new_worker`; the workers come back at the end, with what each step gave beside
/// its rows, in their order. After a step that fails no further one is begun.
pub(crate) fn in_order<W: Send, F: Send, E: Send, O: Output>(
    threads: usize,
    count: usize,
    new_worker: impl Fn() -> W + Sync,
    step: impl Fn(&mut W, usize, &mut O::Rows) -> Result<F, E> + Sync,
    out: &mut O,
) -> Result<(Vec<W>, Vec<F>), Stopped<E>> {
    let threads = threads.clamp(1, count.max(1));
    // Empty rows go round: a thread takes some, fills them and sends them to be written, and they come back empty. So
    // a thread that is ahead of the others waits, and memory stays bounded.
    let (give_back, empty) = channel::<O::Rows>();
    for _ in 0..threads * WAITING {
        give_back.send(out.empty()).expect("the other end is held below");
    }
    let (send, receive) = channel();
    let empty = Mutex::new(empty);
    let next = AtomicUsize::new(0);
    let on_thread = |send: Sender<Step<O::Rows, F, E>>| {
        let mut own = new_worker();
        loop {
            // Rows before a number: a thread that has a number can always finish its step. A statement of its own, so
            // that the lock is not held during the step.
            let Ok(mut rows) = empty.lock().unwrap_or_else(PoisonError::into_inner).recv() else { break };
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            let result = step(&mut own, number, &mut rows).map(|found| (rows, found));
            if result.is_err() {
                next.store(count, Ordering::Relaxed);
            }
            if send.send((number, result)).is_err() {
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
        let taken = take_in_order(receive, give_back, out);
        let join = |thread: ScopedJoinHandle<'_, W>| thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        let workers = threads.into_iter().map(join).collect();
        taken.map(|found| (workers, found))
    })
}

/// Takes rows as they come, in the order of their steps. Ends early when they cannot be written, and the threads with it;
/// when a step fails, those that were begun before it are waited for, so that it does not depend on the threads which
/// failure is told.
fn take_in_order<F, E, O: Output>(
    receive: Receiver<Step<O::Rows, F, E>>,
    give_back: Sender<O::Rows>,
    out: &mut O,
) -> Result<Vec<F>, Stopped<E>> {
    // Dropped after a failure, so that threads that wait for empty rows end.
    let mut give_back = Some(give_back);
    let mut failed: Option<(usize, E)> = None;
    let mut waiting = BTreeMap::new();
    let mut all = Vec::new();
    for (number, result) in receive {
        match result {
            Ok(made) => {
                waiting.insert(number, made);
            }
            Err(error) => {
                give_back = None;
                if failed.as_ref().is_none_or(|&(first, _)| number < first) {
                    failed = Some((number, error));
                }
            }
        }
        while let Some(give_back) = &give_back
            && let Some((mut rows, found)) = waiting.remove(&all.len())
        {
            out.take(&mut rows).map_err(Stopped::Writing)?;
            all.push(found);
            // The threads are gone when the last step is done; nobody needs the rows then.
            let _ = give_back.send(rows);
        }
    }
    match failed {
        Some((_, error)) => Err(Stopped::Step(error)),
        None => Ok(all),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Condvar;
    use std::time::Duration;

    use super::*;

    #[derive(Default)]
    struct Numbers(Vec<usize>);

    impl Output for Numbers {
        type Rows = Vec<usize>;

        fn empty(&self) -> Vec<usize> {
            Vec::new()
        }

        fn take(&mut self, rows: &mut Vec<usize>) -> Result<(), OutDirError> {
            self.0.append(rows);
            Ok(())
        }

        fn start_again(&mut self) -> Result<(), OutDirError> {
            self.0.clear();
            Ok(())
        }
    }

    #[test]
    fn two_threads_take_their_steps_at_the_same_time() {
        let (within, both) = (Mutex::new(0), Condvar::new());
        let step = |(): &mut (), _: usize, _: &mut Vec<usize>| {
            let mut count = within.lock().unwrap();
            *count += 1;
            both.notify_all();
            let (count, late) = both.wait_timeout_while(count, Duration::from_secs(30), |count| *count < 2).unwrap();
            assert!(!late.timed_out(), "{count} of two threads came");
            Ok::<(), Infallible>(())
        };
        assert!(in_order(2, 2, || (), step, &mut Numbers::default()).is_ok());
    }

    #[test]
    fn rows_are_taken_in_the_order_of_their_steps() {
        for threads in [1, 2, 5] {
            let mut out = Numbers::default();
            let step = |count: &mut usize, number: usize, rows: &mut Vec<usize>| {
                *count += 1;
                rows.extend([number, number]);
                std::thread::sleep(Duration::from_micros(number as u64 % 3));
                Ok::<usize, Infallible>(number)
            };
            let Ok((workers, found)) = in_order(threads, 40, || 0, step, &mut out) else { unreachable!() };
            assert_eq!(out.0, (0..40).flat_map(|number| [number, number]).collect::<Vec<_>>());
            assert_eq!((workers.iter().sum::<usize>(), found), (40, (0..40).collect()));
        }
    }

    #[test]
    fn of_several_failures_the_first_is_told() {
        for threads in [1, 2, 5] {
            let step = |(): &mut (), number: usize, _: &mut Vec<usize>| {
                std::thread::sleep(Duration::from_millis(if number == 4 { 20 } else { 0 }));
                if number >= 4 { Err(number) } else { Ok(()) }
            };
            let stopped = in_order(threads, 100, || (), step, &mut Numbers::default());
            assert!(matches!(stopped, Err(Stopped::Step(4))), "{threads}");
        }
    }
}
