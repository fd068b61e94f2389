//! The file of a page for people (`--report`): where it may be written.

use std::path::Path;

use crate::cli::ReportArgs;
use crate::files;
use crate::refusal::Refusal;

/// Where the page goes, if one is asked for.
pub fn place(args: &ReportArgs) -> Result<Option<&Path>, Refusal> {
    match args.report.as_deref() {
        Some(path) if path.is_dir() => Err(Refusal::ReportIsFolder { path: path.to_owned() }),
        // So that no table, list or policy is ever replaced by a page, through a link neither.
        Some(path) if !(is_page(path) && (files::is_device(path) || is_page(&files::place_of(path)))) => {
            Err(Refusal::ReportEnding { path: path.to_owned() })
        }
        path => Ok(path),
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "html" || ending == "htm")
}

/// The same for a run: it must not lie in `out`, which holds nothing but the files of a run.
pub fn place_beside<'a>(args: &'a ReportArgs, out: &Path) -> Result<Option<&'a Path>, Refusal> {
    let Some(path) = place(args)? else { return Ok(None) };
    if files::place_of(path).starts_with(files::place_of(out)) {
        return Err(Refusal::ReportAmongTables { path: path.to_owned(), out: out.to_owned() });
    }
    Ok(Some(path))
}
