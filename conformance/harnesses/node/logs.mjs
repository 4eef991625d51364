// Merkle trees of logs (RFC 9162 section 2.1, SHA-256): roots, and proofs of inclusion and consistency. Sizes are BigInts.
import { decodeBase64 } from './base64.mjs';
import { demand } from './refusal.mjs';
import { sha256 } from './signatures.mjs';

const MAX_SIZE = 2n ** 64n - 1n;
export const EMPTY_ROOT = sha256(Buffer.alloc(0));

export const leafHash = (entry) => sha256(Buffer.concat([Buffer.from([0]), entry]));
export const nodeHash = (left, right) => sha256(Buffer.concat([Buffer.from([1]), left, right]));

// null if the text is not the base64 of 32 bytes.
export function decodeHash(text) {
  const bytes = decodeBase64(text);
  return bytes?.length === 32 ? bytes : null;
}

export function readHash(text) {
  const hash = decodeHash(text);
  demand(hash !== null, 'syntax', 'not a hash of 32 bytes in base64');
  return hash;
}

export function readSize(text) {
  demand(/^(?:0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) <= MAX_SIZE, 'syntax', 'not a number of 64 bits');
  return BigInt(text);
}

export function treeRoot(leaves) {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0];
  const half = 2 ** (31 - Math.clz32(leaves.length - 1)); // the largest power of two below the length
  return nodeHash(treeRoot(leaves.slice(0, half)), treeRoot(leaves.slice(half)));
}

// On the way up: where `first` is the right one of two, or has nothing beside it, the hash of the path is to the left.
const isRight = (first, last) => (first & 1n) === 1n || first === last;

function* climb(first, last, path) {
  for (const hash of path) {
    demand(last > 0n, 'proof', 'the path is too long');
    const right = isRight(first, last);
    yield { hash, right };
    if (right) for (; (first & 1n) === 0n && first > 0n; first >>= 1n) last >>= 1n;
    [first, last] = [first >> 1n, last >> 1n];
  }
  demand(last === 0n, 'proof', 'the path is too short');
}

// The root to which a path leads from a leaf.
export function rootOfPath(leaf, index, size, path) {
  demand(index < size, 'proof', 'the tree has no such leaf');
  let root = leaf;
  for (const { hash, right } of climb(index, size - 1n, path)) root = right ? nodeHash(hash, root) : nodeHash(root, hash);
  return root;
}

export function checkInclusion(leaf, index, size, path, root) {
  demand(rootOfPath(leaf, index, size, path).equals(root), 'proof', 'the path leads to another root');
}

export function checkConsistency(older, newer, path) {
  const proof = (condition, detail) => demand(condition, 'proof', detail);
  proof(older.size <= newer.size, 'the older tree is larger');
  if (older.size === 0n) proof(older.root.equals(EMPTY_ROOT), 'not the root of the empty tree');
  if (older.size === newer.size) proof(older.root.equals(newer.root), 'two roots of one size');
  if (older.size === 0n || older.size === newer.size) {
    proof(path.length === 0, 'a path where there is none');
    return;
  }
  let [first, last] = [older.size - 1n, newer.size - 1n];
  for (; (first & 1n) === 1n; first >>= 1n) last >>= 1n;
  proof(path.length > 0, 'no path');
  // All of the older tree is one subtree of the newer exactly if its size is a power of two.
  const [start, ...rest] = first === 0n ? [older.root, ...path] : path;
  let [before, after] = [start, start];
  for (const { hash, right } of climb(first, last, rest)) {
    if (right) before = nodeHash(hash, before);
    after = right ? nodeHash(hash, after) : nodeHash(after, hash);
  }
  proof(before.equals(older.root), 'the path leads to another older root');
  proof(after.equals(newer.root), 'the path leads to another newer root');
}
