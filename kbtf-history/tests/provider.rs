//! A provider that fails: nothing is left half done.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use kbtf_did::{CryptoProvider, Error, PublicKey, SOFTWARE, SecretKey, SignatureAlgorithm};
use kbtf_history::{CompactRange, Hash, MemoryTree, TreeHasher};

/// Software that fails after so many hashes.
struct Failing(AtomicUsize);

impl Failing {
    fn hash<T>(&self, hash: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let left = self.0.load(Ordering::Relaxed);
        if left == 0 {
            return Err(Error::Provider { reason: "gone" });
        }
        self.0.store(left - 1, Ordering::Relaxed);
        hash()
    }
}

impl CryptoProvider for Failing {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error> {
        self.hash(|| SOFTWARE.sha256(message))
    }
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error> {
        self.hash(|| SOFTWARE.sha384(message))
    }
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        self.hash(|| SOFTWARE.sha512(message))
    }
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        SOFTWARE.verify(algorithm, key, message, signature)
    }
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        SOFTWARE.sign(key, message)
    }
    fn agree(
        &self,
        key: &SecretKey,
        with: &PublicKey,
    ) -> Result<zeroize::Zeroizing<[u8; 32]>, Error> {
        SOFTWARE.agree(key, with)
    }
}

#[test]
fn an_append_that_fails_appends_nothing() {
    for hashes in 0..6 {
        let good = TreeHasher::SOFTWARE;
        let (mut tree, mut range) = (MemoryTree::new(), CompactRange::new());
        for size in 0..40_u64 {
            let leaf = good.leaf(&size.to_be_bytes()).unwrap();
            let (root, before) = (tree.root(&good).unwrap(), range.clone());
            let failing = Failing(AtomicUsize::new(hashes));
            let needed = size.trailing_ones() as usize;
            let appended = tree.append(leaf, &TreeHasher::new(&failing));
            assert_eq!(appended.is_ok(), needed <= hashes);
            if let Err(error) = appended {
                assert_eq!(error.code(), "did/provider");
                assert_eq!((tree.size(), tree.root(&good).unwrap()), (size, root));
                assert_eq!(tree.append(leaf, &good).unwrap(), size);
            }
            let failing = Failing(AtomicUsize::new(hashes));
            if range.append(leaf, &TreeHasher::new(&failing)).is_err() {
                assert_eq!(range, before);
                range.append(leaf, &good).unwrap();
            }
            assert_eq!(range.root(&good).unwrap(), tree.root(&good).unwrap());
        }
    }
    let none = Failing(AtomicUsize::new(0));
    assert!(TreeHasher::new(&none).leaf(b"").is_err());
    let _: Hash = TreeHasher::SOFTWARE.leaf(b"").unwrap();
}
