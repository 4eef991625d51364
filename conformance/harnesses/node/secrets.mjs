// Secret keys in documents that are public: whoever publishes one has lost it, and nobody should believe such a document.
import { isSecretMultikey } from './keys.mjs';
import { hasPrivateMember } from './jwk.mjs';
import { decodeMultibase } from './multibase.mjs';
import { isObject } from './strict-json.mjs';

const MAX_KEY_LENGTH = 200; // of a secret Multikey; decoding long texts takes long

function inText(name, text) {
  if (text.includes('PRIVATE KEY') && (name === 'publicKeyPem' || text.includes('-----BEGIN'))) return true;
  const bases = name === 'publicKeyMultibase' ? /^[zumfF]/ : /^z/;
  return text.length <= MAX_KEY_LENGTH && bases.test(text) && isSecretMultikey(decodeMultibase(text));
}

// Is there a secret anywhere in a value? `name` is that of the member it is in.
export function holdsSecret(value, name) {
  if (typeof value === 'string') return inText(name, value);
  if (Array.isArray(value)) return value.some((entry) => holdsSecret(entry, name));
  if (!isObject(value)) return false;
  if ((name === 'publicKeyJwk' || typeof value.kty === 'string') && hasPrivateMember(value)) return true;
  return Object.keys(value).some((member) => /^(private|secret)Key/.test(member) || holdsSecret(value[member], member));
}
