// The operations on assurance, life cycles, queries and compact forms. Each answers the value of an acceptance, or throws.
import { assess, frameworkOf, levelForImpacts } from './assurance.mjs';
import { readCompact, readFrames } from './compact.mjs';
import { isTime } from './date-time-stamp.mjs';
import { selectByQuery } from './dcql.mjs';
import { isCommand, runLifeCycle } from './life-cycle.mjs';
import { isBoolean, isStrings, isText, need, optional, texts, time } from './request.mjs';
import { isObject } from './strict-json.mjs';

const isTimeIfThere = (value) => value === undefined || value === null || isTime(value);
const isTextIfThere = (value) => value === undefined || value === null || isText(value);

// --- assurance ---

const isFinding = (value) => isObject(value) && isText(value.control) && ['met', 'notMet', 'notApplicable'].includes(value.outcome)
  && isTextIfThere(value.reason) && isTime(value.at) && isTimeIfThere(value.until);
const isRisks = (value) => isObject(value) && Object.values(value).every((choice) => isText(choice) || isStrings(choice));

function assessEvidence(input, now) {
  const { framework, edition, entity, evidence } = texts(input, 'framework', 'edition', 'entity');
  need(['person', 'nonPerson'].includes(entity), 'entity');
  need(Array.isArray(evidence) && evidence.every(isFinding), 'evidence');
  const risks = optional(input.risks, {}, isRisks, 'risks');
  return assess({ entity, evidence, risks }, frameworkOf(framework, edition), time(now));
}

function assessImpact(input) {
  const { framework, edition } = texts(input, 'framework', 'edition');
  return levelForImpacts(optional(input.impacts, {}, isObject, 'impacts'), frameworkOf(framework, edition));
}

// --- life-cycle ---

function isStep(step) {
  if (!isObject(step) || !isTime(step.at) || !isCommand(step.command)) return false;
  if (step.command === 'create' && !isTime(step.validUntil)) return false;
  if (step.command === 'renew' && !isTime(step.until)) return false;
  return [step.possession, step.identity].every((proof) => proof === undefined || isBoolean(proof));
}

function runSteps({ level, activateWithin, steps }) {
  need([1, 2, 3, 4].includes(level), 'level');
  need(Array.isArray(steps) && steps.every(isStep), 'steps');
  const isSeconds = (value) => Number.isSafeInteger(value) && value >= 0;
  return runLifeCycle(steps, { level, activateWithin: optional(activateWithin, undefined, isSeconds, 'activateWithin') });
}

// --- dcql, compact ---

const isHeld = (value) => isObject(value) && isText(value.format) && isStrings(value.types) && isText(value.issuer) && isObject(value.claims);

function select(input) {
  const { query, held } = texts(input, 'query');
  need(Array.isArray(held) && held.every(isHeld), 'held');
  return selectByQuery(query, held);
}

function read({ text, frames }) {
  need(isText(text) !== isStrings(frames), 'text or frames');
  return isText(text) ? readCompact(text) : readFrames(frames);
}

export const EXCHANGE_OPERATIONS = {
  'assurance.assess': assessEvidence,
  'assurance.impact': assessImpact,
  'life-cycle.run': runSteps,
  'dcql.select': select,
  'compact.read': read,
};
