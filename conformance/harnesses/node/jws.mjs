// JSON Web Signatures in compact form (RFC 7515), read strictly, and as seals (see seals.mjs).
import { decodeBase64url } from './base64.mjs';
import { asArray, readDocument } from './data-model.mjs';
import { isAhead, isBehind } from './date-time-stamp.mjs';
import { demand } from './refusal.mjs';
import { ALGORITHMS, joseAlgorithm, signatureFault, verifies } from './signatures.mjs';

const MAX_LENGTH = 1024 * 1024;

const shape = (condition, detail) => demand(condition, 'structure', detail);

// The token that a text is, without white space behind it; null if it is none.
export function tokenIn(text) {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1])) end--;
  const token = text.slice(0, end);
  return /^[A-Za-z0-9_-]/.test(token) && token.includes('.') ? token : null;
}

function utf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

// The text in base64url; null if it is none.
export function decodeText(encoded) {
  const bytes = decodeBase64url(encoded);
  return bytes && utf8(bytes);
}

function readPart(encoded) {
  const text = decodeText(encoded);
  shape(text !== null, 'part of a token not UTF-8 in base64url');
  return readDocument(text);
}

// { header, payload, signature, signed, typ }; `typ` without "application/".
export function readJws(text) {
  shape(text.length <= MAX_LENGTH, 'token too long');
  const parts = text.split('.');
  shape(parts.length === 3, 'token without three parts');
  const [header, payload] = parts.slice(0, 2).map(readPart);
  const signature = decodeBase64url(parts[2]);
  shape(signature !== null, 'signature not base64url');
  shape(!('crit' in header) && !('b64' in header), 'crit or b64 in the header');
  for (const name of ['alg', 'kid', 'typ', 'cty']) shape(!(name in header) || typeof header[name] === 'string', `${name} in the header`);
  for (const name of ['iat', 'nbf', 'exp']) shape(!(name in payload) || Number.isSafeInteger(payload[name]), name);
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  return { header, payload, signature, signed, typ: header.typ?.replace(/^application\//, '') };
}

export const signs = (keyType) => keyType !== 'X25519';

// Without a key (its document is missing) only what does not need one is checked.
export function signatureProblem({ header, signature, signed }, key) {
  const jose = joseAlgorithm(header.alg);
  if (jose === null) return 'another algorithm';
  const { keyType } = ALGORITHMS[jose.algorithm];
  const fault = keyType === 'RSA' ? null : signatureFault(keyType, signature, jose);
  if (fault !== null || key === undefined) return fault;
  if (key.keyType !== keyType) return 'the key is not of the kind of the algorithm';
  return verifies(key, signed, signature, jose) ? null : 'the signature does not verify';
}

// The class `validity`.
export function checkTokenTimes({ payload: { iat, nbf, exp } }, now, maxAge) {
  demand(iat === undefined || !isAhead(iat, now, 60), 'validity', 'token of the future');
  demand(nbf === undefined || !isAhead(nbf, now, 60), 'validity', 'token not yet valid');
  demand(exp === undefined || isAhead(exp, now, 0), 'validity', 'token expired');
  demand(iat === undefined || maxAge === undefined || !isBehind(iat, now, maxAge), 'validity', 'token too old');
}

// `party`: the issuer or holder, whose key is meant if the header does not say whose. No key in a header is looked at.
export function tokenSeal(jws, party) {
  const { header: { alg, kid }, payload } = jws;
  return {
    challenge: payload.nonce,
    domains: asArray(payload.aud),
    lookUp: ({ documents, now }, purpose) => {
      const isFragment = kid?.startsWith('#') && typeof party === 'string';
      if (kid !== undefined) return documents.lookUp(isFragment ? `${party}${kid}` : kid, now, signs);
      return documents.lookUpOnly(party, purpose, ALGORITHMS[joseAlgorithm(alg)?.algorithm]?.keyType, now);
    },
    checkSignature: (key) => {
      const problem = signatureProblem(jws, key);
      demand(problem === null, 'signature', problem);
    },
    checkValidity: ({ now }, maxAge) => checkTokenTimes(jws, now, maxAge),
  };
}
