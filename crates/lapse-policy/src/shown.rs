//! Texts that others wrote (ids, codes, names, reasons) as people are shown them: on one line, with nothing in them that commands
//! a terminal, turns the direction of what follows, or cannot be seen.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text, with each character that must not be shown as it is written as `\u001b`, as JSON writes it.
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, is_unseen)
}

/// The text, cut where it has more than `most` characters.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// As [`shown`], of a whole page, whose lines and styles stand: of what a terminal obeys only colours and weights are left.
pub fn page_shown(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return escaped(text, |letter| !matches!(letter, '\n' | '\t') && is_unseen(letter));
    }
    let mut shown = String::with_capacity(text.len());
    let mut left = text;
    while let Some(at) = left.find('\u{1b}') {
        shown.push_str(&page_shown(&left[..at]));
        let style = style_at(&left[at..]);
        match style {
            Some(style) => shown.push_str(style),
            None => shown.push_str("\\u001b"),
        }
        left = &left[at + style.map_or(1, str::len)..];
    }
    shown.push_str(&page_shown(left));
    Cow::Owned(shown)
}

/// The command for a style with which a text begins.
fn style_at(text: &str) -> Option<&str> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    numbers[end..].starts_with('m').then(|| &text[..end + "\u{1b}[m".len()])
}

fn escaped(text: &str, must_be: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&must_be) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if must_be(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(letter);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a character is there and cannot be seen: it has no width, or does something to what stands beside it.
pub fn is_unseen(letter: char) -> bool {
    let has_no_width = matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    );
    letter.is_control() || has_no_width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_commanded_the_terminal() {
        assert_eq!(shown("P1"), "P1");
        assert_eq!(shown("Zoë 李"), "Zoë 李");
        assert_eq!(shown("P1\n\u{1b}[2J\u{202e}\u{200b}x"), "P1\\u000a\\u001b[2J\\u202e\\u200bx");
        assert_eq!(shown("\u{e0041}"), "\\udb40\\udc41");
    }

    #[test]
    fn a_page_keeps_its_lines_and_styles_and_nothing_else_that_a_terminal_obeys() {
        assert_eq!(page_shown("a\n\tb\u{1b}[1mc\u{1b}[0m"), "a\n\tb\u{1b}[1mc\u{1b}[0m");
        assert_eq!(page_shown("\u{1b}[2Ja\u{1b}]0;t\u{7}\r"), "\\u001b[2Ja\\u001b]0;t\\u0007\\u000d");
        assert_eq!(page_shown("a\u{1b}"), "a\\u001b");
    }
}
