// Points of Ed25519, X25519 and the curves of ECDSA: the checks on encodings that crypto libraries leave out.
import { toBigInt, toBytes } from './base58btc.mjs';

const mod = (a, m) => ((a % m) + m) % m;

export function power(base, exponent, m) {
  let result = 1n;
  for (let b = mod(base, m), e = exponent; e > 0n; e >>= 1n, b = (b * b) % m) if (e & 1n) result = (result * b) % m;
  return result;
}

// Is a number a square modulo an odd prime? The Jacobi symbol, which is some times faster than Euler's criterion.
function isSquare(number, prime) {
  let [a, n, symbol] = [mod(number, prime), prime, 1];
  while (a !== 0n) {
    for (; (a & 1n) === 0n; a >>= 1n) if ((n & 7n) === 3n || (n & 7n) === 5n) symbol = -symbol;
    if ((a & 3n) === 3n && (n & 3n) === 3n) symbol = -symbol;
    [a, n] = [n % a, a];
  }
  return n !== 1n || symbol === 1; // zero is its own root
}

const ED_P = 2n ** 255n - 19n;
export const ED_L = 2n ** 252n + 27742317777372353535851937790883648493n;
const ED_D = mod(-121665n * power(121666n, ED_P - 2n, ED_P), ED_P);
// y of the points of order 1, 2, 4 and 8. A point's sign bit does not change its order, so y alone tells.
const ED_Y8 = toBigInt(Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex').reverse());
const ED_SMALL = new Set([0n, 1n, ED_P - 1n, ED_Y8, ED_P - ED_Y8]);

// What is wrong with the encoding of a point of Ed25519, or null. OpenSSL takes all of this.
export function ed25519Fault(bytes) {
  const y = toBigInt(Buffer.from(bytes).reverse()) & (2n ** 255n - 1n);
  if (y >= ED_P) return 'y not canonical';
  if (ED_SMALL.has(y)) return 'point of small order';
  const [u, v] = [y * y - 1n, ED_D * y * y + 1n]; // x² = u / v, which is a square exactly if u·v is one
  return isSquare(u * v, ED_P) ? null : 'not on the curve';
}

// u of the points of small order on Curve25519 and its twist: with them every shared secret is zero.
const X_SMALL = new Set([
  0n, 1n, ED_P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

// Every u is one of the curve or of its twist (RFC 7748), so there is nothing more to check.
export function x25519Fault(bytes) {
  const u = toBigInt(Buffer.from(bytes).reverse());
  if (u >= ED_P) return 'u not canonical';
  return X_SMALL.has(u) ? 'point of small order' : null;
}

// y² = x³ + ax + b modulo p, with n points. In each p is 3 modulo 4, so that a power is the root.
export const CURVES = {
  'P-256': {
    size: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    a: -3n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  secp256k1: {
    size: 32,
    p: 2n ** 256n - 2n ** 32n - 977n,
    a: 0n,
    b: 7n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  },
  'P-384': {
    size: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    a: -3n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
};

const square = ({ p, a, b }, x) => mod(x * x * x + a * x + b, p);

// A point is { x, y }, both as bytes. All readers answer null if there is no such point.
export function pointOf(curve, x, y) {
  const { size, p } = CURVES[curve];
  if (x.length !== size || y.length !== size) return null;
  const [left, right] = [toBigInt(x), toBigInt(y)];
  return left < p && right < p && (right * right) % p === square(CURVES[curve], left) ? { x, y } : null;
}

// Whether there is a point is found out at once; y itself takes long, and most keys are only compared.
export function decompress(curve, bytes) {
  const { size, p } = CURVES[curve];
  if (bytes.length !== size + 1 || (bytes[0] !== 2 && bytes[0] !== 3)) return null;
  const x = toBigInt(bytes.subarray(1));
  if (x >= p || !isSquare(square(CURVES[curve], x), p)) return null;
  return {
    x: bytes.subarray(1),
    get y() {
      const root = power(square(CURVES[curve], x), (p + 1n) / 4n, p);
      return toBytes((root & 1n) === BigInt(bytes[0] & 1) ? root : p - root, size);
    },
  };
}

export function readUncompressed(curve, bytes) {
  const { size } = CURVES[curve];
  if (bytes.length !== 2 * size + 1 || bytes[0] !== 4) return null;
  return pointOf(curve, bytes.subarray(1, size + 1), bytes.subarray(size + 1));
}

export const compress = ({ x, y }) => Buffer.concat([Buffer.from([2 | (y.at(-1) & 1)]), x]);
export const uncompressed = ({ x, y }) => Buffer.concat([Buffer.from([4]), x, y]);
