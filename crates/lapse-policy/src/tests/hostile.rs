//! Files that no person would write: whatever they hold, they lead to diagnostics and never to a panic.

use proptest::prelude::*;

use super::load;

const LIBRARY: &str = "[library]\ncode = \"peer\"\n[subscriptions.youth]\nfee = \"5.00\"\nlapse_months = 60\n\
    [activity]\nsources = [\"wise\"]\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { holder = \"person\" }\n\
    subscription = { renewal = \"none\" }\nsubscriptions.youth.fee = 1\n";

/// Loads the text as each kind of file and lays out what there is to say.
fn survives(text: &str) -> usize {
    let loaded = load(&[("consortium.toml", text), ("groups/g.toml", text), ("libraries/l.toml", text)]);
    let rendered = loaded.diagnostics.render(true);
    assert_eq!(loaded.policy.is_none(), loaded.diagnostics.errors() > 0);
    if let Some(policy) = loaded.policy {
        policy.on(crate::Day::MAX);
    }
    rendered.len()
}

#[test]
fn deep_nesting_and_huge_numbers_are_errors() {
    let deep_list = format!("activity.sources = {}{}", "[".repeat(5000), "]".repeat(5000));
    let deep_table = format!("cleanup = {}{}", "{ a = ".repeat(5000), "}".repeat(5000));
    let deep_key = format!("{} = 1", vec!["a"; 5000].join("."));
    let huge = format!("cleanup.ended_months = {}", "9".repeat(5000));
    let texts = [
        &*deep_list,
        &deep_table,
        &deep_key,
        &huge,
        "cleanup.ended_months = -9223372036854775809\n",
        "cleanup.ended_months = 0xffffffffffffffffff\n",
        "cleanup.ended_months = nan\n",
        "cleanup.ended_months = 1e400\n",
        "subscription.fee = 18446744073709551616\n",
        "\u{0}",
        "\"",
        "[[[",
        "= = =",
        "[a]\r[b]",
        "[library]\n[library]\n[library.code]\n",
        "amendment = [1, {}, []]\n",
        "[[amendment]]\n[amendment.only]\n[amendment.only.holder]\n",
        "[subscriptions.a]\n[[subscriptions.a]]\n",
        "\"\" = 1\n",
        "\"\\u0000\" = 1\n",
        "[amendment]\n[[amendment]]\n",
        "library.code = \"a\"\nlibrary.code.x = 1\n",
    ];
    for text in texts {
        assert!(survives(text) > 0, "{}", &text[..text.len().min(60)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn no_damage_to_a_good_file_panics(at in 0..LIBRARY.len(), length in 0..20_usize, with in "[\\[\\]{}=\"'\\.,#\n 0-9a-zé-]{0,4}") {
        let mut text = LIBRARY.to_owned();
        text.replace_range(at..(at + length).min(LIBRARY.len()), &with);
        survives(&text);
    }
}
