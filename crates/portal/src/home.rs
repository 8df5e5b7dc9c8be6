//! The start of the account.

use actix_web::{HttpResponse, web::Data};
use fireward_pages::account::AccountPage;
use fireward_web::{Destination, Failure, Site, Visit, html};

use crate::person::Person;

/// `GET /account`.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Account).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let (user, now, store) = (&person.signed_in.user.id, site.now(), site.store.read());
    let page = AccountPage {
        chrome: person.chrome("home"),
        nav: person.nav(),
        apps: store.grants().list_live_for_user(&site.id, user, now).await?.len(),
        sessions: store.sessions().list_for_user(&site.id, user, now).await?.len(),
    };
    Ok(html(page.render()))
}
