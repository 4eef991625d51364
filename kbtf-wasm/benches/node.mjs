// The package in Node beside OpenSSL's bare Ed25519 verification, interleaved in one process. Quote the ratios.
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { performance } from 'node:perf_hooks';

const start = performance.now();
const sdk = await import(`${process.env.KBTF_PACKAGE}/node.js`);
const loaded = performance.now() - start;

const key = sdk.SecretKey.generate();
const credential = {
  '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], issuer: key.did,
  credentialSubject: { id: 'did:example:student', 성명: '홍길동', 과목: Array.from({ length: 20 }, (_, i) => ({ 학점: i / 2, 이름: '전산학개론' })) },
};
const text = sdk.issueCredential(credential, { key });
const options = { trustedIssuers: [key.did], now: new Date() };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const message = Buffer.alloc(64, 1);
const signature = sign(null, message, privateKey);

const operations = {
  'OpenSSL Ed25519 verify, bare': () => verify(null, message, publicKey, signature),
  'verifyCredential': () => sdk.verifyCredential(text, options),
  'OpenSSL Ed25519 sign, bare': () => sign(null, message, privateKey),
  'issueCredential': () => sdk.issueCredential(credential, { key }),
};
const samples = Object.fromEntries(Object.keys(operations).map((name) => [name, []]));
for (let round = 0; round < 2000; round += 1) {
  for (const [name, run] of Object.entries(operations)) {
    const begin = performance.now();
    run();
    if (round >= 500) samples[name].push((performance.now() - begin) * 1000);
  }
}
const medians = Object.entries(samples).map(([name, times]) => [name, times.sort((a, b) => a - b)[times.length >> 1]]);
console.log(`import, with compiling the module: ${loaded.toFixed(1)} ms; credential of ${Buffer.byteLength(text)} bytes`);
let floor;
for (const [name, median] of medians) {
  if (name.endsWith('bare')) floor = median;
  console.log(`${name.padEnd(32)} ${median.toFixed(1).padStart(8)} µs ${(median / floor).toFixed(2).padStart(7)}x`);
}
