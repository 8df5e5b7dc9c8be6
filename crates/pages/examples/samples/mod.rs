//! Every page in every state, with invented people. `says` stands between each outside value and the page,
//! so that tests can make the values hostile or recognisable.

mod account;
mod consent;
mod people;

use fireward_pages::{
    Attempt, Chrome, ContinuePage, ErrorPage, FormPostPage, Language, LeavingPage, LoggedOutPage,
    LoginPage, LogoutPage, NewWindowPage, Returning, Support, Trouble,
    explained::{Cause, Difference, ExplainedPage, Happened, Lost},
    home::HomePage,
};

/// A page in a state.
pub(crate) struct Sample {
    /// Unique, and the name of its snapshot.
    pub(crate) name: String,
    /// The page.
    pub(crate) html: String,
}

/// What becomes of a value from outside before a page gets it.
pub(crate) type Says<'a> = &'a dyn Fn(&str) -> String;

fn sample(name: &str, html: String) -> Sample {
    Sample { name: name.to_owned(), html }
}

/// Every page in every state.
pub(crate) fn all(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let mut all = sign_in(lang, says);
    all.extend(people::all(lang, says));
    all.extend(consent::all(lang, says));
    all.extend(account::all(lang, says));
    all.extend(ends(lang, says));
    all.extend(explained(lang, says));
    all.extend(Trouble::ALL.into_iter().map(|trouble| error(lang, says, trouble)));
    all
}

/// Northgate Health, with nobody signed in.
fn chrome(lang: Language, says: Says<'_>) -> Chrome {
    let mut chrome = Chrome::new(lang, says("Northgate Health"));
    chrome.csrf = Some(says("0f2a8e9c"));
    chrome.brand.support = Some(Support {
        words: says("help@northgate.example"),
        href: Some("mailto:help@northgate.example".to_owned()),
    });
    chrome
}

/// Northgate Health, with somebody signed in.
fn signed_in(lang: Language, says: Says<'_>, name: &str) -> Chrome {
    Chrome { signed_in_as: Some(says(name)), ..chrome(lang, says) }
}

fn login(lang: Language, says: Says<'_>, attempt: Attempt) -> LoginPage {
    LoginPage {
        chrome: chrome(lang, says),
        action: says("/login?request=r1"),
        app: Some(says("Growth Chart")),
        username: says("ana.silva"),
        attempt,
        other: None,
        returning: None,
    }
}

fn sign_in(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let page = |attempt| login(lang, says, attempt);
    let returning = Returning { name: says("Ana Silva"), switch_action: says("/login/switch") };
    let missing = Attempt::Missing { username: true, password: true };
    let unasked = LoginPage { app: None, username: String::new(), ..page(Attempt::First) };
    let known = |attempt| LoginPage { returning: Some(returning.clone()), ..page(attempt) };
    let go_on = ContinuePage {
        chrome: chrome(lang, says),
        action: says("/login/continue"),
        switch_action: says("/login/switch"),
        name: says("Ana Silva"),
        username: says("ana.silva"),
        app: Some(says("Growth Chart")),
    };
    vec![
        sample("login", page(Attempt::First).render()),
        sample("login-by-itself", unasked.render()),
        sample("login-wrong", page(Attempt::Wrong).render()),
        sample("login-missing", LoginPage { username: String::new(), ..page(missing) }.render()),
        sample("login-throttled", page(Attempt::Throttled { wait_seconds: 45 }).render()),
        sample("login-stale", page(Attempt::Stale).render()),
        sample(
            "login-other-user",
            LoginPage { other: Some(says("Ana Silva")), ..page(Attempt::First) }.render(),
        ),
        sample("login-again", known(Attempt::First).render()),
        sample("login-again-wrong", known(Attempt::Wrong).render()),
        sample("login-continue", go_on.render()),
    ]
}

fn ends(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let logout = LogoutPage {
        chrome: signed_in(lang, says, "Ana Silva"),
        action: says("/logout"),
        hidden: vec![(says("request"), says("l1"))],
        app: Some(says("Growth Chart")),
        stay_href: Some(says("/account")),
    };
    let done = LoggedOutPage {
        chrome: chrome(lang, says),
        back: Some((says("Growth Chart"), "https://growth.example/done".to_owned())),
        sign_in_href: Some(says("/login")),
    };
    let plain = LoggedOutPage { back: None, sign_in_href: None, ..done.clone() };
    vec![
        sample("logout", logout.render()),
        sample("logged-out", done.render()),
        sample("logged-out-plain", plain.render()),
        sample("leaving", leaving(lang, says).render()),
        sample("new-window", new_window(lang, says).render()),
        sample("form-post", form_post(lang, says).render()),
        sample("home", home(lang, says).render()),
    ]
}

