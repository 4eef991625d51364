// Evidence in one file: its form (docs/kbtf-authenticity.md section 9).
import { decodeBase64 } from './base64.mjs';
import { readRecord } from './complete-records.mjs';
import { isTime } from './date-time-stamp.mjs';
import { readDidDocument } from './did-document.mjs';
import { isDid } from './did.mjs';
import { decodeDocumentKey, isMediaType } from './document-leaves.mjs';
import { commitmentToDocument, isContent } from './documents.mjs';
import { hasShape } from './history-entries.mjs';
import { readHash, readSize } from './logs.mjs';
import { readShown } from './redacted.mjs';
import { Refusal, demand } from './refusal.mjs';
import { isStrings, isText, strict } from './request.mjs';
import { canonicalize } from './strict-json.mjs';

const MAX_LENGTH = 128 * 2 ** 20;
const MAX_ENTRIES = 8192;
const MAX_ISSUERS = 64;
const MAX_OPERATIONS = 1024;
const MAX_TIME_STAMPS = 64;

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

const isKey = (value) => decodeDocumentKey(value) !== null;
const isBytes = (value) => decodeBase64(value) !== null;
const isDocument = (value) => hasShape(value, { bytes: isBytes, content: isContent, key: isKey, mediaType: isMediaType })
  || hasShape(value, { redacted: isText });
const isBatch = (value) => hasShape(value, { path: isStrings, place: isText, size: isText });

// One that is no document is refused with its own class; here it is not the form of a bundle.
function isDidDocument(value) {
  try {
    return isText(value) && canonicalize(readDidDocument(value).json) === value;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

const isOperation = (value) => hasShape(value, { operation: isText, time: isTime });
const isOperations = (value) => Array.isArray(value) && value.length <= MAX_OPERATIONS && value.every(isOperation);
const isIssuer = (value) => hasShape(value, { did: isDid, operations: isOperations }) || hasShape(value, { document: isDidDocument });
const isIssuers = (value) => Array.isArray(value) && value.length <= MAX_ISSUERS && value.every(isIssuer);
const isEntries = (value) => isStrings(value) && value.length <= MAX_ENTRIES;
const isTokens = (value) => Array.isArray(value) && value.length <= MAX_TIME_STAMPS && value.every(isBytes);
const SHARED = {
  'batch?': isBatch, document: isDocument, issuers: isIssuers, timeStamps: isTokens, v: (value) => value === 1,
};

const readDocument = ({ bytes, key, ...document }) => ({ ...document, bytes: decodeBase64(bytes), key: decodeDocumentKey(key) });

// { batch, presented, issuers, timeStamps, proof (or null), entries }; `presented` has the commitment to the document, and opens it.
export function readBundle(text) {
  syntax(Buffer.byteLength(text) <= MAX_LENGTH, 'too long');
  const json = strict(text);
  const isBundle = hasShape(json, { ...SHARED, record: isText }) || hasShape(json, { ...SHARED, entries: isEntries });
  syntax(isBundle && canonicalize(json) === text, 'not evidence');
  const { batch, document, issuers, record, entries, timeStamps } = json;
  return {
    batch: batch && { place: readSize(batch.place), size: readSize(batch.size), path: batch.path.map(readHash) },
    presented: document.redacted === undefined
      ? { commitment: () => commitmentToDocument(readDocument(document)) }
      : readShown(document.redacted),
    issuers,
    timeStamps,
    ...(record === undefined ? { proof: null, entries } : readRecord(record)),
  };
}
