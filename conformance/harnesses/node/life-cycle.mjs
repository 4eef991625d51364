// The life cycle of a credential: which command may follow, by the level of assurance.
import { isAfter, parseTime, timeText } from './date-time-stamp.mjs';

// `from`: the stages that a command may come from; `final` commands are not held up by the end of the validity.
const COMMANDS = {
  create: { from: () => [null], to: 'created', final: true },
  lock: { from: () => ['created'], to: 'locked' },
  activate: {
    from: (level) => (level === 4 ? ['locked'] : ['created', 'locked']),
    to: 'active',
    proofs: (level) => (level >= 3 ? ['possession'] : []),
  },
  suspend: { from: () => ['active'], to: 'suspended' },
  resume: { from: () => ['suspended'], to: 'active' },
  renew: {
    from: () => ['active'],
    to: 'active',
    proofs: (level) => (level >= 3 ? ['possession', 'identity'] : ['possession']),
  },
  replace: {
    from: () => ['active', 'suspended'],
    to: 'replaced',
    proofs: (level) => (level >= 3 ? ['possession', 'identity'] : ['possession']),
  },
  revoke: { from: () => ['created', 'locked', 'active', 'suspended', 'expired'], to: 'revoked', final: true },
  expire: { from: () => ['created', 'locked', 'active', 'suspended'], to: 'expired', final: true },
};

export const isCommand = (name) => Object.hasOwn(COMMANDS, name);

// What is wrong with the times of a command; null if nothing is.
function timeProblem({ at, command, validUntil, until }, { activateWithin, level }, state) {
  if (command === 'create') return isAfter(at, validUntil) ? 'end-not-later' : null;
  if (command === 'renew') return isAfter(until, state.validUntil) ? null : 'end-not-later';
  if (command !== 'activate') return null;
  if (activateWithin === undefined) return level === 4 ? 'activation-too-late' : null;
  return isAfter(at, state.createdAt, -activateWithin) ? 'activation-too-late' : null;
}

function problem(step, rules, state) {
  const { from, proofs = () => [], final = false } = COMMANDS[step.command];
  const { stage, validUntil, at } = state;
  if (at !== null && isAfter(at, step.at)) return 'clock-went-back';
  const hasEnded = validUntil !== null && isAfter(step.at, validUntil);
  const isAllowed = from(rules.level).includes(stage) && (step.command !== 'expire' || hasEnded);
  if (hasEnded && !final) return 'ended';
  if (!isAllowed) return 'not-allowed';
  if (proofs(rules.level).some((proof) => step[proof] !== true)) return 'proof-missing';
  return timeProblem(step, rules, state);
}

function inUtc(text) {
  const { seconds, fraction } = parseTime(text);
  const whole = timeText(seconds);
  return fraction === '' ? whole : whole.replace('Z', `.${fraction}Z`);
}

export function runLifeCycle(steps, rules) {
  let state = { stage: null, validUntil: null, createdAt: null, at: null };
  const results = steps.map((step) => {
    const refused = problem(step, rules, state);
    if (refused !== null) return refused;
    const { at, command } = step;
    const stage = COMMANDS[command].to;
    if (command === 'create') state = { stage, validUntil: step.validUntil, createdAt: at, at };
    else state = { ...state, stage, at, validUntil: command === 'renew' ? step.until : state.validUntil };
    return 'ok';
  });
  return { results, stage: state.stage, validUntil: state.validUntil && inUtc(state.validUntil) };
}
