//! **Experimental.** BBS signatures (draft-irtf-cfrg-bbs-signatures, BLS12-381): one signature over many messages, of which a
//! holder shows some by a zero-knowledge proof (VC-05). Two showings share nothing but what is shown; see
//! [`Unlinkability::Cryptographic`](crate::Unlinkability::Cryptographic).
//!
//! This is the cryptography behind a trait, not yet a form of credential. The arithmetic is that of the crate `zkryptium`, which
//! says of itself that it is for research; its version is pinned. It does not wipe secrets from memory, and what it does
//! with them is not known to take the same time for all. BLS12-381 is none of the algorithms that KCMVP validates. Do not
//! issue what matters with it.
//!
//! A proof hides which messages there are beside the shown ones, not how many. That somebody is over 19 is shown by a message
//! that says so (`age_over_19`), which the issuer has signed; a proof about a number that is not shown is none of this.
//!
//! ```
//! use kbtf_vc::bbs::{BbsScheme, BbsSecretKey, BbsSuite, Zkryptium};
//!
//! let scheme = Zkryptium::new(BbsSuite::Bls12381Sha256);
//! let secret = BbsSecretKey::from_bytes(&[7; 32])?;
//! let public = scheme.public_key(&secret)?;
//! let (header, messages) = (b"urn:kbtf:resident", [&b"name=..."[..], b"age_over_19=true"]);
//! let signature = scheme.sign(&secret, header, &messages)?;
//!
//! let nonce = b"n-0S6_WzA2Mj did:web:shop.example";
//! let proof = scheme.prove(&public, &signature, header, nonce, &messages, &[1])?;
//! scheme.verify_proof(&public, &proof, header, nonce, &[(1, b"age_over_19=true")])?;
//! assert!(scheme.verify_proof(&public, &proof, header, b"another nonce", &[(1, b"age_over_19=true")]).is_err());
//! # Ok::<(), kbtf_vc::bbs::BbsError>(())
//! ```

extern crate std;

use alloc::vec::Vec;

use zeroize::Zeroizing;
use zkryptium::{
    bbsplus::{
        ciphersuites::BbsCiphersuite,
        keys::{BBSplusPublicKey, BBSplusSecretKey},
    },
    schemes::{
        algorithms::{BBSplus, BbsBls12381Sha256, BbsBls12381Shake256, Scheme},
        generics::{PoKSignature, Signature},
    },
};

/// The length of a signature.
pub const SIGNATURE_LENGTH: usize = 80;
/// The length of a public key.
pub const PUBLIC_KEY_LENGTH: usize = 96;
/// The most messages under one signature: each costs a verifier a multiplication on the curve.
pub const MAX_MESSAGES: usize = 128;
/// The length of a proof that hides nothing; each hidden message adds 32 bytes.
const PROOF_BASE: usize = 272;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BbsError {
    /// Not a key: of the wrong length, not on the curve, zero, or the identity.
    #[error("not a BBS key")]
    InvalidKey,
    /// The signature is none of these messages.
    #[error("the signature does not verify")]
    InvalidSignature,
    /// The proof shows nothing.
    #[error("the proof does not verify")]
    InvalidProof,
    /// Too many messages, or places that are not in rising order or beyond the end.
    #[error("messages: expected at most 128, and places in rising order among them")]
    InvalidMessages,
}

impl BbsError {
    /// The stable code, such as `bbs/invalid-proof`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidKey => "bbs/invalid-key",
            Self::InvalidSignature => "bbs/invalid-signature",
            Self::InvalidProof => "bbs/invalid-proof",
            Self::InvalidMessages => "bbs/invalid-messages",
        }
    }
}

/// Which hash the scheme uses (draft section 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BbsSuite {
    /// `BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_`
    Bls12381Sha256,
    /// `BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_`
    Bls12381Shake256,
}

/// A secret key. Wiped when dropped, as far as it is ours.
pub struct BbsSecretKey(Zeroizing<[u8; 32]>);

impl BbsSecretKey {
    /// A key from 32 bytes, big-endian, between 1 and the order of the group less 1.
    ///
    /// # Errors
    /// `bbs/invalid-key`.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, BbsError> {
        if *bytes == [0; 32] || BBSplusSecretKey::from_bytes(bytes).is_err() {
            return Err(BbsError::InvalidKey);
        }
        Ok(Self(Zeroizing::new(*bytes)))
    }

    fn decoded(&self) -> Result<BBSplusSecretKey, BbsError> {
        BBSplusSecretKey::from_bytes(self.0.as_ref()).map_err(|_| BbsError::InvalidKey)
    }
}

