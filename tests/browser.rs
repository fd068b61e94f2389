//! The pages in a real browser: that they work, print, fetch nothing and leave nobody out. They need Chromium and axe-core
//! (`npm ci --prefix tests/browser`); `able.rs` says what happens without.

mod chromium;
mod numbers;

use std::path::{Path, PathBuf};

use lapse_report::{Language, diff_page, forecast_page};
use serde_json::{Value, json};

use crate::able::{browser, cannot_run};
use crate::program::{Folder, root};
use crate::report::example;
use crate::story;
use chromium::{Browser, url};

/// The program makes pages of the first three kinds from real tables; the made-up ones show what real tables seldom have.
const KINDS: [&str; 5] = ["run", "diff", "forecast", "made-up-diff", "made-up-forecast"];

/// Starts the browser and makes the pages to open in it. Gives nothing where the machine has no browser.
fn browser_and_pages() -> Option<(Browser, Folder)> {
    browser().map(|program| (Browser::start(&program), pages()))
}

/// Makes every page in every language, with patrons in it: the pages of the story of July 2022 as the program writes them,
/// and the made-up ones.
fn pages() -> Folder {
    let folder = Folder::new();
    story::tell(&folder, &[("PATRONS", "2000")]);
    for language in Language::ALL {
        for kind in &KINDS[..3] {
            let page = page(&folder, kind, language);
            let words = ["--with-patrons", "--lang", language.as_str(), "--report", page.to_str().unwrap()];
            lapse(&folder, kind, &words);
        }
        let code = language.as_str();
        folder.write(&format!("made-up-diff.{code}.html"), diff_page(&example::diff(), language));
        folder.write(&format!("made-up-forecast.{code}.html"), forecast_page(&example::forecast(), language));
    }
    folder
}

/// Runs a command on the tables of the story; gives what it prints.
fn lapse(folder: &Folder, kind: &str, words: &[&str]) -> String {
    let command: &[&str] = match kind {
        "run" => &["run", "--policies", "after", "--data", "extract", "--date", "2022-07-01", "--out", "run"],
        "diff" => &["diff", "before", "after", "--data", "extract", "--date", "2022-07-01"],
        "forecast" => {
            &["forecast", "--policies", "after", "--data", "extract", "--from", "2022-06-01", "--letters", "3"]
        }
        other => panic!("{other} is no command with a page"),
    };
    let ran = folder.lapse(&[command, words].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    ran.stdout
}

fn page(folder: &Folder, kind: &str, language: Language) -> PathBuf {
    folder.path().join(format!("{kind}.{}.html", language.as_str()))
}

fn all_pages(folder: &Folder) -> impl Iterator<Item = PathBuf> {
    KINDS.iter().flat_map(move |kind| Language::ALL.map(|language| page(folder, kind, language)))
}

/// The rows of the table of libraries.
const ROWS: &str = "[...document.querySelectorAll('[aria-labelledby=libraries] tbody tr')]";

/// The first cell of each row that is visible.
const SHOWN: &str = "[...document.querySelectorAll('[aria-labelledby=libraries] tbody tr')]
    .filter((row) => row.checkVisibility()).map((row) => row.cells[0].textContent)";

/// The head of a column of that table.
fn column(index: usize) -> String {
    format!("document.querySelectorAll('[aria-labelledby=libraries] thead tr:last-child th button')[{index}]")
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn pages_open_without_a_complaint_and_ask_nobody_for_anything() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    for file in all_pages(&folder) {
        browser.open(&file);
        let (complaints, requests) = browser.complaints_and_requests();
        assert_eq!(complaints, Vec::<String>::new(), "{}", file.display());
        assert_eq!(requests, [url(&file)]);
        // The browser refuses whatever the page does not allow, and complains of it.
        browser.eval("fetch('http://localhost:1/').catch(() => 0)");
        browser.eval("document.body.append(Object.assign(new Image(), { src: 'http://localhost:1/x.png' }))");
        let (complaints, _) = browser.complaints_and_requests();
        assert!(complaints.iter().any(|complaint| complaint.contains("Content Security Policy")), "{complaints:?}");
    }
}

#[test]
fn no_text_becomes_a_part_of_the_page() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    browser.open(&page(&folder, "made-up-diff", Language::En));
    assert_eq!(browser.eval("document.querySelectorAll('dienst, td b').length"), 0);
    let heads = browser.eval(SHOWN);
    assert!(texts(&heads).contains(&"Bibliotheek Sint-Lievens-Houtem <dienst \"Kempen & Maas\"> sint-lievens-houtem"));
}

