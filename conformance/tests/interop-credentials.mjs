// Credentials both ways with stacks that nobody here wrote: @sd-jwt/sd-jwt-vc, did-jwt-vc, jose, and Digital Bazaar's vc with
// data-integrity. Ours is the VC API of the suite and the reference behind the harness protocol.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { EdDSASigner, ES256KSigner } from 'did-jwt';
import { createVerifiableCredentialJwt, createVerifiablePresentationJwt, verifyCredential } from 'did-jwt-vc';
import { Resolver } from 'did-resolver';
import * as jose from 'jose';
import { getResolver } from 'key-did-resolver';

const eddsaJcs = jcs.createSignCryptosuite();
const eddsaJcsVerify = jcs.createVerifyCryptosuite();
const NOW = '2026-11-24T00:00:00Z';
const SECONDS = Date.parse(NOW) / 1000;
const V1 = 'https://www.w3.org/2018/credentials/v1';
const V2 = 'https://www.w3.org/ns/credentials/v2';

const ours = spawn(process.env.KBTF_CONFORMANCE, ['harness'], { stdio: ['pipe', 'pipe', 'inherit'] });
const api = spawn(process.env.KBTF_CONFORMANCE, ['serve', 'vc-api'], { stdio: ['ignore', 'pipe', 'inherit'] });
after(() => {
  ours.kill();
  api.kill();
});
const answers = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
const [base, issuer] = (await createInterface({ input: api.stdout })[Symbol.asyncIterator]().next()).value.split(' ');
let id = 0;

async function ask(operation, input) {
  id += 1;
  ours.stdin.write(`${JSON.stringify({ id, operation, now: NOW, seed: '00'.repeat(32), input })}\n`);
  const answer = JSON.parse((await answers.next()).value);
  assert(!answer.error && !answer.unsupported, JSON.stringify(answer));
  return answer;
}

async function accepted(operation, input) {
  const answer = await ask(operation, input);
  assert.equal(answer.verdict, 'accepted', JSON.stringify(answer));
  return answer.value;
}

async function post(path, body) {
  const answer = await fetch(base + path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return { status: answer.status, ...(await answer.json()) };
}

async function issued(credential, options) {
  const { status, verifiableCredential, errors } = await post('/credentials/issue', { credential, options });
  assert.equal(status, 201, JSON.stringify(errors));
  return verifiableCredential;
}

const tokenOf = (envelope) => envelope.id.slice(envelope.id.indexOf(',') + 1);
const resolver = new Resolver(getResolver());

// The did:key of an Ed25519 key of Web Crypto.
function didKey(jwk) {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = BigInt(`0x${Buffer.concat([Buffer.from([0xed, 0x01]), Buffer.from(jwk.x, 'base64url')]).toString('hex')}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  return { did: `did:key:z${text}`, kid: `did:key:z${text}#z${text}`, multikey: `z${text}` };
}

const unsigned = (who, members = {}) => ({
  '@context': [V2], type: ['VerifiableCredential'], issuer: who, validFrom: '2026-01-01T00:00:00Z',
  credentialSubject: { id: 'did:example:student', degree: '공학사', gpa: 4.5 }, ...members,
});

test('jose: VC-JOSE-COSE tokens both ways', async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair('EdDSA', { extractable: true });
  const { did, kid } = didKey(await jose.exportJWK(publicKey));
  const credential = unsigned(did);
  const token = await new jose.SignJWT(credential).setProtectedHeader({ alg: 'EdDSA', typ: 'vc+jwt', kid }).sign(privateKey);
  await accepted('credential.verify', { credential: token });
  const other = await new jose.SignJWT(credential).setProtectedHeader({ alg: 'EdDSA', typ: 'vp+jwt', kid }).sign(privateKey);
  assert.equal((await ask('credential.verify', { credential: other })).reason, 'structure');

  const mine = tokenOf(await issued(unsigned(issuer), { form: 'jwt' }));
  const x = (await resolver.resolve(issuer)).didDocument.verificationMethod[0];
  const key = await jose.importJWK({ kty: 'OKP', crv: 'Ed25519', x: base58(x.publicKeyBase58).toString('base64url') }, 'EdDSA');
  const { payload, protectedHeader } = await jose.jwtVerify(mine, key, { typ: 'vc+jwt' });
  assert.equal(payload.credentialSubject.degree, '공학사');
  assert.equal(protectedHeader.alg, 'EdDSA');
});

function base58(text) {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = 0n;
  for (const letter of text) number = number * 58n + BigInt(alphabet.indexOf(letter));
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
}

test('did-jwt-vc: VC 1.1 tokens both ways', async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair('EdDSA', { extractable: true });
  const { d } = await jose.exportJWK(privateKey);
  const { did } = didKey(await jose.exportJWK(publicKey));
  const signer = { did, alg: 'EdDSA', signer: EdDSASigner(Buffer.from(d, 'base64url')) };
  const credential = {
    sub: did, nbf: SECONDS - 100, exp: SECONDS + 100,
    vc: { '@context': [V1], type: ['VerifiableCredential'], credentialSubject: { degree: '공학사' } },
  };
  // Without kid: the only key of the did:key is meant.
  const token = await createVerifiableCredentialJwt(credential, signer);
  await accepted('credential.verify', { credential: token });
  assert.notEqual((await ask('credential.verify', { credential: token.slice(0, -4) + 'AAAA' })).verdict, 'accepted');
  const presentation = { vp: { '@context': [V1], type: ['VerifiablePresentation'], verifiableCredential: [token] } };
  const shown = await createVerifiablePresentationJwt(presentation, signer, { challenge: 'c-1', domain: 'shop.example' });
  const input = { presentation: shown, challenge: 'c-1', domain: 'shop.example' };
  await accepted('presentation.verify', input);
  assert.equal((await ask('presentation.verify', { ...input, challenge: 'c-2' })).reason, 'challenge');

  const old = { ...unsigned(issuer), '@context': [V1], issuanceDate: '2026-01-01T00:00:00Z' };
  delete old.validFrom;
  const mine = await issued(old, { form: 'jwt' });
  const { verified, verifiableCredential } = await verifyCredential(mine, resolver, { policies: { now: SECONDS } });
  assert(verified);
  assert.equal(verifiableCredential.issuer.id, issuer);
  assert.equal(verifiableCredential.credentialSubject.degree, '공학사');
});

