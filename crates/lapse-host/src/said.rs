//! Words that come from a plugin or from its process: whatever was sent, they are short and can be shown on one line.

use std::fmt;

use lapse_policy::{cut, shown};
use serde::{Deserialize, Serialize};

/// Longer texts are cut: this many characters are a long sentence.
const MOST: usize = 1_000;

/// A text from the other side of the boundary, safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Said(String);

impl Said {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Said {
    fn from(text: String) -> Said {
        Said(shown(&cut(&text, MOST)).into_owned())
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Said {
        Said::from(text.to_owned())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plugin_says_commands_no_terminal_and_fills_no_screen() {
        assert_eq!(
            Said::from("so\n\u{1b}[31mP1,deregistered\u{202e}").as_str(),
            "so\\u000a\\u001b[31mP1,deregistered\\u202e"
        );
        assert_eq!(Said::from("é".repeat(2_000)).as_str().chars().count(), MOST + 1);
        let sent: Said = serde_json::from_str("\"a\\r\\nb\"").unwrap();
        assert_eq!(sent.to_string(), "a\\u000d\\u000ab");
    }
}