#[test]
fn a_table_sorts_by_mouse_and_by_keyboard() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    browser.open(&page(&folder, "made-up-forecast", Language::Nl));
    let sorted =
        |browser: &mut Browser, index: usize| browser.eval(&format!("{}.parentElement.ariaSort", column(index)));
    let numbers = |browser: &mut Browser| -> Vec<i64> {
        let keys = browser.eval(
            "[...document.querySelectorAll('[aria-labelledby=libraries] tbody tr')].map((row) => row.cells[1].dataset.key)",
        );
        texts(&keys).into_iter().map(|key| key.parse().unwrap()).collect()
    };
    assert_eq!(numbers(&mut browser)[..3], [1480, 480, 1000]);
    browser.click(&column(1));
    assert_eq!(sorted(&mut browser, 1), "descending");
    assert_eq!(numbers(&mut browser), [2400, 1640, 1480, 1320, 1200, 1000, 880, 480, 320, 200]);
    browser.press("Enter", "\r");
    assert_eq!(sorted(&mut browser, 1), "ascending");
    assert_eq!(numbers(&mut browser), [200, 320, 480, 880, 1000, 1200, 1320, 1480, 1640, 2400]);
    browser.click(&column(0));
    assert_eq!((sorted(&mut browser, 0), sorted(&mut browser, 1)), ("ascending".into(), Value::Null));
    let heads = browser.eval(SHOWN);
    assert!(texts(&heads).is_sorted(), "{heads}");
}

#[test]
fn the_tables_of_real_pages_sort_in_both_directions() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    for (kind, language) in KINDS[..3].iter().flat_map(|kind| Language::ALL.map(|language| (kind, language))) {
        browser.open(&page(&folder, kind, language));
        let keys = |browser: &mut Browser| -> Vec<i64> {
            let keys = browser.eval(&format!("{ROWS}.map((row) => row.cells[1].dataset.key)"));
            texts(&keys).into_iter().map(|key| key.parse().unwrap()).collect()
        };
        let mut sorted = keys(&mut browser);
        sorted.sort_unstable();
        browser.click(&column(1));
        browser.click(&column(1));
        assert_eq!(keys(&mut browser), sorted, "{kind}");
        browser.click(&column(1));
        sorted.reverse();
        assert_eq!(keys(&mut browser), sorted, "{kind}");
    }
}

#[test]
fn a_table_shows_only_the_rows_that_are_asked_for_in_whatever_order() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    for kind in &KINDS[..3] {
        browser.open(&page(&folder, kind, Language::En));
        let all = texts(&browser.eval(SHOWN)).len();
        assert_eq!(all, 15);
        browser.click(&column(1));
        browser.click("document.querySelector('[aria-labelledby=libraries] input')");
        browser.write("  ZOT");
        let shown = browser.eval(SHOWN);
        assert!(texts(&shown).iter().all(|head| head.contains("Zottegem")) && texts(&shown).len() == 1, "{shown}");
        let told = "document.querySelector('[aria-labelledby=libraries] output').textContent";
        assert_eq!(browser.eval(told), "1 of 15 rows");
        browser.press("Backspace", "");
        browser.eval("document.activeElement.value = ''; document.activeElement.dispatchEvent(new Event('input'))");
        assert_eq!((texts(&browser.eval(SHOWN)).len(), browser.eval(told)), (all, "".into()));
    }
}

#[test]
fn a_page_is_complete_without_its_script() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    for file in all_pages(&folder) {
        browser.open(&file);
        assert_eq!(browser.eval("document.querySelectorAll('button, input').length"), 0);
        assert!(texts(&browser.eval(SHOWN)).len() >= 10);
        browser.click("document.querySelector('summary')");
        assert_eq!(browser.eval("document.querySelector('details table').checkVisibility()"), true);
    }
}

