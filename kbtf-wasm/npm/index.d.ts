/**
 * Identity and credentials of Korea's blockchain trust framework (K-BTF).
 *
 * In a browser `await init()` once before anything else; in Node, and with `@kbtf/sdk/inline`, it does nothing.
 */

/**
 * Loads the WebAssembly module. The first call decides where it comes from, later ones wait for the same; after a
 * failure (`wasm/not-loaded`) the next call tries again.
 */
export function init(options?: {
  /**
   * Where the module is, or the module itself; by default `kbtf_bg.wasm` beside this file. For subresource
   * integrity: `fetch(url, { integrity })` with the value of `integrity.json`. A `Request`, `Response`, promise of a
   * `Response`, or `WebAssembly.Module` will do too.
   */
  module?: URL | string | ArrayBuffer | ArrayBufferView | object | Promise<object> | undefined;
}): Promise<void>;

/** A step of verification, in the order of the report. */
export type StepName =
  | 'structure' | 'version' | 'keyState' | 'relationship' | 'issuer' | 'signature' | 'validity'
  | 'status' | 'schema' | 'challenge' | 'domain' | 'holder' | 'trust' | 'assurance';

/** How a step came out. A step that was not checked is never a pass. */
export type StepResult =
  | { step: StepName; outcome: 'passed' }
  | {
      step: StepName;
      outcome: 'failed';
      /** Stable, such as `vc/issuer-not-controller`. */
      code: string;
      /** The W3C problem type, a URL. */
      problemType: string;
      /** The place, what was expected and what came. */
      detail?: string;
    }
  | {
      step: StepName;
      outcome: 'notChecked';
      why:
        | 'absent' | 'notApplicable' | 'waived' | 'notRequired' | 'missingEvidence' | 'unsupported' | 'earlierFailure'
        | 'providerFailed';
    };

/** Evidence that is missing: get it, hand it in, verify again. */
export type Need = { type: 'didDocument'; did: string };

/** The report of one verification. */
export interface Verdict {
  decision: 'accepted' | 'undecided' | 'refused';
  steps: StepResult[];
  needs: Need[];
  /** For presentations: the verdict of each credential inside. */
  credentials?: Verdict[];
}

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** A JSON object. */
export type JsonObject = { [name: string]: Json };

export interface VerifyOptions {
  /** The DIDs whose credentials count, or `'any'` if you decide on the issuer yourself. There is no default. */
  trustedIssuers: readonly string[] | 'any';
  /** The time of verification, as a `Date` or a text with zone; now, if left out. */
  now?: Date | string | undefined;
  /**
   * DID documents that you have resolved: under each DID that you asked for, the text that you received. A document
   * about another DID is an error. `did:key` needs none.
   */
  documents?: Readonly<Record<string, string>> | undefined;
  /** DIDs that are deactivated. */
  deactivated?: readonly string[] | undefined;
  /** Contexts that you know besides those of W3C. */
  contexts?: readonly string[] | undefined;
  /** Accept ECDSA signatures with high s, as Web Crypto makes them half of the time. */
  acceptHighS?: boolean | undefined;
  /** Accept without looking at `credentialStatus`. */
  waiveStatus?: boolean | undefined;
  /** Accept without looking at `credentialSchema`. */
  waiveSchema?: boolean | undefined;
}

/** The credential is there only if it was accepted. */
export type VerificationResult =
  | { accepted: true; credential: JsonObject; verdict: Verdict }
  | { accepted: false; credential?: undefined; verdict: Verdict };

/**
 * Verifies a credential. What is wrong with it stands in the verdict; nothing is thrown for it.
 *
 * @param credential the text as it was received, not a parsed object
 * @throws {KbtfError} `wasm/argument` for options that are none, `did/…` and `vc/wrong-document` for DID documents that are none
 */
export function verifyCredential(credential: string | Uint8Array, options: VerifyOptions): VerificationResult;

/**
 * Resolves a `did:key` to its DID document.
 *
 * @throws {KbtfError} `did/invalid-did`, `did/method-not-supported`, `did/unsupported-key-type`, …
 */
export function resolveDidKey(did: string): JsonObject;

/** A private key in the memory of the module. `free()` it when it has done its work. */
export class SecretKey {
  private constructor();
  /** A new key from the random source of the browser or of Node. */
  static generate(keyType?: 'Ed25519' | 'P-256'): SecretKey;
  /** A key from its `secretKeyMultibase`. */
  static fromMultikey(secretKeyMultibase: string): SecretKey;
  /** The `did:key` of the key. */
  readonly did: string;
  /** The public key as Multikey. */
  readonly publicKeyMultibase: string;
  /** Wipes the key. */
  free(): void;
}

export interface IssueOptions {
  key: SecretKey;
  /** The DID URL of the verification method; that of the key's `did:key`, if left out. */
  verificationMethod?: string | undefined;
  /** The time of signing; now, if left out. */
  created?: Date | string | undefined;
}

/**
 * Signs a credential (VC Data Model 2.0 or 1.1) and gives the text to hand on.
 *
 * @throws {KbtfError} `vc/malformed`, `vc/not-the-signer`, `vc/already-signed`, …
 */
export function issueCredential(credential: JsonObject | string, options: IssueOptions): string;

/** Every error that this package throws. */
export class KbtfError extends Error {
  private constructor();
  readonly name: 'KbtfError';
  /** Stable: `wasm/argument`, `wasm/not-initialised`, `wasm/not-loaded`, `wasm/internal`, `did/…`, `vc/…`, `json/…`. */
  readonly code: string;
}
