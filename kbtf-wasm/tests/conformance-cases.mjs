// The cases of the conformance suite, through the interface of the package. Runs in Node and in the browser alike.

// What the package has beside the operations below.
const FEATURES = ['eddsa-jcs-2022', 'ecdsa-jcs-2019', 'vc-1.1', 'issue', 'presentation', 'x25519', 'proof-sets', 'jose', 'sd-jwt'];

/** Runs every single-step case that the package has an operation and the features for. Gives the differences and how many ran. */
export function runCases(sdk, suites) {
  const differences = [];
  let ran = 0;
  for (const { now, cases } of suites) {
    for (const { id, features = [], steps } of cases) {
      const [{ operation, input, expect, now: own }, ...more] = steps;
      const run = operations[operation];
      if (!run || more.length > 0 || !features.every((feature) => FEATURES.includes(feature))) continue;
      ran += 1;
      const got = run(sdk, input, own ?? now);
      const same = got.verdict === expect.verdict && (expect.reason === undefined || expect.reason.includes(got.reason));
      if (!same) differences.push(`${id}: expected ${JSON.stringify(expect)}, got ${JSON.stringify(got)}`);
    }
  }
  return { ran, differences };
}

const operations = {
  // As a harness would: what is no DID or no document is an error of the caller here, and the suite's own business there.
  'credential.verify': (sdk, { credential, documents = {}, deactivated, policy = {} }, now) => {
    const { trustedIssuers = 'any', ...rest } = policy;
    const isDid = (text) => text.startsWith('did:');
    const issuers = trustedIssuers === 'any' ? 'any' : trustedIssuers.filter(isDid);
    const verify = (documents) => sdk.verifyCredential(credential, { now, trustedIssuers: issuers, documents, deactivated, ...rest });
    const usable = Object.fromEntries(Object.entries(documents).filter(([did, text]) => {
      try {
        verify({ [did]: text });
        return true;
      } catch ({ code }) {
        if (!/^(json\/|did\/invalid-document|vc\/wrong-document)/.test(code)) throw new Error(code);
        return false;
      }
    }));
    const { verdict } = verify(usable);
    if (verdict.needs.some(({ did }) => did in documents)) return { verdict: 'refused', reason: 'keyState' };
    return { verdict: verdict.decision, reason: verdict.steps.find(({ outcome }) => outcome === 'failed')?.step };
  },
  'did.resolve': (sdk, { did }) => {
    try {
      return { verdict: sdk.resolveDidKey(did).id === did ? 'accepted' : 'another DID' };
    } catch ({ code }) {
      const reasons = {
        'did/invalid-did': 'syntax', 'did/method-not-supported': 'unsupported', 'did/unsupported-key-type': 'unsupported',
      };
      return { verdict: 'refused', reason: reasons[code] ?? (code?.startsWith('did/') ? 'key' : `error ${code}`) };
    }
  },
};
