//! The files of a policy as texts: their names, and where a byte stands in them.

use std::ops::Range;

use crate::schema::Layer;

/// A file, by its place in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub usize);

/// A range of bytes in a file; without one, the file as a whole is meant.
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
    /// The text without its byte order mark. Bytes that are not UTF-8 are replaced.
    pub text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    pub fn new(layer: Layer, shown: String, text: String) -> SourceFile {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        SourceFile { layer, shown, text, line_starts }
    }

    /// A file or folder that nobody reads, so that a finding can point at it. Its layer has no meaning.
    pub fn not_read(shown: String) -> SourceFile {
        SourceFile::new(Layer::Library, shown, String::new())
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

/// Every file of a policy; the first is `consortium.toml`. Files and folders that nobody reads follow, as far as there is
/// something to say about them.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file after all others.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = self.next();
        self.files.push(file);
        id
    }

    /// The file that is added next.
    pub fn next(&self) -> FileId {
        FileId(self.files.len())
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index), file))
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
