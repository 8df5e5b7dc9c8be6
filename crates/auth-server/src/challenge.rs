//! Why an access token does not open an endpoint of ours (RFC 6750 §3, OC-1-06).

use fireward_oauth::{ErrorCode, Refused};
use fireward_web::{Failure, Refusal};

use crate::App;

/// There is no token: a challenge without an error.
pub(crate) fn no_token(app: &App) -> Failure {
    let refused = Refused::new(
        ErrorCode::InvalidToken,
        "an access token is needed in the Authorization header",
    );
    Refusal::from(refused).challenge(format!("Bearer realm=\"{}\"", app.site.issuer)).into()
}

/// The token is expired, revoked, mangled, or none of ours.
pub(crate) fn invalid_token(app: &App) -> Failure {
    let sentence = "the access token is expired, revoked, or not of this issuer";
    with_error(app, Refused::new(ErrorCode::InvalidToken, sentence), None)
}

/// The token lacks a scope.
pub(crate) fn insufficient_scope(app: &App, scope: &str) -> Failure {
    let refused = Refused::new(
        ErrorCode::InsufficientScope,
        format!("the access token lacks the scope {scope}"),
    );
    with_error(app, refused, Some(scope))
}

/// The token was sent in a way that is not admitted.
pub(crate) fn invalid_request(app: &App, refused: Refused) -> Failure {
    with_error(app, refused, None)
}

fn with_error(app: &App, refused: Refused, scope: Option<&str>) -> Failure {
    let scope = scope.map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
    let challenge = format!(
        "Bearer realm=\"{}\", error=\"{}\", error_description=\"{}\"{scope}",
        app.site.issuer, refused.code, refused.description,
    );
    Refusal::from(refused).challenge(challenge).into()
}
