//! That all cryptography goes through the provider, so that a validated module can take the place of ours.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use kbtf_did::{
    CryptoProvider, Did, Error, KeyType, PublicKey, ResolutionOptions, ResolvedDocument, SOFTWARE,
    SecretKey, SignatureAlgorithm, Signer, SoftwareSigner, VerificationRelationship,
    control::ControlRequest,
    did_kbtf::{
        Change, Commitments, Controllers, Creation, History, LedgerEntry, LedgerName, NewKey,
        Operation,
    },
};
use zeroize::Zeroizing;

/// A life of a `did:kbtf` and a proof of control, with every call through one provider and signers of its own.
/// Gives the entries and the DID, for others to look at.
fn life(
    provider: &dyn CryptoProvider,
    signers: [&dyn Signer; 3],
) -> Result<(Did, Vec<LedgerEntry>), Error> {
    let [first, second, phone] = signers;
    let next = Commitments::new(1, &[second.public_key()], provider)?;
    let controllers = Controllers::new(1, &[first.public_key()])?.committed_to(next);
    let ledger = LedgerName::parse("test")?;
    let creation = Creation::new(&ledger, controllers).key(NewKey::new(
        "phone",
        phone.public_key(),
        &[VerificationRelationship::Authentication],
    ));
    let create = Operation::create(creation)?.sign(&[first])?;
    let did = create.operation().did(provider)?;
    let now = "2026-01-01T00:00:00Z".parse()?;
    let mut entries = vec![LedgerEntry::new(now, create.to_json())];
    let history = History::replay(&did, &entries, provider)?;
    let rotate = Change::Rotate(Controllers::new(1, &[second.public_key()])?);
    let rotate = Operation::next(history.state(), rotate)?.sign(&[second])?;
    entries.push(LedgerEntry::new(now, rotate.to_json()));
    let history = History::replay(&did, &entries, provider)?;
    let resolved: ResolvedDocument = history.resolve(&ResolutionOptions::default()).unwrap();

    let mut zeros = Zeros;
    let request = ControlRequest::new("minwon.go.kr", now, 60, &mut zeros)?;
    let method = resolved.document.verification_methods()[0].id().clone();
    let response = request.answer(&method, phone)?;
    request.check(&response, &resolved, now, provider)?;
    first.public_key().jwk_thumbprint(provider)?;
    Ok((did, entries))
}

struct Zeros;
impl rand_core::TryRng for Zeros {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        out.fill(0);
        Ok(())
    }
}
impl rand_core::TryCryptoRng for Zeros {}

/// A module with another hash and other signatures: one bit is turned. Whatever went past it would not fit with the
/// rest, so that the whole can only hold if nothing does.
#[derive(Default)]
struct Turned {
    hashes: AtomicUsize,
    verifications: AtomicUsize,
}

impl CryptoProvider for Turned {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error> {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let mut hash = SOFTWARE.sha256(message)?;
        hash[0] ^= 1;
        Ok(hash)
    }
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error> {
        SOFTWARE.sha384(message)
    }
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        SOFTWARE.sha512(message)
    }
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        self.verifications.fetch_add(1, Ordering::Relaxed);
        let mut signature = signature.to_vec();
        signature[0] ^= 1;
        SOFTWARE.verify(algorithm, key, message, &signature)
    }
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = SOFTWARE.sign(key, message)?;
        signature[0] ^= 1;
        Ok(signature)
    }
    fn agree(&self, _: &SecretKey, _: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error> {
        Err(Error::Provider {
            reason: "this module does not agree on secrets",
        })
    }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap()
}

#[test]
fn nothing_goes_past_the_provider() {
    let turned = Turned::default();
    let signers = [1, 2, 3].map(|seed| SoftwareSigner::with_provider(key(seed), &turned));
    let [first, second, phone] = &signers;
    let (did, entries) = life(&turned, [first, second, phone]).unwrap();
    // Two replays of three operations in all, and the proof of control.
    assert_eq!(turned.verifications.load(Ordering::Relaxed), 4);
    assert!(turned.hashes.load(Ordering::Relaxed) >= 8);
    // To everybody else these are the operations of another DID, with false signatures.
    let error = History::replay(&did, &entries, &SOFTWARE).unwrap_err();
    assert_eq!(error.code(), "did/operation-foreign");
    let ours = [1, 2, 3].map(|seed| SoftwareSigner::new(key(seed)));
    let [first, second, phone] = &ours;
    let (other, entries) = life(&SOFTWARE, [first, second, phone]).unwrap();
    assert_ne!(other, did);
    assert!(History::replay(&other, &entries, &turned).is_err());
}

