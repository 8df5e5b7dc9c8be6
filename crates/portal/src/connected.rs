//! The apps that somebody has allowed something: by a grant that is live, or by a consent that is remembered and would
//! make one without asking.

use std::collections::BTreeSet;

use fireward_oauth::{ClientId, ResourceServerId, Timestamp, authorize::Consent, grants::Grant};
use fireward_scopes::ScopeSet;
use fireward_web::{Failure, Person};

/// What an app may do, for one record: the newest of each app and record, the last used first.
pub(crate) struct Connected(Vec<Allowed>);

/// What a person has allowed an app for one record.
pub(crate) struct Allowed {
    pub(crate) client: ClientId,
    pub(crate) server: Option<ResourceServerId>,
    /// Whose record, where it is about one.
    pub(crate) patient: Option<String>,
    pub(crate) scopes: ScopeSet,
    pub(crate) since: Timestamp,
    /// When it last got in; never by a consent that is only remembered.
    pub(crate) last_used: Option<Timestamp>,
    pub(crate) until: Timestamp,
    /// Whether it may come back when the person is not there.
    pub(crate) offline: bool,
}

impl Connected {
    /// All that this person has allowed.
    pub(crate) async fn of(person: &Person<'_>) -> Result<Self, Failure> {
        let (site, user, now) = (person.site, &person.signed_in.user.id, person.site.now());
        let read = site.store.read();
        let mut grants = read.grants().list_live_for_user(&site.id, user, now).await?;
        grants.sort_by_key(|grant| std::cmp::Reverse(grant.last_used));
        let remembered = read.consents().list_live_for_user(&site.id, user, now).await?;
        let all =
            grants.into_iter().map(Allowed::from).chain(remembered.into_iter().map(Allowed::from));
        let mut kept: Vec<Allowed> = Vec::new();
        for one in all {
            let same = |other: &Allowed| other.client == one.client && other.patient == one.patient;
            if !kept.iter().any(same) {
                kept.push(one);
            }
        }
        Ok(Self(kept))
    }

    /// Each app and record.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Allowed> {
        self.0.iter()
    }

    /// How many apps there are.
    pub(crate) fn apps(&self) -> usize {
        self.0.iter().map(|one| &one.client).collect::<BTreeSet<_>>().len()
    }
}

impl From<Grant> for Allowed {
    fn from(grant: Grant) -> Self {
        Self {
            offline: grant.session.is_none(),
            client: grant.client,
            server: grant.resource_server,
            patient: grant.context.patient,
            scopes: grant.granted,
            since: grant.created_at,
            last_used: Some(grant.last_used),
            until: grant.until,
        }
    }
}

impl From<Consent> for Allowed {
    fn from(consent: Consent) -> Self {
        Self {
            offline: false,
            client: consent.client,
            server: consent.resource_server,
            patient: consent.patient,
            scopes: consent.granted,
            since: consent.given_at,
            last_used: None,
            until: consent.until,
        }
    }
}
