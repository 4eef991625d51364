use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{
    Checkpoint, Error, SignedCheckpoint,
    error::malformed,
    note::{NoteKey, NoteKeyType, is_ml_dsa},
};

/// The most logs, witnesses and groups, of each, that a policy may have.
const MAX_OF_A_KIND: usize = 256;
const MAX_POLICY: usize = 1 << 20;

/// Which logs are trusted, and how many of which witnesses must have seen what a log says before it is believed (C2SP
/// tlog-policy). A log without witnesses can show different trees to different people; one with them cannot.
///
/// ```
/// use kbtf_did::{KeyType, SecretKey, SOFTWARE, Signer, SoftwareSigner};
/// use kbtf_history::{Checkpoint, TreeHasher, TrustPolicy, note::{NoteKey, NoteKeyType}};
///
/// let log = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let name = "history.example.go.kr/land";
/// let key = NoteKey::new(name, NoteKeyType::Ed25519, log.public_key().clone(), &SOFTWARE)?;
/// let policy: TrustPolicy = format!("log {key}\nquorum none\n").parse()?;
///
/// let signed = Checkpoint::new(name, 0, TreeHasher::SOFTWARE.empty()?)?.sign(&log)?;
/// let trusted = policy.verify(&signed, &SOFTWARE)?;
/// assert_eq!(trusted.checkpoint().size(), 0);
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TrustPolicy {
    logs: Vec<NoteKey>,
    /// Witnesses and groups, in the order in which they were defined: a group has only earlier ones.
    members: Vec<Member>,
    quorum: Option<usize>,
}

#[derive(Debug, Clone)]
struct Member {
    name: String,
    what: Voice,
}

#[derive(Debug, Clone)]
enum Voice {
    Witness(NoteKey),
    /// One whose signatures are of a kind that is not read here: it is never heard.
    Unknown,
    Group {
        threshold: usize,
        members: Vec<usize>,
    },
}

/// What a log has said and a quorum of witnesses has seen. Only [`TrustPolicy::verify`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedCheckpoint {
    checkpoint: Checkpoint,
    witnessed: Vec<(String, Timestamp)>,
    seen: Option<(Timestamp, Timestamp)>,
}

impl TrustedCheckpoint {
    /// What the log says.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The witnesses of the policy that have cosigned it, by their names there, and when (last).
    #[must_use]
    pub fn witnessed(&self) -> &[(String, Timestamp)] {
        &self.witnessed
    }

    /// The time by which a quorum of witnesses had seen it: what stands in it was there by then. `None` without a quorum.
    ///
    /// Where the quorum is reached by several, this is the time of the one that completed it, so that no fewer witnesses can
    /// make it earlier than the quorum has, and none outside it count.
    #[must_use]
    pub fn seen_by(&self) -> Option<Timestamp> {
        self.seen.map(|(by, _)| by)
    }

    /// The latest time at which a quorum of witnesses says that this was the state of the log: how fresh it is. `None` without
    /// a quorum.
    #[must_use]
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.seen.map(|(_, at)| at)
    }
}

impl TrustPolicy {
    /// Whether a log of the policy has signed, and a quorum of its witnesses cosigned.
    ///
    /// # Errors
    /// `history/unsigned` if no such log has signed under the name that is the origin, `history/no-quorum`,
    /// `history/false-signature` if any signature of a key of the policy does not verify; `did/provider`.
    pub fn verify(
        &self,
        signed: &SignedCheckpoint,
        provider: &dyn CryptoProvider,
    ) -> Result<TrustedCheckpoint, Error> {
        let checkpoint = signed.unverified();
        let note = signed.note();
        let mut by_log = false;
        for key in &self.logs {
            // Every signature of a known key is verified, one of another log's too: it must not be there, if false.
            let has_signed = note.verify_one(key, provider)?.is_some();
            by_log |= has_signed && key.name() == checkpoint.origin();
        }
        if !by_log {
            return Err(Error::Unsigned {
                expected: "a log of the policy whose name is the origin",
            });
        }
        let mut witnessed = Vec::new();
        // By when each has seen it, and at what time last.
        let mut voices: Vec<Option<(Timestamp, Timestamp)>> =
            Vec::with_capacity(self.members.len());
        for member in &self.members {
            let voice = match &member.what {
                Voice::Witness(key) => {
                    let times = note.verify_one(key, provider)?;
                    let time = |time: u64| i64::try_from(time).ok().and_then(Timestamp::from_unix);
                    let times = times.and_then(|(first, last)| time(first).zip(time(last)));
                    witnessed.extend(times.map(|(_, last)| (member.name.clone(), last)));
                    times
                }
                Voice::Unknown => None,
                Voice::Group { threshold, members } => {
                    let have = members.iter().filter_map(|i| *voices.get(*i)?);
                    let (mut by, mut at): (Vec<Timestamp>, Vec<Timestamp>) = have.unzip();
                    by.sort_unstable();
                    at.sort_unstable_by(|a, b| b.cmp(a));
                    // The threshold is 1 at least.
                    let last = threshold.saturating_sub(1);
                    by.get(last).copied().zip(at.get(last).copied())
                }
            };
            voices.push(voice);
        }
        let seen = match self.quorum {
            None => None,
            Some(i) => Some(voices.get(i).copied().flatten().ok_or(Error::NoQuorum)?),
        };
        Ok(TrustedCheckpoint {
            checkpoint: checkpoint.clone(),
            witnessed,
            seen,
        })
    }

