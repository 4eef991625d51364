// Levels of assurance, by a framework that is data: what an assessment found, and what level the impact of errors asks for.
import { readFileSync } from 'node:fs';
import { isAfter } from './date-time-stamp.mjs';
import { demand } from './refusal.mjs';
import { parse } from './strict-json.mjs';

const PLACE = new URL('../../../kbtf-vc/src/assurance/frameworks/x1254-2012.json', import.meta.url);

let loaded;

// Read when it is first asked for: a harness without the data still has the other operations.
export function frameworkOf(id, edition) {
  loaded ??= parse(readFileSync(PLACE, 'utf8'));
  demand(loaded.id === id && loaded.edition === edition, 'structure', 'an unknown framework or edition');
  return loaded;
}

const isBlank = (text) => text.trim() === '';
const levelsOf = ({ components: [{ levels }] }) => levels;

// --- what was found ---

// Of findings of one time, the one that counts.
const STRICTNESS = ['notMet', 'notApplicable', 'met'];

function counts(finding, other) {
  if (isAfter(finding.at, other.at)) return true;
  return !isAfter(other.at, finding.at) && STRICTNESS.indexOf(finding.outcome) < STRICTNESS.indexOf(other.outcome);
}

function findingsNow(evidence, now) {
  const findings = new Map();
  for (const finding of evidence) {
    if (isAfter(finding.at, now) || (finding.until && isAfter(now, finding.until))) continue;
    const other = findings.get(finding.control);
    if (other === undefined || counts(finding, other)) findings.set(finding.control, finding);
  }
  return findings;
}

// Those that include a control, directly or through others.
function includersOf(id, controls) {
  const found = new Set([id]);
  for (const one of found) for (const { id: other, includes } of controls) if (includes.includes(one)) found.add(other);
  found.delete(id);
  return [...found];
}

function isMet(id, { controls }, findings) {
  const finding = findings.get(id);
  if (finding === undefined) return includersOf(id, controls).some((other) => findings.get(other)?.outcome === 'met');
  const { conditional = false } = controls.find((control) => control.id === id);
  return finding.outcome === 'met' || (finding.outcome === 'notApplicable' && conditional && !isBlank(finding.reason ?? ''));
}

// The controls chosen by risk; null if they are not known.
function chosen(phase, { threats }, risks) {
  const all = [];
  for (const threat of threats.filter((one) => one.phase === phase)) {
    const choice = Object.hasOwn(risks, threat.id) ? risks[threat.id] : '';
    if (Array.isArray(choice)) {
      if (choice.length === 0 || !choice.every((id) => threat.controls.includes(id))) return null;
      all.push(...choice);
    } else if (isBlank(choice)) {
      return null;
    }
  }
  return all;
}

export function assess({ entity, evidence, risks }, framework, now) {
  const findings = findingsNow(evidence, now);
  const met = (id) => isMet(id, framework, findings);
  const holds = ({ all, control, riskChosen }) => {
    if (all !== undefined) return all.every(holds);
    if (control !== undefined) return met(control);
    return chosen(riskChosen, framework, risks)?.every(met) ?? false;
  };
  const levels = levelsOf(framework);
  // How many levels hold, counted from the lowest.
  const reached = (phase) => {
    const rules = framework.rules.filter((rule) => rule.phase === phase && ['any', entity].includes(rule.entity));
    const failing = levels.findIndex((level) => !rules.filter((rule) => rule.level === level).every(({ require }) => holds(require)));
    return failing < 0 ? levels.length : failing;
  };
  const numbers = framework.phases.map(({ id }) => [id, reached(id)]);
  const nameOf = (number) => levels[number - 1] ?? null;
  return {
    phases: Object.fromEntries(numbers.map(([id, number]) => [id, nameOf(number)])),
    overall: nameOf(Math.min(...numbers.map(([, number]) => number))),
  };
}

// --- what is needed ---

export function levelForImpacts(impacts, framework) {
  const { scale, rows } = framework.impact;
  const named = Object.entries(impacts);
  demand(named.length > 0, 'structure', 'no impacts');
  const needed = named.map(([consequence, impact]) => {
    const row = rows.find(({ id }) => id === consequence);
    demand(row !== undefined && scale.includes(impact), 'structure', `unknown: ${consequence}, ${impact}`);
    return row.highest.findIndex((highest) => scale.indexOf(highest) >= scale.indexOf(impact));
  });
  return { level: needed.includes(-1) ? null : levelsOf(framework)[Math.max(...needed)] };
}
