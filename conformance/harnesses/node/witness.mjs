// What a witness is asked and says: requests `add-checkpoint` of C2SP tlog-witness.
import { parseTime } from './date-time-stamp.mjs';
import { EMPTY_ROOT, checkConsistency, readHash, readSize } from './logs.mjs';
import { COSIGNATURE, ED25519, cosigned, isKeyName, readCheckpoint, readVerifierKey, signaturesOf, signerOf } from './notes.mjs';
import { demand } from './refusal.mjs';
import { readSecretKey } from './secret-keys.mjs';

const MAX_PATH = 63;

function readRequest(body) {
  const end = body.indexOf('\n\n');
  demand(end >= 0, 'syntax', 'no empty line before the checkpoint');
  const [first, ...lines] = body.slice(0, end).split('\n');
  demand(first.startsWith('old ') && lines.length <= MAX_PATH, 'syntax', 'not an old size and a path');
  return { oldSize: readSize(first.slice('old '.length)), path: lines.map(readHash), checkpoint: readCheckpoint(body.slice(end + 2)) };
}

function cosignature({ name, secretKey }, text, now) {
  const { seconds } = parseTime(now);
  const { keyType, publicKey, sign } = readSecretKey(secretKey);
  demand(keyType === 'Ed25519', 'unsupported', `a witness with a key of ${keyType}`);
  demand(isKeyName(name) && seconds >= 0, 'syntax', 'no name or time of a witness');
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const { id } = signerOf(name, COSIGNATURE, publicKey);
  return `\u2014 ${name} ${Buffer.concat([id, time, sign(cosigned(seconds, text))]).toString('base64')}\n`;
}

// `last` is the { size, root } that was cosigned last; undefined if nothing was.
export function cosign(witness, { logs, body, last = { size: 0n, root: EMPTY_ROOT } }, now) {
  const signers = logs.map((text) => readVerifierKey(text, [ED25519]));
  const { oldSize, path, checkpoint } = readRequest(body);
  const { origin, size, root, text } = checkpoint;
  demand(oldSize <= size, 'syntax', 'the old size is above the new one');
  const known = signers.filter(({ name }) => name === origin);
  demand(known.length > 0, 'foreign', `no log ${origin}`);
  demand(known.flatMap((signer) => signaturesOf(signer, checkpoint)).length > 0, 'signature', 'not signed by the log');
  demand(oldSize === last.size, 'gap', `cosigned last was ${last.size}`);
  demand(oldSize !== size || root.equals(last.root), 'fork', 'another root of the same size');
  checkConsistency(last, { size, root }, path);
  return { line: cosignature(witness, text, now), size: String(size) };
}
