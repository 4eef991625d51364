// did:web: the URL at which a document lies, and the document that a server gave.
import { isDid } from './did.mjs';
import { readDidDocument } from './did-document.mjs';
import { demand } from './refusal.mjs';

// A server must not be made to ask itself or a neighbour: names that resolvers take for addresses are left out.
export function isDomainName(name) {
  const labels = name.toLowerCase().split('.');
  const last = labels.at(-1);
  return name.length <= 253 && labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label))
    && !/^[0-9]+$/.test(last) && !last.startsWith('0x') && last !== 'localhost';
}

export const isPort = (text) => /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65535;

function isSegment(segment) {
  const dots = segment.replace(/%2e/gi, '.');
  return segment !== '' && dots !== '.' && dots !== '..' && !/%(?:2f|5c|00|23|3f)/i.test(segment);
}

export function didWebUrl(did) {
  demand(isDid(did) && did.startsWith('did:web:'), 'syntax', 'not a did:web');
  const [host, ...path] = did.slice('did:web:'.length).split(':');
  const [, domain, port] = /^(.*?)(?:%3[Aa](.*))?$/.exec(host);
  demand(isDomainName(domain), 'syntax', 'not a domain name');
  demand(port === undefined || isPort(port), 'syntax', 'not a port');
  demand(path.every(isSegment), 'syntax', 'path');
  const where = path.length > 0 ? path.join('/') : '.well-known';
  return `https://${domain.toLowerCase()}${port === undefined ? '' : `:${port}`}/${where}/did.json`;
}

export function resolveDidWeb(did, body) {
  const document = readDidDocument(body, { contextOptional: true });
  demand(document.id === did, 'structure', 'the document of another DID');
  return document.json;
}
