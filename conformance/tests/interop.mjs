// Identities both ways with stacks that nobody here wrote: did-resolver with key-did-resolver, jose (Web Crypto), noble-curves.
// Ours is the reference behind the harness protocol.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { Resolver, parse } from 'did-resolver';
import * as jose from 'jose';
import { getResolver } from 'key-did-resolver';

const ours = spawn(process.env.KBTF_CONFORMANCE, ['harness'], { stdio: ['pipe', 'pipe', 'inherit'] });
after(() => ours.kill());
const answers = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
let id = 0;

async function ask(operation, input) {
  id += 1;
  ours.stdin.write(`${JSON.stringify({ id, operation, now: '2026-11-24T00:00:00Z', seed: '00'.repeat(32), input })}\n`);
  const answer = JSON.parse((await answers.next()).value);
  assert.equal(answer.id, id);
  assert(!answer.error && !answer.unsupported, JSON.stringify(answer));
  return answer;
}

async function made(operation, input) {
  const answer = await ask(operation, input);
  assert.equal(answer.verdict, 'accepted', JSON.stringify(answer));
  return answer.value;
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const resolver = new Resolver(getResolver());

// Algorithm, key type, a kind of JWK that Web Crypto makes.
const ALGORITHMS = [['EdDSA', 'Ed25519'], ['ES256', 'P-256'], ['ES384', 'P-384'], ['RS256', 'RSA'], ['PS256', 'RSA']];

for (const [alg, keyType] of ALGORITHMS) {
  test(`jose: a ${keyType} key and a signature in ${alg}`, async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
    const jwk = await jose.exportJWK(publicKey);
    const read = await made('key.read', { format: 'jwk', key: JSON.stringify(jwk) });
    assert.equal(read.keyType, keyType);
    assert.deepEqual(read.jwk, jwk);
    assert.equal(read.thumbprint, await jose.calculateJwkThumbprint(jwk));
    assert.equal(read.pem, `${await jose.exportSPKI(publicKey)}\n`);
    assert.equal((await made('key.read', { format: 'pem', key: read.pem })).multikey, read.multikey);
    // What jose writes for the other half is refused where a public key belongs.
    const secret = await jose.exportJWK(privateKey);
    assert.equal((await ask('key.read', { format: 'jwk', key: JSON.stringify(secret) })).verdict, 'refused');

    const jws = await new jose.CompactSign(Buffer.from('hello')).setProtectedHeader({ alg }).sign(privateKey);
    const [header, payload, signature] = jws.split('.');
    const check = (message) => ask('key.verify', {
      key: read.multikey, algorithm: alg, message: hex(Buffer.from(message)), signature: hex(Buffer.from(signature, 'base64url')),
    });
    assert.equal((await check(`${header}.${payload}`)).verdict, 'accepted');
    assert.equal((await check(`${header}.${payload}x`)).reason, 'signature');
  });
}

const multikeys = [
  ['z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2', 'Ed25519'],
  ['zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme', 'secp256k1'],
  ['zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP', 'P-256'],
  ['z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9', 'P-384'],
];

for (const [multikey, keyType] of multikeys) {
  test(`key-did-resolver: the did:key of a ${keyType} key`, async () => {
    const did = `did:key:${multikey}`;
    const theirs = (await resolver.resolve(did)).didDocument;
    const mine = (await made('did.resolve', { did })).document;
    assert.equal(theirs.id, mine.id);
    for (const relationship of ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation']) {
      assert.deepEqual(theirs[relationship], mine[relationship], relationship);
    }
    // Their document, in types of 2018 and without context, holds our keys.
    const read = await made('did.document-read', { document: JSON.stringify(theirs), representation: 'application/did+json' });
    const [method] = read.methods;
    assert.deepEqual(method, { id: `${did}#${multikey}`, keyType, multikey });
    assert(read.warnings.includes('did/legacy-missing-context'));
    const listed = mine.verificationMethod.map(({ id: at, publicKeyMultibase }) => ({ id: at, multikey: publicKeyMultibase }));
    assert.deepEqual(read.methods.map((m) => ({ id: m.id, multikey: m.multikey })), listed);
  });
}

