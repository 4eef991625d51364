// Whom to trust: policies of C2SP tlog-policy, and what they say of a checkpoint.
import { timeText } from './date-time-stamp.mjs';
import { COSIGNATURE, ED25519, readCheckpoint, readVerifierKey, signaturesOf, timeOfCosignature } from './notes.mjs';
import { demand } from './refusal.mjs';

const LAST_TIME = 253402300799n; // of the year 9999: what cannot be written counts for nothing

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

class Policy {
  logs = [];
  witnesses = new Map();
  groups = new Map();
  members = new Set();
  quorum = null;

  define(names, name, value) {
    syntax(name !== 'none' && !this.defines(name), `name ${name} twice`);
    names.set(name, value);
  }

  defines(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  log(words) {
    syntax(words.length === 1 || words.length === 2, 'log');
    const log = readVerifierKey(words[0], [ED25519]);
    syntax(!this.logs.some(({ key }) => key.body.equals(log.key.body)), 'one log twice');
    this.logs.push(log);
  }

  witness(words) {
    syntax(words.length === 2 || words.length === 3, 'witness');
    const witness = readVerifierKey(words[1], [COSIGNATURE]);
    syntax(![...this.witnesses.values()].some(({ key }) => key.body.equals(witness.key.body)), 'one witness twice');
    this.define(this.witnesses, words[0], witness);
  }

  group([name, count, ...members]) {
    syntax(members.length > 0, 'group');
    const threshold = { any: '1', all: String(members.length) }[count] ?? count;
    syntax(/^[1-9][0-9]{0,8}$/.test(threshold) && Number(threshold) <= members.length, 'threshold of a group');
    for (const member of members) {
      syntax(this.defines(member) && !this.members.has(member), `member ${member}`);
      this.members.add(member);
    }
    this.define(this.groups, name, { threshold: Number(threshold), members });
  }

  setQuorum([name, ...more]) {
    syntax(this.quorum === null && more.length === 0 && (name === 'none' || this.defines(name)), 'quorum');
    this.quorum = name;
  }

  // By when a witness or group had seen a checkpoint, with the times of those who have cosigned it; undefined if it has not.
  seenBy(name, times) {
    if (this.witnesses.has(name)) return times.get(name);
    const { threshold, members } = this.groups.get(name);
    const seen = members.map((member) => this.seenBy(member, times)).filter((time) => time !== undefined);
    return inOrder(seen)[threshold - 1];
  }
}

const inOrder = (times) => times.sort((a, b) => (a < b ? -1 : Number(a > b)));

export function readPolicy(text) {
  syntax(!/[^\t\n\x20-\x7e\x80-\u{10ffff}]/u.test(text), 'characters that no policy has');
  const policy = new Policy();
  const define = { log: 'log', witness: 'witness', group: 'group', quorum: 'setQuorum' };
  for (const line of text.split('\n')) {
    const [kind, ...words] = line.split(/[ \t]+/).filter((word) => word !== '');
    if (kind === undefined || kind.startsWith('#')) continue;
    syntax(Object.hasOwn(define, kind) && words.length > 0, `line ${kind}`);
    policy[define[kind]](words);
  }
  syntax(policy.quorum !== null, 'no quorum');
  return policy;
}

// A checkpoint that the policy trusts: { origin, size, root, seenBy }, with the time of the quorum as a text or null.
export function trustedCheckpoint(note, policy) {
  const checkpoint = readCheckpoint(note);
  const signed = policy.logs.filter((log) => signaturesOf(log, checkpoint).length > 0);
  const times = new Map();
  for (const [name, witness] of policy.witnesses) {
    const seen = signaturesOf(witness, checkpoint).map(timeOfCosignature).filter((time) => time <= LAST_TIME);
    if (seen.length > 0) times.set(name, inOrder(seen)[0]);
  }
  demand(signed.some(({ name }) => name === checkpoint.origin), 'signature', 'no log of the policy has signed under its origin');
  const { origin, size, root } = checkpoint;
  if (policy.quorum === 'none') return { origin, size, root, seenBy: null };
  const seen = policy.seenBy(policy.quorum, times);
  demand(seen !== undefined, 'quorum', 'too few witnesses');
  return { origin, size, root, seenBy: timeText(Number(seen)) };
}
