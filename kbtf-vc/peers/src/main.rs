//! kbtf-vc beside `affinidi-data-integrity` and `ssi`: what verifying and issuing one credential costs in each, in one
//! process and one run, as multiples of the bare Ed25519 signature.
//!
//! The credential is a graduation certificate of VC 2.0 with Korean text, its issuer a `did:key`. Verifying goes from
//! bytes to yes or no, and finds the key in the DID every time; issuing goes from JSON text to signed text. Whatever
//! can be made once is made once: signers, policies, resolvers, loaders of contexts. All contexts are at
//! hand (kbtf-vc is given the second, which the peers bundle); nothing is fetched. Verifiers of one kind are all given
//! the same bytes, which all of them accept; all refuse them once a claim is changed; and all issuers of a proof come
//! to the same signature. In eddsa-rdfc-2022 a proof may leave out the contexts that it shares with its document:
//! affinidi needs them there, and ssi, which processes them again, takes longer. Who accepts the "short proof" without
//! them has a row for it.
//!
//! Quote the ratios; the times are this machine's at this moment. All rows are interleaved.
//!
//! # What a row does, and does not
//!
//! The libraries do not do the same. The first table that is printed shows what each says of three credentials whose
//! signature is good, as far as the signature reaches: the issuer is not the DID whose key signed; the validity is
//! over; and a claim that no JSON-LD context defines was changed after signing.
//!
//! * **kbtf-vc** parses strictly (a name twice is an error), checks the structure of the data model, that the key is
//!   one for assertions and belongs to the issuer, the signature (`verify_strict`), and the validity, and gives a
//!   verdict on each step. The policy trusts any issuer; the certificate has neither status nor schema. Issuing checks
//!   the structure and that the key is the issuer's. In eddsa-rdfc-2022 it refuses a member that the signature would
//!   not cover; what it has worked out from a context it keeps, so no row but the very first, not timed, has the cost
//!   of that.
//! * **affinidi** is a library of proofs, not of credentials, and leaves the credential to its caller: it reads the
//!   JSON with `serde_json`, checks the proof (`verify_strict`), that the kind of key fits the suite and that the
//!   proof was not made in the future. It looks neither at the issuer nor at the validity. In eddsa-rdfc-2022 a claim
//!   that no context defines is left out, so not signed. Its own `Secret` derives the key from the seed for each
//!   signature; the row with the "key kept" has another signer behind the same trait, which does not. It has no
//!   VC-JWT.
//! * **ssi eddsa-rdfc-2022** reads a typed credential of VC 2.0, resolves the DID to a document and finds the key
//!   there, checks the proof (`verify` of ed25519-dalek 2, less strict) and the validity, and refuses a claim that no
//!   context defines. It does not compare the issuer with the key. Issuing resolves the DID too. It has no
//!   eddsa-jcs-2022.
//! * **ssi VC-JWT** is a token of VC-JOSE-COSE, the payload read as a typed credential; for the rest as above, without
//!   JSON-LD. What it issues has the type `vc-ld+jwt` of an earlier draft, which kbtf-vc refuses; so the token that is
//!   verified was issued by kbtf-vc.
//! * **ssi JWS alone** checks the signature and nothing else: the payload is decoded from base64url, not read.
//!
//! `ssi` keeps keys as JWK, and derives the Ed25519 key from it for each signature.
//!
//! # What sharing a process does
//!
//! Cargo builds `serde_json` once, with what all ask for: `ssi` asks for numbers of any precision
//! (`arbitrary_precision`), which `affinidi-data-integrity` alone would not have. Run with `--no-default-features` to
//! see it without. kbtf-vc does not use `serde_json`.

mod affinidi;
mod certificate;
mod checks;
mod kbtf;
mod ready;
#[cfg(feature = "ssi")]
mod spruce;

use std::hint::black_box;

use affinidi::Affinidi;
use certificate::{Kind, Outcome, SEED, certificate, without_proof_contexts};
use checks::{Group, print_probes};
use ed25519_dalek::{Signer as _, SigningKey};
use kbtf::Kbtf;
use kbtf_rounds::Rounds;
#[cfg(feature = "ssi")]
use spruce::Spruce;

const ROUNDS: usize = 1000;

fn main() -> Outcome<()> {
    let kbtf = Kbtf::new()?;
    let affinidi = Affinidi::new(kbtf.method())?;
    #[cfg(feature = "ssi")]
    let spruce = Spruce::new(kbtf.method())?;
    let (did, _) = kbtf.method().split_once('#').ok_or("no fragment")?;

    let group = |kind| {
        let mut issuers = kbtf.issuers();
        issuers.extend(affinidi.issuers());
        #[cfg(feature = "ssi")]
        issuers.extend(spruce.issuers());
        issuers.retain(|issuer| issuer.kind == kind);
        let mut verifiers = kbtf.verifiers();
        verifiers.extend(affinidi.verifiers());
        #[cfg(feature = "ssi")]
        verifiers.extend(spruce.verifiers());
        verifiers.retain(|verifier| verifier.kind == kind);
        Group::new(kind, issuers, verifiers, certificate(kind, did))
    };
    let groups = [group(Kind::Jcs)?, group(Kind::Jwt)?, group(Kind::Rdfc)?];

    print_probes();
    for group in &groups {
        group.probe()?;
    }
    println!();
    measure(&groups);
    Ok(())
}

fn measure(groups: &[Group<'_>]) {
    // The floors: the library alone, keys and signatures decoded, 64 bytes.
    let message = [42; 64];
    let key = SigningKey::from_bytes(&SEED);
    let verifying = key.verifying_key();
    let signature = key.sign(&message);

    let mut rounds = Rounds::new();
    rounds.floor("Ed25519 verify_strict, bare", || {
        verifying
            .verify_strict(black_box(&message), &signature)
            .expect("the signature is good");
    });
    for group in groups {
        for verifier in &group.verifiers {
            let name = format!("verify, {}", verifier.name);
            rounds.operation(name.clone().leak(), || {
                (verifier.run)(black_box(group.signed.as_bytes())).expect("checked before");
            });
            if let Some(short) = without_proof_contexts(&group.signed)
                && verifier.accepts(&short)
            {
                let short: &str = short.leak();
                rounds.operation(format!("{name}, short proof").leak(), || {
                    (verifier.run)(black_box(short.as_bytes())).expect("checked before");
                });
            }
        }
    }
    rounds.floor("Ed25519 sign, bare", || {
        black_box(key.sign(black_box(&message)));
    });
    for group in groups {
        for issuer in &group.issuers {
            rounds.operation(format!("issue, {}", issuer.name).leak(), || {
                black_box((issuer.run)(black_box(&group.unsigned)).expect("checked before"));
            });
        }
    }
    rounds.run(ROUNDS);
}
