//! Which encoding a file that is not UTF-8 probably has. Editors and spreadsheets of Windows offer two others: UTF-16, which
//! some call "Unicode", and Windows-1252, which they call "ANSI".

/// Why bytes are not the text that a policy file needs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotUtf8 {
    /// They are UTF-16.
    Utf16,
    /// A byte is part of no character.
    Byte {
        /// Which byte.
        at: usize,
        /// What the byte is in Windows-1252, where everything before it could be that encoding too.
        in_windows_1252: Option<char>,
    },
}

/// The text that the bytes are in UTF-8, without byte order mark.
pub(crate) fn of(bytes: &[u8]) -> Result<&str, NotUtf8> {
    // TOML begins with a bracket, a letter, a quote, a comment or white space. In UTF-16 a zero stands beside each of these,
    // which no text has in UTF-8.
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..] = bytes {
        return Err(NotUtf8::Utf16);
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        // Letters of UTF-8 before the byte say that the file is UTF-8, with something pasted into it.
        let in_windows_1252 = if bytes[..at].is_ascii() { windows_1252(bytes[at]) } else { None };
        NotUtf8::Byte { at, in_windows_1252 }
    })
}

/// The letter or sign that a byte above ASCII is in Windows-1252; none for the five that it leaves out.
fn windows_1252(byte: u8) -> Option<char> {
    const FROM_80: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”',
        '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..0xA0 => Some(FROM_80[usize::from(byte - 0x80)]).filter(|&letter| letter != '\0'),
        0xA0.. => Some(char::from(byte)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_windows_1252_are_known() {
        let letters: Vec<_> = [0xEB, 0xE9, 0x80, 0x92, 0x9F, 0x81, 0x41].map(windows_1252).into();
        assert_eq!(letters, [Some('ë'), Some('é'), Some('€'), Some('’'), Some('Ÿ'), None, None]);
    }

    #[test]
    fn both_forms_of_utf_16_are_told_with_and_without_mark() {
        let text = "[library]\n";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&[&[0xFE, 0xFF][..], &big].concat(), &[&[0xFF, 0xFE][..], &little].concat(), &big, &little] {
            assert_eq!(of(bytes), Err(NotUtf8::Utf16));
        }
        assert_eq!(of(text.as_bytes()), Ok(text));
        assert_eq!(of(b""), Ok(""));
    }

    #[test]
    fn a_byte_after_letters_of_utf_8_is_of_no_known_encoding() {
        let pasted = ["é".as_bytes(), b"\xe9"].concat();
        assert_eq!(of(&pasted), Err(NotUtf8::Byte { at: 2, in_windows_1252: None }));
        assert_eq!(of(b"caf\xe9"), Err(NotUtf8::Byte { at: 3, in_windows_1252: Some('é') }));
    }
}
