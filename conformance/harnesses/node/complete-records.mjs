// All entries of a record with the proof that they are all (docs/kbtf-authenticity.md section 7, docs/kbtf-history.md section 5).
import { readProof } from './complete-history.mjs';
import { LOGS } from './history-entries.mjs';
import { checkHead } from './history-heads.mjs';
import { checkInclusion, readHash } from './logs.mjs';
import { readCheckpoint } from './notes.mjs';
import { trustedCheckpoint } from './policies.mjs';
import { demand } from './refusal.mjs';

const MAX_ENTRIES = 8192;

// { proof, entries }: the proof, and the texts of the entries.
export function readRecord(text) {
  demand(text.endsWith('\n'), 'syntax', 'the last line is not ended');
  const [first, ...entries] = text.slice(0, -1).split('\n');
  demand(entries.length <= MAX_ENTRIES, 'syntax', 'too many entries');
  const proof = readProof(first, LOGS.histories);
  readCheckpoint(proof.checkpoint);
  return { proof, entries };
}

// The time by which the checkpoint was seen, or null. Refused if the log is not trusted.
export function trustedHeads({ checkpoint, heads, path }, origin, policy) {
  demand(readCheckpoint(checkpoint).origin === origin, 'foreign', 'a checkpoint of another log');
  const { size, root, seenBy } = trustedCheckpoint(checkpoint, policy);
  demand(BigInt(heads.size) + 1n === size, 'proof', 'the map is not of the last entry');
  checkInclusion(heads.hash, size - 1n, size, path, root);
  return seenBy;
}

// Are these all entries that the map has of the record?
export function checkComplete(proof, { record, length, last }) {
  const head = checkHead(record, proof, readHash(proof.heads.root));
  demand(head !== null && head.sequence === length - 1 && head.hash.equals(last.hash), 'incomplete', 'not up to the last entry of the map');
}
