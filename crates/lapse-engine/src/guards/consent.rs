//! Who answered for guards that trip: with `--consent` a person says that they have looked.

use std::fmt;

use lapse_policy::{DayPolicy, nearest};
use thiserror::Error;

use super::{Guard, Place, Trip};

/// The word for everything.
const ALL: &str = "all";
/// The word for what is judged for the whole data or for small libraries together.
const CONSORTIUM: &str = "consortium";

/// What a person answered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Where.
    pub at: ConsentAt,
    /// Which guard; every guard where it is none.
    pub guard: Option<Guard>,
}

/// Where a person answered for guards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentAt {
    /// Everywhere.
    All,
    /// For what is judged for the whole data, and for small libraries together.
    Consortium,
    /// At the library with this code.
    Library(String),
}

/// A consent names something that there is not.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConsentError {
    /// There is no such library.
    #[error("--consent: the policy has no library `{code}`; {}", meant(near.as_deref(), "name a library's code, `consortium` or `all`"))]
    NoLibrary {
        /// What was written.
        code: String,
        /// A library with nearly this code.
        near: Option<String>,
    },
    /// There is no such guard.
    #[error("--consent: there is no guard `{guard}`; {}", meant(*near, &guards()))]
    NoGuard {
        /// What was written.
        guard: String,
        /// A guard with nearly this name.
        near: Option<&'static str>,
    },
}

fn meant(near: Option<&str>, otherwise: &str) -> String {
    near.map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}

fn guards() -> String {
    let names: Vec<&str> = Guard::ALL.iter().map(|guard| guard.as_str()).collect();
    format!("the guards are {}", names.join(", "))
}

impl Consent {
    /// What `text` answers for: `LIBRARY`, `consortium` or `all`, alone or with `:GUARD`. A code may have a colon of its own.
    pub fn parse(text: &str, policy: &DayPolicy) -> Result<Consent, ConsentError> {
        if let Some(at) = ConsentAt::named(text, policy) {
            return Ok(Consent { at, guard: None });
        }
        let (code, guard) = match text.rsplit_once(':') {
            Some((code, guard)) => (code, Some(guard)),
            None => (text, None),
        };
        let Some(at) = ConsentAt::named(code, policy) else {
            let codes = policy.libraries.iter().map(|library| library.code.as_str());
            let near = nearest(code, codes.chain([ALL, CONSORTIUM])).map(str::to_owned);
            return Err(ConsentError::NoLibrary { code: code.to_owned(), near });
        };
        let named = |guard: &str| {
            Guard::ALL.into_iter().find(|known| known.as_str() == guard).ok_or_else(|| ConsentError::NoGuard {
                guard: guard.to_owned(),
                near: nearest(guard, Guard::ALL.iter().map(|guard| guard.as_str())),
            })
        };
        Ok(Consent { at, guard: guard.map(named).transpose()? })
    }

    /// What answers for a guard that trips, and for no other.
    pub fn to(trip: &Trip) -> Consent {
        let at = match &trip.place {
            Place::Consortium | Place::SmallLibraries => ConsentAt::Consortium,
            Place::Library(code) => ConsentAt::Library(code.clone()),
        };
        Consent { at, guard: Some(trip.what.guard()) }
    }

    /// Whether this answers for a guard that trips.
    pub fn answers(&self, trip: &Trip) -> bool {
        let here = match (&self.at, &trip.place) {
            (ConsentAt::All, _) | (ConsentAt::Consortium, Place::Consortium | Place::SmallLibraries) => true,
            (ConsentAt::Library(code), Place::Library(library)) => code == library,
            (ConsentAt::Consortium | ConsentAt::Library(_), _) => false,
        };
        here && self.guard.is_none_or(|guard| guard == trip.what.guard())
    }
}

impl fmt::Display for Consent {
    /// As it is written after `--consent`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.at.as_str())?;
        self.guard.map_or(Ok(()), |guard| write!(f, ":{}", guard.as_str()))
    }
}

impl ConsentAt {
    fn named(text: &str, policy: &DayPolicy) -> Option<ConsentAt> {
        match text {
            ALL => Some(ConsentAt::All),
            CONSORTIUM => Some(ConsentAt::Consortium),
            code => {
                let known = policy.libraries.iter().any(|library| library.code == code);
                known.then(|| ConsentAt::Library(code.to_owned()))
            }
        }
    }

    /// The word or code by which it is named.
    pub fn as_str(&self) -> &str {
        match self {
            ConsentAt::All => ALL,
            ConsentAt::Consortium => CONSORTIUM,
            ConsentAt::Library(code) => code,
        }
    }
}
