// Every file of vectors keeps the JSON Schema. Judge: ajv.
import { readFileSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';

const folder = new URL('conformance/vectors/', pathToFileURL(`${process.env.KBTF_ROOT}/`));
const read = (path) => JSON.parse(readFileSync(new URL(path, folder)));
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(read('schema.json'));

const files = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(new URL(`${name}/`, folder)).map((file) => `${name}/${file}`));

for (const file of files) {
  test(`${file} keeps the schema`, () => assert.ok(validate(read(file)), JSON.stringify(validate.errors?.slice(0, 3))));
}

test('the schema refuses what is none', () => {
  const suite = read(files[0]);
  assert.ok(!validate({ ...suite, extra: 1 }));
  assert.ok(!validate({ ...suite, cases: [] }));
  const [first] = suite.cases;
  const broken = (expect) => ({ ...suite, cases: [{ ...first, steps: [{ ...first.steps[0], expect }] }] });
  assert.ok(!validate(broken({ verdict: 'refused' })), 'a refusal without a reason class');
  assert.ok(!validate(broken({ verdict: 'accepted', reason: ['key'] })), 'an acceptance with one');
});
