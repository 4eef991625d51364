// Texts of PEM in the strict form of RFC 7468 (figure 3): lines of exactly 64 characters, no explanations around them.
import { decodeBase64 } from './base64.mjs';

const MAX_LENGTH = 4096; // far above any key here

// { label, bytes }, or null. The end of the last line may be missing, as it often is where a PEM text is a JSON string.
export function readPem(text) {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return null;
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  const label = /^-----BEGIN ([A-Z ]+)-----$/.exec(lines[0] ?? '')?.[1];
  if (label === undefined || lines.length < 3 || lines.at(-1) !== `-----END ${label}-----`) return null;
  const body = lines.slice(1, -1);
  const last = body.at(-1);
  if (!body.slice(0, -1).every((line) => line.length === 64) || last.length < 4 || last.length > 64) return null;
  const bytes = decodeBase64(body.join(''));
  return bytes && { label, bytes };
}

export function pem(label, bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g).join('\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
