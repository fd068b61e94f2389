//! What a person should look at before anybody acts on decisions, beside the guards: what is not known, rows that could not
//! be used, and facts that are odd but usable. Whoever reads the tables finds these; here are only the values, for texts and
//! pages alike, what matters most first, and the sentence of each.

use std::fmt;

use lapse_policy::{count, thousands};

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

impl fmt::Display for Attention {
    /// One sentence, which stands by itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl Attention {
    /// A short form for a list of several of one kind below a line that says what they have in common: a code that the policy
    /// does not know, with where it stands and how often. The whole sentence of all others.
    pub fn in_list(&self) -> String {
        match self {
            Attention::NoPolicy { library, subscription, memberships, near } => {
                format!("{subscription} at {library}: {}{}", thousands(*memberships), meant(near.as_deref()))
            }
            Attention::UnknownLibrary { table, library, rows, near } => {
                format!("{library} in {table}: {}{}", thousands(*rows), meant(near.as_deref()))
            }
            Attention::UnknownSource { source, rows, near } => {
                format!("{source}: {}{}", thousands(*rows), meant(near.as_deref()))
            }
            Attention::UnknownBlock { library, kind, rows, near } => {
                format!("{kind} at {library}: {}{}", thousands(*rows), meant(near.as_deref()))
            }
            other => other.sentence(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Attention::AccountsUnknown { columns, records } => format!(
                "nobody's account is known: the accounts table lacks {}, which alone holds {} (accounts-unknown); add the \
                 columns, or leave them out of `cleanup.accounts_needed`",
                columns.join(", "),
                count(*records, "record", "records")
            ),
            Attention::ActivityUnknown { memberships } => format!(
                "nobody's activity is known: no row of activity is usable, which alone keeps {} (activity-unknown); add the feed \
                 of activity",
                count(*memberships, "membership", "memberships")
            ),
            Attention::FactUnknown { fact, table, column, records, memberships } => {
                let lacks = match column {
                    Some(column) => format!("the {table} table lacks `{column}`"),
                    None => format!("no row of {table} is usable"),
                };
                let held = [(*records, "record", "records"), (*memberships, "membership", "memberships")];
                let held = held
                    .into_iter()
                    .filter(|&(number, ..)| number > 0)
                    .map(|(number, one, many)| count(number, one, many));
                let held: Vec<String> = held.collect();
                let holds = match &*held.join(" and ") {
                    "" => "; what is not known keeps, and ends nothing".to_owned(),
                    held => format!(", which holds {held}"),
                };
                format!("the fact `{fact}` is unknown for everybody: {lacks}{holds}")
            }
            Attention::OfNobody { table, rows } => {
                let rows = count(
                    *rows,
                    "row belongs to no patron and holds nobody",
                    "rows belong to no patron and hold nobody",
                );
                format!("{table}: {rows}")
            }
            Attention::Rejected { table, rows } => {
                let rows =
                    count(*rows, "row was rejected and its patron held", "rows were rejected and their patrons held");
                format!("{table}: {rows}; `lapse run` lists them")
            }
            Attention::NoPolicy { library, subscription, memberships, near } => format!(
                "{subscription} at {library} has no policy: {}{}",
                count(*memberships, "membership", "memberships"),
                meant(near.as_deref())
            ),
            Attention::UnknownLibrary { table, library, rows, near } => format!(
                "{table}: the policy has no library `{library}`: {}{}",
                count(*rows, "row", "rows"),
                meant(near.as_deref())
            ),
            Attention::UnknownSource { source, rows, near } => format!(
                "activity: no policy counts the source `{source}`: {}{}",
                count(*rows, "row", "rows"),
                meant(near.as_deref())
            ),
            Attention::UnknownBlock { library, kind, rows, near } => format!(
                "accounts: the block `{kind}` at {library} is in neither `cleanup.blocks` nor `cleanup.blocks_ignored`, and \
                 holds: {}{}",
                count(*rows, "account", "accounts"),
                meant(near.as_deref())
            ),
            Attention::Repeated(rows) => {
                let memberships = count(*rows, "membership is", "memberships are");
                format!("{memberships} there twice: same patron, library, subscription and valid_from")
            }
            Attention::ManyTerms(rows) => {
                format!("{} renewed over more than two terms", count(*rows, "membership is", "memberships are"))
            }
            Attention::ActivityLooksEmpty(rows) => {
                let rows = count(*rows, "activity row has", "activity rows have");
                format!("{rows} a date that looks empty; each is no activity")
            }
            Attention::StartsLookEmpty(rows) => {
                let rows = count(*rows, "membership begins", "memberships begin");
                format!("{rows} on a date that looks empty, which stands")
            }
            Attention::ActivityAfterRun(rows) => {
                format!("activity after the run: {}; each counts as activity on the run day", thousands(*rows))
            }
            Attention::ProfilesAfterRun(profiles) => {
                format!("profiles last active after the run: {}", thousands(*profiles))
            }
            Attention::SettledAfterRun(accounts) => {
                format!("accounts settled after the run: {}", thousands(*accounts))
            }
        }
    }
}

/// What follows the number of rows of an unknown code: which code of the policy may be meant.
pub fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
