// Base64 in its only canonical spelling. Buffer.from skips what it does not know and takes either alphabet.

// The bytes of base64url without padding; null if the text is not the spelling of any.
export function decodeBase64url(text) {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

// The same for base64 with padding.
export function decodeBase64(text) {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
