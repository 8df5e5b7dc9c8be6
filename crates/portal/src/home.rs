//! The start of the account.

use actix_web::{HttpResponse, web::Data};
use fireward_pages::account::AccountPage;
use fireward_web::{Destination, Failure, Site, Visit, html};

use crate::{apps, person::Person};

/// `GET /account`.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Account).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let user = &person.signed_in.user.id;
    let grants = site.store.read().grants().list_live_for_user(&site.id, user, site.now()).await?;
    let page = AccountPage {
        chrome: person.chrome("home"),
        nav: person.nav(),
        apps: apps::count(&grants),
        sessions: person.sessions().await?.len(),
    };
    Ok(html(page.render()))
}
