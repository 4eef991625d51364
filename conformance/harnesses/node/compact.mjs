// Compact forms of credentials and presentations, for codes that are scanned.
import { inflateSync } from 'node:zlib';
import { decodeBase45 } from './base45.mjs';
import { decodeCbor } from './cbor.mjs';
import { asArray } from './data-model.mjs';
import { joinFrames } from './frames.mjs';
import { decodeText } from './jws.mjs';
import { demand } from './refusal.mjs';
import { strict } from './request.mjs';
import { isObject, parse } from './strict-json.mjs';
import { unpack } from './unpacking.mjs';

const PREFIX = 'KV1:';
const MAX_LENGTH = 1024 * 1024;

const inOrder = (condition, detail) => demand(condition, 'syntax', detail);

// JSON text, members in their order.
function jsonText(value) {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  inOrder(!Buffer.isBuffer(value), 'bytes in a JSON object');
  if (!(value instanceof Map)) return JSON.stringify(value);
  return `{${[...value].map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`).join(',')}}`;
}

// The object in a part of a token; null if there is none.
function objectIn(part) {
  const text = decodeText(part);
  try {
    const value = text === null ? null : parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const PRESENTATIONS = ['VerifiablePresentation', 'EnvelopedVerifiablePresentation'];
const isPresentation = ({ type }) => asArray(type).some((name) => PRESENTATIONS.includes(name));

function isPresentationToken(token) {
  const [header, payload] = token.split('.').slice(0, 2).map(objectIn);
  if (header === null || payload === null) return false;
  return ['vp+jwt', 'application/vp+jwt'].includes(header.typ) || 'vp' in payload || isPresentation(payload);
}

function bytesText(bytes) {
  inOrder(Buffer.isBuffer(bytes), 'a part that is not bytes');
  return bytes.toString('base64url');
}

function tokenText(parts) {
  inOrder(Array.isArray(parts) && parts.length === 3, 'a token without three parts');
  return parts.map(bytesText).join('.');
}

// By the number that an item begins with: how many members follow, and what they make.
const KINDS = new Map([
  [0, {
    members: 1,
    open: (object) => {
      inOrder(object instanceof Map, 'not an object');
      const document = jsonText(object);
      return { document, answersChallenge: isPresentation(strict(document)) };
    },
  }],
  [1, {
    members: 1,
    open: (parts) => {
      const document = tokenText(parts);
      return { document, answersChallenge: isPresentationToken(document) };
    },
  }],
  [2, {
    members: 3,
    open: (parts, disclosures, binding) => {
      inOrder(Array.isArray(disclosures), 'disclosures are no array');
      const shown = [tokenText(parts), ...disclosures.map(bytesText)];
      const bound = binding === null ? '' : tokenText(binding);
      return { document: [...shown, bound].join('~'), answersChallenge: binding !== null };
    },
  }],
]);

function openPacked(packed) {
  const bytes = unpack(inflateSync, packed, MAX_LENGTH);
  inOrder(bytes !== null, 'cannot be unpacked');
  const item = decodeCbor(bytes);
  inOrder(Array.isArray(item) && KINDS.has(item[0]), 'of no known kind');
  const [kind, ...members] = item;
  inOrder(members.length === KINDS.get(kind).members, 'not the members of its kind');
  return KINDS.get(kind).open(...members);
}

export function readCompact(text) {
  inOrder(text.startsWith(PREFIX), 'not a compact form');
  const packed = decodeBase45(text.slice(PREFIX.length));
  inOrder(packed !== null, 'not base45');
  return openPacked(packed);
}

export function readFrames(texts) {
  const { packed, missing } = joinFrames(texts);
  return packed === undefined ? { missing } : openPacked(packed);
}
