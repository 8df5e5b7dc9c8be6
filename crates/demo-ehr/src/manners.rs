//! What every answer of this listener has: its headers, and a page in the reader's language where something failed.

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use fireward_pages::{ErrorPage, Trouble};
use url::form_urlencoded;

use crate::{
    Ehr,
    failure::Failure,
    sign_in::{ANOTHER_PATH, SIGN_IN_PATH},
};

/// Says that an answer brought its own content security policy.
const CSP: HeaderName = header::CONTENT_SECURITY_POLICY;

/// Wraps every route.
pub(crate) async fn keep(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let ehr = request.app_data::<Data<Ehr>>().cloned();
    let ehr = ehr.ok_or_else(|| Failure::ours(&"the EHR is not configured"))?;
    let answer = next.call(request).await?;
    let mut answer = match failure_of(answer.response()) {
        Some(failure) => {
            let page = told(&ehr, answer.request(), &failure);
            answer.into_response(page).map_into_right_body()
        }
        None => answer.map_into_left_body(),
    };
    dress(&ehr, answer.headers_mut());
    Ok(answer)
}

fn failure_of<B>(response: &HttpResponse<B>) -> Option<Failure> {
    if let Some(error) = response.error() {
        let failure = error.as_error::<Failure>().cloned();
        return Some(failure.unwrap_or_else(|| of_status(error.as_response_error().status_code())));
    }
    None
}

/// What actix itself refuses: a form that cannot be read, too much of it.
fn of_status(status: StatusCode) -> Failure {
    let trouble = match status.as_u16() {
        404 => Trouble::NotFound,
        405 => Trouble::WrongMethod,
        413 => Trouble::TooLarge,
        400..500 => Trouble::FaultyRequest,
        _ => Trouble::OurFault,
    };
    Failure::told(trouble, format!("refused with {status}"))
}

fn told(ehr: &Ehr, request: &HttpRequest, failure: &Failure) -> HttpResponse {
    let signs_in = matches!(failure, Failure::SignInFirst | Failure::SessionEnded);
    if signs_in && request.method() == Method::GET {
        let onward = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("onward", onward).finish();
        return HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{SIGN_IN_PATH}?{query}")))
            .finish();
    }
    let request_id: String = ehr.sources().secret().chars().take(12).collect();
    tracing::warn!(%request_id, path = request.path(), cause = %failure, "request failed");
    let onward = if signs_in {
        SIGN_IN_PATH
    } else if failure.trouble() == Trouble::NotYours {
        ANOTHER_PATH
    } else {
        "/"
    };
    let page = ErrorPage {
        chrome: ehr.chrome(request, None),
        trouble: failure.trouble(),
        code: failure.code().to_owned(),
        request_id,
        parameter: None,
        detail: None,
        app: None,
        wait_seconds: None,
        explained_href: None,
        onward_href: Some(onward.to_owned()),
    };
    html(failure.status_code(), page.render())
}

/// A page, which no cache keeps.
pub(crate) fn html(status: StatusCode, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(page)
}

fn dress(ehr: &Ehr, headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(CSP) {
        headers.insert(CSP, ehr.policies().pages.clone());
        headers.insert(header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    }
}

/// The content security policies, made once.
#[derive(Debug, Clone)]
pub(crate) struct Policies {
    /// Of the EHR's pages: no frame around them, forms to ourselves, the issuer and the apps.
    pub(crate) pages: HeaderValue,
    /// Of the sample app: it talks to the FHIR server and the issuer, and only we frame it.
    pub(crate) sample_app: HeaderValue,
}

impl Policies {
    pub(crate) fn new(issuer: &str, fhir: &str, apps: &[String]) -> Option<Self> {
        let apps = apps.join(" ");
        // A redirect after a form counts as the form's target, so the places it may lead to are listed.
        let pages = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             form-action 'self' {issuer} {apps}; frame-src {issuer} {apps}; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let sample_app = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             connect-src 'self' {fhir} {issuer}; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'self'"
        );
        let value = |text: String| HeaderValue::try_from(text).ok();
        Some(Self { pages: value(pages)?, sample_app: value(sample_app)? })
    }
}
