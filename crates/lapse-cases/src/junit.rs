//! Results of cases as `JUnit` XML, which continuous integration systems show.

use std::fmt::Write as _;

use crate::casefile::CaseFile;
use crate::suite::Tried;

/// The cases of one file.
pub struct Suite<'a> {
    /// The file.
    pub path: &'a str,
    /// In their order.
    pub cases: Vec<Tested<'a>>,
}

/// One case.
pub struct Tested<'a> {
    /// Its name.
    pub name: &'a str,
    /// The line in the file.
    pub line: usize,
    /// What was not as expected, in short and with the explanation; none where all was.
    pub failure: Option<(String, String)>,
}

/// The cases of these files, as they were tried. `explained` gives the explanation of one that failed.
pub fn suites<'f>(files: &'f [CaseFile], tried: &[Tried], explained: impl Fn(&Tried) -> String) -> Vec<Suite<'f>> {
    let failure = |tried: &Tried| {
        let labels = tried.labels(files).into_iter();
        let short: Vec<String> =
            labels.map(|(expectation, label)| format!("{}: {label}", expectation.column.as_str())).collect();
        (!short.is_empty()).then(|| (short.join("; "), explained(tried)))
    };
    let tested = |tried: &Tried| {
        let (text, case) = (&files[tried.file].text, tried.case(files));
        Tested { name: &case.name, line: text.line(case.span.start), failure: failure(tried) }
    };
    let suite = |(index, file): (usize, &'f CaseFile)| Suite {
        path: &file.text.path,
        cases: tried.iter().filter(|tried| tried.file == index).map(tested).collect(),
    };
    files.iter().enumerate().map(suite).collect()
}

/// The document.
pub fn to_xml(suites: &[Suite<'_>]) -> String {
    let failed = |cases: &[Tested<'_>]| cases.iter().filter(|case| case.failure.is_some()).count();
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let failures: usize = suites.iter().map(|suite| failed(&suite.cases)).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, "<testsuites name=\"lapse\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    for suite in suites {
        let path = escaped(suite.path);
        let (tests, failures) = (suite.cases.len(), failed(&suite.cases));
        let _ = writeln!(xml, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
        for case in &suite.cases {
            let _ = write!(
                xml,
                "    <testcase name=\"{}\" classname=\"{path}\" file=\"{path}\" line=\"{}\"",
                escaped(case.name),
                case.line
            );
            let _ = match &case.failure {
                None => writeln!(xml, "/>"),
                Some((message, text)) => writeln!(
                    xml,
                    ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
                    escaped(message),
                    escaped(text)
                ),
            };
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Text for an attribute or an element. What XML cannot hold becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // A reader of attributes would take these for spaces.
            '\n' | '\r' | '\t' => {
                let _ = write!(xml, "&#{};", u32::from(c));
            }
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => xml.push(char::REPLACEMENT_CHARACTER),
            c => xml.push(c),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_reserves_is_escaped_and_what_it_cannot_hold_replaced() {
        assert_eq!(escaped("a < \"b\" & c > \u{1b}[0m\n"), "a &lt; &quot;b&quot; &amp; c &gt; \u{fffd}[0m&#10;");
    }

    #[test]
    fn a_failure_stands_in_its_case() {
        let cases = vec![
            Tested { name: "stays", line: 3, failure: None },
            Tested { name: "goes", line: 9, failure: Some(("record".into(), "why".into())) },
        ];
        let xml = to_xml(&[Suite { path: "peer.toml", cases }]);
        assert!(xml.contains("<testsuite name=\"peer.toml\" tests=\"2\" failures=\"1\" errors=\"0\">"), "{xml}");
        assert!(xml.contains("name=\"stays\" classname=\"peer.toml\" file=\"peer.toml\" line=\"3\"/>"), "{xml}");
        assert!(xml.contains("<failure message=\"record\">why</failure>"), "{xml}");
    }
}
