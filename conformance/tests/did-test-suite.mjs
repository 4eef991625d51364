// What `kbtf-conformance emit did-test-suite` writes, held against the assertions of W3C's did-test-suite as far as they are
// about the files: written here anew from a reading of that suite, which itself is not on npm.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseQuery } from 'node:querystring';
import { test } from 'node:test';

const folder = join(process.env.KBTF_ROOT, 'target/did-test-suite');
const files = readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]);
const named = (start) => files.filter(([name]) => name.startsWith(start));

const JSON_TYPE = 'application/did+json';
const JSON_LD_TYPE = 'application/did+ld+json';
const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const isDid = (text) => /^did:[a-z0-9]+:(?:[a-zA-Z0-9.\-_:]|%[0-9a-fA-F]{2})+$/.test(text) && !text.endsWith(':');
const isDidUrl = (text) => new RegExp(`^did:[a-z0-9]+(?::(?:[a-zA-Z0-9.\\-_]|%[0-9a-fA-F]{2})+)+(?:(?:/${PCHAR}+)+)?`
  + `(?:\\?(?:${PCHAR}|[/?])+)?(?:#(?:${PCHAR}|[/?])+)?$`).test(text);
const isAscii = (text) => typeof text === 'string' && /^[\x00-\x7f]*$/.test(text);
const isTime = (text) => new Date(text).toISOString().replace('.000Z', 'Z') === text;
const isMap = (value) => value instanceof Object && !Array.isArray(value);
const withoutNumbers = (value) => value === null || ['string', 'boolean'].includes(typeof value)
  || (typeof value === 'object' && Object.values(value).every(withoutNumbers));
const method = (did) => did.split(':')[1];

function checkMetadata(metadata, did) {
  assert(isMap(metadata) && withoutNumbers(metadata));
  for (const name of ['created', 'updated', 'nextUpdate']) assert(!(name in metadata) || isTime(metadata[name]), name);
  for (const name of ['versionId', 'nextVersionId']) assert(!(name in metadata) || isAscii(metadata[name]), name);
  for (const same of [...(metadata.equivalentId ?? []), metadata.canonicalId ?? did]) {
    assert(isDid(same) && method(same) === method(did));
  }
}

function checkMethod(entry, did, embedded) {
  assert(isMap(entry) && typeof entry.type === 'string' && isDid(entry.controller));
  assert(isDidUrl(entry.id.startsWith('did:') || embedded ? entry.id : did + entry.id));
  const materials = ['publicKeyBase58', 'publicKeyMultibase', 'publicKeyJwk'].filter((name) => name in entry);
  assert(materials.length <= 1);
  if (entry.publicKeyJwk) {
    assert('kty' in entry.publicKeyJwk);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) assert(!(secret in entry.publicKeyJwk));
  }
  if (entry.publicKeyMultibase) assert.match(entry.publicKeyMultibase, /^[079fFvVtTbBcChkKzZmMuUp].+$/);
}

const RELATIONSHIPS = ['authentication', 'assertionMethod', 'keyAgreement', 'capabilityInvocation', 'capabilityDelegation'];

for (const [name, file] of named('did-')) {
  test(`${name}: identifiers, core properties, production, consumption`, () => {
    assert(file.dids.length > 0 && file.didMethod && file.implementer && file.implementation);
    for (const did of file.dids) {
      assert(isDid(did) && did.startsWith(`${file.didMethod}:`));
      const { properties } = file[did].didDocumentDataModel;
      assert.equal(properties.id, did);
      assert(!('@context' in properties));
      for (const uri of properties.alsoKnownAs ?? []) assert(URL.canParse(uri));
      for (const entry of properties.verificationMethod ?? []) checkMethod(entry, did, false);
      for (const relationship of RELATIONSHIPS) {
        for (const entry of properties[relationship] ?? []) {
          if (typeof entry === 'string') assert(isDidUrl(entry));
          else checkMethod(entry, did, true);
        }
      }
      const services = properties.service ?? [];
      assert.equal(new Set(services.map(({ id }) => id)).size, services.length);
      for (const { id, type, serviceEndpoint } of services) assert(id && type && serviceEndpoint);
      for (const type of file.supportedContentTypes) {
        const entry = file[did][type];
        assert.equal(entry.didResolutionMetadata.contentType, type);
        const entries = entry.didDocumentDataModel.representationSpecificEntries;
        assert.deepEqual({ ...entries, ...properties }, JSON.parse(entry.representation));
        assert(type !== JSON_LD_TYPE || [entries['@context']].flat()[0] === 'https://www.w3.org/ns/did/v1');
        checkMetadata(entry.didDocumentMetadata, did);
      }
    }
    for (const [parameter, url] of Object.entries(file.didParameters)) {
      const value = parseQuery(url.split('?').pop())[parameter];
      assert(isAscii(value), parameter);
      if (parameter === 'versionTime') assert(isTime(value));
      if (parameter === 'relativeRef' && value.includes('/')) assert(url.includes('%2F'));
    }
  });
}

