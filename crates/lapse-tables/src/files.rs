//! Files that somebody writes where people have files of their own: all of them complete, or none.
//! They are written beside their places, and whoever is ended in between can be told which to remove.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::Table;

/// Called before a file is made beside its place. What it gives is told which file that is, or dropped where none was made; until
/// then a program that is ended would leave a file that nobody removes.
pub type Making<'m> = &'m dyn Fn() -> Box<dyn FnOnce(&Path)>;

/// For a program that removes nothing when it is ended.
pub const UNWATCHED: Making<'static> = &|| Box::new(|_| ());

/// A file cannot be written; every other that belongs to it is as it was.
#[derive(Debug, Error)]
#[error("{}: this cannot be written ({reason}); every file is as it was", path.display())]
pub struct CannotWrite {
    /// The file.
    pub path: PathBuf,
    /// What the operating system says.
    pub reason: String,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whom the user lets read new files, or could read the file that was there before.
    Usual,
    /// Its owner alone, since patrons' rows are in it; also where others could read the file that was there before.
    Owner,
}

impl Readers {
    /// Of a page for people.
    pub fn of_page(with_patrons: bool) -> Readers {
        if with_patrons { Readers::Owner } else { Readers::Usual }
    }
}

/// Writes files that belong together. They are written beside their places first, and renamed when all of them are
/// complete. When a rename fails, the files that were there come back.
pub fn write_all<'a, T: AsRef<[u8]> + ?Sized + 'a>(
    files: impl IntoIterator<Item = (&'a Path, &'a T)>,
    making: Making<'_>,
) -> Result<(), CannotWrite> {
    write_all_for(files.into_iter().map(|(path, content)| (path, content, Readers::Usual)), making)
}

/// As [`write_all`], each file for its readers.
pub fn write_all_for<'a, T: AsRef<[u8]> + ?Sized + 'a>(
    files: impl IntoIterator<Item = (&'a Path, &'a T, Readers)>,
    making: Making<'_>,
) -> Result<(), CannotWrite> {
    let aside = |(path, content, readers): (_, &T, _)| Aside::write(path, content.as_ref(), readers, making);
    let asides = files.into_iter().map(aside).collect::<Result<Vec<_>, _>>()?;
    for (number, aside) in asides.iter().enumerate() {
        if asides[..number].iter().any(|earlier| place_of(&earlier.place) == place_of(&aside.place)) {
            let reason = "another result goes to the same file".to_owned();
            return Err(CannotWrite { path: aside.path.clone(), reason });
        }
    }
    let files: Result<Vec<_>, _> = asides.into_iter().filter_map(|aside| aside.send().transpose()).collect();
    let mut done: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    for aside in files? {
        let place = aside.place.clone();
        let before = fs::read(&place).ok();
        if let Err(error) = aside.put_in_place() {
            for (place, before) in done {
                // Where even this fails, the error that is returned says enough.
                let _ = match before {
                    // Somebody who reads it, or writes it too, meets a whole file.
                    Some(bytes) => put_back(&place, &bytes, making),
                    None => fs::remove_file(place),
                };
            }
            return Err(error);
        }
        done.push((place, before));
    }
    Ok(())
}

fn put_back(place: &Path, bytes: &[u8], making: Making<'_>) -> io::Result<()> {
    beside(place, bytes, Readers::Usual, making)?.persist(place).map(drop).map_err(|error| error.error)
}

/// Whether a file or folder of this place, or one above it, has the name of a table of the folder `data`.
pub fn has_name_of_table(place: &Path, data: &Path) -> bool {
    let within = place.strip_prefix(place_of(data)).ok().and_then(|within| within.iter().next()?.to_str());
    within.is_some_and(|name| Table::ALL.iter().any(|table| Some(table.name()) == name.split('.').next()))
}

/// A path without links and `..`, as far as it exists.
pub fn place_of(path: &Path) -> PathBuf {
    let path = linked(path).unwrap_or_else(|_| path.to_owned());
    let path = std::path::absolute(&path).unwrap_or(path);
    let known = path.ancestors().find_map(|part| Some((part, fs::canonicalize(part).ok()?)));
    known
        .and_then(|(part, place)| {
            let rest = path.strip_prefix(part).ok()?;
            Some(if rest.as_os_str().is_empty() { place } else { place.join(rest) })
        })
        .unwrap_or(path)
}

/// A complete file that waits for its place. When it is dropped, it is removed.
pub struct Aside {
    /// As it was asked for.
    path: PathBuf,
    /// Without links, so that a link stays a link, and the file that it points at is written.
    place: PathBuf,
    content: Content,
}

/// What waits.
enum Content {
    /// A file beside its place.
    Beside(NamedTempFile),
    /// What goes into a pipe or a device, which must stay what it is.
    Unsent(Vec<u8>),
}

impl Aside {
    /// Writes `content` to a file in the folder of `path`. A folder that does not exist is made.
    pub fn write(
        path: &Path,
        content: impl AsRef<[u8]>,
        readers: Readers,
        making: Making<'_>,
    ) -> Result<Aside, CannotWrite> {
        let content = content.as_ref();
        let (place, content) = if is_device(path) {
            (path.to_owned(), Content::Unsent(content.to_owned()))
        } else {
            let place = linked(path).map_err(cannot_write(path))?;
            let file = beside(&place, content, readers, making).map_err(cannot_write(path))?;
            (place, Content::Beside(file))
        };
        Ok(Aside { path: path.to_owned(), place, content })
    }

