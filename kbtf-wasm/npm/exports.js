export { KbtfError, SecretKey, issueCredential, resolveDidKey, verifyCredential } from './api.js';
