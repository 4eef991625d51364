// Strict JSON (RFC 8259 without what parsers disagree about) and its canonical form (RFC 8785).
// JSON.parse is not enough: it keeps the last of duplicate names, lets lone surrogates pass and rounds numbers silently.

const MAX_DEPTH = 64;
const NUMBER = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

// A number text as digits and a power of ten, the sign and the zeros at either end left out.
function decimal(token) {
  const [, whole, fraction = '', exponent = '0'] = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(token);
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)}`;
}

// Objects come without a prototype, so that a member named "__proto__" is a member like any other.
export function parse(text) {
  let at = 0;
  const fail = (what) => { throw new SyntaxError(`${what} at ${at}`); };

  function space() {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
  }

  function literal(word, value) {
    if (!text.startsWith(word, at)) fail('unknown literal');
    at += word.length;
    return value;
  }

  function number() {
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (!match) fail('malformed number');
    const [token] = match;
    const value = Number(token);
    if (token.length > 1024) fail('number too long');
    if (!Number.isFinite(value) || decimal(token) !== decimal(String(value))) fail('number does not survive a double');
    at += token.length;
    return value;
  }

  function string() {
    let out = '';
    let from = ++at;
    for (; ; at++) {
      if (at >= text.length) fail('unterminated string');
      const unit = text.charCodeAt(at);
      if (unit < 0x20) fail('control character in string');
      if (unit === 0x22) break;
      if (unit !== 0x5c) continue;
      out += text.slice(from, at++);
      if (text[at] === 'u') {
        const hex = text.slice(at + 1, at + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) fail('malformed escape');
        out += String.fromCharCode(parseInt(hex, 16));
        at += 4;
      } else {
        if (!Object.hasOwn(ESCAPES, text[at] ?? '')) fail('unknown escape');
        out += ESCAPES[text[at]];
      }
      from = at + 1;
    }
    out += text.slice(from, at++);
    if (!out.isWellFormed()) fail('lone surrogate');
    return out;
  }

  // One loop for both kinds of container: what differs is the closing bracket and how a member is read.
  function container(depth, close, member) {
    if (depth > MAX_DEPTH) fail('nested too deeply');
    at++;
    space();
    if (text[at] === close) { at++; return; }
    for (;;) {
      member();
      space();
      if (text[at] === close) { at++; return; }
      if (text[at] !== ',') fail(`"," or "${close}" expected`);
      at++;
    }
  }

  function value(depth) {
    space();
    switch (text[at]) {
      case '{': {
        const object = Object.create(null);
        container(depth + 1, '}', () => {
          space();
          if (text[at] !== '"') fail('member name expected');
          const name = string();
          if (name in object) fail('duplicate member name');
          space();
          if (text[at] !== ':') fail('":" expected');
          at++;
          object[name] = value(depth + 1);
        });
        return object;
      }
      case '[': {
        const array = [];
        container(depth + 1, ']', () => array.push(value(depth + 1)));
        return array;
      }
      case '"': return string();
      case 't': return literal('true', true);
      case 'f': return literal('false', false);
      case 'n': return literal('null', null);
      default: return number();
    }
  }

  const result = value(0);
  space();
  if (at !== text.length) fail('something after the value');
  return result;
}

// ECMAScript already writes numbers and strings as RFC 8785 wants, and its default sort is by UTF-16 code units.
export function canonicalize(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonicalize(value[name])}`);
  return `{${members.join(',')}}`;
}

export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

export const same = (a, b) => a !== undefined && b !== undefined && canonicalize(a) === canonicalize(b);
