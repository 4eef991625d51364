// What a caller knows about DIDs when it verifies credentials: documents (as texts) and deactivations.
import { isAfter } from './date-time-stamp.mjs';
import { didOfMethod, isDid } from './did.mjs';
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
  // `usable` says of a kind of key whether it can be used.
  lookUp(url, now, usable) {
    const did = didOfMethod(url);
    demand(did !== null, 'keyState', 'the verification method is not a DID with a fragment');
    demand(!this.deactivated.includes(did), 'keyState', 'the DID is deactivated');
    const document = this.find(did);
    if (document === undefined) return { did };
    const method = document.methodsById.get(url);
    demand(method !== undefined, 'keyState', 'the document has no such verification method');
    demand(endOf(method, now) === null, 'keyState', `key ${endOf(method, now)}`);
    demand(method.key !== null && usable(method.key.keyType), 'keyState', 'the key cannot be used');
    return {
      did,
      key: method.key,
      controller: method.json.controller,
      allowedFor: (purpose) => document.relationships.get(purpose)?.has(url) ?? false,
    };
  }

  // The same for the only key of a kind that a DID lists for a purpose.
  lookUpOnly(did, purpose, keyType, now) {
    demand(isDid(did), 'keyState', 'there is no DID whose key could be meant');
    const document = this.find(did);
    const fits = ({ id, key }) => key?.keyType === keyType && document.relationships.get(purpose).has(id) && didOfMethod(id) === did;
    const methods = document?.methods.filter(fits) ?? [];
    demand(document === undefined || methods.length === 1, 'keyState', `${methods.length} keys of the kind for ${purpose}`);
    // Without a document any fragment will do.
    return this.lookUp(methods[0]?.id ?? `${did}#0`, now, () => true);
  }
}

// How a method has ended by a time ("expires" or "revoked"), or null.
export function endOf({ json }, now) {
  return ['expires', 'revoked'].find((name) => name in json && !isAfter(json[name], now)) ?? null;
}
