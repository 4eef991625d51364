//! Multikey (Controlled Identifiers 1.0 section 2.2.2): multibase of a multicodec header and the key bytes.

use alloc::{format, string::String, vec::Vec};

use zeroize::Zeroizing;

use crate::{Error, KeyType, PublicKey, SecretKey, multibase};

/// Multicodec headers, as varints.
const fn public_header(key_type: KeyType) -> [u8; 2] {
    match key_type {
        KeyType::Ed25519 => [0xed, 0x01],
        KeyType::X25519 => [0xec, 0x01],
        KeyType::P256 => [0x80, 0x24],
        KeyType::P384 => [0x81, 0x24],
        KeyType::Secp256k1 => [0xe7, 0x01],
        KeyType::Rsa => [0x85, 0x24],
    }
}

const SECRET_HEADERS: [([u8; 2], KeyType); 4] = [
    ([0x80, 0x26], KeyType::Ed25519),
    ([0x81, 0x26], KeyType::Secp256k1),
    ([0x82, 0x26], KeyType::X25519),
    ([0x86, 0x26], KeyType::P256),
];

/// Whether a header is in the range that multicodec keeps for private keys (0x1300–0x137f).
const fn is_secret(header: [u8; 2]) -> bool {
    matches!(header, [0x80..=0xff, 0x26])
}

impl PublicKey {
    /// The key as a Multikey text (`publicKeyMultibase`) in base58btc: `z6Mk…` for Ed25519, `zDn…` for P-256, `z82L…` for
    /// P-384, `zQ3s…` for secp256k1, `z6LS…` for X25519, `z4MX…` and the like for RSA.
    #[must_use]
    pub fn to_multikey(&self) -> String {
        let mut bytes = Vec::with_capacity(2 + self.as_bytes().len());
        bytes.extend_from_slice(&public_header(self.key_type()));
        bytes.extend_from_slice(self.as_bytes());
        multibase::encode_base58btc(&bytes)
    }

    /// Reads a Multikey text, base58btc (`z`) or base64url (`u`). DID-04 to DID-07.
    ///
    /// # Errors
    /// `did/invalid-multibase`, `did/unsupported-key-type`, `did/private-key-exposed` for a secret key, and
    /// those of [`PublicKey::from_bytes`].
    ///
    /// ```
    /// use kbtf_did::{KeyType, PublicKey};
    ///
    /// let key = PublicKey::from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")?;
    /// assert_eq!(key.key_type(), KeyType::Ed25519);
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn from_multikey(text: &str) -> Result<Self, Error> {
        // It may turn out to be a secret.
        let bytes = Zeroizing::new(multibase::decode(text)?);
        let unsupported = || Error::UnsupportedKeyType {
            got: multicodec_name(&bytes),
        };
        let (header, key) = bytes.split_first_chunk::<2>().ok_or_else(unsupported)?;
        if is_secret(*header) {
            return Err(Error::PrivateKeyExposed {
                member: "publicKeyMultibase",
            });
        }
        let key_type = KeyType::ALL
            .iter()
            .copied()
            .find(|&t| public_header(t) == *header)
            .ok_or_else(unsupported)?;
        Self::from_bytes(key_type, key)
    }
}

impl SecretKey {
    /// The key as a Multikey text (`secretKeyMultibase`) in base58btc. Wiped when dropped, and so is what it is made
    /// from on the way. Base58 looks digits up in a table: on a machine shared with an attacker, prefer
    /// [`SecretKey::to_jwk`], whose base64url is constant in time.
    #[must_use]
    pub fn to_multikey(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(34));
        let header = SECRET_HEADERS
            .iter()
            .find(|(_, key_type)| *key_type == self.key_type())
            .map(|(header, _)| *header);
        bytes.extend_from_slice(&header.unwrap_or_default());
        bytes.extend_from_slice(self.to_bytes().as_ref());
        Zeroizing::new(multibase::encode_base58btc(&bytes))
    }

    /// Reads a `secretKeyMultibase`.
    ///
    /// # Errors
    /// `did/invalid-multibase`, `did/unsupported-key-type`, and those of [`SecretKey::from_bytes`].
    pub fn from_multikey(text: &str) -> Result<Self, Error> {
        let bytes = Zeroizing::new(multibase::decode(text)?);
        let found = bytes.split_first_chunk::<2>().and_then(|(header, key)| {
            let (_, key_type) = SECRET_HEADERS.iter().find(|(secret, _)| secret == header)?;
            Some((*key_type, key))
        });
        match found {
            Some((key_type, key)) => Self::from_bytes(key_type, key),
            None => Err(Error::UnsupportedKeyType {
                got: String::from("not a secret Multikey of a kind that is held here"),
            }),
        }
    }
}

/// Names the header of a key for a message; never its body, which might be secret.
fn multicodec_name(bytes: &[u8]) -> String {
    let name = match bytes {
        [0x82, 0x24, ..] => "p521-pub",
        [0xea, 0x01, ..] => "bls12_381-g1-pub",
        [0xeb, 0x01, ..] => "bls12_381-g2-pub",
        [0xee, 0x01, ..] => "bls12_381-g1g2-pub",
        [a, b, ..] => return format!("multicodec 0x{a:02x}{b:02x}"),
        _ => "an empty text",
    };
    String::from(name)
}
