// The signed message in a code on paper: a CBOR Web Token in COSE_Sign1, and what it claims (docs/kbtf-authenticity.md section 10).
import { timeText } from './date-time-stamp.mjs';
import { decodeCbor } from './cbor.mjs';
import { isContent } from './documents.mjs';
import { isMediaType } from './document-leaves.mjs';
import { isRecordType } from './register-entries.mjs';
import { demand } from './refusal.mjs';
import { grouped, inDigits, withCheck } from './typed-numbers.mjs';

const EXTERNAL = Buffer.from('kbtf/paper/v1');
const ALGORITHMS = { '-8': 'Ed25519', '-7': 'P-256', '-35': 'P-384', '-47': 'secp256k1' };
const [UNTIL, ISSUED, PAPER] = [4, 6, -65537];
const MAX_FIELDS = 32;
const LAST_TIME = 253402300799; // of the year 9999
// Characters that are seen and have one form only.
const SEEN = new RegExp('^(?! )(?!.*(?:  | $))[\\u0020-\\u007E\\u00A1-\\u00AC\\u00AE-\\u024F\\u0384-\\u0482\\u048A-\\u052F'
  + '\\u2010-\\u2027\\u2030-\\u205E\\u20A0-\\u20BF\\u2103\\u2116\\u2160-\\u217F\\u2190-\\u2193\\u2460-\\u24FF\\u25A0-\\u25FF'
  + '\\u3001-\\u3029\\u3041-\\u3096\\u309D-\\u30FF\\u3131-\\u3163\\u3165-\\u318E\\u3200-\\u33FF\\u3400-\\u4DBF\\u4E00-\\u9FFF'
  + '\\uAC00-\\uD7A3\\uFF01-\\uFF9F\\uFFE0-\\uFFE6]+$');

const syntax = (condition, detail) => demand(condition, 'syntax', detail);
const isBytes = (length) => (value) => Buffer.isBuffer(value) && value.length === length;

function isSeen(value, most) {
  return typeof value === 'string' && Buffer.byteLength(value) <= most && SEEN.test(value);
}

// A whole number of 64 bits, signed.
const isWhole = (value) => ['number', 'bigint'].includes(typeof value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
const isFieldValue = (value) => typeof value === 'boolean' || isWhole(value) || isSeen(value, 256);
const isField = ([name, value]) => isSeen(name, 32) && isFieldValue(value);
const isFields = (value) => value instanceof Map && value.size > 0 && value.size <= MAX_FIELDS && [...value].every(isField);

function isDocument(value) {
  return Array.isArray(value) && value.length === 3 && isMediaType(value[0]) && isContent(value[1]) && Buffer.isBuffer(value[2]);
}

const COMMITMENT = 1;
const LABELS = new Map([
  [COMMITMENT, { name: 'commitment', test: isBytes(32) }],
  [2, { name: 'type', test: isRecordType }],
  [3, { name: 'checkNumber', test: isBytes(10) }],
  [4, { name: 'fields', test: isFields }],
  [5, { name: 'key', test: isBytes(32) }],
  [6, { name: 'document', test: isDocument }],
]);

// A map of CBOR with these names, those of `may` or not, and no others.
function checkMap(map, must, may = []) {
  syntax(map instanceof Map, 'not a map');
  syntax(must.every((name) => map.has(name)), 'a label is missing');
  syntax([...map.keys()].every((name) => must.includes(name) || may.includes(name)), 'a label that is not known');
}

function readClaims(bytes) {
  const claims = decodeCbor(bytes, { deterministic: true });
  checkMap(claims, [UNTIL, ISSUED, PAPER]);
  const isTime = (value) => Number.isSafeInteger(value) && value >= 0 && value <= LAST_TIME;
  syntax([UNTIL, ISSUED].every((name) => isTime(claims.get(name))), 'not a time');
  const paper = claims.get(PAPER);
  checkMap(paper, [COMMITMENT], [...LABELS.keys()]);
  const read = { until: claims.get(UNTIL), issued: claims.get(ISSUED) };
  for (const [label, value] of paper) {
    const { name, test } = LABELS.get(label);
    syntax(test(value), name);
    read[name] = value;
  }
  syntax(!read.document || read.key, 'a document without its key');
  return read;
}

// { keyType, keyId, signed, signature, claims }.
export function readMessage(bytes) {
  const message = decodeCbor(bytes, { deterministic: true });
  syntax(Array.isArray(message) && message.length === 4, 'not four parts');
  const [header, unprotected, payload, signature] = message;
  syntax([header, payload, signature].every(Buffer.isBuffer), 'parts that are not bytes');
  checkMap(unprotected, []);
  const known = decodeCbor(header, { deterministic: true });
  checkMap(known, [1, 4]);
  const keyType = ALGORITHMS[known.get(1)];
  syntax(keyType !== undefined && isBytes(8)(known.get(4)), 'another algorithm, or no id of a key');
  return { keyType, keyId: known.get(4), signed: signedOf(header, payload), signature, claims: readClaims(payload) };
}

// The head of a byte string or text in CBOR.
function head(kind, length) {
  if (length < 24) return Buffer.from([(kind << 5) | length]);
  if (length < 0x100) return Buffer.from([(kind << 5) | 24, length]);
  if (length < 0x10000) return Buffer.from([(kind << 5) | 25, length >> 8, length & 0xff]);
  const four = Buffer.alloc(5, (kind << 5) | 26);
  four.writeUInt32BE(length, 1);
  return four;
}

// Sig_structure (RFC 9052 section 4.4).
function signedOf(header, payload) {
  const context = Buffer.from('Signature1');
  const parts = [header, EXTERNAL, payload].flatMap((bytes) => [head(2, bytes.length), bytes]);
  return Buffer.concat([Buffer.from([0x84]), head(3, context.length), context, ...parts]);
}

// Whole numbers are texts, because JSON may not hold them.
function shownFields(fields) {
  const shown = Object.create(null);
  for (const [name, value] of fields) shown[name] = typeof value === 'boolean' ? value : String(value);
  return shown;
}

const asNumber = (bytes) => grouped(withCheck(inDigits(BigInt(`0x${bytes.toString('hex')}`), 16)), 4);

// What the operation answers of claims.
export const shownClaims = ({ until, issued, commitment, type, checkNumber, fields, document }) => ({
  commitment: commitment.toString('base64'),
  issued: timeText(issued),
  until: timeText(until),
  type: type ?? null,
  checkNumber: checkNumber ? asNumber(checkNumber) : null,
  fields: shownFields(fields ?? new Map()),
  document: document?.[2].toString('base64') ?? null,
});
