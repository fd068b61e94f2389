//! The ids of the patrons stand in one text, one after the other, which takes less memory than a text for each.

/// The ids of all patrons, in the order of their table.
pub struct Ids {
    text: String,
    ends: Vec<usize>,
    /// Each id is greater than the one before, so that none can stand twice.
    ascending: bool,
}

impl Default for Ids {
    fn default() -> Ids {
        Ids { text: String::new(), ends: Vec::new(), ascending: true }
    }
}

impl Ids {
    pub(crate) fn push(&mut self, id: &str) {
        self.ascending &= self.last().is_none_or(|last| last < id);
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// Puts the ids of all pieces together, in their order.
    pub(crate) fn of<'a>(pieces: impl Iterator<Item = &'a Ids> + Clone) -> Ids {
        let (mut bytes, mut count) = (0, 0);
        for piece in pieces.clone() {
            bytes += piece.text.len();
            count += piece.len();
        }
        let mut all = Ids { text: String::with_capacity(bytes), ends: Vec::with_capacity(count), ascending: true };
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            all.ascending &= piece.ascending && all.last().is_none_or(|last| last < piece.get(0));
            let before = all.text.len();
            all.text.push_str(&piece.text);
            all.ends.extend(piece.ends.iter().map(|end| before + end));
        }
        all
    }

    fn last(&self) -> Option<&str> {
        self.len().checked_sub(1).map(|last| self.get(last))
    }

    /// Counts the patrons.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no patron.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Gives the id of the patron at `index`.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// Gives every id, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Whether each id is greater than the one before, so that none can stand twice.
    pub(crate) fn are_ascending(&self) -> bool {
        self.ascending
    }
}

#[cfg(test)]
pub(super) fn ids(texts: &[&str]) -> Ids {
    let mut ids = Ids::default();
    for text in texts {
        ids.push(text);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_apart_though_their_text_stands_together() {
        let all = Ids::of([ids(&["a", "", "bc"]), ids(&[]), ids(&["b", "é"])].iter());
        assert_eq!(all.iter().collect::<Vec<_>>(), ["a", "", "bc", "b", "é"]);
        assert_eq!((all.len(), all.get(1), all.get(4)), (5, "", "é"));
    }

    #[test]
    fn ids_ascend_only_where_none_can_stand_twice() {
        assert!(ids(&[]).are_ascending());
        assert!(ids(&["a", "ab", "b"]).are_ascending());
        assert!(!ids(&["a", "a"]).are_ascending());
        assert!(!ids(&["b", "a"]).are_ascending());
        assert!(!ids(&["P9", "P10"]).are_ascending());
        let pieces = |first: &[&str], second: &[&str]| Ids::of([ids(first), ids(&[]), ids(second)].iter());
        assert!(pieces(&["a", "b"], &["c", "d"]).are_ascending());
        assert!(!pieces(&["a", "b"], &["b", "c"]).are_ascending());
        assert!(!pieces(&["b", "a"], &["c", "d"]).are_ascending());
        assert!(!pieces(&["a"], &["c", "b"]).are_ascending());
    }
}
