//! What the pages of an authorization begin with, whichever step they are.

use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web::Data};
use fireward_oauth::authorize::{Params, Step};
use fireward_pages::Chrome;
use fireward_web::{CsrfChecked, Failure, Form, Visit, redirect};

use super::Flow;
use crate::App;

/// A page of an authorization that is still open, asked for by the browser that began it.
pub(crate) struct StepPage {
    pub(crate) app: Data<App>,
    pub(crate) visit: Visit,
    pub(crate) flow: Flow,
}

/// A form of such a page: good for that request, that person and that patient (A4).
pub(crate) struct StepForm {
    pub(crate) at: StepPage,
    pub(crate) form: CsrfChecked<Params>,
}

impl StepPage {
    /// What must happen next: a page of another step is not due.
    pub(crate) fn step(&self) -> Step {
        self.flow.step(&self.app, self.app.now())
    }

    /// The path of a page of this authorization.
    pub(crate) fn path(&self, page: &str) -> String {
        self.flow.path(&self.app, page)
    }

    /// Back to the hub, which knows the next step.
    pub(crate) fn hub(&self) -> HttpResponse {
        redirect(self.path("authorize"))
    }

    /// What its pages share.
    pub(crate) fn chrome(&self) -> Chrome {
        self.flow.chrome(&self.app, &self.visit)
    }

    /// Where 'Not you?' leads.
    pub(crate) fn switch_action(&self) -> String {
        format!("{}/switch", self.path("login"))
    }
}

impl StepForm {
    /// A field of the form; none where it is missing or was sent twice.
    pub(crate) fn field(&self, name: &'static str) -> Option<&str> {
        self.form.form().one(name).ok().flatten()
    }
}

impl FromRequest for StepPage {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<Data<App>>().cloned();
        let visit = Visit::extract(request);
        let id = request.match_info().query("id").to_owned();
        Box::pin(async move {
            let app = app.ok_or_else(|| Failure::broken("a page was mounted without its app"))?;
            let visit = visit.await?;
            let flow = Flow::load(&app, &visit, &id).await?;
            Ok(Self { app, visit, flow })
        })
    }
}

impl FromRequest for StepForm {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (form, at) = (Form::from_request(request, payload), StepPage::extract(request));
        Box::pin(async move {
            let (form, at) = (form.await?, at.await?);
            let form = form.checked(&at.visit, &at.flow.purpose())?;
            Ok(Self { at, form })
        })
    }
}
