// What looks like personal data in texts that a ledger would keep for ever: numbers that Korea gives to people, telephone
// numbers, e-mail addresses, and everything in which such things could hide.
import { isTime } from './date-time-stamp.mjs';
import { readDidDocument } from './did-document.mjs';
import { demand } from './refusal.mjs';
import { isObject } from './strict-json.mjs';
import { isUri } from './uri.mjs';

// Percent-escapes undone until none is left, in one pass: what an escape gives may be the end of another.
function unescaped(text) {
  const out = [];
  for (const unit of text) {
    out.push(unit);
    while (out.length >= 3 && out.at(-3) === '%' && /^[0-9A-Fa-f]$/.test(out.at(-2)) && /^[0-9A-Fa-f]$/.test(out.at(-1))) {
      const [, high, low] = out.splice(-3);
      out.push(String.fromCharCode(parseInt(high + low, 16)));
    }
  }
  return out.join('');
}

const CENTURY = { 9: 1800, 0: 1800, 1: 1900, 2: 1900, 5: 1900, 6: 1900, 3: 2000, 4: 2000, 7: 2000, 8: 2000 };
const WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

// `groups`: how the 13 digits are written.
function isResidentNumber(digits, groups) {
  if (digits.length !== 13) return false;
  const year = CENTURY[digits[6]] + Number(digits.slice(0, 2));
  if (!isTime(`${year}-${digits.slice(2, 4)}-${digits.slice(4, 6)}T00:00:00Z`)) return false;
  if ('5678'.includes(digits[6])) return true; // of a foreigner: given at any age, so that the date says nothing
  if (groups.length === 2 && groups[0].length === 6) return true;
  if (year * 100 + Number(digits.slice(2, 4)) >= 202010) return true;
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  return (11 - (sum % 11)) % 10 === Number(digits[12]);
}

function isLicence(groups) {
  const [region] = groups;
  return groups.map((group) => group.length).join() === '2,2,6,2' && ((region >= '11' && region <= '26') || region === '28');
}

const MOBILE = /^(?:010[0-9]{8}|01[16789][0-9]{7,8})$/;
const MOBILE_ABROAD = /^820?(?:10[0-9]{8}|1[16789][0-9]{7,8})$/;
const MAX_DIGITS = 14;

function holdsNumber(text) {
  // Words of letters and digits; `before` is what stands between a word and the one before it.
  const words = [...text.matchAll(/([^A-Za-z0-9]*)([A-Za-z0-9]+)/g)].map(([, before, word]) => ({ before, word }));
  const isDigits = (i) => i < words.length && /^[0-9]+$/.test(words[i].word);
  for (let i = 0; i < words.length; i++) {
    const { before, word } = words[i];
    if (/^[MSRGOD][0-9]{3}[A-Z][0-9]{4}$/i.test(word)) return 'passport number';
    const letter = /^[MSRGOD](?=[0-9]+$)/i.test(word);
    if (!letter && !isDigits(i)) continue;
    const groups = [];
    let digits = letter ? word.slice(1) : '';
    if (letter && digits.length === 8) return 'passport number';
    for (let j = letter ? i + 1 : i; isDigits(j) && digits.length + words[j].word.length <= MAX_DIGITS; j++) {
      groups.push(words[j].word);
      digits += words[j].word;
      if (letter && digits.length === 8) return 'passport number';
      if (letter) continue;
      if (isResidentNumber(digits, groups)) return 'resident number';
      if (isLicence(groups)) return 'driver\'s licence';
      if (MOBILE.test(digits) || (/\+\(?$/.test(before) && MOBILE_ABROAD.test(digits))) return 'telephone number';
    }
  }
  return null;
}

const TELEPHONE = /(?<![A-Za-z0-9])(?:tel|sms):[^A-Za-z0-9]*[0-9]/i;
const E_MAIL = /[A-Za-z0-9!#$%&'*+=?^_`{|}~.-]@(?:[A-Za-z0-9-]+\.)+[A-Za-z]/;

// What kind of personal data a text holds, or null.
export function personalDataIn(text) {
  for (const form of new Set([text, unescaped(text)])) {
    if (!/^[!-~]*$/.test(form)) return 'something other than printable ASCII';
    if (TELEPHONE.test(form)) return 'telephone number';
    if (E_MAIL.test(form)) return 'e-mail address';
    const number = holdsNumber(form);
    if (number !== null) return number;
  }
  return null;
}

const KEY = ['publicKeyJwk', 'publicKeyMultibase', 'publicKeyBase58', 'publicKeyHex', 'publicKeyPem'];
const DID_CORE = new Set([
  '@context', 'id', 'alsoKnownAs', 'controller', 'verificationMethod', 'authentication', 'assertionMethod', 'keyAgreement',
  'capabilityInvocation', 'capabilityDelegation', 'service', 'type', 'serviceEndpoint', 'publicKey', 'expires', 'revoked', ...KEY,
]);
const JWK = new Set(['kty', 'crv', 'x', 'y', 'n', 'e', 'alg', 'use', 'key_ops', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256']);

// `free`: in a member that nobody knows, where every text has to be something else than words.
function checkValue(value, free, known) {
  if (typeof value === 'string' || typeof value === 'number') {
    const found = personalDataIn(String(value));
    demand(found === null, 'personalData', found);
    demand(!free || typeof value === 'number' || isUri(value) || isTime(value), 'personalData', 'free text');
  } else if (Array.isArray(value)) {
    for (const entry of value) checkValue(entry, free, known);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      const found = personalDataIn(name);
      demand(found === null, 'personalData', found);
      checkValue(value[name], free || !known.has(name), name === 'publicKeyJwk' ? JWK : known);
    }
  }
}

export function checkPersonalData(text) {
  checkValue(readDidDocument(text, { contextOptional: true }).json, false, DID_CORE);
}
