// The rules of did:kbtf (section 4 of the method): whether an operation follows on a state, and what it makes of it.
import { isAfter } from './date-time-stamp.mjs';
import { decodeBase64url } from './base64.mjs';
import { MAX, commitmentTo, splitDid } from './did-kbtf-operation.mjs';
import { readMultikey } from './keys.mjs';
import { demand } from './refusal.mjs';
import { verifies } from './signatures.mjs';

// --- who has a say ---

function delegationOf({ json }, time, state) {
  const delegation = state.delegations.get(json.delegation);
  demand(delegation !== undefined, 'delegation', 'no such delegation');
  demand(!isAfter(delegation.from, time) && isAfter(delegation.until, time), 'delegation', 'the delegation does not hold now');
  return delegation;
}

function checkScope({ json }, { scope }, state) {
  const inScope = (name, needed) => demand(!needed || scope.includes(name), 'outOfScope', `not for ${name}`);
  const removes = (parts) => parts.some(({ id }) => (json.remove ?? []).includes(id));
  inScope('addKeys', 'keys' in json);
  inScope('retireKeys', 'revoke' in json || removes(state.keys));
  inScope('services', 'services' in json || removes(state.services));
  inScope('alsoKnownAs', 'alsoKnownAs' in json);
  inScope('expire', json.operation === 'expire');
  const putsOff = json.operation !== 'expire' || (state.expires !== undefined && isAfter(json.expires, state.expires));
  demand(putsOff, 'outOfScope', 'a delegate only puts the end off');
}

function checkCommitted(keys, next) {
  const strange = keys.find((key) => !next.hashes.includes(commitmentTo(key)));
  demand(strange === undefined, 'notCommitted', 'a key that was not committed to');
}

// { threshold, keys }: those whose signatures count. Checks on the way that they are who they say.
function whoHasASay(operation, time, state) {
  const { json } = operation;
  if (json.operation === 'create') return json.controllers;
  if ('delegation' in json) {
    const delegation = delegationOf(operation, time, state);
    checkScope(operation, delegation, state);
    return delegation;
  }
  const { next } = state.controllers;
  if (json.operation === 'rotate' && next) {
    checkCommitted(json.controllers.keys, next);
    demand(json.controllers.threshold >= next.threshold, 'notCommitted', 'threshold below the committed one');
    return json.controllers;
  }
  if (['deactivate', 'expire'].includes(json.operation)) {
    const { reveal = [] } = json;
    demand(next || !('reveal' in json), 'notCommitted', 'nothing was committed to');
    const nearer = json.operation === 'expire' && (state.expires === undefined || isAfter(state.expires, json.expires));
    demand(!next || !nearer || 'reveal' in json, 'notCommitted', 'an end that is nearer');
    if (next && (json.operation === 'deactivate' || 'reveal' in json)) {
      checkCommitted(reveal, next);
      return { threshold: next.threshold, keys: reveal };
    }
  }
  return state.controllers;
}

// Keys of strangers are compared as texts and never decoded; signatures come last, because they cost most.
export function checkAuthority(operation, time, state) {
  const { threshold, keys } = whoHasASay(operation, time, state);
  const { signatures = [] } = operation.json;
  demand(signatures.every(({ key }) => keys.includes(key)), 'notAuthorised', 'a signature of somebody without a say');
  demand(signatures.length >= threshold, 'threshold', `${signatures.length} of ${threshold}`);
  for (const { key, signature } of signatures) {
    demand(verifies(readMultikey(key), operation.input, decodeBase64url(signature)), 'signature', 'a signature does not verify');
  }
}

// --- what an operation does; each answers what becomes of the state, and changes nothing itself ---

const unique = (values) => new Set(values).size === values.length;
const ids = (parts) => parts.map(({ id }) => id);

function checkExpires(expires, time) {
  demand(expires === undefined || isAfter(expires, time), 'time', 'expires at once');
}

function checkNewIds(newIds, known) {
  demand(unique(newIds) && newIds.every((id) => !known.has(id)), 'idReused', 'an id that there was before');
}

// `there`: the keys that stay in the document; `delegations`: those that stand.
function checkNewKeys(keys, { controllers, there, delegations }, time) {
  const taken = new Set([...controllers.keys, ...there.map(({ key }) => key), ...[...delegations].flatMap((delegation) => delegation.keys)]);
  for (const { key, expires } of keys) {
    checkExpires(expires, time);
    demand(!taken.has(key) && !controllers.next?.hashes.includes(commitmentTo(key)), 'keyReused', 'a key with another use');
    taken.add(key);
  }
}

const checkUnused = (keys, document) => demand(!document.some(({ key }) => keys.includes(key)), 'keyReused', 'a key of the document');

function checkCommitments({ keys, next }, document) {
  const used = [...keys, ...document.map(({ key }) => key)];
  demand(!used.some((key) => next?.hashes.includes(commitmentTo(key))), 'keyReused', 'a commitment to a key in use');
}

