//! What holds for every layout: it is stable, and nothing but the layout changes.

use proptest::prelude::*;

use super::*;

fn order() -> CaseOrder {
    CaseOrder {
        file: vec!["library", "date", "case"],
        case: vec!["name", "library", "date", "memberships", "expect"],
        expect: vec!["record", "profile"],
    }
}

/// A blank line, comments, or nothing.
fn between() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["\n", "  # above\n", "#above 2 \n", "\n\n"]), 0..4)
        .prop_map(|lines| lines.concat())
}

/// The end of a line, maybe with a comment.
fn line_end() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\n", " # beside\n", "   #beside 2\n"])
}

fn value() -> impl Strategy<Value = String> {
    let plain =
        || prop::sample::select(vec!["1", "'# no'", "\"\"\"\n# no\"\"\"", "2022-07-01", "true", "1.50", "\"\\\"#\""]);
    let list = prop::collection::vec(
        (
            prop::sample::select(vec!["", "\n", " # one\n", "\n  # two\n\n"]),
            plain(),
            prop::sample::select(vec!["", " # three\n"]),
        ),
        0..9,
    )
    .prop_map(|elements| {
        let elements: Vec<_> =
            elements.iter().map(|(before, value, after)| format!("{before}{value}{after}")).collect();
        format!("[{} ]", elements.join(","))
    });
    let rows =
        prop::collection::vec(prop::sample::select(vec!["subscription = 1", "valid_from=2", "a.b = {  }"]), 0..3)
            .prop_map(|mut keys| {
                keys.sort_unstable();
                keys.dedup();
                format!("[{{ {} }}, # row\n {{library = 'x'}}\n]", keys.join(" , "))
            });
    prop_oneof![4 => plain().prop_map(str::to_owned), 1 => list, 1 => rows]
}

fn keys(names: Vec<&'static str>) -> impl Strategy<Value = String> {
    let size = 0..=names.len().min(5);
    prop::sample::subsequence(names, size).prop_shuffle().prop_flat_map(|names| {
        names
            .into_iter()
            .map(|name| {
                (between(), value(), line_end())
                    .prop_map(move |(above, value, end)| format!("{above}{name}   ={value}{end}"))
            })
            .collect::<Vec<_>>()
            .prop_map(|lines| lines.concat())
    })
}

fn file() -> impl Strategy<Value = String> {
    let names = || {
        vec![
            "name",
            "code",
            "fee",
            "holder",
            "lapse_months",
            "from",
            "reason",
            "\"a b\"",
            "subscriptions.y.fee",
            "zzz",
            "memberships",
            "expect",
            "cleanup.blocks",
        ]
    };
    let headers = vec![
        "[library]",
        "[subscription]",
        "[subscriptions.youth]",
        "[ subscriptions . 'a b' ]",
        "[zzz]",
        "[guards]",
        "[[amendment]]",
        "[[amendment]]",
        "[[case]]",
        "[cleanup]",
        "[zzz.inner]",
    ];
    let blocks = prop::sample::subsequence(headers, 0..=9).prop_shuffle().prop_flat_map(move |headers| {
        headers
            .into_iter()
            .map(|header| {
                (between(), line_end(), keys(names()))
                    .prop_map(move |(above, end, keys)| format!("{above}{header}{end}{keys}"))
            })
            .collect::<Vec<_>>()
            .prop_map(|blocks| blocks.concat())
    });
    (between(), keys(vec!["date", "library.code", "x"]), blocks, between())
        .prop_map(|(above, keys, blocks, below)| format!("{above}{keys}{blocks}{below}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_layout_is_stable_and_keeps_values_and_comments(text in file()) {
        match format(&text, &order()) {
            Ok(once) => {
                prop_assert_eq!(format(&once, &order()), Ok(once.clone()), "from\n{}", text);
                prop_assert!(!once.contains("\n\n\n") && !once.starts_with('\n'), "{}", once);
                prop_assert_eq!(comments::all(&text), comments::all(&once));
            }
            Err(NoLayout::Comment) => prop_assert!(false, "nothing may be lost in\n{}", text),
            // Made-up files may have a key twice, or none that we know.
            Err(NoLayout::NotToml { .. } | NoLayout::NotOurs) => {}
        }
    }
}
