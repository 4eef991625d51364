// What is shown of a document, put together again (docs/kbtf-authenticity.md section 4).
import { demand } from './refusal.mjs';

const consistent = (condition, detail) => demand(condition, 'structure', detail);

// A part of the document is { leaf }, { members } or { items }, by what is shown of it first; an item has its position as well.
const newPart = () => ({});

function childOf(part, step) {
  const isItem = Buffer.isBuffer(step);
  const [own, others] = isItem ? ['items', ['leaf', 'members']] : ['members', ['leaf', 'items']];
  consistent(!others.some((name) => name in part), 'one part is two things');
  part[own] ??= new Map();
  const name = isItem ? step.toString('hex') : step;
  if (!part[own].has(name)) part[own].set(name, newPart());
  return part[own].get(name);
}

function add(top, { path, value, position }) {
  const part = path.reduce(childOf, top);
  if (position !== undefined) {
    consistent(!('position' in part), 'the place of an item twice');
    part.position = position;
    return;
  }
  consistent(!['leaf', 'members', 'items'].some((name) => name in part), 'a leaf, and another or something in it');
  part.leaf = value;
}

// { value, ordered } of a part.
function assemble(part) {
  if ('leaf' in part) return { value: part.leaf, ordered: true };
  if ('members' in part) {
    const value = Object.create(null);
    const parts = [...part.members].map(([name, member]) => ({ name, ...assemble(member) }));
    for (const { name, value: member } of parts) value[name] = member;
    return { value, ordered: parts.every(({ ordered }) => ordered) };
  }
  consistent('items' in part, 'a place without anything of its item');
  // By their tags: where not all places are shown, the order of what is shown must say nothing.
  const items = [...part.items.keys()].sort().map((tag) => part.items.get(tag));
  const positions = items.map(({ position }) => position).filter((position) => position !== undefined);
  consistent(new Set(positions).size === positions.length, 'two items at one place');
  const inOrder = positions.length === items.length;
  if (inOrder) items.sort((a, b) => a.position - b.position);
  const parts = items.map(assemble);
  return { value: parts.map(({ value }) => value), ordered: inOrder && parts.every(({ ordered }) => ordered) };
}

export function putTogether(shown) {
  const top = newPart();
  for (const leaf of shown) add(top, leaf);
  return assemble(top);
}
