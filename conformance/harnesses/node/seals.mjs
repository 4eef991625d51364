// What a signer has put on a document: a Data Integrity proof or a JSON Web Signature. A seal is
// { purpose (undefined where there is none to state), challenge, domains, lookUp, checkSignature, checkValidity }.
import { isAfter } from './date-time-stamp.mjs';
import { demand } from './refusal.mjs';

// The classes `keyState` to `validity`, each for all seals before the next one. `issuer` is undefined for a presentation,
// whose holder comes later; `maxAge` is how many seconds old a token may be. Answers who signed:
// { did, key }, the key undefined if its document is missing.
export function checkSeals(seals, { purpose, issuer, period = [], maxAge }, env) {
  const signed = seals.map((seal) => ({ seal, ...seal.lookUp(env, purpose) }));
  for (const { key, did } of signed) if (key === undefined) env.pending.documents.add(did);
  for (const { seal, key, allowedFor } of signed) {
    demand(seal.purpose === undefined || seal.purpose === purpose, 'relationship', `purpose is not ${purpose}`);
    demand(key === undefined || allowedFor(purpose), 'relationship', `key not listed for ${purpose}`);
  }
  const dids = signed.map(({ did }) => did);
  demand(issuer === undefined || dids.includes(issuer), 'issuer', 'the issuer is not the DID of the key');
  demand(signed.every(({ key, controller, did }) => key === undefined || controller === did), 'issuer', 'the method has another controller');
  for (const { seal, key } of signed) seal.checkSignature(key);
  const [begin, end] = period;
  demand(begin === undefined || !isAfter(begin, env.now, -60), 'validity', 'not yet valid');
  demand(end === undefined || !isAfter(env.now, end), 'validity', 'no longer valid');
  for (const { seal } of signed) seal.checkValidity(env, maxAge);
  return signed.map(({ did, key }) => ({ did, key }));
}
