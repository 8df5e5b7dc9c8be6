//! What is to be done with an issuer's keys now. It only decides: the caller carries it out.

use fireward_jose::Algorithm;

use crate::{KeyRecord, Policy, Stage};

/// One thing to do. Each is one conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Make and store a key.
    Create {
        /// For this algorithm.
        alg: Algorithm,
        /// To sign from this time on.
        signs_from: i64,
        /// The newest key of the algorithm so far; nobody else may have made one after it.
        after: Option<String>,
    },
    /// Let an upcoming key sign earlier than announced, because the one before it was revoked.
    Promote {
        /// Which key.
        kid: String,
        /// Its new `signs_from`.
        signs_from: i64,
    },
    /// Mark a key as revoked.
    Revoke {
        /// Which key.
        kid: String,
        /// Its `revoked_at`.
        at: i64,
    },
    /// Delete a key for good.
    Remove {
        /// Which key.
        kid: String,
    },
}

/// What is due at `now`, for keys of these algorithms. Carried out and asked again, nothing is due.
///
/// Keys of an algorithm that is no longer listed stay as they are until they are revoked.
#[must_use]
pub fn plan(keys: &[KeyRecord], policy: &Policy, now: i64, algs: &[Algorithm]) -> Vec<Step> {
    let mut steps: Vec<Step> = algs
        .iter()
        .enumerate()
        .filter(|(place, alg)| !algs.iter().take(*place).any(|earlier| earlier == *alg))
        .filter_map(|(_, alg)| next(keys, policy, now, *alg))
        .collect();
    let gone =
        keys.iter().filter(|key| key.gone_at(keys, policy).is_some_and(|gone_at| now >= gone_at));
    steps.extend(gone.map(|key| Step::Remove { kid: key.kid.clone() }));
    steps
}

/// Replaces the signing key of an algorithm ahead of its time, as gently as the schedule would.
/// Nothing if a successor is on its way already.
#[must_use]
pub fn rotate(keys: &[KeyRecord], policy: &Policy, now: i64, alg: Algorithm) -> Option<Step> {
    let state = State::of(keys, policy, now, alg);
    if state.upcoming.is_some() {
        return None;
    }
    state.signing.map(|_| state.create(now.saturating_add(policy.lead())))
}

/// Takes a key out of use at once and lets another sign in its place: tokens that it signed are no longer
/// verified by whoever fetches the set again, and verifiers that do not are shut out for a while.
///
/// Nothing if there is no such key, or it is revoked already. Plan again after carrying it out.
#[must_use]
pub fn revoke(keys: &[KeyRecord], kid: &str, now: i64) -> Option<Step> {
    let key = keys.iter().find(|key| key.kid == kid)?;
    key.revoked_at.is_none().then(|| Step::Revoke { kid: key.kid.clone(), at: now })
}

fn next(keys: &[KeyRecord], policy: &Policy, now: i64, alg: Algorithm) -> Option<Step> {
    let state = State::of(keys, policy, now, alg);
    let gently = now.saturating_add(policy.lead());
    match (state.signing, state.upcoming) {
        (Some(signing), None) => {
            // Made so early that it takes over on time. At least a second after the last.
            let wait = policy.rotate_after.saturating_sub(policy.lead()).max(1);
            (now >= signing.signs_from.saturating_add(wait)).then(|| state.create(gently))
        }
        (None, Some(upcoming)) if state.lost => {
            Some(Step::Promote { kid: upcoming.kid.clone(), signs_from: now })
        }
        (_, Some(_)) => None,
        (None, None) if state.lost || is_beginning(keys, policy, now) => Some(state.create(now)),
        (None, None) => Some(state.create(gently)),
    }
}

/// Whether these are the very first keys of an issuer, or about to be: no cache can hold an older set. Nodes
/// that start together may meet in the middle of it, each with another's first key before its eyes.
fn is_beginning(keys: &[KeyRecord], policy: &Policy, now: i64) -> bool {
    keys.iter().all(|key| {
        key.signs_from == key.published_at && now.saturating_sub(key.published_at) <= policy.skew
    })
}

/// What there is of one algorithm.
struct State<'a> {
    alg: Algorithm,
    signing: Option<&'a KeyRecord>,
    upcoming: Option<&'a KeyRecord>,
    /// The end of the chain of `after`.
    newest: Option<&'a KeyRecord>,
    /// A key that had begun to sign was revoked, so waiting would only prolong the outage.
    lost: bool,
}

impl<'a> State<'a> {
    fn of(keys: &'a [KeyRecord], policy: &Policy, now: i64, alg: Algorithm) -> Self {
        let ours = || keys.iter().filter(move |key| key.alg == alg);
        let at = |stage| ours().filter(move |key| key.stage(keys, policy, now) == stage);
        Self {
            alg,
            signing: at(Stage::Signing).next(),
            upcoming: at(Stage::Upcoming).min_by_key(|key| key.order()),
            newest: ours()
                .filter(|key| !ours().any(|other| other.after.as_ref() == Some(&key.kid)))
                .max_by_key(|key| (key.published_at, &key.kid)),
            lost: at(Stage::Revoked).any(KeyRecord::ever_signs),
        }
    }

    fn create(&self, signs_from: i64) -> Step {
        let after = self.newest.map(|key| key.kid.clone());
        Step::Create { alg: self.alg, signs_from, after }
    }
}
