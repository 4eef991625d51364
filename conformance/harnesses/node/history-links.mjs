// History numbers and links (docs/kbtf-history.md section 8).
import { toBytes } from './base58btc.mjs';
import { demand } from './refusal.mjs';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHECKS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LINK = /^https:\/\/([^?#]*)\/objects\/([^/]*)$/s;

// ISO/IEC 7064 MOD 37,36.
function checkCharacter(text) {
  let product = 36;
  for (const character of text) product = (((product + CHECKS.indexOf(character)) % 36 || 36) * 2) % 37;
  return CHECKS[(37 - product) % 36];
}

// { number, object } of a number that somebody has typed: the number in its one form, without hyphens.
function readNumber(text) {
  const [, digits, check] = /^([0-9A-Za-z]{26})([0-9A-Za-z])$/.exec(text.replace(/[ -]/g, '')) ?? [];
  demand(digits !== undefined, 'syntax', 'not 27 letters and digits');
  const first = digits.toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
  demand(/^[0-7]/.test(first) && !first.includes('U'), 'syntax', 'not the digits of 16 bytes');
  demand(checkCharacter(first) === check.toUpperCase(), 'syntax', 'another check character');
  const value = [...first].reduce((sum, digit) => sum * 32n + BigInt(DIGITS.indexOf(digit)), 0n);
  return { number: `${first}${check.toUpperCase()}`, object: toBytes(value, 16).toString('hex') };
}

// { origin, object } of a link, or of a number alone, which is taken for one of the first of the logs.
export function readLink(text, logs) {
  const [, origin, written] = LINK.exec(text) ?? [];
  const { number, object } = readNumber(written ?? text);
  demand(written === undefined || written === number, 'syntax', 'a link has the number in its one form');
  demand(logs.length > 0 && (origin === undefined || logs.includes(origin)), 'foreign', 'a log that is not known');
  return { origin: origin ?? logs[0], object };
}
