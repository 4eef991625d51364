// SD-JWT (RFC 9901): a token whose claims are disclosed one by one, and the key binding of who shows it.
import { createHash } from 'node:crypto';
import { V2, idOf, readJson } from './data-model.mjs';
import { didOfMethod } from './did.mjs';
import { readJwk } from './jwk.mjs';
import { checkTokenTimes, decodeText, readJws, signatureProblem, signs, tokenSeal } from './jws.mjs';
import { Refusal, demand } from './refusal.mjs';
import { isObject } from './strict-json.mjs';
import { CREDENTIAL, checkClaims } from './tokens.mjs';

const MAX_DISCLOSURES = 1024;
const MAX_DEPTH = 64;
const MAX_AGE = 600;
const HASHES = { 'sha-256': 'sha256', 'sha-384': 'sha384', 'sha-512': 'sha512' };
const RESERVED = ['_sd', '...', '_sd_alg'];
// What must be plain at the top, with all that is in it.
const ALWAYS_PLAIN = ['iss', 'nbf', 'exp', 'cnf', 'status'];
const PLAIN = {
  'dc+sd-jwt': ['vct', 'vct#integrity'],
  'vc+sd-jwt': [
    '@context', 'type', 'issuer', 'validFrom', 'validUntil', 'credentialStatus', 'credentialSchema', 'relatedResource', 'termsOfUse',
  ],
};

const shape = (condition, detail) => demand(condition, 'structure', detail);
const isText = (value) => typeof value === 'string';

function readDisclosure(encoded) {
  const text = decodeText(encoded);
  shape(text !== null, 'a disclosure is not base64url');
  const array = readJson(text);
  shape(Array.isArray(array) && [2, 3].includes(array.length) && array.slice(0, -1).every(isText), 'a disclosure is not an array of two or three');
  return { name: array.length === 3 ? array[1] : null, value: array.at(-1), used: false };
}

// The payload with what is disclosed put in, without places of what is not.
class Opener {
  constructor(encoded, hash, plain) {
    this.plain = plain;
    this.met = new Set();
    this.byDigest = new Map(encoded.map((text) => [hash(text), readDisclosure(text)]));
    shape(this.byDigest.size === encoded.length, 'one disclosure twice');
  }

  // The disclosure for a place of this kind; undefined if there is none. `isPlain`: there must be none.
  take(digest, named, isPlain) {
    shape(isText(digest), 'a digest is not a text');
    shape(!this.met.has(digest), 'one digest twice');
    this.met.add(digest);
    const disclosure = this.byDigest.get(digest);
    shape(!isPlain, 'a place for a disclosure where all must be plain');
    if (disclosure === undefined) return undefined;
    shape((disclosure.name !== null) === named, 'a disclosure in a place of the other kind');
    disclosure.used = true;
    return disclosure;
  }

  open(value, depth, isPlain = false) {
    shape(depth < MAX_DEPTH || !(isObject(value) || Array.isArray(value)), 'nested too deeply');
    if (Array.isArray(value)) return value.flatMap((element) => this.element(element, depth + 1, isPlain));
    return isObject(value) ? this.object(value, depth + 1, isPlain) : value;
  }

  element(element, depth, isPlain) {
    if (!isObject(element) || !('...' in element)) return [this.open(element, depth, isPlain)];
    shape(Object.keys(element).length === 1, 'members beside ...');
    const disclosure = this.take(element['...'], false, isPlain);
    return disclosure === undefined ? [] : [this.open(disclosure.value, depth)];
  }

  object(object, depth, isPlain) {
    const top = depth === 1;
    const { _sd: digests = [], ...members } = object;
    shape(Array.isArray(digests), '_sd is not an array');
    shape(!isPlain || !('_sd' in object), 'a place for disclosures where all must be plain');
    const out = Object.create(null);
    for (const [name, value] of Object.entries(members)) {
      if (name === '_sd_alg' && top) continue;
      shape(!RESERVED.includes(name), `${name} as a name`);
      out[name] = this.open(value, depth, isPlain || (top && this.plain.includes(name)));
    }
    for (const digest of digests) {
      const disclosure = this.take(digest, true, isPlain);
      if (disclosure === undefined) continue;
      const { name, value } = disclosure;
      shape(!RESERVED.includes(name) && !Object.hasOwn(out, name), `${name} as a disclosed name`);
      shape(!top || !this.plain.includes(name), `${name} must not be disclosed`);
      out[name] = this.open(value, depth);
    }
    return out;
  }
}

