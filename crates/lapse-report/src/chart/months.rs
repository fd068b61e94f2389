//! A picture of the runs to come. The upper panel shows how many memberships stay active, the lower one what each run takes
//! away. A line marks the day on which an amendment takes force.

use std::fmt::Write as _;

use lapse_policy::Day;

use super::svg::Svg;
use super::{Drawing, Width, axis_step, draw, length};
use crate::data::MonthCounts;
use crate::text::Text;

/// An amendment that takes force during the runs.
pub(crate) struct Mark {
    /// The first run that it has an effect on.
    pub run: usize,
    /// The label at the line; the page explains the amendment beside the picture.
    pub label: String,
    /// A shorter label, for where the next mark is too near.
    pub short: String,
}

/// Something that a run takes away.
pub(crate) struct Loss {
    pub word: &'static str,
    /// The CSS class of its colour.
    pub class: &'static str,
    pub of: fn(&MonthCounts) -> u64,
}

/// What each run takes away; records are made anonymous only where a policy says so.
const LOSSES: [Loss; 4] = [
    Loss { word: "deregistered", class: "c-deregistered", of: |month| month.deregistered },
    Loss { word: "archived", class: "c-archived", of: |month| month.archived },
    Loss { word: "deleted", class: "c-deleted", of: |month| month.deleted },
    Loss { word: "anonymised", class: "c-deleted", of: |month| month.anonymised },
];

/// The parts of a column, from its bottom up.
pub(crate) fn losses(counts: &[MonthCounts]) -> &'static [Loss] {
    let anonymises = counts.iter().any(|month| month.anonymised > 0);
    &LOSSES[..if anonymises { 4 } else { 3 }]
}

const LEFT: f64 = 58.0;
const UPPER: f64 = 130.0;
const LOWER: f64 = 170.0;
/// The height of the head of the upper panel and of the labels of marks below it.
const HEAD: f64 = 46.0;
/// The approximate width of a letter of a label.
const LETTER: f64 = 7.5;
/// The space between the two panels, with the head of the lower one.
const BETWEEN: f64 = 44.0;
const FOOT: f64 = 26.0;

/// The frame of a panel: where it stands and how high a count is.
struct Panel {
    bottom: f64,
    height: f64,
    max: u64,
}

impl Panel {
    fn y(&self, count: u64) -> f64 {
        self.bottom - self.height * length(count) / length(self.max)
    }

    /// A panel for counts up to `max`, with its axis drawn.
    fn draw(svg: &mut Svg, bottom: f64, height: f64, max: u64, right: f64, text: &Text) -> Panel {
        let step = axis_step(max);
        let steps = max.div_ceil(step).max(1);
        let panel = Panel { bottom, height, max: steps * step };
        for count in (0..=steps).map(|line| line * step) {
            let y = panel.y(count);
            svg.line((LEFT, y), (right, y), if count == 0 { "axis" } else { "grid" });
            svg.text((LEFT - 6.0, y + 4.0), "end small", &text.number(count));
        }
        panel
    }
}

