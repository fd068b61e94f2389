//! The language of a page: its messages, which are in a file of `messages/`, and the way it writes numbers, percentages and
//! days.

use std::collections::BTreeMap;
use std::fmt::Display;

use lapse_policy::Day;
use toml::{Table, Value};

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Dutch, as Flemish libraries write it.
    Nl,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 2] = [Language::En, Language::Nl];

    /// The code of the language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Nl => "nl",
        }
    }

    /// The code for `<html lang>`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Language::En => "en-GB",
            Language::Nl => "nl-BE",
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Language::En => include_str!("../messages/en.toml"),
            Language::Nl => include_str!("../messages/nl.toml"),
        }
    }

    const fn thousands_mark(self) -> char {
        match self {
            Language::En => ',',
            Language::Nl => '.',
        }
    }

    const fn decimal_mark(self) -> char {
        match self {
            Language::En => '.',
            Language::Nl => ',',
        }
    }

    /// A day in full, such as `1 July 2022`.
    pub fn day(self, day: Day) -> String {
        match self {
            Language::En => day.in_english(),
            Language::Nl => {
                let month = DUTCH_MONTHS[day.month() as usize - 1];
                format!("{} {month} {}", day.day_of_month(), day.year())
            }
        }
    }
}

const DUTCH_MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

/// The messages of a language.
pub(crate) struct Text {
    pub language: Language,
    messages: BTreeMap<String, String>,
}

impl Text {
    pub fn of(language: Language) -> Text {
        let file: Table = toml::from_str(language.file()).expect("a test reads every file of messages");
        let mut messages = BTreeMap::new();
        flatten("", file, &mut messages);
        Text { language, messages }
    }

    /// The message with this key.
    pub fn say(&self, key: &str) -> &str {
        let message = self.messages.get(key);
        debug_assert!(message.is_some(), "messages/{}.toml has no `{key}`", self.language.as_str());
        // In a release a page with a gap is more useful than no page.
        message.map_or("?", String::as_str)
    }

    /// An outcome or another word of the spec.
    pub fn word(&self, word: &str) -> &str {
        self.say(&format!("word.{word}"))
    }

    /// What such a word means.
    pub fn meaning(&self, word: &str) -> &str {
        self.say(&format!("meaning.{word}"))
    }

    /// A reason of the tables.
    pub fn reason(&self, reason: &str) -> &str {
        self.say(&format!("reason.{reason}"))
    }

    /// The message with this key, with `{name}` replaced by the value for each name.
    pub fn fill(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let mut rest = self.say(key);
        let mut filled = String::new();
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
        {
            filled.push_str(before);
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(&value.to_string()),
                None => debug_assert!(false, "`{key}` names {{{name}}}, which it is not given"),
            }
            rest = after;
        }
        filled + rest
    }

    /// A number with its noun, such as `1,200 records`: the messages `count.NOUN.one` and `count.NOUN.many`.
    pub fn count(&self, noun: &str, number: u64) -> String {
        let form = if number == 1 { "one" } else { "many" };
        self.fill(&format!("count.{noun}.{form}"), &[("n", &self.number(number))])
    }

    /// A whole number with its thousands apart.
    pub fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.language.thousands_mark());
            }
            text.push(digit);
        }
        text
    }

    /// A difference with its sign; the minus is the typographical character, not a hyphen.
    pub fn difference(&self, before: u64, after: u64) -> String {
        match after.cmp(&before) {
            std::cmp::Ordering::Less => format!("\u{2212}{}", self.number(before - after)),
            std::cmp::Ordering::Equal => "0".to_owned(),
            std::cmp::Ordering::Greater => format!("+{}", self.number(after - before)),
        }
    }

    /// A share in percent with one decimal, rounded; a dash where the whole is nothing.
    pub fn percent(&self, part: u64, whole: u64) -> String {
        if whole == 0 {
            return "\u{2013}".to_owned();
        }
        let (part, whole) = (u128::from(part), u128::from(whole));
        let tenths = (part * 2000 + whole) / (whole * 2);
        format!("{}{}{}%", tenths / 10, self.language.decimal_mark(), tenths % 10)
    }

    /// A percentage that a person chose, with as many decimals as that person wrote.
    pub fn rate(&self, percent: f64) -> String {
        format!("{percent}%").replace('.', &self.language.decimal_mark().to_string())
    }

    /// A day in full, such as `1 July 2022`.
    pub fn day(&self, day: Day) -> String {
        self.language.day(day)
    }
}

/// Gives the message `b` of the table `[a]` the key `a.b`, and so on for tables within tables.
fn flatten(prefix: &str, table: Table, messages: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(table) => flatten(&key, table, messages),
            Value::String(message) => _ = messages.insert(key, message),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Array(_) => {
                debug_assert!(false, "`{key}` is no message");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in `{}` of a message.
    fn names(message: &str) -> Vec<&str> {
        let mut names: Vec<&str> = message.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_has_the_same_messages_with_the_same_names_in_them() {
        let [en, nl] = Language::ALL.map(Text::of);
        assert_eq!(en.messages.keys().collect::<Vec<_>>(), nl.messages.keys().collect::<Vec<_>>());
        for (key, message) in &en.messages {
            let other = &nl.messages[key];
            assert_eq!(names(message), names(other), "{key}");
            assert!(!message.trim().is_empty() && !other.trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn every_message_is_used() {
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = String::new();
        for folder in ["src", "src/pages", "src/chart", "templates"] {
            for entry in std::fs::read_dir(sources.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        for key in Text::of(Language::En).messages.keys() {
            // The code makes some keys by putting a word of the engine or a number behind the dot.
            let (group, word) = key.rsplit_once('.').unwrap();
            let noun = group.rsplit_once('.').filter(|(group, _)| *group == "count").map(|(_, noun)| noun);
            let quoted = |text: &str| code.contains(&format!("\"{text}\""));
            let made = code.contains(&format!("\"{group}.{{"));
            assert!(quoted(key) || made || noun.is_some_and(quoted), "nothing says `{key}` ({word})");
        }
    }

    #[test]
    fn numbers_and_days_are_written_as_the_language_does() {
        let [en, nl] = Language::ALL.map(Text::of);
        let day = "2022-07-01".parse().unwrap();
        assert_eq!([en.number(1_234_567), nl.number(1_234_567)], ["1,234,567", "1.234.567"]);
        assert_eq!([en.percent(43, 1000), nl.percent(43, 1000)], ["4.3%", "4,3%"]);
        assert_eq!([en.percent(1, 0), en.percent(u64::MAX, u64::MAX)], ["\u{2013}", "100.0%"]);
        assert_eq!([en.rate(10.0), nl.rate(2.5)], ["10%", "2,5%"]);
        assert_eq!([en.day(day), nl.day(day)], ["1 July 2022", "1 juli 2022"]);
        assert_eq!([en.difference(1500, 200), en.difference(3, 3), en.difference(1, 2)], ["\u{2212}1,300", "0", "+1"]);
    }

    #[test]
    fn a_message_takes_its_values_as_they_are() {
        let en = Text::of(Language::En);
        let made = en.fill("guard.limit", &[("key", &"{key}"), ("limit", &"<5>")]);
        assert!(made.contains("{key}") && made.contains("<5>"), "{made}");
        assert_eq!([en.count("patron", 1), en.count("patron", 2000)], ["1 patron", "2,000 patrons"]);
    }
}