/// A module that fails gives neither yes nor no.
#[test]
fn a_module_that_fails_decides_nothing() {
    struct Broken;
    const ERROR: Error = Error::Provider {
        reason: "self-test failed",
    };
    impl CryptoProvider for Broken {
        fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error> {
            SOFTWARE.sha256(message)
        }
        fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error> {
            SOFTWARE.sha384(message)
        }
        fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error> {
            SOFTWARE.sha512(message)
        }
        fn verify(
            &self,
            _: SignatureAlgorithm,
            _: &PublicKey,
            _: &[u8],
            _: &[u8],
        ) -> Result<(), Error> {
            Err(ERROR)
        }
        fn sign(&self, _: &SecretKey, _: &[u8]) -> Result<Vec<u8>, Error> {
            Err(ERROR)
        }
        fn agree(&self, _: &SecretKey, _: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error> {
            Err(ERROR)
        }
    }
    let signers = [1, 2, 3].map(|seed| SoftwareSigner::new(key(seed)));
    let [first, second, phone] = &signers;
    let (did, entries) = life(&SOFTWARE, [first, second, phone]).unwrap();
    assert_eq!(History::replay(&did, &entries, &Broken), Err(ERROR));
    assert_eq!(History::scan(&did, &entries, &Broken), Err(ERROR));
    let broken = [1, 2, 3].map(|seed| SoftwareSigner::with_provider(key(seed), &Broken));
    let [first, second, phone] = &broken;
    assert_eq!(life(&SOFTWARE, [first, second, phone]), Err(ERROR));
}

/// OpenSSL, another implementation behind the same trait: it hashes, verifies, and signs with keys that never come into
/// this process. What one side makes the other takes.
struct OpenSsl {
    folder: PathBuf,
}

impl OpenSsl {
    fn start(name: &str) -> Self {
        let version = Command::new("openssl").arg("version").output().unwrap();
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        assert!(version.starts_with("OpenSSL 3"), "{version}");
        let folder = env::temp_dir().join(format!("kbtf-did-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.folder)
            .output();
        match output {
            Ok(output) if output.status.success() => Ok(output.stdout),
            _ => Err(Error::InvalidSignature),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.join(name), bytes).unwrap();
    }

    /// A new key in a file of OpenSSL's own.
    fn signer(&self, name: &str, key_type: KeyType) -> OpenSslSigner<'_> {
        let arguments: &[&str] = match key_type {
            KeyType::Ed25519 => &["-algorithm", "ED25519"],
            KeyType::P256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            KeyType::P384 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            KeyType::Secp256k1 => &[
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:secp256k1",
            ],
            KeyType::X25519 => &["-algorithm", "X25519"],
            _ => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        };
        let file = format!("{name}.pem");
        self.run(&[&["genpkey", "-out", &file], arguments].concat())
            .unwrap();
        let pem = self.run(&["pkey", "-in", &file, "-pubout"]).unwrap();
        let public = PublicKey::from_pem(std::str::from_utf8(&pem).unwrap()).unwrap();
        assert_eq!(public.to_pem().as_bytes(), pem, "one PEM for one key");
        OpenSslSigner {
            module: self,
            file,
            public,
        }
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How OpenSSL signs in an algorithm.
fn options(algorithm: SignatureAlgorithm) -> &'static [&'static str] {
    match algorithm {
        SignatureAlgorithm::EdDsa => &["-rawin"],
        SignatureAlgorithm::Es384 => &["-rawin", "-digest", "sha384"],
        SignatureAlgorithm::Ps256 => &[
            "-rawin",
            "-digest",
            "sha256",
            "-pkeyopt",
            "rsa_padding_mode:pss",
            "-pkeyopt",
            "rsa_pss_saltlen:32",
        ],
        _ => &["-rawin", "-digest", "sha256"],
    }
}

/// OpenSSL has ECDSA signatures in DER.
fn to_der(algorithm: SignatureAlgorithm, signature: &[u8]) -> Option<Vec<u8>> {
    let integer = |number: &[u8]| {
        let number: Vec<u8> = number.iter().copied().skip_while(|&b| b == 0).collect();
        let sign = usize::from(number.first().is_none_or(|b| b & 0x80 != 0));
        [
            &[2, u8::try_from(number.len() + sign).unwrap()][..],
            &vec![0; sign],
            &number,
        ]
        .concat()
    };
    match algorithm {
        SignatureAlgorithm::Es256 | SignatureAlgorithm::Es384 | SignatureAlgorithm::Es256K => {
            let size = algorithm.key_type().public_key_length()? - 1;
            if signature.len() != 2 * size {
                return None;
            }
            let (r, s) = signature.split_at(size);
            let body = [integer(r), integer(s)].concat();
            Some([&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat())
        }
        _ => Some(signature.to_vec()),
    }
}

fn from_der(algorithm: SignatureAlgorithm, der: &[u8]) -> Vec<u8> {
    let size = match algorithm {
        SignatureAlgorithm::Es256 | SignatureAlgorithm::Es256K => 32,
        SignatureAlgorithm::Es384 => 48,
        _ => return der.to_vec(),
    };
    let mut rest = &der[2..];
    let mut fixed = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        fixed.extend(vec![0; size - number.len()]);
        fixed.extend(number);
        rest = &rest[2 + length..];
    }
    fixed
}

impl OpenSsl {
    fn hash<const N: usize>(&self, name: &str, message: &[u8]) -> Result<[u8; N], Error> {
        self.write("hashed", message);
        let hash = self.run(&["dgst", name, "-binary", "hashed"])?;
        hash.try_into()
            .map_err(|_| Error::Provider { reason: "no hash" })
    }
}

impl CryptoProvider for OpenSsl {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error> {
        self.hash("-sha256", message)
    }
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error> {
        self.hash("-sha384", message)
    }
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        self.hash("-sha512", message)
    }
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let signature = to_der(algorithm, signature).ok_or(Error::InvalidSignature)?;
        self.write("key", key.to_pem().as_bytes());
        self.write("message", message);
        self.write("signature", &signature);
        let arguments = [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "key",
            "-in",
            "message",
            "-sigfile",
            "signature",
        ];
        self.run(&[&arguments, options(algorithm)].concat())
            .map(drop)
    }
    fn sign(&self, _: &SecretKey, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::Provider {
            reason: "keys stay in the module",
        })
    }
    fn agree(&self, _: &SecretKey, _: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error> {
        Err(Error::Provider {
            reason: "keys stay in the module",
        })
    }
}

struct OpenSslSigner<'m> {
    module: &'m OpenSsl,
    file: String,
    public: PublicKey,
}

