// A harness that is right about every DID of the test but one, and there goes wrong in one way.
import { createInterface } from 'node:readline';

const [mode, at] = process.argv.slice(2);
const hello = { name: 'misbehaving', version: mode, protocol: 1, infrastructures: ['did'], features: [] };
const write = (message) => process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
const right = (id, didUrl) => ({
  id, verdict: 'accepted', value: { did: didUrl, method: didUrl.split(':')[1], path: '', query: null, fragment: null },
});
const faults = {
  crash: () => { console.error('out of luck'); process.exit(3); },
  hang: () => {},
  flood: () => { const line = 'x'.repeat(65536); const more = () => { while (process.stdout.write(line)); process.stdout.once('drain', more); }; more(); },
  more: (id, didUrl) => write(`${JSON.stringify(right(id, didUrl))}\n{"and":"more"}`),
  nonsense: () => write('What do you mean?'),
  array: () => write('[]'),
  duplicate: (id) => write(`{"id":${id},"verdict":"accepted","verdict":"refused","reason":"syntax"}`),
  'wrong-id': (id) => write({ id: id + 1, verdict: 'accepted' }),
  'no-verdict': (id) => write({ id }),
  both: (id) => write({ id, verdict: 'accepted', unsupported: 'no' }),
  'unknown-reason': (id) => write({ id, verdict: 'refused', reason: 'because' }),
  'no-reason': (id) => write({ id, verdict: 'refused' }),
  deep: () => write('['.repeat(100000)),
  latin1: (id) => process.stdout.write(Buffer.concat([Buffer.from(`{"id":${id},"verdict":"accepted","detail":"`), Buffer.from([0xe9]), Buffer.from('"}\n')])),
  error: (id) => write({ id, error: 'I am not well' }),
  unsupported: (id) => write({ id, unsupported: 'not today' }),
  markup: (id) => write({ id, verdict: 'refused', reason: 'syntax', detail: '<script>alert(1)</script>\u001b[31m\u202e' }),
  long: (id) => write({ id, verdict: 'refused', reason: 'syntax', detail: '&'.repeat(3_000_000) }),
  // Ends, and says something else of itself when it is started again.
  changeling: () => process.exit(0),
};
const greetings = {
  old: { ...hello, protocol: 0 },
  changeling: { ...hello, version: String(process.pid) },
  shouting: { ...hello, name: '\n\n324 cases: 324 passed\u001b[8m\u202e' },
};
createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  const { id, operation, input } = JSON.parse(line);
  if (operation === 'hello') {
    const value = greetings[mode] ?? hello;
    return write(mode === 'unwilling' ? { id, verdict: 'refused', reason: 'unsupported', value } : { id, verdict: 'accepted', value });
  }
  if (operation === 'bye') return process.exit(0);
  return input.didUrl === at ? faults[mode](id, input.didUrl) : write(right(id, input.didUrl));
});
