//! What a person should look at before anybody acts on decisions, beside the guards: rows that could not be used, and facts
//! that are odd but usable. Whoever reads the tables finds these; here are only the values, for texts and pages alike.

/// Something that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Rows of a table that could not be used; their patrons are held.
    Rejected {
        /// The table.
        table: String,
        /// How many.
        rows: u64,
    },
    /// Memberships whose library or subscription the policy does not know.
    NoPolicy {
        /// The code of the library.
        library: String,
        /// The code of the subscription.
        subscription: String,
        /// How many.
        memberships: u64,
    },
    /// Activity rows with a date after the run.
    ActivityAfterRun(u64),
    /// Profiles last active after the run.
    ProfilesAfterRun(u64),
}
