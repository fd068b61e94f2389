//! Numbers in English sentences. Every crate that writes sentences uses these, so that all of them write numbers alike.

/// A number with its noun: `1 row`, `1,200 rows`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// A number of months: `1 month`, `24 months`.
pub fn months(number: u32) -> String {
    count(number.into(), "month", "months")
}

/// A whole number with a comma before every three digits: `1,300,000`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            ["0", "999", "1,000", "1,300,000"],
            [0, 999, 1000, 1_300_000].map(thousands).each_ref().map(|s| &**s)
        );
    }

    #[test]
    fn one_month_takes_the_singular() {
        assert_eq!([1, 24, 1200].map(months), ["1 month", "24 months", "1,200 months"]);
    }
}
