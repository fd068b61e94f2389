//! The facts of a batch as a plugin reads them: views of the structs of the ABI.

#![expect(unsafe_code, reason = "reads what the host's pointers point at")]

use crate::abi;
use crate::date::Date;

/// The text, which is valid for as long as the host's call goes on.
pub(crate) fn text(text: &abi::Text) -> &str {
    // SAFETY: the ABI promises a pointer that is not null to `length` bytes of UTF-8, valid for as long as the struct is.
    unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(text.bytes, text.length)) }
}

/// A list that the host points at; the pointer may be null where the list is empty.
///
/// # Safety
/// `first` points at `count` valid items that live for `'a`.
pub(crate) unsafe fn list<'a, T>(first: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts(first, count) }
}

fn date(days: i32) -> Option<Date> {
    Date::from_days(days)
}

/// Defines an enum whose values are numbers of the ABI.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident ($module:ident) { $($(#[$doc:meta])* $variant:ident = $number:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            fn of(number: u8) -> $name {
                match number {
                    $(abi::$module::$number => $name::$variant,)+
                    other => panic!("the host gave {other} where this version of the ABI has no such number"),
                }
            }

            /// The number that stands for this in the ABI.
            pub const fn number(self) -> u8 {
                match self { $($name::$variant => abi::$module::$number,)+ }
            }
        }
    };
}

words! {
    /// The status of a membership in the library system.
    Status (status) {
        /// It is in force between its dates.
        Active = ACTIVE,
        /// An earlier customer run ended it.
        Deregistered = DEREGISTERED,
        /// It was given up at the desk, and goes on until its end.
        Cancelled = CANCELLED,
    }
}

words! {
    /// What the customer run makes of a membership.
    Outcome (outcome) {
        /// It goes on, or starts later.
        Valid = VALID,
        /// It goes on for another term.
        Renewed = RENEWED,
        /// It lapsed by inactivity.
        Deregistered = DEREGISTERED,
        /// It ended at its last valid day.
        Expired = EXPIRED,
    }
}

words! {
    /// Why the customer run decided so.
    Reason (reason) {
        /// The policy does not have the library or the subscription.
        NoPolicy = NO_POLICY,
        /// It was deregistered before, or cancelled and is past its end.
        Ended = ENDED,
        /// It is valid from a later day.
        StartsLater = STARTS_LATER,
        /// There was no activity for longer than the lapse term.
        Inactive = INACTIVE,
        /// An institution or the library itself holds it.
        NotAPerson = NOT_A_PERSON,
        /// The subscription always renews itself.
        Automatic = AUTOMATIC,
        /// Memberships of this subscription are renewed at the desk only.
        NoRenewal = NO_RENEWAL,
        /// The subscription has a fee.
        Paid = PAID,
        /// There was recent activity.
        Active = ACTIVE,
        /// It would lapse, but a row of the patron was rejected.
        BadInput = BAD_INPUT,
        /// It is past its end, and nothing renews it.
        NotRenewed = NOT_RENEWED,
        /// It is past its end, and a later membership has taken its place.
        Succeeded = SUCCEEDED,
        /// It was cancelled, and goes on until its end.
        Cancelled = CANCELLED,
        /// The extract has no usable activity of anybody.
        ActivityUnknown = ACTIVITY_UNKNOWN,
        /// `end/NAME`: an end of the policy.
        End = END,
        /// `keep/NAME`: a keep of the policy.
        Keep = KEEP,
        /// `grace`
        Grace = GRACE,
    }
}

words! {
    /// Who holds a subscription.
    Holder (holder) {
        /// A person.
        Person = PERSON,
        /// An institution, such as a school.
        Institution = INSTITUTION,
        /// The library itself.
        Administrative = ADMINISTRATIVE,
    }
}

words! {
    /// How a membership renews.
    Renewal (renewal) {
        /// Always.
        Automatic = AUTOMATIC,
        /// Unless the patron has been inactive for too long.
        Conditional = CONDITIONAL,
        /// At the desk.
        None = NONE,
    }
}

/// A further column of a table, for [`Patron::column`], [`Membership::column`] and [`Record::column`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub(crate) index: usize,
}

