//! X.509 certificates (RFC 5280): reading them, and whether one leads to another that is trusted, at a given time and for a
//! given purpose.
//!
//! What is not understood is refused: an unknown critical extension, name and policy constraints, an algorithm that is not in
//! the list of [`CertificateAlgorithm`]. In a certificate that is itself trusted they do not matter, as what is trusted is its
//! key, under its name, for as long as it is valid and as an authority (RFC 5280 section 6.1.1). Names are the same if their bytes are. Revocation is for the caller to know: nothing here
//! reads a list or asks a server.

use alloc::{boxed::Box, string::ToString as _, vec::Vec};

use der::{
    Decode as _, Encode as _, Reader as _, SliceReader, Tag, Tagged as _,
    asn1::{AnyRef, ObjectIdentifier, UintRef},
};
use x509_cert::{
    Certificate as Decoded,
    ext::{
        Extension,
        pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier},
    },
    name::Name,
};

use crate::{CryptoProvider, Error, HashAlgorithm, KeyType, PrehashScheme, PublicKey, Timestamp};

/// The longest certificate that is read, in bytes.
pub const MAX_CERTIFICATE: usize = 16 * 1024;
/// The most certificates from one that is checked to one that is trusted, both counted.
pub const MAX_PATH: usize = 8;
/// The most signatures that the search for a path checks.
const MAX_CHECKS: usize = 32;

/// Time-stamping, as an extended key usage (RFC 3161 section 2.3, RFC 5280 section 4.2.1.12).
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const SUBJECT_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const POLICY_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.36");
/// Extensions that need no work here even where they are critical: alternative names, and policies, of which any will do as
/// long as none is asked for.
const NEED_NOTHING: [ObjectIdentifier; 5] = [
    ObjectIdentifier::new_unwrap("2.5.29.17"),
    ObjectIdentifier::new_unwrap("2.5.29.18"),
    ObjectIdentifier::new_unwrap("2.5.29.32"),
    ObjectIdentifier::new_unwrap("2.5.29.33"),
    ObjectIdentifier::new_unwrap("2.5.29.54"),
];

fn malformed<T>(_: T) -> CertificateFault {
    CertificateFault::Malformed
}

/// Why a certificate, or the way from it to one that is trusted, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// Not the DER of one certificate of version 3, or with an extension twice.
    #[error("expected the DER of one X.509 certificate of version 3, of at most 16 KiB")]
    Malformed,
    /// A signature algorithm that is not known here.
    #[error("the signature algorithm is not one of those that are accepted")]
    Algorithm,
    /// Not yet, or no longer, valid at the time.
    #[error("a certificate was not valid at the time")]
    NotValid,
    /// A critical extension, or a constraint, that is not understood here.
    #[error("a critical extension or a constraint is not understood")]
    Extension,
    /// The key may not be used for this.
    #[error("the certificate is not for this use")]
    Usage,
    /// No way to a trusted certificate: none was at hand, a signature was false, an issuer is no authority, or the way is too
    /// long.
    #[error("no certificate that is trusted has issued this one")]
    Untrusted,
}

impl CertificateFault {
    /// The stable code, such as `did/certificate-untrusted`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "did/certificate-malformed",
            Self::Algorithm => "did/certificate-algorithm",
            Self::NotValid => "did/certificate-not-valid",
            Self::Extension => "did/certificate-extension",
            Self::Usage => "did/certificate-usage",
            Self::Untrusted => "did/certificate-untrusted",
        }
    }
}

impl From<CertificateFault> for Error {
    fn from(fault: CertificateFault) -> Self {
        Self::Certificate(fault)
    }
}

/// How a certificate, or what its key has signed in a CMS message, is signed: hash and padding are named apart from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CertificateAlgorithm {
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// ECDSA on P-256 or P-384 with a hash (RFC 5758).
    Ecdsa(HashAlgorithm),
    /// RSASSA-PKCS1-v1_5 with a hash (RFC 4055).
    Rsa(HashAlgorithm),
}

