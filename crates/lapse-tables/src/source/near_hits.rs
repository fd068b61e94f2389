//! Where in a piece of a text an id may stand that nearly is the one that is looked for: with other zeros before it, with
//! white space around it, or in capitals. What is looked for is the part of it that no slip changes.

use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr2_iter};

use super::ndjson::whole_number;
use crate::slips::id_without_slips;

/// The places in records of CSV or of NDJSON, in their order, where the id may be one of which `left` is left without its
/// slips. Every such place is found; some may be found where the id is another.
pub(super) fn in_text(bytes: &[u8], left: &str) -> Vec<usize> {
    // In JSON any character may be written as an escape.
    let mut places: Vec<usize> = memchr_iter(b'\\', bytes).collect();
    // A value that has what ends a value in it is not looked at before its record is parsed.
    let may_be = |at: usize| left.contains(ends_value) || is_left_of(value_at(bytes, at), left);
    match Core::of(left) {
        Core::Same(core) => {
            let finder = Finder::new(core);
            places.extend(finder.find_iter(bytes).filter(|&at| may_be(at)));
        }
        Core::Letter(small, capital) => places.extend(memchr2_iter(small, capital, bytes).filter(|&at| may_be(at))),
        Core::Anything => places.extend(std::iter::once(0).chain(memchr_iter(b'\n', bytes).map(|end| end + 1))),
    }
    places.retain(|&at| at < bytes.len());
    places.sort_unstable();
    places
}

/// What any id of which something is left without its slips has in it.
enum Core<'l> {
    /// These characters.
    Same(&'l str),
    /// This letter, small or a capital.
    Letter(u8, u8),
    /// Nothing that can be looked for.
    Anything,
}

impl Core<'_> {
    fn of(left: &str) -> Core<'_> {
        // Runs of characters that have no other case, digits for the most part, without quotes, which CSV writes twice.
        let other = |letter: char| !letter.is_ascii() || letter.is_ascii_alphabetic() || letter == '"';
        let runs = left.split(other);
        if let Some(longest) = runs.max_by_key(|run| run.len()).filter(|run| !run.is_empty()) {
            return Core::Same(longest);
        }
        // Other letters than `K`, `I` and `S` become a small `k`, `i` or `s`: the sign of Kelvin, i without a dot, the long s.
        let letter = left.bytes().find(|letter| letter.is_ascii_alphabetic() && !matches!(letter, b'k' | b'i' | b's'));
        letter.map_or(Core::Anything, |letter| Core::Letter(letter, letter.to_ascii_uppercase()))
    }
}

fn ends_value(letter: char) -> bool {
    matches!(letter, ',' | '"' | '\n' | '\r' | ':' | '{' | '}')
}

/// The value in which a place lies, as far as it goes without what ends one.
fn value_at(bytes: &[u8], at: usize) -> &[u8] {
    let ends = |&byte: &u8| ends_value(char::from(byte));
    let start = bytes[..at].iter().rposition(ends).map_or(0, |end| end + 1);
    let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length);
    &bytes[start..end]
}

fn is_left_of(value: &[u8], left: &str) -> bool {
    let value = String::from_utf8_lossy(value);
    let is_left = |value: &str| id_without_slips(value).is_some_and(|of_value| of_value == left);
    is_left(&value) || is_left(whole_number(value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines in which places were found, from 0.
    fn lines(text: &str, left: &str) -> Vec<usize> {
        let lines = in_text(text.as_bytes(), left).into_iter().map(|at| text[..at].matches('\n').count());
        let mut lines: Vec<usize> = lines.collect();
        lines.dedup();
        lines
    }

    #[test]
    fn an_id_is_found_with_its_slips_and_not_within_another() {
        let text = "00123,a\n123,a\n\" 0123\",a\n1123,a\n1234,a\na,123 \r\n";
        assert_eq!(lines(text, "123"), [0, 1, 2, 5]);
        assert_eq!(lines("P1,a\np1 ,a\n0P1,a\nP10,a\n", "p1"), [0, 1, 2]);
        assert_eq!(lines("Smith,a\nsmith,a\nsmithy,a\n", "smith"), [0, 1]);
        assert_eq!(lines("\u{c9}LISE,a\nelse,a\n", "\u{e9}lise"), [0]);
        assert_eq!(lines("\u{17f}am,a\nsum,a\n\u{feff}SAM,a\n", "sam"), [0, 2]);
    }

    #[test]
    fn a_value_of_json_is_found_in_quotes_bare_and_with_escapes() {
        let text = "{\"patron_id\":123}\n{\"patron_id\": \"00123 \"}\n{\"patron_id\":\"\\u0031\"}\n{\"x\":1}\n";
        assert_eq!(lines(text, "123"), [0, 1, 2]);
        assert_eq!(lines("{\"patron_id\":123.0}\n{\"patron_id\":123.5}\n", "123"), [0]);
    }

    #[test]
    fn an_id_with_a_quote_in_it_was_not_found() {
        assert_eq!(lines("\"01\"\"2\",a\n\"1\"\"3\",a\n", "1\"2"), [0]);
        assert_eq!(lines("a,b\n\"0\"\"\",c\n", "\""), [0, 1]);
    }

    #[test]
    fn what_cannot_be_looked_for_is_found_everywhere() {
        assert_eq!(lines("a,b\nc,d\n", "kiki"), [0, 1]);
        assert_eq!(lines("a\n\"x,12\"\n", "x,12"), [1]);
    }
}
