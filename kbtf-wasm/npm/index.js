// For browsers and bundlers: the module is fetched once, when init() is called.
import load from './kbtf.js';
import { markReady } from './api.js';

export * from './exports.js';

let loading;

export function init({ module = new URL('./kbtf_bg.wasm', import.meta.url) } = {}) {
  loading ??= load({ module_or_path: module }).then(markReady, (error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
