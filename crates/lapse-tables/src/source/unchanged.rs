//! Whether the files of a source are still those that they were: a table that grows, shrinks or is replaced while it is read
//! gives rows of two extracts, which fit neither.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::PathBuf;
use std::time::SystemTime;

use super::contract::Source;
use crate::error::{Problem, TableError};

/// The files of a source as they were when somebody began to read them. Pipes are not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchanged(BTreeMap<PathBuf, State>);

/// A file as far as it tells that it is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    bytes: u64,
    changed: Option<SystemTime>,
    /// What the file is on its disk: one that was put in its place is another, though it may be as long and as old.
    file: u64,
}

impl State {
    fn of(file: &Metadata) -> State {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(file);
        #[cfg(not(unix))]
        let number = 0;
        State { bytes: file.len(), changed: file.modified().ok(), file: number }
    }
}

impl Unchanged {
    /// Reads a source with `work`. Where a file was changed meanwhile, that is why it seems to be broken, or the rows fit
    /// neither extract: the change is told, whatever came of the work.
    pub(crate) fn during<T, E: From<TableError>>(
        source: &dyn Source,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let before = Unchanged::of(source);
        let done = work();
        before.check(source)?;
        done
    }

    /// The files of a source as they are now.
    pub fn of(source: &dyn Source) -> Unchanged {
        let files = source.files().into_iter().filter_map(|path| {
            let file = fs::metadata(&path).ok().filter(Metadata::is_file)?;
            Some((path, State::of(&file)))
        });
        Unchanged(files.collect())
    }

    /// Fails where a file of `source`, the same as before, was changed, replaced, added or removed since.
    pub fn check(&self, source: &dyn Source) -> Result<(), TableError> {
        let now = Unchanged::of(source);
        let other = self.0.keys().chain(now.0.keys()).find(|&path| self.0.get(path) != now.0.get(path));
        match other {
            None => Ok(()),
            Some(path) => Err(TableError { path: path.clone(), place: None, problem: Problem::Changed }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Folder;

    #[test]
    fn tables_that_change_while_they_are_read_gave_rows_of_two_extracts() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 6] = [
            ("grows", |dir| fs::write(dir.join("patrons.csv"), "patron_id\nA\nB\n").unwrap()),
            ("shrinks", |dir| fs::write(dir.join("patrons.csv"), "patron_id\n").unwrap()),
            ("is replaced", |dir| {
                let time = fs::metadata(dir.join("patrons.csv")).unwrap().modified().unwrap();
                fs::write(dir.join("new"), "patron_id\nB\n").unwrap();
                fs::File::options().write(true).open(dir.join("new")).unwrap().set_modified(time).unwrap();
                fs::rename(dir.join("new"), dir.join("patrons.csv")).unwrap();
            }),
            ("goes", |dir| fs::remove_file(dir.join("patrons.csv")).unwrap()),
            ("comes", |dir| fs::write(dir.join("accounts.csv"), "patron_id,library\n").unwrap()),
            ("is twice", |dir| fs::write(dir.join("patrons.ndjson"), "").unwrap()),
        ];
        for (what, change) in changes {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("patrons.csv"), "patron_id\nA\n").unwrap();
            let source = Folder::new(dir.path());
            let before = Unchanged::of(&source);
            assert!(before.check(&source).is_ok(), "{what}");
            change(dir.path());
            let error = before.check(&source).expect_err(what).to_string();
            assert!(error.ends_with("start again when nothing writes to it any more"), "{what}: {error}");
        }
    }
}
