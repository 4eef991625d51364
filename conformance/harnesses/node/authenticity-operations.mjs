// The operations on documents, registers, evidence and paper. Each answers the value of an acceptance, or throws.
import { decodeBase64 } from './base64.mjs';
import { decodeDocumentKey } from './document-leaves.mjs';
import { commitmentToDocument, isContent } from './documents.mjs';
import { verifyEvidence } from './evidence.mjs';
import { Documents } from './known-documents.mjs';
import { readHash } from './logs.mjs';
import { isNumberKind, readNumber, readPaper } from './paper.mjs';
import { isRegisterName } from './register-entries.mjs';
import { readPolicy } from './policies.mjs';
import { RecordChain } from './records.mjs';
import { readShown } from './redacted.mjs';
import { Refusal, demand } from './refusal.mjs';
import { isStrings, isText, need, optional, texts, time } from './request.mjs';
import { canonicalize } from './strict-json.mjs';

// --- documents ---

function commit(input) {
  const { content, mediaType, bytes: encodedBytes, key: encodedKey } = texts(input, 'content', 'mediaType', 'bytes', 'key');
  need(isContent(content), 'content');
  const [bytes, key] = [decodeBase64(encodedBytes), decodeDocumentKey(encodedKey)];
  need(bytes !== null && key !== null, 'bytes or key');
  return { commitment: commitmentToDocument({ content, mediaType, bytes, key }).toString('base64') };
}

function shown(input) {
  const { redacted, commitment } = texts(input, 'redacted', 'commitment');
  const wanted = readHash(commitment);
  const some = readShown(redacted);
  demand(some.commitment().equals(wanted), 'proof', 'of another document');
  const { value, ordered } = some.open();
  return { value: canonicalize(value), ordered };
}

// --- registers ---

// Without a ledger of DIDs only those resolve that hold their key.
function documentOfKey(did) {
  demand(did.startsWith('did:key:'), 'issuer', 'not a did:key');
  try {
    return new Documents().find(did);
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('issuer', error.message) : error;
  }
}

function follow(input) {
  const { register, entries } = texts(input, 'register');
  need(isRegisterName(register) && isStrings(entries) && entries.length > 0, 'register or entries');
  const chain = new RecordChain(register, documentOfKey);
  for (const entry of entries) chain.add(entry);
  return chain.summary();
}

// A policy that is none is an error of the suite.
function policyIn({ policy }) {
  try {
    return optional(policy, undefined, isText, 'policy') && readPolicy(policy);
  } catch (error) {
    throw error instanceof Refusal ? new TypeError(`request: policy: ${error.message}`) : error;
  }
}

function evidence(input, now) {
  const { bundle, register, issuers } = texts(input, 'bundle', 'register');
  need(isRegisterName(register) && isStrings(issuers), 'register or issuers');
  return verifyEvidence(bundle, {
    register,
    issuers,
    origin: optional(input.origin, undefined, isText, 'origin'),
    policy: policyIn(input),
    freshWithin: optional(input.freshWithin, undefined, Number.isSafeInteger, 'freshWithin'),
  }, time(now));
}

// --- paper ---

const isDidKey = (did) => did.startsWith('did:key:');

function paper(input, now) {
  for (const name of ['texts', 'issuers']) need(isStrings(input[name]), name);
  need(input.issuers.every(isDidKey), 'issuers');
  return readPaper(input.texts, input.issuers, time(now));
}

function number(input) {
  const { kind, text } = texts(input, 'kind', 'text');
  need(isNumberKind(kind), 'kind');
  return { number: readNumber(kind, text) };
}

export const AUTHENTICITY_OPERATIONS = {
  'document.commit': commit,
  'document.shown': shown,
  'register.follow': follow,
  'evidence.verify': evidence,
  'paper.read': paper,
  'number.read': number,
};
