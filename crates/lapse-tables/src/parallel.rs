//! Threads that share work: the items of a list, with the results in its order, or numbered batches, where each thread keeps
//! a worker of its own.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Applies `work` to each of `items` on `threads` threads.
pub(crate) fn map<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    match in_batches(threads, items.len(), || (), |(), index| Ok::<R, Infallible>(work(&items[index]))) {
        Ok((_, results)) => results,
        Err(never) => match never {},
    }
}

/// Does `work` on the batches `0..count` on `threads` threads. Each thread has a worker of its own, made by `new_worker`;
/// the workers come back with the results, which are in the order of the batches. After an error no further batch is begun,
/// and of several errors that of the first batch is returned.
pub(crate) fn in_batches<W: Send, R: Send, E: Send>(
    threads: usize,
    count: usize,
    new_worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize) -> Result<R, E> + Sync,
) -> Result<(Vec<W>, Vec<R>), E> {
    let next = AtomicUsize::new(0);
    let on_thread = || {
        let (mut worker, mut done) = (new_worker(), Vec::new());
        loop {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            if batch >= count {
                return (worker, done);
            }
            let result = work(&mut worker, batch);
            if result.is_err() {
                next.store(count, Ordering::Relaxed);
            }
            done.push((batch, result));
        }
    };
    let threads = threads.clamp(1, count.max(1));
    let ended = if threads == 1 {
        vec![on_thread()]
    } else {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(on_thread)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    };
    let (workers, results): (Vec<W>, Vec<Vec<_>>) = ended.into_iter().unzip();
    let mut results: Vec<(usize, Result<R, E>)> = results.into_iter().flatten().collect();
    results.sort_unstable_by_key(|&(batch, _)| batch);
    let results = results.into_iter().map(|(_, result)| result).collect::<Result<_, E>>()?;
    Ok((workers, results))
}
