// What is signed as RDF, judged by JSON-LD and RDF software that nobody here wrote (jsonld and rdf-canonize of Digital
// Bazaar): random documents have the same canonical form, the suite's attacks are what they are said to be, and
// credentials verify both ways.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import * as citizenship from '@digitalbazaar/citizenship-context';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import { cryptosuite as ecdsaRdfc } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { cryptosuite as eddsaRdfc } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import jsonld from 'jsonld';

const NOW = '2026-11-24T00:00:00Z';
const root = process.env.KBTF_ROOT;
const V1 = 'https://www.w3.org/2018/credentials/v1';
const V2 = 'https://www.w3.org/ns/credentials/v2';
const DATA_INTEGRITY = 'https://w3id.org/security/data-integrity/v2';
const X = 'https://x.example/context';
const Y = 'https://y.example/context';
const embedded = (name) => JSON.parse(readFileSync(join(root, `kbtf-vc/src/rdfc/contexts/${name}.jsonld`), 'utf8'));
const CONTEXTS = {
  [V1]: embedded('credentials-v1'), [V2]: embedded('credentials-v2'), [DATA_INTEGRITY]: embedded('data-integrity-v2'),
  [X]: {
    '@context': {
      '@version': 1.1, x: 'https://x.example/ns#', xsd: 'http://www.w3.org/2001/XMLSchema#',
      text: 'x:text', other: { '@id': 'x:other' }, num: { '@id': 'x:num', '@type': 'xsd:decimal' },
      dbl: { '@id': 'x:dbl', '@type': 'xsd:double' }, date: { '@id': 'x:date', '@type': 'xsd:date' },
      ref: { '@id': 'x:ref', '@type': '@id' }, word: { '@id': 'x:word', '@type': '@vocab' }, alpha: 'x:alpha', beta: 'x:beta',
      list: { '@id': 'x:list', '@container': '@list' }, refs: { '@id': 'x:refs', '@type': '@id', '@container': '@list' },
      set: { '@id': 'x:set', '@container': '@set' }, lang: { '@id': 'x:lang', '@container': '@language' },
      ko: { '@id': 'x:ko', '@language': 'ko-KR' }, nolang: { '@id': 'x:nolang', '@language': null },
      raw: { '@id': 'x:raw', '@type': '@json' }, graph: { '@id': 'x:graph', '@container': '@graph', '@type': '@id' },
      none: { '@id': 'x:none', '@type': '@none' }, reset: { '@id': 'x:reset', '@context': null },
      scoped: { '@id': 'x:scoped', '@context': { inner: 'x:inner', text: 'x:innerText', deep: { '@id': 'x:deep', '@context': { text: 'x:deepText' } } } },
      scopedWord: { '@id': 'x:sw', '@type': '@vocab', '@context': { gamma: 'x:gamma', alpha: 'x:scopedAlpha' } },
      T1: { '@id': 'x:T1', '@context': { t1: 'x:t1', text: 'x:t1text' } },
      T2: { '@id': 'x:T2', '@context': { '@propagate': true, t2: 'x:t2', text: 'x:t2text' } },
      T3: { '@id': 'x:T3', '@context': { t3: { '@id': 'x:t3', '@type': '@id' }, list: { '@id': 'x:t3list', '@container': '@set' } } },
      T4: { '@id': 'x:T4', '@context': { '@vocab': 'https://x.example/v4/', alpha: null } }, Plain: 'x:Plain',
    },
  },
  [Y]: {
    '@context': {
      '@language': 'en-GB', '@vocab': 'https://y.example/vocab#', id: '@id', type: '@type',
      ref: { '@id': 'https://y.example/ref', '@type': '@id' }, y: 'https://y.example/p/',
    },
  },
};
const loaderOf = (contexts) => async (url) => {
  if (!contexts[url]) throw new Error(`no context ${url}`);
  return { document: contexts[url], documentUrl: url };
};
// rdfDirection has no part in what is compared: documents with directions are refused here.
const canonize = (document, { contexts = CONTEXTS, safe = true } = {}) => jsonld.canonize(document, {
  algorithm: 'RDFC-1.0', format: 'application/n-quads', safe, base: null, documentLoader: loaderOf(contexts), rdfDirection: 'i18n-datatype',
});