impl CertificateAlgorithm {
    /// The algorithm that an AlgorithmIdentifier names; with the DER of its parameters, if it has any. `rsaEncryption`, which
    /// names no hash, is taken with the one that is given beside it (RFC 5652 section 5.3).
    ///
    /// # Errors
    /// `did/certificate-algorithm`.
    pub fn from_oid(
        oid: &str,
        parameters: Option<&[u8]>,
        hash: Option<HashAlgorithm>,
    ) -> Result<Self, CertificateFault> {
        const NULL: &[u8] = &[5, 0];
        let (algorithm, takes_null) = match oid {
            "1.3.101.112" => (Self::Ed25519, false),
            "1.2.840.10045.4.3.2" => (Self::Ecdsa(HashAlgorithm::Sha256), false),
            "1.2.840.10045.4.3.3" => (Self::Ecdsa(HashAlgorithm::Sha384), false),
            "1.2.840.10045.4.3.4" => (Self::Ecdsa(HashAlgorithm::Sha512), false),
            "1.2.840.113549.1.1.11" => (Self::Rsa(HashAlgorithm::Sha256), true),
            "1.2.840.113549.1.1.12" => (Self::Rsa(HashAlgorithm::Sha384), true),
            "1.2.840.113549.1.1.13" => (Self::Rsa(HashAlgorithm::Sha512), true),
            "1.2.840.113549.1.1.1" => (Self::Rsa(hash.ok_or(CertificateFault::Algorithm)?), true),
            _ => return Err(CertificateFault::Algorithm),
        };
        // RSA has NULL, which some leave out; the others have nothing.
        match parameters {
            None => {}
            Some(NULL) if takes_null => {}
            Some(_) => return Err(CertificateFault::Algorithm),
        }
        Ok(algorithm)
    }

    /// Checks a signature as certificates and CMS messages hold it: for ECDSA the DER of r and s.
    ///
    /// # Errors
    /// `did/invalid-signature`; `did/wrong-key-use` for a key of another kind; `did/provider`.
    pub fn verify(
        self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        match self {
            Self::Ed25519 => {
                let algorithm = crate::SignatureAlgorithm::EdDsa;
                provider.verify(algorithm, key, message, signature)
            }
            Self::Ecdsa(hash) => {
                let signature =
                    ecdsa_from_der(key.key_type(), signature).ok_or(Error::InvalidSignature)?;
                let digest = hash.digest(message, provider)?;
                provider.verify_prehash(PrehashScheme::Ecdsa, key, &digest, &signature)
            }
            Self::Rsa(hash) => {
                let digest = hash.digest(message, provider)?;
                provider.verify_prehash(PrehashScheme::RsaPkcs1(hash), key, &digest, signature)
            }
        }
    }
}

/// r ‖ s, each as long as a coordinate, from the DER of an `ECDSA-Sig-Value` (RFC 5480 appendix A).
fn ecdsa_from_der(key_type: KeyType, der: &[u8]) -> Option<Vec<u8>> {
    let length = match key_type {
        KeyType::P256 => 32,
        KeyType::P384 => 48,
        _ => return None,
    };
    let sequence = AnyRef::from_der(der).ok()?;
    if sequence.tag() != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut signature = Vec::with_capacity(2 * length);
    for _ in 0..2 {
        let number = UintRef::decode(&mut reader).ok()?;
        let bytes = number.as_bytes();
        let zeros = length.checked_sub(bytes.len())?;
        signature.resize(signature.len().checked_add(zeros)?, 0);
        signature.extend_from_slice(bytes);
    }
    reader.is_finished().then_some(signature)
}

/// A certificate that was read, and of which nothing is known yet: see [`Certificate::verify`].
///
/// ```
/// # fn main() -> Result<(), kbtf_did::Error> {
/// use kbtf_did::x509::Certificate;
///
/// let refused = Certificate::from_der(b"no certificate").unwrap_err();
/// assert_eq!(refused.code(), "did/certificate-malformed");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Certificate {
    der: Box<[u8]>,
    decoded: Decoded,
    signed: Box<[u8]>,
    key: PublicKey,
    /// `None` for one that is not accepted: that of a certificate that is itself trusted does not matter.
    algorithm: Option<CertificateAlgorithm>,
    signature: Box<[u8]>,
    extensions: Extensions,
}

/// What its extensions say.
#[derive(Clone, Default)]
struct Extensions {
    authority: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    extended: Option<(ExtendedKeyUsage, bool)>,
    subject_key: Option<Vec<u8>>,
    not_understood: bool,
}

impl Extensions {
    fn read(extensions: &[Extension]) -> Result<Self, CertificateFault> {
        let mut read = Self::default();
        let mut seen: Vec<ObjectIdentifier> = Vec::new();
        for extension in extensions {
            if seen.contains(&extension.extn_id) {
                return Err(CertificateFault::Malformed);
            }
            seen.push(extension.extn_id);
            let value = extension.extn_value.as_bytes();
            match extension.extn_id {
                BASIC_CONSTRAINTS => {
                    read.authority = Some(BasicConstraints::from_der(value).map_err(malformed)?);
                }
                KEY_USAGE => {
                    read.key_usage = Some(KeyUsage::from_der(value).map_err(malformed)?);
                }
                EXTENDED_KEY_USAGE => {
                    let usage = ExtendedKeyUsage::from_der(value).map_err(malformed)?;
                    read.extended = Some((usage, extension.critical));
                }
                SUBJECT_KEY => {
                    let id = SubjectKeyIdentifier::from_der(value).map_err(malformed)?;
                    read.subject_key = Some(id.0.as_bytes().to_vec());
                    read.not_understood |= extension.critical;
                }
                // Critical by rule; whoever forgot that meant them all the same.
                NAME_CONSTRAINTS | POLICY_CONSTRAINTS => read.not_understood = true,
                other if NEED_NOTHING.contains(&other) => {}
                _ => read.not_understood |= extension.critical,
            }
        }
        Ok(read)
    }
}

