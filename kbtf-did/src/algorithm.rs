use core::fmt;

/// The kinds of key this crate knows.
///
/// P-384, secp256k1 and RSA each need the feature of their name (`p384`, `secp256k1`, `rsa`; all on by default);
/// without it such a key is refused with `did/unsupported-key-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// Ed25519 (RFC 8032), for signatures: DID-04.
    Ed25519,
    /// NIST P-256, also called secp256r1 (FIPS 186-5), for signatures: DID-06.
    P256,
    /// NIST P-384 (FIPS 186-5), for verifying signatures.
    P384,
    /// secp256k1 (SEC 2), for signatures: DID-05.
    Secp256k1,
    /// X25519 (RFC 7748), for key agreement: DID-07.
    X25519,
    /// RSA of 2048 to 4096 bits (RFC 8017), for verifying signatures: DID-03.
    Rsa,
}

impl KeyType {
    /// All kinds of key, in the order of this enumeration.
    pub const ALL: &'static [Self] = &[
        Self::Ed25519,
        Self::P256,
        Self::P384,
        Self::Secp256k1,
        Self::X25519,
        Self::Rsa,
    ];

    /// Bytes of a public key as Multikey carries it: the curve point, compressed where the curve has that. `None`
    /// for RSA, whose keys have no one length.
    #[must_use]
    pub const fn public_key_length(self) -> Option<usize> {
        match self {
            Self::Ed25519 | Self::X25519 => Some(32),
            Self::P256 | Self::Secp256k1 => Some(33),
            Self::P384 => Some(49),
            Self::Rsa => None,
        }
    }

    /// The algorithms in which a key of this kind verifies, the usual one first; empty for a kind that only agrees
    /// on secrets.
    #[must_use]
    pub const fn signature_algorithms(self) -> &'static [SignatureAlgorithm] {
        match self {
            Self::Ed25519 => &[SignatureAlgorithm::EdDsa],
            Self::P256 => &[SignatureAlgorithm::Es256],
            Self::P384 => &[SignatureAlgorithm::Es384],
            Self::Secp256k1 => &[SignatureAlgorithm::Es256K],
            Self::X25519 => &[],
            Self::Rsa => &[SignatureAlgorithm::Rs256, SignatureAlgorithm::Ps256],
        }
    }

    /// Whether keys of this kind make signatures.
    #[must_use]
    pub const fn is_for_signatures(self) -> bool {
        !matches!(self, Self::X25519)
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Secp256k1 => "secp256k1",
            Self::X25519 => "X25519",
            Self::Rsa => "RSA",
        })
    }
}

/// How a signature is made, by its name in JOSE (RFC 7518 section 3.1, RFC 8037, RFC 8812). Most kinds of key have
/// one way; RSA has two, and which of them was meant is said beside the signature, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// `EdDSA` with Ed25519 (RFC 8032): 64 bytes R ‖ S.
    EdDsa,
    /// `ES256`, ECDSA on P-256 with SHA-256 (FIPS 186-5): 64 bytes r ‖ s.
    Es256,
    /// `ES384`, ECDSA on P-384 with SHA-384 (FIPS 186-5): 96 bytes r ‖ s.
    Es384,
    /// `ES256K`, ECDSA on secp256k1 with SHA-256 (RFC 8812): 64 bytes r ‖ s.
    Es256K,
    /// `RS256`, RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2): as many bytes as the modulus.
    Rs256,
    /// `PS256`, RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 7518 section 3.5): as many
    /// bytes as the modulus.
    Ps256,
}

impl SignatureAlgorithm {
    /// The name in a JOSE header's `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es256K => "ES256K",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The kind of key it works with.
    #[must_use]
    pub const fn key_type(self) -> KeyType {
        match self {
            Self::EdDsa => KeyType::Ed25519,
            Self::Es256 => KeyType::P256,
            Self::Es384 => KeyType::P384,
            Self::Es256K => KeyType::Secp256k1,
            Self::Rs256 | Self::Ps256 => KeyType::Rsa,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
