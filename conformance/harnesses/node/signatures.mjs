// Signing with secret keys (secretKeyMultibase) and strict verification, for Ed25519 and for ECDSA on P-256 with SHA-256.
import { createECDH, createHmac, webcrypto } from 'node:crypto';
import { decodeBase58btc, toBigInt, toBytes } from './base58btc.mjs';
import { ED_L, P_N, ed25519Fault, power } from './curve-points.mjs';
import { ED25519, SECRET_CODEC, coordinate, splitCodec } from './keys.mjs';
import { demand } from './refusal.mjs';

const { subtle } = webcrypto;

// A secret key is { keyType, publicKey, sign }.
export async function readSecretKey(text) {
  const bytes = decodeBase58btc(text);
  demand(bytes !== null, 'syntax', 'secret key not multibase base58btc');
  const { code, body } = splitCodec(bytes);
  const keyType = Object.keys(SECRET_CODEC).find((name) => SECRET_CODEC[name] === code);
  demand(keyType !== undefined, 'unsupported', 'another kind of secret key');
  demand(body.length === 32, 'key', 'secret key not 32 bytes');
  if (keyType === ED25519) {
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), body]);
    const handle = await subtle.importKey('pkcs8', pkcs8, ED25519, true, ['sign']);
    const publicKey = { keyType, raw: coordinate((await subtle.exportKey('jwk', handle)).x) };
    return { keyType, publicKey, sign: async (data) => Buffer.from(await subtle.sign(ED25519, handle, data)) };
  }
  const scalar = toBigInt(body);
  demand(scalar > 0n && scalar < P_N, 'key', 'secret key out of range');
  const publicKey = { keyType, raw: multiplyBase(scalar) };
  return { keyType, publicKey, sign: (data) => signP256(scalar, data) };
}

function multiplyBase(scalar) {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(toBytes(scalar, 32));
  return ecdh.getPublicKey();
}

// Deterministic ECDSA (RFC 6979) with SHA-256 and low s. Web Crypto draws its nonce at random, and then runs would not repeat.
// BigInt takes a time that depends on the secret: good enough for test keys, and for nothing else.
async function signP256(secret, data) {
  const digest = toBigInt(await sha256(data)) % P_N;
  const seed = Buffer.concat([toBytes(secret, 32), toBytes(digest, 32)]);
  const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  let [k, v] = [Buffer.alloc(32, 0), Buffer.alloc(32, 1)];
  for (const step of [0, 1]) {
    k = hmac(k, v, Buffer.from([step]), seed);
    v = hmac(k, v);
  }
  for (;;) {
    v = hmac(k, v);
    const nonce = toBigInt(v);
    if (nonce > 0n && nonce < P_N) {
      const r = toBigInt(multiplyBase(nonce).subarray(1, 33)) % P_N;
      const s = (power(nonce, P_N - 2n, P_N) * (digest + r * secret)) % P_N;
      if (r > 0n && s > 0n) return Buffer.concat([toBytes(r, 32), toBytes(s > P_N / 2n ? P_N - s : s, 32)]);
    }
    k = hmac(k, v, Buffer.from([0]));
    v = hmac(k, v);
  }
}

export async function sha256(data) {
  return Buffer.from(await subtle.digest('SHA-256', data));
}

// What no valid signature of this kind has, whatever the key; null if it could be one.
export function signatureFault(keyType, signature) {
  if (signature === null || signature.length !== 64) return 'not 64 bytes in base58btc';
  if (keyType === ED25519) {
    if (toBigInt(Buffer.from(signature.subarray(32)).reverse()) >= ED_L) return 'S not below L';
    const fault = ed25519Fault(signature.subarray(0, 32));
    return fault && `R: ${fault}`;
  }
  const [r, s] = [toBigInt(signature.subarray(0, 32)), toBigInt(signature.subarray(32))];
  if (r === 0n || r >= P_N || s === 0n || s >= P_N) return 'r or s out of range';
  return s > P_N / 2n ? 'high s' : null;
}

// OpenSSL compares R byte for byte with S·B − k·A, which is the equation without cofactor.
export async function verifies({ keyType, raw }, data, signature) {
  const [importAs, verifyAs] = keyType === ED25519
    ? [ED25519, ED25519]
    : [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }];
  const handle = await subtle.importKey('raw', raw, importAs, true, ['verify']);
  return subtle.verify(verifyAs, handle, signature, data);
}
