//! Codes that must fit together over files.

use insta::assert_snapshot;

use super::told;

const NOORD: (&str, &str) = ("groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 3\n");
const ZUID: (&str, &str) = ("groups/zuid.toml", "[group]\ncode = \"zuid\"\nkind = 2\n");
const EMPTY: (&str, &str) = ("consortium.toml", "");

#[test]
fn an_unknown_group_gets_the_nearest_code() {
    assert_snapshot!(told(&[
        EMPTY,
        NOORD,
        ("libraries/peer.toml", "[library]\ncode = \"peer\"\ngroup = \"nord\"\n"),
        ("libraries/riemst.toml", "[library]\ncode = \"riemst\"\ngroup = \"noord\"\n"),
        ("libraries/voeren.toml", "[library]\ncode = \"voeren\"\ngroup = \"oost\"\n"),
    ]), @r#"
    error: unknown group `nord`
     --> libraries/peer.toml:3:9
      |
    3 | group = "nord"
      |         ^^^^^^ no file in `groups/` has this code
      |
      = help: did you mean `noord`?

    error: unknown group `oost`
     --> libraries/voeren.toml:3:9
      |
    3 | group = "oost"
      |         ^^^^^^ no file in `groups/` has this code
      |
      = help: add a file to `groups/` with code = "oost", or name a group that there is
    "#);
}

#[test]
fn a_group_whose_file_is_broken_is_not_also_unknown() {
    let broken = told(&[
        EMPTY,
        ("groups/noord.toml", "[group]\ncode = noord\nkind = 3\n"),
        ("libraries/peer.toml", "[library]\ncode = \"peer\"\ngroup = \"noord\"\n"),
    ]);
    assert_eq!(broken.matches("error").count(), 1, "{broken}");
}

#[test]
fn a_code_used_twice_points_at_both() {
    assert_snapshot!(told(&[
        EMPTY,
        ZUID,
        ("groups/zuid-2.toml", "[group]\ncode = \"zuid\"\nkind = 1\n"),
        ("libraries/a.toml", "[library]\ncode = \"peer\"\ngroup = \"zuid\"\n"),
        ("libraries/b.toml", "[library]\ncode = \"peer\"\ngroup = \"zuid\"\n"),
    ]), @r#"
    error: the group code `zuid` is used twice
     --> groups/zuid.toml:2:8
      |
    2 | code = "zuid"
      |        ^^^^^^ used here again
      |
     ::: groups/zuid-2.toml:2:8
      |
    2 | code = "zuid"
      |        ------ used here first
      |
      = help: give each group a code of its own

    error: the library code `peer` is used twice
     --> libraries/b.toml:2:8
      |
    2 | code = "peer"
      |        ^^^^^^ used here again
      |
     ::: libraries/a.toml:2:8
      |
    2 | code = "peer"
      |        ------ used here first
      |
      = help: give each library a code of its own
    "#);
}

#[test]
fn a_library_of_several_groups_with_one_of_kind_3_shares_members() {
    assert_snapshot!(told(&[
        EMPTY,
        NOORD,
        ZUID,
        ("libraries/peer.toml", "[library]\ncode = \"peer\"\ngroup = [\"zuid\", \"noord\"]\n"),
    ]), @r#"
    error: the group `noord` is of kind 3 and shares a library with another group
     --> libraries/peer.toml:3:10
      |
    3 | group = ["zuid", "noord"]
      |          ^^^^^^^^^^^^^^^ in several groups here
      |
     ::: groups/noord.toml:3:8
      |
    3 | kind = 3
      |        - of kind 3
      |
      = help: name one group; a group of kind 3 shares its members with no other
    "#);
}

#[test]
fn a_library_names_one_group() {
    assert_snapshot!(told(&[
        EMPTY,
        ZUID,
        ("groups/west.toml", "[group]\ncode = \"west\"\nkind = 2\n"),
        ("libraries/peer.toml", "[library]\ncode = \"peer\"\ngroup = [\"zuid\", \"west\"]\n"),
        ("libraries/riemst.toml", "[library]\ncode = \"riemst\"\ngroup = [\"zuid\"]\n"),
    ]), @r#"
    error: `library.group` has the wrong type
     --> libraries/peer.toml:3:10
      |
    3 | group = ["zuid", "west"]
      |          ^^^^^^^^^^^^^^ expected the code of one group, found a list
      |
      = help: name one group, in quotes and without brackets

    error: `library.group` has the wrong type
     --> libraries/riemst.toml:3:9
      |
    3 | group = ["zuid"]
      |         ^^^^^^^^ expected a code: a text in quotes, on one line, found a list
      |
      = help: drop the brackets
    "#);
}

#[test]
fn a_library_with_two_files_in_two_groups_with_one_of_kind_3_shares_members() {
    assert_snapshot!(told(&[
        EMPTY,
        NOORD,
        ZUID,
        ("libraries/peer-noord.toml", "[library]\ncode = \"peer\"\ngroup = \"noord\"\n"),
        ("libraries/peer-zuid.toml", "[library]\ncode = \"peer\"\ngroup = \"zuid\"\n"),
    ]), @r#"
    error: the group `noord` is of kind 3 and shares the library `peer` with another group
     --> libraries/peer-zuid.toml:3:9
      |
    3 | group = "zuid"
      |         ^^^^^^ in the group `zuid` here
      |
     ::: libraries/peer-noord.toml:3:9
      |
    3 | group = "noord"
      |         ------- in the group `noord` here
      |
     ::: groups/noord.toml:3:8
      |
    3 | kind = 3
      |        - of kind 3
      |
      = help: keep one file for the library, with one group
    "#);
}