/// One patron.
#[derive(Clone, Copy)]
pub struct Patron<'a> {
    pub(crate) raw: &'a abi::Patron,
    pub(crate) run_date: i32,
}

/// One membership, with what the customer run made of it.
#[derive(Clone, Copy)]
pub struct Membership<'a> {
    raw: &'a abi::Membership,
    /// The place among the patron's.
    pub(crate) index: usize,
}

/// The patron's record at one library, with the account there.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    raw: &'a abi::Record,
    /// The place among the patron's.
    pub(crate) index: usize,
}

/// A library, with its settings on the run day; the consortium's where the policy does not have it.
#[derive(Clone, Copy)]
pub struct Library<'a>(&'a abi::Library);

/// A subscription at a library, with its settings on the run day.
#[derive(Clone, Copy)]
pub struct Subscription<'a>(&'a abi::Subscription);

impl<'a> Patron<'a> {
    /// The run day.
    pub fn run_date(&self) -> Date {
        date(self.run_date).expect("a run has a day")
    }

    /// The id.
    pub fn id(&self) -> &'a str {
        text(&self.raw.id)
    }

    /// The birth date, where it is known.
    pub fn birth_date(&self) -> Option<Date> {
        date(self.raw.birth_date)
    }

    /// When the Mijn Bibliotheek profile was last used, where there is one.
    pub fn profile_last_active(&self) -> Option<Date> {
        date(self.raw.profile_last_active)
    }

    /// Whether a row of the patron was rejected, so that nothing may be taken away.
    pub fn is_held(&self) -> bool {
        self.raw.held != 0
    }

    /// Whether the patron keeps a loan history.
    pub fn keeps_history(&self) -> bool {
        self.raw.keeps_history != 0
    }

    /// The text of a further column of the table `patrons`; empty where the row has none.
    pub fn column(&self, column: Column) -> &'a str {
        // SAFETY: the host gives a text for each column asked of this table, and a `Column` is one of them.
        unsafe { column_text(self.raw.columns, column) }
    }

    /// The memberships, in the order of their table.
    pub fn memberships(&self) -> impl ExactSizeIterator<Item = Membership<'a>> + use<'a> {
        // SAFETY: the ABI promises this number of memberships, valid for the call.
        let all = unsafe { list(self.raw.memberships, self.raw.membership_count as usize) };
        all.iter().enumerate().map(|(index, raw)| Membership { raw, index })
    }

    /// The records: one for each library in which there is a membership or an account.
    pub fn records(&self) -> impl ExactSizeIterator<Item = Record<'a>> + use<'a> {
        // SAFETY: the ABI promises this number of records, valid for the call.
        let all = unsafe { list(self.raw.records, self.raw.record_count as usize) };
        all.iter().enumerate().map(|(index, raw)| Record { raw, index })
    }
}

impl<'a> Membership<'a> {
    /// The library.
    pub fn library(&self) -> Library<'a> {
        // SAFETY: the ABI promises a library for each membership.
        Library(unsafe { &*self.raw.library })
    }

    /// The subscription, which is the type of the membership.
    pub fn subscription(&self) -> Subscription<'a> {
        // SAFETY: the ABI promises a subscription for each membership.
        Subscription(unsafe { &*self.raw.subscription })
    }

    /// The first valid day.
    pub fn valid_from(&self) -> Date {
        date(self.raw.valid_from).expect("a membership starts on a day")
    }

    /// The last valid day before the run; none: no end.
    pub fn valid_until(&self) -> Option<Date> {
        date(self.raw.valid_until)
    }

    /// The last valid day after the run; none: no end, or an unknown one.
    pub fn valid_until_after(&self) -> Option<Date> {
        date(self.raw.valid_until_after)
    }

    /// The last activity that was compared; none where there was none.
    pub fn last_activity(&self) -> Option<Date> {
        date(self.raw.last_activity)
    }

    /// The status in the library system.
    pub fn status(&self) -> Status {
        Status::of(self.raw.status)
    }

    /// What the customer run makes of it.
    pub fn outcome(&self) -> Outcome {
        Outcome::of(self.raw.outcome)
    }

    /// Why the customer run decided so.
    pub fn reason(&self) -> Reason {
        Reason::of(self.raw.reason)
    }

    /// The text of a further column of the table `memberships`; empty where the row has none.
    pub fn column(&self, column: Column) -> &'a str {
        // SAFETY: the host gives a text for each column asked of this table, and a `Column` is one of them.
        unsafe { column_text(self.raw.columns, column) }
    }
}

