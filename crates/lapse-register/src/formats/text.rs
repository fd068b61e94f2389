//! A file as pieces of text: bytes are read, unpacked and decoded one after the other, which is quick, and cut at the ends of
//! records, so that threads share the work of reading the fields.

use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult};
use lapse_tables::source::{Packing, unpack};
use lapse_tables::{Bounds, Problem, Progress};
use memchr::memchr_iter;

use super::csv;
use crate::dialect::Encoding;

/// About this many bytes of a file are made into a piece.
const PIECE: usize = 1 << 20;

/// Reads a file in pieces.
pub(crate) struct TextReader<'p> {
    file: Box<dyn Read + Send + 'p>,
    decoder: Decoder,
    raw: Vec<u8>,
    /// What was decoded and not handed out.
    left: String,
    /// The line at which it starts.
    line: u64,
    at_end: bool,
    bounds: Bounds,
}

/// Why a text cannot be read.
#[derive(Debug)]
pub(crate) enum NoText {
    File(Problem),
    /// The record that starts on this line is longer than that many bytes.
    Long(u64, usize),
    /// Bytes that are no text in the encoding, on this line.
    Encoding(u64),
}

/// A file that is unpacked where its name says that it is packed. `progress` is told how much of it was read.
pub(crate) fn open<'p>(
    path: &Path,
    bounds: &Bounds,
    progress: Option<&'p Progress>,
) -> Result<Box<dyn Read + Send + 'p>, Problem> {
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let packing = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("gz") => Packing::Gzip,
        Some("zst") => Packing::Zstd,
        _ => Packing::Plain,
    };
    unpack(path, packing, bounds, progress)
}

impl<'p> TextReader<'p> {
    /// The text of the file at `path`.
    pub fn open(
        path: &Path,
        encoding: Encoding,
        bounds: &Bounds,
        progress: Option<&'p Progress>,
    ) -> Result<TextReader<'p>, Problem> {
        Ok(TextReader {
            file: open(path, bounds, progress)?,
            decoder: encoding.decoder(),
            raw: Vec::new(),
            left: String::new(),
            line: 1,
            at_end: false,
            bounds: *bounds,
        })
    }

    /// The next piece of whole records, and the line at which it starts; none at the end.
    pub fn next(&mut self) -> Result<Option<(String, u64)>, NoText> {
        let mut searched = PIECE;
        loop {
            if self.at_end {
                let rest = std::mem::take(&mut self.left);
                return Ok((!rest.is_empty()).then_some((rest, self.line)));
            }
            self.read()?;
            // Where a record is longer than a piece, it is looked for again only when twice as much was read.
            let is_long = self.left.len() >= self.bounds.line;
            if self.at_end || self.left.len() < searched / 2 && !is_long {
                continue;
            }
            match csv::last_end(self.left.as_bytes()) {
                Some(end) => {
                    let rest = self.left[end..].to_owned();
                    self.left.truncate(end);
                    let piece = std::mem::replace(&mut self.left, rest);
                    let line = self.line;
                    self.line += memchr_iter(b'\n', piece.as_bytes()).count() as u64;
                    return Ok(Some((piece, line)));
                }
                None if is_long => return Err(NoText::Long(self.line, self.bounds.line)),
                None => searched = self.left.len() * 4,
            }
        }
    }

    /// Decodes some more of the file.
    fn read(&mut self) -> Result<(), NoText> {
        self.raw.resize(PIECE, 0);
        let mut filled = 0;
        while filled < PIECE {
            match self.file.read(&mut self.raw[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(NoText::File(Problem::reading(error))),
            }
        }
        self.at_end = filled < PIECE;
        let room = self.decoder.max_utf8_buffer_length_without_replacement(filled).unwrap_or(4 * PIECE);
        self.left.reserve(room);
        let decoded =
            self.decoder.decode_to_string_without_replacement(&self.raw[..filled], &mut self.left, self.at_end);
        match decoded.0 {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
                Err(NoText::Encoding(self.line + memchr_iter(b'\n', self.left.as_bytes()).count() as u64))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], encoding: Encoding) -> Result<String, NoText> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut reader = TextReader::open(&path, encoding, &Bounds::default(), None).unwrap();
        let mut text = String::new();
        while let Some((piece, line)) = reader.next()? {
            assert_eq!(line, 1 + text.matches('\n').count() as u64);
            text += &piece;
        }
        Ok(text)
    }

    #[test]
    fn each_encoding_gives_its_text() {
        let text = "naam;plaats\nZoë;Liège\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [
            (text.as_bytes(), Encoding::Utf8),
            (format!("\u{feff}{text}").as_bytes(), Encoding::Utf8),
            (b"naam;plaats\nZo\xeb;Li\xe8ge\n", Encoding::Windows1252),
            (b"naam;plaats\nZo\xeb;Li\xe8ge\n", Encoding::Iso8859_1),
            (&utf16, Encoding::Utf16),
            (&big, Encoding::Utf16),
            (&big, Encoding::Utf8),
        ] {
            assert_eq!(read(bytes, encoding).unwrap(), text, "{encoding:?}");
        }
        assert!(matches!(read(b"a\nb\nZo\xeb\n", Encoding::Utf8), Err(NoText::Encoding(3))));
    }

    #[test]
    fn a_long_text_comes_in_pieces_of_whole_records() {
        let row = format!("{};\"{}\n\"\n", "a".repeat(1000), "b".repeat(1000));
        let text = row.repeat(3000);
        assert_eq!(read(text.as_bytes(), Encoding::Utf8).unwrap(), text);
        let quoted = format!("\"{}\"\nx\n", "c\n".repeat(2_000_000));
        assert_eq!(read(quoted.as_bytes(), Encoding::Utf8).unwrap(), quoted);
    }
}
