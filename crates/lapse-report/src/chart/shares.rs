//! A picture of one bar that is cut into shares.

use super::svg::Svg;
use super::{Drawing, draw, length};
use crate::text::Text;

/// A share of the bar.
pub(crate) struct Share {
    pub label: String,
    pub count: u64,
    /// The CSS class of its colour.
    pub class: &'static str,
}

const HEIGHT: f64 = 30.0;

/// Draws the shares in their order; a share that is not empty is always wide enough to be seen.
pub(crate) fn shares(label: &str, shares: &[Share], text: &Text) -> Drawing {
    let all = shares.iter().map(|share| share.count).sum::<u64>();
    let shown = shares.iter().filter(|share| share.count > 0);
    draw(label, |width| {
        let mut svg = Svg::new(HEIGHT + 2.0);
        let least = 2.0;
        let scale = (width.pixels() - 2.0 - least * length(shown.clone().count() as u64)) / length(all.max(1));
        let mut x = 1.0;
        for Share { label, count, class } in shown.clone() {
            let share = least + scale * length(*count);
            let title = format!("{label}: {} ({})", text.number(*count), text.percent(*count, all));
            svg.rect((x, 1.0), (share, HEIGHT), class, &title);
            x += share;
        }
        svg
    })
}
