// Operations of did:kbtf: their shape (section 3 of the method), what is signed of them, and signing.
import { base58btc, decodeBase58btc } from './base58btc.mjs';
import { decodeBase64url } from './base64.mjs';
import { isAfter, isTime } from './date-time-stamp.mjs';
import { RELATIONSHIPS, isDid } from './did.mjs';
import { readMultikey, toMultikey } from './keys.mjs';
import { personalDataIn } from './personal-data.mjs';
import { Refusal, demand } from './refusal.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { sha256 } from './signatures.mjs';
import { canonicalize, isObject, parse } from './strict-json.mjs';

const MAX_TEXT = 64 * 1024;
const MAX_CANONICAL = 32 * 1024;
const LEDGER = '[a-z][a-z0-9-]{0,31}';
export const MAX = { signers: 16, keys: 64, services: 32, names: 16, delegations: 16 };
export const SCOPES = ['addKeys', 'retireKeys', 'services', 'alsoKnownAs', 'expire'];

const shape = (condition, detail) => demand(condition, 'structure', detail);

// --- hashes and identifiers ---

const HASH_HEADER = Buffer.from([0x12, 0x20]);
const multihash = (text) => base58btc(Buffer.concat([HASH_HEADER, sha256(Buffer.from(text, 'utf8'))]));

function isHash(text) {
  const bytes = typeof text === 'string' && text.length <= 64 ? decodeBase58btc(text) : null;
  return bytes !== null && bytes.length === 34 && bytes.subarray(0, 2).equals(HASH_HEADER);
}

export const commitmentTo = (multikey) => multihash(`did:kbtf/1 commitment\n${multikey}`);

// { ledger, hash } of a did:kbtf, or null.
export function splitDid(did) {
  const match = isDid(did) && new RegExp(`^did:kbtf:(${LEDGER}):(z.*)$`).exec(did);
  return match && isHash(match[2]) ? { ledger: match[1], hash: match[2] } : null;
}

// --- shape: each check says where in the operation it is ---

function members(value, where, required, optional = []) {
  shape(isObject(value), `${where} is not an object`);
  const names = Object.keys(value);
  const unknown = names.find((name) => !required.includes(name) && !optional.includes(name));
  shape(unknown === undefined, `${where} has a member ${unknown}`);
  const missing = required.find((name) => !names.includes(name));
  shape(missing === undefined, `${where} has no ${missing}`);
}

function array(value, where, max, check, { empty = false } = {}) {
  shape(Array.isArray(value) && (empty || value.length > 0) && value.length <= max, where);
  value.forEach((entry) => check(entry, where));
}

const different = (values, where) => shape(new Set(values).size === values.length, `${where}: the same twice`);
const matching = (form) => (value, where) => shape(typeof value === 'string' && form.test(value), where);
const oneOf = (words) => (value, where) => shape(words.includes(value), where);

const isId = matching(/^[A-Za-z0-9_.-]{1,64}$/);
const isMultibase = matching(/^z[1-9A-HJ-NP-Za-km-z]{1,2047}$/);
// Those of RFC 3986 without user information and IP literals.
const ADDRESS = (() => {
  const pchar = "[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}";
  const tail = `(?:\\?(?:${pchar}|[/?])*)?(?:#(?:${pchar}|[/?])*)?`;
  return new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/(?:${pchar}|/)*)?|(?!//)(?:${pchar}|/)+)${tail}$`);
})();
const isAddress = (value, where) => shape(typeof value === 'string' && value.length <= 512 && ADDRESS.test(value), where);
const hash = (value, where) => shape(isHash(value), where);
// One spelling for each time.
const TIME = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,8}[1-9])?Z$/;
const time = (value, where) => shape(typeof value === 'string' && TIME.test(value) && isTime(value), where);

function threshold(value, of, where) {
  shape(Number.isInteger(value) && value >= 1 && value <= of.length, where);
}

function keySet(value, where) {
  array(value, where, MAX.signers, isMultibase);
  different(value, where);
}

const CHECKS = {
  did: (value) => shape(splitDid(value) !== null, 'did'),
  sequence: (value) => shape(Number.isSafeInteger(value) && value >= 2, 'sequence'),
  previous: hash,
  delegation: isId,
  ledger: matching(new RegExp(`^${LEDGER}$`)),
  controllers: (value) => {
    members(value, 'controllers', ['threshold', 'keys'], ['next']);
    keySet(value.keys, 'controllers.keys');
    threshold(value.threshold, value.keys, 'controllers.threshold');
    if (!('next' in value)) return;
    members(value.next, 'next', ['threshold', 'hashes']);
    array(value.next.hashes, 'next.hashes', MAX.signers, hash);
    different(value.next.hashes, 'next.hashes');
    threshold(value.next.threshold, value.next.hashes, 'next.threshold');
  },
  keys: (value) => array(value, 'keys', MAX.keys, (key) => {
    members(key, 'a key', ['id', 'key', 'purposes'], ['expires']);
    isId(key.id, 'id of a key');
    isMultibase(key.key, 'key');
    array(key.purposes, 'purposes', RELATIONSHIPS.length, oneOf(RELATIONSHIPS));
    different(key.purposes, 'purposes');
    if ('expires' in key) time(key.expires, 'expires of a key');
  }),
  services: (value) => array(value, 'services', MAX.services, (service) => {
    members(service, 'a service', ['id', 'type', 'endpoint']);
    isId(service.id, 'id of a service');
    matching(/^[A-Za-z0-9]{1,64}$/)(service.type, 'type of a service');
    isAddress(service.endpoint, 'endpoint');
  }),
  alsoKnownAs: (value, _, kind) => array(value, 'alsoKnownAs', MAX.names, isAddress, { empty: kind === 'update' }),
  grant: (value) => array(value, 'grant', MAX.delegations, (delegation) => {
    members(delegation, 'a delegation', ['id', 'threshold', 'keys', 'scope', 'from', 'until']);
    isId(delegation.id, 'id of a delegation');
    keySet(delegation.keys, 'keys of a delegation');
    threshold(delegation.threshold, delegation.keys, 'threshold of a delegation');
    array(delegation.scope, 'scope', SCOPES.length, oneOf(SCOPES));
    different(delegation.scope, 'scope');
    time(delegation.from, 'from');
    time(delegation.until, 'until');
  }),
  withdraw: (value) => array(value, 'withdraw', MAX.delegations, isId),
  remove: (value) => array(value, 'remove', MAX.keys + MAX.services, isId),
  revoke: (value) => array(value, 'revoke', MAX.keys, isId),
  expires: time,
  reveal: (value) => keySet(value, 'reveal'),
  signatures: (value) => {
    array(value, 'signatures', MAX.signers, (entry) => {
      members(entry, 'a signature', ['key', 'signature']);
      // The key is compared with those that have a say and never decoded.
      for (const text of [entry.key, entry.signature]) shape(typeof text === 'string' && /^[\0-\x7f]{0,128}$/.test(text), 'a signature');
      shape(decodeBase64url(entry.signature) !== null, 'signature');
    });
    different(value.map(({ key }) => key), 'signatures');
  },
};

