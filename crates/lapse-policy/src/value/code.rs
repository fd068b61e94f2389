//! Codes of libraries, groups and subscriptions: any text on one line, since library systems have names such as
//! "Adult - Full Year" for them.

use std::fmt::Write as _;

/// The words that `--consent` takes beside the codes of libraries.
pub(crate) const NO_LIBRARY: [&str; 2] = ["all", "consortium"];

/// Whether a text can be the code of a library, a group or a subscription: it is not blank, and holds neither line breaks nor
/// control characters.
pub fn is_code(text: &str) -> bool {
    bad_code(text).is_none()
}

/// Why a text cannot be a code; none where it can.
pub(crate) fn bad_code(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        Some("is empty")
    } else if text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        Some("has a line break in it")
    } else if text.chars().any(char::is_control) {
        Some("has a character in it that cannot be seen")
    } else {
        None
    }
}

/// A code without white space and in small letters. Two codes of which this is the same differ in what people do not see, or
/// do not take for a difference.
pub fn folded(code: &str) -> String {
    code.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// A code as TOML writes it as a key: in quotes where it needs them.
pub fn as_key(code: &str) -> String {
    let bare = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if bare && !code.is_empty() { code.to_owned() } else { quoted(code) }
}

/// A text as TOML writes it, in quotes.
pub(crate) fn quoted(code: &str) -> String {
    let mut key = String::from('"');
    for letter in code.chars() {
        match letter {
            '"' | '\\' => key.extend(['\\', letter]),
            letter if letter.is_control() => {
                write!(key, "\\u{:04X}", u32::from(letter)).expect("a String takes any text");
            }
            letter => key.push(letter),
        }
    }
    key + "\""
}

/// The name, without ending, of a file that is named after a code. What no file name can hold on some system, and `%` itself,
/// is written as the hexadecimal numbers of its bytes, each after a `%`, so that two codes have two names.
///
/// ```
/// assert_eq!(lapse_policy::file_stem("Adult - Full Year"), "Adult - Full Year");
/// assert_eq!(lapse_policy::file_stem("Heist/Berg"), "Heist%2FBerg");
/// ```
pub fn file_stem(code: &str) -> String {
    // Windows keeps these names for devices, with any ending.
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let lower = code.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let device = DEVICES.iter().any(|device| {
        lower.strip_prefix(device).is_some_and(|rest| match rest.as_bytes() {
            [] => device.len() == 3 && !matches!(*device, "com" | "lpt"),
            [digit] => digit.is_ascii_digit() && matches!(*device, "com" | "lpt"),
            _ => false,
        })
    });
    let mut name = String::with_capacity(code.len());
    for (at, letter) in code.char_indices() {
        let forbidden =
            letter.is_control() || matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%');
        // A dot at the beginning hides a file; white space around a name gets lost.
        let first = at == 0 && (letter == '.' || letter.is_whitespace() || device);
        let last = at + letter.len_utf8() == code.len() && (letter == '.' || letter.is_whitespace());
        if forbidden || first || last {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                write!(name, "%{byte:02X}").expect("a String takes any text");
            }
        } else {
            name.push(letter);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_any_text_on_one_line() {
        for code in ["peer-1.é", "Adult - Full Year", " a", "a\u{a0}b", "a/b", "a,b", "a\"b"] {
            assert_eq!(bad_code(code), None, "{code:?}");
        }
        for code in ["", " ", "\u{a0}", "a\tb", "a\nb", "a\r", "a\u{2028}b", "a\u{7f}", "a\u{1b}[31m"] {
            assert!(bad_code(code).is_some(), "{code:?}");
        }
    }

    #[test]
    fn a_code_that_toml_would_not_read_bare_is_quoted() {
        for (code, key) in [
            ("adult-1", "adult-1"),
            ("a.b", "\"a.b\""),
            ("a \"b\"\\", r#""a \"b\"\\""#),
            ("", "\"\""),
            ("\u{1}", "\"\\u0001\""),
        ] {
            assert_eq!(as_key(code), key);
        }
    }

    #[test]
    fn a_file_named_after_a_code_escapes_what_a_file_name_cannot_hold() {
        for (code, stem) in [
            ("peer", "peer"),
            ("Adult - Full Year", "Adult - Full Year"),
            ("a/b\\c:d", "a%2Fb%5Cc%3Ad"),
            ("..", "%2E%2E"),
            (".peer", "%2Epeer"),
            ("peer ", "peer%20"),
            ("100%", "100%25"),
            ("con", "%63on"),
            ("Com1.x", "%43om1.x"),
            ("conny", "conny"),
            ("com", "com"),
            ("\u{a0}a", "%C2%A0a"),
        ] {
            assert_eq!(file_stem(code), stem, "{code:?}");
        }
    }
}