// Random documents, the same in every run.
function documents(count) {
  let state = 20261124;
  const below = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return (state >>> 8) % n; };
  const pick = (list) => list[below(list.length)];
  const some = (make) => { const n = below(4); return n < 2 ? make() : Array.from({ length: n }, make); };
  const text = () => pick(['a', '한글 문자', 'tab\t"q"\\', 'line\nx', '', '\u0007', 'x y', '1', '😀', '\u007f']);
  // None below 1 that JavaScript writes without a point, such as 1e-7: jsonld takes it for the integer 0.
  const number = () => pick([0, 1, -5, 4.5, 0.1, 1e21, 1e20, 123456789012, -0.25, 1.5e-7, 9007199254740991, 100]);
  const iri = () => pick(['https://e.example/a', 'urn:uuid:1', 'did:key:z6Mk', 'https://e.example/한글', 'https://e.example/b?q=1#f']);
  const value = (depth) => pick([text, text, number, () => below(2) === 1, () => node(depth + 1),
    () => ({ '@value': text(), '@language': pick(['en', 'ko-KR', 'zh-Hans']) }),
    () => ({ '@value': text(), '@type': pick(['xsd:date', 'https://e.example/type']) })])();
  const json = (depth) => pick([text, number, () => null, () => (depth < 2 ? [json(depth + 1), json(depth + 1)] : 1),
    () => (depth < 2 ? { b: json(depth + 1), a: json(depth + 1) } : 2)])();
  let fresh = 0;
  function node(depth) {
    const made = {};
    if (below(3)) made.id = below(3) ? `https://n.example/${fresh++}` : iri();
    if (below(2)) made.type = some(() => pick(['T1', 'T2', 'T3', 'T4', 'Plain', 'x:Other', 'https://e.example/Type']));
    const members = {
      text: () => some(() => value(depth)), other: () => some(() => value(depth)), num: () => some(() => pick([number, text])()),
      dbl: () => some(number), date: () => '2026-01-01', ref: () => some(() => (below(2) && depth < 4 ? node(depth + 1) : iri())),
      word: () => pick(['alpha', 'beta', 'https://e.example/w']), list: () => Array.from({ length: below(4) }, () => (below(5) ? value(depth) : [text(), number()])),
      refs: () => Array.from({ length: below(3) }, iri), set: () => [value(depth)], lang: () => ({ ko: text(), 'en-US': some(text) }),
      ko: () => some(text), nolang: text, raw: () => json(0), none: () => some(text),
      graph: () => (depth < 4 ? some(() => ({ ...node(depth + 1), text: text() })) : { text: 'x' }),
      scoped: () => (depth < 4 ? { inner: text(), text: text(), ...(below(2) ? { deep: { text: text(), inner: number() } } : {}) } : text()),
      scopedWord: () => pick(['alpha', 'gamma', 'beta']), t1: text, t2: text, t3: iri, unknown: text, inner: text, 'x:compact': text, vocabWord: () => value(depth),
    };
    if (depth < 5) for (let i = 0; i <= below(4); i++) { const name = pick(Object.keys(members)); made[name] = members[name](); }
    if (depth < 3 && below(12) === 0) made['@context'] = pick([X, Y, [X, Y]]);
    return Object.keys(made).length > 0 ? made : { text: 'x' };
  }
  return Array.from({ length: count }, () => {
    const made = node(0);
    made['@context'] = pick([[V2, X], [V1, X], [V1, DATA_INTEGRITY, X], [V2, Y], [V2, X, Y], [V2, Y, X], X, Y, [V2, DATA_INTEGRITY, X]]);
    if (below(2)) made.type = [made.type ?? [], pick(['VerifiableCredential', 'VerifiablePresentation'])].flat();
    return made;
  });
}

