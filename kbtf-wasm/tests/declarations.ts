// Compiled, never run: what the declarations must allow, and what they must refuse.
import {
  type Need, type VerificationResult, KbtfError, SecretKey, init, issueCredential, resolveDidKey, verifyCredential,
} from '@kbtf/sdk';
import * as inline from '@kbtf/sdk/inline';

await init();
await init({ module: new URL('https://example.com/kbtf_bg.wasm') });
await init({ module: fetch('/kbtf_bg.wasm', { integrity: 'sha384-' }) });
await inline.init();

const key: SecretKey = SecretKey.generate('P-256');
const text: string = issueCredential({ issuer: key.did, credentialSubject: { a: [1, null, true] } }, { key, created: new Date() });
const result: VerificationResult = verifyCredential(text, { trustedIssuers: [key.did], now: '2026-01-01T00:00:00Z', documents: undefined });
if (result.accepted) {
  const subject = result.credential['credentialSubject'];
  void subject;
} else {
  const needs: Need[] = result.verdict.needs;
  // @ts-expect-error a credential that was not accepted is not there
  result.credential.issuer;
  void needs;
}
for (const step of result.verdict.steps) {
  if (step.outcome === 'failed') void step.code.startsWith('vc/');
  // @ts-expect-error only a failed step has a code
  else void step.code;
}
void resolveDidKey(key.did)['id'];
key.free();

// @ts-expect-error whom to trust must be said
verifyCredential(text, {});
// @ts-expect-error a parsed object has lost what must be verified
verifyCredential({ issuer: 'x' }, { trustedIssuers: 'any' });
// @ts-expect-error keys are made by the two functions
new SecretKey();
// @ts-expect-error no such kind of key
SecretKey.generate('RSA');
// @ts-expect-error thrown by the package only
new KbtfError('a', 'b');
