//! The guide for policy editors: what it tells people to write is valid, and laid out as `lapse fmt` does it.

use crate::program::{Folder, root};

#[test]
fn the_files_of_the_guide_are_a_policy() {
    let guide = std::fs::read_to_string(root().join("docs/guide.md")).unwrap();
    let blocks: Vec<&str> =
        guide.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    let [term, library, group, in_group, july] = blocks[..] else { panic!("{} files in the guide", blocks.len()) };
    let (_, subscriptions) = library.split_once("\n\n").expect("its subscriptions");
    let folder = Folder::with(&[
        ("policies/consortium.toml", &format!("[subscription]\nrenewal = \"automatic\"\n\n{july}")),
        ("policies/groups/noord.toml", group),
        ("policies/libraries/peer.toml", &format!("{in_group}\n{subscriptions}\n{term}")),
    ]);
    let check = folder.lapse(&["check"]);
    assert_eq!((check.code, check.stdout.as_str()), (0, ""));
    let fmt = folder.lapse(&["fmt", "--check"]);
    assert_eq!((fmt.code, fmt.stdout.as_str()), (0, ""));
}
