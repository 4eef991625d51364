//! What several tests need.
#![allow(dead_code, clippy::cast_possible_truncation)]

use kbtf_did::{Did, DidUrl, KeyType, SecretKey, Signer, SoftwareSigner, Timestamp, did_key};
use rand_core::{TryCryptoRng, TryRng};

pub(crate) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(crate) fn signer(key_type: KeyType, seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(key_type, &[seed; 32]).unwrap())
}

pub(crate) fn did_of(signer: &dyn Signer) -> Did {
    did_key::from_public_key(signer.public_key())
}

pub(crate) fn method_of(signer: &dyn Signer) -> DidUrl {
    did_key::verification_method_id(&did_of(signer)).unwrap()
}

/// Random bytes that repeat with the seed: for tests alone.
pub(crate) struct Seeded(pub(crate) u64);

impl TryRng for Seeded {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|n| n as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(8) {
            let next = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

/// A source that has nothing to give.
pub(crate) struct Empty;

#[derive(Debug)]
pub(crate) struct NoRandomness;

impl core::fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("none")
    }
}

impl core::error::Error for NoRandomness {}

impl TryRng for Empty {
    type Error = NoRandomness;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(NoRandomness)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(NoRandomness)
    }
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        Err(NoRandomness)
    }
}

impl TryCryptoRng for Empty {}
