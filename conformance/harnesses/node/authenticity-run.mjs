// The operation authenticity.run: a small system that says whether documents are authentic.
import { appendAsIssuer, appendAsOwner, commitmentsTo, follow, keepVersion, newRecord } from './authenticity-run-records.mjs';
import { isAfter, isTime } from './date-time-stamp.mjs';
import { toMultikey } from './keys.mjs';
import { readShown, showSome } from './redacted.mjs';
import { Refusal } from './refusal.mjs';
import { isStrings, isText, need, strict } from './request.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { isObject } from './strict-json.mjs';
import { wordFor } from './words.mjs';

// --- what a request must have ---

const isSize = (value) => Number.isSafeInteger(value) && value > 0;
const maybe = (test) => (value) => value === undefined || test(value);
const ACT = { record: isText, by: isText, at: isTime };
const SHAPES = {
  register: { ...ACT, type: isText, document: isText, until: maybe(isTime), owner: maybe(isText) },
  update: { ...ACT, document: isText, until: maybe(isTime) },
  revoke: ACT,
  offer: { ...ACT, to: isText, until: isTime },
  withdraw: ACT,
  accept: ACT,
  reject: ACT,
  retire: ACT,
  query: { record: isText },
  check: { record: isText, document: isText, at: isTime },
  show: { record: isText, at: isTime, hide: isStrings },
  find: { document: isText },
  list: { size: isSize, owner: maybe(isText) },
};

function checkStep(step, parties) {
  need(isObject(step) && isText(step.command) && Object.hasOwn(SHAPES, step.command), 'command');
  for (const [name, test] of Object.entries(SHAPES[step.command])) need(test(step[name]), `${step.command}: ${name}`);
  for (const name of ['by', 'owner', 'to']) need(step[name] === undefined || parties.has(step[name]), `${name} is none of the parties`);
}

// --- commands that write ---

function register(system, { record: name, by, at, type, document, until, owner }) {
  if (system.records.has(name)) return 'exists';
  const record = newRecord();
  const own = owner === undefined ? {} : { owner: system.parties.get(owner).multikey };
  const commitment = keepVersion(record, strict(document));
  appendAsIssuer(record, system.parties.get(by), { kind: 'register', commitment, type, ...(until && { until }), ...own }, at);
  system.records.set(name, record);
  return 'ok';
}

function update({ record, party, step: { document, until, at } }) {
  const commitment = keepVersion(record, strict(document));
  appendAsIssuer(record, party, { kind: 'update', commitment, ...(until && { until }) }, at);
}

const revoke = ({ record, party, step: { at } }) => appendAsIssuer(record, party, { kind: 'revoke', reason: 'error' }, at);

function offer({ record, party, other, step: { at, until } }) {
  appendAsOwner(record, party, { kind: 'offer', to: other.multikey, until }, at);
}

const asOwner = ({ record, party, step: { command, at } }) => appendAsOwner(record, party, { kind: command }, at);

const isOver = (chain, at) => !isAfter(chain.offer.until, at);
const notIssuer = ({ chain, party }) => (chain.issuer === party.did ? null : 'notIssuer');
const noAsset = ({ chain }) => (chain.owner === null ? 'noAsset' : null);
const notOwner = ({ chain, party }) => (chain.owner === party.multikey ? null : 'notOwner');
const offered = ({ chain, step: { at } }) => (chain.offer !== null && !isOver(chain, at) ? 'offered' : null);
const impossible = ({ party, other, step: { at, until } }) => (party === other || !isAfter(until, at) ? 'impossible' : null);
const notOffered = ({ chain }) => (chain.offer === null ? 'notOffered' : null);
const notOfferedTo = ({ chain, party }) => (chain.offer?.to === party.multikey ? null : 'notOffered');
const over = ({ chain, step: { at } }) => (isOver(chain, at) ? 'over' : null);

// What stands in the way of each, in this order, and what it does.
const WRITING = {
  update: [[notIssuer], update],
  revoke: [[notIssuer], revoke],
  offer: [[noAsset, notOwner, offered, impossible], offer],
  withdraw: [[noAsset, notOwner, notOffered], asOwner],
  accept: [[noAsset, notOfferedTo, over], asOwner],
  reject: [[noAsset, notOfferedTo], asOwner],
  retire: [[noAsset, notOwner], asOwner],
};

