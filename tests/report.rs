//! Pages as text: what they say in each language, that their numbers add up, and that they need nothing from elsewhere.
//! The tests in `browser` are about how they look and work.

pub mod example;

use lapse_engine::{MembershipOutcome, MembershipReason, ProfileOutcome, RecordOutcome};
use lapse_report::data::{BeforeAfter, DiffReport, Moves};
use lapse_report::{Language, diff_page, forecast_page};

/// The text of a page, tags left out.
pub fn text(html: &str) -> String {
    let body = &html[html.find("<body>").unwrap()..html.find("<script>").unwrap()];
    let mut text = String::new();
    for part in body.split('<').skip(1) {
        text.push_str(part.split_once('>').unwrap().1);
        text.push(' ');
    }
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&").replace("&#34;", "\"")
}

#[test]
fn a_change_of_policy_says_how_many_memberships_it_ends() {
    let [en, nl] = Language::ALL.map(|language| text(&diff_page(&example::diff(), language)));
    assert!(en.contains("With the new policies 2,730 of 3,137 active memberships stay: 407 fewer, or 13.0%."), "{en}");
    assert!(en.contains("407 memberships and 77 records get another outcome."), "{en}");
    let most =
        "The category adult loses the most, 225 (13.0%); of the libraries it is Bibliotheek Waregem, 90 (13.0%).";
    assert!(en.contains(most), "{en}");
    assert!(nl.contains("Met het nieuwe beleid blijven 2.730 van 3.137 actieve lidmaatschappen over"), "{nl}");
    assert!(nl.contains("Actieve lidmaatschappen per leeftijd") && nl.contains("12-17 jaar"), "{nl}");
}

#[test]
fn a_library_that_leaves_the_policy_is_named_by_its_code() {
    let mut diff = example::diff();
    let (waregem, _) = diff.libraries.iter_mut().find(|(library, _)| library.code == "waregem").unwrap();
    waregem.name = None;
    let page = text(&diff_page(&diff, Language::En));
    assert!(page.contains("of the libraries it is waregem, 90 (13.0%)."), "{page}");
}

#[test]
fn a_change_that_changes_nothing_says_so() {
    let mut diff = example::diff();
    for (_, moves) in &mut diff.libraries {
        *moves = Moves::default();
        moves.memberships[MembershipOutcome::Valid as usize][MembershipOutcome::Valid as usize] = 40;
    }
    diff.profiles = [[900, 0], [0, 39]];
    let page = text(&diff_page(&diff, Language::En));
    assert!(page.contains("The new policies change nothing for 2,514 patrons."), "{page}");
}

#[test]
fn before_and_after_are_sums_of_the_moves() {
    let diff: DiffReport = example::diff();
    let total = diff.total();
    let libraries = diff.libraries.iter().map(|(_, moves)| moves.active());
    assert_eq!(libraries.fold(BeforeAfter::default(), |sum, active| sum + active), total.active());
    let ended = total.memberships(MembershipOutcome::Deregistered);
    assert_eq!(ended.after - ended.before, total.active().before - total.active().after);
    assert_eq!(
        total.records(RecordOutcome::Kept).before + total.removed().before,
        total.records.as_flattened().iter().sum::<u64>()
    );
}

#[test]
fn a_forecast_marks_its_amendments_and_counts_its_letters() {
    let page = text(&forecast_page(&example::forecast(), Language::En));
    let expire = "Another 240 memberships end by themselves at their date";
    assert!(page.contains(expire), "{page}");
    assert!(page.contains("The run of 1 July 2022 stands out with 1,638, or 53.5% of them."), "{page}");
    assert!(page.contains("1,911 letters can still be sent to patrons who lapse within 3 months."), "{page}");
    let [first, second] = ["1: 1 July 2022", "2: 1 January 2024"].map(|mark| page.rfind(mark).unwrap());
    assert!(first < second && page[first..second].contains("becomes conditional (consortium.toml)"), "{page}");
}

#[test]
fn every_word_of_the_engine_has_a_text_in_every_language() {
    let words = MembershipOutcome::ALL.iter().map(|outcome| outcome.as_str());
    let words = words.chain(RecordOutcome::ALL.iter().map(|outcome| outcome.as_str()));
    let words: Vec<_> = words.chain(ProfileOutcome::ALL.iter().map(|outcome| outcome.as_str())).collect();
    let reasons: Vec<_> = MembershipReason::ALL.iter().map(|reason| reason.as_str()).collect();
    for language in Language::ALL {
        let file = format!("crates/lapse-report/messages/{}.toml", language.as_str());
        let file: toml::Table = std::fs::read_to_string(crate::program::root().join(file)).unwrap().parse().unwrap();
        for (table, words) in [("word", &words), ("reason", &reasons)] {
            let missing: Vec<_> = words.iter().filter(|&&word| file[table].get(word).is_none()).collect();
            assert_eq!(missing, Vec::<&&str>::new(), "[{table}] in {}", language.as_str());
        }
    }
}

#[test]
fn a_page_names_nothing_that_it_would_have_to_fetch() {
    for language in Language::ALL {
        for page in [diff_page(&example::diff(), language), forecast_page(&example::forecast(), language)] {
            let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
            for sign in ["http:", "https:", "src=", "href=", "@import", "url(", "style="] {
                assert!(!page.contains(sign), "{sign}");
            }
        }
    }
}

#[test]
fn patrons_are_named_only_in_a_list_of_them() {
    let mut diff = example::diff();
    let mut forecast = example::forecast();
    assert!(diff_page(&diff, Language::En).contains("P000042"));
    assert!(forecast_page(&forecast, Language::En).contains("P000042"));
    diff.moved = None;
    forecast.letters.as_mut().unwrap().patrons = None;
    for page in [diff_page(&diff, Language::En), forecast_page(&forecast, Language::En)] {
        assert!(!page.contains("P0000") && !page.contains("This page names patrons"));
    }
}