fn leaving(lang: Language, says: Says<'_>) -> LeavingPage {
    LeavingPage {
        chrome: chrome(lang, says),
        app: says("Totally Real Health"),
        host: says("totally-real.example"),
        href: "https://totally-real.example/cb?error=invalid_scope&state=s".to_owned(),
        code: says("invalid_scope"),
        request_id: says("01JD-7QK2"),
    }
}

fn new_window(lang: Language, says: Says<'_>) -> NewWindowPage {
    NewWindowPage {
        chrome: chrome(lang, says),
        app: Some(says("Growth Chart")),
        href: says("/authorize?request=r1"),
    }
}

fn form_post(lang: Language, says: Says<'_>) -> FormPostPage {
    FormPostPage {
        chrome: chrome(lang, says),
        app: says("Growth Chart"),
        action: says("https://growth.example/cb"),
        fields: vec![("code", says("c0de")), ("state", says("st4te"))],
    }
}

fn home(lang: Language, says: Says<'_>) -> HomePage {
    let document = |name: &str, path: &str| (says(name), says(path));
    HomePage {
        chrome: chrome(lang, says),
        issuer: says("http://localhost:8080"),
        account_href: says("/account"),
        fhir_bases: vec![says("http://localhost:8081/fhir")],
        documents: vec![
            document("openid-configuration", "/.well-known/openid-configuration"),
            document("oauth-authorization-server", "/.well-known/oauth-authorization-server"),
            document("jwks", "/jwks"),
        ],
    }
}

fn explained(lang: Language, says: Says<'_>) -> Vec<Sample> {
    let lost = |scope: &str, reason| Lost { scope: says(scope), reason, more: None };
    let unknown = Lost {
        more: Some(says("the permissions must be letters of `cruds` in that order")),
        ..lost("patient/Observation.dus", "unknown")
    };
    let happened = Happened {
        description: says("none of the requested scopes may be granted to this client"),
        client: Some(says("growth-chart")),
        request_id: says("01JD7QK2M9ZV4T8R"),
        at: 1_700_000_000,
        now: 1_700_000_300,
        differences: vec![],
        lost: vec![lost("user/*.cruds", "registration"), unknown],
        causes: vec![],
    };
    let redirect = Difference {
        parameter: says("redirect_uri"),
        sent: Some(says("https://growth.example/cb")),
        expected: vec![says("https://growth.example/callback"), says("http://127.0.0.1/callback")],
    };
    let other = Happened {
        description: says("redirect_uri is not registered for this client"),
        differences: vec![redirect],
        lost: vec![],
        ..happened.clone()
    };
    let cause = Cause { name: "session-over", capability: String::new() };
    let ended = Happened { causes: vec![cause], differences: vec![], ..other.clone() };
    let page = |code: &'static str, happened| ExplainedPage {
        chrome: Chrome { csrf: None, ..chrome(lang, says) },
        code: says(code),
        meaning: code,
        happened,
        forgotten: false,
    };
    let forgotten = ExplainedPage { forgotten: true, ..page("invalid_scope", None) };
    vec![
        sample("explained-scope", page("invalid_scope", Some(happened)).render()),
        sample("explained-redirect", page("invalid_request", Some(other)).render()),
        sample("explained-ended", page("invalid_grant", Some(ended)).render()),
        sample("explained-forgotten", forgotten.render()),
        sample("explained-code", page("login_required", None).render()),
    ]
}

fn error(lang: Language, says: Says<'_>, trouble: Trouble) -> Sample {
    let named = matches!(trouble, Trouble::FaultyRequest | Trouble::NotAllowed);
    let faulty = trouble == Trouble::UnknownReturnAddress;
    let page = ErrorPage {
        chrome: chrome(lang, says),
        trouble,
        code: says("invalid_request"),
        request_id: says("01JD7QK2M9ZV4T8R"),
        parameter: faulty.then(|| says("redirect_uri")),
        detail: faulty.then(|| {
            says("https://growth.example/cb is not registered for growth-chart. Registered: https://growth.example/callback")
        }),
        app: named.then(|| says("Growth Chart")),
        wait_seconds: (trouble == Trouble::TooMany).then_some(240),
        explained_href: faulty.then(|| says("/errors/invalid_request/8f3k")),
        onward_href: (trouble == Trouble::Expired).then(|| says("/account")),
    };
    sample(&format!("error-{trouble:?}").to_lowercase(), page.render())
}
