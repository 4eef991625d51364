// URIs (RFC 3986): their grammar, and references resolved against them. WHATWG's URL class repairs what it reads.

const HEX = '%[0-9A-Fa-f]{2}';
const REG = "A-Za-z0-9._~!$&'()*+,;=-"; // unreserved and sub-delims
const PCHAR = `(?:[:@${REG}]|${HEX})`;
const AUTHORITY = `(?:(?:[:${REG}]|${HEX})*@)?(?:\\[[0-9A-Fa-f:.]+\\]|\\[[vV][0-9A-Fa-f]+\\.[:${REG}]+\\]|(?:[${REG}]|${HEX})*)(?::[0-9]*)?`;
const URI = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?://${AUTHORITY}(?:/${PCHAR}*)*|(?!//)(?:${PCHAR}|/)*)`
  + `(?:\\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?$`);

export const isUri = (text) => typeof text === 'string' && URI.test(text);

export const fragmentOf = (uri) => /#(.*)$/s.exec(uri)?.[1];

// RFC 3986 section 5.2.4.
function withoutDots(path) {
  const out = [];
  const segments = path.split('/');
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1;
    if (segment === '..' && (out.length > 1 || (out.length === 1 && out[0] !== ''))) out.pop();
    if (segment !== '.' && segment !== '..') out.push(segment);
    else if (last) out.push('');
  });
  return out.join('/');
}

// RFC 3986 section 5.2.2, for references that have neither scheme, authority nor fragment. null if what comes out would
// be read as having an authority that it does not have.
export function resolveReference(base, reference) {
  const [, scheme, authority = '', path] = /^([^:]*:)(\/\/[^/?#]*)?([^?#]*)/.exec(base);
  const [, relative, query = ''] = /^([^?]*)(\?.*)?$/s.exec(reference);
  let merged;
  if (relative === '') merged = path;
  else if (relative.startsWith('/')) merged = withoutDots(relative);
  else if (authority !== '' && path === '') merged = `/${relative}`;
  else merged = withoutDots(path.slice(0, path.lastIndexOf('/') + 1) + relative);
  if (authority === '' && merged.startsWith('//')) return null;
  return `${scheme}${authority}${merged}${query}`;
}
