// Documents of any kind, and the commitment to each (docs/kbtf-authenticity.md sections 2, 3 and 5).
import { readTable } from './csv.mjs';
import { commitmentToBytes, commitmentToValue, eight, isMediaType } from './document-leaves.mjs';
import { leafHash, rootOfPath } from './logs.mjs';
import { demand } from './refusal.mjs';
import { strict } from './request.mjs';
import { sha256 } from './signatures.mjs';
import { decodeUtf8 } from './utf8.mjs';
import { readXml } from './xml.mjs';

const MAX_BATCH = 2n ** 20n;
const READERS = {
  json: strict,
  table: (text) => readTable(text, true),
  'table-without-header': (text) => readTable(text, false),
  xml: readXml,
};

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

export const isContent = (value) => value === 'bytes' || (typeof value === 'string' && Object.hasOwn(READERS, value));

export function commitmentToDocument({ content, mediaType, bytes, key }) {
  syntax(isMediaType(mediaType), 'not a media type');
  if (content === 'bytes') return commitmentToBytes(key, mediaType, bytes);
  syntax(!content.startsWith('table') || mediaType === 'text/csv', 'a table of another media type');
  const text = decodeUtf8(bytes);
  syntax(text !== null, 'not UTF-8');
  return commitmentToValue(key, mediaType, READERS[content](text));
}

// The commitment to a batch, from that to one of its documents.
export function commitmentToBatch(document, { place, size, path }) {
  syntax(size <= MAX_BATCH, 'a batch too large');
  const root = rootOfPath(leafHash(document), place, size, path);
  return sha256(Buffer.concat([Buffer.from('kbtf/batch/v1\n'), eight(size), root]));
}
