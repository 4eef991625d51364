// Base45 (RFC 9285): two bytes as three letters, of a last single byte two.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

// null if the text is not base45 of any bytes.
export function decodeBase45(text) {
  const digits = [...text].map((letter) => ALPHABET.indexOf(letter));
  if (digits.includes(-1) || digits.length % 3 === 1) return null;
  const out = [];
  for (let i = 0; i < digits.length; i += 3) {
    const [low, middle, high = 0] = digits.slice(i, i + 3);
    const isPair = i + 2 < digits.length;
    const number = low + 45 * middle + 2025 * high;
    if (number > (isPair ? 0xffff : 0xff)) return null;
    if (isPair) out.push(number >> 8);
    out.push(number & 0xff);
  }
  return Buffer.from(out);
}
