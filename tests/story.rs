//! The story of 1 July 2022 in `examples/2022`: its script runs to the end, and its README quotes what the script prints.

use std::process::Command;

use crate::program::{Folder, Ran, root};

/// The script of the story, which writes into `folder`.
fn script(folder: &Folder) -> Command {
    let mut script = Command::new("sh");
    script
        .arg(root().join("examples/2022/run.sh"))
        .arg(folder.path())
        .current_dir(folder.path())
        .env_remove("PATRONS")
        .env_remove("PAGE_LANG")
        .env("LAPSE", env!("CARGO_BIN_EXE_lapse-under-test"))
        .env("NO_COLOR", "1");
    script
}

/// Runs the script of the story into `folder`.
pub fn tell(folder: &Folder, settings: &[(&str, &str)]) -> Ran {
    let output = script(folder).envs(settings.iter().copied()).output().unwrap();
    let ran = Ran::from(&output);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran
}

/// The numbers in a text, marks between thousands left out.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let mut numbers = Vec::new();
    let mut digits = String::new();
    let mut last = ' ';
    for letter in text.chars().chain([' ']) {
        match letter {
            '0'..='9' => digits.push(letter),
            ',' if last.is_ascii_digit() => {}
            _ if !digits.is_empty() => numbers.push(std::mem::take(&mut digits)),
            _ => {}
        }
        last = letter;
    }
    numbers.into_iter()
}

#[test]
fn the_story_of_july_2022_is_what_its_script_prints() {
    let folder = Folder::new();
    let ran = tell(&folder, &[]);
    for page in ["diff.html", "forecast.html", "run.html"] {
        assert!(folder.read(page).trim_end().ends_with("</html>"), "{page}");
    }
    let deregistered = folder.read("moves.csv").lines().filter(|row| row.contains(",deregistered,inactive,")).count();
    let readme = std::fs::read_to_string(root().join("examples/2022/README.md")).unwrap();
    let (_, answer) = readme.split_once("\n## The answer\n").expect("the README gives the answer");
    let (answer, _) = answer.split_once("\n## ").unwrap_or((answer, ""));

    // Each line of a block is a line that the script prints; a block may leave out lines.
    let mut parts = answer.split("```");
    let mut prose = parts.next().unwrap().to_owned();
    while let (Some(block), Some(after)) = (parts.next(), parts.next()) {
        for line in block.lines().filter(|line| !line.is_empty() && line.trim() != "...") {
            assert!(ran.stdout.lines().any(|printed| printed == line), "the script does not print: {line}");
        }
        prose.push_str(after);
    }
    // Each row of the table is a row that the script prints, cell by cell.
    let (rows, sentences): (Vec<&str>, Vec<&str>) = prose.lines().partition(|line| line.starts_with("| "));
    assert_eq!(rows.len(), 7, "a head and six rows");
    for row in &rows[1..] {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let words: Vec<&str> =
            cells[..3].iter().flat_map(|cell| cell.split(' ')).filter(|word| *word != "all").collect();
        let printed =
            ran.stdout.lines().any(|line| line.split_whitespace().take(words.len()).eq(words.iter().copied()));
        assert!(printed, "the script does not print: {row}");
        let [before, after, fewer] = [1, 2, 3].map(|cell| cells[cell].replace(',', "").parse::<u32>().unwrap());
        assert_eq!(before - after, fewer, "{row}");
        assert_eq!(format!("{:.1}%", f64::from(fewer) * 100.0 / f64::from(before)), cells[4], "{row}");
    }
    // Each number of a sentence is in the table, is printed, or is on a page.
    let pages = ["diff.html", "forecast.html", "run.html"].map(|page| folder.read(page)).concat();
    let known: Vec<String> = numbers(&(ran.stdout.clone() + &rows.concat() + &pages)).collect();
    for number in numbers(&sentences.concat()) {
        assert!(known.contains(&number), "nothing says {number}");
    }
    let shares = sentences.iter().flat_map(|line| line.split(' ')).filter_map(|word| word.split_once('%'));
    for (share, _) in shares {
        assert!((pages.clone() + &rows.concat()).contains(&format!("{share}%")), "nothing says {share}%");
    }
    assert!(answer.contains(&format!(
        "{},{:03} memberships are deregistered",
        deregistered / 1000,
        deregistered % 1000
    )));
}

#[test]
fn the_story_can_be_told_again_with_fewer_patrons_and_in_dutch() {
    let folder = Folder::new();
    let settings = [("PATRONS", "500"), ("PAGE_LANG", "nl")];
    let first = tell(&folder, &settings);
    assert!(folder.read("diff.html").contains("<html lang=\"nl-BE\""));
    assert_eq!(tell(&folder, &settings).stdout, first.stdout);
}

#[test]
fn the_story_leaves_a_folder_with_other_files_alone() {
    let folder = Folder::with(&[("run/ours.txt", "ours")]);
    let before = folder.tree();
    let output = script(&folder).output().unwrap();
    assert_eq!(Ran::from(&output).code, 2);
    assert_eq!(folder.tree(), before);
}
