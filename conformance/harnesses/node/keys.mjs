// Public keys in their notations, Multikey and JWK, checked while they are read.
// A key is { keyType, raw }, raw being the 32 bytes of Ed25519 or the full 65 of P-256.
import { base58btc, decodeBase58btc } from './base58btc.mjs';
import { decompress, ed25519Fault } from './curve-points.mjs';
import { Refusal, demand } from './refusal.mjs';
import { isObject } from './strict-json.mjs';

export const ED25519 = 'Ed25519';
export const P256 = 'P-256';
const CODEC = { [ED25519]: 0xed, [P256]: 0x1200 };
export const SECRET_CODEC = { [ED25519]: 0x1300, [P256]: 0x1306 };

// base64url without padding of exactly 32 bytes, in its only canonical spelling; null otherwise.
export function coordinate(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

// The multicodec header is an unsigned varint, which has to be the shortest one.
export function splitCodec(bytes) {
  let code = 0;
  for (let i = 0; i < Math.min(bytes.length, 4); i++) {
    code += (bytes[i] & 0x7f) * 128 ** i;
    if (bytes[i] >= 0x80) continue;
    demand(i === 0 || bytes[i] !== 0, 'key', 'multicodec header not canonical');
    return { code, body: bytes.subarray(i + 1) };
  }
  throw new Refusal('key', 'malformed multicodec header');
}

function checkedKey(keyType, bytes) {
  if (keyType === ED25519) {
    demand(bytes.length === 32, 'key', 'Ed25519 key not 32 bytes');
    const fault = ed25519Fault(bytes);
    demand(fault === null, 'key', fault);
    return { keyType, raw: bytes };
  }
  const raw = decompress(bytes);
  demand(raw !== null, 'key', 'not a compressed point of P-256');
  return { keyType, raw };
}

export function readMultikey(text) {
  const bytes = decodeBase58btc(text);
  demand(bytes !== null, 'key', 'not multibase base58btc');
  const { code, body } = splitCodec(bytes);
  demand(!Object.values(SECRET_CODEC).includes(code), 'key', 'this is a secret key');
  const keyType = Object.keys(CODEC).find((name) => CODEC[name] === code);
  demand(keyType !== undefined, 'unsupported', `multicodec 0x${code.toString(16)}`);
  return checkedKey(keyType, body);
}

const JWK_KINDS = [
  { keyType: ED25519, kty: 'OKP', crv: 'Ed25519', algs: ['EdDSA', 'Ed25519'] },
  { keyType: P256, kty: 'EC', crv: 'P-256', algs: ['ES256'] },
];
const JWK_PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

// RFC 7517 section 4.3: different strings. A public key must be allowed to verify.
function isOperations(value) {
  return Array.isArray(value) && value.every((o) => typeof o === 'string')
    && new Set(value).size === value.length && value.includes('verify');
}

export function readJwk(jwk) {
  demand(isObject(jwk) && typeof jwk.kty === 'string', 'key', 'not a JWK');
  const kind = JWK_KINDS.find(({ kty }) => kty === jwk.kty);
  demand(kind, 'unsupported', `kty ${jwk.kty}`);
  demand(typeof jwk.crv === 'string', 'key', 'crv missing');
  demand(JWK_KINDS.some(({ crv }) => crv === jwk.crv), 'unsupported', `crv ${jwk.crv}`);
  demand(kind.crv === jwk.crv, 'unsupported', 'kty and crv do not fit');
  demand(!JWK_PRIVATE.some((name) => name in jwk), 'key', 'private members');
  demand(!('alg' in jwk) || kind.algs.includes(jwk.alg), 'key', 'alg does not fit');
  demand(!('use' in jwk) || jwk.use === 'sig', 'key', 'use does not fit');
  demand(!('key_ops' in jwk) || isOperations(jwk.key_ops), 'key', 'key_ops do not fit');
  const [x, y] = [coordinate(jwk.x), coordinate(jwk.y)];
  demand(x !== null, 'key', 'x is not 32 bytes in base64url');
  if (kind.keyType === ED25519) return checkedKey(ED25519, x);
  demand(y !== null, 'key', 'y is not 32 bytes in base64url');
  const key = checkedKey(P256, Buffer.concat([Buffer.from([2 | (y[31] & 1)]), x]));
  demand(key.raw.subarray(33).equals(y), 'key', 'not on the curve');
  return key;
}

export function toMultikey({ keyType, raw }) {
  const code = CODEC[keyType];
  const body = keyType === ED25519 ? raw : Buffer.concat([Buffer.from([2 | (raw[64] & 1)]), raw.subarray(1, 33)]);
  return base58btc(Buffer.concat([Buffer.from([(code & 0x7f) | 0x80, code >> 7]), body]));
}

export function toJwk({ keyType, raw }) {
  const part = (from, to) => Buffer.from(raw.subarray(from, to)).toString('base64url');
  if (keyType === ED25519) return { kty: 'OKP', crv: 'Ed25519', x: part(0, 32) };
  return { kty: 'EC', crv: 'P-256', x: part(1, 33), y: part(33, 65) };
}
