//! Whether a token was revoked, by the list that its issuer publishes (Token Status List,
//! draft-ietf-oauth-status-list).

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use fireward_jose::{Unverified, b64, typ_is};
use fireward_outbound::{Answer, Configured, Credentials, Fault, Verb};
use flate2::read::ZlibDecoder;
use moka::future::Cache;
use serde::Deserialize;

use crate::claims::StatusAt;
use crate::failed::Check;
use crate::issuer::Issuer;
use crate::{Refusal, Unreachable};

/// The lists of one issuer. One fetches and the others wait.
pub(crate) struct StatusCache {
    lists: Cache<Arc<str>, Held>,
}

/// What is known of a list.
#[derive(Debug, Clone)]
struct Held {
    /// The newest that could be had.
    list: Option<Arc<List>>,
    /// Until when that counts, in seconds since 1970.
    good_until: i64,
    /// When to look again: before that, so that a server may be away for a moment.
    until: i64,
}

/// A list: so many bits a token.
#[derive(Debug, PartialEq, Eq)]
struct List {
    bits: u8,
    octets: Vec<u8>,
    expires_at: Option<i64>,
}

impl Default for StatusCache {
    fn default() -> Self {
        // What counts is asked of our clock; this only frees memory.
        let idle = Duration::from_hours(24);
        Self { lists: Cache::builder().max_capacity(MOST_LISTS).time_to_idle(idle).build() }
    }
}

impl Issuer {
    /// Asks the list, at each use of a token.
    ///
    /// # Errors
    /// The token is not valid any more, or it cannot be known.
    pub(crate) async fn ask_status(&self, at: &StatusAt, now: i64) -> Result<(), Refusal> {
        let known = self.lists.lists.get(&at.list).await.filter(|held| now < held.until);
        let held = match known {
            Some(held) => held,
            None => self.look_again(&at.list, now).await,
        };
        let policy = &self.trusted.status;
        let list = held.list.filter(|list| list.expires_at.is_none_or(|end| now < end));
        match (list, now < held.good_until, policy.unreachable) {
            (Some(list), true, _) | (Some(list), false, Unreachable::Accept) => {
                list.says(at.index).map_err(Refusal::NotAccepted)
            }
            (None, _, Unreachable::Accept) => {
                tracing::warn!(list = &*at.list, "accepting a token whose status is not known");
                Ok(())
            }
            (_, _, Unreachable::Refuse) => {
                Err(Refusal::Unavailable("the status of the token cannot be had now"))
            }
        }
    }

    async fn look_again(&self, uri: &Arc<str>, now: i64) -> Held {
        let before = self.lists.lists.get(uri).await;
        let look = async {
            match self.fetch_list(uri, now).await {
                Ok((list, kept)) => Held {
                    list: Some(Arc::new(list)),
                    good_until: now.saturating_add(kept),
                    until: now.saturating_add(kept / 2),
                },
                Err(fault) => {
                    tracing::error!(list = &**uri, %fault, "a status list cannot be had");
                    let (list, good_until) =
                        before.map_or((None, now), |held| (held.list, held.good_until));
                    Held { list, good_until, until: now.saturating_add(RETRY) }
                }
            }
        };
        let entry = self.lists.lists.entry(Arc::clone(uri));
        entry.or_insert_with_if(look, |held| now >= held.until).await.into_value()
    }

    /// The list, and for how many seconds it counts.
    async fn fetch_list(&self, uri: &str, now: i64) -> Result<(List, i64), Fault> {
        let unusable = |why: &str| Fault::Unusable(why.to_owned());
        let at =
            self.list_address(uri).ok_or_else(|| unusable("its address is nowhere allowed"))?;
        let accept = [("Accept", "application/statuslist+jwt")];
        let asked = (Verb::Get, &at);
        let answer = self.outbound.request(asked, &accept, Credentials::None, LONGEST).await?;
        let token = text(&answer)?;
        let token = Unverified::<ListClaims>::parse_up_to(LONGEST, token)
            .map_err(|e| unusable(&e.to_string()))?;
        if !typ_is(token.header().typ.as_deref(), "statuslist+jwt") {
            return Err(unusable("its typ is not statuslist+jwt"));
        }
        let (alg, kid) = (token.header().alg, token.header().kid.clone());
        let keys = self.keys_with(alg, kid.as_deref(), now).await?;
        let key = keys.select(alg, kid.as_deref());
        let key =
            key.map_err(|_| unusable("it is signed with a key that its issuer does not publish"))?;
        let verified = token.verify(key, &self.trusted.algorithms);
        let claims = verified.map_err(|e| unusable(&e.to_string()))?.into_claims();
        claims.check(uri, now)?;
        let honoured = self.trusted.status.honour_within;
        let kept = claims.ttl.unwrap_or(honoured).clamp(0, honoured);
        Ok((claims.list()?, kept))
    }

