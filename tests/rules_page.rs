//! The page of the rules for librarians has every word that a run writes.

use lapse_engine::{
    KeepReason, MembershipOutcome, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome, Rule,
};
use lapse_tables::Table;

use crate::program::{Folder, root};

fn page() -> String {
    std::fs::read_to_string(root().join("docs/rules.md")).unwrap()
}

/// The part of the page under a heading.
fn part<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {heading}")).unwrap_or_else(|| panic!("no part {heading}"));
    rest.split("\n## ").next().unwrap_or_default()
}

fn assert_has<'w>(part: &str, words: impl IntoIterator<Item = &'w str>) {
    for word in words {
        assert!(part.contains(&format!("`{word}`")), "`{word}` is not in: {part}");
    }
}

/// A reason as the page writes it: that of a keep or an end comes with its name.
fn with_name(reason: MembershipReason) -> &'static str {
    match reason {
        MembershipReason::Keep => "keep/NAME",
        MembershipReason::End => "end/NAME",
        other => other.as_str(),
    }
}

#[test]
fn every_outcome_and_reason_stands_in_the_rules_under_its_stage() {
    let page = page();
    let memberships = part(&page, "Stage 1");
    assert_has(memberships, MembershipOutcome::ALL.iter().map(|word| word.as_str()));
    assert_has(memberships, MembershipReason::ALL.iter().map(|&reason| with_name(reason)));
    let records = part(&page, "Stage 2");
    assert_has(records, RecordOutcome::ALL.iter().map(|word| word.as_str()));
    assert_has(records, KeepReason::ALL.iter().map(|word| word.as_str()));
    assert_has(records, [RecordOutcome::Archived, RecordOutcome::Deleted].map(RecordOutcome::clear_reason));
    assert_has(records, ["keep/NAME"]);
    let profiles = part(&page, "Stage 3");
    assert_has(profiles, ProfileOutcome::ALL.iter().map(|word| word.as_str()));
    assert_has(profiles, ProfileReason::ALL.iter().map(|word| word.as_str()));
    assert_has(profiles, [ProfileOutcome::DELETED_REASON]);
}

#[test]
fn every_rule_of_stage_1_stands_in_the_rules_in_order() {
    let page = page();
    let stage = part(&page, "Stage 1");
    let rules: Vec<&str> = stage.lines().filter_map(|line| line.strip_prefix("| rule ")?.split(' ').next()).collect();
    let all: Vec<String> = Rule::ALL.iter().map(|rule| rule.number().to_string()).collect();
    assert_eq!(rules, all);
}

#[test]
fn every_column_that_may_be_empty_stands_in_the_rules() {
    let page = page();
    let columns = part(&page, "What the columns mean");
    for table in Table::ALL {
        for column in table.columns().iter().filter(|column| !column.required && column.name != "birth_date") {
            let line = columns.lines().find(|line| {
                line.starts_with(&format!("| {}: ", table.name())) && line.contains(&format!("`{}`", column.name))
            });
            assert!(line.is_some(), "{}.{}", table.name(), column.name);
        }
    }
}

#[test]
fn the_rules_are_linked_from_the_readme_and_from_the_help_of_explain() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("(docs/rules.md)"));
    assert!(Folder::new().lapse(&["explain", "--help"]).stdout.contains("docs/rules.md"));
}
