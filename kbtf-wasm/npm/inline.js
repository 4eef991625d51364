// For places without a second file: the module is part of this one, a third larger.
import { initSync } from './kbtf.js';
import { markReady } from './api.js';
import base64 from './inline-wasm.js';

export * from './exports.js';

initSync({ module: Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)) });
markReady();

export async function init() {}
