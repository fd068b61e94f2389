//! Where the unfinished files of an output lie: beside it, so that the two folders can be exchanged, or in it where there is
//! no such place, as with a folder that another file system is mounted at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::names::ASIDE;

/// Where an output goes.
#[derive(Debug)]
pub struct Place {
    /// The output, without links.
    pub out: PathBuf,
    /// The folders for unfinished files, the best first.
    pub works: Vec<PathBuf>,
}

/// The folders above `path`, and it, that are not there, the innermost first.
pub fn missing(path: &Path) -> Vec<PathBuf> {
    path.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists()).map(Path::to_owned).collect()
}

impl Place {
    /// Of an output whose parent is there.
    pub fn of(path: &Path) -> io::Result<Place> {
        let out = match fs::canonicalize(path) {
            Ok(out) => out,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
                let name = path.file_name().ok_or(error)?;
                fs::canonicalize(parent(path))?.join(name)
            }
            Err(error) => return Err(error),
        };
        let within = out.join(ASIDE);
        let beside = out.parent().zip(out.file_name()).map(|(parent, name)| {
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(ASIDE);
            parent.join(hidden)
        });
        let works = match beside {
            Some(beside) if !out.exists() => vec![beside],
            Some(beside) if !is_mounted(&out) => vec![beside, within],
            _ => vec![within],
        };
        Ok(Place { out, works })
    }
}

/// The folder that a file or folder lies in.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a folder is on another file system than the one that it lies in, or may be.
fn is_mounted(dir: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
        // A part of a file system can be mounted again in another place of it; only the attribute tells.
        let asked = statx(CWD, dir, AtFlags::empty(), StatxFlags::empty());
        if asked.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)) {
            return true;
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
        !device(dir).is_ok_and(|of_dir| device(parent(dir)).is_ok_and(|of_parent| of_dir == of_parent))
    }
    #[cfg(not(unix))]
    {
        let _ = dir;
        false
    }
}
