// The key of a verification method, of today's types and of those that older documents have.
import { decodeBase58btc } from './base58btc.mjs';
import { compress, readUncompressed } from './curve-points.mjs';
import { readJwk } from './jwk.mjs';
import { readBase58, readBody, readMultikey } from './keys.mjs';
import { decodeMultibase } from './multibase.mjs';
import { Refusal, demand } from './refusal.mjs';
import { readPemKey } from './spki.mjs';

// The bytes behind the header of a Multikey, or an uncompressed point of 65 bytes.
function readBytes(keyType, bytes) {
  demand(bytes !== null, 'key', 'not in this encoding');
  if (bytes.length !== 65) return readBody(keyType, bytes);
  const point = readUncompressed(keyType, bytes);
  demand(point !== null, 'key', 'not a point of the curve');
  return readBody(keyType, compress(point));
}

function readHex(keyType, text) {
  const digits = typeof text === 'string' && /^(?:0x)?((?:[0-9A-Fa-f]{2}){32,65})$/.exec(text);
  return readBytes(keyType, digits ? Buffer.from(digits[1], 'hex') : null);
}

// A Multikey of a point has 35 bytes, which no bare key has.
const hasHeader = (text) => [34, 35].includes(decodeBase58btc(text)?.length);

function readMultibase(keyType, text, warn) {
  if (hasHeader(text)) return readMultikey(text);
  const key = readBytes(keyType, typeof text === 'string' && text.length <= 200 ? decodeMultibase(text) : null);
  warn('did/legacy-headerless-multibase-key');
  return key;
}

function warned(warning, read) {
  return (keyType, value, warn) => {
    const key = read(keyType, value);
    warn(warning);
    return key;
  };
}

const jwk = { publicKeyJwk: (_, value) => readJwk(value) };
const multikey = { publicKeyMultibase: (_, value) => readMultikey(value) };
const multibase = { publicKeyMultibase: readMultibase };
const base58 = { publicKeyBase58: warned('did/legacy-base58-key', readBase58) };
const hex = { publicKeyHex: warned('did/legacy-hex-key', readHex) };
const pem = { publicKeyPem: warned('did/legacy-pem-key', (_, value) => readPemKey(value)) };

// Each type with its kind of key (null: any) and the members that may hold it.
const TODAY = new Map([['Multikey', [null, multikey]], ['JsonWebKey', [null, jwk]]]);
const LEGACY = new Map(Object.entries({
  JsonWebKey2020: [null, jwk],
  JwsVerificationKey2020: [null, jwk],
  Ed25519VerificationKey2018: ['Ed25519', { ...base58, ...jwk }],
  Ed25519VerificationKey2020: ['Ed25519', multikey],
  X25519KeyAgreementKey2019: ['X25519', { ...base58, ...jwk }],
  X25519KeyAgreementKey2020: ['X25519', multikey],
  EcdsaSecp256k1VerificationKey2019: ['secp256k1', { ...base58, ...jwk, ...hex, ...multibase }],
  Secp256k1VerificationKey2018: ['secp256k1', { ...base58, ...jwk, ...hex, ...multibase, ...pem }],
  EcdsaSecp256r1VerificationKey2019: ['P-256', { ...multibase, ...base58, ...jwk, ...pem }],
  Secp256r1VerificationKey2018: ['P-256', { ...base58, ...jwk, ...hex, ...multibase, ...pem }],
  P256Key2021: ['P-256', { ...base58, ...multikey }],
  P384Key2021: ['P-384', { ...base58, ...multikey }],
  Secp256k1Key2021: ['secp256k1', { ...base58, ...multikey }],
  RsaVerificationKey2018: ['RSA', { ...pem, ...jwk }],
  EcdsaKoblitzSignature2016: ['secp256k1', pem],
}));

// null if the key cannot be used. `warn` is told of the legacy forms in it.
export function methodKey(method, warn) {
  if (LEGACY.has(method.type)) warn('did/legacy-verification-method-type');
  const [keyType, readers] = TODAY.get(method.type) ?? LEGACY.get(method.type) ?? [null, {}];
  // With a second key in the method it would be unclear which one is meant.
  const members = Object.keys(method).filter((name) => name.startsWith('publicKey'));
  if (members.length !== 1 || !Object.hasOwn(readers, members[0])) return null;
  const noted = [];
  try {
    const key = readers[members[0]](keyType, method[members[0]], (warning) => noted.push(warning));
    if (keyType !== null && key.keyType !== keyType) return null;
    noted.forEach(warn);
    return key;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
