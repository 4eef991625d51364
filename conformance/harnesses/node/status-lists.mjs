// Whether a credential was revoked or suspended: Bitstring Status Lists and Token Status Lists.
import { gunzipSync, inflateSync } from 'node:zlib';
import { decodeBase64url } from './base64.mjs';
import { asArray, isUrl } from './data-model.mjs';
import { didOfMethod } from './did.mjs';
import { readJws, tokenIn, tokenSeal } from './jws.mjs';
import { Refusal, demand } from './refusal.mjs';
import { checkSeals } from './seals.mjs';
import { checkSigned, openCredentialText } from './signed-credentials.mjs';
import { isObject } from './strict-json.mjs';
import { unpack } from './unpacking.mjs';

const MAX_LIST = 16 * 1024 * 1024;
const MIN_ENTRIES = 131072;
const MAX_SIZE = 32; // bits of one entry; nothing that is defined needs more
const PURPOSES = ['revocation', 'suspension', 'refresh', 'message'];

const inOrder = (condition, detail) => demand(condition, 'status', detail);

// Whatever is wrong with a list is the credential's status.
function asStatus(check) {
  try {
    return check();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('status', error.message) : error;
  }
}

// The number whose bits begin at a place, the first bit the most significant.
function bitsAt(list, from, size) {
  let number = 0;
  for (let i = from; i < from + size; i++) number = number * 2 + ((list[i >> 3] >> (7 - (i & 7))) & 1);
  return number;
}

// --- Bitstring Status List ---

function readBitstringList(text, url, env) {
  const { document, issuer } = checkSigned(openCredentialText(text), env);
  inOrder(asArray(document.type).includes('BitstringStatusListCredential'), 'not a status list');
  inOrder(!('id' in document) || document.id === url, 'the list of another address');
  const subjects = asArray(document.credentialSubject);
  inOrder(subjects.length === 1 && asArray(subjects[0].type).includes('BitstringStatusList'), 'subject of the list');
  const { statusPurpose, encodedList, statusSize = 1 } = subjects[0];
  inOrder(Number.isInteger(statusSize) && statusSize >= 1 && statusSize <= MAX_SIZE, 'statusSize of the list');
  const isPacked = typeof encodedList === 'string' && encodedList.startsWith('u');
  const list = unpack(gunzipSync, isPacked ? decodeBase64url(encodedList.slice(1)) : null, MAX_LIST);
  inOrder(list !== null, 'the list cannot be unpacked');
  const length = Math.floor((list.length * 8) / statusSize);
  inOrder(length >= MIN_ENTRIES, 'the list is too short');
  return { issuer, purposes: asArray(statusPurpose), size: statusSize, length, numberAt: (index) => bitsAt(list, index * statusSize, statusSize) };
}

function checkBitstringEntry(entry, issuer, env) {
  const { statusPurpose: purpose, statusListIndex: index, statusListCredential: url, statusSize = 1 } = entry;
  inOrder(typeof purpose === 'string' && purpose !== '', 'statusPurpose');
  inOrder(typeof index === 'string' && /^(?:0|[1-9][0-9]*)$/.test(index), 'statusListIndex');
  inOrder(isUrl(url), 'statusListCredential');
  const open = () => env.pending.other.add('credentialStatus');
  if (!PURPOSES.includes(purpose) || !env.statusLists.has(url)) {
    open();
    return;
  }
  const list = asStatus(() => readBitstringList(env.statusLists.get(url), url, env));
  inOrder(list.issuer === issuer, 'the list of another issuer');
  inOrder(list.purposes.includes(purpose), 'a list for another purpose');
  inOrder(statusSize === list.size, 'another statusSize than that of the list');
  inOrder(Number(index) < list.length, 'the index is beyond the end');
  const number = list.numberAt(Number(index));
  inOrder(number === 0 || !['revocation', 'suspension'].includes(purpose), `${purpose}: ${number}`);
  if (purpose === 'message' && number !== 0) open();
}

// --- Token Status List ---

function readTokenList(text, url, env) {
  const token = tokenIn(text);
  inOrder(token !== null, 'not a token');
  const jws = readJws(token);
  const { header, payload } = jws;
  inOrder(jws.typ === 'statuslist+jwt', 'another typ');
  inOrder(payload.sub === url, 'the list of another address');
  inOrder('iat' in payload, 'a list without iat');
  const { bits, lst } = isObject(payload.status_list) ? payload.status_list : {};
  inOrder([1, 2, 4, 8].includes(bits), 'bits of the list');
  const issuer = 'iss' in payload ? payload.iss : didOfMethod(header.kid);
  checkSeals([tokenSeal(jws, issuer)], { purpose: 'assertionMethod', issuer }, env);
  const list = unpack(inflateSync, decodeBase64url(lst), MAX_LIST);
  inOrder(list !== null, 'the list cannot be unpacked');
  const numberAt = (index) => (list[Math.floor((index * bits) / 8)] >> ((index * bits) % 8)) & (2 ** bits - 1);
  return { issuer, length: (list.length * 8) / bits, numberAt };
}

function checkTokenStatus(status, issuer, env) {
  inOrder(isObject(status), 'status is not an object');
  const open = () => env.pending.other.add('status');
  const names = Object.keys(status);
  if (names.length !== 1 || names[0] !== 'status_list') {
    open();
    return;
  }
  const { idx: index, uri } = isObject(status.status_list) ? status.status_list : {};
  inOrder(Number.isSafeInteger(index) && index >= 0, 'idx');
  inOrder(isUrl(uri), 'uri');
  if (!env.statusLists.has(uri)) {
    open();
    return;
  }
  const list = asStatus(() => readTokenList(env.statusLists.get(uri), uri, env));
  inOrder(list.issuer === issuer, 'the list of another issuer');
  inOrder(index < list.length, 'the index is beyond the end');
  inOrder(list.numberAt(index) === 0, `number ${list.numberAt(index)}`);
}

// The class `status` of a credential, by its facts.
export function checkStatus({ issuer, statuses, statusClaim }, env) {
  for (const entry of statuses) {
    if (asArray(entry.type).includes('BitstringStatusListEntry')) checkBitstringEntry(entry, issuer, env);
    else env.pending.other.add('credentialStatus');
  }
  if (statusClaim !== undefined) checkTokenStatus(statusClaim, issuer, env);
}
