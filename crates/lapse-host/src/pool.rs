//! The callers of one plugin: as many as may work at once, each made when it is first needed.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::caller::Caller;
use crate::load_error::LoadError;

/// The callers of one plugin.
#[derive(Debug)]
pub(crate) struct Pool {
    callers: Mutex<Callers>,
    given_back: Condvar,
    most: usize,
}

#[derive(Debug)]
struct Callers {
    idle: Vec<Caller>,
    made: usize,
}

impl Pool {
    /// A pool with its first caller, which makes `most` callers at most.
    pub fn new(first: Caller, most: usize) -> Pool {
        let callers = Mutex::new(Callers { idle: vec![first], made: 1 });
        Pool { callers, given_back: Condvar::new(), most }
    }

    /// Whether this number of threads may work at once.
    pub fn allows(&self, threads: usize) -> bool {
        self.most >= threads
    }

    /// Works with a caller that no other thread works with; `make` makes one more where the plugin allows it.
    pub fn with<R>(
        &self,
        make: impl FnOnce() -> Result<Caller, LoadError>,
        work: impl FnOnce(&mut Caller) -> R,
    ) -> Result<R, LoadError> {
        let mut caller = self.take(make)?;
        let result = work(&mut caller);
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).idle.push(caller);
        self.given_back.notify_one();
        Ok(result)
    }

    fn take(&self, make: impl FnOnce() -> Result<Caller, LoadError>) -> Result<Caller, LoadError> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(caller) = callers.idle.pop() {
                return Ok(caller);
            }
            if callers.made < self.most {
                callers.made += 1;
                drop(callers);
                return make();
            }
            callers = self.given_back.wait(callers).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
