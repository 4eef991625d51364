use alloc::vec::Vec;

use kbtf_did::{SignatureCheck, Timestamp};

use super::{Inputs, Pending, Work, credential_verdict, keys::KeyCache, unreadable};
use crate::{Credential, Evidence, Policy, Verdict, Verification, received::Received};

/// Verifies many credentials, each with the verdict that [`verify_credential`](crate::verify_credential) gives it alone.
///
/// Faster where one issuer has signed many of them with Ed25519: the arithmetic of the signatures is then shared
/// ([`kbtf_did::CryptoProvider::verify_many`]). It is exact: a batch accepts no signature that strict verification refuses, and one
/// bad credential does not touch its neighbours. With the feature `parallel` it uses as many threads as there are cores.
///
/// ```
/// use kbtf_vc::{Decision, Evidence, Policy, Trust, verify_credentials};
///
/// let now = "2026-11-22T00:00:00Z".parse()?;
/// let all: [&[u8]; 2] = [b"{}", b"[]"];
/// let verdicts = verify_credentials(&all, &Evidence::new(), &Policy::new(Trust::AnyIssuer), now);
/// assert!(verdicts.iter().all(|v| v.verdict().decision() == Decision::Refused));
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[must_use]
pub fn verify_credentials<'a>(
    inputs: &[&'a [u8]],
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Vec<Verification<Credential<'a>>> {
    #[cfg(feature = "parallel")]
    {
        in_parallel(inputs, evidence, policy, now)
    }
    #[cfg(not(feature = "parallel"))]
    {
        on_one_thread(inputs, evidence, policy, now)
    }
}

/// The fewest credentials that are worth a thread of their own.
#[cfg(feature = "parallel")]
const WORTH_A_THREAD: usize = 64;

#[cfg(feature = "parallel")]
fn in_parallel<'a>(
    inputs: &[&'a [u8]],
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Vec<Verification<Credential<'a>>> {
    extern crate std;
    use std::{sync::LazyLock, thread};

    // Asked once: on Linux the answer is read from files.
    static CORES: LazyLock<usize> =
        LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));
    let cores = *CORES;
    let threads = cores.min(inputs.len() / WORTH_A_THREAD).max(1);
    let mut chunks = inputs.chunks(inputs.len().div_ceil(threads).max(1));
    let first = chunks.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = chunks
            .map(|chunk| {
                let run = move || on_one_thread(chunk, evidence, policy, now);
                (chunk, scope.spawn(run))
            })
            .collect();
        let mut results = on_one_thread(first, evidence, policy, now);
        for (chunk, other) in others {
            // A thread that dies (of a provider that panics) takes no verdict with it.
            let theirs = other.join();
            results.extend(theirs.unwrap_or_else(|_| on_one_thread(chunk, evidence, policy, now)));
        }
        results
    })
}

fn on_one_thread<'a>(
    inputs: &[&'a [u8]],
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Vec<Verification<Credential<'a>>> {
    let look = Inputs::new(evidence, policy, now);
    let mut keys = Some(KeyCache::new());
    let mut documents: Vec<(Verdict, Option<Credential<'a>>)> = Vec::with_capacity(inputs.len());
    // What is to be verified, and for which document.
    let mut pending: Vec<(usize, Pending<'_>)> = Vec::with_capacity(inputs.len());
    for (i, input) in inputs.iter().enumerate() {
        match Received::read(input) {
            Ok(received) => {
                let mut work = Work {
                    keys: keys.take(),
                    ..Work::default()
                };
                let verdict = credential_verdict(&received, &look, &mut work);
                keys = work.keys;
                pending.extend(work.pending.into_iter().map(|pending| (i, pending)));
                documents.push((verdict, Some(received.credential)));
            }
            Err(error) => documents.push((unreadable(&error), None)),
        }
    }
    let checks: Vec<SignatureCheck<'_>> = pending.iter().map(|(_, p)| p.check()).collect();
    let results = policy.provider.verify_many(&checks);
    const NO_ANSWER: &Result<(), kbtf_did::Error> = &Err(kbtf_did::Error::Provider {
        reason: "fewer answers than questions",
    });
    for (n, (i, pending)) in pending.iter().enumerate() {
        if let Some((verdict, _)) = documents.get_mut(*i) {
            pending.settle(verdict, results.get(n).unwrap_or(NO_ANSWER));
        }
    }
    documents
        .into_iter()
        .map(|(verdict, credential)| Verification::new(verdict, credential))
        .collect()
}
