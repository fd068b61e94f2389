//! What is left of an id without the slips that spreadsheets and people make in it (domain.md, "Rows that belong to nobody").

/// What is left of an id without white space around it, in lower case and without leading zeros; none where nothing is.
pub(crate) fn without_slips(id: &str) -> Option<String> {
    let lower = id.trim().to_lowercase();
    let left = lower.trim_start_matches('0');
    (!left.is_empty()).then(|| left.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_capitals_and_leading_zeros_are_slips() {
        for (id, left) in [
            ("00123", Some("123")),
            ("00124 ", Some("124")),
            ("\u{a0}P1", Some("p1")),
            ("Élise", Some("élise")),
            ("000", None),
            ("  ", None),
            ("", None),
            ("1 2", Some("1 2")),
        ] {
            assert_eq!(without_slips(id).as_deref(), left, "{id:?}");
        }
    }
}
