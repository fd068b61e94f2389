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

words! {
    /// What an archived or deleted record of the policy is called.
    Removal {
        Delete = "delete", "a record that nothing keeps is deleted";
        Anonymise = "anonymise", "a record that nothing keeps is anonymised";
    }
}

words! {
    /// The tables whose columns are facts.
    FactTable {
        Patrons = "patrons", "one value for each patron";
        Memberships = "memberships", "one value for each membership";
        Accounts = "accounts", "one value for each patron and library";
    }
}

words! {
    /// What a value of a fact is.
    FactKind {
        Flag = "flag", "true or false";
        Count = "count", "a whole number";
        Amount = "amount", "an amount in euro";
        Date = "date", "a date";
        Code = "code", "a code, or several with `|` between them";
    }
}

words! {
    /// What an empty cell of a fact means.
    EmptyCell {
        Unknown = "unknown", "nobody knows: it keeps, and never ends";
        None = "none", "there is none: no date, 0 or false";
    }
}

words! {
    /// What a keep keeps.
    KeepOf {
        Record = "record", "the record at the library";
        Membership = "membership", "a membership: no run ends it";
        History = "history", "the loan history that goes with the record";
        Finance = "finance", "the finance rows that go with the record";
    }
}

words! {
    /// To the end of what a term runs.
    Round {
        Month = "month", "to the end of the month";
        Year = "year", "to the end of the year, which begins on `consortium.year_starts`";
    }
}

words! {
    /// The facts that every extract tells (domain.md, "Facts, keeps and ends").
    BuiltInFact {
        Age = "age", "whole years on the run day";
        LastActivity = "last_activity", "the last activity as the customer run compares it at the library";
        BegunOn = "begun_on", "the first day of the membership; of a record, of the latest one there";
        EndedOn = "ended_on", "of a record: the last valid day after the run of the memberships there";
        Owed = "owed", "outstanding costs at the library";
        Credit = "credit", "credit at the library";
        Items = "items", "items in possession at the library";
        SettledOn = "settled_on", "the day on which costs were last settled at the library";
        Blocks = "blocks", "the kinds of block at the library";
        RunMonth = "run_month", "the month of the run day, 1 to 12";
    }
}

words! {
    /// The built-in reasons to keep a record that a policy can narrow.
    Narrowed {
        EndedRecently = "ended-recently", "the memberships have not been over for long enough";
        Owes = "owes", "outstanding costs are not zero";
        Credit = "credit", "credit is not zero";
        Blocked = "blocked", "a block of a kind that holds records";
        Items = "items", "items are in possession";
        SettledRecently = "settled-recently", "costs were settled not long ago";
    }
}
