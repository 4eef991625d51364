// The three questions about evidence, and one word (docs/kbtf-authenticity.md sections 8 and 9).
import { checkComplete, trustedHeads } from './complete-records.mjs';
import { isAfter } from './date-time-stamp.mjs';
import { readDidDocument } from './did-document.mjs';
import { isDidKbtf, resolveDidKbtf } from './did-kbtf.mjs';
import { commitmentToBatch } from './documents.mjs';
import { readBundle } from './evidence-bundle.mjs';
import { Documents } from './known-documents.mjs';
import { RecordChain } from './records.mjs';
import { Refusal, demand } from './refusal.mjs';
import { wordFor } from './words.mjs';

const AHEAD = 300;

// What a check says if it is refused: the answer for the class, or the other one.
function answered(check, byReason, otherwise) {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return byReason[error.reason] ?? otherwise;
  }
}

// Whether what is presented is a version of the record, and which one: { integrity, commitment }.
function integrityOf({ batch, presented, chain }) {
  return answered(() => {
    const own = presented.commitment();
    presented.open?.();
    const commitment = (batch ? commitmentToBatch(own, batch) : own).toString('base64');
    return { integrity: chain.commitments.has(commitment) ? 'valid' : 'invalid', commitment };
  }, {}, { integrity: 'invalid' });
}

// The document of an issuer at a time, as the bundle has it. Of a document by itself nobody here knows the hash.
function documentsIn(issuers, now) {
  return (did, time) => {
    if (did.startsWith('did:key:')) return new Documents().find(did);
    const own = issuers.find((issuer) => issuer.did === did);
    demand(isDidKbtf(did) && own !== undefined, 'unknown', 'the issuer is not known');
    const { document, metadata } = resolveDidKbtf(did, { entries: own.operations, open: false, versionTime: time }, now);
    demand(!metadata.deactivated, 'keyState', 'the DID is deactivated');
    return readDidDocument(JSON.stringify(document));
  };
}

function followInTime(chain, entries, now) {
  for (const entry of entries) {
    chain.add(entry);
    demand(!isAfter(chain.last.time, now, -AHEAD), 'time', 'an entry after now');
  }
}

// Makes the chain follow the entries: { follows, issuer }. What the bundle says of a did:kbtf counts under a log that is trusted.
function issuerOf(chain, entries, { trusted, isLogTrusted, now }) {
  return answered(() => {
    followInTime(chain, entries, now);
    if (chain.length === 0) return { follows: false, issuer: 'skipped' };
    if (!trusted.includes(chain.issuer)) return { follows: true, issuer: 'invalid' };
    return { follows: true, issuer: isLogTrusted || chain.issuer.startsWith('did:key:') ? 'valid' : 'error' };
  }, UNKNOWN, { follows: false, issuer: 'invalid' });
}

const NOT_KNOWN = { follows: false, issuer: 'error' };
const UNKNOWN = { unknown: NOT_KNOWN, notFound: NOT_KNOWN };

// What a trusted checkpoint says: { time }, by when it was seen, or null if nobody says. null if none is trusted, undefined if
// there is nobody to trust.
function trustedLog(proof, origin, policy) {
  if (proof === null || origin === undefined || policy === undefined) return undefined;
  return answered(() => ({ time: trustedHeads(proof, origin, policy) }), {}, null);
}

// `at`: the time for which the status is asked for.
function checkStatus(chain, commitment, { time, at }) {
  demand(time === null || !isAfter(chain.last.time, time, -AHEAD), 'time', 'an entry after the time for which the status is known');
  const { commitment: last, from, until } = chain.versions.at(-1);
  demand(last === commitment && chain.status === 'active', 'ended', 'not the last version, or no longer in force');
  demand((from === undefined || !isAfter(from, at)) && (until === undefined || isAfter(until, at)), 'validity', 'not valid at that time');
}

// Without a proof, or without anybody to trust for it, nobody says that the entries are all.
function statusOf({ proof, log, chain, integrity, commitment, freshWithin, now }) {
  if (integrity !== 'valid' || log === undefined) return 'skipped';
  return answered(() => {
    demand(log !== null, 'trust', 'a log that is not trusted');
    checkComplete(proof, chain);
    const { time } = log;
    demand(time === null || !isAfter(time, now, -AHEAD), 'time', 'seen after now');
    const isFresh = freshWithin === undefined || (time !== null && !isAfter(now, time, -freshWithin));
    if (!isFresh) return 'error';
    checkStatus(chain, commitment, { time, at: freshWithin === undefined ? time ?? now : now });
    return 'valid';
  }, {}, 'invalid');
}

export function verifyEvidence(text, { register, origin, policy, issuers: trusted, freshWithin }, now) {
  const { batch, presented, issuers, timeStamps, proof, entries } = readBundle(text);
  const log = trustedLog(proof, origin, policy);
  const chain = new RecordChain(register, documentsIn(issuers, now));
  const { follows, issuer } = issuerOf(chain, entries, { trusted, isLogTrusted: Boolean(log), now });
  // Of entries that do not follow on each other nothing is known.
  const { integrity, commitment } = follows ? integrityOf({ batch, presented, chain }) : { integrity: 'skipped' };
  const status = entries.length === 0 ? 'invalid' : statusOf({ proof, log, chain, integrity, commitment, freshWithin, now });
  const word = wordFor({ integrity, status, issuer });
  // Time stamps are not verified here, so nothing that has any is called authentic.
  return { integrity, status, issuer, word: timeStamps.length > 0 && word === 'authentic' ? 'unverified' : word };
}
