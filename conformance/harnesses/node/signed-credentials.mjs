// A credential in any of its forms, opened, and checked as far as its signatures and times go.
import { proofSeals } from './data-integrity.mjs';
import { V1, V2, asArray, checkCredential, idOf, readDocument } from './data-model.mjs';
import { readJws, tokenIn } from './jws.mjs';
import { demand } from './refusal.mjs';
import { openSdJwt } from './sd-jwt.mjs';
import { checkSeals } from './seals.mjs';
import { CREDENTIAL, openEnvelope, openToken } from './tokens.mjs';

const SD_JWT = 'application/vc+sd-jwt';

function openUnbound(text) {
  const credential = openSdJwt(text, ['vc+sd-jwt']);
  demand(credential.binding === null, 'structure', 'a key binding where none may be');
  return credential;
}

// An opened credential is { document, version, claims, seals } and perhaps more. `version` is the context of the only version
// it may be of, where its form says so; `claims` are those of its token, where it has one. The seals are a function, as not everybody who opens a credential checks it.
export function openCredential(object) {
  const envelope = openEnvelope(object, 'EnvelopedVerifiableCredential', ['application/vc+jwt', SD_JWT]);
  if (envelope === null) return { document: object, seals: () => proofSeals(object) };
  return envelope.mediaType === SD_JWT ? openUnbound(envelope.token) : openToken(readJws(envelope.token), CREDENTIAL, [V2]);
}

export function openCredentialText(text) {
  const token = tokenIn(text);
  if (token === null) return openCredential(readDocument(text));
  return token.includes('~') ? openUnbound(token) : openToken(readJws(token), CREDENTIAL, [V1, V2]);
}

// In a presentation of VC 1.1 a credential may be a text.
export function openCredentialInside(value) {
  return typeof value === 'string' ? openToken(readJws(value), CREDENTIAL, [V1]) : openCredential(value);
}

// What the checks on evidence need to know of a credential. An SD-JWT that is no credential of W3C has its own names.
function factsOf({ document, claims, isPlain }) {
  if (isPlain) return { issuer: document.iss, kinds: [document.vct], statusClaim: claims.status, statuses: [], schemas: [] };
  return {
    issuer: idOf(document.issuer),
    kinds: asArray(document.type).filter((name) => name !== 'VerifiableCredential'),
    statusClaim: claims?.status,
    statuses: asArray(document.credentialStatus),
    schemas: asArray(document.credentialSchema),
  };
}

// The classes `structure` to `validity`. Answers the facts, and the document.
export function checkSigned(credential, env) {
  const { document, version, seals, isPlain } = credential;
  const made = seals();
  if (!isPlain) checkCredential(document, env.contexts, version);
  const facts = factsOf(credential);
  const period = isPlain ? [] : [document.validFrom ?? document.issuanceDate, document.validUntil ?? document.expirationDate];
  checkSeals(made, { purpose: 'assertionMethod', issuer: facts.issuer, period }, env);
  return { document, ...facts };
}
