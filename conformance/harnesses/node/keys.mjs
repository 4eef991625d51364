// Public keys of all kinds, as Multikey and as the bytes in it, checked while they are read.
// A key is { keyType, body, parts }: `body` is what a Multikey has behind its header, `parts` what a JWK has, as bytes:
// { x }, { x, y } or { n, e }.
import { base58btc, decodeBase58btc, toBigInt } from './base58btc.mjs';
import { CURVES, compress, decompress, ed25519Fault, x25519Fault } from './curve-points.mjs';
import { SEQUENCE, der, derInteger, readInteger, readOnly } from './der.mjs';
import { Refusal, demand } from './refusal.mjs';

const CODEC = { Ed25519: 0xed, 'P-256': 0x1200, secp256k1: 0xe7, 'P-384': 0x1201, X25519: 0xec, RSA: 0x1205 };
export const SECRET_CODEC = { Ed25519: 0x1300, 'P-256': 0x1306, secp256k1: 0x1301 };
// All that the multicodec table registers as secret, whether a target signs with it or not.
const isSecretCodec = (code) => code >= 0x1300 && code <= 0x131c && code !== 0x130c && code !== 0x130d;

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

// Is this a secret key with its multicodec header? Short texts that only begin like one are none.
export function isSecretMultikey(bytes) {
  if (bytes === null || bytes.length < 34) return false;
  try {
    return isSecretCodec(splitCodec(bytes).code);
  } catch {
    return false;
  }
}

export function ecKey(keyType, point) {
  return { keyType, body: compress(point), parts: point };
}

// n and e as their shortest bytes.
export function rsaKey(n, e) {
  const [modulus, exponent] = [toBigInt(n), toBigInt(e)];
  const bits = modulus.toString(2).length;
  demand(n.length > 0 && n[0] !== 0 && e.length > 0 && e[0] !== 0, 'key', 'leading zeros');
  demand(bits >= 2048 && bits <= 4096, 'key', `RSA with ${bits} bits`);
  demand((modulus & 1n) === 1n, 'key', 'even modulus');
  demand(exponent >= 65537n && (exponent & 1n) === 1n && exponent < 2n ** 33n, 'key', 'exponent');
  return { keyType: 'RSA', body: der(SEQUENCE, derInteger(n), derInteger(e)), parts: { n, e } };
}

function readRsa(bytes) {
  const contents = bytes.length <= 1024 ? readOnly(bytes, SEQUENCE) : null;
  const n = contents && readInteger(contents);
  const e = n && readInteger(n.rest);
  demand(e && e.rest.length === 0, 'key', 'not an RSAPublicKey in DER');
  return rsaKey(n.number, e.number);
}

// The bytes that a Multikey has behind its header.
export function readBody(keyType, bytes) {
  if (keyType === 'RSA') return readRsa(bytes);
  if (keyType in CURVES) {
    const point = decompress(keyType, bytes);
    demand(point !== null, 'key', `not a compressed point of ${keyType}`);
    return { keyType, body: bytes, parts: point };
  }
  demand(bytes.length === 32, 'key', `${keyType} key not 32 bytes`);
  const fault = keyType === 'Ed25519' ? ed25519Fault(bytes) : x25519Fault(bytes);
  demand(fault === null, 'key', fault);
  return { keyType, body: bytes, parts: { x: bytes } };
}

export function readMultikey(text) {
  const bytes = decodeBase58btc(text);
  demand(bytes !== null, 'key', 'not multibase base58btc');
  const { code, body } = splitCodec(bytes);
  demand(!isSecretCodec(code), 'key', 'this is a secret key');
  const keyType = Object.keys(CODEC).find((name) => CODEC[name] === code);
  demand(keyType !== undefined, 'unsupported', `multicodec 0x${code.toString(16)}`);
  return readBody(keyType, body);
}

// Base58 without the letter of multibase.
export function readBase58(keyType, text) {
  demand(Object.hasOwn(CODEC, keyType), 'unsupported', `kind of key ${keyType}`);
  const bytes = typeof text === 'string' ? decodeBase58btc(`z${text}`) : null;
  demand(bytes !== null, 'key', 'not base58');
  return readBody(keyType, bytes);
}

export function toMultikey({ keyType, body }) {
  const code = CODEC[keyType];
  return base58btc(Buffer.concat([Buffer.from([(code & 0x7f) | 0x80, code >> 7]), body]));
}
