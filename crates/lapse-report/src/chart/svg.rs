//! SVG as text: a few shapes, each with a CSS class and a title that shows under the pointer.

use std::fmt::Write as _;

use super::Width;

/// A picture while it is drawn.
pub(super) struct Svg {
    height: f64,
    body: String,
}

impl Svg {
    pub fn new(height: f64) -> Svg {
        Svg { height, body: String::new() }
    }

    /// A bar with its upper left corner at `x`, `y`.
    pub fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str, title: &str) {
        let title = escaped(title);
        let _ = write!(
            self.body,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" class="{class}"><title>{title}</title></rect>"#
        );
    }

    /// Words on the base line `y`. They begin at `x`, or the class `mid` centres them there, or the class `end` ends them there.
    pub fn text(&mut self, (x, y): (f64, f64), class: &str, words: &str) {
        let _ = write!(self.body, r#"<text x="{x:.1}" y="{y:.1}" class="{class}">{}</text>"#, escaped(words));
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        let _ = write!(self.body, r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" class="{class}"/>"#);
    }

    pub fn path(&mut self, d: &str, class: &str, title: &str) {
        let _ = write!(self.body, r#"<path d="{d}" class="{class}"><title>{}</title></path>"#, escaped(title));
    }

    /// Makes the picture at least this high.
    pub fn grow_to(&mut self, height: f64) {
        self.height = self.height.max(height);
    }

    pub fn finish(self, width: Width, label: &str) -> String {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="{}" viewBox="0 0 {} {:.0}" role="img" aria-label="{}">{}</svg>"#,
            width.class(),
            width.pixels(),
            self.height,
            escaped(label),
            self.body
        )
    }
}

/// Text that may stand between tags and within quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let mut svg = Svg::new(10.0);
        svg.text((0.0, 0.0), "", "</text><script>");
        svg.rect((0.0, 0.0), (1.0, 1.0), "", "a < b & c");
        let svg = svg.finish(Width::Wide, "\"><script>");
        assert!(!svg.contains("<script>") && svg.contains("a &lt; b &amp; c"), "{svg}");
        assert!(svg.contains(r#"aria-label="&quot;&gt;&lt;script&gt;""#), "{svg}");
    }
}
