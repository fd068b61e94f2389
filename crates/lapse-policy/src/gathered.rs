//! The files of a policy before anything is read in them, wherever they come from: their names, their bytes, and the one
//! way from there to texts, findings about encodings and the fingerprint.

use std::fmt::Write as _;
use std::io;

use sha2::{Digest, Sha256};

use crate::diagnostics::Diagnostic;
use crate::encoding::{self, NotUtf8};
use crate::load_error::Cause;
use crate::names::Misnamed;
use crate::schema::Layer;
use crate::source::{FileId, Place, SourceFile, Sources};

/// The files of one policy.
pub(crate) struct Gathered {
    /// The consortium's file, then groups and libraries, each by name.
    pub files: Vec<GatheredFile>,
    /// What nobody reads because of its name.
    pub misnamed: Vec<Misnamed>,
}

/// One file.
pub(crate) struct GatheredFile {
    pub layer: Layer,
    /// The name relative to the policy directory, with `/`.
    pub name: String,
    /// What the file holds, or why it cannot be read.
    pub bytes: io::Result<Vec<u8>>,
}

/// The same files as texts.
#[derive(Default)]
pub(crate) struct Decoded {
    /// The policy files in the same order, then one empty file for each that is misnamed, so that a finding can point at it.
    pub sources: Sources,
    /// SHA-256 over every policy file's name and bytes, as hex.
    pub fingerprint: String,
    /// What is wrong with files as a whole.
    pub findings: Vec<Diagnostic>,
    /// Policy files whose text is not what they hold, because they cannot be read or are not UTF-8.
    pub damaged: Vec<FileId>,
}

/// Takes the bytes as UTF-8, without byte order mark.
pub(crate) fn decode(Gathered { files, misnamed }: Gathered) -> Decoded {
    let mut decoded = Decoded::default();
    let mut hash = Sha256::new();
    for file in files {
        let GatheredFile { layer, name, bytes } = file;
        let bytes = decoded.read(&name, bytes);
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let text = decoded.text(&name, &bytes);
        decoded.sources.add(SourceFile::new(layer, name, text));
    }
    for byte in hash.finalize() {
        write!(decoded.fingerprint, "{byte:02x}").expect("a String takes any text");
    }
    for Misnamed { name, help } in misnamed {
        let message = format!("`{name}` is not read");
        let place = Place { file: decoded.sources.add(SourceFile::not_read(name)), span: None };
        decoded.findings.push(Diagnostic::warning(message, place).help(help));
    }
    decoded
}

impl Decoded {
    /// The bytes of the next file; none and a finding where it cannot be read.
    fn read(&mut self, name: &str, bytes: io::Result<Vec<u8>>) -> Vec<u8> {
        bytes.unwrap_or_else(|error| {
            let file = self.sources.next();
            let message = format!("cannot read `{name}`: {}", Cause(&error));
            self.findings.push(Diagnostic::error(message, Place { file, span: None }));
            self.damaged.push(file);
            Vec::new()
        })
    }

    /// The text of the next file. Bytes that are no text are replaced, and the first of them is a finding; of a file in UTF-16
    /// no text is taken, since each of its bytes would be one.
    fn text(&mut self, name: &str, bytes: &[u8]) -> String {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let file = self.sources.next();
        let (encoding, text, place, label) = match encoding::of(bytes) {
            Ok(text) => return text.to_owned(),
            Err(NotUtf8::Utf16) => {
                (Some(("UTF-16", "Unicode")), String::new(), Place { file, span: None }, String::new())
            }
            Err(NotUtf8::Byte { at, in_windows_1252 }) => {
                let place = Place { file, span: Some(at..at + char::REPLACEMENT_CHARACTER.len_utf8()) };
                let label = match in_windows_1252 {
                    Some(letter) => format!("this byte is `{letter}` in Windows-1252"),
                    None => "this byte is part of no character".to_owned(),
                };
                let text = String::from_utf8_lossy(bytes).into_owned();
                (in_windows_1252.map(|_| ("Windows-1252", "ANSI")), text, place, label)
            }
        };
        let help = match encoding {
            Some((encoding, called)) => {
                format!(
                    "the file looks like {encoding}, which some editors call {called}; save it with the encoding UTF-8"
                )
            }
            None => "save the file with the encoding UTF-8".to_owned(),
        };
        self.findings.push(Diagnostic::error(format!("`{name}` is not UTF-8"), place).label(label).help(help));
        self.damaged.push(file);
        text
    }
}
