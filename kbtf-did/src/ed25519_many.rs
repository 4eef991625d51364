//! Many Ed25519 signatures of one key.
//!
//! The usual batch verification adds random multiples of all equations up and looks whether the sum is zero. It takes
//! signatures that strict verification refuses: parts of small order in two of them can cancel each other, and no cheap
//! choice of multiples prevents it. This is another way. The equation of each signature, R = S·B − k·A, is computed
//! alone and its result compared byte for byte, exactly as `verify_strict` does; what is shared is the tables of multiples
//! of B and A, which turn the doublings of a scalar multiplication into look-ups, and the one inversion that brings all
//! results to bytes. So the verdicts are those of `verify_strict`, each its own.

use alloc::{collections::BTreeMap, vec, vec::Vec};

use curve25519_dalek::{
    EdwardsPoint, Scalar, constants::ED25519_BASEPOINT_POINT, edwards::CompressedEdwardsY,
    traits::Identity as _, traits::IsIdentity as _,
};
use sha2::{Digest as _, Sha512};

use crate::{SignatureAlgorithm, key::Decoded, provider::SignatureCheck};

/// From how many signatures of one key on the tables are worth their making. (A table costs as much as some eight
/// verifications; there are two.)
const WORTH_A_TABLE: usize = 32;

/// Bits of a digit, and how many digits a scalar below 2^253 has.
const DIGIT_BITS: usize = 6;
const DIGITS: usize = 43;
const HALF: usize = 1 << (DIGIT_BITS - 1);

/// The multiples 1 to 32 of a point times 64^i, for each place i of a scalar in signed digits.
struct Table(Vec<[EdwardsPoint; HALF]>);

impl Table {
    fn new(point: &EdwardsPoint) -> Self {
        let mut base = *point;
        let mut places = Vec::with_capacity(DIGITS);
        for _ in 0..DIGITS {
            let mut multiple = base;
            let mut place = [base; HALF];
            for slot in place.iter_mut().skip(1) {
                multiple += &base;
                *slot = multiple;
            }
            places.push(place);
            // 32 · base, doubled.
            base = multiple + multiple;
        }
        Self(places)
    }

    /// Adds the multiple of the table's point to a sum.
    fn add_multiple(&self, sum: &mut EdwardsPoint, digits: &[i8; DIGITS]) {
        for (place, &digit) in self.0.iter().zip(digits) {
            let at = usize::from(digit.unsigned_abs()).wrapping_sub(1);
            match (place.get(at), digit > 0) {
                (Some(multiple), true) => *sum += multiple,
                (Some(multiple), false) => *sum -= multiple,
                (None, _) => {}
            }
        }
    }
}

/// A scalar in signed digits of six bits: each from −32 to 32. Public scalars only: time depends on the value.
fn digits(scalar: &Scalar) -> [i8; DIGITS] {
    let mut bits = [0_u8; 33];
    for (to, from) in bits.iter_mut().zip(scalar.as_bytes()) {
        *to = *from;
    }
    let mut digits = [0; DIGITS];
    let mut carry = 0;
    for (i, digit) in digits.iter_mut().enumerate() {
        let at = i * DIGIT_BITS;
        let low = bits.get(at / 8).copied().unwrap_or_default();
        let high = bits.get(at / 8 + 1).copied().unwrap_or_default();
        let window = (u16::from_le_bytes([low, high]) >> (at % 8)) & 0x3f;
        // At most 63 + 1; from 33 on it is taken as itself less 64.
        let value = i8::try_from(window).unwrap_or_default() + carry;
        carry = i8::from(value > 32);
        *digit = value - (carry << DIGIT_BITS);
    }
    digits
}

