//! Where somebody is signed in, and 'I lost a device'.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use fireward_oauth::{audit::Kind, grants::GrantEnd, people::Session};
use fireward_pages::account::{self, DevicesPage, EndAllPage, Ended, ReceiptPage};
use fireward_web::{
    Destination, Device, Failure, Form, Person, Site, Visit, html, redirect, session,
};

use crate::connected::Connected;

/// `GET /account/devices`.
pub(crate) async fn list(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Devices).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let mut sessions = person.sessions().await?;
    sessions.sort_by_key(|one| (!is_current(&person, one), std::cmp::Reverse(one.last_seen)));
    let page = DevicesPage {
        chrome: person.chrome("devices"),
        nav: person.nav(),
        sessions: sessions.iter().map(|one| words(&person, one)).collect(),
        end_all_href: site.path("/account/devices/end-all"),
        now: site.now().unix(),
    };
    Ok(html(page.render()))
}

/// `POST /account/devices/{sid}/end`.
pub(crate) async fn end(
    site: Data<Site>,
    visit: Visit,
    sid: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Devices).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    form.checked(&visit, &person.purpose("devices"))?;
    // Found among their own: another's session cannot be named.
    let sessions = person.sessions().await?;
    let Some(ended) = sessions.iter().find(|one| one.sid == *sid) else {
        return Ok(redirect(site.path(Destination::Devices.path())));
    };
    let event = person.event(Kind::LoggedOut);
    let done = site.store.transact(async |tx| {
        session::end(tx, ended, site.now()).await?;
        tx.audit().write(&event).await
    });
    done.await?;
    if is_current(&person, ended) {
        let home = redirect(site.path(&Destination::Devices.sign_in()));
        return Ok(session::forgotten(&site, home));
    }
    Ok(html(receipt(&person, Ended::Session, true).render()))
}

/// `GET /account/devices/end-all`: asks first.
pub(crate) async fn ask(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Devices).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let page = EndAllPage {
        chrome: person.chrome("end-all"),
        nav: person.nav(),
        action: site.path("/account/devices/end-all"),
        sessions: person.sessions().await?.len(),
        apps: Connected::of(&person).await?.apps(),
        bound_seconds: person.bound_seconds(),
    };
    Ok(html(page.render()))
}

/// `POST /account/devices/end-all`: every session, every grant with its refresh tokens, and every remembered
/// consent, at once.
pub(crate) async fn end_all(
    site: Data<Site>,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Devices).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    form.checked(&visit, &person.purpose("end-all"))?;
    let (user, event, now) =
        (&person.signed_in.user.id, person.event(Kind::DeviceLost), site.now());
    let (sessions, apps) = (person.sessions().await?.len(), Connected::of(&person).await?.apps());
    let ended = site.store.transact(async |tx| {
        tx.grants().end_all_for_user(&site.id, user, GrantEnd::Withdrawn(now)).await?;
        // Whoever signs in next is asked anew: no app comes back because it was allowed before.
        tx.consents().remove_all(&site.id, user).await?;
        tx.sessions().end_all_for_user(&site.id, user).await?;
        tx.audit().write(&event).await
    });
    ended.await?;
    let ended = Ended::Everything { sessions, apps };
    let receipt = receipt(&person, ended, false).render();
    Ok(session::forgotten(&site, html(receipt)))
}

fn is_current(person: &Person<'_>, session: &Session) -> bool {
    session.digest == person.signed_in.session.digest
}

fn words(person: &Person<'_>, session: &Session) -> account::Session {
    let Device { browser, system } = Device::from_words(&session.device);
    account::Session {
        browser,
        system,
        place: Some(session.address.clone()),
        began: session.auth_time.unix(),
        last_seen: session.last_seen.unix(),
        current: is_current(person, session),
        end_action: person.site.path(&format!("/account/devices/{}/end", session.sid)),
    }
}

/// What ended, and when that takes effect.
fn receipt(person: &Person<'_>, ended: Ended, still_here: bool) -> ReceiptPage {
    let mut chrome = person.chrome("receipt");
    if !still_here {
        chrome.signed_in_as = None;
    }
    ReceiptPage {
        chrome,
        nav: still_here.then(|| person.nav()),
        ended,
        bound_seconds: person.bound_seconds(),
        request_id: person.visit.request.as_str().to_owned(),
        sign_in_href: (!still_here).then(|| person.site.path(&Destination::Account.sign_in())),
        password_href: (!still_here).then(|| person.site.path(&Destination::Password.sign_in())),
    }
}
