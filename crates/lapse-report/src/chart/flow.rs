//! A picture of ribbons from the outcomes on the left to those on the right. A ribbon is as wide as the count that it stands for.

use super::svg::Svg;
use super::{Drawing, Width, draw, length};
use crate::text::Text;

/// An outcome, which may stand on both sides.
pub(crate) struct Stage {
    pub label: String,
    /// The CSS class of its colour.
    pub class: &'static str,
}

const HEIGHT: f64 = 300.0;
/// The space between two outcomes, which their words need.
const GAP: f64 = 22.0;
/// The width of an outcome's bar.
const BAR: f64 = 14.0;
/// The height of the heads of the two sides.
const HEAD: f64 = 28.0;
/// The least width of a ribbon, so that even one patron who moves is seen.
const LEAST: f64 = 1.5;

/// Draws a ribbon for each count `moves[from][to]` from one stage to another; `heads` stand over the two sides.
pub(crate) fn flow<const N: usize>(
    label: &str,
    heads: [&str; 2],
    stages: &[Stage; N],
    moves: &[[u64; N]; N],
    text: &Text,
) -> Drawing {
    let all = moves.iter().flatten().sum::<u64>().max(1);
    let scale = HEIGHT / length(all);
    let thickness = |count: u64| if count == 0 { 0.0 } else { (scale * length(count)).max(LEAST) };
    draw(label, |width| {
        let side = match width {
            Width::Wide => 190.0,
            Width::Narrow => 114.0,
        };
        let (left, right) = (side, width.pixels() - side);
        let mut svg = Svg::new(0.0);
        svg.text((left, 14.0), "end strong", heads[0]);
        svg.text((right, 14.0), "strong", heads[1]);

        let tops = |sums: [f64; N]| {
            let mut top = HEAD;
            sums.map(|sum| {
                let at = top;
                top += if sum > 0.0 { sum.max(12.0) + GAP } else { 0.0 };
                at
            })
        };
        let sum_from = std::array::from_fn(|from| moves[from].iter().map(|&count| thickness(count)).sum::<f64>());
        let sum_to = std::array::from_fn(|to| moves.iter().map(|row| thickness(row[to])).sum::<f64>());
        let (tops_from, tops_to) = (tops(sum_from), tops(sum_to));

        let (mut out, mut into) = (tops_from, tops_to);
        let mut ribbons = Vec::new();
        for from in 0..N {
            for to in 0..N {
                let count = moves[from][to];
                let thick = thickness(count);
                if count > 0 {
                    ribbons.push((from, to, count, out[from], into[to], thick));
                }
                out[from] += thick;
                into[to] += thick;
            }
        }
        // What moves is drawn over what stays.
        ribbons.sort_by_key(|&(from, to, ..)| from != to);
        for (from, to, count, y1, y2, thick) in ribbons {
            let (x1, x2) = (left + BAR, right - BAR);
            let middle = x1.midpoint(x2);
            let d = format!(
                "M{x1:.1} {y1:.1}C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}V{:.1}C{middle:.1} {:.1} \
                 {middle:.1} {:.1} {x1:.1} {:.1}Z",
                y2 + thick,
                y2 + thick,
                y1 + thick,
                y1 + thick
            );
            let class = if from == to { "stays".to_owned() } else { format!("moves {}", stages[to].class) };
            let title = format!("{} \u{2192} {}: {}", stages[from].label, stages[to].label, text.number(count));
            svg.path(&d, &class, &title);
        }

        let mut bottom: f64 = HEAD;
        for (index, stage) in stages.iter().enumerate() {
            let sides = [
                (tops_from[index], sum_from[index], left, left - 8.0, "end", moves[index].iter().sum::<u64>()),
                (tops_to[index], sum_to[index], right - BAR, right + 8.0, "", moves.iter().map(|row| row[index]).sum()),
            ];
            for (top, sum, bar, words, align, count) in sides {
                if sum > 0.0 {
                    svg.rect((bar, top), (BAR, sum), stage.class, &format!("{}: {}", stage.label, text.number(count)));
                    svg.text((words, top + 11.0), align, &stage.label);
                    svg.text((words, top + 26.0), &format!("{align} small"), &text.number(count));
                    bottom = bottom.max(top + sum.max(28.0));
                }
            }
        }
        svg.grow_to(bottom + 4.0);
        svg
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn a_single_patron_who_moves_is_seen_beside_a_million_who_stay() {
        let stage = |label: &str, class| Stage { label: label.to_owned(), class };
        let stages = [stage("kept", "c-kept"), stage("deleted", "c-deleted")];
        let drawn = flow("", ["old", "new"], &stages, &[[1_000_000, 1], [0, 0]], &Text::of(Language::En)).wide;
        assert!(drawn.contains("<title>kept \u{2192} deleted: 1</title>"), "{drawn}");
        assert_eq!(drawn.matches("<path").count(), 2);
        assert!(drawn.rfind("moves c-deleted") > drawn.rfind("stays"), "{drawn}");
    }
}
