// A complete history, verified up to the last entry that its log has of the object (docs/kbtf-history.md section 5).
import { LOGS, hasShape, isHash, isObjectId, readEntry } from './history-entries.mjs';
import { checkHead } from './history-heads.mjs';
import { History, Questions } from './histories.mjs';
import { checkInclusion, readHash } from './logs.mjs';
import { readCheckpoint } from './notes.mjs';
import { trustedCheckpoint } from './policies.mjs';
import { demand } from './refusal.mjs';
import { isStrings, isText, strict } from './request.mjs';
import { canonicalize } from './strict-json.mjs';

const MAX_ENTRIES = 2 ** 20;
const MAX_LENGTH = 512 * 2 ** 20;
const MAX_PROOF = 2 * 2 ** 20;

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

const isSequence = (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
const isFound = (value) => hasShape(value, { entry: isHash, object: isObjectId, sequence: isSequence });
const isVersion = (value) => value === 1;
const PROOF = { checkpoint: isText, 'found?': isFound, heads: isText, path: isStrings, siblings: isStrings, v: isVersion };

export function readProof(text, kinds) {
  syntax(Buffer.byteLength(text) <= MAX_PROOF, 'proof too long');
  const json = strict(text);
  syntax(canonicalize(json) === text && hasShape(json, PROOF), 'not a proof');
  const { checkpoint, heads, path, siblings, found } = json;
  const entry = readEntry(heads, kinds);
  syntax(entry.kind === Object.keys(kinds)[1], 'not the entry that says where all histories stand');
  return {
    checkpoint,
    heads: { hash: entry.hash, ...entry.json[entry.kind] },
    path: path.map(readHash),
    siblings: siblings.map(readHash),
    found: found && { object: found.object, sequence: found.sequence, hash: readHash(found.entry) },
  };
}

// { proof, entries } of a text: lines that are each ended by a line feed.
function readLines(text, kinds) {
  syntax(Buffer.byteLength(text) <= MAX_LENGTH && text.endsWith('\n'), 'too long, or the last line is not ended');
  const [first, ...lines] = text.slice(0, -1).split('\n');
  syntax(lines.length <= MAX_ENTRIES, 'too many entries');
  const entries = lines.map((line) => readEntry(line, kinds));
  syntax(entries.every(({ about }) => about !== undefined), 'an entry about no object or person');
  return { proof: readProof(first, kinds), entries };
}

export function verifyHistory(text, { object, origin, policy, queries }) {
  syntax(isObjectId(object), 'not an object');
  const { proof, entries } = readLines(text, queries ? LOGS.queries : LOGS.histories);
  const { checkpoint, heads, path } = proof;
  demand(readCheckpoint(checkpoint).origin === origin, 'foreign', 'a checkpoint of another log');
  const { size, root } = trustedCheckpoint(checkpoint, policy);
  demand(BigInt(heads.size) + 1n === size, 'proof', 'the map is not of the last entry');
  checkInclusion(heads.hash, size - 1n, size, path, root);
  const head = checkHead(object, proof, readHash(heads.root));
  const sequence = queries ? new Questions() : new History();
  for (const entry of entries) {
    demand(entry.about === object, 'foreign', 'an entry of another object');
    sequence.add(entry);
  }
  const same = head === null
    ? entries.length === 0
    : entries.length - 1 === head.sequence && sequence.last.hash.equals(head.hash);
  demand(same, 'incomplete', 'not up to the last entry of the map');
  return sequence.summary();
}
