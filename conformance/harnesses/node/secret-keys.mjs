// Signing with secret keys (secretKeyMultibase): Ed25519, and ECDSA on P-256 and secp256k1.
import { createECDH, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { decodeBase58btc, toBigInt, toBytes } from './base58btc.mjs';
import { CURVES, power, readUncompressed } from './curve-points.mjs';
import { SECRET_CODEC, ecKey, readBody, splitCodec } from './keys.mjs';
import { demand } from './refusal.mjs';
import { sha256 } from './signatures.mjs';

const ECDH_NAME = { 'P-256': 'prime256v1', secp256k1: 'secp256k1' };

// A secret key is { keyType, publicKey, sign }. `reason`: the class for a text that is no key at all.
export function readSecretKey(text, reason = 'syntax') {
  const bytes = decodeBase58btc(text);
  demand(bytes !== null, reason, 'secret key not multibase base58btc');
  const { code, body } = splitCodec(bytes);
  const keyType = Object.keys(SECRET_CODEC).find((name) => SECRET_CODEC[name] === code);
  demand(keyType !== undefined, 'unsupported', 'another kind of secret key');
  demand(body.length === 32, 'key', 'secret key not 32 bytes');
  return keyType === 'Ed25519' ? ed25519(body) : ecdsa(keyType, body);
}

function ed25519(seed) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const handle = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(handle).export({ format: 'jwk' });
  const publicKey = readBody('Ed25519', Buffer.from(x, 'base64url'));
  return { keyType: 'Ed25519', publicKey, sign: (data) => sign(null, data, handle) };
}

function ecdsa(keyType, body) {
  const scalar = toBigInt(body);
  demand(scalar > 0n && scalar < CURVES[keyType].n, 'key', 'secret key out of range');
  const publicKey = ecKey(keyType, multiplyBase(keyType, scalar));
  return { keyType, publicKey, sign: (data) => signEcdsa(keyType, scalar, data) };
}

function multiplyBase(keyType, scalar) {
  const ecdh = createECDH(ECDH_NAME[keyType]);
  ecdh.setPrivateKey(toBytes(scalar, 32));
  return readUncompressed(keyType, ecdh.getPublicKey());
}

// Deterministic ECDSA (RFC 6979) with SHA-256 and low s. Libraries draw the nonce at random, and then runs would not repeat.
// BigInt takes a time that depends on the secret: good enough for test keys, and for nothing else.
function signEcdsa(keyType, secret, data) {
  const { n } = CURVES[keyType];
  const digest = toBigInt(sha256(data)) % n;
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
    if (nonce > 0n && nonce < n) {
      const r = toBigInt(multiplyBase(keyType, nonce).x) % n;
      const s = (power(nonce, n - 2n, n) * (digest + r * secret)) % n;
      if (r > 0n && s > 0n) return Buffer.concat([toBytes(r, 32), toBytes(s > n / 2n ? n - s : s, 32)]);
    }
    k = hmac(k, v, Buffer.from([0]));
    v = hmac(k, v);
  }
}