/// A public key: a point of G2, compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BbsPublicKey([u8; PUBLIC_KEY_LENGTH]);

impl BbsPublicKey {
    /// A key from its 96 bytes.
    ///
    /// # Errors
    /// `bbs/invalid-key` for what is no point of the group, or the identity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BbsError> {
        let bytes: [u8; PUBLIC_KEY_LENGTH] = bytes.try_into().map_err(|_| BbsError::InvalidKey)?;
        // The identity, which every signature would fit: only its flags are set.
        let is_identity = matches!(bytes, [0xc0 | 0xe0, rest @ ..] if rest == [0; 95]);
        if is_identity || BBSplusPublicKey::from_bytes(&bytes).is_err() {
            return Err(BbsError::InvalidKey);
        }
        Ok(Self(bytes))
    }

    /// Its 96 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; PUBLIC_KEY_LENGTH] {
        &self.0
    }

    fn decoded(&self) -> Result<BBSplusPublicKey, BbsError> {
        BBSplusPublicKey::from_bytes(&self.0).map_err(|_| BbsError::InvalidKey)
    }
}

/// BBS, whoever does the arithmetic.
///
/// `header` is signed and always shown, `presentation_header` is bound to one proof: the nonce and the name of the verifier.
pub trait BbsScheme: Send + Sync {
    /// The public key of a secret one.
    ///
    /// # Errors
    /// `bbs/invalid-key`.
    fn public_key(&self, secret: &BbsSecretKey) -> Result<BbsPublicKey, BbsError>;

    /// Signs messages.
    ///
    /// # Errors
    /// `bbs/invalid-key`, `bbs/invalid-messages` for more than [`MAX_MESSAGES`].
    fn sign(
        &self,
        secret: &BbsSecretKey,
        header: &[u8],
        messages: &[&[u8]],
    ) -> Result<[u8; SIGNATURE_LENGTH], BbsError>;

    /// Verifies a signature over all messages, as a holder does on receipt.
    ///
    /// # Errors
    /// `bbs/invalid-signature` if it does not verify; `bbs/invalid-messages`.
    fn verify(
        &self,
        public: &BbsPublicKey,
        signature: &[u8],
        header: &[u8],
        messages: &[&[u8]],
    ) -> Result<(), BbsError>;

    /// Proves that one has a signature, and shows the messages at the places in `shown`, in rising order. Randomness is
    /// the system's.
    ///
    /// # Errors
    /// `bbs/invalid-signature`, `bbs/invalid-messages`.
    fn prove(
        &self,
        public: &BbsPublicKey,
        signature: &[u8],
        header: &[u8],
        presentation_header: &[u8],
        messages: &[&[u8]],
        shown: &[usize],
    ) -> Result<Vec<u8>, BbsError>;

    /// Verifies a proof and the messages that it shows, each with its place, in rising order.
    ///
    /// # Errors
    /// `bbs/invalid-proof` if it does not verify; `bbs/invalid-messages`.
    fn verify_proof(
        &self,
        public: &BbsPublicKey,
        proof: &[u8],
        header: &[u8],
        presentation_header: &[u8],
        shown: &[(usize, &[u8])],
    ) -> Result<(), BbsError>;
}

/// [`BbsScheme`] by the crate `zkryptium`.
#[derive(Debug, Clone, Copy)]
pub struct Zkryptium {
    suite: BbsSuite,
}

impl Zkryptium {
    /// With this hash.
    #[must_use]
    pub const fn new(suite: BbsSuite) -> Self {
        Self { suite }
    }
}

/// Runs the body with `CS` as the cipher suite that was chosen.
macro_rules! with_suite {
    ($suite:expr, $cs:ident => $body:expr) => {
        match $suite {
            BbsSuite::Bls12381Sha256 => {
                type $cs = <BbsBls12381Sha256 as Scheme>::Ciphersuite;
                $body
            }
            BbsSuite::Bls12381Shake256 => {
                type $cs = <BbsBls12381Shake256 as Scheme>::Ciphersuite;
                $body
            }
        }
    };
}

fn owned(messages: &[&[u8]]) -> Result<Vec<Vec<u8>>, BbsError> {
    if messages.len() > MAX_MESSAGES {
        return Err(BbsError::InvalidMessages);
    }
    Ok(messages.iter().map(|message| message.to_vec()).collect())
}

