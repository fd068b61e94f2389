//! Pages for people: what a run, a comparison or a forecast found becomes the plain facts that lapse-report writes as HTML.

mod changes;
mod diff;
mod forecast;
mod run;

use lapse_policy::{DayPolicy, Policy};
use lapse_report::data::{Head, Library, PolicyVersion};

pub use changes::changes;
pub use diff::of_diff;
pub use forecast::of_forecast;
pub use run::of_run;

fn head(of_day: &DayPolicy, policies: Vec<PolicyVersion>) -> Head {
    Head {
        consortium: of_day.consortium.name.value.clone(),
        date: of_day.date,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        policies,
    }
}

/// What a page calls a policy: its folder, where it was read from one.
fn name(policy: &Policy) -> String {
    policy.path().map_or_else(|| "policy".to_owned(), |path| path.display().to_string())
}

fn version(name: &str, policy: &Policy) -> PolicyVersion {
    PolicyVersion { name: name.to_owned(), fingerprint: policy.fingerprint().to_owned() }
}

fn library(code: &str, of_day: &DayPolicy) -> Library {
    Library { code: code.to_owned(), name: of_day.library(code).map(|library| library.name.value.clone()) }
}
