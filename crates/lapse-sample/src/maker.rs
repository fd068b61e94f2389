//! The maker of rows: each function is a part of many stories, such as being a member, being seen or leaving, and adds the
//! rows that say so.

use lapse_engine::Status;
use lapse_policy::{Day, DayPolicy};

use crate::bad_row::BadRow;
use crate::chance::{Chance, back};
use crate::draft::{AccountRow, ActivityRow, Draft, MembershipRow};
use crate::kinds::{Holders, Kind};
use crate::places::{Place, Places};
use crate::runs::{Runs, Span};
use crate::stories::Open;

/// For this long a source that rests has sent nothing.
const RESTS_SINCE_MONTHS: u32 = 24;

/// Makes the rows of one patron at a time.
pub struct Maker<'p> {
    pub places: &'p Places,
    pub runs: Runs,
    pub profile_months: u32,
    pub chance: Chance,
    pub draft: Draft<'p>,
    /// Which libraries have a regular: a patron whom every source that does not rest has just seen. Activity elsewhere names no library, so
    /// that no guard takes a source for one that has stopped.
    pub has_regular: Vec<bool>,
}

impl<'p> Maker<'p> {
    /// Makes patrons of `places` under `policy`.
    pub fn new(policy: &DayPolicy, places: &'p Places, chance: Chance) -> Maker<'p> {
        Maker {
            places,
            runs: Runs::around(policy.date, policy.consortium.run_day.value),
            profile_months: policy.consortium.profile_inactive_months.value,
            chance,
            draft: Draft::default(),
            has_regular: vec![false; places.homes.len()],
        }
    }

    /// Says who the patron is.
    pub fn person(&mut self, place: &Place) {
        let Some((from, to)) = place.holders.ages() else { return };
        self.draft.birth =
            Some(Span(self.runs.months_ago(to).next(), self.runs.months_ago(from)).draw(&mut self.chance));
        self.draft.loan_history = match self.chance.below(4) {
            0 => "false",
            1 => "",
            _ => "true",
        };
    }

    /// The days on which a membership that is in force ends: from the run day on, for one term.
    pub fn current(&self, place: &Place) -> Span {
        Span(self.runs.run, self.runs.run.add_months(place.rules.term_months.cast_signed()))
    }

    /// Days from which `months` have long passed.
    pub fn long_ago(&self, months: u32) -> Span {
        Span(self.runs.months_ago(months + 60), self.runs.first_within(months))
    }

    /// They are a member of this library, and perhaps of others; perhaps they had another subscription before.
    pub fn member_here_and_elsewhere(&mut self, place: &'p Place, ends: Span) {
        self.formerly(place);
        self.member(place, ends);
        while place.holders.are_persons() && self.draft.memberships.len() < 5 && self.chance.per_mille(250) {
            let Some(elsewhere) = self.places.another_home(place.library, &mut self.chance) else { return };
            let code = &*self.places.homes[elsewhere].code;
            if let Some(there) = self.places.place_at(elsewhere, place, &mut self.chance)
                && self.draft.memberships.iter().all(|row| row.library != code)
            {
                self.member(there, self.current(there));
            }
        }
    }

    /// Some adults under 20 have a youth membership that was cancelled when they grew up.
    fn formerly(&mut self, place: &'p Place) {
        let places = self.places;
        let Some(birth) = self.draft.birth else { return };
        let grown = birth.add_months(18 * 12);
        if place.holders == Holders::Adults && grown > self.runs.months_ago(20 * 12) && self.chance.per_mille(250) {
            let young = places.at(place.library).find(|other| other.holders == Holders::Youth);
            if let Some(young) = young {
                self.join(young, grown.min(self.runs.run).previous(), grown, Status::Cancelled);
            }
        }
    }

    /// They are a member until one of these days, and come to the library.
    pub fn member(&mut self, place: &'p Place, ends: Span) {
        let run = self.runs.run;
        let until = ends.draw(&mut self.chance);
        let from = self.join(place, until, run, Status::Active);
        let endless = match place.kind {
            Kind::Body => 300,
            Kind::Lapsing | Kind::Automatic => 20,
            Kind::AtDesk | Kind::Paid | Kind::BodyAtDesk => 0,
        };
        if until >= run && self.chance.per_mille(endless) {
            let no_end = if self.chance.per_mille(500) { Some(Day::MAX) } else { None };
            self.draft.memberships.last_mut().expect("they have just joined").until = no_end;
        }
        let seen_since = match place.kind {
            Kind::Lapsing => self.runs.first_within(place.rules.lapse_months),
            Kind::Automatic | Kind::AtDesk | Kind::Paid | Kind::Body | Kind::BodyAtDesk => self.runs.months_ago(48),
        };
        self.comes(place, Span(seen_since.max(from), run));
        if place.holders.are_persons() && self.draft.profile.is_none() && self.chance.per_mille(550) {
            self.profile(Span(self.runs.months_ago(60).max(from), run));
        }
        if self.chance.per_mille(300) {
            self.account(place.library);
        }
    }

    /// Adds a membership until `until`, which began some terms before: not after `latest`, and not long before the age at
    /// which people have it. Gives the day on which it began.
    fn join(&mut self, place: &'p Place, until: Day, latest: Day, status: Status) -> Day {
        let age = place.holders.ages().map_or(0, |(age, _)| age.cast_signed());
        let birth = self.draft.birth.unwrap_or(self.runs.months_ago(20 * 12));
        let (earliest, latest) = (birth.add_months(age), latest.min(until));
        let a_term_before = |day: Day| day.add_months(-place.rules.term_months.cast_signed());
        let mut from = a_term_before(until.next());
        while from > latest || a_term_before(from) >= earliest && self.chance.per_mille(750) {
            from = a_term_before(from);
        }
        let from = from.max(birth).min(latest);
        let (library, subscription) = (&*self.places.home(place).code, &*place.subscription);
        self.draft.memberships.push(MembershipRow { library, subscription, from, until: Some(until), status });
        from
    }

    /// They are a member, and have now not been seen for longer than the lapse term, or never since they enrolled.
    pub fn lapses(&mut self, place: &'p Place) {
        let last = self.runs.just_exceeded(place.rules.lapse_months).draw(&mut self.chance);
        let until = Span(self.runs.previous, self.current(place).1).draw(&mut self.chance);
        self.join(place, until, last, Status::Active);
        if self.chance.per_mille(100) {
            self.draft.memberships.last_mut().expect("they have just joined").from = last;
            return;
        }
        self.visit(place.library, last);
        if self.chance.per_mille(400) {
            self.profile(Span(last.add_months(-6), last.next()));
        }
        if self.chance.per_mille(50) {
            let library = self.known_at(place.library);
            let on = self.recent(Span(last, self.runs.run));
            self.draft.activity.push(ActivityRow { library, source: &self.places.sources.uncounted, on });
        }
    }

    /// They are enrolled from a day to come.
    pub fn starts_later(&mut self, place: &'p Place) {
        let run = self.runs.run;
        let from = Span(run.next(), run.add_months(2)).draw(&mut self.chance);
        let until = from.add_months(place.rules.term_months.cast_signed()).previous().max(from);
        self.join(place, until, until, Status::Active);
        self.draft.memberships.last_mut().expect("they have just joined").from = from;
    }

    /// They are without their membership since one of the days `gone`. A run ended it where `by_run` allows that and the
    /// membership can lapse; otherwise it ended at its date or at the desk.
    pub fn left(&mut self, place: &'p Place, gone: Span, by_run: bool) {
        let near = gone.draw(&mut self.chance);
        let run = if by_run && place.rules.can_lapse() { self.runs.earlier_within(gone, near) } else { None };
        let gone = run.unwrap_or(near);
        let (status, seen) = match run {
            Some(run) => (Status::Deregistered, self.runs.exceeded_first_on(run, place.rules.lapse_months)),
            None if place.rules.renews() || self.chance.per_mille(100) => {
                (Status::Cancelled, Span(gone.add_months(-24), gone))
            }
            None => (Status::Active, Span(gone.add_months(-24), gone)),
        };
        let from = self.join(place, gone.previous(), seen.1.previous(), status);
        self.comes(place, Span(seen.0.max(from), seen.1));
    }

    /// They left so lately that the record stays.
    pub fn left_lately(&mut self, place: &'p Place) {
        let run = self.runs.run;
        self.left(place, Span(self.runs.first_within(self.places.home(place).ended_months), run), true);
        if self.chance.per_mille(200) {
            let &open = self.chance.one(&Open::ALL).expect("something may be open");
            self.open_account(place.library, open);
        }
        if place.holders.are_persons() && self.chance.per_mille(150) {
            self.profile(Span(self.runs.first_within(self.profile_months), run));
        }
    }

    /// Adds a membership that has no policy.
    pub fn unknown(&mut self, library: &'p [u8], subscription: &'p [u8], until: Day) {
        let (from, status) = (until.add_months(-36), Status::Active);
        self.draft.memberships.push(MembershipRow { library, subscription, from, until: Some(until), status });
    }

    /// They were seen on some of these days, more likely on the last of them.
    fn comes(&mut self, place: &Place, days: Span) {
        if days.0 >= days.1 {
            return;
        }
        let last = self.recent(days);
        self.visit(place.library, last);
        if self.chance.per_mille(150) {
            let before = self.recent(Span(days.0, last.next()));
            self.visit(place.library, before);
        }
    }

    /// One of these days, more likely one of the last.
    fn recent(&mut self, Span(from, end): Span) -> Day {
        let days = u32::try_from(end.days_since(from)).unwrap_or(0);
        let most = self.chance.small(days) + 1;
        back(end, 1 + self.chance.small(most)).max(from)
    }

    /// They were seen by a source that the library counts. Lately they were not seen by one that rests.
    pub fn visit(&mut self, library: usize, on: Day) {
        let sources = &self.places.sources;
        let number = sources.counted(library).draw(&mut self.chance).expect("every library counts a source");
        let drawn = sources.get(number);
        let is_late = on > self.runs.months_ago(RESTS_SINCE_MONTHS);
        let source = if drawn.rests && is_late { sources.awake(library).unwrap_or(drawn) } else { drawn };
        let library = if source.online { None } else { self.known_at(library) };
        self.draft.activity.push(ActivityRow { library, source: &source.name, on });
    }

    /// They were seen lately by every source that does not rest, as the first patron of each library is.
    pub fn seen_by_all(&mut self, place: &Place) {
        let home = self.places.home(place);
        for source in self.places.sources.all() {
            let on = Span(back(self.runs.run, home.fresh_days), self.runs.run).draw(&mut self.chance);
            if source.rests {
                continue;
            }
            let library = if source.online { None } else { Some(&*home.code) };
            self.draft.activity.push(ActivityRow { library, source: &source.name, on });
        }
    }

    /// The library as rows of activity name it: not at all while it has no regular.
    fn known_at(&self, library: usize) -> Option<&'p [u8]> {
        self.has_regular[library].then(|| &*self.places.homes[library].code)
    }

