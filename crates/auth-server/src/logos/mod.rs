//! Logos of apps, shown from here: a picture elsewhere would tell its host who is about to decide, and could be another
//! for everybody who looks.

mod raster;

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    web::Data,
};
use fireward_oauth::{ClientId, Timestamp, client::Client};
use fireward_outbound::{DocumentCache, Limits, Outbound, Supplied};
use fireward_pages::assets;
use fireward_web::{Failure, Query, redirect};

use self::raster::Raster;
use crate::App;

/// Logos as they were fetched and checked.
#[derive(Debug)]
pub struct Logos {
    outbound: Arc<Outbound>,
    rasters: DocumentCache<Raster>,
}

impl Logos {
    /// None fetched yet.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>) -> Self {
        let limits =
            Limits { accept: raster::ACCEPT, entries: 128, retry_after: 600, ..Limits::default() };
        let rasters = DocumentCache::new(Arc::clone(&outbound), limits, |document| {
            Raster::read(document.bytes.clone()).ok_or_else(|| raster::EXPECTED.to_owned())
        });
        Self { outbound, rasters }
    }

    /// The logo of a client, asked for once a day whatever its server says: when is not to depend on who looks.
    async fn of(&self, client: &Client, now: Timestamp) -> Option<Arc<Raster>> {
        let at = Supplied::new(client.about.logo_uri.as_deref()?, self.outbound.policy()).ok()?;
        let fetched = self.rasters.refetch_if_older(&at, DAY, now.unix()).await.ok()?;
        Some(Arc::clone(&fetched.value))
    }
}

/// `GET /logo?client_id=…`: the app's logo, or a picture that is nobody's. Whether there is such an app is not told.
pub(crate) async fn logo(app: Data<App>, query: Query) -> Result<HttpResponse, Failure> {
    let id = query.0.one("client_id").ok().flatten().and_then(|id| ClientId::parse(id).ok());
    let client = match id {
        Some(id) => app.site.store.client(&app.site.id, &id).await?,
        None => None,
    };
    let raster = match client {
        Some(client) => app.logos.of(&client, app.now()).await,
        None => None,
    };
    let Some(raster) = raster else {
        return Ok(redirect(app.site.path(&assets::href("app.svg"))));
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    answer.insert_header((CACHE_CONTROL, "private, max-age=3600")).content_type(raster.media);
    Ok(answer.body(raster.octets.clone()))
}

const DAY: i64 = 24 * 60 * 60;
