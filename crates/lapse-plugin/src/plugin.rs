//! What the author of a plugin writes: the trait, with what an instance is made from and where its verdicts go.

use crate::abi::{self, opinion};
use crate::facts::{Column, Membership, Patron, Record};

/// A rule about patrons. An instance is made for each policy file that names the plugin.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// The name, in kebab-case. Reasons appear in the output as `name/reason`, with the name that the policy gives the plugin.
    const NAME: &'static str;
    /// The plugin's version.
    const VERSION: &'static str;
    /// The codes of every reason that the plugin may give, in kebab-case.
    const REASONS: &'static [&'static str];

    /// Makes an instance, or says in one sentence for a policy editor what is wrong with the config.
    fn create(setup: &Setup<'_>) -> Result<Self, String>;

    /// Judges one patron. Where the plugin gives no verdict, the decision of the built-in rules stands. The same patron must
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
    /// Lets the membership go on where the run or another plugin would end it. This needs the grant `keep-membership`.
    pub fn keep_membership(&mut self, membership: &Membership<'_>, reason: &str) {
        self.memberships[membership.index] = self.verdict(opinion::KEEP, reason);
    }

    /// Ends the membership the day before the run. This needs the grant `deregister`.
    pub fn deregister(&mut self, membership: &Membership<'_>, reason: &str) {
        self.memberships[membership.index] = self.verdict(opinion::DEREGISTER, reason);
    }

    /// Keeps the record. This needs the grant `keep-record`.
    pub fn keep_record(&mut self, record: &Record<'_>, reason: &str) {
        self.records[record.index] = self.verdict(opinion::KEEP, reason);
    }

    fn verdict(&self, opinion: u16, reason: &str) -> abi::Verdict {
        let place = self.reasons.iter().position(|declared| *declared == reason);
        let place = place.unwrap_or_else(|| panic!("the reason `{reason}` is not among the plugin's REASONS"));
        abi::Verdict { opinion, reason: u16::try_from(place).expect("a plugin has fewer than 65536 reasons") }
    }
}
