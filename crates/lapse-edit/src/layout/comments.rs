//! Comments, as they stand between keys and values: read from what TOML leaves to people, and found in a whole text.

/// The lines before a key, a header or an element: comments, and one blank line wherever there were some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leading(Vec<Line>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Blank,
    Comment(String),
}

impl Leading {
    /// What stands before something that begins a line.
    pub fn of(text: &str) -> Leading {
        let mut lines = Vec::new();
        // After the last line feed there is only what the key is indented by.
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

    pub fn has_comments(&self) -> bool {
        self.0.iter().any(|line| *line != Line::Blank)
    }

    /// Takes the first paragraph away where it stands directly below what comes before and apart from what follows.
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

    pub fn append(&mut self, mut more: Leading) {
        self.0.append(&mut more.0);
    }

    pub fn trim_start(&mut self) {
        let start = self.0.iter().position(|line| *line != Line::Blank).unwrap_or(self.0.len());
        self.0.drain(..start);
    }

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

/// Cuts off the comments that a file begins with and a blank line parts from its first key or header.
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

/// Every comment of a TOML text, sorted: two texts with the same comments have the same.
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

/// The bytes of the TOML string with which a text begins.
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
    // A long string may end with one or two quotes of its own.
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