impl OpenSslSigner<'_> {
    fn sign_in(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.module.write("message", message);
        let arguments = ["pkeyutl", "-sign", "-inkey", &self.file, "-in", "message"];
        let der = self
            .module
            .run(&[&arguments, options(algorithm)].concat())?;
        Ok(from_der(algorithm, &der))
    }
}

impl Signer for OpenSslSigner<'_> {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let algorithm = self.public.key_type().signature_algorithms()[0];
        kbtf_did::to_low_s(self.public.key_type(), &self.sign_in(algorithm, message)?)
    }
    fn provider(&self) -> &dyn CryptoProvider {
        self.module
    }
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_can_take_the_place_of_our_cryptography() {
    let module = OpenSsl::start("life");
    for key_type in [KeyType::Ed25519, KeyType::P256, KeyType::Secp256k1] {
        let signers = ["first", "second", "phone"].map(|name| module.signer(name, key_type));
        let [first, second, phone] = &signers;
        let (did, entries) = life(&module, [first, second, phone]).unwrap();
        // What it made is what everybody takes.
        assert!(History::replay(&did, &entries, &SOFTWARE).is_ok());
    }
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_and_we_take_each_others_signatures_and_keys() {
    let module = OpenSsl::start("both-ways");
    for &key_type in KeyType::ALL {
        let theirs = module.signer("theirs", key_type);
        for algorithm in key_type.signature_algorithms() {
            let signature = theirs.sign_in(*algorithm, b"hello").unwrap();
            let signature = kbtf_did::to_low_s(key_type, &signature).unwrap_or(signature);
            for provider in [&SOFTWARE as &dyn CryptoProvider, &module] {
                provider
                    .verify(*algorithm, &theirs.public, b"hello", &signature)
                    .unwrap();
                let other = provider.verify(*algorithm, &theirs.public, b"hullo", &signature);
                assert_eq!(other, Err(Error::InvalidSignature), "{algorithm}");
            }
        }
        let Ok(ours) = SecretKey::from_bytes(key_type, &[9; 32]) else {
            continue;
        };
        if let [algorithm, ..] = key_type.signature_algorithms() {
            let signature = SOFTWARE.sign(&ours, b"hello").unwrap();
            module
                .verify(*algorithm, ours.public_key(), b"hello", &signature)
                .unwrap();
        }
        if key_type == KeyType::X25519 {
            // Our half and theirs give one secret.
            module.write("peer", ours.public_key().to_pem().as_bytes());
            let secret = module
                .run(&[
                    "pkeyutl",
                    "-derive",
                    "-inkey",
                    &theirs.file,
                    "-peerkey",
                    "peer",
                ])
                .unwrap();
            assert_eq!(*SOFTWARE.agree(&ours, &theirs.public).unwrap(), secret[..]);
        }
    }
}
