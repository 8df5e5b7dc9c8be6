//! Every page in every state and language: what all of them promise.

#[path = "../examples/samples/mod.rs"]
mod samples;

use std::collections::HashSet;

use fireward_pages::Language;
use samples::{Sample, all};
use scraper::{ElementRef, Html, Selector};

fn select<'a>(page: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(css);
    assert!(selector.is_ok(), "{css}");
    selector.iter().flat_map(|selector| page.select(selector)).collect()
}

fn every_page(check: impl Fn(&str, &Html)) {
    for lang in Language::ALL {
        for Sample { name, html } in all(lang, &str::to_owned) {
            check(&format!("{name} in {}", lang.tag()), &Html::parse_document(&html));
        }
    }
}

#[test]
fn each_page_looks_as_it_did() {
    for Sample { name, html } in all(Language::English, &str::to_owned) {
        insta::assert_snapshot!(name, without_hashes(&html));
    }
}

/// The page with the hashes of its assets left out, so that a change of style is not a change of every page.
fn without_hashes(html: &str) -> String {
    let mut parts = html.split("/assets/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + "/assets/…" + &part[16..])
}

#[test]
fn one_question_is_the_heading_and_headings_skip_no_level() {
    every_page(|name, page| {
        assert_eq!(select(page, "h1").len(), 1, "{name}");
        assert_eq!(select(page, "main h1").len(), 1, "{name}");
        let mut deepest = 0;
        for heading in select(page, "main h1, main h2, main h3, main h4") {
            let level = usize::from(heading.value().name().as_bytes()[1] - b'0');
            assert!(
                level <= deepest + 1 || heading.value().classes().count() > 0,
                "{name}: {level}"
            );
            deepest = deepest.max(level);
        }
        let title: String = select(page, "title")[0].text().collect();
        assert!(title.contains("Northgate Health"), "{name}");
    });
}

#[test]
fn language_direction_and_landmarks_are_told() {
    every_page(|name, page| {
        let html = select(page, "html")[0].value();
        let lang = Language::ALL.into_iter().find(|l| name.ends_with(&format!(" {}", l.tag())));
        assert_eq!(html.attr("lang"), lang.map(Language::tag), "{name}");
        assert_eq!(html.attr("dir"), lang.map(Language::dir), "{name}");
        for landmark in ["header", "main#main", "footer", "a.skip[href='#main']"] {
            assert_eq!(select(page, &format!("body > {landmark}")).len(), 1, "{name}: {landmark}");
        }
    });
}

#[test]
fn x1_no_page_has_inline_style_or_script_or_loads_from_elsewhere() {
    every_page(|name, page| {
        assert!(select(page, "style, [style], base, iframe, object, embed").is_empty(), "{name}");
        for element in select(page, "*") {
            for (attribute, value) in element.value().attrs() {
                assert!(!attribute.starts_with("on"), "{name}: {attribute}");
                assert!(!value.trim_start().starts_with("javascript:"), "{name}: {value}");
            }
        }
        for element in select(page, "script, img, link") {
            let value = element.value();
            let from = value.attr("src").or(value.attr("href")).unwrap();
            assert!(from.starts_with("/assets/"), "{name}: {from}");
            assert_eq!(element.text().collect::<String>(), "", "{name}");
        }
    });
}

#[test]
fn every_control_has_a_label_and_every_reference_a_target() {
    every_page(|name, page| {
        let ids: Vec<_> =
            select(page, "[id]").iter().filter_map(|e| e.value().attr("id")).collect();
        let unique: HashSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for attribute in ["for", "aria-describedby", "aria-labelledby", "aria-controls", "form"] {
            for element in select(page, &format!("[{attribute}]")) {
                let targets = element.value().attr(attribute).unwrap();
                let known = |target: &str| ids.contains(&target);
                assert!(targets.split(' ').all(known), "{name}: {attribute}={targets}");
            }
        }
        for link in select(page, "a[href^='#']") {
            assert!(ids.contains(&&link.value().attr("href").unwrap()[1..]), "{name}");
        }
        for input in select(page, "input:not([type=hidden]):not([aria-hidden])") {
            let within =
                input.ancestors().filter_map(ElementRef::wrap).any(|e| e.value().name() == "label");
            let id = input.value().attr("id").unwrap_or_default();
            let labelled = within || !select(page, &format!("label[for='{id}']")).is_empty();
            assert!(labelled, "{name}: {}", input.html());
        }
        assert!(select(page, "img:not([alt])").is_empty(), "{name}");
    });
}

#[test]
fn l2_every_posted_form_carries_the_token() {
    every_page(|name, page| {
        // An answer is posted to the app, which proves it by `state`.
        for form in select(page, "form[method=post]:not(#answer)") {
            let token = form.select(&Selector::parse("input[name=csrf]").unwrap()).next();
            assert_eq!(token.and_then(|t| t.value().attr("value")), Some("0f2a8e9c"), "{name}");
        }
    });
}

/// The controls that scripts of others may rely on.
const CONTROLS: [(&str, &[&str]); 10] = [
    (
        "login",
        &[
            "input#username[name=username][autocomplete=username]",
            "input#password[name=password][type=password]",
            "button#sign-in",
        ],
    ),
    ("login-throttled", &["button#sign-in[data-wait='45']"]),
    (
        "patient",
        &[
            "input#patient-search[name=q]",
            "input[type=radio][name=patient][value='id-1979-03-04']:checked",
            "button#choose-patient",
            "button#not-you",
        ],
    ),
    (
        "context-visit",
        &[
            "input[type=radio][name=resource][value=e1]",
            "button#choose",
            "button#without",
            "button#not-you",
        ],
    ),
    (
        "consent",
        &[
            "input[type=checkbox][name=scope][value='patient/MedicationRequest.rs'][checked]",
            "input[type=radio][name=until][value='30-days'][checked]",
            "button#approve[name=decision][value=allow]",
            "button#deny[name=decision][value=deny]",
            "button#not-you",
        ],
    ),
    ("logout", &["button#confirm-logout"]),
    ("error-faultyrequest", &["#error-code", "#request-id"]),
    (
        "account-password",
        &[
            "input#current[name=current][autocomplete=current-password]",
            "input#new[name=new][autocomplete=new-password]",
            "input#again[name=again][autocomplete=new-password]",
            "button#change-password",
        ],
    ),
    ("account-disconnect", &["button#confirm-disconnect"]),
    ("account-end-all", &["button#confirm-end-all"]),
];

#[test]
fn controls_keep_their_names() {
    let pages = all(Language::English, &str::to_owned);
    for (name, controls) in CONTROLS {
        let sample = pages.iter().find(|sample| sample.name == name).unwrap();
        let page = Html::parse_document(&sample.html);
        for control in controls {
            let control = control.replace(":checked", "[checked]");
            assert_eq!(select(&page, &control).len(), 1, "{name}: {control}");
        }
    }
}

#[test]
fn x1_hostile_values_stay_values() {
    let hostile = format!(
        "<script>alert(1)</script>\"><img src=x onerror=y>\u{202e}\u{2066}\u{0}'{{{{7*7}}}}{}",
        "A".repeat(10_000)
    );
    let calm = all(Language::English, &|_| "calm".to_owned());
    let attacked = all(Language::English, &|_| hostile.clone());
    for (calm, attacked) in calm.iter().zip(&attacked) {
        let name = &calm.name;
        let (calm, page) = (Html::parse_document(&calm.html), Html::parse_document(&attacked.html));
        let shape = |page: &Html| -> Vec<String> {
            select(page, "*")
                .iter()
                .map(|e| {
                    format!(
                        "{} {:?}",
                        e.value().name(),
                        e.value().attrs().map(|(n, _)| n).collect::<HashSet<_>>().len()
                    )
                })
                .collect()
        };
        assert_eq!(shape(&calm), shape(&page), "{name}: hostile values changed the structure");
        let text: String = select(&page, "body")[0].text().collect();
        let turned = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2067}' | '\u{0}');
        assert!(!text.contains(turned), "{name}");
        let longest = text.split('…').map(str::len).max().unwrap_or_default();
        assert!(longest < 3_000, "{name}: {longest}");
    }
}

