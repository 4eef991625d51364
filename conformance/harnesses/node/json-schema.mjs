// A validator for JSON Schema draft 2020-12: its usual keywords, and references within the schema. A schema with any other
// keyword is not understood, and nothing keeps it.
import { canonicalize, isObject, same } from './strict-json.mjs';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const MAX_DEPTH = 256; // of schemas within each other, references followed
const MAX_STEPS = 1_000_000;

const isText = (value) => typeof value === 'string';
const isNumber = (value) => typeof value === 'number';
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isArray = Array.isArray;
const isSchema = (value) => typeof value === 'boolean' || isObject(value);
const isSchemas = (value) => isArray(value) && value.length > 0 && value.every(isSchema);
const isSchemaMap = (value) => isObject(value) && Object.values(value).every(isSchema);
const isTexts = (value) => isArray(value) && value.every(isText);
const anything = () => true;

const TYPES = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  string: isText,
  number: isNumber,
  integer: Number.isInteger,
  array: isArray,
  object: isObject,
};
const typesIn = (value) => (isArray(value) ? value : [value]);
const isTypes = (value) => typesIn(value).length > 0 && typesIn(value).every((name) => isText(name) && Object.hasOwn(TYPES, name));

function patternOf(text) {
  try {
    return isText(text) ? new RegExp(text, 'u') : null;
  } catch {
    return null;
  }
}
const isPattern = (value) => patternOf(value) !== null;

const ifNumber = (test) => (value, x) => !isNumber(x) || test(value, x);
const ifText = (test) => (value, x) => !isText(x) || test(value, x);
const ifArray = (test) => (value, x, ...more) => !isArray(x) || test(value, x, ...more);
const ifObject = (test) => (value, x, ...more) => !isObject(x) || test(value, x, ...more);
const length = (text) => [...text].length;

function countContained(schema, x, { contains }, valid) {
  return contains === undefined ? null : x.filter((element) => valid(contains, element)).length;
}

// A member that neither `properties` nor `patternProperties` of the same schema speaks of.
function isAdditional(name, { properties = {}, patternProperties = {} }) {
  return !Object.hasOwn(properties, name) && !Object.keys(patternProperties).some((pattern) => patternOf(pattern).test(name));
}

