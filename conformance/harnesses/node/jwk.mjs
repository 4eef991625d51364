// Public keys as JSON Web Keys (RFC 7517, RFC 7518, RFC 8037, RFC 8812) and their thumbprints (RFC 7638).
import { createHash } from 'node:crypto';
import { decodeBase64url } from './base64.mjs';
import { pointOf } from './curve-points.mjs';
import { ecKey, readBody, rsaKey } from './keys.mjs';
import { demand } from './refusal.mjs';
import { canonicalize, isObject } from './strict-json.mjs';

const KINDS = [
  { keyType: 'Ed25519', kty: 'OKP', crv: 'Ed25519', algs: ['EdDSA', 'Ed25519'] },
  { keyType: 'X25519', kty: 'OKP', crv: 'X25519', agrees: true },
  { keyType: 'P-256', kty: 'EC', crv: 'P-256', algs: ['ES256'] },
  { keyType: 'secp256k1', kty: 'EC', crv: 'secp256k1', algs: ['ES256K'] },
  { keyType: 'P-384', kty: 'EC', crv: 'P-384', algs: ['ES384'] },
  { keyType: 'RSA', kty: 'RSA', algs: ['RS256', 'PS256'] },
];
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export const hasPrivateMember = (jwk) => PRIVATE.some((name) => name in jwk);

function kindOf(jwk) {
  demand(isObject(jwk) && typeof jwk.kty === 'string', 'key', 'not a JWK');
  const ofType = KINDS.filter(({ kty }) => kty === jwk.kty);
  demand(ofType.length > 0, 'unsupported', `kty ${jwk.kty}`);
  if (jwk.kty === 'RSA') {
    demand(!KINDS.some(({ crv }) => crv !== undefined && crv === jwk.crv), 'unsupported', 'RSA with a curve');
    return ofType[0];
  }
  demand(typeof jwk.crv === 'string', 'key', 'crv missing');
  const kind = ofType.find(({ crv }) => crv === jwk.crv);
  demand(kind, 'unsupported', `kty ${jwk.kty} with crv ${jwk.crv}`);
  return kind;
}

// RFC 7517 section 4.3: different strings. A key that signs must be allowed to verify.
function operationsFit(value, agrees) {
  if (!Array.isArray(value) || !value.every((o) => typeof o === 'string') || new Set(value).size !== value.length) return false;
  return agrees ? value.every((o) => o === 'deriveKey' || o === 'deriveBits') : value.includes('verify');
}

function checkUse(jwk, { algs, agrees = false }, anyUse) {
  const algFits = (alg) => (agrees ? typeof alg === 'string' && alg.startsWith('ECDH-ES') : algs.includes(alg));
  demand(!('alg' in jwk) || algFits(jwk.alg), 'key', 'alg does not fit');
  demand(!('use' in jwk) || jwk.use === (agrees ? 'enc' : 'sig') || (anyUse && jwk.use === 'enc'), 'key', 'use does not fit');
  demand(!('key_ops' in jwk) || operationsFit(jwk.key_ops, agrees), 'key', 'key_ops do not fit');
}

// `anyUse`: a key that signs may say that it is for encryption (did:jwk leaves it out of the other relationships then).
export function readJwk(jwk, { anyUse = false } = {}) {
  const kind = kindOf(jwk);
  demand(!hasPrivateMember(jwk), 'key', 'private members');
  checkUse(jwk, kind, anyUse);
  const part = (name) => {
    const bytes = decodeBase64url(jwk[name]);
    demand(bytes !== null, 'key', `${name} is not base64url`);
    return bytes;
  };
  if (kind.kty === 'RSA') {
    const [n, e] = [part('n'), part('e')];
    demand(n.length <= 512 && e.length <= 8, 'key', 'RSA key too long');
    return rsaKey(n, e);
  }
  if (kind.kty === 'OKP') return readBody(kind.keyType, part('x'));
  const point = pointOf(kind.keyType, part('x'), part('y'));
  demand(point !== null, 'key', 'not a point of the curve');
  return ecKey(kind.keyType, point);
}

export function toJwk({ keyType, parts }) {
  const { kty, crv } = KINDS.find((kind) => kind.keyType === keyType);
  const encoded = Object.entries(parts).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64url')]);
  return { kty, ...(crv && { crv }), ...Object.fromEntries(encoded) };
}

// toJwk has no more than the members that RFC 7638 hashes, and its order is that of RFC 8785.
export function thumbprint(key) {
  return createHash('sha256').update(canonicalize(toJwk(key))).digest('base64url');
}
