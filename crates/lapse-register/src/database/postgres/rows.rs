//! Rows on their way from the server: cut from binary COPY where a query has no values, and taken from its answer where it has,
//! since COPY takes none. Nothing is looked at here: any thread takes the chunks apart.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use tokio_postgres::{CopyOutStream, Error, RowStream};

use super::value::Raw;
use crate::database::row_chunk::RowChunk;

/// What binary COPY begins with, before its flags and the length of what may follow them.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Why rows stop before their end.
pub(super) enum Stopped {
    /// The server says no.
    Error(Error),
    /// The server sends what is no COPY, which no server does.
    NoCopy,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Stopped {
        Stopped::Error(error)
    }
}

/// Hands on the rows of a COPY. They may be cut anywhere, although servers send one at a time.
pub(super) async fn copied(
    stream: CopyOutStream,
    columns: usize,
    each: &mut dyn FnMut(RowChunk) -> bool,
) -> Result<(), Stopped> {
    let mut stream = pin!(stream);
    let mut cut = Cut { columns, begun: false, ended: false, chunk: RowChunk::default() };
    let mut held: Vec<u8> = Vec::new();
    while let Some(bytes) = stream.try_next().await? {
        if held.is_empty() {
            let taken = cut.take(&bytes).ok_or(Stopped::NoCopy)?;
            held.extend_from_slice(&bytes[taken..]);
        } else {
            held.extend_from_slice(&bytes);
            let taken = cut.take(&held).ok_or(Stopped::NoCopy)?;
            held.drain(..taken);
        }
        // What the server still sends is thrown away by the connection.
        if cut.chunk.is_full() && !each(std::mem::take(&mut cut.chunk)) {
            return Ok(());
        }
    }
    if !cut.ended || !held.is_empty() {
        return Err(Stopped::NoCopy);
    }
    if cut.chunk.rows > 0 {
        each(cut.chunk);
    }
    Ok(())
}

/// How far a COPY is cut into rows.
struct Cut {
    columns: usize,
    begun: bool,
    ended: bool,
    chunk: RowChunk,
}

impl Cut {
    /// Takes all whole rows at the start of some bytes, and says how many bytes those are; none where it is no COPY.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        if !self.begun {
            let Some(head) = bytes.get(..SIGNATURE.len() + 8) else { return Some(0) };
            let (signature, lengths) = head.split_at(SIGNATURE.len());
            let more = usize::try_from(number(lengths.get(4..8)?)?).ok()?;
            if signature != SIGNATURE {
                return None;
            }
            at = head.len() + more;
            if bytes.len() < at {
                return Some(0);
            }
            self.begun = true;
        }
        loop {
            let Some(count) = bytes.get(at..at + 2) else { return Some(at) };
            let count = i16::from_be_bytes([count[0], count[1]]);
            if count == -1 {
                self.ended = true;
                return Some(at + 2);
            }
            if usize::try_from(count).ok()? != self.columns {
                return None;
            }
            let start = at + 2;
            let mut end = start;
            for _ in 0..self.columns {
                let Some(length) = bytes.get(end..end + 4) else { return Some(at) };
                end += 4 + usize::try_from(number(length)?).unwrap_or(0);
            }
            let Some(values) = bytes.get(start..end) else { return Some(at) };
            self.chunk.push_row(values);
            at = end;
        }
    }
}

fn number(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.try_into().ok()?))
}

/// Hands on the rows that a query gives.
pub(super) async fn answered(
    rows: RowStream,
    columns: usize,
    each: &mut dyn FnMut(RowChunk) -> bool,
) -> Result<(), Error> {
    let mut rows = pin!(rows);
    let mut chunk = RowChunk::default();
    while let Some(row) = rows.try_next().await? {
        for at in 0..columns {
            let Raw(value) = row.try_get(at)?;
            chunk.push(value);
        }
        chunk.rows += 1;
        if chunk.is_full() && !each(std::mem::take(&mut chunk)) {
            return Ok(());
        }
    }
    if chunk.rows > 0 {
        each(chunk);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy() -> Vec<u8> {
        let mut copy = SIGNATURE.to_vec();
        copy.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 2, 9, 9]);
        for (id, day) in [("P1", Some(5_i32)), ("", None)] {
            copy.extend_from_slice(&2_i16.to_be_bytes());
            copy.extend_from_slice(&i32::try_from(id.len()).unwrap().to_be_bytes());
            copy.extend_from_slice(id.as_bytes());
            copy.extend_from_slice(&day.map_or(-1, |_| 4_i32).to_be_bytes());
            copy.extend(day.map(i32::to_be_bytes).into_iter().flatten());
        }
        copy.extend_from_slice(&(-1_i16).to_be_bytes());
        copy
    }

    #[test]
    fn rows_may_be_cut_anywhere() {
        let copy = copy();
        for size in 1..=copy.len() {
            let mut cut = Cut { columns: 2, begun: false, ended: false, chunk: RowChunk::default() };
            let mut held = Vec::new();
            for piece in copy.chunks(size) {
                held.extend_from_slice(piece);
                let taken = cut.take(&held).unwrap();
                held.drain(..taken);
            }
            assert!(cut.ended && held.is_empty(), "in pieces of {size}");
            assert_eq!(cut.chunk.rows, 2);
            let mut values = cut.chunk.values();
            let told: Vec<String> =
                (0..4).map(|at| values.next(at % 2 == 1).unwrap().into_text().into_owned()).collect();
            assert_eq!(told, ["P1", "2000-01-06", "", ""]);
        }
    }

    #[test]
    fn what_is_no_copy_is_told() {
        let mut cut = Cut { columns: 2, begun: false, ended: false, chunk: RowChunk::default() };
        assert_eq!(cut.take(b"HTTP/1.1 400 Bad Request"), None);
        let mut cut = Cut { columns: 3, begun: false, ended: false, chunk: RowChunk::default() };
        assert_eq!(cut.take(&copy()), None);
    }
}