#[test]
fn a_page_prints_with_all_its_numbers_and_without_its_buttons() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    for file in all_pages(&folder) {
        browser.open(&file);
        browser.show_as("print", "dark");
        assert_eq!(browser.eval("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
        let hidden = "[...document.querySelectorAll('table')].filter((table) => !table.checkVisibility()).length";
        assert_eq!(browser.eval(hidden), 0, "{}", file.display());
        assert_eq!(browser.eval("document.querySelector('.filter').checkVisibility()"), false);
        let cut_off = "[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > 680)
            .map((box) => box.getAttribute('aria-label'))";
        browser.resize(680);
        assert_eq!(browser.eval(cut_off), json!([]), "{}", file.display());
        let pdf = browser.call("Page.printToPDF", json!({ "preferCSSPageSize": true }));
        // "%PDF-" in base64.
        assert!(pdf["data"].as_str().unwrap().starts_with("JVBERi0"), "{}", file.display());
        browser.show_as("screen", "light");
    }
}

#[test]
fn a_page_fits_the_window() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    for file in all_pages(&folder) {
        browser.open(&file);
        for width in [320, 390, 1440] {
            browser.resize(width);
            let too_wide = "[...document.querySelectorAll('body *')]
                .filter((part) => !part.closest('.scroll') && part.getBoundingClientRect().right > innerWidth + 1)
                .map((part) => part.outerHTML.slice(0, 200))";
            assert_eq!(browser.eval(too_wide), json!([]), "{} at {width}", file.display());
            assert!(browser.eval("document.documentElement.scrollWidth").as_u64().unwrap() <= width.into());
            let pictures = "[...document.querySelectorAll('figure')].every((figure) =>
                [...figure.querySelectorAll('svg')].filter((svg) => svg.checkVisibility()).length === 1)";
            assert_eq!(browser.eval(pictures), true);
            // No text of a picture runs over the edges of the picture.
            let outside =
                "[...document.querySelectorAll('svg')].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
                const frame = svg.getBoundingClientRect();
                return [...svg.querySelectorAll('text')].filter((text) => {
                    const box = text.getBoundingClientRect();
                    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
                }).map((text) => text.textContent); })";
            assert_eq!(browser.eval(outside), json!([]), "{} at {width}", file.display());
        }
    }
}

#[test]
fn axe_finds_nothing_to_complain_of() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    let axe = root().join("tests/browser/node_modules/axe-core/axe.min.js");
    let Ok(axe) = std::fs::read_to_string(&axe) else {
        return cannot_run("there is no axe-core; `npm ci --prefix tests/browser` brings it");
    };
    for file in all_pages(&folder) {
        for (scheme, width) in [("light", 1440), ("dark", 390)] {
            browser.show_as("screen", scheme);
            browser.resize(width);
            browser.open(&file);
            browser.eval("document.querySelectorAll('details').forEach((details) => details.open = true)");
            browser.eval(&axe);
            let found = browser.eval(
                "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
                    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map((node) => node.html)}`))",
            );
            assert_eq!(found, json!([]), "{} {scheme}", file.display());
        }
    }
}

/// The pages of the story. Run it by name, look at the pictures, and keep what the documents show:
/// `LAPSE_PICTURES=DIR cargo nextest run --run-ignored only takes_pictures`.
#[test]
#[ignore = "for people to look at"]
fn takes_pictures() {
    let (mut browser, _made_up) = browser_and_pages().expect("a browser");
    let folder = Folder::new();
    for language in Language::ALL {
        story::tell(&folder, &[("PAGE_LANG", language.as_str())]);
        for kind in &KINDS[..3] {
            std::fs::rename(folder.path().join(format!("{kind}.html")), page(&folder, kind, language)).unwrap();
        }
    }
    let into = PathBuf::from(std::env::var_os("LAPSE_PICTURES").expect("LAPSE_PICTURES names a folder"));
    std::fs::create_dir_all(&into).unwrap();
    for file in all_pages(&folder).filter(|file| file.exists()) {
        for (scheme, width) in [("light", 1440), ("light", 390), ("dark", 1440), ("dark", 390)] {
            browser.show_as("screen", scheme);
            browser.resize(width);
            browser.open(&file);
            let size = browser.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].take();
            let clip = json!({ "x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1 });
            let picture =
                browser.call("Page.captureScreenshot", json!({ "clip": clip, "captureBeyondViewport": true }));
            let name = format!("{}.{scheme}.{width}.png", file.file_stem().unwrap().display());
            write_base64(&into.join(name), picture["data"].as_str().unwrap());
        }
        browser.show_as("", "light");
        let pdf = browser.call("Page.printToPDF", json!({ "preferCSSPageSize": true }));
        write_base64(&into.join(file.with_extension("pdf").file_name().unwrap()), pdf["data"].as_str().unwrap());
    }
}

fn write_base64(path: &Path, text: &str) {
    use base64::Engine as _;
    std::fs::write(path, base64::prelude::BASE64_STANDARD.decode(text).unwrap()).unwrap();
}
