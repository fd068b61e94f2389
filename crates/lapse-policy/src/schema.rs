//! Every key of every table of a policy file, each written once: its name, what it holds, who may set it, what it means.
//! Validation, the texts of diagnostics, the built-in defaults and the reference all read this table (policy.md).

mod kind;

use std::fmt;

pub use kind::{ACCOUNT_COLUMNS, Counted, Kind};
pub(crate) use kind::{ACTIVITY, any_of};

/// Which of the three kinds of file something stands in, lowest precedence first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// `consortium.toml`
    Consortium,
    /// A file in `groups/`.
    Group,
    /// A file in `libraries/`.
    Library,
}

impl Layer {
    /// The kind of file, as a sentence names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Layer::Consortium => "consortium",
            Layer::Group => "group",
            Layer::Library => "library",
        }
    }

    /// The file or files that it is, as a sentence names them.
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Layer::Consortium => "consortium.toml",
            Layer::Group => "a group's file",
            Layer::Library => "a library's file",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The tables of policy.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// `[consortium]`
    Consortium,
    /// `[group]`
    Group,
    /// `[library]`
    Library,
    /// `[subscription]`: defaults of every subscription.
    Subscription,
    /// `[subscriptions.CODE]`: takes the keys of `[subscription]` too.
    Subscriptions,
    /// `[activity]`
    Activity,
    /// `[cleanup]`
    Cleanup,
    /// `[profile]`
    Profile,
    /// `[retention]`
    Retention,
    /// `[guards]`
    Guards,
    /// `[facts.NAME]`
    Facts,
    /// `[keeps.NAME]`
    Keeps,
    /// `[ends.NAME]`
    Ends,
    /// `[[amendment]]`: takes the tables that can be amended too.
    Amendment,
    /// `only` of an amendment.
    Only,
    /// `only` of a keep.
    KeepOnly,
    /// `only` of an end.
    EndOnly,
    /// `release` of an amendment.
    Release,
    /// `[plugins.NAME]`
    Plugins,
}

impl Table {
    /// Every table that stands at the top of a file, in the order of policy.md.
    pub const TOP: &[Table] = &[
        Table::Consortium,
        Table::Group,
        Table::Library,
        Table::Subscription,
        Table::Subscriptions,
        Table::Activity,
        Table::Cleanup,
        Table::Profile,
        Table::Retention,
        Table::Guards,
        Table::Facts,
        Table::Keeps,
        Table::Ends,
        Table::Amendment,
        Table::Plugins,
    ];

    /// The tables that stand within another one.
    pub const WITHIN: &[Table] = &[Table::Only, Table::Release, Table::KeepOnly, Table::EndOnly];

    /// The name in policy files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Table::Consortium => "consortium",
            Table::Group => "group",
            Table::Library => "library",
            Table::Subscription => "subscription",
            Table::Subscriptions => "subscriptions",
            Table::Activity => "activity",
            Table::Cleanup => "cleanup",
            Table::Profile => "profile",
            Table::Retention => "retention",
            Table::Guards => "guards",
            Table::Facts => "facts",
            Table::Keeps => "keeps",
            Table::Ends => "ends",
            Table::Amendment => "amendment",
            Table::Only | Table::KeepOnly | Table::EndOnly => "only",
            Table::Release => "release",
            Table::Plugins => "plugins",
        }
    }

    /// What it is about, in one line.
    pub const fn about(self) -> &'static str {
        match self {
            Table::Consortium => "the consortium itself",
            Table::Group => "the cooperation group itself",
            Table::Library => "the library itself",
            Table::Subscription => "what holds for every subscription that does not say otherwise",
            Table::Subscriptions => "one subscription, by its code; what it does not say comes from `[subscription]`",
            Table::Activity => "what counts as the last activity of a patron",
            Table::Cleanup => "what keeps a record after its memberships have ended",
            Table::Profile => "the Mijn Bibliotheek profiles",
            Table::Retention => "how long the data that goes with a record is kept",
            Table::Guards => "a run beyond these ends with exit code 4 until a person has looked",
            Table::Amendment => "a change of any of the other tables, with its date and its reason",
            Table::Facts => "something that the extract tells of a patron beyond its contract, by its name",
            Table::Keeps => "who stays, by its name; under the name of a built-in reason, when that reason holds",
            Table::Ends => "whose membership ends, by its name",
            Table::Only => "the subscriptions that the `subscription` table of an amendment is limited to",
            Table::KeepOnly | Table::EndOnly => "the memberships that a keep or an end is about",
            Table::Release => {
                "what the file no longer enforces, and for which libraries; such an amendment sets nothing itself"
            }
            Table::Plugins => "one plugin, by its name: it takes part where the file speaks",
        }
    }

    /// Whether an amendment may set it: not what identifies a library or a group, nor another amendment,
    /// nor a plugin, which is pinned for every day.
    pub const fn amendable(self) -> bool {
        match self {
            Table::Group
            | Table::Library
            | Table::Facts
            | Table::Amendment
            | Table::Only
            | Table::KeepOnly
            | Table::EndOnly
            | Table::Release
            | Table::Plugins => false,
            Table::Consortium
            | Table::Subscription
            | Table::Subscriptions
            | Table::Activity
            | Table::Cleanup
            | Table::Profile
            | Table::Retention
            | Table::Guards
            | Table::Keeps
            | Table::Ends => true,
        }
    }

    /// The keys that may stand in it, in the order of policy.md.
    pub fn keys(self) -> impl Iterator<Item = &'static KeySpec> {
        KEYS.iter().filter(move |spec| {
            spec.table == self || (self == Table::Subscriptions && spec.table == Table::Subscription)
        })
    }

    /// Whether this kind of file may hold it: some key of it may stand there.
    pub fn allowed_in(self, layer: Layer) -> bool {
        self.keys().any(|spec| spec.layers.contains(&layer))
    }
}