    /// Lists are below the issuer, or where the operator says: a token makes us ask nobody else.
    fn list_address(&self, uri: &str) -> Option<Configured> {
        let below = |prefix: &str| {
            let rest = uri.strip_prefix(prefix.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.starts_with('/')) && !uri.contains("..")
        };
        let allowed = below(&self.trusted.issuer)
            || self.trusted.status.elsewhere.iter().any(|prefix| below(prefix));
        if allowed { self.reach(uri).ok() } else { None }
    }
}

/// The claims of a list (Token Status List §5.1).
#[derive(Debug, Clone, Deserialize)]
struct ListClaims {
    sub: String,
    exp: Option<i64>,
    ttl: Option<i64>,
    status_list: Compressed,
}

#[derive(Debug, Clone, Deserialize)]
struct Compressed {
    bits: u8,
    lst: String,
}

impl ListClaims {
    fn check(&self, uri: &str, now: i64) -> Result<(), Fault> {
        if self.sub != uri {
            return Err(Fault::Unusable(
                "it is another list than the one that was asked for".into(),
            ));
        }
        if self.exp.is_some_and(|end| end <= now) {
            return Err(Fault::Unusable("it has expired".into()));
        }
        Ok(())
    }

    fn list(&self) -> Result<List, Fault> {
        let Compressed { bits, lst } = &self.status_list;
        let unusable = |why: &str| Fault::Unusable(why.to_owned());
        if !matches!(bits, 1 | 2 | 4 | 8) {
            return Err(unusable("its bits are neither 1, 2, 4 nor 8"));
        }
        let packed = b64::decode(lst).map_err(|_| unusable("its lst is not base64url"))?;
        let mut octets = Vec::new();
        let read =
            ZlibDecoder::new(packed.as_slice()).take(LONGEST_LIST + 1).read_to_end(&mut octets);
        read.map_err(|_| unusable("its lst cannot be inflated"))?;
        if octets.len() as u64 > LONGEST_LIST {
            return Err(Fault::TooLong);
        }
        Ok(List { bits: *bits, octets, expires_at: self.exp })
    }
}

impl List {
    /// What it says of the token at this place: 0 is valid, all else is not (Token Status List §7).
    fn says(&self, index: u64) -> Result<(), crate::Failed> {
        let status = self.at(index);
        Check::Status.ensure(status.is_some(), "its status list has no such place")?;
        Check::Status.ensure(status != Some(1), "it was revoked")?;
        Check::Status.ensure(status != Some(2), "it is suspended")?;
        Check::Status.ensure(status == Some(0), "its issuer says that it is not valid any more")
    }

    fn at(&self, index: u64) -> Option<u8> {
        let bits = u64::from(self.bits);
        let from = index.checked_mul(bits)?;
        let octet = self.octets.get(usize::try_from(from / 8).ok()?)?;
        let mask = u8::MAX >> (8 - self.bits);
        Some((octet >> (from % 8)) & mask)
    }
}

fn text(answer: &Answer) -> Result<&str, Fault> {
    if answer.status != 200 {
        return Err(Fault::Status(answer.status));
    }
    let text = std::str::from_utf8(&answer.body);
    text.map(str::trim).map_err(|_| Fault::Unusable("it is no text".to_owned()))
}

/// How many octets a list may have on the way.
const LONGEST: usize = 3 * 1024 * 1024;
/// And unpacked: sixteen million tokens of one bit.
const LONGEST_LIST: u64 = 2 * 1024 * 1024;
const MOST_LISTS: u64 = 64;
/// For how many seconds a server that failed is left alone.
const RETRY: i64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    // Token Status List §4.1: the example of one bit a token, and of two.
    #[test]
    fn row_041_places_are_counted_from_the_lowest_bit() {
        let one = List { bits: 1, octets: vec![0xb9, 0xa3], expires_at: None };
        let said: Vec<_> = (0..16).map(|index| one.at(index).unwrap()).collect();
        assert_eq!(said, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
        assert_eq!(one.at(16), None);
        let two = List { bits: 2, octets: vec![0xc9, 0x44, 0xf9], expires_at: None };
        let said: Vec<_> = (0..12).map(|index| two.at(index).unwrap()).collect();
        assert_eq!(said, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
        assert_eq!(two.at(u64::MAX), None);
    }
}
