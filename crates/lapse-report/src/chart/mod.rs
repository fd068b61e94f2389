//! Pictures, which are drawn as SVG when the page is made; each kind has a file. Each picture is drawn twice, for a wide and for
//! a narrow window, so that its letters keep their size, and the style sheet shows one of them. Colours are CSS classes.

mod bars;
mod flow;
mod months;
mod shares;
mod svg;

pub(crate) use bars::{Bar, bars};
pub(crate) use flow::{Stage, flow};
pub(crate) use months::{Mark, losses, months};
pub(crate) use shares::{Share, shares};

use svg::Svg;

/// A picture, drawn for each width of window.
pub(crate) struct Drawing {
    pub wide: String,
    pub narrow: String,
}

/// The width that a picture is drawn for, in pixels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Wide,
    Narrow,
}

impl Width {
    const fn pixels(self) -> f64 {
        match self {
            Width::Wide => 880.0,
            Width::Narrow => 340.0,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Width::Wide => "wide",
            Width::Narrow => "narrow",
        }
    }
}

/// Draws for both widths. `label` says what the picture shows, for those who cannot see it.
fn draw(label: &str, draw: impl Fn(Width) -> Svg) -> Drawing {
    let finished = |width: Width| draw(width).finish(width, label);
    Drawing { wide: finished(Width::Wide), narrow: finished(Width::Narrow) }
}

/// A count as a number that lengths can be computed from.
#[expect(clippy::cast_precision_loss, reason = "no pixel is as small as what is lost")]
fn length(count: u64) -> f64 {
    count as f64
}

/// The step between the lines of an axis that runs to at least `max`: 1, 2 or 5 with zeros, at most five of them.
fn axis_step(max: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [1, 2, 5].map(|digit| digit * power) {
            if max.div_ceil(step) <= 5 {
                return step;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_at_most_five_round_steps() {
        assert_eq!([0, 1, 5, 6, 11, 99, 2264].map(axis_step), [1, 1, 1, 2, 5, 20, 500]);
    }
}
