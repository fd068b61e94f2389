//! What is asked for and the policy does not have, each with its sentence: which code was probably meant, or all that there
//! are.

use lapse_policy::{DayPolicy, Library, Subscription};
use thiserror::Error;

/// The policy does not have what is asked for.
#[derive(Debug, Error)]
pub enum NotThere {
    /// No library has this code.
    #[error("the policy has no library `{code}`; {}", meant(near.as_deref(), known))]
    Library {
        /// The code that was asked for.
        code: String,
        /// A library with nearly this code.
        near: Option<String>,
        /// The libraries that there are.
        known: Vec<String>,
    },
    /// It is the code of a group.
    #[error("`{code}` is a group, not a library; its libraries are {}", listed(members))]
    Group {
        /// The code of the group.
        code: String,
        /// Its libraries.
        members: Vec<String>,
    },
    /// The library has no subscription with this code.
    #[error("{library} has no subscription `{code}` on this day; {}", meant(near.as_deref(), known))]
    Subscription {
        /// The library.
        library: String,
        /// The code that was asked for.
        code: String,
        /// A subscription with nearly this code.
        near: Option<String>,
        /// The subscriptions of the library.
        known: Vec<String>,
    },
}

/// The number of codes that are listed where one is not known.
const LISTED: usize = 20;

/// The library with this code.
pub(super) fn find_library<'a>(of_day: &'a DayPolicy, code: &str) -> Result<&'a Library, NotThere> {
    of_day.library(code).ok_or_else(|| {
        let group = of_day.groups.iter().position(|group| group.code == code);
        let members = of_day.libraries.iter().filter(|library| group.is_none() || library.group == group);
        let known: Vec<String> = members.map(|library| library.code.clone()).collect();
        let code = code.to_owned();
        match group {
            Some(_) => NotThere::Group { code, members: known },
            None => NotThere::Library { near: nearest(&code, &known), code, known },
        }
    })
}

/// The subscription with this code.
pub(super) fn find_subscription<'a>(library: &'a Library, code: &str) -> Result<&'a Subscription, NotThere> {
    library.subscriptions.iter().find(|subscription| subscription.code == code).ok_or_else(|| {
        let known: Vec<String> = library.subscriptions.iter().map(|subscription| subscription.code.clone()).collect();
        let library = library.code.clone();
        NotThere::Subscription { library, near: nearest(code, &known), code: code.to_owned(), known }
    })
}

/// The code that was probably meant.
fn nearest(code: &str, codes: &[String]) -> Option<String> {
    lapse_policy::nearest(code, codes.iter().map(|code| &**code)).map(ToOwned::to_owned)
}

/// The code that was meant, or all that there are.
fn meant(near: Option<&str>, known: &[String]) -> String {
    near.map_or_else(|| format!("there are {}", listed(known)), |near| format!("did you mean `{near}`?"))
}

/// The codes with commas between; the first of them, where there are many.
fn listed(codes: &[String]) -> String {
    match codes.len().checked_sub(LISTED).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", codes[..LISTED].join(", ")),
        None if codes.is_empty() => "none".to_owned(),
        None => codes.join(", "),
    }
}
