//! Values of which there are a few, each written as a word: who holds a subscription, how it renews, whose activity counts.
//! Each value knows its word and what the word means.

use std::fmt;

/// Defines an enum whose values policy files write as fixed words, each with what it means.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal, $about:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $about] $variant,)+ }

        impl $name {
            /// Every value, in the order of policy.md.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The word for it in policy files.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// What it means, in one line.
            pub const fn about(self) -> &'static str {
                match self { $($name::$variant => $about,)+ }
            }

            /// The value that a policy file writes as `word`.
            pub fn from_word(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

words! {
    /// Who holds a subscription.
    Holder {
        Person = "person", "a person (personen); only persons lapse";
        Institution = "institution", "a school, a company or another body (instellingen)";
        Administrative = "administrative", "nobody: a pass of the library itself (administratieve passen)";
    }
}

words! {
    /// How a membership renews (verlenging).
    Renewal {
        Automatic = "automatic", "mode 0: renews itself";
        Conditional = "conditional", "mode 1: renews itself unless the patron has been inactive for too long";
        None = "none", "paid, renewed at the desk";
    }
}

words! {
    /// Whose activity counts for a membership.
    Scope {
        Patron = "patron", "one date per patron over all libraries, as Wise shows it";
        Library = "library", "activity in that library, and activity without a library";
    }
}
