//! Waits until a file is saved, for `--watch`.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::refusal::Refusal;

/// How long nothing must happen before a new run, since an editor saves in several steps and a checkout touches many
/// files.
const QUIET: Duration = Duration::from_millis(150);

/// Watches folders and files.
pub struct Watch {
    events: Receiver<notify::Result<notify::Event>>,
    // The events end when the watcher is dropped.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches everything below `paths`, and the folders of the files among them.
    pub fn start(paths: &[PathBuf]) -> Result<Watch, Refusal> {
        let (send, events) = channel();
        let mut watcher = notify::recommended_watcher(send).map_err(Refusal::CannotWatch)?;
        for path in paths {
            // An editor may put a new file in the place of the old one, which only the folder's events tell.
            let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            watcher
                .watch(folder, RecursiveMode::Recursive)
                .map_err(|error| Refusal::CannotWatchFolder { folder: folder.to_owned(), error })?;
        }
        Ok(Watch { events, _watcher: watcher })
    }

    /// Returns when something has been changed and all is quiet again.
    pub fn wait(&self) -> Result<(), Refusal> {
        loop {
            let event = self.events.recv().map_err(|_| Refusal::WatchEnded)?;
            if event.is_ok_and(|event| changes(event.kind)) {
                break;
            }
        }
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(Refusal::WatchEnded),
            }
        }
    }
}

/// Whether something was changed; reading a file changes nothing.
fn changes(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}
