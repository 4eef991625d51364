// The map of last entries (docs/kbtf-history.md section 4).
import { number } from './history-entries.mjs';
import { demand } from './refusal.mjs';
import { sha256 } from './signatures.mjs';

const BITS = 128;
const NOTHING = Buffer.alloc(32);

const bitOf = (object, depth) => (object[depth >> 3] >> (7 - (depth & 7))) & 1;

const headHash = ({ object, sequence, hash }) => sha256(
  Buffer.concat([Buffer.from([2]), Buffer.from(object, 'hex'), number(sequence, 4), hash]));
const nodeHash = (left, right) => sha256(Buffer.concat([Buffer.from([3]), left, right]));

// The root of a part of the map, with heads { object, sequence, hash } of different objects.
export function headsRoot(heads, depth = 0) {
  if (heads.length === 0) return NOTHING;
  if (heads.length === 1) return headHash(heads[0]);
  const half = (bit) => heads.filter(({ object }) => bitOf(Buffer.from(object, 'hex'), depth) === bit);
  return nodeHash(headsRoot(half(0), depth + 1), headsRoot(half(1), depth + 1));
}

// The head of an object by a proof, or null if the proof says that there is none. `found` is the head at the end of its way,
// or undefined if there is nothing.
export function checkHead(object, { siblings, found }, root) {
  demand(siblings.length <= BITS, 'proof', 'the way is too long');
  const [wanted, there] = [object, found?.object ?? object].map((text) => Buffer.from(text, 'hex'));
  demand(siblings.every((_, depth) => bitOf(wanted, depth) === bitOf(there, depth)), 'proof', 'what is found is not on the way');
  const end = found ? headHash(found) : NOTHING;
  const climb = (part, sibling, depth) => (bitOf(wanted, depth) ? nodeHash(sibling, part) : nodeHash(part, sibling));
  demand(siblings.reduceRight(climb, end).equals(root), 'proof', 'the way leads to another root');
  return found?.object === object ? found : null;
}