function create({ json }, time) {
  const { controllers, keys = [], services = [], alsoKnownAs = [], grant = [], expires } = json;
  checkExpires(expires, time);
  checkCommitments(controllers, []);
  checkNewKeys(keys, { controllers, there: [], delegations: grant }, time);
  checkNewIds(ids([...keys, ...services]), new Set());
  demand(unique(alsoKnownAs), 'idReused', 'a name twice');
  checkNewIds(ids(grant), new Set());
  return { controllers, keys, services, alsoKnownAs, expires, grant };
}

function rotate({ json: { controllers } }, time, state) {
  checkUnused(controllers.keys, state.keys);
  checkCommitments(controllers, state.keys);
  return { controllers, delegations: new Map() };
}

function update({ json }, time, state) {
  const { keys = [], services = [], alsoKnownAs, remove = [], revoke = [] } = json;
  demand(unique([...remove, ...revoke]), 'unknownId', 'an id twice');
  const removable = new Set(ids([...state.keys, ...state.services]));
  const revocable = new Set(ids(state.keys.filter((key) => !('revoked' in key))));
  demand(remove.every((id) => removable.has(id)) && revoke.every((id) => revocable.has(id)), 'unknownId', 'no such id');
  const remaining = (parts) => parts.filter(({ id }) => !remove.includes(id));
  checkNewKeys(keys, { controllers: state.controllers, there: remaining(state.keys), delegations: state.delegations.values() }, time);
  checkNewIds(ids([...keys, ...services]), state.knownIds);
  demand(unique(alsoKnownAs ?? []), 'idReused', 'a name twice');
  const all = {
    keys: [...remaining(state.keys).map((key) => (revoke.includes(key.id) ? { ...key, revoked: time } : key)), ...keys],
    services: [...remaining(state.services), ...services],
    alsoKnownAs: alsoKnownAs ?? state.alsoKnownAs,
  };
  demand(all.keys.length <= MAX.keys && all.services.length <= MAX.services, 'tooMany', 'keys or services');
  return all;
}

function delegate({ json: { grant = [], withdraw = [] } }, time, state) {
  demand(unique(withdraw) && withdraw.every((id) => state.delegations.has(id)), 'unknownId', 'no such delegation');
  for (const { keys } of grant) checkUnused(keys, state.keys);
  checkNewIds(ids(grant), state.knownDelegations);
  demand(state.delegations.size - withdraw.length + grant.length <= MAX.delegations, 'tooMany', 'delegations');
  return { grant, withdraw };
}

function expire({ json: { expires } }, time) {
  checkExpires(expires, time);
  return { expires };
}

const deactivate = () => ({ deactivated: true, keys: [], services: [], alsoKnownAs: [] });

const EFFECTS = { create, rotate, update, delegate, expire, deactivate };

// --- the state of a DID ---

// What the document is made of is in arrays that are replaced and never changed, so that a version can keep them.
function commit(operation, time, state, { grant = [], withdraw = [], ...changes }) {
  Object.assign(state, changes);
  state.hashes.push(operation.hash);
  state.applied.add(operation.hash);
  state.time = time;
  for (const { id } of [...(operation.json.keys ?? []), ...(operation.json.services ?? [])]) state.knownIds.add(id);
  for (const id of withdraw) state.delegations.delete(id);
  for (const delegation of grant) {
    state.delegations.set(delegation.id, delegation);
    state.knownDelegations.add(delegation.id);
  }
  return state;
}

// Until there is a creation the state has no hashes: their number is the sequence number of the last operation.
export const newState = () => ({
  hashes: [], applied: new Set(), time: null, controllers: null, keys: [], services: [], alsoKnownAs: [], expires: undefined,
  deactivated: false, delegations: new Map(), knownIds: new Set(), knownDelegations: new Set(),
});

// The rules about place: they say whether an operation comes when it should, not whether it may.
function checkPlace(did, { json, hash, did: ownDid }, state) {
  const creates = json.operation === 'create';
  const { hashes } = state;
  demand(ownDid === did && (!creates || json.ledger === splitDid(did).ledger), 'foreign', 'of another DID');
  demand(creates || hashes.length > 0, 'notCreated', 'no creation');
  demand(!(creates ? hashes.length > 0 : state.applied.has(hash)), 'replayed', 'applied already');
  if (creates) return;
  demand(json.sequence <= hashes.length + 1, 'gap', `place ${json.sequence} behind ${hashes.length}`);
  demand(json.previous === hashes[json.sequence - 2], 'brokenLink', 'another operation before');
  demand(json.sequence === hashes.length + 1, 'fork', 'the place is taken');
}

// Makes the state follow an operation, or refuses it and leaves the state as it was.
export function follow(did, operation, time, state) {
  const { json } = operation;
  checkPlace(did, operation, state);
  demand(state.time === null || !isAfter(state.time, time), 'timeBackwards', 'before the operation before');
  demand(!state.deactivated, 'deactivated', 'the DID is deactivated');
  const expired = state.expires !== undefined && !isAfter(state.expires, time);
  demand(!expired || json.operation === 'deactivate', 'expired', 'the DID has expired');
  checkAuthority(operation, time, state);
  return commit(operation, time, state, EFFECTS[json.operation](operation, time, state));
}
