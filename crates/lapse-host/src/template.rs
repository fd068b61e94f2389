//! `lapse plugin new`: a plugin's project that builds, passes `lapse plugin check` and has one test.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The language of a new plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With the SDK.
    Rust,
    /// With the header.
    C,
}

/// A plugin to be written.
#[derive(Clone, Debug)]
pub struct NewPlugin<'a> {
    /// Its name, kebab-case.
    pub name: &'a str,
    /// Its language.
    pub language: Language,
    /// Where the SDK of a plugin in Rust lies; none: the project gets a copy, as one in C gets the header.
    pub sdk: Option<&'a Path>,
}

/// A file and its text, both with `{{name}}` and the like for what the plugin is called and needs.
type Template = (&'static str, &'static str);

const RUST: [Template; 4] = [
    ("Cargo.toml", include_str!("../templates/rust/Cargo.toml")),
    ("README.md", include_str!("../templates/rust/README.md")),
    ("src/lib.rs", include_str!("../templates/rust/lib.rs")),
    (".gitignore", "/target\n"),
];

/// The SDK, which needs nothing but the standard library, so that a project builds without any registry.
const SDK: [Template; 9] = [
    ("lapse-plugin/Cargo.toml", include_str!("../templates/rust/sdk.toml")),
    ("lapse-plugin/include/lapse_plugin.h", lapse_plugin::HEADER),
    ("lapse-plugin/src/abi.rs", include_str!("../../lapse-plugin/src/abi.rs")),
    ("lapse-plugin/src/date.rs", include_str!("../../lapse-plugin/src/date.rs")),
    ("lapse-plugin/src/export.rs", include_str!("../../lapse-plugin/src/export.rs")),
    ("lapse-plugin/src/facts.rs", include_str!("../../lapse-plugin/src/facts.rs")),
    ("lapse-plugin/src/lib.rs", include_str!("../../lapse-plugin/src/lib.rs")),
    ("lapse-plugin/src/plugin.rs", include_str!("../../lapse-plugin/src/plugin.rs")),
    ("lapse-plugin/src/testing.rs", include_str!("../../lapse-plugin/src/testing.rs")),
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
    /// Writes the project into a folder of its name below `dir`, which must not be there yet; gives its files. The error
    /// is a sentence for people.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>, String> {
        let name = self.name;
        let begins_with_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins_with_letter || !crate::loaded::is_kebab_case(name) {
            return Err(format!(
                "`{name}` is no name for a plugin; use small letters, digits and hyphens: summer-grace"
            ));
        }
        let project = dir.join(name);
        fs::create_dir(&project).map_err(|error| {
            let project = project.display();
            if error.kind() == io::ErrorKind::AlreadyExists {
                format!("{project} is there already; choose another name, or remove it")
            } else {
                format!("{project} cannot be made ({error})")
            }
        })?;
        self.write_files(&project).map_err(|error| {
            // Whole or not at all.
            let _ = fs::remove_dir_all(&project);
            format!("{} cannot be written ({error})", project.display())
        })
    }

    fn write_files(&self, project: &Path) -> io::Result<Vec<PathBuf>> {
        let templates: &[&[Template]] = match (self.language, self.sdk) {
            (Language::Rust, None) => &[&RUST, &SDK],
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
        assert!(new("summer-grace").unwrap_err().contains("is there already"));
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
