// Verifying credentials and presentations. Checks run in the order of the reason classes, so that the first refusal thrown
// is the one to name. What cannot be checked is noted in `pending` and the checks go on: a refusal comes before `undecided`.
import { proofSeals } from './data-integrity.mjs';
import { V1, V2, asArray, checkPresentation, idOf, readDocument } from './data-model.mjs';
import { readJws, tokenIn } from './jws.mjs';
import { Refusal, demand } from './refusal.mjs';
import { checkSchemas } from './schemas.mjs';
import { checkBinding, checkBindingTimes, checkBoundTo, openSdJwt } from './sd-jwt.mjs';
import { checkSeals } from './seals.mjs';
import { checkSigned, openCredentialInside, openCredentialText } from './signed-credentials.mjs';
import { checkStatus } from './status-lists.mjs';
import { isObject } from './strict-json.mjs';
import { PRESENTATION, openEnvelope, openToken } from './tokens.mjs';
import { checkTrust } from './trust.mjs';

const MAX_AGE = 600; // seconds that a token may be old when it is shown

function checkOpened(credential, env) {
  const facts = checkSigned(credential, env);
  checkStatus(facts, env);
  checkSchemas(facts, env);
  checkTrust(facts, env);
}

export function verifyCredential(text, env) {
  checkOpened(openCredentialText(text), env);
}

// `shown`: by a holder to this verifier, and not as an issuer gives it out. Answers the claims.
export function verifySdJwt(text, shown, env) {
  const credential = openSdJwt(tokenIn(text) ?? '', ['dc+sd-jwt', 'vc+sd-jwt']);
  demand(shown || credential.binding === null, 'structure', 'a key binding where none may be');
  const facts = checkSigned(credential, env);
  checkBindingTimes(credential, env);
  checkStatus(facts, env);
  checkSchemas(facts, env);
  if (shown) checkBinding(credential, env);
  checkTrust(facts, env);
  return credential.document;
}

function openPresentationToken(token, versions) {
  const { party: holder, ...opened } = openToken(readJws(token), PRESENTATION, versions);
  return { ...opened, holder };
}

// { document, version, holder, seals }, like an opened credential. `holder`: who it says that is, undefined if it does not.
function openPresentation(text) {
  const token = tokenIn(text);
  if (token !== null) return openPresentationToken(token, [V1, V2]);
  const document = readDocument(text);
  const envelope = openEnvelope(document, 'EnvelopedVerifiablePresentation', ['application/vp+jwt']);
  if (envelope !== null) return openPresentationToken(envelope.token, [V2]);
  return { document, holder: idOf(document.holder), seals: () => proofSeals(document) };
}

// Its own check comes after the presentation's, so what keeps a credential from being opened is kept until then.
function tryToOpen(value) {
  try {
    return openCredentialInside(value);
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

// The class `holder`. `signers` are those that signed.
function checkHolder(holder, signers, credentials, env) {
  const dids = signers.map(({ did }) => did);
  const named = holder === undefined ? dids[0] : holder;
  demand(dids.includes(named), 'holder', 'the holder did not sign');
  demand(holder !== undefined || new Set(dids).size === 1, 'holder', 'several signed, and none is named as the holder');
  for (const { claims } of credentials) if (claims !== undefined && 'cnf' in claims) checkBoundTo(claims.cnf, signers);
  if (env.holderBinding !== 'subject') return;
  // Subjects that are no objects are left to the credential's own check, which refuses them.
  const subjects = credentials.flatMap(({ document }) => asArray(document?.credentialSubject)).filter(isObject);
  demand(subjects.every((subject) => subject.id === named), 'holder', 'a subject is not the holder');
}

export function verifyPresentation(text, env) {
  const { document, version, holder, seals } = openPresentation(text);
  const made = seals();
  checkPresentation(document, env.contexts, version);
  const signers = checkSeals(made, { purpose: 'authentication', maxAge: MAX_AGE }, env);
  demand(made.every(({ challenge }) => challenge === env.challenge), 'challenge', 'another challenge');
  // A seal for several verifiers could be replayed by one of them to another.
  const forUs = ({ domains }) => domains.length === 1 && domains[0] === env.domain;
  demand(made.every(forUs), 'domain', 'another domain');
  const credentials = asArray(document.verifiableCredential).map(tryToOpen);
  checkHolder(holder, signers, credentials, env);
  for (const credential of credentials) {
    if (credential.refusal) throw credential.refusal;
    checkOpened(credential, env);
  }
}
