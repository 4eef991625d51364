// The entries of logs, read strictly (docs/kbtf-history.md section 1), and commitments (section 2).
import { createHmac } from 'node:crypto';
import { toBytes } from './base58btc.mjs';
import { parseTime } from './date-time-stamp.mjs';
import { decodeHash, leafHash } from './logs.mjs';
import { demand } from './refusal.mjs';
import { strict } from './request.mjs';
import { canonicalize, isObject } from './strict-json.mjs';

const MAX_LENGTH = 65535;
const MAX_PARTS = 256;
const U32 = 2 ** 32 - 1;
const BASES = ['consent', 'law', 'publicTask', 'contract', 'vitalInterest', 'legitimateInterest', 'investigation'];
const REASONS = ['requested', 'retentionEnded', 'purposeReached', 'ordered', 'unlawful'];
export const PLACE = { actor: 65536, entry: 65537 };

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

// --- what stands in members ---

const isNumber = (most, least = 0) => (value) => Number.isInteger(value) && value >= least && value <= most;
const is = (wanted) => (value) => value === wanted;
const isOneOf = (values) => (value) => values.includes(value);
export const isHash = (value) => decodeHash(value) !== null;
export const isObjectId = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
// UTC and whole seconds, in one spelling.
const isTime = (value) => typeof value === 'string' && /^[0-9]{4}-[0-9T:-]{14}Z$/.test(value) && parseTime(value) !== null;
const isMember = isNumber(65535);

export const secondsOf = (time) => parseTime(time).seconds;

// An object with these members, of which those with a question mark may be absent, and no others.
export function hasShape(value, shape) {
  if (!isObject(value)) return false;
  const rest = new Set(Object.keys(value));
  const fits = ([key, test]) => {
    const name = key.replace('?', '');
    return rest.delete(name) ? test(value[name]) : name !== key;
  };
  return Object.entries(shape).every(fits) && rest.size === 0;
}

const isPartsOf = (test) => (value) => Array.isArray(value) && value.length <= MAX_PARTS && value.every(test);

function isFields(value) {
  const isField = ([name, commitment]) => /^(?:0|[1-9][0-9]{0,4})$/.test(name) && isMember(Number(name)) && isHash(commitment);
  return isObject(value) && Object.keys(value).length <= MAX_PARTS && Object.entries(value).every(isField);
}

const isAscending = (value) => isPartsOf(isMember)(value) && value.every((number, i) => i === 0 || value[i - 1] < number);

const MEASURED = [
  { milliCelsius: isNumber(2000000, -273150) },
  { humidityPerMille: isNumber(1000) },
  { latitudeE7: isNumber(900000000, -900000000), longitudeE7: isNumber(1800000000, -1800000000), withinMetres: isNumber(U32) },
];
const isReading = (value) => MEASURED.some((measured) => hasShape(value, { at: isTime, ...measured }));
const isReference = (value) => hasShape(value, { entry: isHash, log: isHash, object: isObjectId, sequence: isNumber(U32) });

// --- kinds of events, questions and entries ---

const EVENTS = [
  { kind: is('create'), fields: isFields },
  { kind: is('change'), fields: isFields },
  { kind: is('delete') },
  { kind: is('erase'), fields: isAscending, reason: isOneOf(REASONS) },
  { kind: is('measure'), readings: isPartsOf(isReading) },
  { kind: is('refer'), references: isPartsOf(isReference) },
];

const QUESTIONS = [
  { kind: is('intent'), actor: isHash, basis: isOneOf(BASES), purpose: isMember, 'record?': isHash },
  { kind: is('hidden'), authority: isHash, query: isHash, until: isTime },
  { kind: is('outcome'), intent: isNumber(U32), outcome: isOneOf(['denied', 'failed']) },
  { kind: is('outcome'), intent: isNumber(U32), outcome: is('served'), records: isNumber(U32) },
];

const isKindOf = (kinds) => (value) => kinds.some((shape) => hasShape(value, shape));

const isVersion = is(1);
const LINKED = { 'previous?': isHash, sequence: isNumber(U32), 'setBack?': isNumber(U32, 1), time: isTime, v: isVersion };
const isTree = (value) => hasShape(value, { root: isHash, size: isNumber(Number.MAX_SAFE_INTEGER) });

// The kinds of entries in each kind of log, each by the member that only it has. The first is about an object or person,
// the second says where all histories stand, the third where the other log stands.
export const LOGS = {
  histories: {
    event: { actor: isHash, event: isKindOf(EVENTS), object: isObjectId, ...LINKED },
    heads: { heads: isTree, v: isVersion },
    queries: { queries: isTree, v: isVersion },
  },
  queries: {
    query: { query: isKindOf(QUESTIONS), subject: isObjectId, ...LINKED },
    subjects: { subjects: isTree, v: isVersion },
    history: { history: isTree, v: isVersion },
  },
};

// An entry of one of these kinds: { kind, json, about, hash }, where `about` is the object or person, if there is one.
export function readEntry(text, kinds) {
  const bytes = Buffer.from(text);
  syntax(bytes.length <= MAX_LENGTH, 'entry too long');
  const json = strict(text);
  syntax(canonicalize(json) === text, 'entry not canonical');
  const kind = Object.keys(kinds).find((name) => hasShape(json, kinds[name]));
  syntax(kind !== undefined, 'not an entry of this log');
  return { kind, json, about: json.object ?? json.subject, hash: leafHash(bytes) };
}

// Whether an event that needs parts has some.
export function hasParts({ kind, fields, readings, references }) {
  const count = (readings ?? references ?? Object.keys(fields ?? {})).length;
  return count > 0 || kind === 'delete' || kind === 'erase';
}

// --- commitments ---

// A number in so many bytes.
export const number = (value, length) => toBytes(BigInt(value), length);

// The commitment to a value at a place of an entry.
export function commitment(key, { about, json: { sequence } }, place, value) {
  const bytes = Buffer.from(value);
  const name = Buffer.from('kbtf/commit/v1\n');
  const where = [Buffer.from(about, 'hex'), number(sequence, 4), number(place, 4)];
  return createHmac('sha256', key).update(Buffer.concat([name, ...where, number(bytes.length, 8), bytes])).digest();
}
