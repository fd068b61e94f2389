//! The numbers of the ABI for what the engine and the policy have as types: days, statuses, outcomes and reasons.

use lapse_engine::{MembershipOutcome, MembershipReason, Status};
use lapse_plugin::abi;
use lapse_policy::Day;

/// Days since 1970-01-01, as the ABI counts them. It is called several times for each patron.
#[inline]
pub(crate) fn days(day: Option<Day>) -> i32 {
    /// Days of a common year before each month.
    const BEFORE_MONTH: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let Some(day) = day else { return abi::NO_DATE };
    let (year, month, of_month) = (day.year().cast_signed(), day.month() as usize, day.day_of_month().cast_signed());
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let past = year - 1;
    let before_year = past * 365 + past / 4 - past / 100 + past / 400;
    before_year + BEFORE_MONTH[month - 1] + i32::from(month > 2 && leap) + of_month - 719_163
}

#[inline]
pub(crate) fn status(status: Status) -> u8 {
    match status {
        Status::Active => abi::status::ACTIVE,
        Status::Deregistered => abi::status::DEREGISTERED,
        Status::Cancelled => abi::status::CANCELLED,
    }
}

#[inline]
pub(crate) fn outcome(outcome: MembershipOutcome) -> u8 {
    match outcome {
        MembershipOutcome::Valid => abi::outcome::VALID,
        MembershipOutcome::Renewed => abi::outcome::RENEWED,
        MembershipOutcome::Deregistered => abi::outcome::DEREGISTERED,
        MembershipOutcome::Expired => abi::outcome::EXPIRED,
    }
}

#[inline]
pub(crate) fn reason(reason: MembershipReason) -> u8 {
    match reason {
        MembershipReason::NoPolicy => abi::reason::NO_POLICY,
        MembershipReason::Ended => abi::reason::ENDED,
        MembershipReason::StartsLater => abi::reason::STARTS_LATER,
        MembershipReason::Inactive => abi::reason::INACTIVE,
        MembershipReason::NotAPerson => abi::reason::NOT_A_PERSON,
        MembershipReason::Automatic => abi::reason::AUTOMATIC,
        MembershipReason::NoRenewal => abi::reason::NO_RENEWAL,
        MembershipReason::Paid => abi::reason::PAID,
        MembershipReason::Active => abi::reason::ACTIVE,
        MembershipReason::BadInput => abi::reason::BAD_INPUT,
        MembershipReason::NotRenewed => abi::reason::NOT_RENEWED,
        MembershipReason::Succeeded => abi::reason::SUCCEEDED,
        MembershipReason::Cancelled => abi::reason::CANCELLED,
        MembershipReason::End => abi::reason::END,
        MembershipReason::Keep => abi::reason::KEEP,
        MembershipReason::Grace => abi::reason::GRACE,
        MembershipReason::ActivityUnknown => abi::reason::ACTIVITY_UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_sdk() {
        for text in ["0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2022-07-01", "2100-03-01", "9999-12-31"] {
            let day: Day = text.parse().unwrap();
            assert_eq!(days(Some(day)), lapse_plugin::Date::parse(text).unwrap().days(), "{text}");
        }
        assert_eq!(days(None), abi::NO_DATE);
    }
}