test('did-resolver: DID URLs in their parts', async () => {
  for (const url of [
    'did:example:1', 'did:example:a:b', 'did:web:a.kr%3A8443:x', 'did:example:1/p/q', 'did:example:1?versionId=1',
    'did:example:1#key', 'did:example:1/p?service=files&relativeRef=%2Fa#x', 'did:key:z6Mk#z6Mk',
  ]) {
    const theirs = parse(url);
    const mine = await made('did.parse', { didUrl: url });
    assert.equal(mine.did, theirs.did);
    assert.equal(mine.method, theirs.method);
    assert.equal(mine.path, theirs.path ?? '');
    assert.equal(mine.query, theirs.query ?? null);
    assert.equal(mine.fragment, theirs.fragment ?? null);
  }
  for (const url of ['did:', 'did:example', 'DID:example:1', 'did:example:', 'did:ex_a:1', 'example:1']) {
    assert.equal(parse(url), null, url);
    assert.equal((await ask('did.parse', { didUrl: url })).reason, 'syntax');
  }
});

// Base58 of a secret Multikey, by long division.
function multibase(bytes) {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = BigInt(`0x${hex(bytes)}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  return `z${text}`;
}

const SIGNERS = [
  ['Ed25519', [0x80, 0x26], [0xed, 0x01], ed25519, (s, m, k) => ed25519.verify(s, m, k, { zip215: false })],
  ['P-256', [0x86, 0x26], [0x80, 0x24], p256, (s, m, k) => p256.verify(s, m, k, { lowS: true })],
  ['secp256k1', [0x81, 0x26], [0xe7, 0x01], secp256k1, (s, m, k) => secp256k1.verify(s, m, k, { lowS: true })],
];

for (const [keyType, secretHeader, header, curve, verify] of SIGNERS) {
  test(`noble-curves: our proof of control with a ${keyType} key`, async () => {
    const secret = curve.utils.randomSecretKey();
    const publicKey = curve.getPublicKey(secret, true);
    const multikey = multibase([...header, ...publicKey]);
    const method = `did:key:${multikey}#${multikey}`;
    const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
    const { link: request } = await made('control.request', { domain: 'minwon.go.kr', seconds: 60, nonce });
    const { link: response } = await made('control.answer', {
      request, secretKey: multibase([...secretHeader, ...secret]), verificationMethod: method,
    });
    const payload = (link) => Buffer.from(link.split('=')[1], 'base64url');
    const message = Buffer.concat([Buffer.from('kbtf control/1\n'), payload(request), Buffer.from(method)]);
    const signature = payload(response).subarray(-64);
    assert(verify(signature, message, publicKey));
    // And theirs is taken by us: the payload is put together here.
    const own = curve.sign(message, secret);
    const length = (part) => Buffer.from([part.length >> 8, part.length & 0xff]);
    const answer = Buffer.concat([Buffer.from([2]), Buffer.from(nonce, 'hex'), length(method), Buffer.from(method), length(own), own]);
    const document = JSON.stringify((await made('did.resolve', { did: `did:key:${multikey}` })).document);
    const link = `kbtf://control?response=${answer.toString('base64url')}`;
    assert.equal((await made('control.check', { request, response: link, document })).did, `did:key:${multikey}`);
  });
}

test('noble-curves: a P-384 signature', async () => {
  const secret = p384.utils.randomSecretKey();
  const key = multibase([0x81, 0x24, ...p384.getPublicKey(secret, true)]);
  const signature = hex(p384.sign(Buffer.from('hello'), secret));
  await made('key.verify', { key, algorithm: 'ES384', message: hex(Buffer.from('hello')), signature });
});
