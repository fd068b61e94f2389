//! Text in Markdown, for comments on a change.

/// Text that Markdown shows as it is, in one line.
pub fn escaped(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '@' => {
                markdown.push('\\');
                markdown.push(c);
            }
            '\n' | '\r' => markdown.push(' '),
            c => markdown.push(c),
        }
    }
    markdown
}
