//! kbtf-history beside `tlog_tiles` (Cloudflare's reading of Go's code) and `ct-merkle`, in one process.
//!
//! `cargo run --release -- agree [CASES]` compares roots, proofs, tiles, their names, checkpoints and notes, and what each
//! says of proofs that were broken; it ends with an error at the first difference that is not named here.
//! Files of anchors go through the library of OpenTimestamps. `cargo run --release -- bench` measures.

use std::{env, hint::black_box};

use ct_merkle::{RootHash, mem_backed_tree::MemoryBackedTree};
use kbtf_did::{KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp};
use kbtf_history::{
    Checkpoint, ConsistencyProof, Hash, InclusionProof, MemoryTree, Prover as _, SignedCheckpoint,
    TreeHasher,
    anchor::{
        AnchorPolicy, AnchorProof, Attestation, BITCOIN, Header, HeaderSource, Locator, Operation,
        Verdict,
    },
    note::{NoteKey, NoteKeyType},
    tile::{TileId, tile_bytes},
};
use kbtf_rounds::Rounds;
use opentimestamps::{
    DetachedTimestampFile,
    timestamp::{Step, StepData},
};
use sha2::{Digest as _, Sha256};
use signed_note::{StandardVerifier, VerifierList};
use tlog_tiles::HashReader;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;
const ORIGIN: &str = "history.example.go.kr/land";

/// What `tlog_tiles` reads its hashes from.
#[derive(Default)]
struct Stored(Vec<tlog_tiles::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let at = |index: &u64| self.0.get(usize::try_from(*index).ok()?).copied();
        let all: Option<Vec<_>> = indexes.iter().map(at).collect();
        all.ok_or(tlog_tiles::Error::IndexesNotInTree)
    }
}

fn entry(i: u64) -> [u8; 200] {
    let mut entry = [7; 200];
    entry[..8].copy_from_slice(&i.to_be_bytes());
    entry
}

/// The three logs with the same entries.
struct Logs {
    ours: MemoryTree,
    theirs: Stored,
    ct: MemoryBackedTree<Sha256, [u8; 200]>,
    size: u64,
}

impl Logs {
    fn new(size: u64) -> Outcome<Self> {
        let mut logs = Self {
            ours: MemoryTree::new(),
            theirs: Stored::default(),
            ct: MemoryBackedTree::new(),
            size: 0,
        };
        while logs.size < size {
            logs.append()?;
        }
        Ok(logs)
    }

    fn append(&mut self) -> Outcome<()> {
        let entry = entry(self.size);
        self.ours.append(HASHER.leaf(&entry)?, &HASHER)?;
        let new = tlog_tiles::stored_hashes(self.size, &entry, &self.theirs)?;
        self.theirs.0.extend(new);
        self.ct.push(entry);
        self.size += 1;
        Ok(())
    }
}

fn theirs(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(*hash.as_bytes())
}

fn theirs_of(path: &[Hash]) -> Vec<tlog_tiles::Hash> {
    path.iter().map(theirs).collect()
}

fn ct_root(root: &Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new((*root.as_bytes()).into(), size)
}

