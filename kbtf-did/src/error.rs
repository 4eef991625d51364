use alloc::string::String;

use crate::{KeyType, json, personal_data::PersonalData};
#[cfg(feature = "did-kbtf")]
use crate::{did_kbtf::OperationFault, life_cycle::LifeCycleState};

/// What went wrong with an identifier, a key or a DID document.
///
/// Every variant has a stable [code](Error::code). Messages carry no secret, and of wrong input at most
/// the first 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON that all readers understand alike.
    #[error(transparent)]
    Json(#[from] json::Error),

    /// Not a DID.
    #[error("expected a DID (did:method:id, DID Core section 3.1), got {got:?}")]
    InvalidDid {
        /// The beginning of what came.
        got: String,
    },

    /// Not a name of a chain, an account or an asset on one (CAIP-2, CAIP-10, CAIP-19).
    #[error("expected {expected}, got {got:?}")]
    InvalidChainName {
        /// What was expected.
        expected: &'static str,
        /// The beginning of what came.
        got: String,
    },

    /// Not a DID URL.
    #[error("expected a DID URL (DID Core section 3.2), got {got:?}")]
    InvalidDidUrl {
        /// The beginning of what came.
        got: String,
    },

    /// Not an XML Schema `dateTimeStamp`.
    #[error(
        "expected a date and time with zone such as 2026-01-31T09:00:00+09:00 (XML Schema dateTimeStamp), got {got:?}"
    )]
    InvalidTimestamp {
        /// The beginning of what came.
        got: String,
    },

    /// Not a multibase text of the form asked for.
    #[error("expected {expected}")]
    InvalidMultibase {
        /// What was expected.
        expected: &'static str,
    },

    /// A Multikey header, `kty`/`crv` pair or verification-method type that this crate does not know.
    #[error("key type {got} is not supported")]
    UnsupportedKeyType {
        /// What the key calls itself.
        got: String,
    },

    /// Key bytes of the wrong length.
    #[error("a {key_type} key has {expected} bytes here, got {got}")]
    WrongKeyLength {
        /// The type of key.
        key_type: KeyType,
        /// Bytes expected.
        expected: usize,
        /// Bytes that came.
        got: usize,
    },

    /// Key bytes that are not the one canonical encoding of a point on the curve, or not a scalar in range.
    #[error("not the canonical encoding of a {key_type} key")]
    InvalidKey {
        /// The type of key.
        key_type: KeyType,
    },

    /// A public key of small order: it would accept signatures, or make secrets, that anyone can make.
    #[error("the {key_type} key is of small order")]
    SmallOrderKey {
        /// The type of key.
        key_type: KeyType,
    },

    /// The x-coordinate of a curve point alone, in base58: two points have it, so it names no one key (DID-06).
    #[error(
        "bytes without a sign for a {key_type} key are an x-coordinate alone, which two points share; expected the compressed point, whose first byte (2 or 3) tells them apart"
    )]
    XCoordinateOnly {
        /// The type of key.
        key_type: KeyType,
    },

    /// An RSA key that is too short to be safe, or too long to be checked in reasonable time.
    #[error("an RSA key has 2048 to 4096 bits here, got {bits}")]
    RsaKeySize {
        /// The bits of its modulus.
        bits: usize,
    },

    /// Not the DER or PEM of a public key (RFC 5280 section 4.1.2.7, RFC 7468 section 13).
    #[error("expected {expected}")]
    InvalidSpki {
        /// What was expected.
        expected: &'static str,
    },

    /// A JSON Web Key (RFC 7517) that is incomplete or contradicts itself.
    #[error("JSON Web Key member {member:?}: expected {expected}")]
    InvalidJwk {
        /// The member at fault.
        member: &'static str,
        /// What was expected of it.
        expected: &'static str,
    },

    /// Private key members where a public key belongs. Whoever wrote this has published a secret.
    #[error("private key material ({member}) in a public place")]
    PrivateKeyExposed {
        /// The member that holds it.
        member: &'static str,
    },

    /// The key cannot do what was asked of it, such as signing with an X25519 key.
    #[error("a {key_type} key cannot {operation}")]
    WrongKeyUse {
        /// The type of key.
        key_type: KeyType,
        /// What was asked.
        operation: &'static str,
    },

    /// The signature does not verify. Wrong length, wrong encoding and wrong key all end here.
    #[error("the signature does not verify")]
    InvalidSignature,

    /// The cryptographic provider could not do its work.
    #[error("cryptographic provider: {reason}")]
    Provider {
        /// Why, without secrets.
        reason: &'static str,
    },

    /// A certificate, or the way from it to one that is trusted.
    #[cfg(feature = "x509")]
    #[error(transparent)]
    Certificate(crate::x509::CertificateFault),

    /// The random source failed.
    #[error("the random source failed")]
    Randomness,

    /// A DID document that breaks a rule of DID Core or Controlled Identifiers.
    #[error("DID document, {place}: expected {expected}")]
    InvalidDocument {
        /// Where in the document, such as `verificationMethod[0].controller`.
        place: String,
        /// What was expected there.
        expected: &'static str,
    },

    /// Personal data in something that is bound for a ledger (DID-14). Where, and what kind; never the data itself.
    #[error("{place} holds {found}, which has no place on a ledger")]
    PersonalData {
        /// Where, such as `service[0].serviceEndpoint`.
        place: String,
        /// What was found.
        found: PersonalData,
    },

    /// An operation of a `did:kbtf` that is not one, or that does not follow from what came before it.
    #[cfg(feature = "did-kbtf")]
    #[error("did:kbtf operation: {fault}{detail}")]
    InvalidOperation {
        /// Which rule it breaks.
        fault: OperationFault,
        /// What was expected and what came, with a leading `: `; may be empty.
        detail: String,
    },

    /// A step that the life cycle does not have.
    #[cfg(feature = "did-kbtf")]
    #[error("life cycle: this is not allowed in {from}, or leads from there to {to}")]
    LifeCycle {
        /// The state before.
        from: LifeCycleState,
        /// The state after.
        to: LifeCycleState,
    },

    /// A ledger that cannot be reached or does not take what it is given.
    #[error("ledger: {reason}")]
    Ledger {
        /// Why, without secrets.
        reason: String,
    },

    /// A proof of control that does not show control (DID-08, DID-12).
    #[error("proof of control: {reason}")]
    ControlNotShown {
        /// Why not.
        reason: crate::ControlFault,
    },

    /// A `did:jwk` whose identifier is not a JSON object in base64url without padding.
    #[error("expected a did:jwk: a JSON Web Key in base64url without padding")]
    InvalidDidJwk,

    /// A `did:web` that names no place from which a document could be fetched.
    #[error("did:web: expected {expected}")]
    InvalidDidWeb {
        /// What was expected.
        expected: &'static str,
    },

    /// A document of another DID than was asked for.
    #[error("asked for the document of {asked}, got that of {got}")]
    WrongDocument {
        /// The DID that was asked for.
        asked: String,
        /// The DID that the document is about.
        got: String,
    },

    /// No support for this DID method.
    #[error("DID method {method:?} is not supported here")]
    MethodNotSupported {
        /// The method name.
        method: String,
    },
}