impl<'a> Record<'a> {
    /// The library.
    pub fn library(&self) -> Library<'a> {
        // SAFETY: the ABI promises a library for each record.
        Library(unsafe { &*self.raw.library })
    }

    /// Whether the table `accounts` has a row for it.
    pub fn has_account(&self) -> bool {
        self.raw.has_account != 0
    }

    /// Whether the outstanding costs are not zero.
    pub fn owes(&self) -> bool {
        self.raw.owes != 0
    }

    /// Whether the credit is not zero.
    pub fn has_credit(&self) -> bool {
        self.raw.has_credit != 0
    }

    /// Whether the patron has items in possession.
    pub fn has_items(&self) -> bool {
        self.raw.has_items != 0
    }

    /// The kinds of block.
    pub fn blocks(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        text(&self.raw.blocks).split('|').filter(|kind| !kind.is_empty())
    }

    /// When costs were last settled.
    pub fn settled_on(&self) -> Option<Date> {
        date(self.raw.settled_on)
    }

    /// The text of a further column of the table `accounts`; empty where there is no account or the row has none.
    pub fn column(&self, column: Column) -> &'a str {
        if self.raw.columns.is_null() {
            return "";
        }
        // SAFETY: the host gives a text for each column asked of this table, and a `Column` is one of them.
        unsafe { column_text(self.raw.columns, column) }
    }
}

/// # Safety
/// `columns` points at more than `column.index` texts that live for `'a`.
unsafe fn column_text<'a>(columns: *const abi::Text, column: Column) -> &'a str {
    // SAFETY: as the caller promises.
    text(unsafe { &*columns.add(column.index) })
}

impl<'a> Library<'a> {
    /// The code.
    pub fn code(&self) -> &'a str {
        text(&self.0.code)
    }

    /// The name for people.
    pub fn name(&self) -> &'a str {
        text(&self.0.name)
    }

    /// The code of its cooperation group and the group's kind.
    pub fn group(&self) -> Option<(&'a str, u8)> {
        (self.0.group_kind != 0).then(|| (text(&self.0.group), self.0.group_kind))
    }

    /// Whether the policy has it.
    pub fn is_in_policy(&self) -> bool {
        self.0.in_policy != 0
    }

    /// Whether it is in the scope of this instance, which is below the policy file that names the plugin. Verdicts about
    /// other libraries have no effect.
    pub fn is_in_scope(&self) -> bool {
        self.0.in_scope != 0
    }

    /// `cleanup.ended_months`
    pub fn ended_months(&self) -> u32 {
        self.0.ended_months
    }

    /// `cleanup.settled_months`
    pub fn settled_months(&self) -> u32 {
        self.0.settled_months
    }

    /// `retention.pseudonymise_days`
    pub fn pseudonymise_days(&self) -> u32 {
        self.0.pseudonymise_days
    }

    /// `retention.finance_months`
    pub fn finance_months(&self) -> u32 {
        self.0.finance_months
    }
}

impl<'a> Subscription<'a> {
    /// The code.
    pub fn code(&self) -> &'a str {
        text(&self.0.code)
    }

    /// The name for people.
    pub fn name(&self) -> &'a str {
        text(&self.0.name)
    }

    /// The category, such as `youth`.
    pub fn category(&self) -> &'a str {
        text(&self.0.category)
    }

    /// The fee in cents.
    pub fn fee_cents(&self) -> u64 {
        self.0.fee_cents
    }

    /// Who holds it.
    pub fn holder(&self) -> Holder {
        Holder::of(self.0.holder)
    }

    /// How it renews.
    pub fn renewal(&self) -> Renewal {
        Renewal::of(self.0.renewal)
    }

    /// How many months a renewal adds.
    pub fn term_months(&self) -> u32 {
        self.0.term_months
    }

    /// After how many months without activity it lapses.
    pub fn lapse_months(&self) -> u32 {
        self.0.lapse_months
    }

    /// Whether the policy has it. If not, only the code means anything.
    pub fn is_in_policy(&self) -> bool {
        self.0.in_policy != 0
    }
}
