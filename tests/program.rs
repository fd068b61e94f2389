//! Running the program on files in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the project").to_owned()
}

/// A folder that is removed at the end, with files to run the program on.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty one.
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder can be made"))
    }

    /// With these files.
    pub fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders that it needs.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
        fs::write(path, contents).expect("a file can be written");
    }

    /// What a file says.
    pub fn read(&self, name: &str) -> String {
        let path = self.path().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The names of the files in a folder, in order; none where there is no such folder.
    pub fn names(&self, dir: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path().join(dir)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in UTF-8")).collect();
        names.sort();
        names
    }

    /// Everything in here by its path, files with their contents. Links are not followed.
    pub fn tree(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut tree = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder can be read") {
                let entry = entry.expect("an entry");
                let (path, kind) = (entry.path(), entry.file_type().expect("an entry has a kind"));
                let contents = kind.is_file().then(|| fs::read(&path).expect("a file can be read"));
                if kind.is_dir() {
                    folders.push(path.clone());
                }
                tree.insert(path.strip_prefix(self.path()).expect("it lies in here").to_owned(), contents);
            }
        }
        tree
    }

    /// Runs the program here with these words.
    pub fn lapse(&self, words: &[&str]) -> Ran {
        let output = program().args(words).current_dir(self.path()).output().expect("the program starts");
        Ran::from(&output)
    }

    /// Runs Git here, with a made-up user and without the settings of the system, and gives what it prints.
    pub fn git(&self, words: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"])
            .args(words)
            .current_dir(self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("Git is needed for this test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("git prints UTF-8")
    }
}

/// The program, without colour.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lapse-under-test"));
    command.env("NO_COLOR", "1");
    command
}

/// How the program ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// The result.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl From<&Output> for Ran {
    fn from(output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8");
        Ran {
            code: output.status.code().expect("the program ends by itself"),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}
