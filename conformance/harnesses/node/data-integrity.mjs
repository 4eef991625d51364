// Data Integrity proofs with JCS: the cryptosuites eddsa-jcs-2022 and ecdsa-jcs-2019 (P-256).
import { base58btc, decodeBase58btc } from './base58btc.mjs';
import { asArray, proofsOf } from './data-model.mjs';
import { isAfter } from './date-time-stamp.mjs';
import { demand } from './refusal.mjs';
import { sha256, signatureFault, verifies } from './signatures.mjs';
import { canonicalize } from './strict-json.mjs';

const SUITE_OF = { Ed25519: 'eddsa-jcs-2022', 'P-256': 'ecdsa-jcs-2019' };

export const hasCryptosuite = (keyType) => Object.hasOwn(SUITE_OF, keyType);

// What is signed: the hash of the proof's options, then that of the document with no proofs but those it is made upon.
function hashData(document, proof, previous = []) {
  const { proofValue, ...options } = proof;
  const { proof: _, ...unsecured } = document;
  const hash = (value) => sha256(Buffer.from(canonicalize(value), 'utf8'));
  return Buffer.concat([hash(options), hash(previous.length > 0 ? { ...unsecured, proof: previous } : unsecured)]);
}

// `more`: challenge and domain, for a presentation. Answers the signed document as text.
export function secure(document, secretKey, { verificationMethod, created, proofPurpose, ...more }) {
  const options = {
    type: 'DataIntegrityProof', cryptosuite: SUITE_OF[secretKey.keyType], created, verificationMethod, proofPurpose,
    ...more, '@context': document['@context'],
  };
  const proofValue = base58btc(secretKey.sign(hashData(document, options)));
  return canonicalize({ ...document, proof: { ...options, proofValue } });
}

// The class `signature`. Without a key (its document is missing) only what does not need one is checked.
function checkSignature(document, { proof, previous }, key) {
  demand(proof.type === 'DataIntegrityProof', 'signature', 'another type of proof');
  const keyType = Object.keys(SUITE_OF).find((type) => SUITE_OF[type] === proof.cryptosuite);
  demand(keyType !== undefined, 'signature', 'another cryptosuite');
  demand(key === undefined || key.keyType === keyType, 'signature', 'the key is not of the kind of the cryptosuite');
  const signature = decodeBase58btc(proof.proofValue);
  const fault = signatureFault(keyType, signature);
  demand(fault === null, 'signature', fault);
  if (key === undefined) return;
  demand(verifies(key, hashData(document, proof, previous), signature), 'signature', 'the signature does not verify');
}

function checkValidity(proof, now) {
  demand(!('created' in proof) || !isAfter(proof.created, now, -60), 'validity', 'proof of the future');
  demand(!('expires' in proof) || isAfter(proof.expires, now), 'validity', 'proof expired');
}

// The proofs of a document as seals (see seals.mjs).
export function proofSeals(document) {
  return proofsOf(document).map((entry) => ({
    purpose: entry.proof.proofPurpose,
    challenge: entry.proof.challenge,
    domains: asArray(entry.proof.domain),
    lookUp: ({ documents, now }) => documents.lookUp(entry.proof.verificationMethod, now, hasCryptosuite),
    checkSignature: (key) => checkSignature(document, entry, key),
    checkValidity: ({ now }) => checkValidity(entry.proof, now),
  }));
}
