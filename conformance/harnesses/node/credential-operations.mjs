// The operations on credentials and presentations. Each answers the members of its answer besides `id`, or throws.
import { verifyCredential, verifyPresentation, verifySdJwt } from './credentials.mjs';
import { isDid } from './did.mjs';
import { issueCredential, issuePresentation } from './issuing.mjs';
import { Documents } from './known-documents.mjs';
import { demand } from './refusal.mjs';
import { isStrings, isText, need, optional, texts, time } from './request.mjs';
import { isObject } from './strict-json.mjs';

// Texts by name.
const isTexts = (value) => isObject(value) && isStrings(Object.values(value));
const textsByUrl = (input, name) => new Map(Object.entries(optional(input[name], {}, isTexts, name)));
const isRegistry = (value) => isObject(value) && isText(value.text) && isStrings(value.operators);

function environment(input, now) {
  const policy = optional(input.policy, {}, isObject, 'policy');
  const documents = optional(input.documents, {}, isTexts, 'documents');
  const deactivated = optional(input.deactivated, [], isStrings, 'deactivated');
  return {
    now: time(now),
    documents: new Documents(documents, deactivated),
    contexts: optional(policy.contexts, [], Array.isArray, 'policy.contexts'),
    trustedIssuers: optional(policy.trustedIssuers, undefined, isStrings, 'policy.trustedIssuers'),
    holderBinding: optional(policy.holderBinding, 'subject', (value) => ['subject', 'any'].includes(value), 'policy.holderBinding'),
    registry: optional(policy.registry, undefined, isRegistry, 'policy.registry'),
    keyBinding: optional(policy.keyBinding, 'required', isText, 'policy.keyBinding'),
    statusLists: textsByUrl(input, 'statusLists'),
    schemas: textsByUrl(input, 'schemas'),
    challenge: input.challenge,
    domain: input.domain,
    pending: { documents: new Set(), other: new Set() },
  };
}

function verdict({ pending: { documents, other } }) {
  if (documents.size + other.size === 0) return { verdict: 'accepted' };
  const detail = [...documents, ...other].join(', ');
  return { verdict: 'undecided', needs: [...documents], detail: `could not be checked: ${detail}` };
}

export const CREDENTIAL_OPERATIONS = {
  'credential.issue': (input) => {
    texts(input, 'credential', 'secretKey', 'verificationMethod', 'created');
    return { verdict: 'accepted', value: { credential: issueCredential(input) } };
  },

  'credential.verify': (input, now) => {
    const env = environment(texts(input, 'credential'), now);
    verifyCredential(input.credential, env);
    return verdict(env);
  },

  'sd-jwt.verify': (input, now) => {
    const env = environment(texts(input, 'credential'), now);
    const shown = isText(input.challenge);
    need(isText(input.domain) === shown, 'challenge and domain go together');
    const claims = verifySdJwt(input.credential, shown, env);
    const answer = verdict(env);
    return answer.verdict === 'accepted' ? { ...answer, value: { claims } } : answer;
  },

  'presentation.issue': (input) => {
    texts(input, 'holder', 'secretKey', 'verificationMethod', 'created', 'challenge', 'domain');
    need(isStrings(input.credentials), 'credentials');
    demand(isDid(input.holder), 'holder', 'the holder is not a DID');
    return { verdict: 'accepted', value: { presentation: issuePresentation(input) } };
  },

  'presentation.verify': (input, now) => {
    const env = environment(texts(input, 'presentation', 'challenge', 'domain'), now);
    verifyPresentation(input.presentation, env);
    return verdict(env);
  },
};
