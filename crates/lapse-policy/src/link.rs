//! Puts libraries into their groups by the codes that files name, and finds the codes that do not fit together.

use std::collections::HashMap;

use crate::GroupKind;
use crate::diagnostics::Diagnostic;
use crate::file::{Assignment, PolicyFile, Target};
use crate::schema::{Key, Layer};
use crate::source::Place;
use crate::suggest::nearest;
use crate::value::FromValue;

/// The groups and libraries that the files add up to. Files are named by their place in the list of files; the
/// consortium's is the first.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Sorted by code.
    pub groups: Vec<GroupLink>,
    /// Sorted by code.
    pub libraries: Vec<LibraryLink>,
}

#[derive(Debug)]
pub(crate) struct GroupLink {
    pub code: String,
    pub file: usize,
}

#[derive(Debug)]
pub(crate) struct LibraryLink {
    pub code: String,
    pub file: usize,
    /// Its group, as an index into the groups.
    pub group: Option<usize>,
}

/// Links the files. The reader has reported every code that cannot be read, so what needs such a code is left out here.
pub(crate) fn link(files: &[PolicyFile], assignments: &[Assignment]) -> (Links, Vec<Diagnostic>) {
    let mut linking = Linking { files, assignments, findings: Vec::new() };
    let groups = linking.coded(Layer::Group, Key::GroupCode);
    let libraries = linking.coded(Layer::Library, Key::LibraryCode);
    let mut links = Links {
        groups: groups.into_iter().map(|(code, file)| GroupLink { code, file }).collect(),
        libraries: libraries.into_iter().map(|(code, file)| LibraryLink { code, file, group: None }).collect(),
    };
    linking.twice(links.groups.iter().map(|group| (group.code.as_str(), group.file)), Key::GroupCode);
    let reported = linking.shared_members(&links);
    let libraries = links.libraries.iter().map(|library| (library.code.as_str(), library.file));
    linking.twice(libraries.filter(|(_, file)| !reported.contains(file)), Key::LibraryCode);
    for library in &mut links.libraries {
        library.group = linking.group_of(library.file, &links.groups);
    }
    linking.without_code(&links);
    (links, linking.findings)
}

struct Linking<'a> {
    files: &'a [PolicyFile],
    assignments: &'a [Assignment],
    findings: Vec<Diagnostic>,
}

