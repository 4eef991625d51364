// What follows on what in a record of a register (docs/kbtf-authenticity.md section 7).
import { isAfter } from './date-time-stamp.mjs';
import { didOfMethod } from './did.mjs';
import { issuerKey } from './issuer-keys.mjs';
import { readMultikey } from './keys.mjs';
import { demand } from './refusal.mjs';
import { verifies } from './signatures.mjs';
import { checkPersonalData, readRecordEntry, recordOf, signedOf } from './register-entries.mjs';

const MAX_VERSIONS = 4096;
const BY_ISSUER = ['register', 'update', 'revoke'];
const BY_OWNER = ['offer', 'withdraw', 'retire'];

// A record from its first entry on. `documentOf` answers the document of an issuer at a time, or throws.
export class RecordChain {
  record = null;
  issuer = null;
  type = null;
  versions = []; // { commitment, from, until }
  commitments = new Set();
  status = 'active';
  owner = null;
  offer = null;
  length = 0;
  last = null; // { time, hash }

  constructor(register, documentOf) {
    this.register = register;
    this.documentOf = documentOf;
  }

  add(text) {
    const entry = readRecordEntry(text);
    checkPersonalData(entry);
    this.checkPlace(entry);
    this.checkWho(entry);
    const key = this.keyOf(entry);
    this.checkChange(entry);
    demand(verifies(key, signedOf(entry.operation), entry.signature), 'signature', 'the signature does not verify');
    this.apply(entry);
  }

  checkPlace({ operation, change, time }) {
    const isFirst = this.last === null;
    const registers = change.kind === 'register';
    demand(operation.register === this.register, 'foreign', 'of another register');
    demand(isFirst || registers || operation.record === this.record, 'foreign', 'of another record');
    demand(!isFirst || registers, 'notCreated', `begins with ${change.kind}`);
    demand(isFirst || !registers, 'replayed', 'registered twice');
    demand(operation.sequence === this.length, 'gap', `number ${operation.sequence} after ${this.length}`);
    demand(operation.previous === this.last?.hash.toString('base64'), 'brokenLink', 'not on the entry before');
    demand(isFirst || !isAfter(this.last.time, time), 'timeBackwards', 'before the entry before');
    demand(this.status === 'active', 'ended', `what is ${this.status}`);
  }

  checkWho({ operation: { by }, change: { kind } }) {
    const may = (condition) => demand(condition, 'notAuthorised', `${kind} by somebody else`);
    if (kind === 'register') may(didOfMethod(by) !== null);
    else if (BY_ISSUER.includes(kind)) may(didOfMethod(by) === this.issuer);
    else if (BY_OWNER.includes(kind)) may(by === this.owner);
    else may(this.offer !== null && by === this.offer.to);
  }

  keyOf({ operation: { by }, change: { kind }, time }) {
    if (!BY_ISSUER.includes(kind)) return readMultikey(by);
    return issuerKey(by, this.documentOf(didOfMethod(by), time), time);
  }

  checkChange({ change, time }) {
    const { kind, commitment, from, until, to } = change;
    const isOver = this.offer !== null && !isAfter(this.offer.until, time);
    if (commitment !== undefined) {
      demand(!this.commitments.has(commitment), 'replayed', 'a version that the record had');
      demand(from === undefined || until === undefined || isAfter(until, from), 'structure', 'never valid');
      demand(this.versions.length < MAX_VERSIONS, 'tooMany', 'versions');
    }
    if (kind === 'offer') {
      demand(to !== this.owner && isAfter(until, time), 'structure', 'to the owner, or over already');
      demand(this.offer === null || isOver, 'structure', 'offered to somebody');
    }
    demand(kind !== 'withdraw' || this.offer !== null, 'notAuthorised', 'nothing is offered');
    if (kind === 'accept') demand(!isOver, 'expired', 'the offer is over');
  }

  apply({ operation, change, time, hash }) {
    const { kind, commitment, from, until, to } = change;
    this.length += 1;
    this.last = { time, hash };
    if (kind === 'register') {
      this.record = recordOf(operation);
      this.issuer = didOfMethod(operation.by);
      this.type = change.type;
      this.owner = change.owner ?? null;
    }
    if (commitment !== undefined) {
      this.commitments.add(commitment);
      this.versions.push({ commitment, from, until });
    }
    if (kind === 'revoke') this.status = 'revoked';
    if (kind === 'retire') this.status = 'retired';
    if (kind === 'accept' || kind === 'retire') this.owner = this.offer !== null && kind === 'accept' ? this.offer.to : null;
    if (kind === 'offer') this.offer = { to, until };
    else if (BY_OWNER.includes(kind) || ['accept', 'reject'].includes(kind)) this.offer = null;
  }

  summary() {
    return {
      record: this.record,
      issuer: this.issuer,
      type: this.type,
      versions: this.versions.length,
      commitment: this.versions.at(-1).commitment,
      status: this.status,
      owner: this.owner,
      head: this.last.hash.toString('base64'),
    };
  }
}
