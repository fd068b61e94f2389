//! What an author writes: the trait, what an instance is made from, and where verdicts go.

use crate::abi::{self, opinion};
use crate::{Membership, Patron, Record};

/// A rule about patrons. An instance is made for each policy file that names the plugin.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// The name, kebab-case; reasons appear in the output as `name/reason`.
    const NAME: &'static str;
    /// The plugin's version.
    const VERSION: &'static str;
    /// The codes of every reason that it may give, kebab-case.
    const REASONS: &'static [&'static str];

    /// Makes an instance, or says in one sentence for a policy editor what is wrong with the config.
    fn create(setup: &Setup<'_>) -> Result<Self, String>;

    /// Judges one patron. Whatever it does not speak about stays as the built-in rules decided. The same patron must
    /// always get the same verdicts.
    fn decide(&self, patron: &Patron<'_>, verdicts: &mut Verdicts<'_>);
}

/// What an instance is made from.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The `config` table of the policy file as JSON; `{}` where there is none.
    pub config: &'a str,
    /// The `columns` of the policy file, each as `table.column`.
    pub columns: &'a [&'a str],
}

/// A further column of a table, for [`Patron::column`], [`Membership::column`] and [`Record::column`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub(crate) index: usize,
}

impl Setup<'_> {
    /// The column `table.column`, or a sentence that tells the policy editor to add it.
    pub fn column(&self, name: &str) -> Result<Column, String> {
        let table = name.split_once('.').map_or(name, |(table, _)| table);
        let of_table = self.columns.iter().filter(|other| other.split_once('.').is_some_and(|(t, _)| t == table));
        of_table
            .enumerate()
            .find(|(_, other)| **other == name)
            .map(|(index, _)| Column { index })
            .ok_or_else(|| format!("this plugin reads the column `{name}`; add it to `columns`"))
    }
}

/// Where the verdicts about one patron go. A later verdict about the same membership or record replaces the earlier.
#[derive(Debug)]
pub struct Verdicts<'a> {
    pub(crate) memberships: &'a mut [abi::Verdict],
    pub(crate) records: &'a mut [abi::Verdict],
    pub(crate) reasons: &'static [&'static str],
}

impl Verdicts<'_> {
    /// The membership goes on, where the run or another plugin would end it. Needs the grant `keep-membership`.
    pub fn keep_membership(&mut self, membership: &Membership<'_>, reason: &str) {
        self.memberships[membership.index] = self.verdict(opinion::KEEP, reason);
    }

    /// The membership ends the day before the run. Needs the grant `deregister`.
    pub fn deregister(&mut self, membership: &Membership<'_>, reason: &str) {
        self.memberships[membership.index] = self.verdict(opinion::DEREGISTER, reason);
    }

    /// The record is kept. Needs the grant `keep-record`.
    pub fn keep_record(&mut self, record: &Record<'_>, reason: &str) {
        self.records[record.index] = self.verdict(opinion::KEEP, reason);
    }

    fn verdict(&self, opinion: u16, reason: &str) -> abi::Verdict {
        let place = self.reasons.iter().position(|declared| *declared == reason);
        let place = place.unwrap_or_else(|| panic!("the reason `{reason}` is not among the plugin's REASONS"));
        abi::Verdict { opinion, reason: u16::try_from(place).expect("a plugin has fewer than 65536 reasons") }
    }
}
