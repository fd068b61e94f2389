//! `[plugins.NAME]`: what a policy says of a plugin, and the diagnostics of one that is wrong.

use insta::assert_snapshot;

use super::{policy, told, told_of_library};
use crate::{Grant, Isolation, Layer, Origin};

const GRACE: &str = "[plugins.summer-grace]\nfile = \"summer_grace\"\ngrants = [\"keep-membership\"]\n";

#[test]
fn a_plugin_has_its_keys_and_their_defaults() {
    let pin = "0123456789ABCDEFabcdef".repeat(3)[..64].to_owned();
    let text = format!(
        "{GRACE}sha256 = \"{pin}\"\nconfig = {{ months = [7, 8], since = 2022-07-01, note = \"a \\\"b\\\"\\n\", deep = {{ x = 1.5, y = true }} }}\n\
         [plugins.deceased]\nfile = \"c/deceased.so\"\ngrants = [\"deregister\", \"keep-record\"]\ntimeout_seconds = 5\n\
         isolation = \"none\"\ncolumns = [\"patrons.deceased_on\", \"accounts.open requests\"]\n"
    );
    let plugins = policy(&[("consortium.toml", &text)]).plugins();
    let [deceased, grace] = &plugins[..] else { panic!("two plugins, by name") };
    assert_eq!((&*grace.name, &*grace.file.value), ("summer-grace", "summer_grace"));
    assert_eq!(grace.sha256.as_ref().unwrap().value, pin.to_lowercase());
    assert_eq!(
        grace.config.value,
        r#"{"months":[7,8],"since":"2022-07-01","note":"a \"b\"\u000a","deep":{"x":1.5,"y":true}}"#
    );
    assert_eq!((grace.timeout_seconds.value, grace.isolation.value), (60, Isolation::Process));
    assert_eq!((deceased.timeout_seconds.value, deceased.isolation.value), (5, Isolation::None));
    assert_eq!(deceased.grants.value, [Grant::Deregister, Grant::KeepRecord]);
    let columns: Vec<String> = deceased.columns.value.iter().map(ToString::to_string).collect();
    assert_eq!(columns, ["patrons.deceased_on", "accounts.open requests"]);
    assert_eq!((&*deceased.config.value, deceased.config.origin), ("{}", Origin::BuiltIn));
    assert!(deceased.sha256.is_none());
}

#[test]
fn a_plugin_takes_part_where_it_is_named_and_below() {
    let named = |config| GRACE.replace("grants", &format!("config = {{ at = {config} }}\ngrants"));
    let library = |code, group: &str| format!("[library]\ncode = \"{code}\"\n{group}");
    let policy = policy(&[
        ("consortium.toml", &named(1)),
        ("groups/noord.toml", &format!("[group]\ncode = \"noord\"\nkind = 2\n{}", named(2))),
        ("libraries/a.toml", &format!("{}{}", library("a", ""), named(3))),
        ("libraries/b.toml", &library("b", "group = \"noord\"\n")),
    ]);
    let plugins = policy.plugins();
    let scopes: Vec<_> =
        plugins.iter().map(|plugin| (plugin.layer, &plugin.scope[..], &*plugin.config.value)).collect();
    assert_eq!(
        scopes,
        [
            (Layer::Consortium, &[true, true][..], "{\"at\":1}"),
            (Layer::Group, &[false, true], "{\"at\":2}"),
            (Layer::Library, &[true, false], "{\"at\":3}"),
        ]
    );
    let Origin::File(id) = plugins[2].file.origin else { panic!("a file says it") };
    let place = policy.assignment(id);
    assert_eq!((place.file, place.line, &*place.key), ("libraries/a.toml", 4, "plugins.summer-grace.file"));
}

