// Issuing and verifying credentials and presentations. Checks run in the order of the reason classes, so that the first
// refusal thrown is the one to name. What cannot be checked is noted in `pending` and the checks go on: a refusal comes
// before `undecided`.
import { isAfter, isTime } from './date-time-stamp.mjs';
import { checkSignature, hasCryptosuite, secure } from './data-integrity.mjs';
import { V2, asArray, checkCredential, checkPresentation, idOf, onlyProof, readDocument } from './data-model.mjs';
import { parseDidUrl } from './did.mjs';
import { toMultikey } from './keys.mjs';
import { demand } from './refusal.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { isObject } from './strict-json.mjs';

// The key has to be that of the method, which only a did:key tells. `reason`: the class for a signer who is not the one named.
function signer(party, secretKeyText, verificationMethod, reason) {
  const { did, method } = parseDidUrl(verificationMethod);
  demand(party === did, reason, 'not the DID of the verification method');
  const secretKey = readSecretKey(secretKeyText);
  demand(hasCryptosuite(secretKey.keyType), 'unsupported', `credentials signed with ${secretKey.keyType}`);
  const multikey = toMultikey(secretKey.publicKey);
  demand(method !== 'key' || verificationMethod === `did:key:${multikey}#${multikey}`, reason, 'not the key of the did:key');
  return secretKey;
}

export function issueCredential({ credential: text, secretKey: secretText, verificationMethod, created }) {
  const credential = readDocument(text);
  demand(!('proof' in credential), 'structure', 'already signed');
  demand(isTime(created), 'structure', 'created is not a dateTimeStamp');
  checkCredential(credential, null);
  const secretKey = signer(idOf(credential.issuer), secretText, verificationMethod, 'issuer');
  return secure(credential, secretKey, { verificationMethod, created, proofPurpose: 'assertionMethod' });
}

export function issuePresentation(input) {
  const { holder, secretKey: secretText, verificationMethod, created, challenge, domain } = input;
  const verifiableCredential = input.credentials.map((text) => {
    const credential = readDocument(text);
    onlyProof(credential);
    checkCredential(credential, null);
    return credential;
  });
  demand(isTime(created), 'structure', 'created is not a dateTimeStamp');
  const presentation = { '@context': [V2], type: ['VerifiablePresentation'], holder, verifiableCredential };
  checkPresentation(presentation, null);
  const secretKey = signer(holder, secretText, verificationMethod, 'holder');
  return secure(presentation, secretKey, { verificationMethod, created, proofPurpose: 'authentication', challenge, domain });
}

// Classes `keyState` to `validity`, alike for both; `issuer` is undefined for a presentation, whose holder comes later.
// Answers the DID that signed.
function checkProof(document, proof, { purpose, issuer, period }, env) {
  const { did, key, controller, allowedFor } = env.documents.lookUp(proof.verificationMethod, env.now);
  if (key === undefined) env.pending.documents.add(did);
  demand(proof.proofPurpose === purpose, 'relationship', `purpose is not ${purpose}`);
  demand(key === undefined || allowedFor(purpose), 'relationship', `key not listed for ${purpose}`);
  demand(issuer === undefined || issuer === did, 'issuer', 'the issuer is not the DID of the key');
  demand(key === undefined || controller === did, 'issuer', 'the method has another controller');
  checkSignature(document, proof, key);
  const [begin, end] = period;
  demand(begin === undefined || !isAfter(begin, env.now, -60), 'validity', 'not yet valid');
  demand(end === undefined || !isAfter(env.now, end), 'validity', 'no longer valid');
  demand(!('created' in proof) || !isAfter(proof.created, env.now, -60), 'validity', 'proof of the future');
  demand(!('expires' in proof) || isAfter(proof.expires, env.now), 'validity', 'proof expired');
  return did;
}

function checkSignedCredential(credential, env) {
  const proof = onlyProof(credential);
  checkCredential(credential, env.contexts);
  const issuer = idOf(credential.issuer);
  const period = [credential.validFrom ?? credential.issuanceDate, credential.validUntil ?? credential.expirationDate];
  checkProof(credential, proof, { purpose: 'assertionMethod', issuer, period }, env);
  // Status lists and schemas are documents elsewhere, which a harness does not fetch.
  for (const name of ['credentialStatus', 'credentialSchema']) {
    if (asArray(credential[name]).length > 0) env.pending.other.add(name);
  }
  demand(env.trustedIssuers === undefined || env.trustedIssuers.includes(issuer), 'trust', 'issuer not trusted');
}

export function verifyCredential(text, env) {
  checkSignedCredential(readDocument(text), env);
}

export function verifyPresentation(text, env) {
  const presentation = readDocument(text);
  const proof = onlyProof(presentation);
  checkPresentation(presentation, env.contexts);
  const did = checkProof(presentation, proof, { purpose: 'authentication', period: [] }, env);
  demand(proof.challenge === env.challenge, 'challenge', 'another challenge');
  // A proof for several verifiers could be replayed by one of them to another.
  const domains = asArray(proof.domain);
  demand(domains.length === 1 && domains[0] === env.domain, 'domain', 'another domain');
  demand(idOf(presentation.holder ?? did) === did, 'holder', 'the holder did not sign');
  const credentials = asArray(presentation.verifiableCredential);
  if (env.holderBinding === 'subject') {
    // Subjects that are no objects are left to the credential's own check, which refuses them.
    const subjects = credentials.flatMap((credential) => asArray(credential.credentialSubject)).filter(isObject);
    demand(subjects.every((subject) => subject.id === did), 'holder', 'a subject is not the holder');
  }
  for (const credential of credentials) checkSignedCredential(credential, env);
}
