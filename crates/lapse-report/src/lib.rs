//! What a run, a change of policy or the coming months bring, as a page that a library director reads: one self-contained
//! HTML text that fetches nothing and is complete without its script.
//!
//! 1. Whoever has results fills one of the structs of [`data`] and asks for its page in a [`Language`].
//! 2. `pages` says what a page shows and in which order: sentences from `messages/`, tables, and pictures that `chart` draws.
//! 3. `page` puts these parts into `templates/page.html`, with `assets/page.css` and `assets/page.js` in it.
//!
//! The same facts give the same bytes. Patrons are named only where the facts hold a list of them.
#![doc = include_str!("../README.md")]

mod chart;
pub mod data;
mod page;
mod pages;
mod text;

pub use text::Language;

use data::{DiffReport, ForecastReport, RunReport};
use text::Text;

/// The page of a run.
pub fn run_page(report: &RunReport, language: Language) -> String {
    pages::run::page(report, &Text::of(language)).into_html()
}

/// The page of what a change of policy does to real patrons.
pub fn diff_page(report: &DiffReport, language: Language) -> String {
    pages::diff::page(report, &Text::of(language)).into_html()
}

/// The page of the runs to come.
pub fn forecast_page(report: &ForecastReport, language: Language) -> String {
    pages::forecast::page(report, &Text::of(language)).into_html()
}
