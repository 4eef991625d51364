// Signed notes, their keys and the checkpoints and cosignatures that are made of them (C2SP signed-note, tlog-checkpoint,
// tlog-cosignature v1).
import { decodeBase64 } from './base64.mjs';
import { readBody } from './keys.mjs';
import { readHash, readSize } from './logs.mjs';
import { Refusal, demand } from './refusal.mjs';
import { sha256, verifies } from './signatures.mjs';

const MAX_SIGNATURES = 100;
const MAX_TIME = 2n ** 63n - 1n;
export const ED25519 = 1;
export const COSIGNATURE = 4;

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

export const isKeyName = (text) => /^[^+\p{White_Space}\p{Cc}]+$/u.test(text) && text.isWellFormed();

const keyId = (name, type, key) => sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), key])).subarray(0, 4);

export const signerOf = (name, type, key) => ({ name, type, key, id: keyId(name, type, key.body) });

// A key in the form of a vkey, which has to be of one of the types.
export function readVerifierKey(text, types) {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  syntax(name !== undefined && isKeyName(name), 'not a verifier key');
  const bytes = decodeBase64(encoded);
  syntax(bytes?.length > 1 && types.includes(bytes[0]), 'another type of key');
  const signer = signerOf(name, bytes[0], readKey(bytes.subarray(1)));
  syntax(signer.id.toString('hex') === id, 'the id of the key is not its hash');
  return signer;
}

function readKey(bytes) {
  try {
    return readBody('Ed25519', bytes);
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('syntax', error.message) : error;
  }
}

function readSignature(line) {
  const [, name, encoded] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  syntax(name !== undefined && isKeyName(name), 'not a line of a signature');
  const bytes = decodeBase64(encoded);
  syntax(bytes?.length > 4, 'signature too short, or not base64');
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

// { text, signatures }: the text up to the last empty line.
export function readNote(note) {
  syntax(note.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(note), 'characters that no note has');
  const end = note.lastIndexOf('\n\n');
  syntax(end >= 0 && note.endsWith('\n') && end + 2 < note.length, 'not a text, an empty line and signatures');
  const lines = note.slice(end + 2, -1).split('\n');
  syntax(lines.length <= MAX_SIGNATURES, 'too many signatures');
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignature) };
}

export function readCheckpoint(note) {
  const { text, signatures } = readNote(note);
  const lines = text.slice(0, -1).split('\n');
  syntax(lines.length >= 3 && lines.every((line) => line !== ''), 'not three lines');
  const [origin, size, root] = lines;
  return { origin, size: readSize(size), root: readHash(root), text, signatures };
}

// What a cosignature is over: a time, and the text of the checkpoint.
export const cosigned = (seconds, text) => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

function isCosignature(key, text, bytes) {
  if (bytes.length !== 72) return false;
  const seconds = bytes.readBigUInt64BE();
  return seconds <= MAX_TIME && verifies(key, cosigned(seconds, text), bytes.subarray(8));
}

// The signatures of a signer on a note. One that is false is worse than none.
export function signaturesOf({ name, type, key, id }, { text, signatures }) {
  const own = signatures.filter((entry) => entry.name === name && entry.id.equals(id)).map(({ signature }) => signature);
  const good = type === COSIGNATURE
    ? (signature) => isCosignature(key, text, signature)
    : (signature) => verifies(key, Buffer.from(text), signature);
  demand(own.every(good), 'signature', `false signature of ${name}`);
  return own;
}

export const timeOfCosignature = (signature) => signature.readBigUInt64BE();
