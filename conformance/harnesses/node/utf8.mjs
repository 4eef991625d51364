// UTF-8, read strictly.

// The text that the bytes are, a byte order mark included; null if they are none.
export function decodeUtf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export const withoutMark = (text) => (text.startsWith('\uFEFF') ? text.slice(1) : text);