/// One key of one table.
#[derive(Debug)]
pub struct KeySpec {
    /// The key that it describes.
    pub key: Key,
    /// The table in which it stands.
    pub table: Table,
    /// Its name in that table.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The kinds of file that may set it.
    pub layers: &'static [Layer],
    /// Whether its table must have it.
    pub required: bool,
    /// What holds where no file says it, as a file would write it; of a required key, what a new file begins with.
    pub default: Option<&'static str>,
    /// What it means, in one line.
    pub about: &'static str,
}

/// Defines the keys and their table together, so that neither can miss one of the other.
macro_rules! keys {
    ($($key:ident: $table:ident, $name:literal, $kind:expr, $layers:ident, $presence:ident $(($default:literal))?, $about:literal;)+) => {
        /// A key of a policy file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key { $(#[doc = $about] $key,)+ }

        /// Every key, in the order of policy.md.
        pub static KEYS: &[KeySpec] = &[$(KeySpec {
            key: Key::$key,
            table: Table::$table,
            name: $name,
            kind: $kind,
            layers: $layers,
            required: keys!(@required $presence),
            default: keys!(@default $($default)?),
            about: $about,
        },)+];
    };
    (@required required) => { true };
    (@required optional) => { false };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}

const EVERYWHERE: &[Layer] = &[Layer::Consortium, Layer::Group, Layer::Library];
const CONSORTIUM: &[Layer] = &[Layer::Consortium];
const GROUP: &[Layer] = &[Layer::Group];
const LIBRARY: &[Layer] = &[Layer::Library];
const ENFORCERS: &[Layer] = &[Layer::Consortium, Layer::Group];

const MONTHS: Kind = Kind::Whole { min: 1, max: 1200, of: Counted::Months };
const DAYS: Kind = Kind::Whole { min: 0, max: 36_500, of: Counted::Days };
const PERCENT: Kind = Kind::Whole { min: 0, max: 100, of: Counted::Percent };
const SECONDS: Kind = Kind::Whole { min: 1, max: 3600, of: Counted::Seconds };
const GRACE_DAYS: Kind = Kind::Whole { min: 0, max: 3660, of: Counted::Days };
const DAY_OF_MONTH: Kind = Kind::Whole { min: 1, max: 28, of: Counted::DayOfMonth };

