//! From a page of `fireward-pages` to an answer, and from a failure to a page.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use fireward_oauth::{ErrorCode, Origin, Refused, metadata::paths};
use fireward_pages::{Chrome, ErrorPage, Language, Trouble};

use crate::{Failure, Fault, Refusal, Site, Visit};

/// What every page of an issuer shares, without a form and with nobody signed in.
#[must_use]
pub fn chrome(site: &Site, lang: Language) -> Chrome {
    Chrome {
        lang,
        brand: site.brand.clone(),
        base: site.issuer.path().to_owned(),
        csrf: None,
        signed_in_as: None,
    }
}

/// A page.
#[must_use]
pub fn html(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(HTML).body(body)
}

/// A page that other sites may frame: without a form, and never of anything personal (D-20).
#[must_use]
pub fn frameable(body: String) -> HttpResponse {
    let policy = format!("{CONTENT}; frame-ancestors *");
    HttpResponse::Ok()
        .content_type(HTML)
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(body)
}

/// 303 See Other: whatever was sent, the next request is a GET (OC-0-04).
#[must_use]
pub fn redirect(location: impl Into<String>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location.into())).finish()
}

/// What a page may load: our own files, and nothing that was written into it.
const CONTENT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'";

/// What a page may load, and the pages that it may be shown within.
pub(crate) fn policy(ancestors: &[Origin]) -> String {
    let list: Vec<String> = ancestors.iter().map(ToString::to_string).collect();
    let list = if list.is_empty() { "'none'".to_owned() } else { list.join(" ") };
    format!("{CONTENT}; frame-ancestors {list}")
}

const HTML: &str = "text/html; charset=utf-8";

/// The page that a person reads in place of a failure.
pub(crate) fn of_failure(site: &Site, visit: &Visit, failure: &Failure) -> (StatusCode, String) {
    let own;
    let fault = match failure {
        Failure::Page(fault) => &**fault,
        Failure::Refused(refusal) => {
            own = of_refusal(refusal);
            &own
        }
        Failure::Broken(_) => {
            own = Fault::new(Trouble::OurFault);
            &own
        }
    };
    let status = match failure {
        Failure::Refused(refusal) => refusal.status_code(),
        Failure::Page(_) | Failure::Broken(_) => fault.status_code(),
    };
    let explained = explained(site, visit, fault);
    let page = ErrorPage {
        chrome: chrome(site, visit.language(None)),
        trouble: fault.trouble,
        code: fault.code.as_str().to_owned(),
        request_id: visit.request.as_str().to_owned(),
        parameter: fault.parameter.clone(),
        detail: fault.detail.clone(),
        app: fault.app.clone(),
        wait_seconds: fault.wait_seconds,
        onward_href: fault.onward.clone(),
        explained_href: explained,
    };
    (status, page.render())
}

/// Where the app's developer finds out more, where more is known.
fn explained(site: &Site, visit: &Visit, fault: &Fault) -> Option<String> {
    let (facts, client) = &fault.explained;
    let sentence = fault.detail.clone().unwrap_or_default();
    let refused = Refused::new(fault.code, sentence).explained(facts.clone());
    let id = site.explain(visit, client.as_ref(), &refused)?;
    Some(site.path(&format!("{}/{}/{id}", paths::ERRORS, fault.code)))
}

fn of_refusal(refusal: &Refusal) -> Fault {
    let trouble = match refusal.status_code() {
        StatusCode::METHOD_NOT_ALLOWED => Trouble::WrongMethod,
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => Trouble::TooMany,
        StatusCode::SERVICE_UNAVAILABLE => Trouble::ElsewhereDown,
        StatusCode::NOT_FOUND => Trouble::NotFound,
        _ if refusal.refused.code == ErrorCode::AccessDenied => Trouble::NotAllowed,
        _ => Trouble::FaultyRequest,
    };
    Fault::new(trouble).because(&refusal.refused)
}