test('Digital Bazaar: eddsa-jcs-2022 both ways', async () => {
  const key = await Ed25519Multikey.generate();
  const did = `did:key:${key.publicKeyMultibase}`;
  key.id = `${did}#${key.publicKeyMultibase}`;
  key.controller = did;
  const documents = async (url) => {
    const multikey = url.slice(8).split('#')[0];
    const method = { '@context': 'https://w3id.org/security/multikey/v1', id: `did:key:${multikey}#${multikey}`, type: 'Multikey', controller: `did:key:${multikey}`, publicKeyMultibase: multikey };
    if (url.includes('#')) return { document: method };
    return { document: { '@context': 'https://www.w3.org/ns/did/v1', id: url, verificationMethod: [method], assertionMethod: [method.id] } };
  };
  const loader = async (url) => {
    if (url.startsWith('did:key:')) return documents(url);
    return vc.defaultDocumentLoader(url);
  };
  const suite = new DataIntegrityProof({ signer: key.signer(), cryptosuite: eddsaJcs, date: '2026-11-01T00:00:00Z' });
  const credential = await vc.issue({ credential: unsigned(did), suite, documentLoader: loader });
  await accepted('credential.verify', { credential: JSON.stringify(credential) });
  credential.credentialSubject.gpa = 4.6;
  assert.equal((await ask('credential.verify', { credential: JSON.stringify(credential) })).reason, 'signature');

  const mine = await issued(unsigned(issuer));
  const verifier = new DataIntegrityProof({ cryptosuite: eddsaJcsVerify });
  const result = await vc.verifyCredential({ credential: mine, suite: verifier, documentLoader: loader });
  assert(result.verified, String(result.error?.errors ?? result.error));
  mine.credentialSubject.gpa = 4.6;
  assert(!(await vc.verifyCredential({ credential: mine, suite: verifier, documentLoader: loader })).verified);
});

