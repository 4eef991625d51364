// The ledger of one log: chains of entries that their actors sign, and a head, signed by the log, over the ends of all chains.
// What stands on it is in the store alone ({ chains, head }), as texts in canonical JSON; whoever holds the store can change them.
import { randomBytes } from 'node:crypto';
import { base58btc } from './base58btc.mjs';
import { readMultikey } from './keys.mjs';
import { demand } from './refusal.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { sha256, verifies } from './signatures.mjs';
import { canonicalize } from './strict-json.mjs';

const ED25519_SECRET = Buffer.from([0x80, 0x26]); // its multicodec header
const newKey = () => readSecretKey(base58btc(Buffer.concat([ED25519_SECRET, randomBytes(32)])));
const hashOf = (line) => sha256(line).toString('hex');
const bytesOf = (content) => Buffer.from(canonicalize(content));

export const newStore = () => ({ chains: new Map(), head: null });

function signedLine(content, key) {
  return canonicalize({ ...content, signature: key.sign(bytesOf(content)).toString('base64url') });
}

function isSigned(line, publicKey) {
  const { signature, ...content } = JSON.parse(line);
  return verifies(publicKey, bytesOf(content), Buffer.from(signature, 'base64url'));
}

const keyOfActor = (did) => readMultikey(did.slice('did:key:'.length));

export function openLedger(log, store) {
  const key = newKey();
  const signHead = (ends) => { store.head = signedLine({ log, ends }, key); };
  const linesOf = (chain) => store.chains.get(chain) ?? [];
  const endsInHead = () => JSON.parse(store.head).ends;

  // How many entries a chain has by the head, and the hash of the last one.
  const endOf = (chain) => endsInHead()[chain] ?? { count: 0, last: null };

  // A new entry follows what the head says, never what the store has by now: that may have been changed.
  function append(chain, { did, secretKey }, content) {
    demand(isSigned(store.head, key.publicKey), 'proof', 'the head is not of this log');
    const { count, last } = endOf(chain);
    const line = signedLine({ ...content, log, chain, number: count, previous: last, by: did }, secretKey);
    store.chains.set(chain, [...linesOf(chain), line]);
    signHead({ ...endsInHead(), [chain]: { count: count + 1, last: hashOf(line) } });
  }

  // From the head back to the first entry, so that every line is known by its hash before it is read.
  function isIntact(chain) {
    if (!isSigned(store.head, key.publicKey)) return false;
    const lines = linesOf(chain);
    const { count, last } = endOf(chain);
    if (lines.length !== count) return false;
    let expected = last;
    for (let number = count - 1; number >= 0; number--) {
      if (hashOf(lines[number]) !== expected) return false;
      const entry = JSON.parse(lines[number]);
      if (entry.log !== log || entry.chain !== chain || entry.number !== number) return false;
      if (!isSigned(lines[number], keyOfActor(entry.by))) return false;
      expected = entry.previous;
    }
    return expected === null;
  }

  const entries = (chain) => linesOf(chain).map((line) => JSON.parse(line));

  function verifiedEntries(chain) {
    demand(isIntact(chain), 'proof', 'the history is damaged');
    return entries(chain);
  }

  signHead({});
  return { append, endOf, entries, isIntact, verifiedEntries };
}
