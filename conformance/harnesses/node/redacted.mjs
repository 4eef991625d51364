// Some of a document: showing it, and checking what is shown (docs/kbtf-authenticity.md section 4).
import { decodeBase64url } from './base64.mjs';
import { MAX_LEAVES, commitmentToTree, isLeaf, isMediaType, leavesOf, placeLeaf, valueLeaf } from './document-leaves.mjs';
import { hasShape } from './history-entries.mjs';
import { nodeHash, readHash } from './logs.mjs';
import { putTogether } from './redacted-value.mjs';
import { demand } from './refusal.mjs';
import { isStrings, strict } from './request.mjs';
import { canonicalize } from './strict-json.mjs';

const MAX_STEPS = 128;

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

// --- reading ---

const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
const isPosition = (value) => isWhole(value) && value < 2 ** 32;
const hasBytes = (text, length) => decodeBase64url(text)?.length === length;
const isStep = (step) => typeof step === 'string' || (Array.isArray(step) && step.length === 1 && hasBytes(step[0], 16));
const isPath = (value) => Array.isArray(value) && value.length <= MAX_STEPS && value.every(isStep);
const LEAF = { at: isWhole, path: isPath, salt: (value) => hasBytes(value, 32) };

function isShown(value) {
  if (hasShape(value, { ...LEAF, value: isLeaf })) return true;
  return hasShape(value, { ...LEAF, position: isPosition }) && Array.isArray(value.path.at(-1));
}

const isShownList = (value) => Array.isArray(value) && value.length > 0 && value.every(isShown)
  && value.every(({ at }, i) => i === 0 || value[i - 1].at < at);
const isPowerOfTwo = (value) => isWhole(value) && value > 0 && value <= MAX_LEAVES && Number.isInteger(Math.log2(value));
const SHAPE = { leaves: isPowerOfTwo, proof: isStrings, shown: isShownList, type: isMediaType, v: (value) => value === 1 };

const readStep = (step) => (Array.isArray(step) ? decodeBase64url(step[0]) : step);

function readRedacted(text) {
  const json = strict(text);
  syntax(hasShape(json, SHAPE) && canonicalize(json) === text, 'not some of a document');
  syntax(json.shown.at(-1).at < json.leaves, 'a leaf that there is not');
  const shown = json.shown.map(({ path, salt, ...leaf }) => ({ ...leaf, path: path.map(readStep), salt: decodeBase64url(salt) }));
  return { ...json, proof: json.proof.map(readHash), shown };
}

// --- the tree ---

// Up one level: nodes as a Map from their places, in their order. `beside` answers the node at a place that does not follow.
function levelUp(nodes, beside) {
  const above = new Map();
  for (const [place, hash] of nodes) {
    if (above.has(place >> 1)) continue;
    const other = nodes.get(place ^ 1) ?? beside(place ^ 1);
    above.set(place >> 1, place & 1 ? nodeHash(other, hash) : nodeHash(hash, other));
  }
  return above;
}

function rootOf(leaves, count, proof) {
  const rest = proof.values();
  const beside = () => {
    const { value, done } = rest.next();
    syntax(!done, 'a hash of the proof is missing');
    return value;
  };
  let nodes = leaves;
  for (let size = count; size > 1; size /= 2) nodes = levelUp(nodes, beside);
  syntax(rest.next().done, 'the proof has a hash too many');
  return nodes.get(0);
}

const hashOf = ({ path, salt, value, position }) => (
  position === undefined ? valueLeaf(salt, path, value) : placeLeaf(salt, path, position));

// { commitment, open }: what the text belongs to, and what it shows.
export function readShown(text) {
  const { leaves, proof, shown, type } = readRedacted(text);
  return {
    commitment: () => commitmentToTree(type, leaves, rootOf(new Map(shown.map((leaf) => [leaf.at, hashOf(leaf)])), leaves, proof)),
    open: () => putTogether(shown),
  };
}

// --- showing ---

// All levels of a whole tree, from the leaves up.
function levelsOf(hashes) {
  const levels = [hashes];
  while (levels.at(-1).length > 1) {
    const below = levels.at(-1);
    levels.push(Array.from({ length: below.length / 2 }, (_, i) => nodeHash(below[2 * i], below[2 * i + 1])));
  }
  return levels;
}

// What is left of a document of which only those leaves are shown whose path `isOpen` lets pass; null if nothing is.
export function showSome({ key, mediaType, value }, isOpen) {
  const all = leavesOf(key, value);
  const levels = levelsOf(all.map(({ hash }) => hash));
  const isValue = ({ path, position }) => path !== undefined && position === undefined && isOpen(path);
  const nameOf = (path) => JSON.stringify(path.map(writeStep));
  const open = all.map((leaf, at) => ({ ...leaf, at })).filter(isValue);
  // The place of an item is shown where something of the item is.
  const begun = new Set(open.flatMap(({ path }) => path.map((_, i) => nameOf(path.slice(0, i + 1)))));
  const places = all.map((leaf, at) => ({ ...leaf, at })).filter(({ path, position }) => position !== undefined && begun.has(nameOf(path)));
  const shown = [...open, ...places].sort((a, b) => a.at - b.at);
  if (shown.length === 0) return null;
  const proof = [];
  let nodes = new Map(shown.map(({ at, hash }) => [at, hash]));
  for (const level of levels.slice(0, -1)) {
    nodes = levelUp(nodes, (place) => {
      proof.push(level[place].toString('base64'));
      return level[place];
    });
  }
  const written = shown.map(({ at, path, salt, value: leaf, position }) => ({
    at, path: path.map(writeStep), salt: salt.toString('base64url'), ...(position === undefined ? { value: leaf } : { position }),
  }));
  return canonicalize({ leaves: all.length, proof, shown: written, type: mediaType, v: 1 });
}

const writeStep = (step) => (Buffer.isBuffer(step) ? [step.toString('base64url')] : step);
