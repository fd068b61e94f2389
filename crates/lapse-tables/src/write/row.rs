//! A row of each output table, as it is told to whatever format writes it.

use lapse_policy::Day;

/// A code as its format writes it.
#[derive(Clone, Copy)]
pub(super) struct Coded<'a> {
    /// Among the codes of its kind.
    pub index: usize,
    pub written: &'a [u8],
}

/// A row of `memberships`, of the patron at hand.
pub(super) struct MembershipRow<'a> {
    pub library: Coded<'a>,
    pub subscription: Coded<'a>,
    pub valid_from: Day,
    pub outcome: &'static str,
    pub reason: &'a str,
    pub valid_until: Option<Day>,
    pub last_activity: Option<Day>,
}

/// A row of `records`, of the patron at hand.
pub(super) struct RecordRow<'a> {
    pub library: Coded<'a>,
    pub outcome: &'static str,
    pub reasons: &'a [u8],
    pub pseudonymise_before: Option<Day>,
    pub purge_finance_before: Option<Day>,
}

/// A row of `profiles`, of the patron at hand.
pub(super) struct ProfileRow<'a> {
    pub outcome: &'static str,
    pub reasons: &'a [u8],
}

/// Takes the rows of one patron after the other.
pub(super) trait Sink {
    /// The rows to come are those of this patron.
    fn patron(&mut self, id: &str);
    fn membership(&mut self, row: &MembershipRow<'_>);
    fn record(&mut self, row: &RecordRow<'_>);
    fn profile(&mut self, row: &ProfileRow<'_>);
}
