//! `lapse init`: a new policy repository, to start from.

use std::fs;
use std::io;
use std::path::{Component, Path};

use lapse_cases::boundary;
use lapse_edit::starter;
use lapse_host::Plugins;
use lapse_policy::Policy;

use crate::cli::InitArgs;
use crate::refusal::Refusal;
use crate::terminal::STRONG;
use crate::{Done, Failure, files, layout, terminal};

/// Writes the files of a new policy repository.
pub fn run(args: &InitArgs) -> Result<Done, Failure> {
    let dir = &args.dir;
    must_be_free(dir)?;
    let texts: Vec<_> = texts()?.into_iter().map(|(name, text)| (dir.join(name), text)).collect();
    files::write_all(texts.iter().map(|(path, text)| (&**path, &**text)))?;
    let shown = dir.display();
    let mut list: Vec<_> = texts.iter().map(|(path, _)| format!("  {}\n", path.display())).collect();
    list.sort();
    let (ready, change_there) = if is_here(dir) {
        ("This folder is ready".to_owned(), String::new())
    } else {
        (format!("{shown} is ready"), format!("`cd {shown}` and "))
    };
    terminal::say(&format!(
        "{STRONG}{ready}{STRONG:#}\n{}Next: read {}, then {change_there}`lapse check`.\n",
        list.concat(),
        dir.join("README.md").display()
    ));
    Ok(Done::Well)
}

/// Whether a path such as `.` or `./` names the folder in which the program was called.
fn is_here(dir: &Path) -> bool {
    dir.components().all(|part| part == Component::CurDir)
}

/// The files of a new policy repository, with the boundary cases of its library.
fn texts() -> Result<Vec<(String, String)>, Failure> {
    let mut texts = starter::texts();
    let path = format!("tests/cases/{}.boundary.toml", starter::LIBRARY);
    for cases in boundary::texts(&policy(&texts)?, &Plugins::none(), &[starter::LIBRARY])? {
        texts.push((path.clone(), layout::format(&cases).expect("boundary cases are a case file")));
    }
    Ok(texts)
}

/// The policy that the files of a new repository add up to.
fn policy(texts: &[(String, String)]) -> Result<Policy, Failure> {
    let policies = texts.iter().filter_map(|(name, text)| {
        let name = Path::new(name).strip_prefix(starter::POLICIES).ok()?;
        Some((name.to_str()?, text.as_str()))
    });
    let loaded = Policy::from_texts(policies)?;
    Ok(loaded.policy.expect("the policies that we write are without errors"))
}

/// Makes sure that a directory does not exist yet or has nothing in it. The files of Git may be there.
fn must_be_free(dir: &Path) -> Result<(), Refusal> {
    let cannot_read = |error| Refusal::CannotReadDirectory { dir: dir.to_owned(), error };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(cannot_read(error)),
    };
    for entry in entries {
        let name = entry.map_err(cannot_read)?.file_name();
        if name != ".git" {
            return Err(Refusal::DirectoryInUse { dir: dir.to_owned(), found: name });
        }
    }
    Ok(())
}
