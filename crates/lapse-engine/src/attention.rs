//! What a person should look at before anybody acts on decisions, beside the guards: what is not known, rows that could not
//! be used, and facts that are odd but usable. Whoever reads the tables finds these; here are only the values, for texts and
//! pages alike, what matters most first.

/// Something that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// The accounts table lacks columns that the policy needs, or is not there.
    AccountsUnknown {
        /// The columns.
        columns: Vec<&'static str>,
        /// The records that nothing else holds.
        records: u64,
    },
    /// No row of activity is usable.
    ActivityUnknown {
        /// The memberships that would be deregistered otherwise.
        memberships: u64,
    },
    /// The extract lacks the column or the table of a fact that something in force looks at, so that nobody's is known.
    FactUnknown {
        /// The fact.
        fact: String,
        /// The table that lacks it.
        table: String,
        /// The column; none where it is the table that has no usable row.
        column: Option<String>,
        /// The records that a keep holds for that, maybe beside other reasons.
        records: u64,
        /// The memberships that a keep holds for that.
        memberships: u64,
    },
    /// Rows of a table that belong to no patron; they hold nobody.
    OfNobody {
        /// The table.
        table: String,
        /// How many.
        rows: u64,
    },
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
        /// The code of the policy that is nearest: of the library, where the policy does not have it, else of the subscription.
        near: Option<String>,
    },
    /// Rows of a table that name a library which the policy does not know. Of memberships [`Attention::NoPolicy`] says it.
    UnknownLibrary {
        /// The table.
        table: String,
        /// The code.
        library: String,
        /// How many.
        rows: u64,
        /// The nearest code of a library of the policy, if one is near.
        near: Option<String>,
    },
    /// Rows of activity whose source no policy counts.
    UnknownSource {
        /// The source.
        source: String,
        /// How many.
        rows: u64,
        /// The nearest source that a policy counts, if one is near.
        near: Option<String>,
    },
    /// Accounts with a kind of block that the policy lists neither as one that holds nor as one that does not. It holds.
    UnknownBlock {
        /// The code of the library.
        library: String,
        /// The kind.
        kind: String,
        /// How many accounts.
        rows: u64,
        /// The nearest kind in the two lists of the policy, if one is near.
        near: Option<String>,
    },
    /// Memberships that repeat an earlier row of the same patron, library, subscription and `valid_from`.
    Repeated(u64),
    /// Memberships that are renewed over more than two terms.
    ManyTerms(u64),
    /// Activity rows whose date looks like an empty one; each is no activity.
    ActivityLooksEmpty(u64),
    /// Memberships that begin on a day that looks like an empty date, which stands.
    StartsLookEmpty(u64),
    /// Activity rows with a date after the run.
    ActivityAfterRun(u64),
    /// Profiles last active after the run.
    ProfilesAfterRun(u64),
    /// Accounts settled after the run.
    SettledAfterRun(u64),
}
