//! How the files of a register are written: what parts their fields, their encoding, the forms of their values.

use encoding_rs::{UTF_8, UTF_16LE, WINDOWS_1252};

use crate::form::DateForm;

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two fields.
    pub delimiter: Option<u8>,
    /// How its bytes are text.
    pub encoding: Encoding,
    /// How days are written.
    pub dates: DateForm,
    /// Amounts have a comma before their fraction.
    pub decimal_comma: bool,
    /// The texts that mean true and false beside `true` and `false`.
    pub booleans: [Vec<String>; 2],
    /// The texts that mean an empty cell.
    pub empty: Vec<String>,
}

impl Default for Dialect {
    fn default() -> Dialect {
        Dialect {
            delimiter: None,
            encoding: Encoding::Utf8,
            dates: DateForm::ISO,
            decimal_comma: false,
            booleans: [Vec::new(), Vec::new()],
            empty: Vec::new(),
        }
    }
}

/// The signs that can stand between fields, as a register writes them.
pub const DELIMITERS: [&str; 4] = [",", ";", "\t", "|"];

/// How bytes are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a byte order mark.
    Utf8,
    /// What Windows calls ANSI in western Europe.
    Windows1252,
    /// Read as Windows-1252, which has its letters, and signs where this has control characters.
    Iso8859_1,
    /// By its byte order mark; little-endian without one.
    Utf16,
}

impl Encoding {
    /// Every encoding that is read.
    pub const ALL: [Encoding; 4] = [Encoding::Utf8, Encoding::Windows1252, Encoding::Iso8859_1, Encoding::Utf16];

    /// As a register names it.
    pub const fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Iso8859_1 => "iso-8859-1",
            Encoding::Utf16 => "utf-16",
        }
    }

    /// The encoding with this name, in small letters or capitals.
    pub fn named(name: &str) -> Option<Encoding> {
        Encoding::ALL.into_iter().find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    /// What turns its bytes into text. A byte order mark is passed over, and decides where it tells another encoding.
    pub fn decoder(self) -> encoding_rs::Decoder {
        match self {
            Encoding::Utf8 => UTF_8,
            Encoding::Windows1252 | Encoding::Iso8859_1 => WINDOWS_1252,
            Encoding::Utf16 => UTF_16LE,
        }
        .new_decoder()
    }
}
