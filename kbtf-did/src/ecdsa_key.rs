//! Points of the curves that ECDSA runs on. One code for all of them; the arithmetic is that of p256, p384 and k256.

use alloc::vec::Vec;

use ecdsa::{
    DigestAlgorithm, EcdsaCurve, SignatureSize, VerifyingKey,
    elliptic_curve::{
        AffinePoint, CurveArithmetic, FieldBytesSize,
        array::ArraySize,
        sec1::{FromSec1Point, ModulusSize, Sec1Point, ToSec1Point},
    },
    signature::{Verifier as _, hazmat::PrehashVerifier as _},
};

/// A checked public key of an ECDSA curve and its compressed form.
pub(crate) struct EcdsaKey<C>
where
    C: EcdsaCurve + CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
{
    key: VerifyingKey<C>,
    compressed: Sec1Point<C>,
}

impl<C> Clone for EcdsaKey<C>
where
    C: EcdsaCurve + CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
{
    fn clone(&self) -> Self {
        Self {
            key: self.key,
            compressed: self.compressed.clone(),
        }
    }
}

impl<C> From<VerifyingKey<C>> for EcdsaKey<C>
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn from(key: VerifyingKey<C>) -> Self {
        Self {
            key,
            compressed: key.to_sec1_point(true),
        }
    }
}

impl<C> EcdsaKey<C>
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    /// A key from a compressed point: tag 2 or 3 and x. SEC1 has other forms (the identity, a "compact" tag 5);
    /// none of them is a key here.
    pub(crate) fn from_compressed(bytes: &[u8]) -> Option<Self> {
        matches!(bytes, [2 | 3, ..])
            .then(|| VerifyingKey::from_sec1_bytes(bytes).ok())?
            .map(Self::from)
    }

    /// A key from an uncompressed point: tag 4, x and y.
    pub(crate) fn from_uncompressed(bytes: &[u8]) -> Option<Self> {
        matches!(bytes, [4, ..])
            .then(|| VerifyingKey::from_sec1_bytes(bytes).ok())?
            .map(Self::from)
    }

    /// The compressed point.
    pub(crate) fn compressed(&self) -> &[u8] {
        self.compressed.as_bytes()
    }

    /// The uncompressed point: tag 4, x and y.
    pub(crate) fn uncompressed(&self) -> Vec<u8> {
        self.key.to_sec1_point(false).as_bytes().to_vec()
    }

    /// Whether a signature r ‖ s over a message verifies, in the curve's usual hash.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool
    where
        C: DigestAlgorithm,
        SignatureSize<C>: ArraySize,
    {
        ecdsa::Signature::<C>::from_slice(signature)
            .is_ok_and(|signature| self.key.verify(message, &signature).is_ok())
    }

    /// Whether a signature r ‖ s over a hash verifies. A hash that is shorter than half the order of the curve is refused.
    pub(crate) fn verifies_prehash(&self, digest: &[u8], signature: &[u8]) -> bool
    where
        SignatureSize<C>: ArraySize,
    {
        ecdsa::Signature::<C>::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_prehash(digest, &signature).is_ok())
    }
}