    /// They have a profile, last used on one of these days. Where some library counts its source, activity says the same.
    pub fn profile(&mut self, days: Span) {
        let on = self.recent(days);
        self.draft.profile = Some(on);
        if let Some(source) = self.places.sources.online() {
            self.draft.activity.push(ActivityRow { library: None, source: &source.name, on });
        }
    }

    /// They have an account, as members do.
    fn account(&mut self, library: usize) {
        let home = &self.places.homes[library];
        let mut account = AccountRow::clear(&home.code);
        if self.chance.per_mille(600) {
            account.items = 1 + self.chance.small(12);
        }
        if self.chance.per_mille(150) {
            account.owed = 10 * (1 + self.chance.small(300));
        }
        if self.chance.per_mille(200) {
            account.settled_on = Some(Span(self.runs.months_ago(48), self.runs.run).draw(&mut self.chance));
        }
        if self.chance.per_mille(20) {
            account.blocks = &home.other_block;
        }
        self.draft.accounts.push(account);
    }

    /// They have an account that holds the record.
    pub fn open_account(&mut self, library: usize, open: Open) {
        let home = &self.places.homes[library];
        let mut account = AccountRow::clear(&home.code);
        match open {
            Open::Owes => account.owed = 10 * (1 + self.chance.small(500)),
            Open::Credit => account.credit = 50 * (1 + self.chance.small(40)),
            Open::Blocked => account.blocks = self.chance.one(&home.holding_blocks).map_or(b"", |blocks| blocks),
            Open::Items => account.items = 1 + self.chance.small(5),
            Open::Settled => {
                let days = Span(self.runs.first_within(home.settled_months), self.runs.run);
                account.settled_on = Some(days.draw(&mut self.chance));
            }
        }
        self.draft.accounts.push(account);
    }

    /// They have an account that does not hold the record.
    pub fn closed_account(&mut self, library: usize) {
        let home = &self.places.homes[library];
        let mut account = AccountRow::clear(&home.code);
        if self.chance.per_mille(500) {
            account.settled_on = Some(self.long_ago(home.settled_months).draw(&mut self.chance));
        }
        if self.chance.per_mille(300) {
            account.blocks = &home.other_block;
        }
        self.draft.accounts.push(account);
    }

    /// Adds a row that cannot be used. The patron gets a profile, and an account where that is the row that comes twice.
    pub fn spoil(&mut self, bad_row: BadRow, place: &Place) {
        let library = &*self.places.home(place).code;
        self.draft.bad_row = Some((bad_row, library));
        self.draft.profile.get_or_insert(self.runs.months_ago(self.profile_months + 1));
        if bad_row == BadRow::SecondAccount {
            let first = self.draft.accounts.iter().find(|row| row.library == library).copied();
            let first = first.unwrap_or_else(|| {
                self.draft.accounts.push(AccountRow::clear(library));
                AccountRow::clear(library)
            });
            self.draft.accounts.push(first);
        }
    }
}
