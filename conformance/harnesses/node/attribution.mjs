// Who has written an entry (docs/kbtf-history.md section 6).
import { decodeBase64 } from './base64.mjs';
import { LOGS, PLACE, commitment, readEntry } from './history-entries.mjs';
import { Documents } from './known-documents.mjs';
import { leafHash, readHash, readSize, rootOfPath } from './logs.mjs';
import { Refusal, demand } from './refusal.mjs';
import { verifies } from './signatures.mjs';

// The key that a did:key lists to make assertions with.
function assertionKey(method, now) {
  try {
    demand(method.startsWith('did:key:'), 'keyState', 'not a did:key');
    const { key, allowedFor } = new Documents().lookUp(method, now, (keyType) => keyType !== 'X25519');
    demand(allowedFor('assertionMethod'), 'relationship', 'not a key for assertions');
    return key;
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('issuer', error.message) : error;
  }
}

export function checkAttribution({ entry: text, origin, method, key: encodedKey, signature: encoded, index, count, path }, now) {
  const entry = readEntry(text, { ...LOGS.histories, ...LOGS.queries });
  const [key, signature] = [readHash(encodedKey), decodeBase64(encoded)];
  const [place, size, hashes] = [readSize(index), readSize(count), path.map(readHash)];
  demand(signature !== null, 'syntax', 'signature is not base64');
  const actor = entry.json.actor ?? entry.json.query?.actor;
  demand(actor !== undefined, 'issuer', 'the entry names nobody');
  demand(commitment(key, entry, PLACE.actor, method).toString('base64') === actor, 'issuer', 'the entry is committed to another key');
  const publicKey = assertionKey(method, now);
  const root = rootOfPath(leafHash(commitment(key, entry, PLACE.entry, text)), place, size, hashes);
  const signed = `kbtf/attribution/v1\norigin ${origin}\n${size}\n${root.toString('base64')}\n`;
  demand(verifies(publicKey, Buffer.from(signed), signature), 'signature', 'the signature does not verify');
}
