// Packed bytes: exactly one stream, and not more in it than there may be.

// `decompress`: of node:zlib. null if the bytes are not one packed stream, or it is too long.
export function unpack(decompress, packed, maxLength) {
  if (packed === null) return null;
  try {
    const { buffer, engine } = decompress(packed, { maxOutputLength: maxLength, info: true });
    return engine.bytesWritten === packed.length ? buffer : null;
  } catch {
    return null;
  }
}
