// The keys with which an issuer makes assertions.
import { endOf, Documents } from './known-documents.mjs';
import { didOfMethod } from './did.mjs';
import { demand } from './refusal.mjs';

const SIGNS = ['Ed25519', 'P-256', 'P-384', 'secp256k1'];

const isListed = (document, url) => document.relationships.get('assertionMethod').has(url);
const isOwn = ({ id, json }, did) => json.controller === did && didOfMethod(id) === did;

// [{ url, key }] of a did:key, which has no end.
export function assertionKeys(did) {
  const document = new Documents().find(did);
  const isUsable = (method) => method.key !== null && SIGNS.includes(method.key.keyType) && isListed(document, method.id);
  return (document?.methods ?? []).filter(isUsable).map(({ id, key }) => ({ url: id, key }));
}

// The key of a DID URL in the document of its issuer at a time.
export function issuerKey(url, document, time) {
  const method = document.methodsById.get(url);
  demand(method !== undefined && isListed(document, url), 'keyState', 'the document lists no such key for assertions');
  demand(isOwn(method, document.id), 'keyState', 'a key that another controls');
  demand(method.key !== null && SIGNS.includes(method.key.keyType), 'keyState', 'a key that does not sign');
  demand(endOf(method, time) === null, 'keyState', `key ${endOf(method, time)}`);
  return method.key;
}
