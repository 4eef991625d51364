// did:jwk: the document of a DID that is a JWK in base64url.
import { decodeBase64url } from './base64.mjs';
import { RELATIONSHIPS, SIGNING } from './did.mjs';
import { readJwk } from './jwk.mjs';
import { Refusal, demand } from './refusal.mjs';
import { isObject, parse } from './strict-json.mjs';

function readIdentifier(identifier) {
  const bytes = decodeBase64url(identifier);
  demand(bytes !== null, 'key', 'not base64url');
  try {
    return parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw error instanceof SyntaxError || error instanceof TypeError ? new Refusal('key', error.message) : error;
  }
}

function relationshipsOf(jwk, keyType) {
  if (jwk.use === 'enc' || keyType === 'X25519') return ['keyAgreement'];
  return jwk.use === 'sig' ? SIGNING : RELATIONSHIPS;
}

export function resolveDidJwk(did) {
  const jwk = readIdentifier(did.slice('did:jwk:'.length));
  demand(isObject(jwk), 'key', 'not an object');
  const { keyType } = readJwk(jwk, { anyUse: true });
  const id = `${did}#0`;
  const document = {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
    id: did,
    verificationMethod: [{ id, type: 'JsonWebKey2020', controller: did, publicKeyJwk: jwk }],
  };
  for (const relationship of relationshipsOf(jwk, keyType)) document[relationship] = [id];
  return document;
}
