// The operations on logs and histories. Each answers the value of an acceptance, or throws.
import { checkAttribution } from './attribution.mjs';
import { decodeBase64 } from './base64.mjs';
import { verifyHistory } from './complete-history.mjs';
import { followLog } from './histories.mjs';
import { readLink } from './history-links.mjs';
import { checkLogged } from './logged.mjs';
import { checkConsistency, checkInclusion, readHash, readSize } from './logs.mjs';
import { readPolicy, trustedCheckpoint } from './policies.mjs';
import { demand } from './refusal.mjs';
import { isBoolean, isStrings, isText, need, optional, texts, time } from './request.mjs';
import { cosign } from './witness.mjs';

function lists(input, ...names) {
  for (const name of names) need(isStrings(input[name]), `${name} is not an array of strings`);
  return input;
}

// --- log ---

function inclusion(input) {
  const { leaf, index, size, path, root } = lists(texts(input, 'leaf', 'index', 'size', 'root'), 'path');
  checkInclusion(readHash(leaf), readSize(index), readSize(size), path.map(readHash), readHash(root));
  return {};
}

function consistency(input) {
  const { oldSize, newSize, oldRoot, newRoot, path } = lists(texts(input, 'oldSize', 'newSize', 'oldRoot', 'newRoot'), 'path');
  const tree = (size, root) => ({ size: readSize(size), root: readHash(root) });
  checkConsistency(tree(oldSize, oldRoot), tree(newSize, newRoot), path.map(readHash));
  return {};
}

function checkpoint(input) {
  const { checkpoint: note, policy } = texts(input, 'checkpoint', 'policy');
  const { origin, size, root, seenBy } = trustedCheckpoint(note, readPolicy(policy));
  return { origin, size: String(size), root: root.toString('base64'), seenBy };
}

function logged(input) {
  const { proof, entry, policy } = texts(input, 'proof', 'entry', 'policy');
  const bytes = decodeBase64(entry);
  demand(bytes !== null, 'syntax', 'the entry is not base64');
  return { size: String(checkLogged(proof, bytes, readPolicy(policy))) };
}

function witness(input, now) {
  const { name, secretKey, logs, body } = lists(texts(input, 'name', 'secretKey', 'body'), 'logs');
  const [lastSize, lastRoot] = ['lastSize', 'lastRoot'].map((member) => optional(input[member], undefined, isText, member));
  need((lastSize === undefined) === (lastRoot === undefined), 'lastSize without lastRoot, or the other way about');
  const last = lastSize === undefined ? undefined : { size: readSize(lastSize), root: readHash(lastRoot) };
  return cosign({ name, secretKey }, { logs, body, last }, time(now));
}

// --- history ---

function verify(input) {
  const { history, object, origin, policy } = texts(input, 'history', 'object', 'origin', 'policy');
  const queries = optional(input.queries, false, isBoolean, 'queries');
  return verifyHistory(history, { object, origin, policy: readPolicy(policy), queries });
}

function follow(input) {
  const { kind, entries } = lists(texts(input, 'kind', 'origin'), 'entries');
  need(['histories', 'queries'].includes(kind), 'kind');
  return { root: followLog(kind, entries).toString('base64') };
}

function attribution(input, now) {
  checkAttribution(lists(texts(input, 'entry', 'origin', 'method', 'key', 'signature', 'index', 'count'), 'path'), time(now));
  return {};
}

export const HISTORY_OPERATIONS = {
  'log.inclusion': inclusion,
  'log.consistency': consistency,
  'log.checkpoint': checkpoint,
  'log.proof': logged,
  'log.cosign': witness,
  'history.verify': verify,
  'history.follow': follow,
  'history.attribution': attribution,
  'history.link': (input) => {
    const { text, logs } = lists(texts(input, 'text'), 'logs');
    return readLink(text, logs);
  },
};
