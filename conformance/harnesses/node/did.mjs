// DID URLs, did:key, and the search for a verification method in DID documents.
import { isAfter, isTime } from './date-time-stamp.mjs';
import { readJwk, readMultikey } from './keys.mjs';
import { Refusal, demand } from './refusal.mjs';
import { isObject, parse, same } from './strict-json.mjs';

const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const IDCHAR = '(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})';
const DID_URL = new RegExp(`^(did:([a-z0-9]+):(?:${IDCHAR}|:(?=[^/?#]))+)((?:/${PCHAR}*)*)`
  + `(?:\\?((?:${PCHAR}|[/?])*))?(?:#((?:${PCHAR}|[/?])*))?$`);

export function parseDidUrl(text) {
  const match = DID_URL.exec(text);
  demand(match, 'syntax', 'not a DID URL');
  const [, did, method, path, query = null, fragment = null] = match;
  return { did, method, path, query, fragment };
}

export const isDid = (text) => typeof text === 'string' && DID_URL.exec(text)?.[1] === text;

const RELATIONSHIPS = ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation'];

export function resolveDidKey(did) {
  demand(isDid(did), 'syntax', 'not a DID');
  demand(did.startsWith('did:key:'), 'unsupported', 'only did:key');
  const multikey = did.slice('did:key:'.length);
  readMultikey(multikey);
  const id = `${did}#${multikey}`;
  const document = {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [{ id, type: 'Multikey', controller: did, publicKeyMultibase: multikey }],
  };
  for (const relationship of RELATIONSHIPS) document[relationship] = [id];
  return document;
}

// What the caller knows about DIDs: documents (as texts) and deactivations.
export class Documents {
  constructor(texts = {}, deactivated = []) {
    this.deactivated = deactivated;
    this.texts = new Map(Object.entries(texts));
  }

  // undefined if the document is missing. Read only when it is needed: what is wrong with another is nobody's concern.
  find(did) {
    if (did.startsWith('did:key:')) {
      try {
        return resolveDidKey(did);
      } catch (error) {
        throw error instanceof Refusal ? new Refusal('keyState', error.message) : error;
      }
    }
    if (!this.texts.has(did)) return undefined;
    try {
      const document = parse(this.texts.get(did));
      if (!isObject(document) || document.id !== did) throw new SyntaxError('the document of another DID');
      return document;
    } catch (error) {
      throw error instanceof SyntaxError ? new Refusal('keyState', error.message) : error;
    }
  }

  // The key of a DID URL at a time: { did } if the document is missing, else { did, key, controller, allowedFor }.
  lookUp(url, now) {
    let parsed;
    try {
      parsed = parseDidUrl(url);
    } catch {
      throw new Refusal('keyState', 'the verification method is not a DID URL');
    }
    const { did, fragment } = parsed;
    demand(fragment && url === `${did}#${fragment}`, 'keyState', 'the verification method is not a DID with a fragment');
    demand(!this.deactivated.includes(did), 'keyState', 'the DID is deactivated');
    const document = this.find(did);
    if (document === undefined) return { did };

    const list = (name) => (Array.isArray(document[name]) ? document[name] : []);
    const absolute = (id) => (typeof id === 'string' && id.startsWith('#') ? did + id : id); // DID Core 3.2.2
    const embedded = [...RELATIONSHIPS, 'keyAgreement'].flatMap(list);
    const methods = [...list('verificationMethod'), ...embedded].filter((m) => isObject(m) && absolute(m.id) === url);
    demand(methods.length > 0, 'keyState', 'the document has no such verification method');
    const [method] = methods;
    demand(methods.length === 1, 'keyState', 'two verification methods with one id');
    for (const end of ['expires', 'revoked']) {
      if (!(end in method)) continue;
      demand(isTime(method[end]), 'keyState', `${end} is not a dateTimeStamp`);
      demand(isAfter(method[end], now), 'keyState', `key ${end}`);
    }
    return {
      did,
      key: methodKey(method),
      controller: method.controller,
      allowedFor: (purpose) => list(purpose).some((entry) => absolute(isObject(entry) ? entry.id : entry) === url),
    };
  }
}

const METHOD_TYPES = new Map([
  ['Multikey', 'publicKeyMultibase'], ['Ed25519VerificationKey2020', 'publicKeyMultibase'],
  ['JsonWebKey', 'publicKeyJwk'], ['JsonWebKey2020', 'publicKeyJwk'],
]);

function methodKey(method) {
  const member = METHOD_TYPES.get(method.type);
  demand(member !== undefined, 'keyState', 'unknown type of verification method');
  // A second key, or a secret one, in the same method makes it unclear which key is meant.
  const others = Object.keys(method).filter((name) => /^(public|private|secret)Key/.test(name) && name !== member);
  demand(others.length === 0, 'keyState', `unexpected ${others[0]}`);
  let key;
  try {
    key = member === 'publicKeyJwk' ? readJwk(method[member]) : readMultikey(method[member]);
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('keyState', error.message) : error;
  }
  demand(method.type !== 'Ed25519VerificationKey2020' || key.keyType === 'Ed25519', 'keyState', 'key does not fit the type');
  return key;
}