    /// Sends what goes into a pipe or a device. It does not come back, so that this comes before anything has its place; a
    /// file waits on.
    pub fn send(self) -> Result<Option<Aside>, CannotWrite> {
        let Content::Unsent(bytes) = &self.content else { return Ok(Some(self)) };
        let sent = fs::OpenOptions::new().write(true).open(&self.place).and_then(|mut file| file.write_all(bytes));
        sent.map_err(cannot_write(&self.path))?;
        Ok(None)
    }

    /// Gives a file its name.
    pub fn put_in_place(self) -> Result<(), CannotWrite> {
        match self.send()? {
            Some(Aside { path, place, content: Content::Beside(file) }) => {
                file.persist(place).map(drop).map_err(|error| cannot_write(&path)(error.error))
            }
            Some(Aside { content: Content::Unsent(_), .. }) | None => Ok(()),
        }
    }
}

/// Whether there is something that is neither a file nor a folder, such as a pipe.
pub fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Where a path leads. A link may lead to a file that is not there yet; one that leads back to itself leads nowhere.
pub fn linked(path: &Path) -> io::Result<PathBuf> {
    /// As many links as the system follows.
    const MOST: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..MOST {
        if let Ok(found) = fs::canonicalize(&place) {
            return Ok(found);
        }
        let Ok(target) = fs::read_link(&place) else { return Ok(place) };
        // A target that starts at the root takes the place of the whole path.
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    fs::canonicalize(path)
}

/// Writes a file with this content beside its place, with the permissions of the file that it will replace.
fn beside(place: &Path, content: &[u8], readers: Readers, making: Making<'_>) -> io::Result<NamedTempFile> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder, readers)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lapse-");
    if readers == Readers::Owner {
        // Only its owner can read a temporary file.
    } else if let Ok(metadata) = fs::metadata(place) {
        builder.permissions(metadata.permissions());
    } else {
        // Others can read a new file, unless the user's mask forbids it.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let told = making();
    let mut file = builder.tempfile_in(folder)?;
    told(file.path());
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a folder, and those above it, where it is not there. For a file that only its owner can read, others cannot enter.
fn make_folder(folder: &Path, readers: Readers) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "a mode is set on Unix alone"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    #[cfg(not(unix))]
    let _ = readers;
    builder.recursive(true).create(folder)
}

fn cannot_write(path: &Path) -> impl Fn(io::Error) -> CannotWrite {
    move |error| CannotWrite { path: path.to_owned(), reason: reason(&error) }
}

/// What the operating system says, without the name of the temporary file.
fn reason(error: &io::Error) -> String {
    let within =
        error.get_ref().and_then(|within| within.source()).and_then(|source| source.downcast_ref::<io::Error>());
    let said = within.unwrap_or(error).to_string();
    said.split(" (os error ").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn where_one_file_cannot_be_written_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one.toml", "two.toml"].map(|name| folder.path().join(name));
        fs::write(&one, "old").unwrap();
        fs::create_dir(&two).unwrap();
        assert!(write_all([(&*one, "new"), (&*two, "new")], UNWATCHED).is_err());
        assert_eq!(fs::read_to_string(&one).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside the files");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_permissions_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file.toml", "link.toml"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_all([(&*link, "new")], UNWATCHED).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn two_results_went_to_one_file_by_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["moves.csv", "page.html"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("page.html", &one).unwrap();
        let error = write_all([(&*one, "moves"), (&*two, "page")], UNWATCHED).unwrap_err().to_string();
        assert!(error.ends_with("(another result goes to the same file); every file is as it was"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_led_to_no_file_yet_was_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.html");
        std::os::unix::fs::symlink("second.html", &link).unwrap();
        std::os::unix::fs::symlink("within/page.html", folder.path().join("second.html")).unwrap();
        Aside::write(&link, "page", Readers::Usual, UNWATCHED).unwrap().put_in_place().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(folder.path().join("within/page.html")).unwrap(), "page");
        let round = folder.path().join("round.html");
        std::os::unix::fs::symlink("round.html", &round).unwrap();
        assert!(Aside::write(&round, "page", Readers::Usual, UNWATCHED).is_err());
        assert!(fs::symlink_metadata(&round).unwrap().is_symlink());
    }

    #[test]
    fn whoever_watches_is_told_of_each_file_before_its_content_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let made: Rc<RefCell<Vec<(PathBuf, u64)>>> = Rc::default();
        let making = || -> Box<dyn FnOnce(&Path)> {
            let made = Rc::clone(&made);
            Box::new(move |file| made.borrow_mut().push((file.to_owned(), fs::metadata(file).unwrap().len())))
        };
        write_all([(&*folder.path().join("one.toml"), "new")], &making).unwrap();
        let made = made.take();
        assert_eq!(made.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [0]);
        assert_eq!(made[0].0.parent(), Some(folder.path()));
        assert!(!made[0].0.exists(), "a file that is finished has another name");
    }
}
