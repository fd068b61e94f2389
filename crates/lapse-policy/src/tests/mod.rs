//! Policies as people write them, and what lapse says about them: a test for each kind of error and warning, and
//! for what holds on which day.

mod amendments;
mod effects;
mod files;
mod folders;
mod hostile;
mod layers;
mod links;
mod oracle;
mod places;
mod plugins;
mod slips;
mod values;

use crate::{Day, Loaded, Policy};

fn load(files: &[(&str, &str)]) -> Loaded {
    Policy::from_texts(files.iter().copied()).expect("one `consortium.toml`, and each file once")
}

/// The policy of files without errors.
fn policy(files: &[(&str, &str)]) -> Policy {
    let loaded = load(files);
    loaded.policy.unwrap_or_else(|| panic!("{}", loaded.diagnostics.render(false)))
}

/// The diagnostics of these files, as a terminal shows them.
fn told(files: &[(&str, &str)]) -> String {
    load(files).diagnostics.render(false)
}

/// The diagnostics of a library's file with these lines after its `[library]`, below an empty `consortium.toml`.
fn told_of_library(text: &str) -> String {
    let library = format!("library.code = \"peer\"\n{text}");
    told(&[("consortium.toml", ""), ("libraries/peer.toml", &library)])
}

fn day(text: &str) -> Day {
    text.parse().expect(text)
}
