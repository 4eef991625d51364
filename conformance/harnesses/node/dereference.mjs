// What a DID URL points to in the document of its DID (DID Core section 7.2).
import { parseDidUrl } from './did.mjs';
import { readDidDocument } from './did-document.mjs';
import { Refusal, demand } from './refusal.mjs';
import { fragmentOf, resolveReference } from './uri.mjs';

const MAX_ADDRESSES = 4 * 1024 * 1024; // characters in all: a long relativeRef comes once for each endpoint
const PARAMETERS = ['service', 'serviceType', 'relativeRef', 'versionId', 'versionTime'];

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal('syntax', 'escapes that are no UTF-8');
  }
}

function readParameters(query) {
  const parameters = new Map();
  if (!query) return parameters;
  for (const piece of query.split('&')) {
    const [, name, value] = /^([^=]*)(?:=(.*))?$/.exec(piece);
    demand(name !== '' && value, 'syntax', 'a parameter without value');
    demand(!parameters.has(name), 'syntax', 'a parameter twice');
    parameters.set(name, decoded(value));
  }
  return parameters;
}

// A reference must stay behind the endpoint: it may neither lead to another server nor out of a folder.
function checkRelativeRef(reference, parameters) {
  demand(parameters.has('service') || parameters.has('serviceType'), 'syntax', 'relativeRef without service');
  demand(/^[!-~]*$/.test(reference) && !/[\\#]/.test(reference), 'syntax', 'relativeRef has other characters');
  demand(!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference) && !reference.startsWith('//'), 'syntax', 'relativeRef is not relative');
  const segments = reference.split('?')[0].replace(/%2e/gi, '.').split('/');
  demand(!segments.some((segment) => ['.', '..'].includes(segment.split(';')[0])), 'syntax', 'relativeRef with dots');
  demand(!/%(?:2f|5c|00|25)/i.test(segments.join('/')), 'syntax', 'relativeRef with hidden separators');
}

function selectServices(services, parameters) {
  const [id, type] = [parameters.get('service'), parameters.get('serviceType')];
  const selected = services.filter((service) => (id === undefined || service.id === id || fragmentOf(service.id) === id)
    && (type === undefined || service.types.includes(type)));
  demand(selected.length > 0, 'notFound', 'no such service');
  return selected;
}

function addresses(services, relativeRef, fragment) {
  const endpoints = services.flatMap((service) => service.endpoints).filter((endpoint) => typeof endpoint === 'string');
  demand(endpoints.length > 0, 'notFound', 'no address');
  if ((relativeRef ?? '').length * endpoints.length > MAX_ADDRESSES) throw new RangeError('too long to answer');
  return endpoints.map((endpoint) => {
    demand(fragment === null || fragmentOf(endpoint) === undefined, 'syntax', 'a fragment behind an endpoint that has one');
    const address = relativeRef === undefined ? endpoint : resolveReference(endpoint, relativeRef);
    demand(address !== null, 'syntax', 'relativeRef makes an authority');
    return fragment === null ? address : `${address}#${fragment}`;
  });
}

function part(document, id, purpose) {
  const method = document.methodsById.get(id);
  if (purpose !== undefined) {
    demand(method !== undefined, 'keyState', 'no verification method');
    demand(document.relationships.get(purpose).has(id), 'relationship', `not listed for ${purpose}`);
  }
  const found = method ?? document.services.find((service) => service.id === id);
  demand(found !== undefined, 'notFound', 'no such part');
  return { ...found.json, id };
}

// `accept` is "document" or "urls"; `purpose` a verification relationship or undefined.
export function dereference({ didUrl, document: text, accept, purpose }) {
  const { did, path, query, fragment } = parseDidUrl(didUrl);
  const parameters = readParameters(query);
  const relativeRef = parameters.get('relativeRef');
  if (relativeRef !== undefined) checkRelativeRef(relativeRef, parameters);
  const selects = parameters.has('service') || parameters.has('serviceType');
  for (const name of parameters.keys()) demand(PARAMETERS.includes(name), 'unsupported', `parameter ${name}`);
  demand(accept !== 'urls' || selects, 'unsupported', 'urls without a service');
  demand(relativeRef === undefined || accept === 'urls', 'unsupported', 'relativeRef without urls');

  const document = readDidDocument(text, { contextOptional: true });
  demand(document.id === did, 'structure', 'the document of another DID');
  demand(path === '', 'notFound', 'a path');
  if (accept === 'urls') {
    demand(purpose === undefined, 'keyState', 'an address is no verification method');
    return { urls: addresses(selectServices(document.services, parameters), relativeRef, fragment) };
  }
  demand(purpose === undefined || fragment !== null, 'keyState', 'a document is no verification method');
  const selected = selects ? selectServices(document.services, parameters) : null;
  if (fragment !== null) return { resource: part(document, `${did}#${fragment}`, purpose) };
  return { document: selected ? { ...document.json, service: selected.map(({ json }) => json) } : document.json };
}
