//! Tables of text: aligned columns, lines between the rows, nothing at the end of a line.

use std::fmt;

/// Rows under a heading. A column in which no row has anything is left out.
pub struct Table<const COLUMNS: usize> {
    heading: [&'static str; COLUMNS],
    lines: Vec<Line<COLUMNS>>,
}

enum Line<const COLUMNS: usize> {
    /// What the rows below it are about, across the columns.
    Title(String),
    Row([String; COLUMNS]),
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub fn new(heading: [&'static str; COLUMNS]) -> Table<COLUMNS> {
        Table { heading, lines: Vec::new() }
    }

    pub fn title(&mut self, title: String) {
        self.lines.push(Line::Title(title));
    }

    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.lines.push(Line::Row(cells));
    }

    fn rows(&self) -> impl Iterator<Item = &[String; COLUMNS]> {
        self.lines.iter().filter_map(|line| match line {
            Line::Title(_) => None,
            Line::Row(cells) => Some(cells),
        })
    }

    /// The width of a column in characters; none where it is left out.
    fn width(&self, column: usize) -> Option<usize> {
        let widest = self.rows().map(|cells| cells[column].chars().count()).max()?;
        (widest > 0).then(|| widest.max(self.heading[column].chars().count()))
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: [Option<usize>; COLUMNS] = std::array::from_fn(|column| self.width(column));
        let aligned = |cells: &mut dyn Iterator<Item = &str>| {
            let cells = cells.zip(widths).filter_map(|(cell, width)| Some(format!("  {cell:<0$}", width?)));
            cells.collect::<String>().trim_end().to_owned()
        };
        writeln!(f, "{}", aligned(&mut self.heading.iter().copied()))?;
        for line in &self.lines {
            match line {
                Line::Title(title) => writeln!(f, "\n{title}")?,
                Line::Row(cells) => writeln!(f, "{}", aligned(&mut cells.iter().map(String::as_str)))?,
            }
        }
        Ok(())
    }
}
