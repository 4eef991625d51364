// DID documents (DID Core section 5, Controlled Identifiers), with the forms that older ones have.
import { isTime } from './date-time-stamp.mjs';
import { RELATIONSHIPS, isDid, splitDidUrl } from './did.mjs';
import { Refusal, demand } from './refusal.mjs';
import { holdsSecret } from './secrets.mjs';
import { isObject, parse } from './strict-json.mjs';
import { isUri } from './uri.mjs';
import { methodKey } from './verification-method.mjs';

const CONTEXTS = ['https://www.w3.org/ns/did/v1', 'https://www.w3.org/ns/did/v1.1', 'https://www.w3.org/ns/cid/v1'];
const MAX_PARTS = 512;

const shape = (condition, detail) => demand(condition, 'structure', detail);
const isText = (value) => typeof value === 'string' && value !== '';
const asArray = (value) => (Array.isArray(value) ? value : [value]);

// An absent member is an empty set.
function list(object, name) {
  if (!(name in object)) return [];
  shape(Array.isArray(object[name]), `${name} is not an array`);
  return object[name];
}

// DID Core 3.2.2: a relative DID URL is one of the document's DID.
const absolute = (did, url) => (typeof url === 'string' && /^[#?/]/.test(url) ? did + url : url);

class Reader {
  constructor(json) {
    this.did = json.id;
    this.methods = [];
    this.methodsById = new Map();
    this.relationships = new Map();
    this.warnings = new Set();
    this.parts = 0;
  }

  count() {
    shape(++this.parts <= MAX_PARTS, 'too many methods, references and services');
  }

  method(json) {
    this.count();
    shape(isObject(json), 'a method is not an object');
    const id = absolute(this.did, json.id);
    const url = splitDidUrl(id);
    shape(url?.fragment, 'the id of a method is no DID URL with a fragment');
    shape(!this.methodsById.has(id), 'two methods of one id');
    shape(isText(json.type), 'a method without type');
    shape(isDid(json.controller), 'the controller of a method is no DID');
    for (const name of ['expires', 'revoked']) shape(!(name in json) || isTime(json[name]), `${name} is no dateTimeStamp`);
    if (url.query !== null) this.warnings.add('did/legacy-query-before-fragment');
    const key = methodKey(json, (warning) => this.warnings.add(warning));
    const method = { id, json, key };
    this.methods.push(method);
    this.methodsById.set(id, method);
    return id;
  }

  reference(value) {
    this.count();
    let text = value;
    if (isObject(value)) {
      this.warnings.add('did/legacy-reference-object');
      text = value.id ?? value.publicKey;
    }
    const id = absolute(this.did, text);
    shape(splitDidUrl(id) !== null, 'a reference is no DID URL');
    return id;
  }

  relationship(name, entries) {
    const listed = new Set();
    const referred = new Set();
    for (const entry of entries) {
      const names = isObject(entry) ? Object.keys(entry) : [];
      const embedded = isObject(entry) && !(names.length === 1 && ['id', 'publicKey'].includes(names[0]));
      const id = embedded ? this.method(entry) : this.reference(entry);
      shape(embedded || !referred.has(id), 'one reference twice');
      if (!embedded) referred.add(id);
      listed.add(id);
    }
    this.relationships.set(name, listed);
  }

  service(json) {
    this.count();
    shape(isObject(json), 'a service is not an object');
    const id = absolute(this.did, json.id);
    shape(isUri(id), 'the id of a service is no URI');
    const types = asArray(json.type);
    shape(types.length > 0 && types.every(isText), 'a service without type');
    const endpoints = asArray(json.serviceEndpoint);
    shape(endpoints.length > 0 && endpoints.every((entry) => isObject(entry) || isUri(entry)), 'a service without endpoint');
    return { id, types, endpoints, json };
  }
}

function checkContext(json, contextOptional) {
  if (!('@context' in json)) {
    shape(contextOptional, '@context missing');
    return;
  }
  const contexts = asArray(json['@context']);
  shape(CONTEXTS.includes(contexts[0]) && contexts.every((entry) => isText(entry) || isObject(entry)), '@context');
}

// { id, json, methods: [{ id, json, key (or null) }], methodsById, relationships (a set of ids for each name), services,
// warnings }. All ids are absolute; `json` is as it stands in the text.
export function checkDidDocument(json, { contextOptional = false } = {}) {
  shape(isObject(json), 'not an object');
  checkContext(json, contextOptional);
  shape(isDid(json.id), 'id is no DID');
  shape(!holdsSecret(json), 'there is a secret in it');
  shape(!('controller' in json) || asArray(json.controller).every(isDid), 'controller is no DID');
  shape(list(json, 'alsoKnownAs').every(isUri), 'alsoKnownAs is no URI');

  const reader = new Reader(json);
  if (!('@context' in json)) reader.warnings.add('did/legacy-missing-context');
  if ('publicKey' in json) reader.warnings.add('did/legacy-public-key-array');
  for (const name of ['verificationMethod', 'publicKey']) for (const method of list(json, name)) reader.method(method);
  for (const name of RELATIONSHIPS) reader.relationship(name, list(json, name));
  const services = list(json, 'service').map((service) => reader.service(service));
  shape(new Set(services.map(({ id }) => id)).size === services.length, 'two services of one id');

  const { methods, methodsById, relationships, warnings } = reader;
  shape(!services.some(({ id }) => methodsById.has(id)), 'a service with the id of a method');
  return { id: json.id, json, methods, methodsById, relationships, services, warnings: [...warnings].sort() };
}

export function readDidDocument(text, options) {
  let json;
  try {
    json = parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal('structure', error.message) : error;
  }
  return checkDidDocument(json, options);
}
