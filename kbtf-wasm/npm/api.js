// The interface of the package over the generated glue: typed values in and out, errors with codes.
import * as glue from './kbtf.js';

/** An error with a stable code. */
export class KbtfError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'KbtfError';
    this.code = code;
  }
}

let ready = false;
export function markReady() {
  ready = true;
}

let failed = false;

/** Runs something in the module and turns what it throws into a KbtfError. Nothing of the caller's runs in here. */
function call(run) {
  if (failed) throw new KbtfError('wasm/internal', 'the module has failed before: load the page, or start the process, anew');
  if (!ready) throw new KbtfError('wasm/not-initialised', 'await init() before anything else');
  try {
    return run();
  } catch (thrown) {
    if (typeof thrown === 'string') {
      const { code, message } = JSON.parse(thrown);
      throw new KbtfError(code, message);
    }
    // After a trap the memory of the module is in an unknown state; nothing of it may be used again.
    if (thrown instanceof WebAssembly.RuntimeError) failed = true;
    throw new KbtfError('wasm/internal', String(thrown));
  }
}

/** The text of a value, or an error that says which argument has none. */
function textOf(value, name) {
  try {
    const text = JSON.stringify(value);
    if (typeof text === 'string') return text;
  } catch { /* a cycle or a BigInt */ }
  throw new KbtfError('wasm/argument', `${name}: expected a JSON value`);
}

function argument(condition, message) {
  if (!condition) throw new KbtfError('wasm/argument', message);
}

function time(value, name) {
  if (value === undefined) return new Date().toISOString();
  if (value instanceof Date) {
    argument(!Number.isNaN(value.getTime()), `${name}: expected a valid date`);
    return value.toISOString();
  }
  argument(typeof value === 'string', `${name}: expected a Date or a dateTimeStamp`);
  return value;
}

const encoder = new TextEncoder();

/** The keys inside the module, out of reach of whoever holds a SecretKey. */
const inner = new WeakMap();

function rawKey(key) {
  const raw = inner.get(key);
  argument(raw !== undefined, 'the key has been freed');
  return raw;
}

function fromBytes(keyType, bytes) {
  try {
    return call(() => glue.RawKey.fromBytes(keyType, bytes));
  } catch (error) {
    // A P-256 candidate is out of range once in 2^32: the caller draws again.
    if (error.code === 'did/invalid-key') return undefined;
    throw error;
  }
}

export class SecretKey {
  constructor(raw) {
    argument(raw instanceof glue.RawKey, 'use SecretKey.generate or SecretKey.fromMultikey');
    inner.set(this, raw);
  }

  static generate(keyType = 'Ed25519') {
    argument(typeof keyType === 'string', 'keyType: expected a string');
    const bytes = new Uint8Array(32);
    try {
      for (let attempt = 0; attempt < 8; attempt += 1) {
        globalThis.crypto.getRandomValues(bytes);
        const raw = fromBytes(keyType, bytes);
        if (raw) return new SecretKey(raw);
      }
    } finally {
      bytes.fill(0);
    }
    throw new KbtfError('did/randomness', 'the random source failed');
  }

  static fromMultikey(secretKeyMultibase) {
    argument(typeof secretKeyMultibase === 'string', 'secretKeyMultibase: expected a string');
    return new SecretKey(call(() => glue.RawKey.fromMultikey(secretKeyMultibase)));
  }

  get publicKeyMultibase() {
    const raw = rawKey(this);
    return call(() => raw.publicKeyMultibase());
  }

  get did() {
    const raw = rawKey(this);
    return call(() => raw.did());
  }

  free() {
    inner.get(this)?.free();
    inner.delete(this);
  }
}
if (Symbol.dispose) SecretKey.prototype[Symbol.dispose] = SecretKey.prototype.free;

export function verifyCredential(credential, options) {
  const bytes = typeof credential === 'string' ? encoder.encode(credential) : credential;
  argument(
    bytes instanceof Uint8Array,
    'credential: expected the text as it was received (string or Uint8Array), not a parsed object: '
      + 'parsing hides what a forger may have written twice',
  );
  argument(options !== null && typeof options === 'object', 'options: expected an object');
  const { now, ...policy } = options;
  const [policyText, nowText] = [textOf(policy, 'options'), time(now, 'options.now')];
  const result = call(() => glue.verifyCredential(bytes, policyText, nowText));
  const { verdict, credential: verified } = JSON.parse(result);
  return verified === undefined ? { accepted: false, verdict } : { accepted: true, verdict, credential: verified };
}

export function resolveDidKey(did) {
  argument(typeof did === 'string', 'did: expected a string');
  return JSON.parse(call(() => glue.resolveDidKey(did)));
}

export function issueCredential(credential, options) {
  const text = typeof credential === 'string' ? credential : textOf(credential, 'credential');
  argument(options?.key instanceof SecretKey, 'options.key: expected a SecretKey');
  const { key, verificationMethod = '', created } = options;
  argument(typeof verificationMethod === 'string', 'options.verificationMethod: expected a string');
  const [raw, createdText] = [rawKey(key), time(created, 'options.created')];
  return call(() => glue.issueCredential(text, raw, verificationMethod, createdText));
}
