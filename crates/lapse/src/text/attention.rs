//! What a person should look at before anybody acts on a result: a few lines below `diff` and `forecast`, which have no
//! tables beside them.

use std::fmt::Write as _;

use lapse_engine::Attention;
use lapse_engine::guards::{Trip, sentences};

use crate::terminal::{FAINT, WARNING, shown};

/// How many lines are shown below a result.
const SHOWN: usize = 10;

/// The lines under their heading; empty where there is nothing.
pub fn to_text(attention: &[Attention], trips: &[Trip]) -> String {
    let [open, answered] = sentences(trips);
    let trips = open.into_iter().chain(answered).map(|line| format!("guard: {line}"));
    let lines: Vec<String> = trips.chain(attention.iter().map(ToString::to_string)).collect();
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{WARNING}Needs attention{WARNING:#}\n");
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}", shown(line));
    }
    if lines.len() > SHOWN {
        let _ = writeln!(text, "  {FAINT}and {} more: `lapse run` lists them{FAINT:#}", lines.len() - SHOWN);
    }
    text
}
