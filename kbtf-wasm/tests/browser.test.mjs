// The package in a real browser, served as any site would serve it, under a strict content security policy.
import { createServer } from 'node:http';
import { readFileSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const here = new URL('./', import.meta.url);
const vectors = new URL('conformance/vectors/', pathToFileURL(`${process.env.KBTF_ROOT}/`));
const types = { js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm', json: 'application/json', html: 'text/html' };
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const NO_WASM = "default-src 'none'; script-src 'self'; connect-src 'self'";

let server;
let browser;
let origin;

before(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const files = {
      '/page': ['page.html', STRICT],
      '/page-no-wasm': ['page.html', NO_WASM],
    };
    const [file, policy] = files[pathname] ?? [pathname.replace(/^\/sdk\//, 'node_modules/@kbtf/sdk/').replace(/^\//, '')];
    try {
      const body = readFileSync(new URL(file, here));
      const headers = { 'content-type': types[file.split('.').pop()] };
      if (policy) headers['content-security-policy'] = policy;
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({
    executablePath: process.env.KBTF_CHROMIUM,
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update'],
  });
});

after(async () => {
  await browser?.close();
  server?.close();
});

async function inPage(path, run, argument) {
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}${path}`);
    return await page.evaluate(run, argument);
  } finally {
    await page.close();
  }
}

test('issue, verify and resolve, under a strict content security policy', async () => {
  const result = await inPage('/page', async () => {
    const { init, SecretKey, issueCredential, verifyCredential, resolveDidKey, KbtfError } = await import('/sdk/index.js');
    let early;
    try {
      SecretKey.generate();
    } catch (error) {
      early = error instanceof KbtfError && error.code;
    }
    await Promise.all([init(), init()]);
    const key = SecretKey.generate('Ed25519');
    const credential = {
      '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], issuer: key.did,
      credentialSubject: { id: 'did:example:student', 성명: '홍 길동' },
    };
    const signed = issueCredential(credential, { key });
    const good = verifyCredential(signed, { trustedIssuers: [key.did] });
    const bad = verifyCredential(signed.replace('홍', '임'), { trustedIssuers: [key.did] });
    const document = resolveDidKey(key.did);
    return { early, good: good.accepted, name: good.credential.credentialSubject.성명, bad: bad.accepted, same: document.id === key.did };
  });
  assert.deepEqual(result, { early: 'wasm/not-initialised', good: true, name: '홍 길동', bad: false, same: true });
});

test('the cases of the conformance suite have the same verdict in the browser', async () => {
  const suites = ['vc/credential-verify.json', 'did/keys.json'].map((file) => JSON.parse(readFileSync(new URL(file, vectors))));
  const { ran, differences } = await inPage('/page', async (suites) => {
    const sdk = await import('/sdk/index.js');
    const { runCases } = await import('/conformance-cases.mjs');
    await sdk.init();
    return runCases(sdk, suites);
  }, suites);
  assert.deepEqual(differences, []);
  assert.ok(ran > 150, `${ran} cases`);
});

test('subresource integrity: the right value loads, a wrong one does not and can be tried again', async () => {
  const result = await inPage('/page', async () => {
    const { init, SecretKey } = await import('/sdk/index.js');
    const integrity = (await (await fetch('/sdk/integrity.json')).json())['kbtf_bg.wasm'];
    const load = (value) => init({ module: fetch('/sdk/kbtf_bg.wasm', { integrity: value }) });
    const wrong = await load(integrity.replace('sha384-', 'sha384-A')).then(() => 'loaded', () => 'refused');
    await load(integrity);
    return { wrong, did: SecretKey.generate().did.slice(0, 12) };
  });
  assert.deepEqual(result, { wrong: 'refused', did: 'did:key:z6Mk' });
});

test('the inline form needs no second file', async () => {
  const did = await inPage('/page', async () => {
    const { SecretKey } = await import('/sdk/inline.js');
    return SecretKey.generate('P-256').did.slice(0, 11);
  });
  assert.equal(did, 'did:key:zDn');
});

test('in a worker', async () => {
  const did = await inPage('/page', () => new Promise((resolve, reject) => {
    const worker = new Worker('/worker.mjs', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  }));
  assert.equal(did, 'did:key:z6Mk');
});

test("without 'wasm-unsafe-eval' in the policy it does not load, and says so", async () => {
  const result = await inPage('/page-no-wasm', async () => {
    const { init } = await import('/sdk/index.js');
    return init().then(() => 'loaded', (error) => `${error.code} ${error.cause.name}`);
  });
  assert.equal(result, 'wasm/not-loaded CompileError');
});
