//! What makes an RSA key unfit (RFC 7518 §3.3, RFC 8725 §3.5).

use super::KeyFault;

/// Between 2048 bits, which RFC 7518 §3.3 demands, and 8192, which the backend can use.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Exponents of up to 33 bits; the backend refuses longer ones.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// Checks a modulus and an exponent without leading zeros.
pub(super) fn check(n: &[u8], e: &[u8]) -> Result<(), KeyFault> {
    if !BITS.contains(&bits(n)) || n.last().is_none_or(|octet| octet % 2 == 0) {
        return Err(KeyFault::Weak);
    }
    let e = small_number(e).ok_or(KeyFault::Invalid)?;
    if e < 3 || e % 2 == 0 {
        return Err(KeyFault::Weak);
    }
    if e > MAX_EXPONENT {
        return Err(KeyFault::Invalid);
    }
    if has_small_factor(n) || has_roca_fingerprint(n) {
        return Err(KeyFault::Weak);
    }
    Ok(())
}

fn bits(n: &[u8]) -> usize {
    let unused = n.first().map_or(0, |octet| octet.leading_zeros() as usize);
    n.len() * 8 - unused
}

fn small_number(octets: &[u8]) -> Option<u64> {
    if octets.len() > 8 {
        return None;
    }
    Some(octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
}

fn remainder(n: &[u8], of: u32) -> u32 {
    n.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % of)
}

fn has_small_factor(n: &[u8]) -> bool {
    PRIMES.into_iter().any(|prime| remainder(n, prime) == 0)
}

/// Moduli from Infineon's flawed library are a power of 65537 modulo every small prime (CVE-2017-15361);
/// of sound ones about one in 2^27 is.
fn has_roca_fingerprint(n: &[u8]) -> bool {
    PRIMES.into_iter().all(|prime| {
        let (generator, rest) = (65_537 % prime, remainder(n, prime));
        let mut power = 1;
        loop {
            if power == rest {
                return true;
            }
            power = power * generator % prime;
            if power == 1 {
                return false;
            }
        }
    })
}

const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use super::*;

    const F4: [u8; 3] = [1, 0, 1];

    fn odd_of(octets: usize) -> Vec<u8> {
        // Neither divisible by a small prime nor a power of 65537 modulo them; found by counting up.
        let mut n = vec![0xd3; octets];
        n[octets - 1] = 1;
        while has_small_factor(&n) || has_roca_fingerprint(&n) {
            n[octets - 1] += 2;
        }
        n
    }

    #[test]
    fn j22_short_even_and_divisible_moduli_are_weak() {
        assert_eq!(check(&odd_of(256), &F4), Ok(()));
        assert_eq!(check(&odd_of(255), &F4), Err(KeyFault::Weak));
        assert_eq!(check(&odd_of(64), &F4), Err(KeyFault::Weak));
        assert_eq!(check(&odd_of(1025), &F4), Err(KeyFault::Weak));
        assert_eq!(check(&[], &F4), Err(KeyFault::Weak));
        let mut even = odd_of(256);
        even[255] -= 1;
        assert_eq!(check(&even, &F4), Err(KeyFault::Weak));
        let threes = vec![0xff; 256];
        assert_eq!(check(&threes, &F4), Err(KeyFault::Weak));
    }

    #[test]
    fn j22_useless_exponents_are_weak() {
        let n = odd_of(256);
        for e in [&[1][..], &[2], &[1, 0, 0], &[]] {
            assert_eq!(check(&n, e), Err(KeyFault::Weak), "{e:?}");
        }
        for e in [&[2, 0, 0, 0, 1][..], &[1; 9]] {
            assert_eq!(check(&n, e), Err(KeyFault::Invalid), "{e:?}");
        }
        assert_eq!(check(&n, &[3]), Ok(()));
    }

    #[test]
    fn j22_a_modulus_with_the_fingerprint_of_roca_is_weak() {
        // 1 is a power of everything, so a number that is 1 modulo each prime has the fingerprint.
        let product = PRIMES.iter().fold(vec![1_u8], |product, prime| times(&product, *prime));
        let n = sum(&times(&[product, vec![0; 240]].concat(), 2), 1);
        assert!(PRIMES.iter().all(|prime| remainder(&n, *prime) == 1));
        assert!(BITS.contains(&bits(&n)), "{}", bits(&n));
        assert_eq!(check(&n, &F4), Err(KeyFault::Weak));
    }

    fn times(number: &[u8], by: u32) -> Vec<u8> {
        let mut carry = 0;
        let mut out: Vec<u8> = Vec::new();
        for octet in number.iter().rev() {
            let product = u32::from(*octet) * by + carry;
            out.push(u8::try_from(product % 256).unwrap());
            carry = product / 256;
        }
        while carry > 0 {
            out.push(u8::try_from(carry % 256).unwrap());
            carry /= 256;
        }
        out.reverse();
        out
    }

    fn sum(number: &[u8], plus: u8) -> Vec<u8> {
        let mut out = number.to_vec();
        *out.last_mut().unwrap() += plus;
        out
    }
}
