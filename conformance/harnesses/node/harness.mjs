// A harness for kbtf-conformance on Node's crypto: the operations of the protocol, over standard input and output or HTTP.
import { createServer } from 'node:http';
import { AUTHENTICITY_OPERATIONS } from './authenticity-operations.mjs';
import { AUTHENTICITY_RUN_OPERATIONS } from './authenticity-run.mjs';
import { CREDENTIAL_OPERATIONS } from './credential-operations.mjs';
import { EXCHANGE_OPERATIONS } from './exchange-operations.mjs';
import { HISTORY_OPERATIONS } from './history-operations.mjs';
import { HISTORY_RUN_OPERATIONS } from './history-run.mjs';
import { IDENTITY_OPERATIONS } from './identity-operations.mjs';
import { Refusal } from './refusal.mjs';
import { need } from './request.mjs';
import { isObject } from './strict-json.mjs';

const MAX_MESSAGE = 4 * 1024 * 1024;
const HELLO = {
  name: 'kbtf-harness-node', version: '0.1.0', protocol: 1, infrastructures: ['did', 'vc', 'history', 'authenticity'],
  features: [
    'eddsa-jcs-2022', 'ecdsa-jcs-2019', 'vc-1.1', 'issue', 'presentation',
    'proof-sets', 'jose', 'sd-jwt', 'status-lists', 'json-schema', 'trust-registry',
    'secp256k1', 'p384', 'x25519', 'rsa', 'key-encodings', 'key-verify',
    'did-documents', 'did-jwk', 'did-web', 'did-url', 'did-kbtf', 'personal-data', 'control',
    'assurance', 'life-cycle', 'dcql', 'compact',
    'tlog', 'history-run', 'history-proof', 'history-link',
    'documents', 'register', 'paper', 'authenticity-run',
  ],
};

const accepted = (value) => ({ verdict: 'accepted', value });

const OPERATIONS = new Map([
  ['hello', ({ protocol }) => (protocol === 1 ? accepted(HELLO) : { unsupported: `protocol ${protocol}` })],
  ...Object.entries({
    ...IDENTITY_OPERATIONS,
    ...EXCHANGE_OPERATIONS,
    ...HISTORY_OPERATIONS,
    ...HISTORY_RUN_OPERATIONS,
    ...AUTHENTICITY_OPERATIONS,
    ...AUTHENTICITY_RUN_OPERATIONS,
  }).map(([name, run]) => [name, (input, now) => accepted(run(input, now))]),
  ...Object.entries(CREDENTIAL_OPERATIONS),
]);

function answer({ id, operation, now, input }) {
  const run = OPERATIONS.get(operation);
  if (!run) return { id, unsupported: `operation ${operation}` };
  try {
    need(isObject(input), 'input is not an object');
    return { id, ...run(input, now) };
  } catch (error) {
    if (error instanceof Refusal) return { id, verdict: 'refused', reason: error.reason, detail: error.message };
    return { id, error: String(error?.message ?? error) };
  }
}

// One message in, one out; null after `bye`. The envelope is ordinary JSON: only the documents inside are under test.
function respond(bytes) {
  let message;
  try {
    message = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    need(isObject(message), 'not an object');
  } catch (error) {
    return { id: null, error: `unreadable message: ${error.message}` };
  }
  return message.operation === 'bye' ? null : answer(message);
}

// --- transports ---

// Not node:readline, which takes U+2028 for the end of a line.
async function* lines(stream) {
  let parts = [];
  for await (let chunk of stream) {
    for (let end; (end = chunk.indexOf(10)) >= 0; chunk = chunk.subarray(end + 1)) {
      yield Buffer.concat([...parts, chunk.subarray(0, end)]);
      parts = [];
    }
    parts.push(chunk);
  }
}

async function serveStdio() {
  for await (const line of lines(process.stdin)) {
    const reply = respond(line);
    if (reply === null) return;
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

function serveHttp(port) {
  const server = createServer(async (request, response) => {
    const parts = [];
    let size = 0;
    const end = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      for await (const chunk of request) if ((size += chunk.length) <= MAX_MESSAGE) parts.push(chunk);
      if (request.method !== 'POST') return end(405, { error: 'POST only' });
      if (size > MAX_MESSAGE) return end(413, { error: 'message too long' });
      // A server outlives the run: after `bye` it is ready for the next one.
      return end(200, respond(Buffer.concat(parts)) ?? {});
    } catch (error) {
      return response.headersSent ? response.destroy() : end(500, { error: String(error) });
    }
  });
  server.listen(port, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${server.address().port}/`));
}

const [mode, port] = process.argv.slice(2);
if (mode === undefined) {
  await serveStdio();
  process.stdin.destroy();
} else if (mode === '--http' && /^[0-9]{1,5}$/.test(port ?? '') && Number(port) <= 65535) {
  serveHttp(Number(port));
} else {
  console.error('usage: node harness.mjs [--http PORT]');
  process.exitCode = 2;
}
