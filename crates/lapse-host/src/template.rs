//! Writing a new plugin's project, for `lapse plugin new`: it builds, passes `lapse plugin check` and has one test.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::description::is_kebab_case;

/// The language of a new plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With the SDK.
    Rust,
    /// With the header.
    C,
}

/// A plugin whose project is to be written.
#[derive(Clone, Debug)]
pub struct NewPlugin<'a> {
    /// Its name, kebab-case.
    pub name: &'a str,
    /// Its language.
    pub language: Language,
    /// Where the SDK of a plugin in Rust lies. Without one the project gets a copy, as a project in C gets the header.
    pub sdk: Option<&'a Path>,
}

/// Why a project was not written. Nothing is left of it then.
#[derive(Debug, thiserror::Error)]
pub enum NewPluginError {
    /// A plugin cannot have this name.
    #[error("`{0}` is no name for a plugin; use small letters, digits and hyphens: summer-grace")]
    Name(String),
    /// There is a file or a folder of this name.
    #[error("{} is there already; choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    /// The folder of the project cannot be made.
    #[error("{} cannot be made ({error})", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file of the project cannot be written.
    #[error("{} cannot be written ({error})", folder.display())]
    Files {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// A file and its text. Both may have `{{name}}` and the like, which are replaced by what this plugin is called and needs.
type Template = (&'static str, &'static str);

const RUST: [Template; 4] = [
    ("Cargo.toml", include_str!("../templates/rust/project.toml")),
    ("README.md", include_str!("../templates/rust/README.md")),
    ("src/lib.rs", include_str!("../templates/rust/lib.rs")),
    (".gitignore", "/target\n"),
];

/// The SDK without its sources ([`lapse_plugin::SOURCES`]). It needs only the standard library, so that a project builds
/// without a registry.
const SDK: [Template; 2] = [
    ("lapse-plugin/Cargo.toml", include_str!("../templates/rust/sdk.toml")),
    ("lapse-plugin/include/lapse_plugin.h", lapse_plugin::HEADER),
];

const C: [Template; 6] = [
    ("Makefile", include_str!("../templates/c/Makefile")),
    ("README.md", include_str!("../templates/c/README.md")),
    ("{{snake}}.c", include_str!("../templates/c/plugin.c")),
    ("test.c", include_str!("../templates/c/test.c")),
    ("lapse_plugin.h", lapse_plugin::HEADER),
    (".gitignore", "*.so\n*.dylib\n/test-{{snake}}\n"),
];

impl NewPlugin<'_> {
    /// Writes the project into a folder of its name below `dir`, which must not be there yet; gives its files.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>, NewPluginError> {
        let name = self.name;
        let begins_with_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins_with_letter || !is_kebab_case(name) {
            return Err(NewPluginError::Name(name.to_owned()));
        }
        let folder = dir.join(name);
        if let Err(error) = fs::create_dir(&folder) {
            return Err(match error.kind() {
                io::ErrorKind::AlreadyExists => NewPluginError::Exists(folder),
                _ => NewPluginError::Folder { folder, error },
            });
        }
        self.write_files(&folder).map_err(|error| {
            // A project is there as a whole or not at all.
            let _ = fs::remove_dir_all(&folder);
            NewPluginError::Files { folder, error }
        })
    }

    fn write_files(&self, project: &Path) -> io::Result<Vec<PathBuf>> {
        let sources = lapse_plugin::SOURCES.map(|(file, text)| (format!("lapse-plugin/{file}"), text));
        let sources = sources.each_ref().map(|(file, text)| (&**file, *text));
        let templates: &[&[(&str, &str)]] = match (self.language, self.sdk) {
            (Language::Rust, None) => &[&RUST, &SDK, &sources],
            (Language::Rust, Some(_)) => &[&RUST],
            (Language::C, _) => &[&C],
        };
        let sdk = match self.sdk {
            Some(path) => format!("{:?}", fs::canonicalize(path)?.display().to_string()),
            None => "\"lapse-plugin\"".to_owned(),
        };
        let mut written = Vec::new();
        for &(file, text) in templates.iter().copied().flatten() {
            let path = project.join(self.fill(file, &sdk));
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, self.fill(text, &sdk))?;
            written.push(path);
        }
        Ok(written)
    }

    fn fill(&self, text: &str, sdk: &str) -> String {
        text.replace("{{name}}", self.name)
            .replace("{{snake}}", &self.snake())
            .replace("{{camel}}", &self.camel())
            .replace("{{sdk}}", sdk)
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
    }

    fn snake(&self) -> String {
        self.name.replace('-', "_")
    }

    fn camel(&self) -> String {
        let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
        self.name.split('-').map(capital).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_plugin_and_of_no_folder_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let new = |name| NewPlugin { name, language: Language::C, sdk: None }.write(dir.path());
        for name in ["", "Summer", "a b", "../x", "7-days", "a--b", "a/b"] {
            assert!(new(name).is_err(), "{name:?}");
        }
        assert_eq!(new("summer-grace").unwrap().len(), 6);
        assert!(new("summer-grace").unwrap_err().to_string().contains("is there already"));
    }

    #[test]
    fn nothing_in_a_project_is_left_to_be_filled_in() {
        let dir = tempfile::tempdir().unwrap();
        for (name, language) in [("rusty-rule", Language::Rust), ("old-rule", Language::C)] {
            let files = NewPlugin { name, language, sdk: None }.write(dir.path()).unwrap();
            for file in files {
                let text = fs::read_to_string(&file).unwrap();
                assert!(!text.contains("{{") && text.contains(|c: char| c.is_alphabetic()), "{}", file.display());
            }
        }
    }
}
