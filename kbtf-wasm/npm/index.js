// For browsers and bundlers: the module is fetched once, when init() is called.
import load from './kbtf.js';
import { KbtfError, markReady } from './api.js';

export * from './exports.js';

let loading;

async function start({ module = new URL('./kbtf_bg.wasm', import.meta.url) } = {}) {
  try {
    await load({ module_or_path: module });
  } catch (error) {
    loading = undefined;
    throw Object.assign(new KbtfError('wasm/not-loaded', `the module cannot be loaded: ${error}`), { cause: error });
  }
  markReady();
}

/** The first call decides where the module comes from; later ones wait for the same. */
export async function init(options) {
  loading ??= start(options ?? {});
  return loading;
}
