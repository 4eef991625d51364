// Names in XML (1.0 fifth edition, section 2.3) with namespaces, and what namespaces ask of an element.
import { demand } from './refusal.mjs';

const START = 'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF'
  + '\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const PART = `[${START}][${START}.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040-]*`; // the hyphen last: it is no range
export const NAME = new RegExp(PART, 'uy');
export const QUALIFIED = new RegExp(`${PART}(?::${PART})?`, 'uy');

const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

export const atTheTop = new Map([['xml', XML]]);

const split = (name) => (name.includes(':') ? name.split(':') : [undefined, name]);

function declaredBy(name) {
  if (name === 'xmlns') return '';
  return name.startsWith('xmlns:') ? name.slice('xmlns:'.length) : null;
}

function declare(known, prefix, uri) {
  syntax(prefix !== 'xmlns' && uri !== XMLNS, 'xmlns is declared');
  syntax((prefix === 'xml') === (uri === XML), 'xml is another namespace, or another prefix is it');
  syntax(prefix === '' || uri !== '', 'a prefix of no namespace');
  known.set(prefix, uri);
}

// The namespaces that are known within an element. Refused if a prefix is not, or an attribute stands twice.
export function namespacesIn(outside, name, attributes) {
  const known = new Map(outside);
  for (const [attribute, value] of attributes) {
    const prefix = declaredBy(attribute);
    if (prefix !== null) declare(known, prefix, value);
  }
  const namespaceOf = (prefix) => {
    syntax(known.has(prefix), `prefix ${prefix} is not declared`);
    return known.get(prefix);
  };
  const [ownPrefix] = split(name);
  if (ownPrefix !== undefined) namespaceOf(ownPrefix);
  const seen = new Set();
  for (const [attribute] of attributes) {
    const [prefix, local] = split(attribute);
    const isPlain = prefix === undefined || prefix === 'xmlns';
    const full = isPlain ? attribute : `{${namespaceOf(prefix)}}${local}`;
    syntax(!seen.has(full), `attribute ${attribute} twice`);
    seen.add(full);
  }
  return known;
}
