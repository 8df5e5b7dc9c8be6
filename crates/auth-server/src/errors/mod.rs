//! Where `error_uri` leads: what a code means, and what happened in one request (RFC 6749 §4.1.2.1, §5.2).
//!
//! Anybody may read it: it is told under an id that nobody guesses, for an hour, and says nothing of a patient.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use fireward_oauth::{
    ErrorCode, ExplanationId,
    explain::{Cause, Explanation, Fact},
    grants::{Dropped, Reason},
};
use fireward_pages::{
    Trouble,
    explained::{self as page, Difference, ExplainedPage, Happened, Lost},
};
use fireward_scopes::Scope;
use fireward_web::{Failure, Fault, Visit, chrome, html};

use crate::App;

/// `GET /errors/{code}`.
pub(crate) async fn code(
    app: Data<App>,
    visit: Visit,
    code: Path<String>,
) -> Result<HttpResponse, Failure> {
    Ok(html(explained(&app, &visit, known(&code)?, None).render()))
}

/// `GET /errors/{code}/{id}`.
pub(crate) async fn request(
    app: Data<App>,
    visit: Visit,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    let (code, id) = path.into_inner();
    let code = known(&code)?;
    let found = match ExplanationId::parse(&id) {
        Ok(id) => app.site.store.read().explanations().find(&app.site.id, &id).await?,
        Err(_) => None,
    };
    let now = app.now();
    let found = found.filter(|kept| now < kept.expires_at && kept.code == code.as_str());
    let forgotten = found.is_none();
    let page = ExplainedPage { forgotten, ..explained(&app, &visit, code, found) };
    Ok(html(page.render()))
}

fn known(code: &str) -> Result<ErrorCode, Failure> {
    ErrorCode::parse(code).ok_or_else(|| Fault::new(Trouble::NotFound).into())
}

fn explained(
    app: &App,
    visit: &Visit,
    code: ErrorCode,
    kept: Option<Explanation>,
) -> ExplainedPage {
    ExplainedPage {
        chrome: chrome(&app.site, visit.language(None)),
        code: code.as_str().to_owned(),
        meaning: code.as_str(),
        happened: kept.map(|kept| happened(kept, app.now().unix())),
        forgotten: false,
    }
}

fn happened(kept: Explanation, now: i64) -> Happened {
    let mut happened = Happened {
        description: kept.description,
        client: kept.client.map(|client| client.as_str().to_owned()),
        request_id: kept.request.as_str().to_owned(),
        at: kept.at.unix(),
        now,
        differences: Vec::new(),
        lost: Vec::new(),
        causes: Vec::new(),
    };
    for fact in kept.facts {
        match fact {
            Fact::Differs { parameter, sent, expected } => {
                happened.differences.push(Difference { parameter, sent, expected });
            }
            Fact::Dropped(Dropped { scope, reason }) => happened.lost.push(lost(scope, reason)),
            Fact::Cause(cause) => happened.causes.push(caused(cause)),
        }
    }
    happened
}

fn lost(scope: String, reason: Reason) -> Lost {
    let unknown = reason == Reason::Unknown;
    let why = scope.parse::<Scope>().err().filter(|_| unknown);
    Lost { scope, reason: reason.as_str(), more: why.map(|why| why.to_string()) }
}

fn caused(cause: Cause) -> page::Cause {
    let capability = match cause {
        Cause::TurnedOff(capability) => capability.to_string(),
        Cause::CodeUsed
        | Cause::CodeLate
        | Cause::RefreshUsed
        | Cause::Withdrawn
        | Cause::Revoked
        | Cause::Replayed
        | Cause::SessionOver
        | Cause::RunOut
        | Cause::RightsWithdrawn
        | Cause::NotRefreshable => String::new(),
    };
    page::Cause { name: cause.as_str(), capability }
}

#[cfg(test)]
mod tests {
    use fireward_pages::{Language, explained::reason, text};

    use super::*;

    #[test]
    fn every_code_reason_and_cause_has_its_words() {
        let said = |key: &str| assert_ne!(text(Language::English, key, &[]), key);
        for code in ErrorCode::VARIANTS {
            said(&format!("error-{code}"));
        }
        for one in Reason::VARIANTS {
            assert_ne!(reason(Language::English, one.as_str()), format!("reason-{}", one.as_str()));
        }
        let off = Cause::TurnedOff(fireward_oauth::capability::Capability::LaunchEhr);
        for cause in Cause::PLAIN.into_iter().chain([off]) {
            said(&format!("cause-{}", cause.as_str()));
        }
    }

    #[test]
    fn sc_4_an_unknown_scope_is_explained_by_its_grammar() {
        let more = lost("patient/Observation.dus".into(), Reason::Unknown).more.unwrap();
        assert!(more.contains("cruds"), "{more}");
        assert_eq!(lost("patient/Observation.rs".into(), Reason::Person).more, None);
    }
}
