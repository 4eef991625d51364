// The leaves of a document, and the commitment to it (docs/kbtf-authenticity.md sections 1 to 3).
import { createHmac } from 'node:crypto';
import { toBytes } from './base58btc.mjs';
import { decodeBase64url } from './base64.mjs';
import { leafHash, treeRoot } from './logs.mjs';
import { demand } from './refusal.mjs';
import { sha256 } from './signatures.mjs';
import { canonicalize, isObject } from './strict-json.mjs';

export const MAX_LEAVES = 2 ** 24;
const MAX_BLOCKS = 2 ** 20;
const BLOCK = 65536;
const TAG_LENGTH = 16;
const TOP = Buffer.alloc(32);
const BY = { structure: 1, bytes: 2 };

const syntax = (condition, detail) => demand(condition, 'syntax', detail);
const hash = (...parts) => sha256(Buffer.concat(parts));
const byte = (value) => Buffer.from([value]);
export const eight = (number) => toBytes(BigInt(number), 8);
const mac = (key, name, ...parts) => createHmac('sha256', key).update(Buffer.concat([Buffer.from(`${name}\n`), ...parts])).digest();

export const isMediaType = (value) => typeof value === 'string' && value.length <= 127
  && /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(value);

// null if the text is not the key of a document.
export function decodeDocumentKey(text) {
  const key = decodeBase64url(text);
  return key?.length === 32 ? key : null;
}

// --- ways ---

const toMember = (way, name) => hash(byte(0x11), way, Buffer.from(name));
const toItem = (way, tag) => hash(byte(0x12), way, tag);
const toPlace = (way) => hash(byte(0x13), way);
const tagOf = (key, place, way) => mac(key, 'kbtf/item/v1', eight(place), way).subarray(0, TAG_LENGTH);
const numbered = (kind, number) => hash(byte(kind), TOP, eight(number));

// The way that steps lead: a text for a member, the bytes of a tag for an item.
const wayOf = (steps) => steps.reduce((way, step) => (Buffer.isBuffer(step) ? toItem(way, step) : toMember(way, step)), TOP);

// --- leaves ---

// What stands behind the way in a leaf: the type and the value.
function typed(value) {
  if (value === null) return byte(0);
  if (typeof value === 'boolean') return Buffer.from([1, Number(value)]);
  if (typeof value === 'number') return Buffer.concat([byte(2), Buffer.from(canonicalize(value))]);
  if (typeof value === 'string') return Buffer.concat([byte(3), Buffer.from(value)]);
  return byte(Array.isArray(value) ? 4 : 5);
}

const leafAt = (salt, way, content) => leafHash(Buffer.concat([salt, way, content]));
export const valueLeaf = (salt, path, value) => leafAt(salt, wayOf(path), typed(value));
export const placeLeaf = (salt, path, place) => leafAt(salt, toPlace(wayOf(path)), Buffer.concat([byte(6), eight(place)]));

const saltOf = (key, way) => mac(key, 'kbtf/salt/v1', way);

export const isLeaf = (value) => (Array.isArray(value) ? value.length === 0 : !isObject(value) || Object.keys(value).length === 0);

// All that is in a value, as { path, salt, hash } with `value` or `position`.
function* leavesIn(key, value, path, way) {
  if (isLeaf(value)) {
    const salt = saltOf(key, way);
    yield { path, salt, value, hash: leafAt(salt, way, typed(value)) };
  } else if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) {
      const tag = tagOf(key, position, way);
      const [itemPath, itemWay] = [[...path, tag], toItem(way, tag)];
      const salt = saltOf(key, toPlace(itemWay));
      yield { path: itemPath, salt, position, hash: leafAt(salt, toPlace(itemWay), Buffer.concat([byte(6), eight(position)])) };
      yield* leavesIn(key, item, itemPath, itemWay);
    }
  } else {
    for (const name of Object.keys(value)) yield* leavesIn(key, value[name], [...path, name], toMember(way, name));
  }
}

// All leaves in their order, those included that fill up to a power of two.
export function leavesOf(key, value) {
  const leaves = [];
  for (const leaf of leavesIn(key, value, [], TOP)) {
    leaves.push(leaf);
    syntax(leaves.length <= MAX_LEAVES, 'too many leaves');
  }
  const missing = 2 ** Math.ceil(Math.log2(leaves.length)) - leaves.length;
  for (let n = 0; n < missing; n++) {
    const way = numbered(0x14, n);
    leaves.push({ hash: leafAt(saltOf(key, way), way, byte(0)) });
  }
  return leaves.sort((a, b) => Buffer.compare(a.hash, b.hash));
}

// --- commitments ---

function commitment(kind, mediaType, count, root) {
  const type = Buffer.from(mediaType);
  return hash(Buffer.from('kbtf/document/v1\n'), byte(kind), eight(type.length), type, eight(count), root);
}

export const commitmentToTree = (mediaType, count, root) => commitment(BY.structure, mediaType, count, root);

export function commitmentToValue(key, mediaType, value) {
  const hashes = leavesOf(key, value).map((leaf) => leaf.hash);
  return commitmentToTree(mediaType, hashes.length, treeRoot(hashes));
}

export function commitmentToBytes(key, mediaType, bytes) {
  const count = Math.max(1, Math.ceil(bytes.length / BLOCK));
  syntax(count <= MAX_BLOCKS, 'too many blocks');
  const blocks = Array.from({ length: count }, (_, n) => (
    leafHash(Buffer.concat([saltOf(key, numbered(0x15, n)), bytes.subarray(n * BLOCK, (n + 1) * BLOCK)]))));
  return commitment(BY.bytes, mediaType, count, treeRoot(blocks));
}
