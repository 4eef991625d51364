// Proof of control of a DID: a verifier's request and the response of a wallet, both as links.
import { decodeBase64url } from './base64.mjs';
import { parseTime } from './date-time-stamp.mjs';
import { didOfMethod } from './did.mjs';
import { readDidDocument } from './did-document.mjs';
import { isPort } from './did-web.mjs';
import { endOf } from './known-documents.mjs';
import { demand } from './refusal.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { ALGORITHMS, verifies } from './signatures.mjs';
import { isUri } from './uri.mjs';

const LINK = 'kbtf://control?';
const MAX_END = 2 ** 40;

const shape = (condition, detail) => demand(condition, 'structure', detail);

function isDomain(text) {
  const [, host, port] = /^([^:]*)(?::(.*))?$/s.exec(text);
  return text.length >= 1 && text.length <= 100
    && host.split('.').every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label))
    && (port === undefined || (isPort(port) && port !== '443'));
}

function checkDomain(domain, answerTo) {
  shape(isDomain(domain), 'domain');
  if (answerTo === null) return;
  const rest = answerTo.slice(`https://${domain}`.length);
  shape(answerTo.startsWith(`https://${domain}`) && /^[/?]/.test(rest), 'the answer address is not of the domain');
  shape(answerTo.length <= 200 && isUri(answerTo) && !answerTo.includes('#'), 'answer address');
}

// A number in so many bytes.
function number(value, length) {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

const link = (name, payload) => `${LINK}${name}=${payload.toString('base64url')}`;

function payloadOf(text, name) {
  const prefix = `${LINK}${name}=`;
  shape(text.startsWith(prefix), `not a ${name} link`);
  const bytes = decodeBase64url(text.slice(prefix.length));
  shape(bytes !== null, 'payload is not base64url');
  return bytes;
}

// Takes so many bytes from the front at each call; `end` when there must be none left.
function reader(bytes) {
  let at = 0;
  const take = (length) => {
    shape(at + length <= bytes.length, 'payload too short');
    return bytes.subarray(at, (at += length));
  };
  return {
    take,
    number: (length) => take(length).readUIntBE(0, length),
    end: () => shape(at === bytes.length, 'payload too long'),
  };
}

function readRequest(text) {
  const payload = payloadOf(text, 'request');
  const from = reader(payload);
  shape(from.number(1) === 1, 'not a request');
  const nonce = from.take(16);
  const end = from.number(5);
  const domain = from.take(from.number(1)).toString('latin1');
  const answerTo = from.take(from.number(1)).toString('latin1') || null;
  from.end();
  checkDomain(domain, answerTo);
  return { payload, nonce, end, domain, answerTo };
}

function readResponse(text) {
  const from = reader(payloadOf(text, 'response'));
  shape(from.number(1) === 2, 'not a response');
  const nonce = from.take(16);
  const method = from.take(from.number(2)).toString('latin1');
  const signature = from.take(from.number(2));
  from.end();
  shape(method.length <= 1024 && didOfMethod(method) !== null, 'id of the method');
  shape(signature.length >= 64 && signature.length <= 512, 'length of the signature');
  return { nonce, method, signature };
}

const signed = (request, method) => Buffer.concat([Buffer.from('kbtf control/1\n'), request, Buffer.from(method)]);

export function makeRequest({ domain, seconds, nonce, answerTo }, now) {
  checkDomain(domain, answerTo);
  const end = parseTime(now).seconds + seconds;
  shape(end >= 0 && end < MAX_END, 'the end does not fit');
  const address = answerTo ?? '';
  return link('request', Buffer.concat([
    number(1, 1), Buffer.from(nonce, 'hex'), number(end, 5),
    number(domain.length, 1), Buffer.from(domain), number(address.length, 1), Buffer.from(address),
  ]));
}

// Whether the request has ended is for the verifier to say, by whose clock it counts.
export function answerRequest({ request: text, secretKey: secretText, verificationMethod: method }) {
  const { payload, nonce, domain, answerTo } = readRequest(text);
  shape(method.length <= 1024 && didOfMethod(method) !== null, 'not a DID with a fragment');
  const signature = readSecretKey(secretText, 'key').sign(signed(payload, method));
  const response = Buffer.concat([
    number(2, 1), nonce, number(method.length, 2), Buffer.from(method), number(signature.length, 2), signature,
  ]);
  return { link: link('response', response), domain, answerTo };
}

export function checkResponse({ request: requestText, response: responseText, document: text, deactivated }, now) {
  const request = readRequest(requestText);
  const { nonce, method: url, signature } = readResponse(responseText);
  const document = readDidDocument(text, { contextOptional: true });
  const did = didOfMethod(url);
  demand(nonce.equals(request.nonce), 'challenge', 'another nonce');
  demand(parseTime(now).seconds < request.end, 'validity', 'the request has ended');
  demand(document.id === did, 'keyState', 'the document of another DID');
  demand(!deactivated, 'keyState', 'the DID is deactivated');
  const method = document.methodsById.get(url);
  demand(method !== undefined, 'keyState', 'no such method');
  demand(document.relationships.get('authentication').has(url), 'relationship', 'not listed for authentication');
  demand(method.json.controller === did, 'issuer', 'another controller');
  demand(endOf(method, now) === null, 'keyState', `key ${endOf(method, now)}`);
  const algorithms = Object.keys(ALGORITHMS).filter((name) => ALGORITHMS[name].keyType === method.key?.keyType);
  demand(algorithms.length > 0, 'keyState', 'the key cannot be used');
  const data = signed(request.payload, url);
  const good = algorithms.some((algorithm) => verifies(method.key, data, signature, { algorithm }));
  demand(good, 'signature', 'the signature does not verify');
  return did;
}