impl<'a> Linking<'a> {
    /// What a file itself says of a key.
    fn own(&self, file: usize, key: Key) -> Option<&'a Assignment> {
        let statement = self.files[file].about(Target::of(key)).first()?;
        Some(&self.assignments[statement.assignment.0 as usize])
    }

    /// The files of a layer whose code is known, sorted by code and then by file.
    fn coded(&self, layer: Layer, key: Key) -> Vec<(String, usize)> {
        let mut coded: Vec<_> = (0..self.files.len())
            .filter(|&file| self.files[file].layer == layer)
            .filter_map(|file| Some((String::from_value(&self.own(file, key)?.value)?, file)))
            .collect();
        coded.sort_unstable();
        coded
    }

    fn twice<'c>(&mut self, coded: impl Iterator<Item = (&'c str, usize)>, key: Key) {
        let mut first: Option<(&str, usize)> = None;
        for (code, file) in coded {
            match first {
                Some((earlier, first_file)) if earlier == code => {
                    let (Some(here), Some(there)) = (self.own(file, key), self.own(first_file, key)) else { continue };
                    let what = self.files[file].layer;
                    self.findings.push(
                        Diagnostic::error(format!("the {what} code `{code}` is used twice"), here.value_place())
                            .label("used here again")
                            .also(there.value_place(), "used here first")
                            .help(format!("give each {what} a code of its own")),
                    );
                }
                _ => first = Some((code, file)),
            }
        }
    }

    /// The group of that code whose kind is 3, with the place that says so.
    fn recognising(&self, groups: &[GroupLink], code: &str) -> Option<Place> {
        groups.iter().filter(|group| group.code == code).find_map(|group| {
            let kind = self.own(group.file, Key::GroupKind)?;
            (GroupKind::from_value(&kind.value)? == GroupKind::RecognisesMemberships).then(|| kind.value_place())
        })
    }

    /// Finds libraries of a group of kind 3 that are in another group too: memberships would count across both groups.
    /// Gives the files that were reported, so that their codes are not reported as used twice as well.
    fn shared_members(&mut self, links: &Links) -> Vec<usize> {
        let mut reported = Vec::new();
        for library in &links.libraries {
            self.several_groups(library.file, &links.groups);
        }
        let mut first: HashMap<&str, usize> = HashMap::new();
        for library in &links.libraries {
            let &mut first = first.entry(&library.code).or_insert(library.file);
            let (here, there) = (&self.files[library.file], &self.files[first]);
            let ([(group, span)], [(other, other_span)]) = (&here.groups[..], &there.groups[..]) else { continue };
            if first == library.file || group == other {
                continue;
            }
            let kinds = [group, other].map(|code| Some((code, self.recognising(&links.groups, code)?)));
            let Some((recognising, kind)) = kinds.into_iter().flatten().next() else { continue };
            let message = format!(
                "the group `{recognising}` is of kind 3 and shares the library `{}` with another group",
                library.code
            );
            self.findings.push(
                Diagnostic::error(message, here.place(span))
                    .label(format!("in the group `{group}` here"))
                    .also(there.place(other_span), format!("in the group `{other}` here"))
                    .also(kind, "of kind 3")
                    .help("keep one file for the library, with one group"),
            );
            reported.push(library.file);
        }
        reported
    }

    /// Reports a library that names several groups in one file.
    fn several_groups(&mut self, file: usize, groups: &[GroupLink]) {
        let file = &self.files[file];
        let [(_, first), .., (_, last)] = &file.groups[..] else { return };
        let place = file.place(&(first.start..last.end));
        let kind = file.groups.iter().find_map(|(code, _)| Some((code, self.recognising(groups, code)?)));
        self.findings.push(match kind {
            Some((code, kind)) => {
                let message = format!("the group `{code}` is of kind 3 and shares a library with another group");
                Diagnostic::error(message, place)
                    .label("in several groups here")
                    .also(kind, "of kind 3")
                    .help("name one group; a group of kind 3 shares its members with no other")
            }
            None => Diagnostic::error("`library.group` has the wrong type", place)
                .label("expected the code of one group, found a list")
                .help("name one group, in quotes and without brackets"),
        });
    }

    /// The group that a library names; reports a code that no group has.
    fn group_of(&mut self, file: usize, groups: &[GroupLink]) -> Option<usize> {
        let file = &self.files[file];
        let [(code, span)] = &file.groups[..] else { return None };
        if let Ok(group) = groups.binary_search_by(|group| group.code.as_str().cmp(code)) {
            return Some(group);
        }
        self.unknown_group(file, code, span, groups);
        None
    }

    fn unknown_group(&mut self, file: &PolicyFile, code: &str, span: &std::ops::Range<usize>, groups: &[GroupLink]) {
        // A group whose code could not be read may be the one that is meant.
        let coded = groups.len();
        if self.files.iter().filter(|file| file.layer == Layer::Group).count() > coded {
            return;
        }
        let finding = Diagnostic::error(format!("unknown group `{code}`"), file.place(span));
        self.findings.push(match nearest(code, groups.iter().map(|group| group.code.as_str())) {
            Some(near) => finding.label("no file in `groups/` has this code").help(format!("did you mean `{near}`?")),
            None => finding
                .label("no file in `groups/` has this code")
                .help(format!("add a file to `groups/` with code = \"{code}\", or name a group that there is")),
        });
    }

    /// Checks the groups of libraries whose own code cannot be read; they name a group all the same.
    fn without_code(&mut self, links: &Links) {
        for (index, file) in self.files.iter().enumerate() {
            if file.layer == Layer::Library && !links.libraries.iter().any(|library| library.file == index) {
                self.several_groups(index, &links.groups);
                self.group_of(index, &links.groups);
            }
        }
    }
}
