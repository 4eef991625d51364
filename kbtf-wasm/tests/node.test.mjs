// The package in Node, installed from its tarball.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import * as sdk from '@kbtf/sdk';
import * as inline from '@kbtf/sdk/inline';
import { runCases } from './conformance-cases.mjs';

const root = pathToFileURL(`${process.env.KBTF_ROOT}/`);
const require = createRequire(import.meta.url);

function suites() {
  const folder = new URL('conformance/vectors/', root);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(new URL(`${name}/`, folder)).map((file) => `${name}/${file}`))
    .map((file) => JSON.parse(readFileSync(new URL(file, folder))));
}

const unsigned = (issuer) => ({
  '@context': ['https://www.w3.org/ns/credentials/v2'],
  type: ['VerifiableCredential'],
  issuer,
  validFrom: '2026-01-01T00:00:00Z',
  credentialSubject: { id: 'did:example:student', 성명: '홍 길동', 학점: 4.5 },
});

for (const [name, module] of [['node', sdk], ['inline', inline]]) {
  test(`${name}: the cases of the conformance suite have the same verdict`, () => {
    const { ran, differences } = runCases(module, suites());
    assert.deepEqual(differences, []);
    assert.ok(ran > 150, `${ran} cases`);
  });

  for (const keyType of ['Ed25519', 'P-256']) {
    test(`${name}: what an ${keyType} key signs is accepted, and nothing else`, () => {
      const key = module.SecretKey.generate(keyType);
      const { did } = key;
      const signed = module.issueCredential(unsigned(did), { key });
      const good = module.verifyCredential(signed, { trustedIssuers: [did] });
      assert.equal(good.accepted, true);
      assert.equal(good.credential.credentialSubject.성명, '홍 길동');
      const bad = module.verifyCredential(signed.replace('홍 길동', '홍길동'), { trustedIssuers: [did] });
      assert.equal(bad.accepted, false);
      assert.equal(bad.credential, undefined);
      assert.deepEqual(bad.verdict.steps.filter((s) => s.outcome === 'failed').map((s) => s.code), ['vc/invalid-signature']);
      const untrusted = module.verifyCredential(Buffer.from(signed), { trustedIssuers: [] });
      assert.equal(untrusted.accepted, false);
      assert.equal(module.resolveDidKey(did).id, did);
      key.free();
      assert.throws(() => key.did, { code: 'wasm/argument' });
    });
  }
}

test('two generated keys differ', () => {
  assert.notEqual(sdk.SecretKey.generate().did, sdk.SecretKey.generate().did);
});

test('a missing document is asked for, and used', () => {
  const key = sdk.SecretKey.generate();
  const did = 'did:example:university';
  const signed = sdk.issueCredential(unsigned(did), { key, verificationMethod: `${did}#1` });
  const first = sdk.verifyCredential(signed, { trustedIssuers: [did] });
  assert.equal(first.verdict.decision, 'undecided');
  assert.deepEqual(first.verdict.needs, [{ type: 'didDocument', did }]);
  const document = JSON.stringify({
    '@context': 'https://www.w3.org/ns/did/v1', id: did,
    assertionMethod: [{ id: '#1', type: 'Multikey', controller: did, publicKeyMultibase: key.publicKeyMultibase }],
  });
  assert.equal(sdk.verifyCredential(signed, { trustedIssuers: [did], documents: { [did]: document } }).accepted, true);
  assert.equal(sdk.verifyCredential(signed, { trustedIssuers: [did], documents: { [did]: document }, deactivated: [did] }).accepted, false);
});

