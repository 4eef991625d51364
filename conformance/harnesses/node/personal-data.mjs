// What looks like personal data in texts that a ledger would keep for ever: numbers that Korea gives to people, telephone
// numbers, e-mail addresses, and everything in which such things could hide.
import { isTime } from './date-time-stamp.mjs';
import { readDidDocument } from './did-document.mjs';
import { readMultikey } from './keys.mjs';
import { Refusal, demand } from './refusal.mjs';
import { readPemKey } from './spki.mjs';
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

const CENTURY = { 1: 1900, 2: 1900, 5: 1900, 6: 1900, 3: 2000, 4: 2000, 7: 2000, 8: 2000 };
const WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

// `halved`: the 13 digits are written as 6 and 7.
function isResidentNumber(digits, halved) {
  const year = CENTURY[digits[6]] + Number(digits.slice(0, 2));
  // 29 February of every year: a leap year has it, whatever the number says.
  if (!(year > 0) || !isTime(`2000-${digits.slice(2, 4)}-${digits.slice(4, 6)}T00:00:00Z`)) return false;
  if ('5678'.includes(digits[6])) return true; // of a foreigner: given at any age, so that the date says nothing
  if (halved || year * 100 + Number(digits.slice(2, 4)) >= 202010) return true;
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  return (11 - (sum % 11)) % 10 === Number(digits[12]);
}

const isRegion = (group) => (group >= '11' && group <= '26') || group === '28';

const MOBILE = /^(?:010[0-9]{8}|01[16789][0-9]{7,8})$/;
const MOBILE_ABROAD = /^820?(?:10[0-9]{8}|1[16789][0-9]{7,8})$/;

// Groups of digits with only separators between them. A number may begin and end at any group, but not inside one.
function kindOfGroups(groups, text) {
  const digits = groups.map(({ word }) => word).join('');
  const ends = new Uint8Array(digits.length + 1);
  let at = 0;
  for (const { word } of groups) ends[(at += word.length)] = 1;
  at = 0;
  for (let i = 0; i < groups.length; at += groups[i++].word.length) {
    const { word, index } = groups[i];
    const isLicence = [2, 2, 6, 2].every((length, k) => groups[i + k]?.word.length === length) && isRegion(word);
    if (isLicence) return 'driver\'s licence';
    for (let length = 10; length <= 15; length++) {
      if (ends[at + length] !== 1) continue;
      const number = digits.slice(at, at + length);
      if (length === 13 && isResidentNumber(number, word.length === 6 && groups[i + 1].word.length === 7)) return 'resident number';
      const abroad = /\+\(?$/.test(text.slice(Math.max(0, index - 2), index));
      if (MOBILE.test(number) || /^00/.test(number) && MOBILE_ABROAD.test(number.slice(2)) || (abroad && MOBILE_ABROAD.test(number))) return 'telephone number';
    }
  }
  return null;
}

const PASSPORT = /^[MSRGOD](?:[0-9]{8}|[0-9]{3}[A-Z][0-9]{4})$/i;

// Does a letter with the beginning of a passport number have the rest of it behind separators?
function isSplitPassport({ word }, next) {
  if (!/^[MSRGOD][0-9]{1,7}$/i.test(word)) return false;
  let missing = 9 - word.length;
  for (const { word: digits } of next) missing -= missing > 0 ? digits.length : 0;
  return missing === 0;
}

function holdsNumber(text) {
  const words = [...text.matchAll(/[A-Za-z0-9]+/g)].map(({ 0: word, index }) => ({ word, index }));
  const isDigits = ({ word }) => /^[0-9]+$/.test(word);
  for (let i = 0; i < words.length;) {
    let end = i;
    while (end < words.length && isDigits(words[end])) end++;
    const groups = words.slice(i, end);
    const kind = kindOfGroups(groups, text);
    if (kind !== null) return kind;
    if (PASSPORT.test(words[end]?.word)) return 'passport number';
    if (i > 0 && isSplitPassport(words[i - 1], groups.slice(0, 8))) return 'passport number';
    i = end + 1;
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

const KEY = ['publicKeyMultibase', 'publicKeyBase58', 'publicKeyHex', 'publicKeyPem', 'proofValue'];
// Members in which words may stand.
const WORDS = new Set(['type', 'kty', 'crv', 'x', 'y', 'n', 'e', 'alg', 'use', 'key_ops', 'kid', 'accept', 'proofPurpose', 'cryptosuite', 'versionId', 'priority', ...KEY]);
const READERS = { publicKeyMultibase: readMultikey, publicKeyPem: readPemKey };

function isKey(name, value) {
  try {
    return typeof value === 'string' && Object.hasOwn(READERS, name) && Boolean(READERS[name](value));
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function checkText(text) {
  const found = personalDataIn(text);
  demand(found === null, 'personalData', found);
}

function checkValue(value, name) {
  if (typeof value === 'number') {
    for (const text of [String(value), `0${value}`]) checkText(text);
  } else if (typeof value === 'string') {
    checkText(value);
    demand(WORDS.has(name) || isUri(value) || value.startsWith('#') || isTime(value), 'personalData', 'free text');
  } else if (Array.isArray(value)) {
    for (const entry of value) checkValue(entry, name);
  } else if (isObject(value)) {
    for (const member of Object.keys(value)) {
      checkText(member);
      if (!isKey(member, value[member])) checkValue(value[member], member);
    }
  }
}

export function checkPersonalData(text) {
  checkValue(readDidDocument(text, { contextOptional: true }).json, '');
}