fn bytes_of(path: &[Hash]) -> Vec<u8> {
    path.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Repeatable numbers (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn ensure(same: bool, what: &str, places: &[u64]) -> Outcome<()> {
    match same {
        true => Ok(()),
        false => Err(format!("{what} differ at {places:?}").into()),
    }
}

fn agree(cases: u64) -> Outcome<()> {
    const SIZE: u64 = 20_000;
    let logs = Logs::new(SIZE)?;
    let mut numbers = Numbers(1);
    let (mut accepted, mut refused) = (0_u64, 0_u64);
    for _ in 0..cases {
        // Small trees as often as large ones.
        let bits = 1 + numbers.below(14);
        let size = 1 + numbers.below(1 << bits);
        let index = numbers.below(size);
        let old = 1 + numbers.below(size);
        let places = [size, index, old];
        let root = logs.ours.root_at(size, &HASHER)?;
        let old_root = logs.ours.root_at(old, &HASHER)?;
        ensure(
            tlog_tiles::tree_hash(size, &logs.theirs)? == theirs(&root),
            "roots",
            &places,
        )?;
        let proof = logs.ours.prove_inclusion(index, size, &HASHER)?;
        let of_theirs = tlog_tiles::prove_record(size, index, &logs.theirs)?;
        ensure(of_theirs == theirs_of(&proof.path), "inclusion", &places)?;
        let grown = logs.ours.prove_consistency(old, size, &HASHER)?;
        let of_theirs = tlog_tiles::prove_tree(size, old, &logs.theirs)?;
        ensure(of_theirs == theirs_of(&grown.path), "consistency", &places)?;
        // The proofs as they are, or broken in one way.
        let (mut proof, mut grown) = (proof, grown);
        let mut leaf_of = index;
        match numbers.below(8) {
            0 => proof.path.push(root),
            1 => drop(proof.path.pop()),
            2 => proof.index = numbers.below(size + 2),
            3 => proof.tree_size = 1 + numbers.below(size + 2),
            4 => leaf_of = numbers.below(SIZE),
            5 => {
                let at = numbers.below(proof.path.len() as u64 + 1);
                if let Some(hash) = proof.path.get_mut(usize::try_from(at)?) {
                    *hash = root;
                }
                if let Some(hash) = grown.path.first_mut() {
                    *hash = root;
                }
            }
            6 => grown.path.push(root),
            _ => {}
        }
        let verdict = verdicts_of_inclusion(&proof, leaf_of, &root, &places)?;
        let verdict_of_growth = verdicts_of_growth(&grown, &old_root, &root, &places)?;
        for verdict in [verdict, verdict_of_growth] {
            match verdict {
                true => accepted += 1,
                false => refused += 1,
            }
        }
    }
    println!("{cases} cases: {accepted} proofs accepted, {refused} refused, by all three alike");
    tiles(&logs, &mut numbers)?;
    notes(&logs)
}

fn verdicts_of_inclusion(
    proof: &InclusionProof,
    leaf_of: u64,
    root: &Hash,
    places: &[u64],
) -> Outcome<bool> {
    let entry = entry(leaf_of);
    let ours = proof.verify(&HASHER.leaf(&entry)?, root, &HASHER).is_ok();
    let theirs = tlog_tiles::check_record(
        &theirs_of(&proof.path),
        proof.tree_size,
        theirs(root),
        proof.index,
        tlog_tiles::record_hash(&entry),
    );
    let ct = ct_merkle::InclusionProof::try_from_bytes(bytes_of(&proof.path));
    let ct = ct.map_err(|e| e.to_string())?;
    let ct = ct_root(root, proof.tree_size).verify_inclusion(&entry, proof.index, &ct);
    ensure(ours == theirs.is_ok(), "verdicts on inclusion", places)?;
    ensure(
        ours == ct.is_ok(),
        "verdicts of ct-merkle on inclusion",
        places,
    )?;
    Ok(ours)
}

fn verdicts_of_growth(
    proof: &ConsistencyProof,
    old_root: &Hash,
    root: &Hash,
    places: &[u64],
) -> Outcome<bool> {
    let ours = proof.verify(old_root, root, &HASHER).is_ok();
    let theirs = tlog_tiles::check_tree(
        &theirs_of(&proof.path),
        proof.new_size,
        theirs(root),
        proof.old_size,
        theirs(old_root),
    );
    let ct = ct_merkle::ConsistencyProof::try_from_bytes(bytes_of(&proof.path));
    let ct = ct.map_err(|e| e.to_string())?;
    let ct =
        ct_root(root, proof.new_size).verify_consistency(&ct_root(old_root, proof.old_size), &ct);
    ensure(ours == theirs.is_ok(), "verdicts on consistency", places)?;
    ensure(
        ours == ct.is_ok(),
        "verdicts of ct-merkle on consistency",
        places,
    )?;
    Ok(ours)
}

/// The tiles to be written, their names and their bytes.
fn tiles(logs: &Logs, numbers: &mut Numbers) -> Outcome<()> {
    let mut compared = 0;
    for _ in 0..500 {
        let new = 1 + numbers.below(logs.size);
        let old = numbers.below(new + 1);
        let mut ours: Vec<TileId> = TileId::grown(old, new)?.collect();
        ours.sort_unstable();
        let mut of_theirs = tlog_tiles::Tile::new_tiles(8, old, new);
        of_theirs.sort_by_key(|tile| (tile.level(), tile.level_index()));
        ensure(
            ours.len() == of_theirs.len(),
            "numbers of tiles",
            &[old, new],
        )?;
        for (ours, theirs) in ours.iter().zip(&of_theirs) {
            // They keep the height in the name, as Go's checksum database does.
            let name = theirs.path().replacen("tile/8/", "tile/", 1);
            ensure(ours.to_string() == name, "names of tiles", &[old, new])?;
            ensure(
                tile_bytes(*ours, &logs.ours)? == theirs.read_data(&logs.theirs)?,
                "tiles",
                &[old, new],
            )?;
            compared += 1;
        }
    }
    println!("{compared} tiles alike");
    Ok(())
}

/// What one signs the other verifies, and the same text is the same checkpoint.
fn notes(logs: &Logs) -> Outcome<()> {
    let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
    let root = logs.ours.root(&HASHER)?;
    let signed = Checkpoint::new(ORIGIN, logs.size, root)?.sign(&signer)?;
    let key = NoteKey::new(
        ORIGIN,
        NoteKeyType::Ed25519,
        signer.public_key().clone(),
        &SOFTWARE,
    )?;
    let note = signed_note::Note::from_bytes(signed.to_string().as_bytes())?;
    let verifier = StandardVerifier::new(&key.to_string())?;
    let (verified, _) = note.verify(&VerifierList::new(vec![Box::new(verifier)]))?;
    ensure(verified.len() == 1, "signatures", &[])?;
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text())
        .map_err(|_| "our checkpoint is none for them")?;
    ensure(
        checkpoint.origin() == ORIGIN
            && checkpoint.size() == logs.size
            && checkpoint.hash().0 == *root.as_bytes(),
        "checkpoints",
        &[],
    )?;
    let again = SignedCheckpoint::parse(std::str::from_utf8(&note.to_bytes())?)?;
    ensure(again == signed, "notes", &[])?;
    println!("notes and checkpoints alike");
    Ok(())
}

fn bench() -> Outcome<()> {
    const SIZE: u64 = 1_000_000;
    println!("{SIZE} entries of 200 bytes");
    let logs = Logs::new(SIZE)?;
    let index = SIZE / 3 * 2 + 1;
    let root = logs.ours.root(&HASHER)?;
    let proof = logs.ours.prove_inclusion(index, SIZE, &HASHER)?;
    let leaf = HASHER.leaf(&entry(index))?;
    let of_theirs = theirs_of(&proof.path);
    let theirs_leaf = tlog_tiles::record_hash(&entry(index));
    let theirs_root = theirs(&root);
    let ct_root = ct_root(&root, SIZE);
    let ct_proof = logs.ct.prove_inclusion(usize::try_from(index)?);
    let mut own = logs.ours.clone();
    let mut stored = Stored(logs.theirs.0.clone());
    let mut ct = logs.ct.clone();
    let (mut own_size, mut stored_size) = (SIZE, SIZE);
    let mut rounds = Rounds::new();
    rounds.floor("append 1000: kbtf-history", || {
        for _ in 0..1000 {
            let leaf = HASHER.leaf(&entry(own_size)).expect("software hashes");
            own_size = own.append(leaf, &HASHER).expect("software hashes") + 1;
        }
    });
    rounds.operation("append 1000: tlog_tiles", || {
        for _ in 0..1000 {
            let new = tlog_tiles::stored_hashes(stored_size, &entry(stored_size), &stored);
            stored.0.extend(new.expect("they are there"));
            stored_size += 1;
        }
    });
    rounds.operation("append 1000: ct-merkle, which keeps the entries", || {
        for i in 0..1000 {
            ct.push(entry(i));
        }
    });
    rounds.floor("prove: kbtf-history", || {
        black_box(
            logs.ours
                .prove_inclusion(index, SIZE, &HASHER)
                .expect("there"),
        );
    });
    rounds.operation("prove: tlog_tiles", || {
        black_box(tlog_tiles::prove_record(SIZE, index, &logs.theirs).expect("there"));
    });
    rounds.operation("prove: ct-merkle", || {
        black_box(
            logs.ct
                .prove_inclusion(usize::try_from(index).expect("small")),
        );
    });
    rounds.floor("verify, of the entry: kbtf-history", || {
        let leaf = HASHER
            .leaf(black_box(&entry(index)))
            .expect("software hashes");
        proof.verify(&leaf, &root, &HASHER).expect("good");
    });
    rounds.operation("verify, of the entry: tlog_tiles", || {
        let leaf = tlog_tiles::record_hash(black_box(&entry(index)));
        tlog_tiles::check_record(&of_theirs, SIZE, theirs_root, index, leaf).expect("good");
    });
    rounds.operation("verify, of the entry: ct-merkle", || {
        ct_root
            .verify_inclusion(black_box(&entry(index)), index, &ct_proof)
            .expect("good");
    });
    rounds.run(300);
    black_box((leaf, theirs_leaf, Sha256::new()));
    Ok(())
}

/// Files of anchors, random ones: read by the library of OpenTimestamps, written again by it to the same bytes, and its
/// messages at the blocks are those that we ask for there.
fn anchors(cases: u64) -> Outcome<()> {
    let checkpoint = Checkpoint::new(ORIGIN, 0, HASHER.empty()?)?;
    let mut numbers = Numbers(2);
    let mut blocks = 0_u64;
    for case in 0..cases {
        let mut proof = AnchorProof::new(&checkpoint, &SOFTWARE)?;
        let mut ways: Vec<Vec<Operation>> = vec![Vec::new()];
        for height in 0..1 + numbers.below(6) {
            // On from where another attestation was, or from anywhere on its way.
            let from = usize::try_from(numbers.below(ways.len() as u64))?;
            let mut way = ways[from].clone();
            way.truncate(usize::try_from(numbers.below(way.len() as u64 + 1))?);
            for _ in 0..numbers.below(6) {
                let bytes = (0..1 + numbers.below(300))
                    .map(|_| u8::try_from(numbers.below(256)))
                    .collect::<Result<Vec<u8>, _>>()?;
                way.push(match numbers.below(3) {
                    0 => Operation::Append(bytes),
                    1 => Operation::Prepend(bytes),
                    _ => Operation::Sha256,
                });
            }
            let attestation = match numbers.below(4) {
                0 => Attestation::Pending {
                    uri: format!("https://calendar-{height}.example/a_b"),
                },
                1 => Attestation::Unknown {
                    tag: height.to_be_bytes(),
                    payload: vec![7; usize::try_from(numbers.below(8193))?],
                },
                _ => Attestation::Bitcoin {
                    // Each once.
                    height: (height + 1) << (8 * numbers.below(5)),
                },
            };
            proof.attest(&way, attestation)?;
            ways.push(way);
        }
        let bytes = proof.to_bytes();
        let theirs = DetachedTimestampFile::from_reader(bytes.as_slice())
            .map_err(|error| format!("case {case}: {error}"))?;
        ensure(
            theirs.timestamp.start_digest == proof.digest(),
            "digests",
            &[case],
        )?;
        let mut written = Vec::new();
        theirs
            .to_writer(&mut written)
            .map_err(|error| error.to_string())?;
        ensure(written == bytes, "files", &[case])?;
        let mut headers = Vec::new();
        messages(&theirs.timestamp.first_step, &mut headers);
        let policy = AnchorPolicy::default().chain(BITCOIN, 1);
        let said = AnchorProof::from_bytes(&bytes)?.verify(
            &checkpoint,
            &Said(headers),
            &policy,
            &SOFTWARE,
        )?;
        for one in &said {
            if matches!(one.attestation, Attestation::Bitcoin { .. }) {
                blocks += 1;
                let is_final = matches!(one.verdict, Verdict::Final { .. });
                ensure(is_final, "messages", &[case])?;
            }
        }
    }
    println!("{cases} files of anchors alike with opentimestamps, {blocks} blocks");
    Ok(())
}

/// What the other library has at each block.
struct Said(Vec<(u64, Vec<u8>)>);

impl HeaderSource for Said {
    fn header(&self, at: &Locator) -> Option<Header> {
        let said = self.0.iter().find(|(height, _)| *height == at.block);
        said.map(|(_, value)| Header {
            value: value.clone(),
            time: Timestamp::from_unix(0).unwrap_or_else(|| unreachable!()),
            confirmations: 1,
        })
    }
}

fn messages(step: &Step, headers: &mut Vec<(u64, Vec<u8>)>) {
    if let StepData::Attestation(opentimestamps::attestation::Attestation::Bitcoin { height }) =
        &step.data
    {
        headers.push((*height as u64, step.output.clone()));
    }
    for next in &step.next {
        messages(next, headers);
    }
}

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("agree"), cases) => {
            let cases = cases.map_or(Ok(100_000), |cases| cases.parse())?;
            agree(cases)?;
            anchors(cases / 50)
        }
        (Some("bench"), None) => bench(),
        _ => Err("expected agree [CASES] or bench".into()),
    }
}
