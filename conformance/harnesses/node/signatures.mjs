// Strict verification, for every kind of key that signs. ECDSA signatures are r || s.
import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import { toBigInt } from './base58btc.mjs';
import { CURVES, ED_L, ed25519Fault } from './curve-points.mjs';
import { toJwk } from './jwk.mjs';

// The algorithms of JOSE, and the kind of key that each is for.
export const ALGORITHMS = {
  EdDSA: { keyType: 'Ed25519', hash: null },
  ES256: { keyType: 'P-256', hash: 'sha256' },
  ES256K: { keyType: 'secp256k1', hash: 'sha256' },
  ES384: { keyType: 'P-384', hash: 'sha384' },
  RS256: { keyType: 'RSA', hash: 'sha256' },
  PS256: { keyType: 'RSA', hash: 'sha256', pss: true },
};

// The algorithm of a key that has only one.
const algorithmOf = (keyType) => Object.keys(ALGORITHMS).find((name) => ALGORITHMS[name].keyType === keyType);

// What a header names, as options of `verifies`; null if it is none of them. Without low s, ES256K has two signatures of
// everything, which those who use it rely on not to be.
export function joseAlgorithm(alg) {
  const algorithm = alg === 'Ed25519' ? 'EdDSA' : alg;
  return Object.hasOwn(ALGORITHMS, algorithm ?? '') ? { algorithm, highS: algorithm !== 'ES256K' } : null;
}

export const sha256 = (data) => createHash('sha256').update(data).digest();

// What no valid signature of this kind has, whatever the key; null if it could be one. Not for RSA.
export function signatureFault(keyType, signature, { highS = false } = {}) {
  if (keyType === 'Ed25519') {
    if (signature?.length !== 64) return 'not 64 bytes';
    if (toBigInt(Buffer.from(signature.subarray(32)).reverse()) >= ED_L) return 'S not below L';
    const fault = ed25519Fault(signature.subarray(0, 32));
    return fault && `R: ${fault}`;
  }
  const { size, n } = CURVES[keyType];
  if (signature?.length !== 2 * size) return `not ${2 * size} bytes`;
  const [r, s] = [toBigInt(signature.subarray(0, size)), toBigInt(signature.subarray(size))];
  if (r === 0n || r >= n || s === 0n || s >= n) return 'r or s out of range';
  return s > n / 2n && !highS ? 'high s' : null;
}

// Without an algorithm it is the one of the key. OpenSSL compares R of Ed25519 byte for byte with S·B − k·A, which is
// the equation without cofactor.
export function verifies(key, data, signature, { algorithm = algorithmOf(key.keyType), highS = false } = {}) {
  const { keyType, hash, pss } = ALGORITHMS[algorithm];
  if (keyType !== key.keyType) return false;
  if (keyType === 'RSA' ? signature.length !== key.parts.n.length : signatureFault(keyType, signature, { highS }) !== null) return false;
  const options = { key: createPublicKey({ key: toJwk(key), format: 'jwk' }) };
  if (keyType in CURVES) options.dsaEncoding = 'ieee-p1363';
  if (keyType === 'RSA') options.padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  if (pss) options.saltLength = 32;
  return verify(hash, data, options, signature);
}
