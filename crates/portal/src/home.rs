//! The start of the account.

use actix_web::{HttpResponse, web::Data};
use fireward_pages::account::AccountPage;
use fireward_web::{Destination, Failure, Person, Site, Visit, html};

use crate::connected::Connected;

/// `GET /account`.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Account).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let page = AccountPage {
        chrome: person.chrome("home"),
        nav: person.nav(),
        apps: Connected::of(&person).await?.apps(),
        sessions: person.sessions().await?.len(),
    };
    Ok(html(page.render()))
}