// Each keyword: what its value must be, and whether an instance keeps it, (value, instance, schema, valid). Those with no
// second part ask nothing.
const KEYWORDS = new Map(Object.entries({
  $id: [isText], $schema: [(value) => value === DRAFT], $comment: [isText], $defs: [isSchemaMap],
  title: [isText], description: [isText], default: [anything], examples: [isArray], format: [isText],
  deprecated: [anything], readOnly: [anything], writeOnly: [anything],

  type: [isTypes, (value, x) => typesIn(value).some((name) => TYPES[name](x))],
  enum: [isArray, (value, x) => value.some((allowed) => same(allowed, x))],
  const: [anything, (value, x) => same(value, x)],

  minimum: [isNumber, ifNumber((value, x) => x >= value)],
  maximum: [isNumber, ifNumber((value, x) => x <= value)],
  exclusiveMinimum: [isNumber, ifNumber((value, x) => x > value)],
  exclusiveMaximum: [isNumber, ifNumber((value, x) => x < value)],
  multipleOf: [(value) => isNumber(value) && value > 0, ifNumber((value, x) => Number.isInteger(x / value))],

  minLength: [isCount, ifText((value, x) => length(x) >= value)],
  maxLength: [isCount, ifText((value, x) => length(x) <= value)],
  pattern: [isPattern, ifText((value, x) => patternOf(value).test(x))],

  minItems: [isCount, ifArray((value, x) => x.length >= value)],
  maxItems: [isCount, ifArray((value, x) => x.length <= value)],
  uniqueItems: [(value) => typeof value === 'boolean', ifArray((value, x) => !value || new Set(x.map(canonicalize)).size === x.length)],
  prefixItems: [isSchemas, ifArray((value, x, _, valid) => value.every((schema, i) => i >= x.length || valid(schema, x[i])))],
  items: [isSchema, ifArray((value, x, { prefixItems = [] }, valid) => x.slice(prefixItems.length).every((element) => valid(value, element)))],
  contains: [isSchema, ifArray((value, x, schema, valid) => schema.minContains === 0 || countContained(value, x, schema, valid) > 0)],
  minContains: [isCount, ifArray((value, x, schema, valid) => (countContained(value, x, schema, valid) ?? value) >= value)],
  maxContains: [isCount, ifArray((value, x, schema, valid) => (countContained(value, x, schema, valid) ?? value) <= value)],

  minProperties: [isCount, ifObject((value, x) => Object.keys(x).length >= value)],
  maxProperties: [isCount, ifObject((value, x) => Object.keys(x).length <= value)],
  required: [isTexts, ifObject((value, x) => value.every((name) => Object.hasOwn(x, name)))],
  properties: [isSchemaMap, ifObject((value, x, _, valid) => Object.keys(value).every((name) => !Object.hasOwn(x, name) || valid(value[name], x[name])))],
  patternProperties: [
    (value) => isSchemaMap(value) && Object.keys(value).every(isPattern),
    ifObject((value, x, _, valid) => Object.keys(value).every((pattern) => (
      Object.keys(x).every((name) => !patternOf(pattern).test(name) || valid(value[pattern], x[name]))))),
  ],
  additionalProperties: [isSchema, ifObject((value, x, schema, valid) => (
    Object.keys(x).every((name) => !isAdditional(name, schema) || valid(value, x[name]))))],
  propertyNames: [isSchema, ifObject((value, x, _, valid) => Object.keys(x).every((name) => valid(value, name)))],
  dependentRequired: [
    (value) => isObject(value) && Object.values(value).every(isTexts),
    ifObject((value, x) => Object.keys(value).every((name) => !Object.hasOwn(x, name) || value[name].every((other) => Object.hasOwn(x, other)))),
  ],
  dependentSchemas: [isSchemaMap, ifObject((value, x, _, valid) => Object.keys(value).every((name) => !Object.hasOwn(x, name) || valid(value[name], x)))],

  allOf: [isSchemas, (value, x, _, valid) => value.every((schema) => valid(schema, x))],
  anyOf: [isSchemas, (value, x, _, valid) => value.some((schema) => valid(schema, x))],
  oneOf: [isSchemas, (value, x, _, valid) => value.filter((schema) => valid(schema, x)).length === 1],
  not: [isSchema, (value, x, _, valid) => !valid(value, x)],
  if: [isSchema, (value, x, { then: yes = true, else: no = true }, valid) => valid(valid(value, x) ? yes : no, x)],
  then: [isSchema], else: [isSchema],
  $ref: [(value) => isText(value) && /^#(?:\/|$)/.test(value)],
}));

class NotUnderstood extends Error {}

function understand(condition, detail) {
  if (!condition) throw new NotUnderstood(detail);
}

// The schemas that stand directly in the value of a keyword, by what that value is.
function schemasIn(name, value) {
  const [form] = KEYWORDS.get(name);
  if (form === isSchema) return [value];
  if (form === isSchemas) return value;
  return form === isSchemaMap || name === 'patternProperties' ? Object.values(value) : [];
}

// RFC 6901, in a fragment.
function pointTo(root, reference) {
  let target = root;
  for (const part of reference.split('/').slice(1)) {
    const name = decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~');
    understand((isObject(target) || isArray(target)) && Object.hasOwn(target, name), `$ref ${reference} points nowhere`);
    target = target[name];
  }
  return target;
}

function checkSchema(schema, root, references) {
  understand(isSchema(schema), 'not a schema');
  if (typeof schema === 'boolean') return;
  for (const [name, value] of Object.entries(schema)) {
    understand(KEYWORDS.has(name), `keyword ${name}`);
    understand(KEYWORDS.get(name)[0](value), `value of ${name}`);
    // Further in, it would change what references mean.
    understand(name !== '$id' || schema === root, '$id inside a schema');
    if (name === '$ref') references.set(schema, pointTo(root, value));
    for (const inner of schemasIn(name, value)) checkSchema(inner, root, references);
  }
}

// What keeps an instance from keeping a schema, or null.
export function schemaProblem(root, instance) {
  const references = new Map();
  let [depth, steps] = [0, 0];

  function valid(schema, x) {
    if (typeof schema === 'boolean') return schema;
    understand(++depth <= MAX_DEPTH && ++steps <= MAX_STEPS, 'schemas within each other without end');
    const kept = Object.entries(schema).every(([name, value]) => KEYWORDS.get(name)[1]?.(value, x, schema, valid) ?? true)
      && (!references.has(schema) || valid(references.get(schema), x));
    depth--;
    return kept;
  }

  try {
    checkSchema(root, root, references);
    // What a reference points to need not stand where a schema does.
    for (const target of references.values()) checkSchema(target, root, references);
    return valid(root, instance) ? null : 'the schema is not kept';
  } catch (error) {
    if (error instanceof NotUnderstood || error instanceof URIError) return `schema not understood: ${error.message}`;
    throw error;
  }
}