/// Draws a column for each run.
pub(crate) fn months(label: &str, runs: &[Day], counts: &[MonthCounts], marks: &[Mark], text: &Text) -> Drawing {
    let parts = losses(counts);
    let lost = |month: &MonthCounts| parts.iter().map(|loss| (loss.of)(month)).sum::<u64>();
    let most_active = counts.iter().map(|month| month.active).max().unwrap_or(0);
    let most_lost = counts.iter().map(lost).max().unwrap_or(0);
    draw(label, |width| {
        let right = width.pixels() - 8.0;
        let column = (right - LEFT) / length(runs.len().max(1) as u64);
        let x = |run: usize| LEFT + column * length(run as u64);
        let mut svg = Svg::new(HEAD + UPPER + BETWEEN + LOWER + FOOT);

        let lower_bottom = HEAD + UPPER + BETWEEN + LOWER;
        for (index, Mark { run, label, short }) in marks.iter().enumerate() {
            let x_mark = x(*run);
            // The heads of the panels stay clear of the line.
            svg.line((x_mark, HEAD - 20.0), (x_mark, HEAD + UPPER), "mark");
            svg.line((x_mark, lower_bottom - LOWER), (x_mark, lower_bottom), "mark");
            let room = marks.get(index + 1).map_or(right, |next| x(next.run)) - x_mark - 5.0;
            let wide = |label: &str| LETTER * length(label.chars().count() as u64);
            let label = if wide(label) <= room || marks.len() == 1 { label } else { short };
            // Near the right edge the words stand on the other side of their line.
            let before = x_mark + 5.0 + wide(label) > right;
            let (at, align) = if before { (x_mark - 5.0, "end ") } else { (x_mark + 5.0, "") };
            svg.text((at, HEAD - 10.0), &format!("{align}small strong"), label);
        }
        svg.text((0.0, 14.0), "strong", text.say("months.active"));
        let upper = Panel::draw(&mut svg, HEAD + UPPER, UPPER, most_active, right, text);
        svg.text((0.0, lower_bottom - LOWER - 12.0), "strong", text.say("months.losses"));
        let lower = Panel::draw(&mut svg, lower_bottom, LOWER, most_lost, right, text);

        let mut line = String::new();
        for (run, month) in counts.iter().enumerate() {
            let start = if run == 0 { 'M' } else { 'L' };
            let _ = write!(line, "{start}{:.1} {:.1}", x(run) + column / 2.0, upper.y(month.active));
        }
        svg.path(&line, "line", text.say("months.active"));
        for (run, (day, month)) in runs.iter().zip(counts).enumerate() {
            let active = format!("{}: {}", text.day(*day), text.number(month.active));
            svg.rect((x(run) + column / 2.0 - 3.0, upper.y(month.active) - 3.0), (6.0, 6.0), "c-after", &active);
            let mut below = 0;
            for Loss { word, class, of } in parts {
                let count = of(month);
                let (top, bottom) = (lower.y(below + count), lower.y(below));
                let title = format!("{}, {}: {}", text.day(*day), text.word(word), text.number(count));
                if count > 0 {
                    svg.rect((x(run) + column * 0.14, top), (column * 0.72, bottom - top), class, &title);
                }
                below += count;
            }
        }
        let every = match width {
            Width::Wide => runs.len().div_ceil(8),
            Width::Narrow => runs.len().div_ceil(3),
        };
        for (run, day) in runs.iter().enumerate().step_by(every.max(1)) {
            svg.line((x(run) + column / 2.0, lower_bottom), (x(run) + column / 2.0, lower_bottom + 5.0), "axis");
            svg.text((x(run) + column / 2.0, lower_bottom + 19.0), "mid small", &short(*day));
        }
        svg
    })
}

/// A month such as `2022-07`, which reads alike in every language and takes little room.
fn short(day: Day) -> String {
    format!("{}-{:02}", day.year(), day.month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn an_amendment_is_marked_at_its_run() {
        let runs = ["2022-06-01", "2022-07-01", "2022-08-01", "2022-09-01"].map(|day| day.parse().unwrap());
        let counts = [(100, 1), (100, 2), (60, 42), (58, 4)].map(|(active, deregistered)| MonthCounts {
            active,
            deregistered,
            ..MonthCounts::default()
        });
        let mark = Mark { run: 1, label: "1 July 2022".into(), short: "1".into() };
        let drawn = months("", &runs, &counts, &[mark], &Text::of(Language::En)).wide;
        // A quarter of the way between the axis at 58 and the right edge at 872.
        assert!(drawn.contains(r#"<line x1="261.5" y1="26.0" x2="261.5""#), "{drawn}");
        assert_eq!(drawn.matches(r#"class="c-deregistered""#).count(), 4);
    }

    #[test]
    fn marks_that_stand_close_have_short_labels() {
        let runs: Vec<Day> = (0..24).map(|month| "2022-06-01".parse::<Day>().unwrap().add_months(month)).collect();
        let counts = vec![MonthCounts::default(); 24];
        let mark = |run, short: &str| Mark { run, label: format!("{short}: a day in words"), short: short.into() };
        let marks = [mark(1, "1"), mark(2, "2"), mark(22, "3")];
        let drawn = months("", &runs, &counts, &marks, &Text::of(Language::En)).wide;
        assert!(drawn.contains(">1</text>") && drawn.contains(">2: a day in words</text>"), "{drawn}");
        assert!(drawn.contains(">3</text>"), "{drawn}");
    }

    #[test]
    fn no_runs_and_no_counts_are_drawn_without_a_division_by_zero() {
        for counts in [&[][..], &[MonthCounts::default()]] {
            let runs = vec!["2022-06-01".parse().unwrap(); counts.len()];
            let Drawing { wide, narrow } = months("", &runs, counts, &[], &Text::of(Language::Nl));
            assert!(!wide.contains("NaN") && !narrow.contains("NaN"));
        }
    }
}
