// As much of DER (X.690) as public keys need. The only encoding of a value is read, every other refused.

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OID = 0x06;
export const SEQUENCE = 0x30;

// The contents of an element that begins a text, and what follows it; null if it is not there or not DER.
export function readElement(bytes, tag) {
  if (bytes.length < 2 || bytes[0] !== tag) return null;
  let [length, at] = [bytes[1], 2];
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 3 || bytes.length < 2 + count || bytes[2] === 0) return null;
    length = bytes.readUIntBE(2, count);
    if (length < 0x80) return null;
    at += count;
  }
  if (bytes.length < at + length) return null;
  return { contents: bytes.subarray(at, at + length), rest: bytes.subarray(at + length) };
}

// The same for an element behind which nothing comes.
export function readOnly(bytes, tag) {
  const element = readElement(bytes, tag);
  return element && element.rest.length === 0 ? element.contents : null;
}

// A number that is not negative, as its shortest bytes.
export function readInteger(bytes) {
  const element = readElement(bytes, INTEGER);
  if (element === null || element.contents.length === 0) return null;
  const [first, second] = element.contents;
  if (first >= 0x80 || (first === 0 && second < 0x80)) return null;
  return { number: first === 0 && second !== undefined ? element.contents.subarray(1) : element.contents, rest: element.rest };
}

export function der(tag, ...parts) {
  const contents = Buffer.concat(parts);
  const { length } = contents;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), contents]);
}

export const derInteger = (number) => der(INTEGER, number[0] >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), number);