// Members of each operation besides its name: those it must have, those it may have, and those of which it must have one.
const KINDS = {
  create: { must: ['ledger', 'controllers'], may: ['keys', 'services', 'alsoKnownAs', 'grant', 'expires'] },
  rotate: { must: ['controllers'] },
  update: { may: ['delegation'], one: ['keys', 'services', 'alsoKnownAs', 'remove', 'revoke'] },
  delegate: { one: ['grant', 'withdraw'] },
  expire: { must: ['expires'], may: ['delegation', 'reveal'] },
  deactivate: { may: ['reveal'] },
};

function checkMembers(json, signed) {
  shape(isObject(json) && typeof json.operation === 'string' && Object.hasOwn(KINDS, json.operation), 'operation');
  const { must = [], may = [], one = [] } = KINDS[json.operation];
  const place = json.operation === 'create' ? [] : ['did', 'sequence', 'previous'];
  members(json, 'the operation', ['operation', ...place, ...must], [...may, ...one, ...(signed ? ['signatures'] : [])]);
  shape(!('delegation' in json && 'reveal' in json), 'a delegate reveals nothing');
  shape(one.length === 0 || one.some((name) => name in json), 'it changes nothing');
  for (const name of Object.keys(json)) CHECKS[name]?.(json[name], name, json.operation);
}

// --- what the shape asks besides the form ---

// Only of who makes an operation: whoever reads a history does not look.
function checkPersonalData({ keys = [], services = [], alsoKnownAs = [], grant = [] }) {
  const ids = [...keys, ...services, ...grant].map(({ id }) => id);
  for (const text of [...ids, ...services.flatMap(({ type, endpoint }) => [type, endpoint]), ...alsoKnownAs]) {
    const found = personalDataIn(text);
    demand(found === null, 'personalData', found);
  }
}

const CONTROLS = ['Ed25519', 'P-256', 'P-384', 'secp256k1'];

function checkKeys({ controllers, keys = [], grant = [], reveal = [] }) {
  for (const text of [...(controllers?.keys ?? []), ...grant.flatMap((delegation) => delegation.keys), ...reveal]) {
    const { keyType } = readMultikey(text);
    demand(CONTROLS.includes(keyType), 'unsupported', `a controller with ${keyType}`);
  }
  for (const { key, purposes } of keys) {
    const { keyType } = readMultikey(key);
    shape(keyType !== 'X25519' || purposes.every((purpose) => purpose === 'keyAgreement'), 'a key for agreement that signs');
  }
}

// An operation is { json, input (what is signed), hash, did }.
function checkOperation(text, signed) {
  shape(Buffer.byteLength(text) <= MAX_TEXT, 'text too long');
  let json;
  try {
    json = parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal('structure', error.message) : error;
  }
  checkMembers(json, signed);
  const { signatures, ...unsigned } = json;
  const canonical = canonicalize(unsigned);
  shape(Buffer.byteLength(canonical) <= MAX_CANONICAL, 'canonical form too long');
  if (!signed) checkPersonalData(json);
  checkKeys(json);
  for (const { from, until } of json.grant ?? []) demand(isAfter(until, from), 'time', 'a delegation ends before it begins');
  const input = `did:kbtf/1 operation\n${canonical}`;
  const ownHash = multihash(input);
  return { json, input: Buffer.from(input, 'utf8'), hash: ownHash, did: json.did ?? `did:kbtf:${json.ledger}:${ownHash}` };
}

export const readOperation = (text) => checkOperation(text, true);

export function signOperation(text, secretTexts) {
  const { json, input, hash: ownHash, did } = checkOperation(text, false);
  shape(secretTexts.length >= 1 && secretTexts.length <= MAX.signers, '1 to 16 signatures');
  const signatures = secretTexts.map((secretText) => {
    const { publicKey, sign } = readSecretKey(secretText, 'key');
    return { key: toMultikey(publicKey), signature: sign(input).toString('base64url') };
  });
  different(signatures.map(({ key }) => key), 'secret keys');
  return { operation: canonicalize({ ...json, signatures }), hash: ownHash, did };
}
