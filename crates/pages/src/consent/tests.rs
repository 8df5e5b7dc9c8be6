use super::*;

fn ask(key: &'static str, level: &str, heading: &'static str) -> Ask {
    let args = vec![("level", level.to_owned()), ("resource", "Observation".to_owned())];
    Ask::new(format!("{level}/{heading}"), Message { key, args }, heading)
}

#[test]
fn seeing_comes_before_changing_and_this_record_before_all() {
    let asks = [
        ask("scope-change", "user", "records-other"),
        ask("scope-see", "user", "records-visits"),
        ask("scope-see-and-add", "patient", "records-documents"),
        ask("scope-see", "patient", "records-visits"),
        ask("scope-see", "patient", "records-about-you"),
        ask("scope-see", "patient", "records-visits"),
    ];
    let found: Vec<_> = sections(&asks)
        .into_iter()
        .map(|s| {
            (s.changes, s.all_records, s.groups.iter().map(|g| g.asks.len()).collect::<Vec<_>>())
        })
        .collect();
    let expected = [
        (false, false, vec![1, 2]),
        (false, true, vec![1]),
        (true, false, vec![1]),
        (true, true, vec![1]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_heading_that_nobody_knows_comes_last_and_is_not_lost() {
    let asks =
        [ask("scope-see", "patient", "records-new"), ask("scope-see", "patient", "records-other")];
    let sections = sections(&asks);
    let headings: Vec<_> = sections[0].groups.iter().map(|g| g.heading).collect();
    assert_eq!(headings, ["records-other", "records-new"]);
}

#[test]
fn what_the_form_posts_as_until_is_read_back() {
    for until in Until::ALL {
        assert_eq!(Until::parse(until.value()), Some(until));
    }
    assert_eq!(Until::parse("forever"), None);
}

#[test]
fn the_question_says_no_less_than_what_is_asked() {
    let person = Person { name: "Ana".to_owned(), born: None };
    let page = |whose, records| ConsentPage {
        chrome: Chrome::new(crate::Language::English, "Northgate"),
        action: String::new(),
        switch_action: String::new(),
        app: App {
            name: "Growth".to_owned(),
            logo: None,
            publisher: None,
            review: Review::Own,
            policy_href: None,
            terms_href: None,
            returns_to: None,
            opened_from: None,
        },
        whose,
        change_record_href: None,
        records,
        others: Vec::new(),
        offline: None,
        untils: Vec::new(),
        until: Until::Visit,
        apps_href: String::new(),
        nothing_chosen: false,
    };
    let see = || ask("scope-see", "patient", "records-visits");
    let see_all = || ask("scope-see", "user", "records-visits");
    let add = || ask("scope-add", "patient", "records-visits");
    let yours = || Whose::Yours(person.clone());
    let asked = [
        (page(yours(), vec![see()]), "Let Growth see your health record?"),
        (page(yours(), vec![add()]), "Let Growth change your health record?"),
        (page(yours(), vec![see(), add()]), "Let Growth see and change your health record?"),
        (page(yours(), vec![see_all()]), "Let Growth see the records that you can open?"),
        (
            page(Whose::Theirs(person.clone()), vec![see(), see_all()]),
            "Let Growth see the records that you can open?",
        ),
        (
            page(Whose::Theirs(person.clone()), vec![see()]),
            "Let Growth see the health record of Ana?",
        ),
        (page(yours(), Vec::new()), "Let Growth know who you are?"),
    ];
    for (page, question) in asked {
        assert_eq!(page.heading().0, question);
    }
}
