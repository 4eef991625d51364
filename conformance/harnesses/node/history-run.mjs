// The operation history.run: a small history system, and what a harness does behind its back.
import { randomBytes } from 'node:crypto';
import { isTime, parseTime } from './date-time-stamp.mjs';
import { newStore, openLedger } from './history-run-ledger.mjs';
import { commit, compareRecord, destroy, keyedHash, newKept, presentNames } from './history-run-records.mjs';
import { toMultikey } from './keys.mjs';
import { isBoolean, isStrings, isText, need } from './request.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { canonicalize, isObject } from './strict-json.mjs';

// --- what a request must have ---

// Each kind of reading, with the least and the greatest number of its members.
const READINGS = [
  { milliCelsius: [-273150, 2000000] },
  { humidityPerMille: [0, 1000] },
  { latitudeE7: [-900000000, 900000000], longitudeE7: [-1800000000, 1800000000], withinMetres: [0, 2147483647] },
];
const kindOf = (reading) => READINGS.find((kind) => Object.keys(kind).sort().join() === Object.keys(reading).sort().join());

const isMembers = (value) => isObject(value) && Object.values(value).every(isText);
const isReading = (value) => isObject(value) && kindOf(value) !== undefined && Object.values(value).every(Number.isFinite);
const isReadings = (value) => Array.isArray(value) && value.length > 0 && value.every(isReading);
const isPlace = (value) => isObject(value) && isText(value.log) && isText(value.object);
const isReason = (value) => ['requested', 'retentionEnded', 'ordered'].includes(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isHow = (value) => isText(value) && Object.hasOwn(TAMPERING, value);

const ENTRY = { object: isText, by: isText, at: isTime };
const SHAPES = {
  create: { ...ENTRY, members: isMembers },
  change: { ...ENTRY, members: isMembers },
  delete: ENTRY,
  erase: { ...ENTRY, members: isStrings, reason: isReason },
  measure: { ...ENTRY, readings: isReadings },
  refer: { ...ENTRY, to: isPlace },
  show: { object: isText },
  compare: { object: isText, members: isMembers },
  ask: { about: isText, by: isText, at: isTime, purpose: Number.isSafeInteger, denied: isBoolean },
  asked: { about: isText },
  tamper: { object: isText, entry: isCount, how: isHow },
  verify: { object: isText },
};

function checkStep(step, actors) {
  need(isObject(step) && isText(step.command) && Object.hasOwn(SHAPES, step.command), 'command');
  for (const [name, test] of Object.entries(SHAPES[step.command])) need(test(step[name]), `${step.command}: ${name}`);
  need(step.by === undefined || actors.has(step.by), 'by is none of the actors');
  need(step.log === undefined || isText(step.log), 'log');
}

// --- institutions and objects ---

function newInstitution(number) {
  const store = newStore();
  return { number, store, ledger: openLedger(number, store), objects: new Map(), pseudonymKey: randomBytes(32) };
}

// Under a name, or new with the next number.
function named(map, name, make) {
  if (!map.has(name)) map.set(name, make(map.size));
  return map.get(name);
}

const nameOf = (map, number) => [...map.keys()].find((name) => map.get(name).number === number);

// An object, or the questions about a person, in the log of an institution.
function place(system, logName = 'main', objectName) {
  const log = named(system.logs, logName, newInstitution);
  const { number, kept } = named(log.objects, objectName, (next) => ({ number: next, kept: newKept() }));
  return { ...log, object: number, kept, chain: `object-${number}` };
}

function placeOfQuestions(system, { log: logName = 'main', about }) {
  const log = named(system.logs, logName, newInstitution);
  return { ...log, chain: `person-${keyedHash(log.pseudonymKey, about)}` };
}

function statusOf(entries) {
  if (entries.length === 0) return 'none';
  if (entries.some(({ leavesNothing }) => leavesNothing)) return 'erased';
  return entries.some(({ event }) => event === 'delete') ? 'deleted' : 'active';
}

// --- commands that write ---

const NOT_ACTIVE = { none: 'unknown', deleted: 'deleted', erased: 'erased' };

function write({ ledger, chain }, system, { command, by, at }, content = {}) {
  ledger.append(chain, system.actors.get(by), { event: command, at, ...content });
  return 'ok';
}

const setMembers = (at, system, step) => (Object.keys(step.members).length === 0
  ? 'empty'
  : write(at, system, step, { members: commit(at.kept, step.members, at.ledger.endOf(at.chain).count) }));

function create(at, status, system, step) {
  if (status === 'erased') return 'erased';
  return status === 'none' ? setMembers(at, system, step) : 'exists';
}

const change = (at, status, system, step) => NOT_ACTIVE[status] ?? setMembers(at, system, step);
const remove = (at, status, system, step) => NOT_ACTIVE[status] ?? write(at, system, step);

function erase(at, status, system, step) {
  if (status === 'none' || status === 'erased') return NOT_ACTIVE[status];
  const present = presentNames(at.kept);
  const names = step.members.length === 0 ? present : [...new Set(step.members)];
  if (!names.every((name) => present.includes(name))) return 'unknownMember';
  const erased = destroy(at.kept, names);
  return write(at, system, step, { reason: step.reason, erased, leavesNothing: step.members.length === 0 });
}

function isPossible(reading) {
  return Object.entries(kindOf(reading)).every(([name, [least, greatest]]) => Number.isInteger(reading[name])
    && reading[name] >= least && reading[name] <= greatest);
}

function measure(at, status, system, step) {
  const { readings } = step;
  return NOT_ACTIVE[status] ?? (readings.every(isPossible) ? write(at, system, step, { readings }) : 'impossible');
}

function refer(at, status, system, step) {
  const { number, object, chain, ledger } = place(system, step.to.log, step.to.object);
  const { count, last } = ledger.endOf(chain);
  return NOT_ACTIVE[status] ?? (count === 0
    ? 'unknown'
    : write(at, system, step, { refersTo: [{ log: number, object, entry: count - 1, hash: last }] }));
}

// --- commands that read ---

// Seconds by which a time is before another one, rounded up; 0 or less if it is not.
function secondsBefore(at, before) {
  const [left, right] = [parseTime(at), parseTime(before)];
  return right.seconds - left.seconds + (right.fraction > left.fraction ? 1 : 0);
}

function shownReference({ log: logNumber, object, entry }, { logs }) {
  const log = nameOf(logs, logNumber);
  return { log, object: nameOf(logs.get(log).objects, object), entry };
}

function shownEntry({ event, at, by, readings, refersTo }, before, system) {
  const setBack = before === undefined ? 0 : secondsBefore(at, before.at);
  return {
    event, at, by,
    ...(setBack > 0 && { setBack }),
    ...(readings && { readings }),
    ...(refersTo && { refersTo: refersTo.map((reference) => shownReference(reference, system)) }),
  };
}

function show({ ledger, chain }, status, system) {
  if (!ledger.isIntact(chain)) return 'damaged';
  const entries = ledger.verifiedEntries(chain);
  return { status, entries: entries.map((entry, number) => shownEntry(entry, entries[number - 1], system)) };
}

function compare({ ledger, chain, kept }, status, system, { members }) {
  if (!ledger.isIntact(chain)) return 'damaged';
  const entries = ledger.verifiedEntries(chain);
  if (status === 'none') return { verdict: 'neverRecorded' };
  return status === 'erased' ? { verdict: 'erased' } : compareRecord(kept, entries, members, status === 'deleted');
}

const verify = ({ ledger, chain }) => (ledger.isIntact(chain) ? 'intact' : 'damaged');

// --- questions about persons ---

function ask(system, step) {
  const outcome = step.denied ? 'denied' : 'served';
  write(placeOfQuestions(system, step), system, step, { purpose: step.purpose, outcome });
  return outcome;
}

function asked(system, step) {
  const { ledger, chain } = placeOfQuestions(system, step);
  const questions = ledger.verifiedEntries(chain).map(({ at, by, purpose, outcome }) => ({ at, by, purpose, outcome }));
  return { count: questions.length, questions };
}

// --- behind its back ---

function falsify(line) {
  const entry = JSON.parse(line);
  return canonicalize({ ...entry, event: entry.event === 'delete' ? 'change' : 'delete' });
}

const TAMPERING = {
  change: (lines, at) => lines.splice(at, 1, falsify(lines[at])),
  drop: (lines, at) => lines.splice(at, 1),
  swap: (lines, at) => lines.splice(at, 2, lines[at + 1], lines[at]),
  insert: (lines, at) => lines.splice(at, 0, lines[at]),
};

function tamper({ store, chain }, status, system, { entry, how }) {
  const lines = store.chains.get(chain) ?? [];
  need(entry + (how === 'swap' ? 1 : 0) < lines.length, 'no such entry');
  TAMPERING[how](lines, entry);
  return 'done';
}

// --- the operation ---

const ABOUT_PERSONS = { ask, asked };
const ABOUT_OBJECTS = { create, change, delete: remove, erase, measure, refer, show, compare, tamper, verify };

function runStep(system, step) {
  if (Object.hasOwn(ABOUT_PERSONS, step.command)) return ABOUT_PERSONS[step.command](system, step);
  const at = place(system, step.log, step.object);
  return ABOUT_OBJECTS[step.command](at, statusOf(at.ledger.entries(at.chain)), system, step);
}

function readActor(text) {
  const secretKey = readSecretKey(text);
  return { did: `did:key:${toMultikey(secretKey.publicKey)}`, secretKey };
}

function runHistory({ actors, secrets, steps }) {
  need(isMembers(actors), 'actors');
  need(isStrings(secrets), 'secrets');
  const system = { actors: new Map(Object.entries(actors).map(([name, text]) => [name, readActor(text)])), logs: new Map() };
  need(Array.isArray(steps), 'steps');
  for (const step of steps) checkStep(step, system.actors);
  const results = steps.map((step) => runStep(system, step));
  return { results, ledger: [...system.logs.values()].flatMap(({ store }) => [...[...store.chains.values()].flat(), store.head]) };
}

export const HISTORY_RUN_OPERATIONS = { 'history.run': runHistory };
