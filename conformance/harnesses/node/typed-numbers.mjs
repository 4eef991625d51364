// Numbers that people type: Crockford's base 32 with a check character (docs/kbtf-history.md section 8,
// docs/kbtf-authenticity.md section 11).
import { demand } from './refusal.mjs';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MAX_LENGTH = 54;
const CHECKS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

// ISO/IEC 7064 MOD 37,36.
function checkCharacter(text) {
  let product = 36;
  for (const character of text) product = (((product + CHECKS.indexOf(character)) % 36 || 36) * 2) % 37;
  return CHECKS[(37 - product) % 36];
}

// The number in its one form, without hyphens. In the place of the check character I, L and O are themselves.
export function readTyped(text, count) {
  const length = count + 1;
  syntax(text.length <= MAX_LENGTH, 'too many characters');
  const typed = text.replace(/[ -]/g, '');
  syntax(typed.length === length && /^[0-9A-Za-z]*$/.test(typed), `not ${length} letters and digits`);
  const digits = typed.slice(0, count).toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
  const check = typed.slice(count).toUpperCase();
  syntax(!digits.includes('U'), 'a letter that is no digit');
  syntax(checkCharacter(digits) === check, 'another check character');
  return digits + check;
}

export const valueOf = (digits) => [...digits].reduce((sum, digit) => sum * 32n + BigInt(DIGITS.indexOf(digit)), 0n);

export const inDigits = (value, count) => Array.from({ length: count }, (_, i) => (
  DIGITS[Number((value >> BigInt(5 * (count - 1 - i))) & 31n)])).join('');

export const withCheck = (digits) => digits + checkCharacter(digits);

// In groups of so many, with hyphens between them.
export const grouped = (number, size) => number.match(new RegExp(`.{1,${size}}`, 'g')).join('-');
