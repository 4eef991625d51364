// Public keys in DER: SubjectPublicKeyInfo (RFC 5480, RFC 8410, RFC 8017 for RSA) and RSAPublicKey, and both in PEM.
import { decompress, readUncompressed, uncompressed } from './curve-points.mjs';
import { BIT_STRING, OID, SEQUENCE, der, readElement, readOnly } from './der.mjs';
import { ecKey, readBody } from './keys.mjs';
import { pem, readPem } from './pem.mjs';
import { Refusal, demand } from './refusal.mjs';

const oid = (hex) => der(OID, Buffer.from(hex, 'hex'));
const EC = oid('2a8648ce3d0201');
const NAMED_CURVE = {
  'P-256': oid('2a8648ce3d030107'),
  'P-384': oid('2b81040022'),
  secp256k1: oid('2b8104000a'),
};
// The whole contents of AlgorithmIdentifier: RFC 8410 wants no parameters, RSA wants NULL.
const ALGORITHM = {
  Ed25519: oid('2b6570'),
  X25519: oid('2b656e'),
  RSA: Buffer.concat([oid('2a864886f70d010101'), Buffer.from([5, 0])]),
};
for (const [curve, name] of Object.entries(NAMED_CURVE)) ALGORITHM[curve] = Buffer.concat([EC, name]);

function kindOf(algorithm) {
  const kind = Object.keys(ALGORITHM).find((name) => ALGORITHM[name].equals(algorithm));
  if (kind !== undefined) return kind;
  const first = readElement(algorithm, OID);
  demand(first !== null, 'key', 'no algorithm');
  const name = algorithm.subarray(0, algorithm.length - first.rest.length);
  // A known algorithm with other parameters is a key that is written wrongly, except for a curve with another name.
  const known = Object.values(ALGORITHM).some((whole) => whole.subarray(0, name.length).equals(name));
  demand(!known || (name.equals(EC) && readOnly(first.rest, OID) !== null), 'key', 'parameters of the algorithm');
  throw new Refusal('unsupported', 'another algorithm or curve');
}

export function readSpki(bytes) {
  const contents = readOnly(bytes, SEQUENCE);
  const algorithm = contents && readElement(contents, SEQUENCE);
  const bits = algorithm && readOnly(algorithm.rest, BIT_STRING);
  demand(bits && bits[0] === 0, 'key', 'not a SubjectPublicKeyInfo');
  const keyType = kindOf(algorithm.contents);
  const key = bits.subarray(1);
  if (!(keyType in NAMED_CURVE)) return readBody(keyType, key);
  const point = readUncompressed(keyType, key) ?? decompress(keyType, key); // RFC 5480 allows both
  demand(point !== null, 'key', 'not a point of the curve');
  return ecKey(keyType, point);
}

export function readPemKey(text) {
  const block = readPem(text);
  demand(block !== null, 'key', 'not strict PEM');
  if (block.label === 'RSA PUBLIC KEY') return readBody('RSA', block.bytes);
  demand(block.label === 'PUBLIC KEY', 'key', `PEM with the label ${block.label}`);
  return readSpki(block.bytes);
}

export function toPem({ keyType, body, parts }) {
  const key = keyType in NAMED_CURVE ? uncompressed(parts) : body;
  return pem('PUBLIC KEY', der(SEQUENCE, der(SEQUENCE, ALGORITHM[keyType]), der(BIT_STRING, Buffer.from([0]), key)));
}