#[test]
fn every_string_comes_from_the_catalogue() {
    // In the accented language every letter of ours has an accent, so a plain word is a string that bypasses it.
    for Sample { name, html } in all(Language::Accented, &|_| "⁂".to_owned()) {
        let page = Html::parse_document(&html);
        let mut seen: Vec<String> = select(&page, "title, body *")
            .iter()
            .flat_map(|e| ["aria-label", "title", "placeholder", "alt"].map(|a| e.value().attr(a)))
            .flatten()
            .map(str::to_owned)
            .collect();
        seen.extend(
            select(&page, "title, body")[..].iter().flat_map(ElementRef::text).map(str::to_owned),
        );
        for text in seen {
            let plain = text
                .split(|c: char| !c.is_alphabetic())
                .find(|word| word.len() > 1 && word.is_ascii());
            assert_eq!(plain, None, "{name}: {text:?}");
        }
    }
}

#[test]
fn consent_posts_the_scope_as_it_was_asked() {
    let pages = all(Language::English, &str::to_owned);
    let page = Html::parse_document(&pages.iter().find(|s| s.name == "consent").unwrap().html);
    let values: Vec<_> =
        select(&page, "[name=scope]").iter().filter_map(|e| e.value().attr("value")).collect();
    assert!(values.contains(&"openid"), "what has no switch is posted too");
    assert!(values.contains(&"offline_access"));
    assert!(values.contains(&"patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"));
    assert!(
        !values.contains(&"patient/Observation.rs"),
        "a page shows the whole or its choices, not both"
    );
}
