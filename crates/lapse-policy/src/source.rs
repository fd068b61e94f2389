//! The files of a policy directory as they are read: `consortium.toml`, `groups/*.toml`, `libraries/*.toml`, their texts
//! and where a byte stands in them. A file that cannot be read is a finding; a directory that cannot is the end.

use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diagnostics::Diagnostic;
use crate::schema::Layer;

/// A file, by its place in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub usize);

/// A stretch of bytes of a file; none where the file as a whole is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub file: FileId,
    pub span: Option<Range<usize>>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub layer: Layer,
    /// The path as people know it, relative to the policy directory, with `/`.
    pub shown: String,
    /// The text without byte order mark; bytes that are no text are replaced.
    pub text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    fn new(layer: Layer, shown: String, text: String) -> SourceFile {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        SourceFile { layer, shown, text, line_starts }
    }

    /// The line on which a byte stands, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// The line and the column, in characters, both from 1.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.line_starts[line - 1];
        (line, self.text[start..offset].chars().count() + 1)
    }
}

/// Every file of a policy directory, in path order; the first is `consortium.toml`. Then what is there but not read, as far as
/// there is something to say about it.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub files: Vec<SourceFile>,
}

impl Sources {
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    /// Notes a file or folder that is not read, so that a finding can be about it.
    pub fn add_unread(&mut self, shown: String) -> FileId {
        self.files.push(SourceFile::new(Layer::Library, shown, String::new()));
        FileId(self.files.len() - 1)
    }

    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len()).map(FileId)
    }
}

/// The policy directory or its `consortium.toml` cannot be read, so there is nothing to check.
#[derive(Debug)]
pub struct LoadError {
    path: PathBuf,
    what: &'static str,
    cause: io::Error,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LoadError { path, what, cause } = self;
        write!(f, "cannot read {what} `{}`: {}", path.display(), Cause(cause))
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Why a file cannot be read, in words for people.
struct Cause<'a>(&'a io::Error);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            io::ErrorKind::NotFound => f.write_str("there is none"),
            io::ErrorKind::PermissionDenied => f.write_str("this user may not read it"),
            io::ErrorKind::NotADirectory => f.write_str("it is not a directory"),
            io::ErrorKind::IsADirectory => f.write_str("it is a directory, not a file"),
            _ => self.0.fmt(f),
        }
    }
}

/// What a policy directory holds.
pub(crate) struct Read {
    pub sources: Sources,
    /// SHA-256 over every file's path and bytes, in path order, as hex.
    pub fingerprint: String,
    /// Files that cannot be read, or are not UTF-8.
    pub findings: Vec<Diagnostic>,
    /// Files whose text is not what they hold.
    pub damaged: Vec<FileId>,
}

/// Reads every policy file below `dir`.
pub(crate) fn read(dir: &Path) -> Result<Read, LoadError> {
    let load_error = |path: &Path, what, cause| LoadError { path: path.to_owned(), what, cause };
    fs::read_dir(dir).map_err(|cause| load_error(dir, "the policy directory", cause))?;
    let main = dir.join("consortium.toml");
    let bytes = fs::read(&main).map_err(|cause| load_error(&main, "the consortium's policy file", cause))?;

    let mut reading = Reading::default();
    reading.add(Layer::Consortium, "consortium.toml".to_owned(), Ok(bytes));
    for (layer, folder) in [(Layer::Group, "groups"), (Layer::Library, "libraries")] {
        let path = dir.join(folder);
        let names = toml_files(&path).map_err(|cause| load_error(&path, "the policy directory", cause))?;
        for name in names {
            let shown = format!("{folder}/{}", name.to_string_lossy());
            reading.add(layer, shown, fs::read(path.join(name)));
        }
    }
    Ok(reading.finish())
}

/// The names of the policy files in a folder, sorted; none where there is no such folder. As `*.toml` in a shell, so
/// without the hidden files that editors leave.
fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // A link that leads nowhere is no absent folder: every library in it would be without policy.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = PathBuf::from(entry?.file_name());
        let hidden = name.to_string_lossy().starts_with('.');
        if !hidden && name.extension().is_some_and(|extension| extension == "toml") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[derive(Default)]
struct Reading {
    sources: Sources,
    hash: Sha256,
    findings: Vec<Diagnostic>,
    damaged: Vec<FileId>,
}

impl Reading {
    fn add(&mut self, layer: Layer, shown: String, read: io::Result<Vec<u8>>) {
        let file = FileId(self.sources.files.len());
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("cannot read `{shown}`: {}", Cause(&error));
                self.findings.push(Diagnostic::error(message, Place { file, span: None }));
                self.damaged.push(file);
                Vec::new()
            }
        };
        for part in [shown.as_bytes(), &bytes] {
            self.hash.update((part.len() as u64).to_le_bytes());
            self.hash.update(part);
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Err(error) = std::str::from_utf8(bytes) {
            let start = error.valid_up_to();
            let place = Place { file, span: Some(start..start + char::REPLACEMENT_CHARACTER.len_utf8()) };
            self.findings.push(
                Diagnostic::error(format!("`{shown}` is not UTF-8"), place)
                    .label("this byte is part of no character")
                    .help("save the file with the encoding UTF-8"),
            );
            self.damaged.push(file);
        }
        self.sources.files.push(SourceFile::new(layer, shown, text));
    }

    fn finish(self) -> Read {
        let mut fingerprint = String::new();
        for byte in self.hash.finalize() {
            write!(fingerprint, "{byte:02x}").expect("a String takes any text");
        }
        Read { sources: self.sources, fingerprint, findings: self.findings, damaged: self.damaged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let file = SourceFile::new(Layer::Consortium, "x".to_owned(), "a\nëb = 1\n".to_owned());
        assert_eq!(file.position(0), (1, 1));
        assert_eq!(file.position(2), (2, 1));
        assert_eq!(file.position(4), (2, 2));
        assert_eq!(file.position(file.text.len()), (3, 1));
    }
}