/// Prints nothing of it: a certificate names somebody.
impl core::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Certificate {
    /// Reads the DER of a certificate, all of it.
    ///
    /// # Errors
    /// `did/certificate-malformed`; those of [`PublicKey::from_spki_der`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateFault::Malformed.into());
        }
        let decoded = Decoded::from_der(der).map_err(malformed)?;
        // What was signed is what came, not what a writer would make of it.
        let outer = AnyRef::from_der(der).map_err(malformed)?;
        let mut reader = SliceReader::new(outer.value()).map_err(malformed)?;
        let signed = reader.tlv_bytes().map_err(malformed)?;
        let tbs = decoded.tbs_certificate();
        if tbs.version() != x509_cert::certificate::Version::V3
            || tbs.signature() != decoded.signature_algorithm()
        {
            return Err(CertificateFault::Malformed.into());
        }
        let named = decoded.signature_algorithm();
        let parameters = named.parameters.as_ref().map(der::Encode::to_der);
        let parameters = parameters.transpose().map_err(malformed)?;
        let oid = named.oid.to_string();
        let algorithm = CertificateAlgorithm::from_oid(&oid, parameters.as_deref(), None).ok();
        let spki = tbs.subject_public_key_info().to_der().map_err(malformed)?;
        let key = PublicKey::from_spki_der(&spki)?;
        let signature = decoded.signature().as_bytes();
        let signature = signature.ok_or(CertificateFault::Malformed)?;
        let extensions = tbs.extensions().map_or(&[][..], Vec::as_slice);
        Ok(Self {
            der: der.into(),
            signed: signed.into(),
            key,
            algorithm,
            signature: signature.into(),
            extensions: Extensions::read(extensions)?,
            decoded,
        })
    }

    /// Its DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The key of whoever it is about.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The DER of the name of whoever it is about.
    #[must_use]
    pub fn subject_der(&self) -> Vec<u8> {
        // A name that was read is written.
        self.subject().to_der().unwrap_or_default()
    }

    /// The DER of the name of whoever has issued it.
    #[must_use]
    pub fn issuer_der(&self) -> Vec<u8> {
        self.issuer().to_der().unwrap_or_default()
    }

    /// Its serial number, big-endian, as in its DER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.decoded.tbs_certificate().serial_number().as_bytes()
    }

    /// The identifier of its key, if it says one (RFC 5280 section 4.2.1.2).
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.extensions.subject_key.as_deref()
    }

    fn subject(&self) -> &Name {
        self.decoded.tbs_certificate().subject()
    }

    fn issuer(&self) -> &Name {
        self.decoded.tbs_certificate().issuer()
    }

    /// The first and the last second at which it is valid.
    #[must_use]
    pub fn validity(&self) -> (i64, i64) {
        let validity = self.decoded.tbs_certificate().validity();
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        (seconds(validity.not_before), seconds(validity.not_after))
    }

    fn is_valid_at(&self, time: Timestamp) -> bool {
        let (first, last) = self.validity();
        (first..=last).contains(&time.unix())
    }

    /// Whether it is for one purpose alone and says so critically, as a time-stamping authority's must be (RFC 3161 section
    /// 2.3), and its key for signatures.
    fn check_usage(&self, purpose: ObjectIdentifier) -> Result<(), CertificateFault> {
        let only_purpose = matches!(
            &self.extensions.extended,
            Some((ExtendedKeyUsage(purposes), true)) if purposes.as_slice() == [purpose]
        );
        let signs = self
            .extensions
            .key_usage
            .is_none_or(|usage| usage.digital_signature() || usage.non_repudiation());
        match only_purpose && signs {
            true => Ok(()),
            false => Err(CertificateFault::Usage),
        }
    }

    /// Whether it may issue others, for this purpose, with so many authorities between.
    fn is_authority(&self, purpose: ObjectIdentifier, between: usize) -> bool {
        let authority = self.extensions.authority.as_ref();
        let is_authority = authority.is_some_and(|constraints| {
            let most = constraints.path_len_constraint.map(usize::from);
            constraints.ca && most.is_none_or(|most| between <= most)
        });
        let signs = self
            .extensions
            .key_usage
            .is_none_or(|usage| usage.key_cert_sign());
        let for_purpose =
            self.extensions
                .extended
                .as_ref()
                .is_none_or(|(ExtendedKeyUsage(purposes), _)| {
                    purposes.contains(&purpose) || purposes.contains(&ANY_USAGE)
                });
        is_authority && signs && for_purpose
    }

    fn is_issued_by(&self, issuer: &Self, provider: &dyn CryptoProvider) -> Result<bool, Error> {
        let Some(algorithm) = self.algorithm else {
            return Ok(false);
        };
        match algorithm.verify(&issuer.key, &self.signed, &self.signature, provider) {
            Ok(()) => Ok(true),
            Err(Error::InvalidSignature | Error::WrongKeyUse { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether it leads to one that is trusted by the names alone, through others at hand, or is one itself. Costs no signature:
    /// where it does not, [`Certificate::verify`] need not be asked.
    #[must_use]
    pub fn names_lead_to(&self, others: &[Self], trusted: &[Self]) -> bool {
        if trusted.contains(self) {
            return true;
        }
        let mut reached = alloc::vec![self];
        let mut next = 0;
        while let Some(certificate) = reached.get(next) {
            next += 1;
            let is_issuer = |issuer: &&Self| issuer.subject() == certificate.issuer();
            if trusted.iter().any(|one| is_issuer(&one)) {
                return true;
            }
            for issuer in others.iter().filter(is_issuer).collect::<Vec<_>>() {
                if !reached.contains(&issuer) {
                    reached.push(issuer);
                }
            }
        }
        false
    }

    /// Whether this certificate was, at a time, valid for a purpose (an extended key usage, which must be its only one and
    /// critical), and issued by one that is trusted: at once or through others at hand, each of which was valid too. One
    /// that is itself among the trusted needs no issuer. Gives the place of the trusted one.
    ///
    /// RFC 5280 section 6.1, without revocation; the trusted certificate too must be valid at the time.
    ///
    /// # Errors
    /// The [`CertificateFault`]; of several ways that fail, `did/certificate-untrusted`; `did/provider`.
    pub fn verify(
        &self,
        others: &[Self],
        trusted: &[Self],
        at: Timestamp,
        purpose: &str,
        provider: &dyn CryptoProvider,
    ) -> Result<usize, Error> {
        let purpose = ObjectIdentifier::new(purpose).map_err(|_| CertificateFault::Usage)?;
        // Of a stranger nothing else is said.
        if !self.names_lead_to(others, trusted) {
            return Err(CertificateFault::Untrusted.into());
        }
        if self.extensions.not_understood && !trusted.contains(self) {
            return Err(CertificateFault::Extension.into());
        }
        self.check_usage(purpose)?;
        if !self.is_valid_at(at) {
            return Err(CertificateFault::NotValid.into());
        }
        let mut search = Search {
            others,
            trusted,
            at,
            purpose,
            provider,
            checks: MAX_CHECKS,
        };
        let found = search.anchor_of(self, 0)?;
        Ok(found.ok_or(CertificateFault::Untrusted)?)
    }
}

struct Search<'a> {
    others: &'a [Certificate],
    trusted: &'a [Certificate],
    at: Timestamp,
    purpose: ObjectIdentifier,
    provider: &'a dyn CryptoProvider,
    checks: usize,
}

impl Search<'_> {
    /// The trusted certificate to which one leads that has so many authorities below it.
    fn anchor_of(
        &mut self,
        certificate: &Certificate,
        below: usize,
    ) -> Result<Option<usize>, Error> {
        if let Some(place) = self.trusted.iter().position(|one| one == certificate) {
            return Ok(Some(place));
        }
        if below.saturating_add(2) > MAX_PATH {
            return Ok(None);
        }
        let (trusted, others) = (self.trusted, self.others);
        let (anchors, between) = (trusted.iter(), others.iter());
        let all = anchors.map(|one| (one, true));
        for (issuer, is_trusted) in all.chain(between.map(|one| (one, false))) {
            let may_be = issuer.subject() == certificate.issuer()
                && issuer != certificate
                && (is_trusted || !issuer.extensions.not_understood)
                && issuer.is_valid_at(self.at)
                && issuer.is_authority(self.purpose, below);
            if !may_be {
                continue;
            }
            let Some(checks) = self.checks.checked_sub(1) else {
                return Ok(None);
            };
            self.checks = checks;
            if !certificate.is_issued_by(issuer, self.provider)? {
                continue;
            }
            // RFC 5280 does not count those that name themselves; here they count, which only refuses more.
            if let Some(found) = self.anchor_of(issuer, below.saturating_add(1))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