#[test]
fn what_a_plugin_must_have_is_asked_for() {
    assert_snapshot!(told_of_library("[plugins.summer-grace]\nsha256 = \"\"\n"), @r#"
    error: `plugins.summer-grace` has no `file`
     --> libraries/peer.toml:2:1
      |
    2 | [plugins.summer-grace]
      | ^^^^^^^^^^^^^^^^^^^^^^ expected `file` here: the plugin's library, looked for in the folder `plugins` of the policy directory, then in --plugin-dir
      |
      = help: add a line such as `file = "…"`

    error: `plugins.summer-grace` has no `grants`
     --> libraries/peer.toml:2:1
      |
    2 | [plugins.summer-grace]
      | ^^^^^^^^^^^^^^^^^^^^^^ expected `grants` here: what the plugin may decide
      |
      = help: add a line such as `grants = ["keep-record"]`

    error: `plugins.summer-grace.sha256` is no SHA-256
     --> libraries/peer.toml:3:10
      |
    3 | sha256 = ""
      |          ^^ expected a SHA-256: 64 hexadecimal digits in quotes
      |
      = help: remove the line, and `lapse check` shows the one to paste
    "#);
}

#[test]
fn misspelt_keys_and_words_get_the_nearest() {
    let text = "[plugins.summer-grace]\nfile = \"x\"\ngrant = []\ngrants = [\"keep-memberships\", \"delete\", 3]\nisolation = \"proces\"\n";
    assert_snapshot!(told_of_library(text), @r#"
    error: unknown key `grant` in `[plugins.summer-grace]`
     --> libraries/peer.toml:4:1
      |
    4 | grant = []
      | ^^^^^ expected `file`, `sha256`, `grants`, `config`, `columns`, `timeout_seconds` or `isolation`
      |
      = help: did you mean `grants` (what the plugin may decide)?

    error: `plugins.summer-grace.grants` does not know `keep-memberships`
     --> libraries/peer.toml:5:11
      |
    5 | grants = ["keep-memberships", "delete", 3]
      |           ^^^^^^^^^^^^^^^^^^ no such grant
      |
      = help: did you mean `keep-membership`?

    error: `plugins.summer-grace.grants` does not know `delete`
     --> libraries/peer.toml:5:31
      |
    5 | grants = ["keep-memberships", "delete", 3]
      |                               ^^^^^^^^ no such grant
      |
      = help: expected a list of "keep-membership", "keep-record" or "deregister"

    error: `plugins.summer-grace.grants` has the wrong type
     --> libraries/peer.toml:5:41
      |
    5 | grants = ["keep-memberships", "delete", 3]
      |                                         ^ expected a list of "keep-membership", "keep-record" or "deregister", found a whole number

    error: `plugins.summer-grace.isolation` does not know `proces`
     --> libraries/peer.toml:6:13
      |
    6 | isolation = "proces"
      |             ^^^^^^^^ expected "process" or "none"
      |
      = help: did you mean `process`?
    "#);
}

#[test]
fn a_path_does_not_lead_out_of_the_plugin_directories() {
    for path in ["../x", "a/../../x", "..", "a\\\\..\\\\x"] {
        let text = GRACE.replace("summer_grace\"", &format!("{path}\""));
        assert!(told_of_library(&text).contains("leads out of the plugin directories"), "{path}");
    }
    assert_snapshot!(told_of_library(&GRACE.replace("summer_grace\"", "../x\"")), @r#"
    error: `plugins.summer-grace.file` leads out of the plugin directories
     --> libraries/peer.toml:3:8
      |
    3 | file = "../x"
      |        ^^^^^^ `..` is not allowed here
      |
      = help: put the file into the folder `plugins` of the policy directory, or say --plugin-dir
    "#);
}

#[test]
fn columns_name_a_table_and_a_column() {
    let text = format!(
        "{GRACE}columns = [\"deceased_on\", \"patron.x\", \"activity.y\", \"patrons.\", \"patrons.a\", \"patrons.a\"]\n"
    );
    assert_snapshot!(told_of_library(&text), @r#"
    error: `plugins.summer-grace.columns` has `deceased_on`, which is no column
     --> libraries/peer.toml:5:12
      |
    5 | columns = ["deceased_on", "patron.x", "activity.y", "patrons.", "patrons.a", "patrons.a"]
      |            ^^^^^^^^^^^^^ expected a table and a column with a point between, such as "patrons.deceased_on"

    error: `plugins.summer-grace.columns` does not know the table `patron`
     --> libraries/peer.toml:5:27
      |
    5 | columns = ["deceased_on", "patron.x", "activity.y", "patrons.", "patrons.a", "patrons.a"]
      |                           ^^^^^^^^^^ no such table
      |
      = help: did you mean `patrons`?

    error: `plugins.summer-grace.columns` does not know the table `activity`
     --> libraries/peer.toml:5:39
      |
    5 | columns = ["deceased_on", "patron.x", "activity.y", "patrons.", "patrons.a", "patrons.a"]
      |                                       ^^^^^^^^^^^^ no such table
      |
      = help: plugins get columns of `patrons`, `memberships` and `accounts`

    error: `plugins.summer-grace.columns` has `patrons.`, which is no column
     --> libraries/peer.toml:5:53
      |
    5 | columns = ["deceased_on", "patron.x", "activity.y", "patrons.", "patrons.a", "patrons.a"]
      |                                                     ^^^^^^^^^^ expected a table and a column with a point between, such as "patrons.deceased_on"

    error: `plugins.summer-grace.columns` names `patrons.a` twice
     --> libraries/peer.toml:5:78
      |
    5 | columns = ["deceased_on", "patron.x", "activity.y", "patrons.", "patrons.a", "patrons.a"]
      |                                                                              ^^^^^^^^^^^ the second time
    "#);
}

#[test]
fn a_config_is_a_table_that_json_can_say() {
    let text = format!(
        "{GRACE}config = {{ a = nan, b = [inf] }}\n[plugins.b]\nfile = \"b\"\ngrants = [\"deregister\"]\nconfig = \"x\"\n"
    );
    assert_snapshot!(told_of_library(&text), @r#"
    error: `plugins.summer-grace.config` has a number that JSON cannot say
     --> libraries/peer.toml:5:16
      |
    5 | config = { a = nan, b = [inf] }
      |                ^^^ expected a finite number

    error: `plugins.summer-grace.config` has a number that JSON cannot say
     --> libraries/peer.toml:5:26
      |
    5 | config = { a = nan, b = [inf] }
      |                          ^^^ expected a finite number

    error: `plugins.b.config` has the wrong type
     --> libraries/peer.toml:9:10
      |
    9 | config = "x"
      |          ^^^ expected a table such as { months = [7, 8] }, found a text
    "#);
}

#[test]
fn names_are_words_of_the_output_and_amendments_name_no_plugins() {
    let text = "[plugins.Summer_Grace]\nfile = \"x\"\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nplugins.x = { file = \"x\" }\n";
    assert_snapshot!(told(&[("consortium.toml", text)]), @r#"
    error: the plugin's name has other characters than small letters and digits with single `-` or `_` between
     --> consortium.toml:1:10
      |
    1 | [plugins.Summer_Grace]
      |          ^^^^^^^^^^^^ expected a name such as `summer-grace`

    error: an amendment cannot set `plugins`
     --> consortium.toml:6:1
      |
    6 | plugins.x = { file = "x" }
      | ^^^^^^^ a plugin takes part on every day
      |
      = help: name it at the top of the file; a rule that begins on a day is for its `config`
    "#);
}
