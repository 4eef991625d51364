// did:kbtf: the document, metadata and state of a DID from what its ledger holds of it (sections 5 and 6 of the method).
import { isAfter, isTime, parseTime } from './date-time-stamp.mjs';
import { RELATIONSHIPS } from './did.mjs';
import { readOperation, splitDid } from './did-kbtf-operation.mjs';
import { checkAuthority, follow, newState } from './did-kbtf-rules.mjs';
import { Refusal, demand } from './refusal.mjs';

const YEAR_0 = -62167219200;
const YEAR_10000 = 253402300800;

// A ledger's time in the spelling that the method wants of times, if its year has four digits.
function inUtc(time) {
  const { seconds, fraction } = parseTime(time);
  if (seconds < YEAR_0 || seconds >= YEAR_10000) return time;
  const whole = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${whole}${fraction && `.${fraction}`}Z`;
}

const sooner = (a, b) => (a === undefined || (b !== undefined && isAfter(a, b)) ? b : a);

function documentOf(did, { keys, services, alsoKnownAs, expires: didExpires }) {
  const context = ['https://www.w3.org/ns/did/v1'];
  if (keys.length > 0) context.push('https://w3id.org/security/multikey/v1');
  const document = { '@context': context, id: did };
  if (alsoKnownAs.length > 0) document.alsoKnownAs = alsoKnownAs;
  for (const { id: name, key, purposes, expires: keyExpires, revoked } of keys) {
    const id = `${did}#${name}`;
    const expires = sooner(keyExpires, didExpires);
    (document.verificationMethod ??= []).push({
      id, type: 'Multikey', controller: did, publicKeyMultibase: key, ...(expires && { expires }), ...(revoked && { revoked }),
    });
    for (const purpose of RELATIONSHIPS) if (purposes.includes(purpose)) (document[purpose] ??= []).push(id);
  }
  if (services.length > 0) {
    document.service = services.map(({ id, type, endpoint }) => ({ id: `${did}#${id}`, type, serviceEndpoint: endpoint }));
  }
  return document;
}

// The word of OpenDID.
function lifeCycleState({ keys, expires, deactivated }, now) {
  const over = (time) => time !== undefined && !isAfter(time, now);
  if (deactivated) return 'TERMINATED';
  if (over(expires)) return 'REVOKED';
  return keys.some((key) => key.purposes.some((purpose) => purpose !== 'keyAgreement') && !over(key.expires) && !over(key.revoked)) ? 'ACTIVATED' : 'DEACTIVATED';
}

// Is the operation of the next place, behind the right one, found later?
function comesLater(did, state, later) {
  return later.some(({ operation: text }) => {
    try {
      const { json, did: ownDid } = readOperation(text);
      if (ownDid !== did) return false;
      const { length } = state.hashes;
      return length === 0 ? json.operation === 'create' : json.sequence === length + 1 && json.previous === state.hashes.at(-1);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return false;
    }
  });
}

// Does an operation that was left out say that something is held back? Judged by the state in the end.
function isHeldBack({ operation, time }, did, state) {
  const { json } = operation;
  if (state.deactivated || operation.did !== did || !(json.sequence > state.hashes.length + 1) || 'delegation' in json) return false;
  try {
    checkAuthority(operation, time, state);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

// The versions of a DID, each with what its document is made of.
function fold(did, entries, open) {
  const state = newState();
  const versions = [];
  const early = [];
  entries.forEach(({ time: ledgerTime, operation: text }, i) => {
    const time = inUtc(ledgerTime);
    let operation;
    try {
      operation = readOperation(text);
      follow(did, operation, time, state);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!open) {
        const late = ['gap', 'notCreated'].includes(error.reason) && comesLater(did, state, entries.slice(i + 1));
        throw late ? new Refusal('reordered', error.message) : error;
      }
      if (['gap', 'notCreated'].includes(error.reason)) early.push({ operation, time });
      return;
    }
    const { keys, services, alsoKnownAs, expires, deactivated } = state;
    versions.push({
      id: `${state.hashes.length}-${operation.hash}`, time, keys, services, alsoKnownAs, expires, deactivated,
    });
  });
  demand(versions.length > 0, 'notCreated', 'the ledger holds nothing of the DID');
  demand(!early.some((entry) => isHeldBack(entry, did, state)), 'gap', 'an operation is held back');
  return versions;
}

function select(versions, versionId, versionTime) {
  if (versionId !== undefined) return versions.findIndex(({ id }) => id === versionId);
  if (versionTime !== undefined) return versions.findLastIndex(({ time }) => !isAfter(time, versionTime));
  return versions.length - 1;
}

function metadataOf(versions, index) {
  const { id, time, expires, deactivated } = versions[index];
  const next = versions[index + 1];
  return {
    versionId: id,
    created: versions[0].time,
    ...(index > 0 && { updated: time }),
    ...(next && { nextUpdate: next.time, nextVersionId: next.id }),
    ...(deactivated && { deactivated }),
    ...(expires && { expires }),
  };
}

export const isDidKbtf = (did) => splitDid(did) !== null;

export function resolveDidKbtf(did, { entries, open, versionId, versionTime }, now) {
  demand(versionId === undefined || versionTime === undefined, 'options', 'both versionId and versionTime');
  demand(versionTime === undefined || isTime(versionTime), 'options', 'versionTime is no time');
  const versions = fold(did, entries, open);
  const index = select(versions, versionId, versionTime);
  demand(index >= 0, 'notFound', 'no such version');
  return {
    document: documentOf(did, versions[index]),
    metadata: metadataOf(versions, index),
    state: lifeCycleState(versions.at(-1), now),
  };
}