function outcomesOf(file) {
  const outcomes = new Map();
  for (const [outcome, indexes] of Object.entries(file.expectedOutcomes)) {
    for (const index of indexes) {
      assert(!outcomes.has(index), 'one outcome for each execution');
      outcomes.set(index, outcome);
    }
  }
  assert.equal(outcomes.size, file.executions.length);
  return outcomes;
}

for (const [name, file] of named('resolver-')) {
  test(`${name}: resolution`, () => {
    const outcomes = outcomesOf(file);
    assert(file.executions.some((e) => e.function === 'resolveRepresentation'));
    file.executions.forEach(({ function: called, input, output }, index) => {
      const outcome = outcomes.get(index);
      const { error, contentType } = output.didResolutionMetadata;
      assert(isMap(input.resolutionOptions) && isMap(output.didDocumentMetadata));
      assert.equal(error !== undefined, outcome.endsWith('ErrorOutcome'));
      assert.equal(isDid(input.did), error !== 'invalidDid');
      if (error !== undefined) {
        assert(isAscii(error) && outcome === `${error}ErrorOutcome`);
        assert.deepEqual(output.didDocumentMetadata, {});
        assert(called === 'resolve' && output.didDocument === null);
        return;
      }
      if (called === 'resolve') {
        assert(contentType === undefined && !('accept' in input.resolutionOptions));
        assert.equal(output.didDocument.id, input.did);
      } else {
        assert(contentType === input.resolutionOptions.accept && [JSON_TYPE, JSON_LD_TYPE].includes(contentType));
        const document = JSON.parse(output.didDocumentStream);
        assert.equal(document.id, input.did);
        assert(contentType !== JSON_LD_TYPE || '@context' in document);
      }
      assert.equal(output.didDocumentMetadata.deactivated ?? false, outcome === 'deactivatedOutcome');
      checkMetadata(output.didDocumentMetadata, input.did);
    });
  });
}

for (const [name, file] of named('dereferencer-')) {
  test(`${name}: dereferencing`, () => {
    const outcomes = outcomesOf(file);
    file.executions.forEach(({ function: called, input, output }, index) => {
      const { error, contentType } = output.dereferencingMetadata;
      assert.equal(called, 'dereference');
      assert(isMap(input.dereferenceOptions) && isMap(output.contentMetadata));
      assert.equal(isDidUrl(input.didUrl), error !== 'invalidDidUrl');
      if (input.didUrl.includes('#')) {
        const base = file.executions.find((e) => e.input.didUrl === input.didUrl.split('#')[0]);
        assert.notEqual(base.output.contentStream, output.contentStream);
      }
      if (error !== undefined) {
        assert(isAscii(error) && outcomes.get(index) === `${error}ErrorOutcome`);
        assert(output.contentStream === '' && Object.keys(output.contentMetadata).length === 0);
        return;
      }
      assert.equal(outcomes.get(index), 'defaultOutcome');
      assert(output.contentStream && contentType);
      if (contentType === JSON_LD_TYPE) {
        assert('@context' in JSON.parse(output.contentStream));
        checkMetadata(output.contentMetadata, input.didUrl.split(/[?#]/)[0]);
      }
    });
  });
}
