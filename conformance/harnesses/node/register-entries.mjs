// The entries of a register, read strictly (docs/kbtf-authenticity.md section 7).
import { decodeBase64url } from './base64.mjs';
import { parseTime } from './date-time-stamp.mjs';
import { didOfMethod } from './did.mjs';
import { hasShape, isHash, isObjectId } from './history-entries.mjs';
import { readMultikey } from './keys.mjs';
import { leafHash } from './logs.mjs';
import { personalDataIn } from './personal-data.mjs';
import { Refusal, demand } from './refusal.mjs';
import { strict } from './request.mjs';
import { sha256 } from './signatures.mjs';
import { canonicalize } from './strict-json.mjs';

const MAX_LENGTH = 16 * 1024;
const MAX_LINKS = 16;
const REASONS = ['error', 'superseded', 'ceased', 'fraud', 'ordered'];
const SIGNS = ['Ed25519', 'P-256', 'P-384', 'secp256k1'];

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

const matching = (form) => (value) => typeof value === 'string' && form.test(value);
export const isRegisterName = matching(/^[a-z][a-z0-9-]{0,31}$/);
export const isRecordType = matching(/^[a-z][a-z0-9.-]{0,63}$/);
const isChain = matching(/^[a-z0-9-]{3,8}:[A-Za-z0-9_-]{1,32}$/);
const isAsset = matching(/^[a-z0-9-]{3,8}:[A-Za-z0-9_-]{1,32}\/[a-z0-9-]{3,8}:[A-Za-z0-9.%-]{1,128}(?:\/[A-Za-z0-9.%-]{1,78})?$/);
// UTC and whole seconds, in one spelling.
const isTime = (value) => /^(?!0000)[0-9]{4}-[0-9T:-]{14}Z$/.test(value) && parseTime(value) !== null;
const isVersion = (value) => value === 1;

export function isOwnerKey(value) {
  try {
    return typeof value === 'string' && SIGNS.includes(readMultikey(value).keyType);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

const isLink = (value) => isAsset(value) || hasShape(value, { chain: isChain, entry: isHash, record: isObjectId });
const isLinks = (value) => Array.isArray(value) && value.length > 0 && value.length <= MAX_LINKS && value.every(isLink);
const isBy = (value) => typeof value === 'string' && (didOfMethod(value) !== null || isOwnerKey(value));

const VERSION = { commitment: isHash, 'from?': isTime, 'links?': isLinks, 'until?': isTime };
const CHANGES = {
  register: { ...VERSION, 'owner?': isOwnerKey, type: isRecordType },
  update: VERSION,
  revoke: { reason: (value) => REASONS.includes(value) },
  offer: { to: isOwnerKey, until: isTime },
  withdraw: {},
  retire: {},
  accept: {},
  reject: {},
};

function isChange(value) {
  const kind = value?.kind;
  return typeof kind === 'string' && Object.hasOwn(CHANGES, kind) && hasShape(value, { kind: () => true, ...CHANGES[kind] });
}

const SHARED = { by: isBy, change: isChange, register: isRegisterName, v: isVersion };
const isSequence = (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
const FIRST = { ...SHARED, sequence: (value) => value === 0 };
const LATER = { ...SHARED, previous: isHash, record: isObjectId, sequence: isSequence };

function isOperation(value) {
  return hasShape(value, value?.change?.kind === 'register' ? FIRST : LATER);
}

const isSignature = (value) => decodeBase64url(value) !== null;
const ENTRY = { operation: isOperation, signature: isSignature, time: isTime, v: isVersion };

// What is signed of an operation.
export const signedOf = (operation) => Buffer.from(`kbtf/record/v1\n${canonicalize(operation)}`);

export const recordOf = (operation) => sha256(signedOf(operation)).subarray(0, 16).toString('hex');

// { operation, change, time, signature, hash } of a text.
export function readRecordEntry(text) {
  syntax(Buffer.byteLength(text) <= MAX_LENGTH, 'entry too long');
  const json = strict(text);
  syntax(hasShape(json, ENTRY) && canonicalize(json) === text, 'not an entry of a register');
  const { operation, time, signature } = json;
  return { operation, change: operation.change, time, signature: decodeBase64url(signature), hash: leafHash(Buffer.from(text)) };
}

// Hashes are as if drawn by lot, and are not looked at.
export function checkPersonalData({ change: { type, links = [] } }) {
  const texts = [type ?? [], links.map((link) => link.chain ?? link)].flat();
  for (const text of texts) {
    const found = personalDataIn(text);
    demand(found === null, 'personalData', found);
  }
}