test('@sd-jwt/sd-jwt-vc: credentials with selective disclosure both ways', async () => {
  const sign = (privateKey) => async (data) => (await new jose.FlattenedSign(Buffer.from(data.split('.')[1], 'base64url'))
    .setProtectedHeader(JSON.parse(Buffer.from(data.split('.')[0], 'base64url'))).sign(privateKey)).signature;
  const issuerKeys = await jose.generateKeyPair('EdDSA', { extractable: true });
  const holderKeys = await jose.generateKeyPair('EdDSA', { extractable: true });
  const { did, kid } = didKey(await jose.exportJWK(issuerKeys.publicKey));
  const hasher = (data, alg) => createHash(alg.replace('-', '')).update(data).digest();
  const theirs = new SDJwtVcInstance({
    signer: sign(issuerKeys.privateKey), signAlg: 'EdDSA', hasher, hashAlg: 'sha-256', saltGenerator: () => randomBytes(16).toString('base64url'),
    kbSigner: sign(holderKeys.privateKey), kbSignAlg: 'EdDSA',
  });
  const claims = {
    iss: did, vct: 'urn:kbtf:resident', iat: SECONDS - 100, name: '홍길동', age_over_19: true, address: { region: '서울', street: '세종대로 1' },
    nationalities: ['KR', 'FR'], cnf: { jwk: await jose.exportJWK(holderKeys.publicKey) },
  };
  const frame = { _sd: ['name', 'age_over_19', 'address'], address: { _sd: ['street'] }, nationalities: { _sd: [0] } };
  const token = await theirs.issue(claims, frame, { header: { kid, typ: 'dc+sd-jwt' } });
  const { claims: all } = await accepted('sd-jwt.verify', { credential: token });
  assert.deepEqual(all, claims);
  const shown = await theirs.present(token, { age_over_19: true }, {
    kb: { payload: { iat: SECONDS, aud: 'did:web:shop.example', nonce: 'n-1' } },
  });
  const input = { credential: shown, challenge: 'n-1', domain: 'did:web:shop.example' };
  const { claims: one } = await accepted('sd-jwt.verify', input);
  assert.equal(one.age_over_19, true);
  assert(!('name' in one) && !('address' in one));
  assert.equal((await ask('sd-jwt.verify', { ...input, challenge: 'n-2' })).reason, 'challenge');

  // Ours, a VC 2.0 credential, opened and verified by them.
  const mine = tokenOf(await issued(unsigned(issuer), { form: 'sdJwt', hide: [['credentialSubject', 'degree'], ['credentialSubject', 'gpa']] }));
  const { publicKeyBase58 } = (await resolver.resolve(issuer)).didDocument.verificationMethod[0];
  const key = await jose.importJWK({ kty: 'OKP', crv: 'Ed25519', x: base58(publicKeyBase58).toString('base64url') }, 'EdDSA');
  const { SDJwtInstance } = await import('@sd-jwt/core');
  const reader = new SDJwtInstance({
    hasher, hashAlg: 'sha-256',
    verifier: async (data, signature) => jose.compactVerify(`${data}.${signature}`, key).then(() => true, () => false),
  });
  const { payload } = await reader.verify(mine);
  assert.equal(payload.credentialSubject.degree, '공학사');
  assert.equal(payload.credentialSubject.gpa, 4.5);
});

test('the VC API, as W3C\'s suites use it', async () => {
  const credential = await issued({ ...unsigned(issuer), credentialSubject: { id: issuer, degree: '공학사' } });
  assert.equal((await post('/credentials/verify', { verifiableCredential: credential })).verified, true);
  for (const options of [{ expectedProofPurpose: 'authentication' }, { domain: 'shop.example' }, { challenge: 'c-1' }]) {
    const otherwise = await post('/credentials/verify', { verifiableCredential: credential, options });
    assert.equal(otherwise.verified, false, JSON.stringify(options));
  }
  assert.equal((await post('/credentials/verify', { verifiableCredential: credential, options: { expectedProofPurpose: 'assertionMethod' } })).verified, true);
  const changed = { ...credential, credentialSubject: { id: issuer, degree: '이학사' } };
  const refused = await post('/credentials/verify', { verifiableCredential: changed });
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.problemDetails.map(({ type }) => type), ['https://w3id.org/security#PROOF_VERIFICATION_ERROR']);
  const presentation = { '@context': [V2], type: ['VerifiablePresentation'], holder: issuer, verifiableCredential: [credential] };
  const options = { challenge: 'c-1', domain: 'shop.example' };
  const { verifiablePresentation } = await post('/presentations/prove', { presentation, options });
  assert.equal((await post('/presentations/verify', { verifiablePresentation, options })).verified, true);
  const replayed = await post('/presentations/verify', { verifiablePresentation, options: { ...options, challenge: 'c-2' } });
  assert.equal(replayed.problemDetails[0].type, 'https://w3id.org/security#INVALID_CHALLENGE_ERROR');
  assert.equal((await post('/credentials/issue', { credential: { ...unsigned(issuer), type: [] } })).status, 400);
  assert.equal((await post('/credentials/issue', {})).status, 400);
  assert.equal((await post('/nothing', {})).status, 404);
  assert.equal((await fetch(`${base}/credentials/verify`)).status, 405);
  assert.equal((await fetch(`${base}/credentials/verify`, { method: 'POST', body: '{"a":1,"a":2}' })).status, 400);
});
