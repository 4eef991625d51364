// Issuing credentials and presentations with Data Integrity proofs.
import { isTime } from './date-time-stamp.mjs';
import { hasCryptosuite, secure } from './data-integrity.mjs';
import { V2, checkCredential, checkPresentation, idOf, readDocument } from './data-model.mjs';
import { parseDidUrl } from './did.mjs';
import { toMultikey } from './keys.mjs';
import { demand } from './refusal.mjs';
import { readSecretKey } from './secret-keys.mjs';
import { openCredential } from './signed-credentials.mjs';

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
    const { document, version, seals } = openCredential(credential);
    seals();
    checkCredential(document, null, version);
    return credential;
  });
  demand(isTime(created), 'structure', 'created is not a dateTimeStamp');
  const presentation = { '@context': [V2], type: ['VerifiablePresentation'], holder, verifiableCredential };
  checkPresentation(presentation, null);
  const secretKey = signer(holder, secretText, verificationMethod, 'holder');
  return secure(presentation, secretKey, { verificationMethod, created, proofPurpose: 'authentication', challenge, domain });
}