/// Places that rise and stay below the number of messages.
fn check_places(places: &[usize], below: usize) -> Result<(), BbsError> {
    let rising = places.iter().zip(places.iter().skip(1)).all(|(a, b)| a < b);
    if !rising || places.last().is_some_and(|last| *last >= below) {
        return Err(BbsError::InvalidMessages);
    }
    Ok(())
}

impl BbsScheme for Zkryptium {
    fn public_key(&self, secret: &BbsSecretKey) -> Result<BbsPublicKey, BbsError> {
        BbsPublicKey::from_bytes(&secret.decoded()?.public_key().to_bytes())
    }

    fn sign(
        &self,
        secret: &BbsSecretKey,
        header: &[u8],
        messages: &[&[u8]],
    ) -> Result<[u8; SIGNATURE_LENGTH], BbsError> {
        let (messages, secret) = (owned(messages)?, secret.decoded()?);
        let public = secret.public_key();
        with_suite!(self.suite, Suite => {
            Signature::<BBSplus<Suite>>::sign(Some(&messages), &secret, &public, Some(header))
                .map(|signature| signature.to_bytes())
                .map_err(|_| BbsError::InvalidSignature)
        })
    }

    fn verify(
        &self,
        public: &BbsPublicKey,
        signature: &[u8],
        header: &[u8],
        messages: &[&[u8]],
    ) -> Result<(), BbsError> {
        let (messages, public) = (owned(messages)?, public.decoded()?);
        let bytes = signature
            .try_into()
            .map_err(|_| BbsError::InvalidSignature)?;
        with_suite!(self.suite, Suite => {
            Signature::<BBSplus<Suite>>::from_bytes(bytes)
                .and_then(|s| s.verify(&public, Some(&messages), Some(header)))
                .map_err(|_| BbsError::InvalidSignature)
        })
    }

    fn prove(
        &self,
        public: &BbsPublicKey,
        signature: &[u8],
        header: &[u8],
        presentation_header: &[u8],
        messages: &[&[u8]],
        shown: &[usize],
    ) -> Result<Vec<u8>, BbsError> {
        check_places(shown, messages.len())?;
        // The library makes a proof of any signature; one that does not verify would only be noticed far away.
        self.verify(public, signature, header, messages)?;
        let (messages, public) = (owned(messages)?, public.decoded()?);
        with_suite!(self.suite, Suite => {
            PoKSignature::<BBSplus<Suite>>::proof_gen(
                &public,
                signature,
                Some(header),
                Some(presentation_header),
                Some(&messages),
                Some(shown),
            )
            .map(|proof| proof.to_bytes())
            .map_err(|_| BbsError::InvalidSignature)
        })
    }

    fn verify_proof(
        &self,
        public: &BbsPublicKey,
        proof: &[u8],
        header: &[u8],
        presentation_header: &[u8],
        shown: &[(usize, &[u8])],
    ) -> Result<(), BbsError> {
        // The library reads what it finds at fixed places, and leaves a remainder unread.
        let hidden = proof
            .len()
            .checked_sub(PROOF_BASE)
            .ok_or(BbsError::InvalidProof)?;
        if hidden % 32 != 0 || hidden / 32 + shown.len() > MAX_MESSAGES {
            return Err(BbsError::InvalidProof);
        }
        let places: Vec<usize> = shown.iter().map(|(place, _)| *place).collect();
        check_places(&places, hidden / 32 + shown.len())?;
        let messages: Vec<Vec<u8>> = shown.iter().map(|(_, message)| message.to_vec()).collect();
        let public = public.decoded()?;
        with_suite!(self.suite, Suite => {
            PoKSignature::<BBSplus<Suite>>::from_bytes(proof)
                .and_then(|proof| {
                    proof.proof_verify(
                        &public,
                        Some(&messages),
                        Some(&places),
                        Some(header),
                        Some(presentation_header),
                    )
                })
                .map_err(|_| BbsError::InvalidProof)
        })
    }
}

/// That both suites are what the names say, when this is compiled.
const _: fn() = || {
    fn is_suite<CS: BbsCiphersuite>() {}
    is_suite::<<BbsBls12381Sha256 as Scheme>::Ciphersuite>();
    is_suite::<<BbsBls12381Shake256 as Scheme>::Ciphersuite>();
};