impl Error {
    /// The stable code, such as `did/invalid-did`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::InvalidDid { .. } => "did/invalid-did",
            Self::InvalidChainName { .. } => "did/invalid-chain-name",
            Self::InvalidDidUrl { .. } => "did/invalid-did-url",
            Self::InvalidTimestamp { .. } => "did/invalid-timestamp",
            Self::InvalidMultibase { .. } => "did/invalid-multibase",
            Self::UnsupportedKeyType { .. } => "did/unsupported-key-type",
            Self::WrongKeyLength { .. } => "did/wrong-key-length",
            Self::InvalidKey { .. } => "did/invalid-key",
            Self::SmallOrderKey { .. } => "did/small-order-key",
            Self::XCoordinateOnly { .. } => "did/x-coordinate-only",
            Self::RsaKeySize { .. } => "did/rsa-key-size",
            Self::InvalidSpki { .. } => "did/invalid-spki",
            Self::InvalidJwk { .. } => "did/invalid-jwk",
            Self::PrivateKeyExposed { .. } => "did/private-key-exposed",
            Self::WrongKeyUse { .. } => "did/wrong-key-use",
            Self::InvalidSignature => "did/invalid-signature",
            Self::Provider { .. } => "did/provider",
            #[cfg(feature = "x509")]
            Self::Certificate(fault) => fault.code(),
            Self::Randomness => "did/randomness",
            Self::InvalidDocument { .. } => "did/invalid-document",
            Self::PersonalData { .. } => "did/personal-data",
            #[cfg(feature = "did-kbtf")]
            Self::InvalidOperation { fault, .. } => fault.code(),
            #[cfg(feature = "did-kbtf")]
            Self::LifeCycle { .. } => "did/life-cycle",
            Self::Ledger { .. } => "did/ledger",
            Self::ControlNotShown { reason } => reason.code(),
            Self::InvalidDidJwk => "did/invalid-did-jwk",
            Self::InvalidDidWeb { .. } => "did/invalid-did-web",
            Self::WrongDocument { .. } => "did/wrong-document",
            Self::MethodNotSupported { .. } => "did/method-not-supported",
        }
    }
}