/// Whether each Ed25519 signature verifies; `None` for checks that are to be made one by one: other algorithms, and keys
/// with too few signatures.
pub(crate) fn verify(checks: &[SignatureCheck<'_>]) -> Vec<Option<bool>> {
    let mut known = vec![None; checks.len()];
    let mut of_key: BTreeMap<&[u8; 32], Vec<(usize, &SignatureCheck<'_>)>> = BTreeMap::new();
    for (i, check) in checks.iter().enumerate() {
        if check.algorithm == SignatureAlgorithm::EdDsa
            && let Decoded::Ed25519(key) = check.key.decoded()
        {
            of_key.entry(key.as_bytes()).or_default().push((i, check));
        }
    }
    let mut base_table = None;
    for (_, checks) in of_key {
        if checks.len() < WORTH_A_TABLE {
            continue;
        }
        let base = base_table.get_or_insert_with(|| Table::new(&ED25519_BASEPOINT_POINT));
        for (i, verified) in of_one_key(base, &checks) {
            if let Some(slot) = known.get_mut(i) {
                *slot = Some(verified);
            }
        }
    }
    known
}

fn of_one_key(base: &Table, checks: &[(usize, &SignatureCheck<'_>)]) -> Vec<(usize, bool)> {
    let Some(Decoded::Ed25519(key)) = checks.first().map(|(_, check)| check.key.decoded()) else {
        return Vec::new();
    };
    // Of −A and not of A: with a part of small order in the key, (ℓ − k)·A is another point than −k·A.
    let key_table = Table::new(&-key.to_edwards());
    let mut wanted = Vec::with_capacity(checks.len());
    let mut points = Vec::with_capacity(checks.len());
    for (_, check) in checks {
        let parts = <&[u8; 64]>::try_from(check.signature)
            .ok()
            .and_then(|bytes| {
                let (r, s) = bytes.split_first_chunk::<32>()?;
                let s = Scalar::from_canonical_bytes(s.try_into().ok()?);
                Some((*r, Option::<Scalar>::from(s)?))
            });
        let Some((r, s)) = parts else {
            wanted.push(None);
            points.push(EdwardsPoint::identity());
            continue;
        };
        let k = Sha512::new().chain_update(r).chain_update(key.as_bytes());
        let k = k.chain_update(check.message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&k.into());
        let mut point = EdwardsPoint::identity();
        base.add_multiple(&mut point, &digits(&s));
        key_table.add_multiple(&mut point, &digits(&k));
        // Of small order: `verify_strict` refuses such an R.
        let small = point.mul_by_cofactor().is_identity();
        wanted.push((!small).then_some(CompressedEdwardsY(r)));
        points.push(point);
    }
    let computed = EdwardsPoint::compress_batch_alloc(&points);
    checks
        .iter()
        .zip(wanted.iter().zip(&computed))
        .map(|((i, _), (wanted, computed))| (*i, wanted.as_ref() == Some(computed)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn multiple(table: &Table, scalar: &Scalar) -> EdwardsPoint {
        let mut sum = EdwardsPoint::identity();
        table.add_multiple(&mut sum, &digits(scalar));
        sum
    }

    #[test]
    fn multiples_at_the_edges() {
        let table = Table::new(&ED25519_BASEPOINT_POINT);
        let mut scalars = vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE];
        // Every digit at its bounds, and every carry.
        for digit in [31_u64, 32, 33, 63, 64] {
            let mut scalar = Scalar::ZERO;
            for _ in 0..42 {
                scalar = scalar * Scalar::from(64_u64) + Scalar::from(digit);
                scalars.push(scalar);
            }
        }
        for scalar in scalars {
            assert_eq!(multiple(&table, &scalar), EdwardsPoint::mul_base(&scalar));
        }
    }

    proptest! {
        /// The judge is the library's own multiplication.
        #[test]
        fn multiples(bytes: [u8; 64], of: [u8; 32]) {
            let scalar = Scalar::from_bytes_mod_order_wide(&bytes);
            let point = EdwardsPoint::mul_base_clamped(of);
            prop_assert_eq!(multiple(&Table::new(&point), &scalar), point * scalar);
        }
    }
}
