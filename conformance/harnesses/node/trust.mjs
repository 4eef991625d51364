// Whether an issuer is trusted: by a list, or by a register of who may issue what, and when. The class `trust`.
import { V2, asArray } from './data-model.mjs';
import { isAfter, isTime } from './date-time-stamp.mjs';
import { isDid } from './did.mjs';
import { Refusal, demand } from './refusal.mjs';
import { checkSchemas } from './schemas.mjs';
import { checkSigned, openCredentialText } from './signed-credentials.mjs';
import { checkStatus } from './status-lists.mjs';
import { isObject } from './strict-json.mjs';

const TYPE = 'TrustedIssuerRegistry';

const trusted = (condition, detail) => demand(condition, 'trust', detail);
const isName = (value) => typeof value === 'string' && value !== '';

function isEntry(entry) {
  return isObject(entry) && isDid(entry.id) && Array.isArray(entry.mayIssue) && entry.mayIssue.every(isName)
    && (!('from' in entry) || isTime(entry.from)) && isTime(entry.until);
}

// The entries of a register, which is a credential like any other.
function readRegister({ text, operators }, env) {
  const register = checkSigned(openCredentialText(text), env);
  checkStatus(register, env);
  checkSchemas(register, env);
  const { document, issuer, kinds } = register;
  trusted(operators.includes(issuer), 'a register of an operator that does not count');
  trusted(document['@context'][0] === V2 && kinds.includes(TYPE), 'not a register');
  trusted('validFrom' in document && 'validUntil' in document, 'a register without its time');
  const subjects = asArray(document.credentialSubject);
  trusted(subjects.length === 1 && subjects[0].type === TYPE, 'subject of the register');
  const { number, issuers } = subjects[0];
  trusted(Number.isSafeInteger(number) && number >= 0, 'number of the register');
  trusted(Array.isArray(issuers) && issuers.every(isEntry), 'entries of the register');
  return issuers;
}

function entriesOf(env) {
  try {
    return readRegister(env.registry, env);
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('trust', `register: ${error.message}`) : error;
  }
}

export function checkTrust({ issuer, kinds }, env) {
  const { trustedIssuers, registry, now } = env;
  if (registry === undefined) {
    trusted(trustedIssuers === undefined || trustedIssuers.includes(issuer), 'issuer not trusted');
    return;
  }
  const inForce = ({ from, until }) => (from === undefined || !isAfter(from, now)) && !isAfter(now, until);
  const mayIssue = entriesOf(env).filter((entry) => entry.id === issuer && inForce(entry)).flatMap((entry) => entry.mayIssue);
  trusted(kinds.length > 0 && kinds.every((kind) => mayIssue.includes(kind)), 'the register does not allow it');
}
