//! `lapse cases`: the boundary cases that a library's policy implies, as a case file, written or checked to be current.

use lapse_cases::boundary::{self, PlaceError, Places, Stands};

use super::load;
use crate::cli::CasesArgs;
use crate::terminal::{GOOD, WARNING, count};
use crate::{Done, Failure, files, layout, terminal};

/// Writes the cases of a library or of all, or checks that the files are current.
pub fn run(args: &CasesArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let plugins = load::trusted_plugins(&policy, &args.plugins)?;
    let places = Places::of(&policy, &args.policy.policies);
    let libraries = places.libraries(args.library.as_deref())?;
    let mut stale = Vec::new();
    let mut written = 0_u64;
    for (library, text) in libraries.iter().zip(boundary::texts(&policy, &plugins, &libraries)?) {
        let text = layout::format(&text).expect("boundary cases are a case file");
        let path = args.out.clone().unwrap_or_else(|| places.file(library));
        match Stands::at(&path, &text)? {
            Stands::Current => {}
            Stands::Stale | Stands::OfSomebody if args.check => {
                stale.push(format!("{} is not current", path.display()));
            }
            Stands::OfSomebody => return Err(PlaceError::OfSomebody { path }.into()),
            Stands::Stale => {
                files::write_all([(path.as_path(), text.as_str())])?;
                terminal::say(&format!("{}\n", path.display()));
                written += 1;
            }
        }
    }
    if args.library.is_none() {
        let others = places.without_library()?.into_iter();
        stale.extend(
            others.map(|path| format!("{} is of a library that the policy does not have; delete it", path.display())),
        );
    }
    Ok(conclude(args, libraries.len(), written, &stale))
}

fn conclude(args: &CasesArgs, libraries: usize, written: u64, stale: &[String]) -> Done {
    for sentence in stale {
        terminal::say(&format!("{WARNING}{sentence}{WARNING:#}\n"));
    }
    let of = count(libraries as u64, "library", "libraries");
    if !args.check {
        terminal::say(&format!("{GOOD}{of}: {} written{GOOD:#}\n", count(written, "file", "files")));
        return Done::Well;
    }
    if stale.is_empty() {
        terminal::say(&format!("{GOOD}{of}: the boundary cases are current{GOOD:#}\n"));
        return Done::Well;
    }
    let library = args.library.as_deref().unwrap_or("--all");
    terminal::say(&format!("run `lapse cases {library}` and review what it changes\n"));
    Done::Failed
}
