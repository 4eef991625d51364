// Multibase base58btc ("z…"), and bytes as numbers.

const MAX_LENGTH = 2048; // far above any key or signature here; decoding takes quadratic time
export const toBigInt = (bytes) => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
export const toBytes = (number, length) => Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex');
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

export function base58btc(bytes) {
  let out = '';
  for (let rest = toBigInt(bytes); rest > 0n; rest /= 58n) out = ALPHABET[Number(rest % 58n)] + out;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return `z${'1'.repeat(zeros < 0 ? bytes.length : zeros)}${out}`;
}

// null if the text is not multibase base58btc.
export function decodeBase58btc(text) {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !/^z[1-9A-HJ-NP-Za-km-z]+$/.test(text)) return null;
  let number = 0n;
  for (const letter of text.slice(1)) number = number * 58n + BigInt(ALPHABET.indexOf(letter));
  const zeros = /^1*/.exec(text.slice(1))[0].length;
  const hex = number === 0n ? '' : number.toString(16);
  return Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')]);
}
