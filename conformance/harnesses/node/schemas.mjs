// Whether a credential keeps the schemas that it names: the class `schema`.
import { createHash } from 'node:crypto';
import { decodeBase64 } from './base64.mjs';
import { asArray } from './data-model.mjs';
import { schemaProblem } from './json-schema.mjs';
import { decodeMultibase } from './multibase.mjs';
import { Refusal, demand } from './refusal.mjs';
import { parse } from './strict-json.mjs';

// Weakest first; the code of multihash, which the length follows.
const HASHES = [['sha256', 0x12], ['sha384', 0x20], ['sha512', 0x13]];

const digest = (hash, text) => createHash(hash).update(text).digest();

// Subresource Integrity: of several digests, those of the strongest hash count, and one of them must fit.
function keepsSri(text, sri) {
  if (typeof sri !== 'string') return false;
  const entries = sri.split(/[ \t\r\n]+/).map((entry) => /^(sha256|sha384|sha512)-([^?]*)(?:\?.*)?$/.exec(entry));
  const strongest = HASHES.map(([hash]) => entries.filter((entry) => entry?.[1] === hash)).findLast((found) => found.length > 0);
  return (strongest ?? []).some(([, hash, value]) => decodeBase64(value)?.equals(digest(hash, text)) ?? false);
}

function keepsMultibase(text, multibase) {
  const bytes = decodeMultibase(multibase);
  return bytes !== null && HASHES.some(([hash, code]) => {
    const wanted = digest(hash, text);
    return bytes.equals(Buffer.concat([Buffer.from([code, wanted.length]), wanted]));
  });
}

function readSchema(text) {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal('schema', error.message) : error;
  }
}

export function checkSchemas({ document, schemas }, env) {
  const { proof, ...claims } = document;
  for (const entry of schemas) {
    if (!asArray(entry.type).includes('JsonSchema') || !env.schemas.has(entry.id)) {
      env.pending.other.add('credentialSchema');
      continue;
    }
    const text = env.schemas.get(entry.id);
    demand(!('digestSRI' in entry) || keepsSri(text, entry.digestSRI), 'schema', 'the schema has another digestSRI');
    demand(!('digestMultibase' in entry) || keepsMultibase(text, entry.digestMultibase), 'schema', 'the schema has another digestMultibase');
    const problem = schemaProblem(readSchema(text), claims);
    demand(problem === null, 'schema', problem);
  }
}