function write(system, step, record) {
  const [faults, act] = WRITING[step.command];
  const chain = follow(record);
  if (chain.status !== 'active') return 'ended';
  const context = { record, chain, step, party: system.parties.get(step.by), other: system.parties.get(step.to) };
  for (const fault of faults) {
    const found = fault(context);
    if (found !== null) return found;
  }
  act(context);
  return 'ok';
}

// --- commands that read ---

const nameOf = (parties, test) => [...parties.keys()].find((name) => test(parties.get(name))) ?? null;

function query({ parties }, step, record) {
  const { issuer, type, versions, status, owner } = follow(record);
  return {
    issuer: nameOf(parties, ({ did }) => did === issuer),
    type,
    versions: versions.length,
    status,
    owner: nameOf(parties, ({ multikey }) => multikey === owner),
  };
}

// Three answers and a word about what has one of these commitments.
function answer({ parties, trusted }, record, commitments, at) {
  const chain = follow(record);
  const version = chain.versions.findLast(({ commitment }) => commitments.includes(commitment));
  const isInForce = version === chain.versions.at(-1) && chain.status === 'active'
    && (version.until === undefined || isAfter(version.until, at));
  const valid = (condition) => (condition ? 'valid' : 'invalid');
  const answers = {
    integrity: valid(version !== undefined),
    status: version === undefined ? 'skipped' : valid(isInForce),
    issuer: valid(trusted.includes(nameOf(parties, ({ did }) => did === chain.issuer))),
  };
  return { ...answers, word: wordFor(answers) };
}

const check = (system, { document, at }, record) => answer(system, record, commitmentsTo(record, strict(document)), at);

function show(system, { hide, at }, record) {
  const isOpen = (path) => !path.some((step) => hide.includes(step));
  const text = showSome(record.versions.at(-1), isOpen);
  need(text !== null, 'show: nothing would be left');
  system.shown.push(text);
  const some = readShown(text);
  return { ...answer(system, record, [some.commitment().toString('base64')], at), document: some.open().value };
}

function find({ records }, { document }) {
  const value = strict(document);
  const isIn = (record) => {
    const commitments = commitmentsTo(record, value);
    return follow(record).versions.some(({ commitment }) => commitments.includes(commitment));
  };
  return [...records.keys()].filter((name) => isIn(records.get(name))).sort();
}

function list({ records, parties }, { size, owner }) {
  const key = parties.get(owner)?.multikey;
  const names = [...records.keys()].filter((name) => owner === undefined || follow(records.get(name)).owner === key);
  const pages = [];
  for (let at = 0; at < names.length; at += size) pages.push(names.slice(at, at + size));
  return pages;
}

// --- the operation ---

const ABOUT_ALL = { register, find, list };
const ABOUT_ONE = { query, check, show, ...Object.fromEntries(Object.keys(WRITING).map((name) => [name, write])) };

function runStep(system, step) {
  if (Object.hasOwn(ABOUT_ALL, step.command)) return ABOUT_ALL[step.command](system, step);
  const record = system.records.get(step.record);
  return record === undefined ? 'unknown' : ABOUT_ONE[step.command](system, step, record);
}

function readParty(text) {
  const secretKey = readSecretKey(text);
  const multikey = toMultikey(secretKey.publicKey);
  const did = `did:key:${multikey}`;
  return { secretKey, multikey, did, method: `${did}#${multikey}` };
}

function runAuthenticity({ parties, trusted, secrets, steps }) {
  need(isObject(parties) && Object.values(parties).every(isText), 'parties');
  need(isStrings(trusted) && isStrings(secrets) && Array.isArray(steps), 'trusted, secrets or steps');
  const system = {
    parties: new Map(Object.entries(parties).map(([name, text]) => [name, readParty(text)])),
    trusted,
    records: new Map(),
    shown: [],
  };
  for (const step of steps) checkStep(step, system.parties);
  const results = steps.map((step) => runStep(system, step));
  return { results, ledger: [...[...system.records.values()].flatMap(({ entries }) => entries), ...system.shown] };
}

// A run has results, and is never refused: what cannot be read, or written, is an error of the suite.
function run(input) {
  try {
    return runAuthenticity(input);
  } catch (error) {
    throw error instanceof Refusal ? new TypeError(`request: ${error.message}`) : error;
  }
}

export const AUTHENTICITY_RUN_OPERATIONS = { 'authenticity.run': run };
