// History numbers and links (docs/kbtf-history.md section 8).
import { toBytes } from './base58btc.mjs';
import { demand } from './refusal.mjs';
import { readTyped, valueOf } from './typed-numbers.mjs';

const LINK = /^https:\/\/([^?#]*)\/objects\/([^/]*)$/s;

// 26 digits for 128 bits, so that the first has only three, and a check character.
export function readHistoryNumber(text) {
  const number = readTyped(text, 26);
  demand(/^[0-7]/.test(number), 'syntax', 'not the digits of 16 bytes');
  return number;
}

// { origin, object } of a link, or of a number alone, which is taken for one of the first of the logs.
export function readLink(text, logs) {
  const [, origin, written] = LINK.exec(text) ?? [];
  const number = readHistoryNumber(written ?? text);
  demand(written === undefined || written === number, 'syntax', 'a link has the number in its one form');
  demand(logs.length > 0 && (origin === undefined || logs.includes(origin)), 'foreign', 'a log that is not known');
  return { origin: origin ?? logs[0], object: toBytes(valueOf(number.slice(0, -1)), 16).toString('hex') };
}
