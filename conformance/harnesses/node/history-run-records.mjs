// Records behind a history: on the ledger are commitments under numbers, off it the names and a random key for each value.
// Without its key a commitment says nothing, and nobody can tell any more what was there.
import { createHmac, randomBytes } from 'node:crypto';

// What is kept of an object off the ledger: name → { slot, keys: entry → key, isErased }. The values themselves are not kept.
export const newKept = () => new Map();

// JSON, because a lone surrogate has no UTF-8.
export const keyedHash = (key, ...parts) => createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');

// The commitments to the values that an entry sets, by slot.
export function commit(kept, members, entry) {
  const commitments = {};
  for (const [name, value] of Object.entries(members)) {
    if (!kept.has(name)) kept.set(name, { slot: kept.size, keys: new Map(), isErased: false });
    const { slot, keys } = kept.get(name);
    keys.set(entry, randomBytes(32));
    commitments[slot] = keyedHash(keys.get(entry), name, value);
  }
  return commitments;
}

// Members leave a record by erasure alone, which destroys their keys.
export const presentNames = (kept) => [...kept.keys()].filter((name) => kept.get(name).keys.size > 0);

// Answers the slots of the names.
export function destroy(kept, names) {
  return names.map((name) => {
    const member = kept.get(name);
    member.keys.clear();
    member.isErased = true;
    return member.slot;
  });
}

// What each entry that changed anything left: slot → { commitment, entry that set it }.
function recordsLeft(entries) {
  const record = new Map();
  const left = [];
  for (const { number, members, erased } of entries) {
    if (members === undefined && erased === undefined) continue;
    for (const [slot, commitment] of Object.entries(members ?? {})) record.set(Number(slot), { commitment, entry: number });
    for (const slot of erased ?? []) record.delete(slot);
    left.push({ number, record: new Map(record) });
  }
  return left;
}

// The names that are other in a record, missing or too many.
function differences(kept, record, members) {
  const names = [...kept.keys()].filter((name) => record.has(kept.get(name).slot));
  return [...new Set([...names, ...Object.keys(members)])].filter((name) => {
    const committed = record.get(kept.get(name)?.slot);
    const key = committed && kept.get(name).keys.get(committed.entry);
    return key === undefined || !Object.hasOwn(members, name) || keyedHash(key, name, members[name]) !== committed.commitment;
  });
}

// The names whose erased values alone keep a record from being this one; none if something else does.
function erasedBetween(kept, record, members) {
  const names = [...kept.keys()].filter((name) => record.has(kept.get(name).slot));
  if (names.length !== Object.keys(members).length || names.some((name) => !Object.hasOwn(members, name))) return [];
  const isErased = (name) => !kept.get(name).keys.has(record.get(kept.get(name).slot).entry);
  return differences(kept, record, members).every(isErased) ? names.filter(isErased) : [];
}

export function compareRecord(kept, entries, members, isDeleted) {
  const left = recordsLeft(entries);
  const last = left.at(-1);
  const same = left.findLast(({ record }) => differences(kept, record, members).length === 0);
  if (same === undefined) {
    const names = differences(kept, last.record, members).sort();
    const between = left.map(({ record }) => erasedBetween(kept, record, members)).findLast((erased) => erased.length > 0) ?? [];
    const erased = Object.keys(members).filter((name) => between.includes(name) || (names.includes(name) && kept.get(name)?.isErased));
    return { verdict: 'differs', from: last.number, members: names, erased: erased.sort() };
  }
  const standing = isDeleted ? 'deleted' : 'current';
  return { verdict: 'same', since: same.number, standing: same === last ? standing : 'superseded' };
}
