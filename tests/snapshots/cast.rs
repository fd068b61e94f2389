//! The cast of `cast/cast.toml`: patrons whose facts name libraries by the role that they play, and what the engine
//! takes once each role has a library.

use lapse_engine::carry::PatronRows;
use lapse_engine::{Account, AccountColumns, Activity, Codes, LibraryId, Membership, Status, Told};
use lapse_policy::{Day, DayPolicy};
use serde::Deserialize;
use toml::value::{Date, Datetime};

/// Every patron, by what they show.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
}

/// The patrons that show one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub title: String,
    #[serde(rename = "patron")]
    pub members: Vec<Member>,
}

/// One patron. The keys are the columns of the tables (interface.md, "Data in"), with their defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: String,
    /// What this patron is there to show, as a sentence for people.
    pub shows: String,
    /// A row of this patron was rejected.
    #[serde(default)]
    pub held: bool,
    /// Tables that the extract of this patron lacks.
    #[serde(default)]
    pub lacks: Vec<Lack>,
    /// Columns beyond those of the contract, which only plugins read.
    pub deceased_on: Option<String>,
    #[serde(default = "keeps_history")]
    pub loan_history: bool,
    pub profile_last_active: Option<CastDay>,
    #[serde(default)]
    pub memberships: Vec<MembershipFact>,
    #[serde(default)]
    pub activity: Vec<ActivityFact>,
    #[serde(default)]
    pub accounts: Vec<AccountFact>,
}

/// A table that an extract can lack.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    Activity,
    Accounts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipFact {
    #[serde(default)]
    pub library: Role,
    pub subscription: String,
    pub valid_from: CastDay,
    pub valid_until: Option<CastDay>,
    #[serde(default)]
    pub status: StatusFact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityFact {
    pub library: Option<Role>,
    pub source: String,
    pub last_active: CastDay,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountFact {
    #[serde(default)]
    pub library: Role,
    pub owed: Option<String>,
    pub credit: Option<String>,
    pub blocks: Option<String>,
    #[serde(default)]
    pub items: u32,
    pub settled_on: Option<CastDay>,
    pub open_requests: Option<String>,
}

/// Which library a fact is about.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The library of the snapshot.
    #[default]
    Here,
    /// Another library of its group.
    Neighbour,
    /// A library outside its group.
    Elsewhere,
    /// A library without policy.
    Unknown,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusFact {
    #[default]
    Active,
    Deregistered,
    Cancelled,
}

/// A day as TOML writes it.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Datetime")]
pub struct CastDay(pub Day);

impl TryFrom<Datetime> for CastDay {
    type Error = String;

    fn try_from(written: Datetime) -> Result<CastDay, String> {
        let Datetime { date: Some(Date { year, month, day }), time: None, offset: None } = written else {
            return Err(format!("{written} is not a day"));
        };
        Day::new(year.into(), month.into(), day.into()).map(CastDay).ok_or_else(|| format!("{written} is not a day"))
    }
}

fn keeps_history() -> bool {
    true
}

impl Cast {
    /// The cast as it stands in its file.
    pub fn read() -> Cast {
        toml::from_str(include_str!("../cast/cast.toml")).unwrap_or_else(|error| panic!("cast.toml: {error}"))
    }

    /// The patrons of `cast/plugins.toml`, who have columns that only plugins read.
    pub fn for_plugins() -> Cast {
        toml::from_str(include_str!("../cast/plugins.toml")).unwrap_or_else(|error| panic!("plugins.toml: {error}"))
    }

    /// Every patron, in the order of the file.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.parts.iter().flat_map(|part| &part.members)
    }
}

/// Which library plays which role, in one snapshot.
pub struct Stage {
    pub here: LibraryId,
    neighbour: Option<LibraryId>,
    elsewhere: Option<LibraryId>,
}

impl Stage {
    /// The stage at the library with this place in the policy.
    pub fn at(here: usize, policy: &DayPolicy) -> Stage {
        let libraries = &policy.libraries;
        let group = libraries[here].group;
        let first = |plays: &dyn Fn(usize) -> bool| (0..libraries.len()).find(|&at| plays(at)).map(LibraryId::new);
        let shares_group = |at: usize| group.is_some() && libraries[at].group == group;
        Stage {
            here: LibraryId::new(here),
            neighbour: first(&|at| at != here && shares_group(at)),
            elsewhere: first(&|at| at != here && !shares_group(at)),
        }
    }

    /// Who plays a role; nobody where there is no such library.
    pub fn library(&self, role: Role, codes: &mut Codes) -> Option<LibraryId> {
        match role {
            Role::Here => Some(self.here),
            Role::Neighbour => self.neighbour,
            Role::Elsewhere => self.elsewhere,
            Role::Unknown => Some(codes.libraries.intern("a-library-without-policy")),
        }
    }
}

impl Member {
    /// The facts that the engine takes. Gives nothing where no library can play a role that this patron needs.
    pub fn on(&self, stage: &Stage, codes: &mut Codes) -> Option<PatronRows> {
        Some(PatronRows {
            told: Told {
                activity: !self.lacks.contains(&Lack::Activity),
                accounts: if self.lacks.contains(&Lack::Accounts) {
                    AccountColumns::default()
                } else {
                    AccountColumns::ALL
                },
                ..Told::ALL
            },
            held: self.held,
            profile_last_active: self.profile_last_active.map(|CastDay(day)| day),
            keeps_history: self.loan_history,
            memberships: self.memberships.iter().map(|fact| fact.on(stage, codes)).collect::<Option<_>>()?,
            activity: self.activity.iter().map(|fact| fact.on(stage, codes)).collect::<Option<_>>()?,
            accounts: self.accounts.iter().map(|fact| fact.on(stage, codes)).collect::<Option<_>>()?,
            ..PatronRows::default()
        })
    }
}

impl MembershipFact {
    /// Ended by its status.
    pub fn is_ended(&self) -> bool {
        !matches!(self.status, StatusFact::Active)
    }

    fn on(&self, stage: &Stage, codes: &mut Codes) -> Option<Membership> {
        Some(Membership {
            library: stage.library(self.library, codes)?,
            subscription: codes.subscriptions.intern(&self.subscription),
            valid_from: self.valid_from.0,
            valid_until: self.valid_until.map(|CastDay(day)| day),
            status: match self.status {
                StatusFact::Active => Status::Active,
                StatusFact::Deregistered => Status::Deregistered,
                StatusFact::Cancelled => Status::Cancelled,
            },
        })
    }
}

impl ActivityFact {
    fn on(&self, stage: &Stage, codes: &mut Codes) -> Option<Activity> {
        let library = match self.library {
            Some(role) => Some(stage.library(role, codes)?),
            None => None,
        };
        Some(Activity { library, source: codes.sources.intern(&self.source), last_active: self.last_active.0 })
    }
}

impl AccountFact {
    fn on(&self, stage: &Stage, codes: &mut Codes) -> Option<Account> {
        let is_not_zero = |amount: &Option<String>| {
            amount.iter().flat_map(|text| text.bytes()).any(|byte| matches!(byte, b'1'..=b'9'))
        };
        Some(Account {
            library: stage.library(self.library, codes)?,
            owes: is_not_zero(&self.owed),
            has_credit: is_not_zero(&self.credit),
            has_items: self.items > 0,
            blocks: self.blocks.as_deref().map(|cell| codes.blocks.intern(cell)),
            settled_on: self.settled_on.map(|CastDay(day)| day),
        })
    }
}