test('errors have codes and are never texts', () => {
  const key = sdk.SecretKey.generate();
  const text = sdk.issueCredential(unsigned(key.did), { key });
  const cases = [
    [() => sdk.resolveDidKey('did:web:example.com'), 'did/method-not-supported'],
    [() => sdk.resolveDidKey(7), 'wasm/argument'],
    [() => sdk.verifyCredential(text, {}), 'wasm/argument'],
    [() => sdk.verifyCredential(text), 'wasm/argument'],
    [() => sdk.verifyCredential(JSON.parse(text), { trustedIssuers: 'any' }), 'wasm/argument'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'all' }), 'wasm/argument'],
    [() => sdk.verifyCredential(text, { trustedIssuers: ['me'] }), 'did/invalid-did'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', now: new Date(NaN) }), 'wasm/argument'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', now: '2026-01-01' }), 'did/invalid-timestamp'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', documents: { 'did:a:b': '{}' } }), 'did/invalid-document'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', documents: ['{}'] }), 'wasm/argument'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', deactivatd: ['did:a:b'] }), 'wasm/argument'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', contexts: [1n] }), 'wasm/argument'],
    [() => sdk.issueCredential({ a: 1n }, { key }), 'wasm/argument'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', documents: { 'did:a:b': JSON.stringify(sdk.resolveDidKey(key.did)) } }), 'vc/wrong-document'],
    [() => sdk.verifyCredential(text, { trustedIssuers: 'any', waiveStatus: 'yes' }), 'wasm/argument'],
    [() => sdk.issueCredential(text, { key }), 'vc/already-signed'],
    [() => sdk.issueCredential(unsigned('did:example:other'), { key }), 'vc/not-the-signer'],
    [() => sdk.issueCredential({}, { key }), 'vc/malformed'],
    [() => sdk.issueCredential(unsigned(key.did), { key: {} }), 'wasm/argument'],
    [() => sdk.SecretKey.fromMultikey('z6Mk'), 'did/unsupported-key-type'],
    [() => sdk.SecretKey.generate('RSA'), 'wasm/argument'],
    [() => new sdk.SecretKey(), 'wasm/argument'],
  ];
  for (const [run, code] of cases) {
    // No error of the caller puts the module out of order.
    assert.equal(sdk.verifyCredential(text, { trustedIssuers: 'any' }).accepted, true);
    assert.throws(run, (error) => error instanceof sdk.KbtfError && error instanceof Error && error.code === code, `${code}: ${run}`);
  }
});

test('bundled, the entries still load the module', async () => {
  const { build } = await import('esbuild');
  for (const [entry, platform] of [['@kbtf/sdk/inline', 'browser'], ['@kbtf/sdk', 'node']]) {
    const contents = `import { SecretKey } from '${entry}'; export const did = SecretKey.generate().did;`;
    const outfile = new URL(`./node_modules/@kbtf/sdk/bundled-${platform}.mjs`, import.meta.url);
    await build({
      stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      bundle: true, format: 'esm', platform, treeShaking: true, outfile: fileURLToPath(outfile), logLevel: 'error',
    });
    const { did } = await import(outfile);
    assert.match(did, /^did:key:z6Mk/);
  }
});

test('the published integrity value is that of the module', () => {
  const module = readFileSync(require.resolve('@kbtf/sdk/kbtf_bg.wasm'));
  const integrity = `sha384-${createHash('sha384').update(module).digest('base64')}`;
  assert.deepEqual(require('@kbtf/sdk/integrity.json'), { 'kbtf_bg.wasm': integrity });
});

test('the module holds no path of the machine it was made on', () => {
  const module = readFileSync(require.resolve('@kbtf/sdk/kbtf_bg.wasm')).toString('latin1');
  assert.ok(!module.includes(process.env.KBTF_ROOT));
  assert.ok(!module.includes('/.cargo/registry'));
});

test('the package stays small', async () => {
  const { gzipSync } = await import('node:zlib');
  const module = readFileSync(require.resolve('@kbtf/sdk/kbtf_bg.wasm'));
  const { wasmGzip } = JSON.parse(readFileSync(new URL('kbtf-wasm/size.json', root)));
  const size = gzipSync(module, { level: 9 }).length;
  // More is a regression to look at; much less means that the figure is out of date.
  assert.ok(size <= wasmGzip * 1.03, `${size} bytes, at most 3 % over ${wasmGzip}`);
  assert.ok(size >= wasmGzip * 0.9, `${size} bytes: bring kbtf-wasm/size.json up to date (${wasmGzip})`);
});
