// A harness for kbtf-conformance on Web Crypto: the operations of the protocol, over standard input and output or HTTP.
import { createServer } from 'node:http';
import { isTime } from './date-time-stamp.mjs';
import { issueCredential, issuePresentation, verifyCredential, verifyPresentation } from './credentials.mjs';
import { Documents, isDid, parseDidUrl, resolveDidKey } from './did.mjs';
import { readJwk, readMultikey, toJwk, toMultikey } from './keys.mjs';
import { Refusal, demand } from './refusal.mjs';
import { canonicalize, isObject, parse } from './strict-json.mjs';

const MAX_MESSAGE = 4 * 1024 * 1024;
const HELLO = {
  name: 'kbtf-harness-node', version: '0.1.0', protocol: 1, infrastructures: ['did', 'vc'],
  features: ['eddsa-jcs-2022', 'ecdsa-jcs-2019', 'vc-1.1', 'issue', 'presentation'],
};

// --- input: a request that is not as the protocol says is an error of the suite, never a refusal ---

function need(condition, what) {
  if (!condition) throw new TypeError(`request: ${what}`);
}

const isStrings = (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string');

function texts(input, ...names) {
  for (const name of names) need(typeof input[name] === 'string', `${name} is not a string`);
  return input;
}

function optional(value, fallback, test, what) {
  if (value === undefined || value === null) return fallback;
  need(test(value), `${what} is not as expected`);
  return value;
}

function environment(input, now) {
  need(isTime(now), 'now is not a dateTimeStamp');
  const policy = optional(input.policy, {}, isObject, 'policy');
  const documents = optional(input.documents, {}, (value) => isObject(value) && isStrings(Object.values(value)), 'documents');
  const deactivated = optional(input.deactivated, [], isStrings, 'deactivated');
  return {
    now,
    documents: new Documents(documents, deactivated),
    contexts: optional(policy.contexts, [], Array.isArray, 'policy.contexts'),
    trustedIssuers: optional(policy.trustedIssuers, undefined, isStrings, 'policy.trustedIssuers'),
    holderBinding: optional(policy.holderBinding, 'subject', (value) => ['subject', 'any'].includes(value), 'policy.holderBinding'),
    challenge: input.challenge,
    domain: input.domain,
    pending: { documents: new Set(), other: new Set() },
  };
}

function strict(text) {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal('syntax', error.message) : error;
  }
}

// --- operations: each answers the members of its answer besides `id`, or throws ---

const accepted = (value) => ({ verdict: 'accepted', value });

function verdict({ pending: { documents, other } }) {
  if (documents.size + other.size === 0) return { verdict: 'accepted' };
  const detail = [...documents, ...other].join(', ');
  return { verdict: 'undecided', needs: [...documents], detail: `could not be checked: ${detail}` };
}

const OPERATIONS = new Map(Object.entries({
  hello: ({ protocol }) => (protocol === 1 ? accepted(HELLO) : { unsupported: `protocol ${protocol}` }),
  'json.canonicalize': (input) => accepted({ canonical: canonicalize(strict(texts(input, 'text').text)) }),
  'did.parse': (input) => accepted(parseDidUrl(texts(input, 'didUrl').didUrl)),
  'did.resolve': (input) => accepted({ document: resolveDidKey(texts(input, 'did').did) }),

  'key.read': (input) => {
    const { format, key: text } = texts(input, 'format', 'key');
    need(format === 'multikey' || format === 'jwk', 'format');
    const key = format === 'jwk' ? readJwk(strict(text)) : readMultikey(text);
    return accepted({ keyType: key.keyType, multikey: toMultikey(key), jwk: toJwk(key) });
  },

  'credential.issue': async (input) => {
    texts(input, 'credential', 'secretKey', 'verificationMethod', 'created');
    return accepted({ credential: await issueCredential(input) });
  },

  'credential.verify': async (input, now) => {
    const env = environment(texts(input, 'credential'), now);
    await verifyCredential(input.credential, env);
    return verdict(env);
  },

  'presentation.issue': async (input) => {
    texts(input, 'holder', 'secretKey', 'verificationMethod', 'created', 'challenge', 'domain');
    need(isStrings(input.credentials), 'credentials');
    demand(isDid(input.holder), 'holder', 'the holder is not a DID');
    return accepted({ presentation: await issuePresentation(input) });
  },

  'presentation.verify': async (input, now) => {
    const env = environment(texts(input, 'presentation', 'challenge', 'domain'), now);
    await verifyPresentation(input.presentation, env);
    return verdict(env);
  },
}));

async function answer({ id, operation, now, input }) {
  const run = OPERATIONS.get(operation);
  if (!run) return { id, unsupported: `operation ${operation}` };
  try {
    need(isObject(input), 'input is not an object');
    return { id, ...(await run(input, now)) };
  } catch (error) {
    if (error instanceof Refusal) return { id, verdict: 'refused', reason: error.reason, detail: error.message };
    return { id, error: String(error?.message ?? error) };
  }
}

// One message in, one out; null after `bye`. The envelope is ordinary JSON: only the documents inside are under test.
async function respond(bytes) {
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
    const reply = await respond(line);
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
      return end(200, (await respond(Buffer.concat(parts))) ?? {});
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
