// XML (1.0 fifth edition with namespaces) as what a document with a structure has (docs/kbtf-authenticity.md section 2).
import { demand } from './refusal.mjs';
import { withoutMark } from './utf8.mjs';
import { NAME, QUALIFIED, atTheTop, namespacesIn } from './xml-names.mjs';

const MAX_DEPTH = 30;
const CHARACTERS = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const EQUALS = '[ \\t\\n]*=[ \\t\\n]*';
const quoted = (value) => `(?:"${value}"|'${value}')`;
const DECLARATION = new RegExp(`^<\\?xml[ \\t\\n]+version${EQUALS}${quoted('1\\.0')}`
  + `(?:[ \\t\\n]+encoding${EQUALS}${quoted('[Uu][Tt][Ff]-8')})?(?:[ \\t\\n]+standalone${EQUALS}${quoted('(?:yes|no)')})?[ \\t\\n]*\\?>`);
const SPACE = /[ \t\n]*/y;
const TEXT = /[^<&]+/y;
const REFERENCE = /&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|(lt|gt|amp|apos|quot));/y;
const ATTRIBUTE = /"([^"<]*)"|'([^'<]*)'/y;
const COMMENT = /<!--([^-]*(?:-[^-]+)*)-->/y;
const CDATA = /<!\[CDATA\[([^]*?)\]\]>/y;
const BEHIND_TARGET = /\?>|[ \t\n]+([^]*?)\?>/y;
const NAMED = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

function character(decimal, hex, name) {
  if (name !== undefined) return NAMED[name];
  const digits = (decimal ?? hex).replace(/^0+(?=.)/, '');
  const code = digits.length > 7 ? Infinity : parseInt(digits, decimal === undefined ? 16 : 10);
  const text = code <= 0x10ffff ? String.fromCodePoint(code) : '';
  syntax(text !== '' && CHARACTERS.test(text), 'a reference to no character');
  return text;
}

// Attributes are normalised as CDATA: white space is a space, unless it was written as a reference.
function attributeValue(raw) {
  let out = '';
  for (let at = 0; at < raw.length;) {
    if (raw[at] !== '&') {
      out += '\t\n'.includes(raw[at]) ? ' ' : raw[at];
      at += 1;
      continue;
    }
    REFERENCE.lastIndex = at;
    const match = REFERENCE.exec(raw);
    syntax(match !== null, 'an ampersand that is no reference');
    out += character(...match.slice(1));
    at += match[0].length;
  }
  return out;
}

export function readXml(text) {
  const source = withoutMark(text).replace(/\r\n?/g, '\n');
  syntax(CHARACTERS.test(source), 'a character that XML has not');
  let at = DECLARATION.exec(source)?.[0].length ?? 0;

  function take(form, what) {
    form.lastIndex = at;
    const match = form.exec(source);
    syntax(match !== null, `${what} expected`);
    at += match[0].length;
    return match;
  }

  const isNext = (word) => source.startsWith(word, at);
  const skipSpace = () => take(SPACE, 'space')[0] !== '';

  function instruction() {
    at += '<?'.length;
    const [target] = take(NAME, 'name of an instruction');
    syntax(target.toLowerCase() !== 'xml', 'a declaration that is not as it must be, or not at the beginning');
    return { content: take(BEHIND_TARGET, 'end of an instruction')[1] ?? '', instruction: target };
  }

  const comment = () => ({ comment: take(COMMENT, 'comment')[1] });

  function plainText() {
    const [found] = take(TEXT, 'text');
    syntax(!found.includes(']]>'), 'the end of a CDATA section in text');
    return found;
  }

  function content(depth, known) {
    const children = [];
    const add = (more) => {
      if (more === '') return;
      if (typeof children.at(-1) === 'string') children[children.length - 1] += more;
      else children.push(more);
    };
    while (!isNext('</')) {
      syntax(at < source.length, 'an element that is not ended');
      if (isNext('<![CDATA[')) add(take(CDATA, 'CDATA section')[1]);
      else if (isNext('<!--')) children.push(comment());
      else if (isNext('<?')) children.push(instruction());
      else if (isNext('<')) children.push(element(depth + 1, known));
      else if (isNext('&')) add(character(...take(REFERENCE, 'reference').slice(1)));
      else add(plainText());
    }
    return children;
  }

  function attributesOf() {
    const attributes = [];
    while (skipSpace() && !isNext('>') && !isNext('/>')) {
      const [name] = take(QUALIFIED, 'name of an attribute');
      skipSpace();
      take(/=/y, 'equals sign');
      skipSpace();
      const [, double, single] = take(ATTRIBUTE, 'value of an attribute');
      attributes.push([name, attributeValue(double ?? single)]);
    }
    return attributes;
  }

  function element(depth, outside) {
    syntax(depth <= MAX_DEPTH, 'too many elements in each other');
    at += '<'.length;
    const [name] = take(QUALIFIED, 'name of an element');
    const attributes = attributesOf();
    const known = namespacesIn(outside, name, attributes);
    const isEmpty = take(/\/?>/y, 'end of a tag')[0] === '/>';
    const children = isEmpty ? [] : content(depth, known);
    if (!isEmpty) {
      at += '</'.length;
      syntax(take(QUALIFIED, 'name of an element')[0] === name, 'another element is ended');
      skipSpace();
      take(/>/y, 'end of a tag');
    }
    return {
      name,
      ...(attributes.length > 0 && { attributes: Object.assign(Object.create(null), Object.fromEntries(attributes)) }),
      ...(children.length > 0 && { children }),
    };
  }

  const children = [];
  for (skipSpace(); at < source.length; skipSpace()) {
    if (isNext('<!--')) children.push(comment());
    else if (isNext('<?')) children.push(instruction());
    else {
      syntax(isNext('<') && !children.some((child) => 'name' in child), 'not one element at the top');
      children.push(element(1, atTheTop));
    }
  }
  syntax(children.some((child) => 'name' in child), 'no element');
  return { children };
}
