//! Random choices. They use whole numbers only, so that a seed gives the same data on every machine, and only the raw
//! 64-bit stream of `fastrand`, because a new version of it may draw from a range in another way.

use fastrand::Rng;
use lapse_policy::Day;

/// A source of random choices.
pub struct Chance(Rng);

impl Chance {
    /// The same seed gives the same sequence.
    pub fn new(seed: u64) -> Chance {
        Chance(Rng::with_seed(seed))
    }

    /// A number from 0 up to, not including, `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        let high = self.0.u64(..) >> 32;
        ((high * u64::from(end)) >> 32) as u32
    }

    /// True this many times in a thousand, on average.
    pub fn per_mille(&mut self, times: u32) -> bool {
        self.below(1000) < times
    }

    /// A number below `end`; small numbers come more often than large ones.
    pub fn small(&mut self, end: u32) -> u32 {
        self.below(end).min(self.below(end))
    }

    /// A day from `from` up to, not including, `end`; `from` where that leaves no day.
    pub fn day(&mut self, from: Day, end: Day) -> Day {
        let days = u32::try_from(end.days_since(from)).unwrap_or(0);
        back(from, -i64::from(self.below(days)))
    }

    /// One of `items`; `None` where `items` is empty.
    pub fn one<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(items.len()).expect("no policy has four billion of anything");
        items.get(self.below(count) as usize)
    }

    /// Puts `items` in a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let end = u32::try_from(last + 1).expect("no policy has four billion of anything");
            items.swap(last, self.below(end) as usize);
        }
    }
}

/// The day that lies `days` days before `day`, or after it where `days` is negative.
pub fn back(day: Day, days: impl Into<i64>) -> Day {
    let days = i32::try_from(days.into()).expect("the calendar has fewer than four million days");
    day.add_days(-days)
}

/// Items of which some are drawn more often than others.
pub struct Weighted<T> {
    /// Each with the sum of the weights up to and including its own.
    items: Vec<(u32, T)>,
}

impl<T: Copy> Weighted<T> {
    /// Takes each item with its weight; an item of weight 0 is never drawn.
    pub fn new(items: impl IntoIterator<Item = (u32, T)>) -> Weighted<T> {
        let mut sum: u32 = 0;
        let summed = items.into_iter().filter(|&(weight, _)| weight > 0).map(|(weight, item)| {
            sum = sum.checked_add(weight).expect("weights are small");
            (sum, item)
        });
        Weighted { items: summed.collect() }
    }

    /// Draws an item; `None` where no item has a weight above 0.
    pub fn draw(&self, chance: &mut Chance) -> Option<T> {
        let &(total, _) = self.items.last()?;
        let drawn = chance.below(total);
        Some(self.items[self.items.partition_point(|&(sum, _)| sum <= drawn)].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weighs_nothing_is_never_drawn_and_the_rest_by_weight() {
        let mut chance = Chance::new(7);
        let weighted = Weighted::new([(0, 'a'), (1, 'b'), (9, 'c'), (0, 'd')]);
        let drawn: String = (0..10_000).filter_map(|_| weighted.draw(&mut chance)).collect();
        let count = |letter| drawn.matches(letter).count();
        assert_eq!((count('a'), count('d'), drawn.len()), (0, 0, 10_000));
        assert!((800..1200).contains(&count('b')), "{}", count('b'));
        assert_eq!(Weighted::<char>::new([(0, 'a')]).draw(&mut chance), None);
    }

    #[test]
    fn a_day_lies_within_its_bounds() {
        let mut chance = Chance::new(7);
        let day = |text: &str| text.parse::<Day>().unwrap();
        let drawn: Vec<Day> = (0..500).map(|_| chance.day(day("2022-06-29"), day("2022-07-02"))).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&day("2022-06-29")), Some(&day("2022-07-01"))));
        assert_eq!(chance.day(day("2022-07-02"), day("2022-07-02")), day("2022-07-02"));
        assert_eq!(chance.day(day("2022-07-02"), day("2022-06-01")), day("2022-07-02"));
    }

    #[test]
    fn a_seed_gives_the_same_numbers_for_good() {
        let mut chance = Chance::new(1);
        assert_eq!([1000; 5].map(|end| chance.below(end)), [657, 534, 239, 778, 9]);
    }
}
