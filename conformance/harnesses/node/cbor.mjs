// As much of CBOR (RFC 8949) as compact forms and codes on paper have, in one spelling only: shortest heads, definite lengths,
// no tags. Texts as names may be in any order. The deterministic form of section 4.2.1 has whole numbers as names too, in one
// order, and numbers of 64 bits, which come as BigInt beyond 2^53; here it has no floats, because no code on paper has any, and
// the names of fields stay in the order in which they are printed.
import { demand } from './refusal.mjs';

const MAX_DEPTH = 72; // the document itself is held to 64
const MAX_WHOLE = 2 ** 53;
const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, , SIMPLE] = [0, 1, 2, 3, 4, 5, 6, 7];
const LITERALS = new Map([[20, false], [21, true], [22, null]]);
const DOUBLE = 27;

const inOrder = (condition, detail) => demand(condition, 'syntax', detail);

class Reader {
  constructor(bytes, isDeterministic) {
    this.bytes = bytes;
    this.isDeterministic = isDeterministic;
    this.at = 0;
  }

  take(length) {
    inOrder(length <= this.bytes.length - this.at, 'CBOR: cut off');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  // The number in or behind the first byte of an item.
  argument(info) {
    if (info < 24) return info;
    inOrder(info <= 27, 'CBOR: indefinite or reserved length');
    const width = 2 ** (info - 24);
    const number = width === 8 ? Number(this.take(8).readBigUInt64BE()) : this.take(width).readUIntBE(0, width);
    inOrder(number >= (width === 1 ? 24 : 2 ** (4 * width)), 'CBOR: not the shortest head');
    return number;
  }

  simple(info) {
    if (LITERALS.has(info)) return LITERALS.get(info);
    inOrder(info === DOUBLE && !this.isDeterministic, 'CBOR: another simple value or float');
    const number = this.take(8).readDoubleBE();
    inOrder(Number.isFinite(number), 'CBOR: no number');
    inOrder(!Number.isInteger(number) || Math.abs(number) > MAX_WHOLE, 'CBOR: a whole number as a double');
    return number;
  }

  text(length) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.take(length));
    } catch (error) {
      inOrder(!(error instanceof TypeError), 'CBOR: text not UTF-8');
      throw error;
    }
  }

  map(length, depth) {
    const map = new Map();
    let before = null;
    for (let i = 0; i < length; i++) {
      const start = this.at;
      const name = this.item(depth);
      const written = this.bytes.subarray(start, this.at);
      const isName = typeof name === 'string' || (this.isDeterministic && Number.isInteger(name));
      inOrder(isName && !map.has(name), 'CBOR: a name that is no text, or there twice');
      const isNext = !Number.isInteger(name) || before === null || Buffer.compare(before, written) < 0;
      inOrder(isNext, 'CBOR: names in another order');
      before = written;
      map.set(name, this.item(depth));
    }
    return map;
  }

  item(depth) {
    inOrder(depth < MAX_DEPTH, 'CBOR: nested too deeply');
    const [first] = this.take(1);
    const [kind, info] = [first >> 5, first & 31];
    if (kind === SIMPLE) return this.simple(info);
    const number = this.argument(info);
    if (kind === BYTES) return this.take(number);
    if (kind === TEXT) return this.text(number);
    if (kind === MAP) return this.map(number, depth + 1);
    if (kind === ARRAY) {
      const array = [];
      for (let i = 0; i < number; i++) array.push(this.item(depth + 1));
      return array;
    }
    inOrder(kind === UNSIGNED || kind === NEGATIVE, 'CBOR: a tag');
    const whole = kind === UNSIGNED ? number : -1 - number;
    if (this.isDeterministic && Math.abs(whole) >= MAX_WHOLE) return this.great(kind);
    // From 2^53 on doubles do not tell a number from the next: 2^53 itself is told by its bytes.
    inOrder(Math.abs(whole) < MAX_WHOLE || this.isExactly(kind), 'CBOR: a whole number beyond 2^53');
    return whole;
  }

  // A whole number of 64 bits whose head was read just now.
  great(kind) {
    const number = this.bytes.readBigUInt64BE(this.at - 8);
    return kind === UNSIGNED ? number : -1n - number;
  }

  isExactly(kind) {
    return this.bytes.readBigUInt64BE(this.at - 8) === BigInt(MAX_WHOLE) - (kind === NEGATIVE ? 1n : 0n);
  }
}

// The one item that the bytes are. Maps come as Map, in their order; byte strings as Buffer.
export function decodeCbor(bytes, { deterministic = false } = {}) {
  const reader = new Reader(bytes, deterministic);
  const item = reader.item(0);
  inOrder(reader.at === bytes.length, 'CBOR: something behind the item');
  return item;
}
