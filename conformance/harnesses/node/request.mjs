// What a request must have. One that is not as the protocol says is an error of the suite, never a refusal.
import { isTime } from './date-time-stamp.mjs';
import { Refusal } from './refusal.mjs';
import { parse } from './strict-json.mjs';

export function need(condition, what) {
  if (!condition) throw new TypeError(`request: ${what}`);
}

export const isText = (value) => typeof value === 'string';
export const isBoolean = (value) => typeof value === 'boolean';
export const isStrings = (value) => Array.isArray(value) && value.every(isText);

export function texts(input, ...names) {
  for (const name of names) need(isText(input[name]), `${name} is not a string`);
  return input;
}

export function optional(value, fallback, test, what) {
  if (value === undefined || value === null) return fallback;
  need(test(value), `${what} is not as expected`);
  return value;
}

export function bytes(input, name) {
  need(isText(input[name]) && /^(?:[0-9A-Fa-f]{2})*$/.test(input[name]), `${name} is not hex`);
  return Buffer.from(input[name], 'hex');
}

export function time(value) {
  need(isTime(value), 'now is not a dateTimeStamp');
  return value;
}

// A text that has no class of its own for what is not strict JSON.
export function strict(text) {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal('syntax', error.message) : error;
  }
}
