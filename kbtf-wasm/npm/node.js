// For Node: the module is read when this file is, so init() has nothing left to do.
import { readFileSync } from 'node:fs';
import { initSync } from './kbtf.js';
import { markReady } from './api.js';

export * from './exports.js';

initSync({ module: readFileSync(new URL('./kbtf_bg.wasm', import.meta.url)) });
markReady();

export async function init() {}
