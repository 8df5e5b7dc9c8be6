//! Whether a point is on its curve: y² = x³ - 3x + b modulo p (FIPS 186-5, SP 800-186 §3.2.1).
//!
//! The backend asks the same before it verifies; here the key's owner hears of it when the key is
//! registered. Public numbers only, so nothing need be constant in time.

/// Little-endian, wide enough for P-384.
type Number = [u64; 6];

/// A curve over a prime field with a = -3.
pub(super) struct Curve {
    octets: usize,
    p: Number,
    b: Number,
}

pub(super) const P256: Curve = Curve {
    octets: 32,
    p: [0xffff_ffff_ffff_ffff, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001, 0, 0],
    b: [
        0x3bce_3c3e_27d2_604b,
        0x651d_06b0_cc53_b0f6,
        0xb3eb_bd55_7698_86bc,
        0x5ac6_35d8_aa3a_93e7,
        0,
        0,
    ],
};

pub(super) const P384: Curve = Curve {
    octets: 48,
    p: [
        0x0000_0000_ffff_ffff,
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_fffe,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
    ],
    b: [
        0x2a85_c8ed_d3ec_2aef,
        0xc656_398d_8a2e_d19d,
        0x0314_088f_5013_875a,
        0x181d_9c6e_fe81_4112,
        0x988e_056b_e3f8_2d19,
        0xb331_2fa7_e23e_e7e4,
    ],
};

impl Curve {
    /// Whether the coordinates have the right length and are those of a point on the curve.
    pub(super) fn holds(&self, x: &[u8], y: &[u8]) -> bool {
        let (Some(x), Some(y)) = (self.read(x), self.read(y)) else {
            return false;
        };
        let three_x = self.add(self.add(x, x), x);
        let right = self.add(self.times(self.times(x, x), x), self.b);
        // Without subtraction: y² + 3x = x³ + b.
        self.add(self.times(y, y), three_x) == right
    }

    fn read(&self, octets: &[u8]) -> Option<Number> {
        if octets.len() != self.octets {
            return None;
        }
        let mut number = Number::default();
        for (limb, chunk) in number.iter_mut().zip(octets.rchunks(8)) {
            *limb = chunk.iter().fold(0, |limb, octet| limb << 8 | u64::from(*octet));
        }
        less(&number, &self.p).then_some(number)
    }

    fn add(&self, a: Number, b: Number) -> Number {
        let mut sum = Number::default();
        let mut carry = false;
        for (out, (a, b)) in sum.iter_mut().zip(a.iter().zip(b)) {
            let (part, over) = a.overflowing_add(b);
            let (whole, over_again) = part.overflowing_add(u64::from(carry));
            (*out, carry) = (whole, over || over_again);
        }
        if carry || !less(&sum, &self.p) { minus(sum, &self.p) } else { sum }
    }

    /// Double and add: slow, short, and run once a key.
    fn times(&self, a: Number, b: Number) -> Number {
        let mut product = Number::default();
        let bits = b.iter().rev().flat_map(|limb| (0..u64::BITS).rev().map(move |i| limb >> i & 1));
        for bit in bits {
            product = self.add(product, product);
            if bit == 1 {
                product = self.add(product, a);
            }
        }
        product
    }
}

fn less(a: &Number, b: &Number) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// `a - b`, where a carry out of `a` makes up for what is borrowed.
fn minus(a: Number, b: &Number) -> Number {
    let mut difference = Number::default();
    let mut borrow = false;
    for (out, (a, b)) in difference.iter_mut().zip(a.iter().zip(b)) {
        let (part, under) = a.overflowing_sub(*b);
        let (whole, under_again) = part.overflowing_sub(u64::from(borrow));
        (*out, borrow) = (whole, under || under_again);
    }
    difference
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::b64;

    fn point(x: &str, y: &str) -> (Vec<u8>, Vec<u8>) {
        (b64::decode(x).unwrap(), b64::decode(y).unwrap())
    }

    // RFC 7515 A.3 (P-256).
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    #[test]
    fn j8_a_point_is_on_its_curve_or_refused() {
        let (x, mut y) = point(X, Y);
        assert!(P256.holds(&x, &y));
        assert!(!P256.holds(&y, &x));
        assert!(!P384.holds(&x, &y));
        y[31] ^= 1;
        assert!(!P256.holds(&x, &y));
        assert!(!P256.holds(&[0; 32], &[0; 32]));
        assert!(!P256.holds(&[0xff; 32], &[0xff; 32]));
        assert!(!P256.holds(&[], &[]));
    }

    #[test]
    fn the_generators_are_on_their_curves() {
        // SP 800-186 §3.2.1.3 and §3.2.1.4.
        let (x, y) = point(
            "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
            "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        );
        assert!(P256.holds(&x, &y));
        let (x, y) = point(
            "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
            "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f",
        );
        assert!(P384.holds(&x, &y));
    }
}
