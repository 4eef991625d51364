// The multibase encodings that keys in DID documents come in: z, u, m (with or without padding), f and F.
import { decodeBase58btc } from './base58btc.mjs';
import { decodeBase64, decodeBase64url } from './base64.mjs';

const padded = (text) => (/=/.test(text) ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '='));
const hex = (text, form) => (form.test(text) ? Buffer.from(text, 'hex') : null);

// null if the text is in none of them.
export function decodeMultibase(text) {
  if (typeof text !== 'string') return null;
  const rest = text.slice(1);
  switch (text[0]) {
    case 'z': return decodeBase58btc(text);
    case 'u': return decodeBase64url(rest);
    case 'm': return decodeBase64(padded(rest));
    case 'f': return hex(rest, /^(?:[0-9a-f]{2})+$/);
    case 'F': return hex(rest, /^(?:[0-9A-F]{2})+$/);
    default: return null;
  }
}
