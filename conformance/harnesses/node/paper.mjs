// Codes and numbers on paper (docs/kbtf-authenticity.md sections 10 and 11).
import { decodeBase45 } from './base45.mjs';
import { decodeCbor } from './cbor.mjs';
import { isAhead } from './date-time-stamp.mjs';
import { commitmentToDocument } from './documents.mjs';
import { readHistoryNumber } from './history-links.mjs';
import { assertionKeys } from './issuer-keys.mjs';
import { readMessage, shownClaims } from './paper-message.mjs';
import { personalDataIn } from './personal-data.mjs';
import { Refusal, demand } from './refusal.mjs';
import { sha256, verifies } from './signatures.mjs';
import { grouped, readTyped } from './typed-numbers.mjs';

const [WHOLE, PART] = ['KD1:', 'KDP1:'];
const ID_LENGTH = 8;
const MAX_PARTS = 16;
const MAX_PART = 1200;
const MAX_WINDOW = 90 * 86400;
const LATITUDE = 300;

const syntax = (condition, detail) => demand(condition, 'syntax', detail);
const isWhole = (value, from, to) => Number.isSafeInteger(value) && value >= from && value <= to;

// --- parts ---

function bytesBehind(prefix, text) {
  syntax(text.startsWith(prefix), `does not begin with ${prefix}`);
  const bytes = decodeBase45(text.slice(prefix.length));
  syntax(bytes !== null, 'not base45');
  return bytes;
}

function readPart(text) {
  const part = decodeCbor(bytesBehind(PART, text), { deterministic: true });
  syntax(Array.isArray(part) && part.length === 4, 'a part that is no array of four');
  const [id, count, number, bytes] = part;
  syntax(Buffer.isBuffer(id) && id.length === ID_LENGTH, 'a part of nothing');
  syntax(isWhole(count, 1, MAX_PARTS) && isWhole(number, 0, count - 1), 'the number of a part');
  syntax(Buffer.isBuffer(bytes) && bytes.length >= 1 && bytes.length <= MAX_PART, 'the bytes of a part');
  return { id, count, number, bytes };
}

// Adds a part to those found before, under their numbers. The whole, once it is there, else null.
function join(found, part) {
  const [first = part] = found.values();
  const { id, count } = first;
  demand(part.id.equals(id) && part.count === count, 'foreign', 'a part of another code');
  demand(found.get(part.number)?.bytes.equals(part.bytes) ?? true, 'foreign', 'one part in two forms');
  found.set(part.number, part);
  if (found.size < count) return null;
  const whole = Buffer.concat(Array.from({ length: count }, (_, number) => found.get(number).bytes));
  demand(sha256(whole).subarray(0, ID_LENGTH).equals(id), 'foreign', 'the parts are not of the code that they name');
  return whole;
}

// What is scanned is looked at in its order until a code is whole, and not beyond.
function bytesOf(texts) {
  const found = new Map();
  for (const text of texts) {
    const whole = text.startsWith(PART) ? join(found, readPart(text)) : bytesBehind(WHOLE, text);
    if (whole !== null) return whole;
  }
  throw new Refusal('incomplete', 'parts are missing');
}

// --- codes ---

// The key that one of the issuers lists and whose id stands in the code.
function findKey(issuers, { keyId }) {
  const known = issuers.flatMap((issuer) => assertionKeys(issuer).map((method) => ({ issuer, ...method })));
  const found = known.find(({ url }) => sha256(url).subarray(0, ID_LENGTH).equals(keyId));
  demand(found !== undefined, 'trust', 'nobody who is trusted has this key');
  return found;
}

export function readPaper(texts, issuers, now) {
  const message = readMessage(bytesOf(texts));
  const { claims: { type, issued, until, document, key: documentKey, commitment }, signed, signature, keyType } = message;
  demand(type === undefined || personalDataIn(type) === null, 'personalData', 'personal data in the type');
  const { issuer, key } = findKey(issuers, message);
  demand(key.keyType === keyType && verifies(key, signed, signature), 'signature', 'the signature does not verify');
  demand(!isAhead(issued, now, LATITUDE), 'time', 'issued after now');
  demand(until > issued && until - issued <= MAX_WINDOW, 'time', 'it can be checked for too long, or never');
  demand(isAhead(until, now, 0), 'expired', 'the time in which it can be checked is over');
  if (document) {
    const [mediaType, content, bytes] = document;
    const own = commitmentToDocument({ content, mediaType, bytes, key: documentKey });
    demand(own.equals(commitment), 'proof', 'another document');
  }
  return { issuer, ...shownClaims(message.claims) };
}

// --- numbers ---

const NUMBERS = {
  check: (text) => grouped(readTyped(text, 16), 4),
  second: (text) => grouped(readTyped(text, 8), 4),
  history: (text) => grouped(readHistoryNumber(text), 5),
};

export const isNumberKind = (value) => Object.hasOwn(NUMBERS, value);

export const readNumber = (kind, text) => NUMBERS[kind](text);
