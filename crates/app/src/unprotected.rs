//! A FHIR server that asks nobody for a token: for looking for a fault on one's own machine, never in silence.

use std::time::Duration;

use url::Url;

use crate::{fault::Fault, listen};

/// Whether a server may be unprotected: nobody but this machine reaches it, unless somebody insists.
///
/// # Errors
/// It may not.
pub(crate) fn check(host: &str, urls: &[&str], insists: bool) -> Result<(), Fault> {
    let own = |url: &&str| {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.is_some_and(|host| listen::is_loopback(&host))
    };
    if insists || (listen::is_loopback(host) && urls.iter().all(own)) {
        return Ok(());
    }
    Err(Fault::Config(
        "security is disabled, so everybody could read and change every record, and this server, its base or its \
         issuer is not on a loopback address: enable it, or say --i-know"
            .to_owned(),
    ))
}

/// Says so: now, loudly, and every minute for as long as the server runs.
pub(crate) fn alarm(base: &str) {
    eprintln!("{BANNER}");
    tracing::warn!(target: "fireward::audit", base, kind = "protection-off", "the server asks nobody for a token");
    let base = base.to_owned();
    actix_web::rt::spawn(async move {
        let mut minute = tokio::time::interval(EVERY);
        minute.tick().await;
        loop {
            minute.tick().await;
            tracing::warn!(base, "UNPROTECTED: everybody may read and change every record");
        }
    });
}

const EVERY: Duration = Duration::from_mins(1);

const BANNER: &str = "
  ##################################################################
  ##  UNPROTECTED: security is disabled at this FHIR server.      ##
  ##  Everybody who reaches it may read and change every record.  ##
  ##################################################################
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_091_only_a_server_of_this_machine_may_be_unprotected_unless_somebody_insists() {
        let own = "http://localhost:8081/fhir";
        assert!(check("127.0.0.1", &[own, "http://127.0.0.1:8080"], false).is_ok());
        for (host, urls) in [
            ("0.0.0.0", &[own][..]),
            ("127.0.0.1", &["https://fhir.example/fhir"]),
            ("127.0.0.1", &[own, "https://auth.example"]),
            ("127.0.0.1", &["nonsense"]),
        ] {
            assert!(check(host, urls, false).is_err(), "{host} {urls:?}");
            assert!(check(host, urls, true).is_ok());
        }
    }
}
