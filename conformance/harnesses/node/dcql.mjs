// The Digital Credentials Query Language (OpenID for Verifiable Presentations 1.0, section 6): what a wallet would show.
import { readDocument } from './data-model.mjs';
import { demand } from './refusal.mjs';
import { isBoolean, isStrings, isText } from './request.mjs';
import { isObject, same } from './strict-json.mjs';

const MAX_ENTRIES = 64;

const shape = (condition, detail) => demand(condition, 'structure', detail);

// --- reading ---

const isFull = (value) => Array.isArray(value) && value.length > 0;
const isNames = (value) => isFull(value) && isStrings(value);

const VCT = { isMeta: ({ vct_values: values }) => isNames(values), fits: ({ vct_values: values }, types) => values.some((vct) => types.includes(vct)) };
const W3C = {
  isMeta: ({ type_values: values }) => isFull(values) && values.every(isNames),
  fits: ({ type_values: values }, types) => values.some((all) => all.every((type) => types.includes(type))),
};
const FORMATS = new Map([['dc+sd-jwt', VCT], ['vc+sd-jwt', W3C], ['jwt_vc_json', W3C], ['ldp_vc', W3C]]);

function checkArray(value, what) {
  shape(isFull(value) && value.length <= MAX_ENTRIES, `${what}: not an array of 1 to ${MAX_ENTRIES}`);
  return value;
}

function checkObjects(value, what) {
  shape(checkArray(value, what).every(isObject), `${what}: not objects`);
  return value;
}

// An array that may be missing.
const ifThere = (object, name, check) => (name in object ? check(object[name], name) : []);

function checkIds(objects, isOptional) {
  const ids = objects.filter((object) => !isOptional || 'id' in object).map(({ id }) => id);
  shape(ids.every((id) => isText(id) && /^[A-Za-z0-9_-]+$/.test(id)), 'id');
  shape(new Set(ids).size === ids.length, 'an id twice');
  return ids;
}

// Arrays of ids.
function checkSets(sets, what, known) {
  for (const set of checkArray(sets, what)) shape(checkArray(set, what).every((id) => known.includes(id)), `${what}: an id that there is none of`);
}

function checkBooleans(object, ...names) {
  for (const name of names) shape(!(name in object) || isBoolean(object[name]), name);
}

const isStep = (step) => isText(step) || step === null || (Number.isInteger(step) && step >= 0);
const isScalar = (value) => isText(value) || isBoolean(value) || typeof value === 'number';

function checkClaim(claim) {
  shape(isFull(claim.path) && claim.path.every(isStep), 'path');
  shape(ifThere(claim, 'values', checkArray).every(isScalar), 'values');
}

function checkAuthority({ type, values }) {
  shape(isText(type), 'type of trusted_authorities');
  shape(checkArray(values, 'values').every(isText), 'values of trusted_authorities');
}

function checkCredentialQuery(query) {
  shape(isText(query.format), 'format');
  shape(isObject(query.meta) && (FORMATS.get(query.format)?.isMeta(query.meta) ?? true), 'meta');
  checkBooleans(query, 'multiple', 'require_cryptographic_holder_binding');
  ifThere(query, 'trusted_authorities', checkObjects).forEach(checkAuthority);
  const claims = ifThere(query, 'claims', checkObjects);
  claims.forEach(checkClaim);
  const ids = checkIds(claims, true);
  ifThere(query, 'claim_sets', (sets, what) => checkSets(sets, what, ids));
}

function readQuery(text) {
  const query = readDocument(text);
  const ids = checkIds(checkObjects(query.credentials, 'credentials'), false);
  query.credentials.forEach(checkCredentialQuery);
  for (const set of ifThere(query, 'credential_sets', checkObjects)) {
    checkSets(set.options, 'options', ids);
    checkBooleans(set, 'required');
  }
  return query;
}

// --- matching ---

// What a path leads to; empty if it does not fit what it meets.
function select(claims, path) {
  let selected = [claims];
  for (const step of path) {
    if (!selected.every(isText(step) ? isObject : Array.isArray)) return [];
    if (step === null) selected = selected.flat();
    else selected = selected.filter((value) => Object.hasOwn(value, step)).map((value) => value[step]);
  }
  return selected;
}

function hasClaim(claims, { path, values }) {
  const selected = select(claims, path);
  return values === undefined ? selected.length > 0 : selected.some((value) => values.some((wanted) => same(value, wanted)));
}

// The paths to show of a credential; null if it does not do.
function pathsIn({ claims: held }, { claims = [], claim_sets: sets }) {
  const options = sets?.map((ids) => ids.map((id) => claims.find((claim) => claim.id === id))) ?? [claims];
  const option = options.find((wanted) => wanted.every((claim) => hasClaim(held, claim)));
  return option?.map(({ path }) => path) ?? null;
}

function isTrusted(issuer, authorities) {
  return authorities === undefined || authorities.some(({ type, values }) => type === 'did' && values.includes(issuer));
}

// The first credential that would do; null if none would.
function choose(query, held) {
  for (const [place, credential] of held.entries()) {
    if (credential.format !== query.format || !FORMATS.get(query.format)?.fits(query.meta, credential.types)) continue;
    const paths = isTrusted(credential.issuer, query.trusted_authorities) ? pathsIn(credential, query) : null;
    if (paths !== null) return { query: query.id, held: place, paths };
  }
  return null;
}

export function selectByQuery(text, held) {
  const { credentials, credential_sets: sets } = readQuery(text);
  const choices = credentials.map((query) => choose(query, held)).filter((choice) => choice !== null);
  const isMet = (option) => option.every((id) => choices.some(({ query }) => query === id));
  // Without sets every query must be met.
  const required = sets?.filter((set) => set.required !== false) ?? [{ options: [credentials.map(({ id }) => id)] }];
  const wanted = required.map(({ options }) => options.find(isMet));
  if (wanted.includes(undefined)) return { choices: null };
  return { choices: choices.filter(({ query }) => wanted.flat().includes(query)) };
}
