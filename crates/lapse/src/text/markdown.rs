//! Text in Markdown, for comments on a change.

use lapse_policy::shown;

/// Text that Markdown shows as it is, in one line.
pub fn escaped(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    let text = text.replace(['\n', '\r'], " ");
    for c in shown(&text).chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '@' => {
                markdown.push('\\');
                markdown.push(c);
            }
            c => markdown.push(c),
        }
    }
    markdown
}
