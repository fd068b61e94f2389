//! Comments: those between keys and values, as the reader of TOML keeps them, and those of a whole text.

/// The lines before a key, a header or an element: comments, and one blank line for each group of blank lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leading(Vec<Line>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Blank,
    Comment(String),
}

impl Leading {
    /// The lines before something that begins a line.
    pub fn of(text: &str) -> Leading {
        let mut lines = Vec::new();
        // Behind the last line feed there are only the spaces before the key.
        let whole = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
        if text.contains('\n') {
            for line in whole.split('\n').map(str::trim) {
                if !line.is_empty() {
                    lines.push(Line::Comment(line.to_owned()));
                } else if lines.last() != Some(&Line::Blank) {
                    lines.push(Line::Blank);
                }
            }
        }
        Leading(lines)
    }

    /// Whether there is more than blank lines.
    pub fn has_comments(&self) -> bool {
        self.0.iter().any(|line| *line != Line::Blank)
    }

    /// Takes the first comments away where no blank line separates them from what comes before, and one does from what
    /// follows.
    pub fn take_tail(&mut self) -> Leading {
        match self.0.iter().position(|line| *line == Line::Blank) {
            Some(blank) if blank > 0 => Leading(self.0.drain(..blank).collect()),
            Some(_) | None => Leading::default(),
        }
    }

    /// Without blank lines at both ends.
    pub fn trimmed(mut self) -> Leading {
        self.trim_start();
        while self.0.last() == Some(&Line::Blank) {
            self.0.pop();
        }
        self
    }

    /// Adds lines at the end.
    pub fn append(&mut self, mut more: Leading) {
        self.0.append(&mut more.0);
    }

    /// Removes blank lines at the start.
    pub fn trim_start(&mut self) {
        let start = self.0.iter().position(|line| *line != Line::Blank).unwrap_or(self.0.len());
        self.0.drain(..start);
    }

    /// Writes the lines with this number of spaces before comments.
    pub fn write(&self, indent: usize, text: &mut String) {
        for line in &self.0 {
            if let Line::Comment(comment) = line {
                text.push_str(&" ".repeat(indent));
                text.push_str(comment);
            }
            text.push('\n');
        }
    }
}

/// Cuts off the comments at the beginning of a file that a blank line separates from its first key or header.
pub fn split_head(text: &str) -> (Leading, &str) {
    let mut end = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        at += line.len();
        if content.is_empty() {
            end = at;
        } else if !content.starts_with('#') {
            break;
        }
    }
    (Leading::of(&text[..end]).trimmed(), &text[end..])
}

/// The comment at the end of a line, if there is one.
pub fn trailing(text: &str) -> Option<String> {
    let comment = text.split('\n').next()?.trim();
    (!comment.is_empty()).then(|| comment.to_owned())
}

/// Every comment of a TOML text, sorted, so that two texts can be compared however they are laid out.
pub fn all(text: &str) -> Vec<&str> {
    let mut comments = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        let found = &rest[at..];
        if found.starts_with('#') {
            let end = found.find('\n').unwrap_or(found.len());
            comments.push(found[..end].trim_end());
            rest = &found[end..];
        } else {
            rest = &found[string_length(found)..];
        }
    }
    comments.sort_unstable();
    comments
}

/// The number of bytes of the TOML string with which a text begins.
fn string_length(text: &str) -> usize {
    let quote = &text[..1];
    let basic = quote == "\"";
    let closing = if text.starts_with(&quote.repeat(3)) { quote.repeat(3) } else { quote.to_owned() };
    let mut at = closing.len();
    while at < text.len() && !text[at..].starts_with(&closing) {
        let escape = basic && text[at..].starts_with('\\');
        at += usize::from(escape);
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    at = (at + closing.len()).min(text.len());
    // One or two quotes directly before the closing ones belong to a long string.
    while closing.len() == 3 && text[at..].starts_with(quote) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_comment_in_a_text_is_none() {
        assert_eq!(all("a = \"# no\" # yes"), ["# yes"]);
        assert_eq!(all("a = '# no' # yes"), ["# yes"]);
        assert_eq!(all("a = \"\\\"# no\" # yes"), ["# yes"]);
        assert_eq!(all("a = \"\"\"\n\" # no\"\"\"\" # yes"), ["# yes"]);
        assert_eq!(all("a = '''\n' # no''' # yes"), ["# yes"]);
        assert_eq!(all("# b\n# a"), ["# a", "# b"]);
    }
}
