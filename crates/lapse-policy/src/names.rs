//! Which files a policy has, by their names: `consortium.toml`, `groups/*.toml` and `libraries/*.toml`. A file or folder
//! whose name looks as if somebody meant it to be read, although nobody reads it, gets a warning.

use std::ffi::OsStr;
use std::path::Path;

use crate::schema::Layer;
use crate::suggest::nearest;

/// The file of the consortium.
pub(crate) const CONSORTIUM: &str = "consortium.toml";

/// The folders whose files are read, with what each file in them is.
pub(crate) const FOLDERS: [(&str, Layer); 2] = [("groups", Layer::Group), ("libraries", Layer::Library)];

/// Whether a policy has a file of this name, relative to the policy directory and with `/`: `consortium.toml`,
/// `groups/noord.toml`, `libraries/peer.toml`. Files of other names are not read.
pub fn is_policy_file(name: &str) -> bool {
    layer(name).is_some()
}

/// What a policy file is, by its name relative to the policy directory; none where the name is not that of a policy file.
pub(crate) fn layer(name: &str) -> Option<Layer> {
    if name == CONSORTIUM {
        return Some(Layer::Consortium);
    }
    let (folder, file) = name.split_once('/')?;
    let (_, layer) = FOLDERS.into_iter().find(|(known, _)| *known == folder)?;
    is_read(file).then_some(layer)
}

/// Whether a file in one of the two folders is read: as `*.toml` in a shell, so without the hidden files that editors leave.
pub(crate) fn is_read(file: &str) -> bool {
    !file.contains('/') && !file.starts_with('.') && Path::new(file).extension() == Some(OsStr::new("toml"))
}

/// A file or folder that nobody reads because of its name.
pub(crate) struct Misnamed {
    /// Its name relative to the policy directory; that of a folder ends with `/`.
    pub name: String,
    /// What would have it read.
    pub help: String,
}

/// What lies in a folder: the name and whether it is a folder itself.
pub(crate) type Entry = (String, bool);

/// Everything that looks as if somebody meant it to be read.
/// `entries` lists the policy directory (for none) or one of its two folders, sorted by name. `has_folder` tells whether
/// the policy directory has a folder of that name, where the file system may take capitals and small letters for the same.
pub(crate) fn misnamed(
    entries: impl Fn(Option<&str>) -> Vec<Entry>,
    has_folder: impl Fn(&str) -> bool,
) -> Vec<Misnamed> {
    let mut misnamed = Vec::new();
    for (name, is_folder) in entries(None) {
        let near = nearest(&name, FOLDERS.into_iter().map(|(folder, _)| folder));
        if let Some(near) = near.filter(|near| is_folder && name != *near) {
            // Where capitals make no difference to the file system, this is the folder that is read.
            if name.eq_ignore_ascii_case(near) && has_folder(near) {
                continue;
            }
            misnamed.push(Misnamed { name: format!("{name}/"), help: format!("name the folder `{near}`") });
        } else if !is_folder && name != CONSORTIUM && Path::new(&name).extension() == Some(OsStr::new("toml")) {
            let help = "move it to `groups/` or `libraries/`, or out of the policy directory".to_owned();
            misnamed.push(Misnamed { name, help });
        }
    }
    for (folder, _) in FOLDERS {
        for (name, is_folder) in entries(Some(folder)) {
            if is_folder && is_read(&name) {
                // That it cannot be read as a file is told as an error.
                continue;
            }
            if is_folder {
                let help = format!("move its files to `{folder}/`: no folder within it is read");
                misnamed.push(Misnamed { name: format!("{folder}/{name}/"), help });
            } else if let Some(better) = nearly_toml(&name) {
                let help = format!("name it `{better}`: only files that end in .toml are read");
                misnamed.push(Misnamed { name: format!("{folder}/{name}"), help });
            }
        }
    }
    misnamed
}

/// The name by which a file would be read, where its ending is nearly `.toml`. The copy of an editor (`.toml~`) is left
/// alone.
fn nearly_toml(name: &str) -> Option<String> {
    if let Some(stem) = name.strip_suffix(".toml.txt") {
        return Some(format!("{stem}.toml"));
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let slip = ending != "toml" && !ending.ends_with('~') && nearest(ending, ["toml"].into_iter()).is_some();
    slip.then(|| format!("{stem}.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_that_nearly_is_toml_is_told_and_another_is_not() {
        for (name, better) in [
            ("peer.tml", Some("peer.toml")),
            ("peer.TOML", Some("peer.toml")),
            ("peer.tolm", Some("peer.toml")),
            ("peer.toml.txt", Some("peer.toml")),
            ("peer.toml", None),
            ("peer.toml~", None),
            ("peer.toml.bak", None),
            ("README.md", None),
            ("toml", None),
        ] {
            assert_eq!(nearly_toml(name).as_deref(), better, "{name}");
        }
    }
}
