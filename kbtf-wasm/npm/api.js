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

/** Runs something in the module and turns what it throws into a KbtfError. */
function call(run) {
  if (!ready) throw new KbtfError('wasm/not-initialised', 'await init() before anything else');
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof KbtfError) throw thrown;
    if (typeof thrown === 'string') {
      const { code, message } = JSON.parse(thrown);
      throw new KbtfError(code, message);
    }
    // A trap leaves the module in an unknown state; nothing of it may be used again.
    ready = false;
    throw new KbtfError('wasm/internal', `the module failed and must be loaded again: ${thrown}`);
  }
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

export class SecretKey {
  #raw;

  constructor(raw) {
    argument(raw instanceof glue.RawKey, 'use SecretKey.generate or SecretKey.fromMultikey');
    this.#raw = raw;
  }

  static generate(keyType = 'Ed25519') {
    return call(() => {
      const bytes = new Uint8Array(32);
      try {
        // A P-256 candidate is out of range once in 2^32.
        for (let attempt = 0; ; attempt += 1) {
          globalThis.crypto.getRandomValues(bytes);
          try {
            return new SecretKey(glue.RawKey.fromBytes(keyType, bytes));
          } catch (thrown) {
            const outOfRange = typeof thrown === 'string' && thrown.includes('"did/invalid-key"');
            if (!outOfRange || attempt >= 8) throw thrown;
          }
        }
      } finally {
        bytes.fill(0);
      }
    });
  }

  static fromMultikey(secretKeyMultibase) {
    argument(typeof secretKeyMultibase === 'string', 'secretKeyMultibase: expected a string');
    return call(() => new SecretKey(glue.RawKey.fromMultikey(secretKeyMultibase)));
  }

  get raw() {
    argument(this.#raw !== undefined, 'the key has been freed');
    return this.#raw;
  }

  get publicKeyMultibase() {
    return call(() => this.raw.publicKeyMultibase());
  }

  get did() {
    return call(() => this.raw.did());
  }

  free() {
    this.#raw?.free();
    this.#raw = undefined;
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
  const result = call(() => glue.verifyCredential(bytes, JSON.stringify(policy), time(now, 'options.now')));
  const { verdict, credential: verified } = JSON.parse(result);
  return verified === undefined ? { accepted: false, verdict } : { accepted: true, verdict, credential: verified };
}

export function resolveDidKey(did) {
  argument(typeof did === 'string', 'did: expected a string');
  return JSON.parse(call(() => glue.resolveDidKey(did)));
}

export function issueCredential(credential, options) {
  const text = typeof credential === 'string' ? credential : JSON.stringify(credential);
  argument(typeof text === 'string', 'credential: expected an object or its text');
  argument(options?.key instanceof SecretKey, 'options.key: expected a SecretKey');
  const { key, verificationMethod = '', created } = options;
  argument(typeof verificationMethod === 'string', 'options.verificationMethod: expected a string');
  return call(() => glue.issueCredential(text, key.raw, verificationMethod, time(created, 'options.created')));
}
