//! The entries of a batch or a transaction (D-41, row 64).

use thiserror::Error;

use super::{Denial, Permit, permit};
use crate::access::Access;
use crate::interaction::{Bundle, Mode, NotUnderstood};
use crate::policy::Rules;

/// Why one entry is not done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// The token does not allow it.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// It is none of the interactions of this server.
    #[error(transparent)]
    NotUnderstood(#[from] NotUnderstood),
}

/// Decides each entry of a bundle. Of a batch, each stands for itself; of a transaction, all are allowed or nothing is
/// done, so its permits are never mixed with refusals.
///
/// # Errors
/// The first entry of a transaction that is refused, by its number.
pub fn permit_bundle(
    access: &Access,
    bundle: &Bundle,
    rules: &Rules,
) -> Result<Vec<Result<Permit, Refused>>, (usize, Refused)> {
    let one = |asked: &Result<_, NotUnderstood>| match asked {
        Ok(interaction) => permit(access, interaction, rules).map_err(Refused::from),
        Err(fault) => Err(Refused::NotUnderstood(fault.clone())),
    };
    let decided: Vec<_> = bundle.entries.iter().map(|entry| one(&entry.asked)).collect();
    if bundle.mode == Mode::Batch {
        return Ok(decided);
    }
    // What the token does not allow is told before what the server does not understand.
    let denied = |one: &Result<Permit, Refused>| matches!(one, Err(Refused::Denied(_)));
    let at = decided.iter().position(denied).or_else(|| decided.iter().position(Result::is_err));
    match at.and_then(|at| Some((at, decided.get(at)?.as_ref().err()?.clone()))) {
        None => Ok(decided),
        Some((at, Refused::Denied(denial))) => {
            Err((at, Refused::Denied(Denial::Entry { at, denial: Box::new(denial) })))
        }
        Some(refused) => Err(refused),
    }
}
