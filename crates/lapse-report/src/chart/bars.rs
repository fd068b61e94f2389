//! A picture with pairs of bars, a count before and after a change, one pair a row.

use super::svg::Svg;
use super::{Drawing, Width, draw, length};
use crate::data::BeforeAfter;
use crate::text::Text;

/// A row of the picture.
pub(crate) struct Bar {
    pub label: String,
    pub count: BeforeAfter,
}

const BAR: f64 = 15.0;
/// The space between the bars of two rows.
const GAP: f64 = 14.0;
/// The space for the words above a pair, where they do not fit beside it.
const LINE: f64 = 19.0;
/// The space for the numbers behind the longest bar.
const NUMBERS: f64 = 124.0;

/// A pair of bars for each row; `label` says what is counted.
pub(crate) fn bars(label: &str, rows: &[Bar], text: &Text) -> Drawing {
    let max = rows.iter().map(|row| row.count.before.max(row.count.after)).max().unwrap_or(0).max(1);
    draw(label, |width| {
        let (left, above) = match width {
            Width::Wide => (260.0, 0.0),
            Width::Narrow => (0.0, LINE),
        };
        let row_height = above + 2.0 * BAR + GAP;
        let mut svg = Svg::new(row_height * length(rows.len() as u64));
        let scale = (width.pixels() - left - NUMBERS) / length(max);
        let mut top = GAP / 2.0;
        for Bar { label, count: BeforeAfter { before, after } } in rows {
            let (before, after) = (*before, *after);
            match width {
                Width::Wide => svg.text((left - 12.0, top + BAR + 5.0), "end", &shortened(label, 32)),
                // The words keep clear of the axis.
                Width::Narrow => svg.text((6.0, top + 12.0), "", &shortened(label, 41)),
            }
            let y = top + above;
            let difference =
                if before == after { String::new() } else { format!(" ({})", text.difference(before, after)) };
            let numbers = [text.number(before), text.number(after) + &difference];
            let titles = ["bar.before", "bar.after"].map(|key| text.say(key));
            for (index, (count, class)) in [(before, "c-before"), (after, "c-after")].into_iter().enumerate() {
                let y = y + BAR * length(index as u64);
                let bar = scale * length(count);
                svg.rect((left, y), (bar, BAR), class, &format!("{label}, {}: {}", titles[index], numbers[index]));
                svg.text((left + bar + 6.0, y + BAR - 3.0), "small", &numbers[index]);
            }
            top += row_height;
        }
        svg.line((left, 0.0), (left, top - GAP / 2.0), "axis");
        svg
    })
}

/// The text, cut after this number of letters.
fn shortened(label: &str, letters: usize) -> String {
    if label.chars().count() <= letters {
        return label.to_owned();
    }
    let short: String = label.chars().take(letters - 1).collect();
    format!("{}\u{2026}", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn bars_are_as_long_as_their_counts() {
        let row = |label: &str, before, after| Bar { label: label.to_owned(), count: BeforeAfter { before, after } };
        let drawn = bars("", &[row("12-17", 400, 200), row("65+", 0, 100)], &Text::of(Language::En)).wide;
        let widths: Vec<f64> = drawn
            .split("<rect ")
            .skip(1)
            .map(|rect| rect.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(widths, [496.0, 248.0, 0.0, 124.0]);
        assert!(drawn.contains(">200 (\u{2212}200)<"), "{drawn}");
    }

    #[test]
    fn long_names_end_in_dots() {
        assert_eq!(shortened("Bibliotheek", 11), "Bibliotheek");
        assert_eq!(shortened("Bibliotheek Peer", 13), "Bibliotheek\u{2026}");
    }

    #[test]
    fn nothing_at_all_is_drawn_without_a_division_by_zero() {
        let row = Bar { label: "peer".into(), count: BeforeAfter::default() };
        let Drawing { wide, narrow } = bars("", &[row], &Text::of(Language::Nl));
        assert!(!wide.contains("NaN") && !narrow.contains("NaN"));
    }
}
