// What a caller knows about DIDs when it verifies credentials: documents (as texts) and deactivations.
import { hasCryptosuite } from './data-integrity.mjs';
import { isAfter } from './date-time-stamp.mjs';
import { didOfMethod } from './did.mjs';
import { checkDidDocument, readDidDocument } from './did-document.mjs';
import { resolveDidKey } from './did-key.mjs';
import { Refusal, demand } from './refusal.mjs';

export class Documents {
  constructor(texts = {}, deactivated = []) {
    this.deactivated = deactivated;
    this.texts = new Map(Object.entries(texts));
  }

  // undefined if the document is missing. Read only when it is needed: what is wrong with another is nobody's concern.
  find(did) {
    try {
      if (did.startsWith('did:key:')) return checkDidDocument(resolveDidKey(did));
      if (!this.texts.has(did)) return undefined;
      const document = readDidDocument(this.texts.get(did), { contextOptional: true });
      demand(document.id === did, 'keyState', 'the document of another DID');
      return document;
    } catch (error) {
      throw error instanceof Refusal ? new Refusal('keyState', error.message) : error;
    }
  }

  // The key of a DID URL at a time: { did } if the document is missing, else { did, key, controller, allowedFor }.
  lookUp(url, now) {
    const did = didOfMethod(url);
    demand(did !== null, 'keyState', 'the verification method is not a DID with a fragment');
    demand(!this.deactivated.includes(did), 'keyState', 'the DID is deactivated');
    const document = this.find(did);
    if (document === undefined) return { did };
    const method = document.methodsById.get(url);
    demand(method !== undefined, 'keyState', 'the document has no such verification method');
    demand(endOf(method, now) === null, 'keyState', `key ${endOf(method, now)}`);
    demand(method.key !== null && hasCryptosuite(method.key.keyType), 'keyState', 'the key cannot be used');
    return {
      did,
      key: method.key,
      controller: method.json.controller,
      allowedFor: (purpose) => document.relationships.get(purpose)?.has(url) ?? false,
    };
  }
}

// How a method has ended by a time ("expires" or "revoked"), or null.
export function endOf({ json }, now) {
  return ['expires', 'revoked'].find((name) => name in json && !isAfter(json[name], now)) ?? null;
}