    /// The keys of the logs.
    #[must_use]
    pub fn logs(&self) -> &[NoteKey] {
        &self.logs
    }

    /// The witnesses, with their names.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &NoteKey)> {
        self.members.iter().filter_map(|member| match &member.what {
            Voice::Witness(key) => Some((member.name.as_str(), key)),
            Voice::Unknown | Voice::Group { .. } => None,
        })
    }

    fn line(&mut self, reading: &mut Reading, words: &[&str]) -> Result<(), Error> {
        match words {
            ["log", key] | ["log", key, _] => {
                let key: NoteKey = key.parse()?;
                if key.key_type() != NoteKeyType::Ed25519 {
                    return Err(malformed("policy.log", "a key of type 1"));
                }
                reading.new_key(&key, "log")?;
                self.logs.push(key);
                at_most(self.logs.len(), "policy.log")
            }
            ["witness", name, key] | ["witness", name, key, _] if is_ml_dsa(key)? => {
                self.define(reading, name, Voice::Unknown)
            }
            ["witness", name, key] | ["witness", name, key, _] => {
                let key: NoteKey = key.parse()?;
                if key.key_type() != NoteKeyType::Cosignature {
                    return Err(malformed("policy.witness", "a key of type 4"));
                }
                reading.new_key(&key, "witness")?;
                self.define(reading, name, Voice::Witness(key))
            }
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                let mut indices = Vec::with_capacity(members.len());
                for member in members {
                    let index = *reading.names.get(*member).ok_or(malformed(
                        "policy.group",
                        "witnesses and groups that were defined before",
                    ))?;
                    // Each counts in one group only, so that no witness counts twice.
                    if !reading.grouped.insert(index) {
                        return Err(malformed("policy.group", "each member in one group only"));
                    }
                    indices.push(index);
                }
                let threshold = match *threshold {
                    "any" => Some(1),
                    "all" => Some(indices.len()),
                    number => crate::note::decimal(number).and_then(|n| usize::try_from(n).ok()),
                };
                let threshold = threshold
                    .filter(|n| (1..=indices.len()).contains(n))
                    .ok_or(malformed(
                        "policy.group",
                        "any, all, or a number from 1 to that of the members",
                    ))?;
                let group = Voice::Group {
                    threshold,
                    members: indices,
                };
                self.define(reading, name, group)
            }
            ["quorum", name] => {
                let quorum = match *name {
                    "none" => None,
                    name => Some(*reading.names.get(name).ok_or(malformed(
                        "policy.quorum",
                        "none, or a witness or group that was defined before",
                    ))?),
                };
                if reading.quorum.replace(quorum).is_some() {
                    return Err(malformed("policy.quorum", "one such line"));
                }
                Ok(())
            }
            _ => Err(malformed(
                "policy",
                "lines of log, witness, group and quorum with what belongs to them",
            )),
        }
    }

    fn define(&mut self, reading: &mut Reading, name: &str, what: Voice) -> Result<(), Error> {
        let index = self.members.len();
        let new = name != "none" && reading.names.insert(name.to_owned(), index).is_none();
        if !new {
            return Err(malformed(
                "policy",
                "a name of its own for each witness and group",
            ));
        }
        self.members.push(Member {
            name: name.to_owned(),
            what,
        });
        at_most(self.members.len() / 2, "policy")
    }
}

/// What is known while a policy is read.
#[derive(Default)]
struct Reading {
    names: BTreeMap<String, usize>,
    grouped: BTreeSet<usize>,
    keys: BTreeSet<(&'static str, Vec<u8>)>,
    quorum: Option<Option<usize>>,
}

impl Reading {
    fn new_key(&mut self, key: &NoteKey, kind: &'static str) -> Result<(), Error> {
        match self
            .keys
            .insert((kind, key.public_key().as_bytes().to_vec()))
        {
            true => Ok(()),
            false => Err(malformed("policy", "each key once")),
        }
    }
}

fn at_most(count: usize, place: &'static str) -> Result<(), Error> {
    match count <= MAX_OF_A_KIND {
        true => Ok(()),
        false => Err(malformed(place, "at most 256 of a kind")),
    }
}

impl core::str::FromStr for TrustPolicy {
    type Err = Error;

    /// Reads a policy file.
    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |byte| matches!(byte, b'\t' | b'\n' | b' '..=b'~' | 0x80..);
        if text.len() > MAX_POLICY || !text.bytes().all(allowed) {
            return Err(malformed(
                "policy",
                "at most 1 MiB, without characters for control but tabs and line feeds",
            ));
        }
        let mut policy = Self {
            logs: Vec::new(),
            members: Vec::new(),
            quorum: None,
        };
        let mut reading = Reading::default();
        for line in text.split('\n') {
            let words: Vec<&str> = line
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            match words.first() {
                None => {}
                Some(first) if first.starts_with('#') => {}
                Some(_) => policy.line(&mut reading, &words)?,
            }
        }
        policy.quorum = reading
            .quorum
            .ok_or(malformed("policy.quorum", "one such line"))?;
        Ok(policy)
    }
}
