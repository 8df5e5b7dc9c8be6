//! Whose account it is: every page needs somebody signed in, and says so in its forms.

use crate::{Destination, Failure, SignedIn, Site, Visit, chrome, csrf, redirect, session};
use actix_web::HttpResponse;
use fireward_oauth::{
    audit::{Actor, Event, Kind},
    people::Session,
};
use fireward_pages::{Chrome, account::Nav};

/// Somebody at their account.
pub struct Person<'a> {
    /// The issuer that knows them.
    pub site: &'a Site,
    /// The request that they make.
    pub visit: &'a Visit,
    /// Their session, and who they are.
    pub signed_in: SignedIn,
}

impl<'a> Person<'a> {
    /// Who is signed in; nobody is sent to sign in, and comes back to `to`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn at(
        site: &'a Site,
        visit: &'a Visit,
        to: Destination,
    ) -> Result<Result<Self, HttpResponse>, Failure> {
        match session::usable_now(site, visit).await? {
            Some(signed_in) => Ok(Ok(Self { site, visit, signed_in })),
            None => Ok(Err(redirect(site.path(&to.sign_in())))),
        }
    }

    /// What the pages share. Their forms are good for this session alone, and for `what`.
    #[must_use]
    pub fn chrome(&self, what: &str) -> Chrome {
        Chrome {
            csrf: Some(csrf::token(&self.visit.browser, &self.purpose(what))),
            signed_in_as: Some(self.signed_in.user.name.clone()),
            ..chrome(self.site, self.visit.language(None))
        }
    }

    /// What a form is for.
    #[must_use]
    pub fn purpose(&self, what: &str) -> String {
        format!("account {} {what}", self.signed_in.session.sid)
    }

    /// The addresses of the account.
    #[must_use]
    pub fn nav(&self) -> Nav {
        Nav {
            home_href: self.site.path(Destination::Account.path()),
            apps_href: self.site.path(Destination::Apps.path()),
            password_href: self.site.path(Destination::Password.path()),
            looks_href: self.site.path(Destination::Looks.path()),
            devices_href: self.site.path(Destination::Devices.path()),
            sign_out_href: self.site.path("/logout"),
        }
    }

    /// Their live sessions.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sessions(&self) -> Result<Vec<Session>, Failure> {
        let (site, user, now) = (self.site, &self.signed_in.user.id, self.site.now());
        let mut sessions = site.store.read().sessions().list_for_user(&site.id, user, now).await?;
        sessions.retain(|one| one.is_live(now, site.policy.session_idle));
        Ok(sessions)
    }

    /// So long may a token that was handed out before still be believed, in seconds.
    #[must_use]
    pub fn bound_seconds(&self) -> u32 {
        u32::try_from(self.site.policy.access_token.as_seconds()).unwrap_or(u32::MAX)
    }

    /// An entry for the audit log about something that they did.
    #[must_use]
    pub fn event(&self, kind: Kind) -> Event {
        let mut event = self.visit.event(self.site, kind);
        event.actor = Actor::User(self.signed_in.user.id.clone());
        event.subject = Some(self.signed_in.user.id.clone());
        event
    }
}
