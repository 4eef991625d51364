// DIDs and DID URLs (DID Core section 3).
import { demand } from './refusal.mjs';

const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const IDCHAR = '(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})';
const DID_URL = new RegExp(`^(did:([a-z0-9]+):(?:${IDCHAR}|:(?=[^/?#]))+)((?:/${PCHAR}*)*)`
  + `(?:\\?((?:${PCHAR}|[/?])*))?(?:#((?:${PCHAR}|[/?])*))?$`);

// In order of DID Core; `keyAgreement` is the one that does not sign.
export const SIGNING = ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation'];
export const RELATIONSHIPS = ['authentication', 'assertionMethod', 'keyAgreement', 'capabilityInvocation', 'capabilityDelegation'];

// null if the text is no DID URL.
export function splitDidUrl(text) {
  const match = typeof text === 'string' && DID_URL.exec(text);
  if (!match) return null;
  const [, did, method, path, query = null, fragment = null] = match;
  return { did, method, path, query, fragment };
}

export function parseDidUrl(text) {
  const parts = splitDidUrl(text);
  demand(parts !== null, 'syntax', 'not a DID URL');
  return parts;
}

export const isDid = (text) => splitDidUrl(text)?.did === text && text !== undefined;

// A DID with a fragment and nothing else, as those who sign name their key: its DID, or null.
export function didOfMethod(url) {
  const parts = splitDidUrl(url);
  return parts !== null && parts.fragment && url === `${parts.did}#${parts.fragment}` ? parts.did : null;
}
