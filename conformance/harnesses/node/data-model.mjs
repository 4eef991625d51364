// The shape of credentials and presentations (VC Data Model 1.1 and 2.0): the reason classes `structure` and `version`.
import { isAfter, isTime } from './date-time-stamp.mjs';
import { Refusal, demand } from './refusal.mjs';
import { canonicalize, isObject, parse, same } from './strict-json.mjs';

export const V1 = 'https://www.w3.org/2018/credentials/v1';
export const V2 = 'https://www.w3.org/ns/credentials/v2';
const WELL_KNOWN = [
  V1, V2,
  'https://w3id.org/security/data-integrity/v1', 'https://w3id.org/security/data-integrity/v2',
  'https://w3id.org/security/multikey/v1', 'https://w3id.org/security/suites/jws-2020/v1',
  'https://w3id.org/security/suites/ed25519-2020/v1', 'https://www.w3.org/ns/did/v1',
];

const shape = (condition, detail) => demand(condition, 'structure', detail);
export const isUrl = (value) => typeof value === 'string' && /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}"<>\\^`{|}]+$/u.test(value);
const isName = (value) => typeof value === 'string' && value !== '';
const isNames = (value) => isName(value) || (Array.isArray(value) && value.length > 0 && value.every(isName));
export const asArray = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
export const idOf = (value) => (isObject(value) ? value.id : value); // an issuer or holder, by itself or as an object

export function readJson(text) {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal('structure', error.message) : error;
  }
}

export function readDocument(text) {
  const document = readJson(text);
  shape(isObject(document), 'not an object');
  return document;
}

// Every context in a value, wherever "@context" occurs.
function contextsIn(value) {
  if (Array.isArray(value)) return value.flatMap(contextsIn);
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((name) => {
    if (name !== '@context') return contextsIn(value[name]);
    return Array.isArray(value[name]) ? value[name] : [value[name]];
  });
}

// `known` are contexts known besides the well-known ones; null: whoever issues may use any.
function checkCommon(document, typeName, known) {
  const context = document['@context'];
  shape(Array.isArray(context) && context.every((entry) => isUrl(entry) || isObject(entry)), '@context');
  if (known !== null) {
    const all = new Set([...WELL_KNOWN, ...known].map(canonicalize));
    const unknown = contextsIn(document).find((entry) => !all.has(canonicalize(entry)));
    shape(unknown === undefined, `unknown context ${unknown === undefined ? '' : canonicalize(unknown)}`);
  }
  shape(Object.keys(document).every((name) => name === '@context' || !name.startsWith('@')), 'member beginning with @');
  shape(isNames(document.type) && asArray(document.type).includes(typeName), `type without ${typeName}`);
  shape(!('id' in document) || isUrl(document.id), 'id');
}

// A text, or texts with their languages (VC 2.0 section 11.1).
function isText(value) {
  const isOne = (entry) => isObject(entry) && typeof entry['@value'] === 'string'
    && Object.entries(entry).every(([name, part]) => ['@value', '@language', '@direction'].includes(name) && typeof part === 'string');
  return typeof value === 'string' || ((isObject(value) || Array.isArray(value)) && asArray(value).every(isOne));
}

// `wanted`: the context of the only version that there may be.
function checkVersion(document, wanted) {
  const first = document['@context'][0];
  demand(wanted === undefined || first === wanted, 'version', 'not of the version of the token');
  const [foreignContext, foreignMembers] = first === V1 ? [V2, ['validFrom', 'validUntil']] : [V1, ['issuanceDate', 'expirationDate']];
  demand(first === V1 || first === V2, 'version', 'first context');
  demand(!contextsIn(document).includes(foreignContext), 'version', 'contexts of both versions');
  demand(!foreignMembers.some((name) => name in document), 'version', 'members of both versions');
}

export function checkCredential(document, known, version) {
  checkCommon(document, 'VerifiableCredential', known);
  shape(isUrl(idOf(document.issuer)), 'issuer');
  for (const owner of [document, document.issuer].filter((owner) => isObject(owner) && document['@context'][0] === V2)) {
    for (const name of ['name', 'description']) shape(!(name in owner) || isText(owner[name]), name);
  }
  const subjects = asArray(document.credentialSubject);
  shape(subjects.length > 0, 'credentialSubject');
  for (const subject of subjects) {
    shape(isObject(subject) && Object.keys(subject).length > 0 && (!('id' in subject) || isUrl(subject.id)), 'credentialSubject');
  }
  for (const [begin, end] of [['validFrom', 'validUntil'], ['issuanceDate', 'expirationDate']]) {
    for (const name of [begin, end]) shape(!(name in document) || isTime(document[name]), name);
    shape(!(begin in document && end in document) || !isAfter(document[begin], document[end]), `${end} before ${begin}`);
  }
  shape(document['@context'][0] !== V1 || 'issuanceDate' in document, 'issuanceDate');
  for (const name of ['credentialStatus', 'evidence', 'termsOfUse', 'refreshService', 'credentialSchema']) {
    const entries = asArray(document[name]);
    shape(!(name in document) || entries.length > 0, `${name} is empty`);
    for (const entry of entries) {
      shape(isObject(entry) && isNames(entry.type), name);
      const named = name === 'credentialSchema' || (name === 'credentialStatus' && document['@context'][0] === V1);
      shape(named || 'id' in entry ? isUrl(entry.id) : true, `${name}.id`);
    }
  }
  checkVersion(document, version);
}

// The credentials inside are checked on their own, after the presentation.
export function checkPresentation(presentation, known, version) {
  const { verifiableCredential, ...document } = presentation;
  checkCommon(document, 'VerifiablePresentation', known);
  shape(!('holder' in document) || isUrl(idOf(document.holder)), 'holder');
  const credentials = asArray(verifiableCredential);
  const isCredential = (entry) => isObject(entry) || (typeof entry === 'string' && document['@context'][0] === V1);
  shape(credentials.length >= 1 && credentials.length <= 64 && credentials.every(isCredential), 'verifiableCredential');
  checkVersion(document, version);
}

const MAX_PROOFS = 8;

// The proofs of a document, each with those before it that it is made upon.
export function proofsOf(document) {
  const proofs = asArray(document.proof);
  shape(proofs.length >= 1 && proofs.length <= MAX_PROOFS && proofs.every(isObject), 'not one to eight proofs');
  const before = new Map();
  return proofs.map((proof) => {
    for (const name of ['type', 'verificationMethod', 'proofPurpose', 'proofValue']) shape(typeof proof[name] === 'string', `proof.${name}`);
    for (const name of ['created', 'expires']) shape(!(name in proof) || isTime(proof[name]), `proof.${name}`);
    shape(!('@context' in proof) || same(proof['@context'], document['@context']), 'proof.@context is not that of the document');
    const names = asArray(proof.previousProof);
    shape(!('previousProof' in proof) || names.length > 0, 'proof.previousProof is empty');
    shape(names.every((name) => before.has(name)), 'proof.previousProof names no proof before it');
    shape(new Set(names).size === names.length, 'proof.previousProof names one proof twice');
    const previous = names.map((name) => before.get(name));
    if ('id' in proof) {
      shape(isUrl(proof.id) && !before.has(proof.id), 'proof.id');
      before.set(proof.id, proof);
    }
    return { proof, previous };
  });
}
