//! HMAC-SHA-256 and the random keys for it: what commits to values without showing them, in the crates above.

use alloc::vec::Vec;

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{CryptoProvider, Error};

/// A new key of 32 random bytes.
///
/// # Errors
/// `did/randomness` if the source fails, or gives nothing but zeros.
pub fn random_key<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    random
        .try_fill_bytes(bytes.as_mut())
        .map_err(|_| Error::Randomness)?;
    match bytes.iter().all(|byte| *byte == 0) {
        true => Err(Error::Randomness),
        false => Ok(bytes),
    }
}

/// HMAC-SHA-256 (RFC 2104) under a key of 32 bytes of a message that lies in parts, one after the other, through the
/// provider. Whoever wants the parts told apart gives their lengths among them.
///
/// ```
/// use kbtf_did::{SOFTWARE, hmac_sha256};
///
/// let parts = hmac_sha256(&[7; 32], &[b"one ", b"message"], &SOFTWARE)?;
/// assert_eq!(hmac_sha256(&[7; 32], &[b"one message"], &SOFTWARE)?, parts);
/// # Ok::<(), kbtf_did::Error>(())
/// ```
///
/// # Errors
/// `did/provider`.
pub fn hmac_sha256(
    key: &[u8; 32],
    parts: &[&[u8]],
    provider: &dyn CryptoProvider,
) -> Result<[u8; 32], Error> {
    let pad = |with: u8| {
        let mut pad = Zeroizing::new([with; 64]);
        for (to, from) in pad.iter_mut().zip(key) {
            *to ^= from;
        }
        pad
    };
    let (inner, outer) = (pad(0x36), pad(0x5c));
    let message: Vec<&[u8]> = core::iter::once(inner.as_slice())
        .chain(parts.iter().copied())
        .collect();
    let inner_hash = provider.sha256_parts(&message)?;
    provider.sha256_parts(&[outer.as_slice(), &inner_hash])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::SOFTWARE;

    use super::*;

    /// RFC 4231's tests have keys of other lengths; this one is what Python's hmac module says.
    #[test]
    fn hmac_of_two_parts() {
        let key: [u8; 32] = core::array::from_fn(|i| u8::try_from(i).unwrap());
        let hash = hmac_sha256(&key, &[b"what do ya want ", b"for nothing?"], &SOFTWARE).unwrap();
        let mut hex = alloc::string::String::new();
        for byte in hash {
            hex.push_str(&alloc::format!("{byte:02x}"));
        }
        assert_eq!(hex, HMAC_BY_PYTHON);
    }

    const HMAC_BY_PYTHON: &str = "099805f4ac310786968565c098db515cc50862b420ae31e20238312344bed36a";
}
