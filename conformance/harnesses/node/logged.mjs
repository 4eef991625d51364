// Offline proofs that an entry is logged (C2SP tlog-proof).
import { decodeBase64 } from './base64.mjs';
import { checkInclusion, leafHash, readHash, readSize } from './logs.mjs';
import { trustedCheckpoint } from './policies.mjs';
import { demand } from './refusal.mjs';

function readProof(text) {
  const end = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split('\n');
  demand(first === 'c2sp.org/tlog-proof@v1', 'syntax', 'not a proof of tlog-proof');
  if (lines[0]?.startsWith('extra ')) demand(decodeBase64(lines.shift().slice('extra '.length)) !== null, 'syntax', 'extra data');
  const [index, ...path] = lines;
  demand(index?.startsWith('index '), 'syntax', 'no index');
  return { index: readSize(index.slice('index '.length)), path: path.map(readHash), checkpoint: text.slice(end + 2) };
}

// The trusted checkpoint of a log in which the entry is.
export function checkLogged(proof, entry, policy) {
  const { index, path, checkpoint } = readProof(proof);
  const { size, root } = trustedCheckpoint(checkpoint, policy);
  checkInclusion(leafHash(entry), index, size, path, root);
  return size;
}
