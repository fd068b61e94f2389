//! Policies as people write them, and what lapse says about them: a test for each kind of error and warning, and
//! for what holds on which day.

mod amendments;
mod effects;
mod entry_effects;
mod entry_findings;
mod entry_oracle;
mod facts_and_tests;
mod files;
mod folders;
mod hostile;
mod keeps;
mod layers;
mod links;
mod oracle;
mod places;
mod plugins;
mod releases;
mod slips;
mod values;

use crate::{Day, Loaded, Policy};

/// Loads these files. A `consortium.toml` that does not name the consortium gets a name at its end, so that a test writes
/// only what it is about and no line moves.
fn load(files: &[(&str, &str)]) -> Loaded {
    let named = |&(name, text): &(&str, &str)| {
        let nameless = name == "consortium.toml" && !text.contains("consortium");
        (name.to_owned(), if nameless { format!("{text}\n[consortium]\nname = \"Test\"\n") } else { text.to_owned() })
    };
    load_as_is(files.iter().map(named))
}

fn load_as_is<N: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (N, T)>) -> Loaded {
    Policy::from_texts(files).expect("one `consortium.toml`, and each file once")
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
