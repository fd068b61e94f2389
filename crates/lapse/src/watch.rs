//! Waiting until a file is saved, for `--watch`.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::Failure;

/// An editor saves in several steps, and a checkout touches many files: so long nothing must happen before a new run.
const QUIET: Duration = Duration::from_millis(150);

/// Watches folders and files.
pub struct Watch {
    events: Receiver<notify::Result<notify::Event>>,
    // The events end when it is dropped.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches what is below `paths` and what lies beside a file among them.
    pub fn start(paths: &[PathBuf]) -> Result<Watch, Failure> {
        let (send, events) = channel();
        let mut watcher = notify::recommended_watcher(send)
            .map_err(|error| Failure::refused(format!("files cannot be watched: {error}")))?;
        for path in paths {
            // An editor may put a new file in the place of the old one, which only the folder tells.
            let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            watcher
                .watch(folder, RecursiveMode::Recursive)
                .map_err(|error| Failure::refused(format!("{} cannot be watched: {error}", folder.display())))?;
        }
        Ok(Watch { events, _watcher: watcher })
    }

    /// Returns when something has been changed and all is quiet again.
    pub fn wait(&self) -> Result<(), Failure> {
        let ended = || Failure::refused("files are no longer watched; start again");
        loop {
            let event = self.events.recv().map_err(|_| ended())?;
            if event.is_ok_and(|event| changes(event.kind)) {
                break;
            }
        }
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
            }
        }
    }
}

/// Reading a file is no change.
fn changes(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}
