//! Issuers, citizens, a register in memory and its log with a witness, for the tests.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    future::Future,
    pin::pin,
    task::{Context as Task, Poll, Waker},
};

use kbtf_authenticity::{
    Policy, RecordEvidence, TrustedIssuer,
    register::{
        MemoryRegister, Operation, Party, PublicInformation, Record, RecordChange,
        RecordLedger as _, Register, SignedOperation,
    },
};
use kbtf_did::{
    Did, DidUrl, KeyMethods, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp,
    did_kbtf::LedgerName, did_key,
};
use kbtf_history::{
    AddCheckpoint, Commitment, ObjectId, TrustPolicy, Witness,
    note::{NoteKey, NoteKeyType},
};

pub(crate) const ORIGIN: &str = "register.example.go.kr/documents";

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn day(number: i64) -> Timestamp {
    Timestamp::from_unix(1_790_000_000 + number * 86_400).unwrap()
}

pub(crate) fn signer(seed: u8) -> SoftwareSigner<'static> {
    let kind = match seed % 2 {
        0 => KeyType::Ed25519,
        _ => KeyType::P256,
    };
    SoftwareSigner::new(SecretKey::from_bytes(kind, &[seed; 32]).unwrap())
}

pub(crate) fn did(signer: &SoftwareSigner<'_>) -> Did {
    did_key::from_public_key(signer.public_key())
}

pub(crate) fn method(signer: &SoftwareSigner<'_>) -> DidUrl {
    let document = did_key::resolve(&did(signer), kbtf_did::KeyFormat::Multikey).unwrap();
    document.verification_methods()[0].id().clone()
}

pub(crate) fn by_issuer(signer: &SoftwareSigner<'_>) -> Party {
    Party::Issuer(method(signer))
}

pub(crate) fn by_owner(signer: &SoftwareSigner<'_>) -> Party {
    Party::Owner(signer.public_key().clone())
}

pub(crate) fn commitment(byte: u8) -> Commitment {
    Commitment::from_bytes([byte; 32])
}

pub(crate) fn public(byte: u8) -> PublicInformation {
    PublicInformation::new(commitment(byte))
}

pub(crate) fn name() -> LedgerName {
    LedgerName::parse("seoul-1").unwrap()
}

pub(crate) fn registration(
    issuer: &SoftwareSigner<'_>,
    public: PublicInformation,
) -> SignedOperation {
    registration_of(issuer, public, None)
}

pub(crate) fn registration_of(
    issuer: &SoftwareSigner<'_>,
    public: PublicInformation,
    owner: Option<&SoftwareSigner<'_>>,
) -> SignedOperation {
    let kind = "certificate.graduation".parse().unwrap();
    let owner = owner.map(|owner| owner.public_key());
    Operation::register(&name(), method(issuer), kind, public, owner)
        .unwrap()
        .sign(issuer)
        .unwrap()
}

pub(crate) struct World {
    pub(crate) ledger: MemoryRegister,
    pub(crate) register: Register<'static, MemoryRegister, KeyMethods>,
    log: SoftwareSigner<'static>,
    witness: SoftwareSigner<'static>,
}

impl World {
    pub(crate) fn new() -> Self {
        let ledger = MemoryRegister::new(&name(), ORIGIN);
        let key = |seed| {
            SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
        };
        Self {
            register: Register::new(ledger.clone(), KeyMethods),
            ledger,
            log: key(201),
            witness: key(202),
        }
    }

    /// Hands an operation in and makes a block of it.
    pub(crate) fn write(
        &self,
        signed: &SignedOperation,
        now: Timestamp,
    ) -> Result<ObjectId, kbtf_authenticity::Error> {
        let id = wait(self.register.submit(signed, now))?;
        assert_eq!(self.ledger.seal(now, &KeyMethods).unwrap(), 1);
        Ok(id)
    }

    pub(crate) fn record(&self, id: ObjectId) -> Record {
        wait(self.register.record(id)).unwrap().unwrap()
    }

    /// The next operation on a record.
    pub(crate) fn next(&self, id: ObjectId, by: Party, change: RecordChange) -> Operation {
        Operation::next(&self.record(id), by, change).unwrap()
    }

    fn log_key(&self) -> NoteKey {
        NoteKey::new(
            ORIGIN,
            NoteKeyType::Ed25519,
            self.log.public_key().clone(),
            &SOFTWARE,
        )
        .unwrap()
    }

    fn the_witness(&self) -> Witness<'_> {
        Witness::new("witness.example", &self.witness, vec![self.log_key()]).unwrap()
    }

    /// Signs and cosigns where the log stands, at a time.
    pub(crate) fn publish(&self, now: Timestamp) {
        let signed = self.ledger.checkpoint().unwrap().sign(&self.log).unwrap();
        let request = AddCheckpoint {
            old_size: 0,
            path: vec![],
            checkpoint: signed.clone(),
        };
        let (_, line) = self
            .the_witness()
            .add_checkpoint(&request, None, now)
            .unwrap();
        self.ledger
            .publish(signed.cosigned(&line).unwrap())
            .unwrap();
    }

    pub(crate) fn proved(&self, id: ObjectId) -> RecordEvidence {
        RecordEvidence::Proved(Box::new(wait(self.ledger.prove(id)).unwrap().unwrap()))
    }

    pub(crate) fn live(&self, id: ObjectId, now: Timestamp) -> RecordEvidence {
        wait(self.register.evidence(id, now)).unwrap()
    }

    pub(crate) fn trust(&self) -> TrustPolicy {
        format!(
            "log {}\nwitness w {}\nquorum w\n",
            self.log_key(),
            self.the_witness().key().unwrap()
        )
        .parse()
        .unwrap()
    }

    pub(crate) fn trust_without_witnesses(&self) -> TrustPolicy {
        format!("log {}\nquorum none\n", self.log_key())
            .parse()
            .unwrap()
    }

    pub(crate) fn policy(&self, issuers: &[&SoftwareSigner<'_>]) -> Policy {
        let policy = Policy::new(&name()).log(ORIGIN, self.trust());
        issuers.iter().fold(policy, |policy, issuer| {
            policy.issuer(TrustedIssuer::new(did(issuer)))
        })
    }
}
