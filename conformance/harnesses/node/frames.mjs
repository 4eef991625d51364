// Frames: a packed document in pieces, of which any that are enough will do. The data of a frame is the exclusive or of pieces.
import { createHash } from 'node:crypto';
import { decodeBase45 } from './base45.mjs';
import { decodeCbor } from './cbor.mjs';
import { demand } from './refusal.mjs';

const PREFIX = 'KVF1:';
const ID_LENGTH = 8;
const MAX_COUNT = 256;

const inOrder = (condition, detail) => demand(condition, 'syntax', detail);
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const isWhole = (value, from, to) => Number.isSafeInteger(value) && value >= from && value <= to;

function readFrame(text) {
  inOrder(text.startsWith(PREFIX), 'not a frame');
  const bytes = decodeBase45(text.slice(PREFIX.length));
  inOrder(bytes !== null, 'a frame not in base45');
  const frame = decodeCbor(bytes);
  inOrder(Array.isArray(frame) && frame.length === 5, 'a frame that is no array of five');
  const [id, length, count, number, data] = frame;
  inOrder(Buffer.isBuffer(id) && id.length === ID_LENGTH, 'id of a frame');
  inOrder(isWhole(length, 1, Number.MAX_SAFE_INTEGER) && isWhole(count, 1, MAX_COUNT), 'length or count of a frame');
  inOrder(isWhole(number, 0, 0xffffffff), 'number of a frame');
  inOrder(Buffer.isBuffer(data) && data.length === Math.ceil(length / count), 'data of a frame');
  return { id, length, count, number, data };
}

// The pieces in a frame, as bits.
function piecesIn({ id, count, number }) {
  if (number < count) return 1n << BigInt(number);
  const fourBytes = Buffer.alloc(4);
  fourBytes.writeUInt32BE(number);
  const hash = sha256(id, fourBytes);
  let pieces = 0n;
  for (let i = 0; i < count; i++) if ((hash[i >> 3] >> (i & 7)) & 1) pieces |= 1n << BigInt(i);
  return pieces === 0n ? 1n << BigInt(number % count) : pieces;
}

function xor(a, b) {
  const out = Buffer.allocUnsafe(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] ^ b[i];
  return out;
}

// Rows by the piece that each is kept for, which is in no other row (Gauss and Jordan).
function addRow(rows, { pieces, data }) {
  for (const [piece, row] of rows) {
    if ((pieces >> BigInt(piece)) & 1n) [pieces, data] = [pieces ^ row.pieces, xor(data, row.data)];
  }
  if (pieces === 0n) {
    inOrder(data.every((byte) => byte === 0), 'frames that contradict each other');
    return;
  }
  const own = pieces.toString(2).length - 1;
  for (const row of rows.values()) {
    if ((row.pieces >> BigInt(own)) & 1n) [row.pieces, row.data] = [row.pieces ^ pieces, xor(row.data, data)];
  }
  rows.set(own, { pieces, data });
}

// { packed }, the bytes that were cut, or { missing }.
export function joinFrames(texts) {
  const frames = texts.map(readFrame);
  if (frames.length === 0) return { missing: 1 };
  const [{ id, length, count }] = frames;
  const isOfFirst = (frame) => frame.id.equals(id) && frame.length === length && frame.count === count;
  inOrder(frames.every(isOfFirst), 'frames of different documents');
  const rows = new Map();
  for (const frame of frames) addRow(rows, { pieces: piecesIn(frame), data: frame.data });
  if (rows.size < count) return { missing: count - rows.size };
  const all = Buffer.concat(Array.from({ length: count }, (_, piece) => rows.get(piece).data));
  inOrder(all.subarray(length).every((byte) => byte === 0), 'the last piece is not filled up with zeros');
  const packed = all.subarray(0, length);
  inOrder(sha256(packed).subarray(0, ID_LENGTH).equals(id), 'the frames are not of the document that they name');
  return { packed };
}
