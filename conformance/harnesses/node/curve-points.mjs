// Points of Ed25519 and P-256: the checks on encodings that crypto libraries leave out.
import { toBigInt, toBytes } from './base58btc.mjs';

const mod = (a, m) => ((a % m) + m) % m;

export function power(base, exponent, m) {
  let result = 1n;
  for (let b = mod(base, m), e = exponent; e > 0n; e >>= 1n, b = (b * b) % m) if (e & 1n) result = (result * b) % m;
  return result;
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
  return power(u * v, (ED_P - 1n) / 2n, ED_P) === 1n ? null : 'not on the curve';
}

const P_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
export const P_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

// The full point (0x04 || x || y) of a compressed one; null if there is none.
export function decompress(bytes) {
  const x = toBigInt(bytes.subarray(1));
  if (bytes.length !== 33 || (bytes[0] !== 2 && bytes[0] !== 3) || x >= P_P) return null;
  const square = mod(x * x * x - 3n * x + P_B, P_P);
  const root = power(square, (P_P + 1n) / 4n, P_P);
  if ((root * root) % P_P !== square) return null;
  const y = (root & 1n) === BigInt(bytes[0] & 1) ? root : P_P - root;
  return Buffer.concat([Buffer.from([4]), bytes.subarray(1), toBytes(y, 32)]);
}