keys! {
    ConsortiumName: Consortium, "name", Kind::Text, CONSORTIUM, required ("\"Consortium\""),
        "the consortium's name for people";
    RunDay: Consortium, "run_day", DAY_OF_MONTH, CONSORTIUM, optional ("1"),
        "the day of the month of the customer run";
    YearStarts: Consortium, "year_starts", Kind::MonthDay, CONSORTIUM, optional ("\"01-01\""),
        "the day on which a year begins, for tests with `round = \"year\"`";
    GroupCode: Group, "code", Kind::Code, GROUP, required,
        "what libraries name the group by";
    GroupName: Group, "name", Kind::Text, GROUP, optional,
        "the group's name for people; its code where there is none";
    GroupKind: Group, "kind", Kind::GroupKind, GROUP, required,
        "1, 2 or 3; kind 3 recognises memberships across the group";
    LibraryCode: Library, "code", Kind::Code, LIBRARY, required,
        "what the tables name the library by";
    LibraryName: Library, "name", Kind::Text, LIBRARY, optional,
        "the library's name for people; its code where there is none";
    LibraryGroup: Library, "group", Kind::Code, LIBRARY, optional,
        "the code of the library's cooperation group";
    SubscriptionName: Subscriptions, "name", Kind::Text, EVERYWHERE, optional,
        "the subscription's name for people; its code where there is none";
    Holder: Subscription, "holder", Kind::Holder, EVERYWHERE, optional ("\"person\""),
        "who holds it";
    Category: Subscription, "category", Kind::Text, EVERYWHERE, optional ("\"adult\""),
        "free text that reports are broken down by";
    Fee: Subscription, "fee", Kind::Fee, EVERYWHERE, optional ("\"0.00\""),
        "what it costs, in euro; above zero is paid";
    Renewal: Subscription, "renewal", Kind::Renewal, EVERYWHERE, optional ("\"conditional\""),
        "how a membership renews";
    TermMonths: Subscription, "term_months", MONTHS, EVERYWHERE, optional ("12"),
        "the months that a renewal adds";
    LapseMonths: Subscription, "lapse_months", MONTHS, EVERYWHERE, optional ("24"),
        "the months of inactivity after which a conditional membership lapses";
    GraceDays: Subscription, "grace_days", GRACE_DAYS, EVERYWHERE, optional ("0"),
        "the days past its end for which a membership is still valid";
    TermEnds: Subscription, "term_ends", Kind::MonthDayOrNone, EVERYWHERE, optional,
        "the day of the year on which renewals end; `term_months` is then a multiple of 12";
    Sources: Activity, "sources", Kind::Sources, EVERYWHERE, optional ("[\"wise\", \"legacy\", \"mijn-bibliotheek\", \"sip2\"]"),
        "the sources whose activity counts";
    Scope: Activity, "scope", Kind::Scope, EVERYWHERE, optional ("\"patron\""),
        "whether activity in every library counts, or only here";
    EndedMonths: Cleanup, "ended_months", MONTHS, EVERYWHERE, optional ("24"),
        "the months without valid membership after which a record may go";
    SettledMonths: Cleanup, "settled_months", MONTHS, EVERYWHERE, optional ("24"),
        "the months for which a settled cost holds a record";
    Blocks: Cleanup, "blocks", Kind::Blocks, EVERYWHERE, optional ("[\"general\", \"bailiff\"]"),
        "the kinds of block that hold a record";
    BlocksIgnored: Cleanup, "blocks_ignored", Kind::Blocks, EVERYWHERE, optional ("[\"internet\"]"),
        "the kinds of block that do not hold a record; a kind in neither list holds it";
    AccountsNeeded: Cleanup, "accounts_needed", Kind::AccountColumns, EVERYWHERE,
        optional ("[\"owed\", \"credit\", \"blocks\", \"items\"]"),
        "the columns of the accounts table without which no record is removed";
    Removal: Cleanup, "removal", Kind::Removal, CONSORTIUM, optional ("\"delete\""),
        "what becomes of a record that nothing keeps";
    ProfileInactiveMonths: Profile, "inactive_months", MONTHS, CONSORTIUM, optional ("24"),
        "the months of inactivity after which a Mijn Bibliotheek profile may go";
    PseudonymiseDays: Retention, "pseudonymise_days", DAYS, EVERYWHERE, optional ("90"),
        "the days after which activity is pseudonymised for a patron who opted out of loan history";
    PseudonymiseMonths: Retention, "pseudonymise_months", MONTHS, EVERYWHERE, optional,
        "the same in months, instead of `pseudonymise_days`";
    FinanceMonths: Retention, "finance_months", MONTHS, EVERYWHERE, optional ("120"),
        "the months after which finance rows are deleted";
    HistoryMonths: Retention, "history_months", Kind::MonthsOrNone, EVERYWHERE, optional,
        "the months after which activity is pseudonymised for a patron who keeps the loan history";
    MaxDeregisteredPercent: Guards, "max_deregistered_percent", PERCENT, EVERYWHERE, optional ("20"),
        "the most memberships that a run may end, of those valid before it; fewer than 20 are not judged";
    MaxRemovedPercent: Guards, "max_removed_percent", PERCENT, EVERYWHERE, optional ("10"),
        "the most records that a run may archive or delete; fewer than 20 are not judged";
    MaxSourceAgeDays: Guards, "max_source_age_days", DAYS, EVERYWHERE, optional ("35"),
        "how old the newest row of a counted source may be";
    MaxUnmatchedPercent: Guards, "max_unmatched_percent", PERCENT, CONSORTIUM, optional ("5"),
        "the most rows of memberships or of accounts that may belong to no patron; fewer than 20 rows are not judged";
    MaxNewestDateDays: Guards, "max_newest_date_days", DAYS, CONSORTIUM, optional ("35"),
        "how old the newest date of the whole extract may be";
    RestingSources: Guards, "resting_sources", Kind::RestingSources, CONSORTIUM, optional ("[\"legacy\"]"),
        "the sources that send nothing new: they are counted, and their age is not judged";
    MaxRowsFallenPercent: Guards, "max_rows_fallen_percent", PERCENT, CONSORTIUM, optional ("10"),
        "the most rows that may be missing against the run that --before names; fewer than 100 there are not judged";
    MaxProfilesPercent: Guards, "max_profiles_percent", PERCENT, CONSORTIUM, optional ("10"),
        "the most profiles that a run may delete; fewer than 20 are not judged";
    MaxRejectedPercent: Guards, "max_rejected_percent", PERCENT, CONSORTIUM, optional ("5"),
        "the most rows of a table that may be rejected; fewer than 20 rows are not judged";
    FactTable: Facts, "table", Kind::FactTable, CONSORTIUM, required,
        "the table in which it stands";
    FactColumn: Facts, "column", Kind::Text, CONSORTIUM, optional,
        "the column in which it stands; `activity` has none";
    FactSources: Facts, "sources", Kind::Sources, CONSORTIUM, optional,
        "the sources whose latest date it is, over all libraries; only of `activity`";
    FactType: Facts, "type", Kind::FactKind, CONSORTIUM, optional,
        "what a value is; of `activity` it is a date";
    FactEmpty: Facts, "empty", Kind::EmptyCell, CONSORTIUM, optional ("\"unknown\""),
        "what an empty cell means";
    KeepReason: Keeps, "reason", Kind::Text, EVERYWHERE, optional,
        "why, and who decided; the first file that names it says so, where no amendment with its own reason does";
    KeepOf: Keeps, "of", Kind::KeepOf, EVERYWHERE, optional ("[\"record\"]"),
        "what it keeps";
    KeepOnly: Keeps, "only", Kind::Table(Table::KeepOnly), EVERYWHERE, optional,
        "the memberships that it is about";
    KeepWhen: Keeps, "when", Kind::Tests, EVERYWHERE, optional,
        "it holds where all of these do; what is not known keeps";
    KeepUnless: Keeps, "unless", Kind::Tests, EVERYWHERE, optional,
        "it does not hold where all of these do";
    KeepReview: Keeps, "review", Kind::Boolean, EVERYWHERE, optional ("false"),
        "whether a record that nothing else keeps is for a person to look at";
    KeepActive: Keeps, "active", Kind::Boolean, EVERYWHERE, optional ("true"),
        "whether it is in force; false is as if it were not there";
    KeepHolds: Keeps, "holds", Kind::Boolean, EVERYWHERE, optional ("true"),
        "under the name of a built-in reason: whether that reason ever holds";
    EndReason: Ends, "reason", Kind::Text, EVERYWHERE, optional,
        "why, and who decided; the first file that names it says so, where no amendment with its own reason does";
    EndOnly: Ends, "only", Kind::Table(Table::EndOnly), EVERYWHERE, optional,
        "the memberships that it is about";
    EndWhen: Ends, "when", Kind::Tests, EVERYWHERE, optional,
        "a membership ends where all of these hold; what is not known ends nothing";
    EndUnless: Ends, "unless", Kind::Tests, EVERYWHERE, optional,
        "it does not end where all of these hold";
    EndActive: Ends, "active", Kind::Boolean, EVERYWHERE, optional ("true"),
        "whether it is in force; false is as if it were not there";
    From: Amendment, "from", Kind::Date, EVERYWHERE, required,
        "the first day on which the amendment holds";
    Reason: Amendment, "reason", Kind::Text, EVERYWHERE, required,
        "why, and who decided";
    Enforce: Amendment, "enforce", Kind::Boolean, ENFORCERS, optional ("false"),
        "whether lower files cannot override it";
    Only: Amendment, "only", Kind::Table(Table::Only), EVERYWHERE, optional,
        "the subscriptions that its `subscription` table is limited to";
    Release: Amendment, "release", Kind::Table(Table::Release), ENFORCERS, optional,
        "what the file no longer enforces from that day on, and for which libraries";
    OnlyHolder: Only, "holder", Kind::Holder, EVERYWHERE, optional,
        "subscriptions with this holder";
    OnlyCategory: Only, "category", Kind::Text, EVERYWHERE, optional,
        "subscriptions with this category";
    KeepOnlyHolder: KeepOnly, "holder", Kind::Holders, EVERYWHERE, optional,
        "memberships with one of these holders";
    KeepOnlyCategory: KeepOnly, "category", Kind::OneOrMore, EVERYWHERE, optional,
        "memberships in one of these categories";
    KeepOnlySubscription: KeepOnly, "subscription", Kind::OneOrMore, EVERYWHERE, optional,
        "memberships with one of these subscriptions, by their codes";
    EndOnlyHolder: EndOnly, "holder", Kind::Holders, EVERYWHERE, optional,
        "memberships with one of these holders";
    EndOnlyCategory: EndOnly, "category", Kind::OneOrMore, EVERYWHERE, optional,
        "memberships in one of these categories";
    EndOnlySubscription: EndOnly, "subscription", Kind::OneOrMore, EVERYWHERE, optional,
        "memberships with one of these subscriptions, by their codes";
    ReleaseLibraries: Release, "libraries", Kind::Names, ENFORCERS, required,
        "the codes of the libraries that are let go";
    ReleaseKeys: Release, "keys", Kind::Names, ENFORCERS, required,
        "what they may set: `subscription.KEY`, `subscriptions.CODE.KEY`, `keeps.NAME`, `ends.NAME`, `cleanup.KEY` and the like";
    PluginFile: Plugins, "file", Kind::PluginFile, EVERYWHERE, required,
        "the plugin's library, looked for in the folder `plugins` of the policy directory, then in --plugin-dir";
    PluginSha256: Plugins, "sha256", Kind::Sha256, EVERYWHERE, optional,
        "the pin: the SHA-256 of the file; another file is refused, and so is a run without a pin";
    PluginGrants: Plugins, "grants", Kind::Grants, EVERYWHERE, required,
        "what the plugin may decide";
    PluginConfig: Plugins, "config", Kind::Config, EVERYWHERE, optional ("{}"),
        "what is handed to the plugin, which validates it";
    PluginColumns: Plugins, "columns", Kind::Columns, EVERYWHERE, optional ("[]"),
        "the columns of the tables whose text the plugin gets";
    PluginTimeoutSeconds: Plugins, "timeout_seconds", SECONDS, EVERYWHERE, optional ("60"),
        "how long the plugin may take for a batch of patrons";
    PluginIsolation: Plugins, "isolation", Kind::Isolation, EVERYWHERE, optional ("\"process\""),
        "whether the plugin runs in a process of its own, or in that of lapse as one that is trusted";
}

impl Key {
    /// What the schema says of it.
    pub fn spec(self) -> &'static KeySpec {
        &KEYS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described_at_its_own_place() {
        for (index, spec) in KEYS.iter().enumerate() {
            assert_eq!(spec.key as usize, index);
            assert_eq!(spec.key.spec().name, spec.name);
        }
    }

    #[test]
    fn a_name_stands_once_in_a_table() {
        for table in Table::TOP.iter().chain(Table::WITHIN) {
            let mut names: Vec<_> = table.keys().map(|spec| spec.name).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{}", table.as_str());
        }
    }

    #[test]
    fn a_library_may_set_every_table_but_consortium_and_profile() {
        let barred: Vec<_> =
            Table::TOP.iter().filter(|table| !table.allowed_in(Layer::Library)).map(|table| table.as_str()).collect();
        assert_eq!(barred, ["consortium", "group", "profile", "facts"]);
    }

    #[test]
    fn alternatives_read_as_a_sentence() {
        assert_eq!(any_of(&["a"]), "a");
        assert_eq!(any_of(&["a", "b", "c"]), "a, b or c");
    }
}
