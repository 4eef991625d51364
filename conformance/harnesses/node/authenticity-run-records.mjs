// The records of a system that says whether documents are authentic: a register in the format of docs/kbtf-authenticity.md
// section 7, and what issuers and citizens keep off it, the documents and their keys.
import { randomBytes } from 'node:crypto';
import { commitmentToValue } from './document-leaves.mjs';
import { Documents } from './known-documents.mjs';
import { RecordChain } from './records.mjs';
import { signedOf } from './register-entries.mjs';
import { canonicalize } from './strict-json.mjs';

const REGISTER = 'register';
const MEDIA_TYPE = 'application/json';

export const newRecord = () => ({ entries: [], versions: [] });

// Followed from the first entry on, each time: what is not as it should be is refused.
export function follow({ entries }) {
  const chain = new RecordChain(REGISTER, (did) => new Documents().find(did));
  for (const entry of entries) chain.add(entry);
  return chain;
}

// What a party signs with, and under which name: an issuer's is a DID URL, an owner's the key itself.
function append(record, { secretKey }, by, change, time) {
  const { record: number, length, last } = follow(record);
  const later = length > 0 && { previous: last.hash.toString('base64'), record: number };
  const operation = { by, change, register: REGISTER, sequence: length, v: 1, ...later };
  const signature = secretKey.sign(signedOf(operation)).toString('base64url');
  record.entries.push(canonicalize({ operation, signature, time, v: 1 }));
  follow(record);
}

export const appendAsIssuer = (record, party, change, time) => append(record, party, party.method, change, time);
export const appendAsOwner = (record, party, change, time) => append(record, party, party.multikey, change, time);

// A new version of a document: its commitment. Each version has a key of its own.
export function keepVersion(record, value) {
  const version = { key: randomBytes(32), mediaType: MEDIA_TYPE, value };
  record.versions.push(version);
  return commitmentTo(version);
}

const commitmentTo = ({ key, mediaType, value }) => commitmentToValue(key, mediaType, value).toString('base64');

// The commitment to a document as each version of a record would have it, those of the record alone.
export function commitmentsTo(record, value) {
  return record.versions.map((version) => commitmentTo({ ...version, value }));
}
