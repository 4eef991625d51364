// What of logs of histories and of queries follows on what was before (docs/kbtf-history.md section 1).
import { LOGS, hasParts, readEntry, secondsOf } from './history-entries.mjs';
import { headsRoot } from './history-heads.mjs';
import { EMPTY_ROOT, treeRoot } from './logs.mjs';
import { demand } from './refusal.mjs';

const MAX_SET_BACK = 2 ** 32 - 1;
const MAX_HIDDEN = 10 * 366 * 86400;

// The history of one object, or the questions about one person.
class Sequence {
  length = 0;
  last = null;

  follow({ json, hash }) {
    const back = this.last === null ? 0 : secondsOf(this.last.time) - secondsOf(json.time);
    const setBack = Math.min(Math.max(back, 0), MAX_SET_BACK);
    demand(json.sequence === this.length, 'gap', `number ${json.sequence} after ${this.length}`);
    demand(json.previous === this.last?.hash.toString('base64'), 'brokenLink', 'not on the entry before');
    demand((json.setBack ?? 0) === setBack, 'timeBackwards', `set back by ${setBack}`);
    this.length += 1;
    this.last = { time: json.time, hash };
  }
}

export class History extends Sequence {
  status = 'none';
  members = new Set();
  commitments = new Set();

  add(entry) {
    const { event } = entry.json;
    const { kind } = event;
    demand(this.status !== 'none' || kind === 'create', 'notCreated', `begins with ${kind}`);
    this.follow(entry);
    demand(this.status === 'none' || kind !== 'create', 'replayed', 'created twice');
    const fields = ['create', 'change'].includes(kind) ? event.fields : {};
    for (const text of Object.values(fields)) {
      demand(!this.commitments.has(text), 'replayed', 'a commitment twice');
      this.commitments.add(text);
    }
    const open = ['none', 'active'].includes(this.status) || (this.status === 'deleted' && kind === 'erase');
    demand(open, 'ended', `${kind} of what is ${this.status}`);
    if (kind === 'erase') demand(event.fields.every((name) => this.members.has(name)), 'unknownId', 'a member that is not there');
    demand(hasParts(event), 'structure', 'no parts');
    for (const name of Object.keys(fields)) this.members.add(Number(name));
    this.end(event);
  }

  end({ kind, fields }) {
    if (kind === 'create') this.status = 'active';
    if (kind === 'delete') this.status = 'deleted';
    if (kind !== 'erase') return;
    for (const name of fields) this.members.delete(name);
    if (fields.length === 0) this.status = 'erased';
  }

  summary() {
    return { entries: this.length, status: this.status };
  }
}

export class Questions extends Sequence {
  asked = 0;
  open = new Set();

  add(entry) {
    const { query, sequence, time } = entry.json;
    this.follow(entry);
    if (query.kind === 'outcome') {
      demand(this.open.delete(query.intent), 'unknownId', 'no such open question');
      return;
    }
    if (query.kind === 'hidden') {
      const seconds = secondsOf(query.until) - secondsOf(time);
      demand(seconds > 0 && seconds <= MAX_HIDDEN, 'time', `hidden for ${seconds} seconds`);
    }
    this.asked += 1;
    this.open.add(sequence);
  }

  summary() {
    return { entries: this.length, queries: this.asked, open: this.open.size };
  }
}

const SEQUENCES = { histories: History, queries: Questions };

// A log from its first entry on.
class Log {
  leaves = [];
  sequences = new Map();
  other = { size: 0, root: EMPTY_ROOT.toString('base64') };

  constructor(kind) {
    this.kind = kind;
  }

  add(text) {
    const entry = readEntry(text, LOGS[this.kind]);
    const [about, heads, other] = Object.keys(LOGS[this.kind]);
    if (entry.kind === about) this.addTo(entry);
    if (entry.kind === heads) this.checkHeads(entry.json[heads]);
    if (entry.kind === other) this.note(entry.json[other]);
    this.leaves.push(entry.hash);
  }

  addTo(entry) {
    const sequence = this.sequences.get(entry.about) ?? new SEQUENCES[this.kind]();
    sequence.add(entry);
    this.sequences.set(entry.about, sequence);
  }

  checkHeads({ root, size }) {
    demand(size === this.leaves.length, 'proof', `${size} entries instead of ${this.leaves.length}`);
    const heads = [...this.sequences].map(([object, { length, last }]) => ({ object, sequence: length - 1, hash: last.hash }));
    demand(headsRoot(heads).toString('base64') === root, 'proof', 'another root of the map');
  }

  note({ root, size }) {
    demand(size >= this.other.size, 'fork', 'the other log was set back');
    demand(size !== this.other.size || root === this.other.root, 'fork', 'two roots of one size');
    this.other = { root, size };
  }
}

// The root of a log of a kind with these entries.
export function followLog(kind, entries) {
  const log = new Log(kind);
  for (const text of entries) log.add(text);
  return treeRoot(log.leaves);
}
