//! The numbers of a public key, checked.

use super::{KeyFault, curve, modulus};
use crate::b64;

/// The numbers of a public key.
///
/// INVARIANT: made by the constructors below, so moduli are of a sound size and points are on their curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256 { x: Vec<u8>, y: Vec<u8> },
    P384 { x: Vec<u8>, y: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

impl Material {
    /// Some libraries put a zero before `n`; without it the key has one thumbprint (RFC 7518 §6.3.1.1).
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyFault> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        modulus::check(&n, &e)?;
        Ok(Self::Rsa { n, e })
    }

    pub(crate) fn p256(x: Vec<u8>, y: Vec<u8>) -> Result<Self, KeyFault> {
        if !curve::P256.holds(&x, &y) {
            return Err(KeyFault::Invalid);
        }
        Ok(Self::P256 { x, y })
    }

    pub(crate) fn p384(x: Vec<u8>, y: Vec<u8>) -> Result<Self, KeyFault> {
        if !curve::P384.holds(&x, &y) {
            return Err(KeyFault::Invalid);
        }
        Ok(Self::P384 { x, y })
    }

    pub(crate) fn ed25519(x: Vec<u8>) -> Result<Self, KeyFault> {
        let octets: &[u8; 32] = x.as_slice().try_into().map_err(|_| KeyFault::Invalid)?;
        if is_of_small_order(*octets) {
            return Err(KeyFault::Weak);
        }
        Ok(Self::Ed25519 { x })
    }

    /// From an uncompressed point (SEC 1 §2.3.3), told apart by its length.
    pub(crate) fn of_point(point: &[u8]) -> Result<Self, KeyFault> {
        let Some((4, coordinates)) = point.split_first() else {
            return Err(KeyFault::Invalid);
        };
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        match coordinates.len() {
            64 => Self::p256(x.to_vec(), y.to_vec()),
            96 => Self::p384(x.to_vec(), y.to_vec()),
            _ => Err(KeyFault::Invalid),
        }
    }

    /// The key as the backend takes it: an uncompressed point, or the octets of an Ed25519 key.
    pub(crate) fn point(&self) -> Vec<u8> {
        match self {
            Self::P256 { x, y } | Self::P384 { x, y } => {
                [&[4], x.as_slice(), y.as_slice()].concat()
            }
            Self::Ed25519 { x } => x.clone(),
            Self::Rsa { .. } => Vec::new(),
        }
    }

    /// The members that make the key, in alphabetical order (RFC 7638 §3.2).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let named = |curve: &str, kty: &str, x: &[u8]| {
            vec![("crv", curve.to_owned()), ("kty", kty.to_owned()), ("x", b64::encode(x))]
        };
        match self {
            Self::Rsa { n, e } => {
                vec![("e", b64::encode(e)), ("kty", "RSA".to_owned()), ("n", b64::encode(n))]
            }
            Self::P256 { x, y } => {
                let mut members = named("P-256", "EC", x);
                members.push(("y", b64::encode(y)));
                members
            }
            Self::P384 { x, y } => {
                let mut members = named("P-384", "EC", x);
                members.push(("y", b64::encode(y)));
                members
            }
            Self::Ed25519 { x } => named("Ed25519", "OKP", x),
        }
    }
}

fn without_leading_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.drain(..zeros);
    number
}

/// Under a key of small order one signature fits many messages. Either sign of x is as bad.
fn is_of_small_order(mut key: [u8; 32]) -> bool {
    key[31] &= 0x7f;
    SMALL_ORDER.contains(&key)
}

/// Every encoding of the eight points of small order on Curve25519 in Edwards form, without the sign of
/// x: y = 0, 1, the two of order 8, and p-1, p, p+1.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    near_p(0xec),
    near_p(0xed),
    near_p(0xee),
];

/// p is 2^255 - 19: little-endian, its last octet 0x7f and its first 0xed.
const fn near_p(first: u8) -> [u8; 32] {
    let mut octets = [0xff; 32];
    octets[0] = first;
    octets[31] = 0x7f;
    octets
}
