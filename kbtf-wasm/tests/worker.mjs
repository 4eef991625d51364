import { init, SecretKey } from '/sdk/index.js';

await init();
postMessage(SecretKey.generate().did.slice(0, 12));
