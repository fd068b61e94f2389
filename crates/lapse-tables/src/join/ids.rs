//! The ids of the patrons, in the order of their table.

/// The ids of all patrons, in the order of their table.
#[derive(Default)]
pub struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    pub(crate) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    pub(crate) fn append(&mut self, other: &Ids) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// How many patrons there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no patron.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id of the patron at `index`.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// Every id, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Whether each id is greater than the one before, so that none can stand twice.
    pub(crate) fn are_ascending(&self) -> bool {
        (1..self.len()).all(|index| self.get(index - 1) < self.get(index))
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
        let mut all = ids(&["a", "", "bc"]);
        all.append(&ids(&["b", "é"]));
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
    }
}
