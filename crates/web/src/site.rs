//! What every page and endpoint of one issuer shares.

use std::sync::Arc;

use actix_web::http::Uri;
use fireward_oauth::{
    Entropy, Issuer, IssuerId, Origin, Timestamp, audit::Event, client::Client, policy::Policy,
};
use fireward_pages::Brand;
use fireward_store::Store;
use ipnet::IpNet;
use url::form_urlencoded::Serializer;

use crate::{Failure, Fault};

/// One issuer of a deployment, as its pages and endpoints need it.
pub struct Site {
    /// The issuer's URL: where it is mounted, and how its cookies are made.
    pub issuer: Issuer,
    /// Its key in the database.
    pub id: IssuerId,
    /// The database.
    pub store: Store,
    /// Lifetimes and switches.
    pub policy: Policy,
    /// The one reader of the clock.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Where ids and secrets come from.
    pub entropy: Arc<dyn Entropy>,
    /// Whose pages these are.
    pub brand: Brand,
    /// The EHRs that may show the pages on the way to an app within a page of theirs (D-20).
    pub ehr_origins: Vec<Origin>,
    /// The proxies whose word about the client's address counts (H1, H2).
    pub proxies: Vec<IpNet>,
}

impl Site {
    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Has an event written down within a second, for what changes no state.
    ///
    /// # Errors
    /// When too many wait already: then what it is about must not happen.
    pub fn note(&self, event: Event) -> Result<(), Failure> {
        if self.store.audit_later(event) { Ok(()) } else { Err(Fault::busy(1).into()) }
    }

    /// The path of one of the issuer's own pages, for links and local redirects; `path` begins with a slash.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.path())
    }

    /// Where this server shows the logo of an app, if it has one: never where it comes from, whose host would hear of
    /// everybody who looks.
    #[must_use]
    pub fn logo(&self, client: &Client) -> Option<String> {
        client.about.logo_uri.as_ref()?;
        let mut query = Serializer::new(String::new());
        query.append_pair("client_id", client.id.as_str());
        Some(self.path(&format!("/logo?{}", query.finish())))
    }

    /// The origin of the issuer: what `Origin` says when a form of ours is posted.
    #[must_use]
    pub fn origin(&self) -> String {
        let uri: Uri = self.issuer.as_str().parse().unwrap_or_default();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        format!("{}://{authority}", uri.scheme_str().unwrap_or_default())
    }
}
