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
    EdwardsPoint, Scalar,
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::CompressedEdwardsY,
    traits::Identity as _,
};
use sha2::{Digest as _, Sha512};

use crate::{SignatureAlgorithm, key::Decoded, provider::SignatureCheck};

/// From how many signatures of one key on the tables are worth their making. Without `std` that of the base point is made
/// each time.
const WORTH_A_TABLE: usize = if cfg!(feature = "std") { 8 } else { 24 };

/// Bits of a digit of the base point's table where it is made once.
#[cfg(feature = "std")]
const BASE_BITS: usize = 8;

/// A scalar is below 2^253; the last digit has room for a carry.
const SCALAR_BITS: usize = 254;

/// Bits of a digit for which the table and so many multiples take the fewest additions of points.
fn best_bits(multiples: usize) -> usize {
    let additions = |bits: &usize| SCALAR_BITS.div_ceil(*bits) * ((1 << (bits - 1)) + multiples);
    (4..=8).min_by_key(additions).unwrap_or(8)
}

/// For digits of so many bits, the multiples 1 to 2^(bits − 1) of a point times 2^(bits · i), for each place i of a scalar.
struct Table {
    bits: usize,
    places: Vec<Vec<EdwardsPoint>>,
}

impl Table {
    fn new(point: &EdwardsPoint, bits: usize) -> Self {
        let half = 1 << (bits - 1);
        let mut base = *point;
        let mut places = Vec::new();
        for _ in 0..SCALAR_BITS.div_ceil(bits) {
            let mut multiple = base;
            let mut place = Vec::with_capacity(half);
            place.push(base);
            for _ in 1..half {
                multiple += &base;
                place.push(multiple);
            }
            places.push(place);
            // 2^(bits − 1) · base, doubled.
            base = multiple + multiple;
        }
        Self { bits, places }
    }

    /// Adds the multiple of the table's point to a sum, the scalar taken in signed digits, each from −2^(bits − 1) to
    /// 2^(bits − 1). Public scalars only: time depends on the value.
    fn add_multiple(&self, sum: &mut EdwardsPoint, scalar: &Scalar) {
        let mut bytes = [0_u8; 34];
        for (to, from) in bytes.iter_mut().zip(scalar.as_bytes()) {
            *to = *from;
        }
        let (whole, half) = (1 << self.bits, 1 << (self.bits - 1));
        let mut carry = 0;
        for (i, place) in self.places.iter().enumerate() {
            let at = i * self.bits;
            let low = bytes.get(at / 8).copied().unwrap_or_default();
            let high = bytes.get(at / 8 + 1).copied().unwrap_or_default();
            let window = (u16::from_le_bytes([low, high]) >> (at % 8)) & (whole - 1);
            let value = window + carry;
            // More than half is taken as itself less the whole, and one more in the next place.
            carry = u16::from(value > half);
            let (digit, negative) = match value > half {
                true => (whole - value, true),
                false => (value, false),
            };
            match (place.get(usize::from(digit).wrapping_sub(1)), negative) {
                (Some(multiple), false) => *sum += multiple,
                (Some(multiple), true) => *sum -= multiple,
                (None, _) => {}
            }
        }
    }
}

/// The table of the base point, for as long as it is needed.
#[cfg(feature = "std")]
fn with_base_table<T>(_multiples: usize, then: impl FnOnce(&Table) -> T) -> T {
    extern crate std;
    static BASE: std::sync::LazyLock<Table> =
        std::sync::LazyLock::new(|| Table::new(&ED25519_BASEPOINT_POINT, BASE_BITS));
    then(&BASE)
}

/// The table of the base point, for as long as it is needed.
#[cfg(not(feature = "std"))]
fn with_base_table<T>(multiples: usize, then: impl FnOnce(&Table) -> T) -> T {
    then(&Table::new(&ED25519_BASEPOINT_POINT, best_bits(multiples)))
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
    of_key.retain(|_, checks| checks.len() >= WORTH_A_TABLE);
    if of_key.is_empty() {
        return known;
    }
    let multiples = of_key.values().map(Vec::len).sum();
    with_base_table(multiples, |base| {
        for checks in of_key.values() {
            for (i, verified) in of_one_key(base, checks) {
                if let Some(slot) = known.get_mut(i) {
                    *slot = Some(verified);
                }
            }
        }
    });
    known
}

fn of_one_key(base: &Table, checks: &[(usize, &SignatureCheck<'_>)]) -> Vec<(usize, bool)> {
    let Some(Decoded::Ed25519(key)) = checks.first().map(|(_, check)| check.key.decoded()) else {
        return Vec::new();
    };
    // Of −A and not of A: with a part of small order in the key, (ℓ − k)·A is another point than −k·A.
    let key_table = Table::new(&-key.to_edwards(), best_bits(checks.len()));
    let small_order = EIGHT_TORSION.map(|point| point.compress());
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
        base.add_multiple(&mut point, &s);
        key_table.add_multiple(&mut point, &k);
        // What is compared is bytes, so an R of small order, which `verify_strict` refuses, is one of eight.
        let r = CompressedEdwardsY(r);
        wanted.push((!small_order.contains(&r)).then_some(r));
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
        table.add_multiple(&mut sum, scalar);
        sum
    }

    #[test]
    fn multiples_at_the_edges() {
        for bits in 4..=8 {
            let table = Table::new(&ED25519_BASEPOINT_POINT, bits);
            let mut scalars = vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE];
            // Every digit at its bounds, and every carry.
            let half = 1_u64 << (bits - 1);
            for digit in [half - 1, half, half + 1, 2 * half - 1, 2 * half] {
                let mut scalar = Scalar::ZERO;
                for _ in 0..253 / bits {
                    scalar = scalar * Scalar::from(2 * half) + Scalar::from(digit);
                    scalars.push(scalar);
                }
            }
            for scalar in scalars {
                assert_eq!(multiple(&table, &scalar), EdwardsPoint::mul_base(&scalar));
            }
        }
    }

    proptest! {
        /// The judge is the library's own multiplication.
        #[test]
        fn multiples(bytes: [u8; 64], of: [u8; 32]) {
            let scalar = Scalar::from_bytes_mod_order_wide(&bytes);
            let point = EdwardsPoint::mul_base_clamped(of);
            for bits in 4..=8 {
                prop_assert_eq!(multiple(&Table::new(&point, bits), &scalar), point * scalar);
            }
        }
    }
}