function readBinding(text) {
  const binding = readJws(text);
  const { payload, typ } = binding;
  shape(typ === 'kb+jwt', 'typ is not kb+jwt');
  shape('iat' in payload && [payload.nonce, payload.aud, payload.sd_hash].every(isText), 'iat, nonce, aud or sd_hash missing');
  return binding;
}

function checkShape({ typ, header }, claims) {
  if (typ === 'vc+sd-jwt') checkClaims(header, claims, CREDENTIAL);
  else shape([claims.vct, claims.iss].every((claim) => isText(claim) && claim !== ''), 'vct or iss missing');
}

// An opened credential (see signed-credentials.mjs) with the key binding, or null, and the hash that it must be of.
// `isPlain`: a dc+sd-jwt, whose claims are no credential of W3C.
export function openSdJwt(text, types) {
  const end = text.lastIndexOf('~') + 1;
  const [token, ...disclosures] = text.slice(0, end).split('~').slice(0, -1);
  shape(end > 0, 'no SD-JWT');
  shape(disclosures.length <= MAX_DISCLOSURES, 'too many disclosures');
  const jws = readJws(token);
  shape(types.includes(jws.typ), 'another typ');
  const { _sd_alg: algorithm = 'sha-256' } = jws.payload;
  shape(isText(algorithm) && Object.hasOwn(HASHES, algorithm), 'another _sd_alg');
  const hash = (data) => createHash(HASHES[algorithm]).update(data).digest('base64url');
  const opener = new Opener(disclosures, hash, [...ALWAYS_PLAIN, ...PLAIN[jws.typ]]);
  const document = opener.open(jws.payload, 0);
  shape([...opener.byDigest.values()].every(({ used }) => used), 'a disclosure whose digest is nowhere');
  checkShape(jws, document);
  const isPlain = jws.typ === 'dc+sd-jwt';
  return {
    document,
    claims: document,
    isPlain,
    version: isPlain ? undefined : V2,
    seals: () => [tokenSeal(jws, isPlain ? document.iss : idOf(document.issuer))],
    binding: end < text.length ? readBinding(text.slice(end)) : null,
    bindingHash: hash(text.slice(0, end)),
  };
}

export function checkBindingTimes({ binding }, { now }) {
  if (binding !== null) checkTokenTimes(binding, now, MAX_AGE);
}

// Whatever is wrong with the holder's key is the class `holder`.
function asHolder(check) {
  try {
    return check();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('holder', error.message) : error;
  }
}

function checkConfirmation(cnf) {
  demand(isObject(cnf) && ('jwk' in cnf) !== ('kid' in cnf), 'holder', 'cnf without an only key');
}

// The holder's key; undefined if its document is missing.
function confirmedKey(cnf, env) {
  checkConfirmation(cnf);
  if ('jwk' in cnf) return readJwk(cnf.jwk);
  const { did, key, controller, allowedFor } = env.documents.lookUp(cnf.kid, env.now, signs);
  if (key === undefined) env.pending.documents.add(did);
  else demand(controller === did && allowedFor('authentication'), 'holder', 'key not listed for authentication');
  return key;
}

// The classes `challenge` to `holder`.
export function checkBinding({ document, binding, bindingHash }, env) {
  if (binding === null) {
    demand(env.keyBinding === 'optional', 'holder', 'no key binding');
    return;
  }
  const { nonce, aud, sd_hash: shownHash } = binding.payload;
  demand(nonce === env.challenge, 'challenge', 'another challenge');
  demand(aud === env.domain, 'domain', 'another domain');
  const problem = asHolder(() => signatureProblem(binding, confirmedKey(document.cnf, env)));
  demand(problem === null, 'holder', problem);
  demand(shownHash === bindingHash, 'holder', 'sd_hash is of something else');
}

// The class `holder` of a token inside a presentation: it is bound to the key in its claim `cnf`, which must be of those that
// signed the presentation. A key whose document is missing may be any.
export function checkBoundTo(cnf, signers) {
  checkConfirmation(cnf);
  if ('kid' in cnf) {
    demand(signers.some(({ did }) => did === didOfMethod(cnf.kid)), 'holder', 'a credential is bound to a key of another DID');
    return;
  }
  const { keyType, body } = asHolder(() => readJwk(cnf.jwk));
  const isBound = ({ key }) => key === undefined || (key.keyType === keyType && Buffer.compare(key.body, body) === 0);
  demand(signers.some(isBound), 'holder', 'a credential is bound to another key');
}