test('random documents have the canonical form that jsonld gives them, or are refused', async () => {
  for (const [url, name] of [[X, 'x'], [Y, 'y']]) writeFileSync(`rdf-${name}.jsonld`, JSON.stringify(CONTEXTS[url]));
  const all = documents(1500);
  const input = all.map((document) => `${JSON.stringify(document)}\n`).join('');
  const made = spawnSync(process.env.KBTF_CANONICAL_FORM, [`${X}=rdf-x.jsonld`, `${Y}=rdf-y.jsonld`], { input, maxBuffer: 1 << 28 });
  assert.equal(made.status, 0, String(made.stderr));
  const ours = made.stdout.toString().trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(ours.length, all.length);
  let same = 0;
  for (const [i, document] of all.entries()) {
    // Whatever they refuse we must not sign; what we refuse beyond that is stricter, and has its own tests.
    if (ours[i].startsWith('vc/')) continue;
    assert.equal(ours[i], await canonize(document), JSON.stringify(document));
    same += 1;
  }
  assert(same > all.length / 3, `${same} of ${all.length} compared`);
});

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const toBase58 = (bytes) => {
  let text = '';
  for (let number = BigInt(`0x${bytes.toString('hex')}`); number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  return text;
};
const base58 = (text) => {
  let number = 0n;
  for (const letter of text) number = number * 58n + BigInt(alphabet.indexOf(letter));
  return Buffer.from(number.toString(16).padStart(128, '0').slice(-128), 'hex');
};

// Whether the signature of a careless verifier's making verifies: one that reads JSON-LD as the standard has it.
async function carelessly(credential, contexts) {
  const { proof, ...document } = credential;
  const { proofValue, ...options } = proof;
  const hash = async (part) => createHash('sha256').update(await canonize(part, { contexts, safe: false })).digest();
  const message = Buffer.concat([await hash({ '@context': document['@context'], ...options }), await hash(document)]);
  const multikey = proof.verificationMethod.split('#z')[1];
  const bytes = Buffer.from(base58(multikey)).subarray(-32);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
  return verify(null, message, key, base58(proofValue.slice(1)));
}

test('the suite: what is accepted is signed so, and what is refused for its form would fool a careless verifier', async () => {
  const { cases } = JSON.parse(readFileSync(join(root, 'conformance/vectors/vc/rdf.json'), 'utf8'));
  const count = { accepted: 0, signature: 0, fooled: 0 };
  // No signature fits these: another context, another form of proof, or contexts that jsonld refuses too.
  const others = /context|made-to-last|presentation|issue|direction|listed|chain|p256|renamed-jcs|jcs-renamed|index|keyword-like|relative|blank|array-in-set|twice/;
  for (const { id, steps: [{ operation, input, expect }] } of cases) {
    if (operation !== 'credential.verify' || others.test(id)) continue;
    const contexts = { ...CONTEXTS };
    for (const [url, text] of Object.entries(input.policy.contextDocuments)) contexts[url] = JSON.parse(text);
    const good = await carelessly(JSON.parse(input.credential), contexts);
    if (expect.verdict === 'accepted') count.accepted += 1;
    else if (expect.reason.includes('signature')) count.signature += 1;
    else count.fooled += 1;
    assert.equal(good, !expect.reason?.includes('signature'), id);
  }
  assert(count.accepted >= 5 && count.signature >= 12 && count.fooled >= 19, JSON.stringify(count));
});

const ours = spawn(process.env.KBTF_CONFORMANCE, ['harness'], { stdio: ['pipe', 'pipe', 'inherit'] });
after(() => ours.kill());
const answers = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
let id = 0;
async function ask(operation, input) {
  id += 1;
  ours.stdin.write(`${JSON.stringify({ id, operation, now: NOW, seed: '00'.repeat(32), input })}\n`);
  const answer = JSON.parse((await answers.next()).value);
  assert(!answer.error && !answer.unsupported, JSON.stringify(answer));
  return answer;
}

for (const [name, make, cryptosuite] of [
  ['eddsa-rdfc-2022', async () => {
    const seed = randomBytes(32);
    const key = await Ed25519Multikey.generate({ seed });
    return { key, secretKey: `z${toBase58(Buffer.concat([Buffer.from([0x80, 0x26]), seed]))}` };
  }, eddsaRdfc],
  ['ecdsa-rdfc-2019', async () => {
    const key = await EcdsaMultikey.generate({ curve: 'P-256' });
    return { key, secretKey: (await key.export({ publicKey: true, secretKey: true })).secretKeyMultibase };
  }, ecdsaRdfc],
]) {
  test(`Digital Bazaar: ${name} both ways`, async () => {
    const { key, secretKey } = await make();
    const did = `did:key:${key.publicKeyMultibase}`;
    key.id = `${did}#${key.publicKeyMultibase}`;
    key.controller = did;
    const method = { '@context': 'https://w3id.org/security/multikey/v1', id: key.id, type: 'Multikey', controller: did, publicKeyMultibase: key.publicKeyMultibase };
    const controller = { '@context': 'https://www.w3.org/ns/did/v1', id: did, verificationMethod: [method], assertionMethod: [key.id] };
    const documentLoader = async (url) => {
      if (url.startsWith('did:key:')) return { document: url.includes('#') ? method : controller };
      return CONTEXTS[url] ? { document: CONTEXTS[url], documentUrl: url } : vc.defaultDocumentLoader(url);
    };
    const contextDocuments = { [X]: JSON.stringify(CONTEXTS[X]) };
    const verifyOurs = (credential) => ask('credential.verify', { credential: JSON.stringify(credential), policy: { contextDocuments, contextLists: [credential['@context']] } });
    for (const context of [[V2, X], [V1, DATA_INTEGRITY, X]]) {
      const unsigned = {
        '@context': context, type: ['VerifiableCredential', 'T1'], issuer: did,
        ...(context[0] === V2 ? { validFrom: '2026-01-01T00:00:00Z' } : { issuanceDate: '2026-01-01T00:00:00Z' }),
        t1: '한글', credentialSubject: { id: 'did:example:student', list: [1, 'x', { other: 4.5 }], lang: { ko: '졸업' }, raw: { b: 1 } },
      };
      const signing = new DataIntegrityProof({ signer: key.signer(), cryptosuite, date: '2026-11-01T00:00:00Z' });
      const theirs = await vc.issue({ credential: structuredClone(unsigned), suite: signing, documentLoader });
      // Half of their ECDSA signatures have high s, which this suite refuses by itself.
      const answer = await verifyOurs(theirs);
      if (!/high/.test(answer.detail ?? '')) assert.equal(answer.verdict, 'accepted', JSON.stringify(answer));
      theirs.credentialSubject.list.reverse();
      assert.equal((await verifyOurs(theirs)).reason, 'signature');

      const issued = await ask('credential.issue', {
        credential: JSON.stringify(unsigned), secretKey, verificationMethod: key.id, created: '2026-11-01T00:00:00Z', cryptosuite: name, contextDocuments,
      });
      assert.equal(issued.verdict, 'accepted', JSON.stringify(issued));
      const mine = JSON.parse(issued.value.credential);
      assert.equal(mine.proof.cryptosuite, name);
      const suite = new DataIntegrityProof({ cryptosuite });
      const result = await vc.verifyCredential({ credential: mine, suite, documentLoader });
      assert(result.verified, String(result.error?.errors ?? result.error));
      mine.t1 = '한자';
      assert(!(await vc.verifyCredential({ credential: mine, suite, documentLoader })).verified);
    }
  });
}

// The longer of W3C's examples need a context that comes as a package.
test('W3C vectors with the context of citizenship', { skip: !process.env.KBTF_VECTORS }, async () => {
  const url = 'https://w3id.org/citizenship/v4rc1';
  const context = citizenship.contexts.get(url);
  assert(context);
  const contextDocuments = { [url]: JSON.stringify(context) };
  for (const name of ['vc-di-eddsa/eddsa-rdfc-2022/employ/signedDataInt', 'vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ/signedECDSAP256', 'vc-di-ecdsa/ecdsa-rdfc-2019-p384/employ/signedECDSAP384']) {
    const file = join(process.env.KBTF_VECTORS, `${name}.json`);
    assert(existsSync(file), file);
    const answer = await ask('credential.verify', { credential: readFileSync(file, 'utf8'), policy: { contextDocuments, contextLists: [[V2, url]] } });
    // The signature is looked at before the issuer, an https URL that no did:key can speak for.
    assert.equal(answer.reason ?? answer.verdict, 'issuer', JSON.stringify(answer).slice(0, 400));
  }
});
