// The operations on texts, keys and identities. Each answers the value of an acceptance, or throws.
import { answerRequest, checkResponse, makeRequest } from './control.mjs';
import { isTime } from './date-time-stamp.mjs';
import { dereference } from './dereference.mjs';
import { RELATIONSHIPS, isDid, parseDidUrl } from './did.mjs';
import { readDidDocument } from './did-document.mjs';
import { resolveDidJwk } from './did-jwk.mjs';
import { isDidKbtf, resolveDidKbtf } from './did-kbtf.mjs';
import { signOperation } from './did-kbtf-operation.mjs';
import { resolveDidKey } from './did-key.mjs';
import { didWebUrl, resolveDidWeb } from './did-web.mjs';
import { readJwk, thumbprint, toJwk } from './jwk.mjs';
import { readBase58, readMultikey, toMultikey } from './keys.mjs';
import { checkPersonalData } from './personal-data.mjs';
import { demand } from './refusal.mjs';
import { bytes, isBoolean, isStrings, isText, need, optional, strict, texts, time } from './request.mjs';
import { ALGORITHMS, joseAlgorithm, verifies } from './signatures.mjs';
import { readPemKey, toPem } from './spki.mjs';
import { canonicalize, isObject } from './strict-json.mjs';

// --- did.resolve ---

const METHODS = {
  key: { resolve: (did) => ({ document: resolveDidKey(did) }) },
  jwk: { resolve: (did) => ({ document: resolveDidJwk(did) }) },
  web: {
    check: didWebUrl,
    resolve: (did, input) => ({ document: resolveDidWeb(did, texts(input, 'body').body) }),
  },
  kbtf: {
    check: (did) => demand(isDidKbtf(did), 'syntax', 'not a did:kbtf'),
    versioned: true,
    resolve: (did, input, now) => {
      const isEntry = (entry) => isObject(entry) && isTime(entry.time) && isText(entry.operation);
      need(Array.isArray(input.entries) && input.entries.every(isEntry), 'entries');
      return resolveDidKbtf(did, {
        entries: input.entries,
        open: optional(input.open, false, isBoolean, 'open'),
        versionId: optional(input.versionId, undefined, isText, 'versionId'),
        versionTime: optional(input.versionTime, undefined, isText, 'versionTime'),
      }, time(now));
    },
  },
};

function resolve(input, now) {
  const { did } = texts(input, 'did');
  demand(isDid(did), 'syntax', 'not a DID');
  const { method } = parseDidUrl(did);
  demand(Object.hasOwn(METHODS, method), 'unsupported', `method ${method}`);
  const { check, versioned = false, resolve: run } = METHODS[method];
  check?.(did);
  const asked = ['versionId', 'versionTime'].filter((name) => (input[name] ?? null) !== null);
  demand(asked.length < 2, 'options', 'both versionId and versionTime');
  demand(versioned || asked.length === 0, 'unsupported', 'the method has no versions');
  return run(did, input, now);
}

// --- keys ---

const READERS = {
  multikey: readMultikey,
  jwk: (text) => readJwk(strict(text)),
  pem: readPemKey,
  base58: (text, { keyType }) => {
    need(isText(keyType), 'keyType');
    return readBase58(keyType, text);
  },
};

function readKey(input) {
  const { format, key: text } = texts(input, 'format', 'key');
  need(Object.hasOwn(READERS, format), 'format');
  const key = READERS[format](text, input);
  return { keyType: key.keyType, multikey: toMultikey(key), jwk: toJwk(key), pem: toPem(key), thumbprint: thumbprint(key) };
}

function verifyKey(input) {
  const { key: text, algorithm } = texts(input, 'key', 'algorithm');
  need(Object.hasOwn(ALGORITHMS, algorithm), 'algorithm');
  const [message, signature] = [bytes(input, 'message'), bytes(input, 'signature')];
  const key = readMultikey(text);
  demand(key.keyType === ALGORITHMS[algorithm].keyType, 'key', `${algorithm} with a key of ${key.keyType}`);
  const good = verifies(key, message, signature, joseAlgorithm(algorithm));
  demand(good, 'signature', 'the signature does not verify');
  return {};
}

// --- documents ---

const JSON_LD = 'application/did+ld+json';
const JSON_ONLY = 'application/did+json';

function readDocument(input) {
  const isRepresentation = (value) => [JSON_LD, JSON_ONLY].includes(value);
  const representation = optional(input.representation, JSON_LD, isRepresentation, 'representation');
  const document = readDidDocument(texts(input, 'document').document, { contextOptional: representation === JSON_ONLY });
  const methods = document.methods.map(({ id, key }) => (
    { id, keyType: key && key.keyType, multikey: key && toMultikey(key) }));
  return { id: document.id, methods, warnings: document.warnings };
}

function dereferenceUrl(input) {
  const { didUrl, document } = texts(input, 'didUrl', 'document');
  return dereference({
    didUrl,
    document,
    accept: optional(input.accept, 'document', (value) => ['document', 'urls'].includes(value), 'accept'),
    purpose: optional(input.purpose, undefined, (value) => RELATIONSHIPS.includes(value), 'purpose'),
  });
}

// --- control ---

function controlRequest(input, now) {
  const { domain, nonce } = texts(input, 'domain', 'nonce');
  need(Number.isSafeInteger(input.seconds), 'seconds');
  need(bytes(input, 'nonce').length === 16, 'nonce');
  const answerTo = optional(input.answerTo, null, isText, 'answerTo') || null;
  return { link: makeRequest({ domain, seconds: input.seconds, nonce, answerTo }, time(now)) };
}

function controlCheck(input, now) {
  const { request, response, document } = texts(input, 'request', 'response', 'document');
  const deactivated = optional(input.deactivated, false, isBoolean, 'deactivated');
  return { did: checkResponse({ request, response, document, deactivated }, time(now)) };
}

export const IDENTITY_OPERATIONS = {
  'json.canonicalize': (input) => ({ canonical: canonicalize(strict(texts(input, 'text').text)) }),
  'did.parse': (input) => parseDidUrl(texts(input, 'didUrl').didUrl),
  'did.resolve': resolve,
  'did.web-url': (input) => ({ url: didWebUrl(texts(input, 'did').did) }),
  'did.document-read': readDocument,
  'did.dereference': dereferenceUrl,
  'did.operation-sign': (input) => {
    need(isStrings(input.secretKeys), 'secretKeys');
    return signOperation(texts(input, 'operation').operation, input.secretKeys);
  },
  'personal-data.check': (input) => {
    checkPersonalData(texts(input, 'document').document);
    return {};
  },
  'control.request': controlRequest,
  'control.answer': (input) => answerRequest(texts(input, 'request', 'secretKey', 'verificationMethod')),
  'control.check': controlCheck,
  'key.read': readKey,
  'key.verify': verifyKey,
};
