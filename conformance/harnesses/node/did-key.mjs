// did:key: the document of a DID that is its own key.
import { SIGNING } from './did.mjs';
import { readMultikey } from './keys.mjs';

export function resolveDidKey(did) {
  const multikey = did.slice('did:key:'.length);
  const { keyType } = readMultikey(multikey);
  const id = `${did}#${multikey}`;
  const document = {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [{ id, type: 'Multikey', controller: did, publicKeyMultibase: multikey }],
  };
  for (const relationship of keyType === 'X25519' ? ['keyAgreement'] : SIGNING) document[relationship] = [id];
  return document;
}
