//! Where in a piece of a text an id may stand as the whole value of `patron_id`. A short id such as `1` stands somewhere in
//! nearly every line, so that the bytes around it are looked at before anything is parsed. Every place where the value is
//! the id is found; a few places may be found where it is not, since only a parser knows what stands within quotes.

use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memchr3, memrchr};

/// The places in records of CSV, in any order, where the field of this `column` may be `id`, which is not empty. The text
/// starts at the start of a record.
pub(super) fn in_csv(bytes: &[u8], column: usize, id: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut find = |field: &[u8], is_whole: &dyn Fn(usize) -> bool| {
        if column == 0 && bytes.starts_with(field) && is_whole(field.len()) {
            places.push(0);
        }
        let before = if column == 0 { b'\n' } else { b',' };
        let needle = [&[before], field].concat();
        let starts = hits(bytes, &needle).map(|hit| hit + 1);
        places.extend(starts.filter(|&at| is_whole(at + field.len()) && may_be_in_column(&bytes[..at], column)));
    };
    // A value with one of these in it is written in quotes.
    if memchr3(b',', b'"', b'\n', id.as_bytes()).is_none() {
        find(id.as_bytes(), &|end| matches!(bytes.get(end), None | Some(b',' | b'"' | b'\n' | b'\r')));
    }
    let quoted = format!("\"{}\"", id.replace('"', "\"\""));
    find(quoted.as_bytes(), &|end| bytes.get(end) != Some(&b'"'));
    places
}

/// Whether a field that starts at the end of `before` may be that of this column. A line without quotes tells it by its
/// commas; with quotes, a comma may be part of a value.
fn may_be_in_column(before: &[u8], column: usize) -> bool {
    if column == 0 {
        return true;
    }
    let line = &before[memrchr(b'\n', before).map_or(0, |end| end + 1)..];
    memchr(b'"', line).is_some() || memchr_iter(b',', line).count() == column
}

/// An id that is a number with fewer characters than this stands in more places than its key does.
const SHORT: usize = 4;

/// The places in lines of NDJSON, in any order, where the value of `key` may be `id`, which is not empty.
pub(super) fn in_ndjson(bytes: &[u8], key: &str, id: &str) -> Vec<usize> {
    // Any character of a key or a value may be written as an escape.
    let mut places: Vec<usize> = memchr_iter(b'\\', bytes).collect();
    let key = format!("\"{key}\"");
    let quoted = format!("\"{id}\"");
    let (key, quoted, id) = (key.as_bytes(), quoted.as_bytes(), id.as_bytes());
    let may_be_bare = id == b"true" || id == b"false" || matches!(id[0], b'-' | b'0'..=b'9');
    if !may_be_bare {
        places.extend(hits(bytes, quoted).filter(|&at| follows_key(&bytes[..at], key)));
    } else if id.len() < SHORT {
        places.extend(hits(bytes, key).filter(|&at| {
            let value = after_colon(&bytes[at + key.len()..]);
            value.is_some_and(|value| value.starts_with(quoted) || starts_with_bare(value, id))
        }));
    } else {
        places.extend(hits(bytes, id).filter(|&at| {
            let start = if at > 0 && bytes[at - 1] == b'"' { at - 1 } else { at };
            let value = &bytes[start..];
            (value.starts_with(quoted) || starts_with_bare(value, id)) && follows_key(&bytes[..start], key)
        }));
    }
    places
}

/// Whether a value that is not in quotes may be `id`. Zeros behind a point do not count.
fn starts_with_bare(value: &[u8], id: &[u8]) -> bool {
    let goes_on = |rest: &[u8]| match rest {
        [b'.', digit, ..] => *digit != b'0',
        _ => matches!(rest, [b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E', ..]),
    };
    value.strip_prefix(id).is_some_and(|rest| !goes_on(rest))
}

/// Whether `before` ends with the key and a colon.
fn follows_key(before: &[u8], key: &[u8]) -> bool {
    let colon = before.trim_ascii_end().strip_suffix(b":");
    colon.is_some_and(|before| before.trim_ascii_end().ends_with(key))
}

/// What follows a key and its colon.
fn after_colon(after_key: &[u8]) -> Option<&[u8]> {
    after_key.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start)
}

/// Every place of `needle`, those included that overlap.
fn hits(bytes: &[u8], needle: &[u8]) -> impl Iterator<Item = usize> {
    let finder = Finder::new(needle).into_owned();
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(&bytes[from..])?;
        from = at + 1;
        Some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut places: Vec<usize>) -> Vec<usize> {
        places.sort_unstable();
        places
    }

    #[test]
    fn a_field_of_csv_is_found_where_it_is_whole_and_in_its_column() {
        let text = b"1,x\n11,1\n\"1\",1\r\n1x,\n21,\"1\"\n1";
        assert_eq!(sorted(in_csv(text, 0, "1")), [0, 9, 27]);
        assert_eq!(sorted(in_csv(text, 1, "1")), [7, 13, 23]);
        assert_eq!(in_csv(b"a,1,b\n1,a,b\n", 1, "1"), [2]);
        // The comma in quotes is part of a value.
        assert_eq!(in_csv(b"\"a,b\",1,b\n", 1, "1"), [6]);
    }

    #[test]
    fn a_value_with_commas_quotes_or_line_ends_stands_in_quotes() {
        assert_eq!(in_csv(b"a\"b,\n\"a\"\"b\",\n", 0, "a\"b"), [5]);
        assert_eq!(in_csv(b"x,a,b\nx,\"a,b\"\n", 1, "a,b"), [8]);
        // Only a parser knows that the quote at 6 ends a value.
        assert_eq!(in_csv(b"\"\n\",\"\n\"\n\"\n\"\n", 0, "\n"), [0, 6, 8]);
        assert_eq!(in_csv(b"\"a\"\"b\"\n", 0, "a"), [0_usize; 0]);
    }

    #[test]
    fn a_value_of_ndjson_is_found_where_it_is_whole_and_follows_the_key() {
        let at = |text: &str, id| sorted(in_ndjson(text.as_bytes(), "k", id));
        for id in ["1", "1234", "ab", "true"] {
            let quoted = format!("{{\"x\":\"{id}\",\"k\":\"{id}\"}}\n");
            assert_eq!(at(&quoted, id).len(), 1, "{id}");
            assert_eq!(at(&quoted.replace(':', "\t: "), id).len(), 1, "{id}");
            let bare = format!("{{\"x\":{id},\"k\":{id}}}\n");
            assert_eq!(at(&bare, id).len(), usize::from(id != "ab"), "{id}");
            assert_eq!(at(&format!("{{\"k\":\"{id}2\"}}\n{{\"k\":\"2{id}\"}}\n"), id), [0_usize; 0], "{id}");
        }
        assert_eq!(at("{\"k\":12}\n{\"k\":1.5}\n{\"k\":1e5}\n", "1"), [0_usize; 0]);
        assert_eq!(at("{\"k\":\"\\u0031\"}", "1"), [6]);
        assert_eq!(at("{\"k\":1234.0}\n{\"k\":1234.5}\n", "1234"), [5]);
    }
}
