// A harness that goes wrong in one way, at the operation did.parse, for the tests of the runner.
import { createInterface } from 'node:readline';
const mode = process.argv[2];
const hello = { name: 'misbehaving', version: mode, protocol: 1, infrastructures: ['did'], features: [] };
const write = (message) => process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
const faults = {
  crash: () => { console.error('out of luck'); process.exit(3); },
  hang: () => {},
  flood: () => { const line = 'x'.repeat(65536); const more = () => { while (process.stdout.write(line)); process.stdout.once('drain', more); }; more(); },
  // The right answer for the DIDs of the test, and then something more.
  more: (id, { didUrl }) => write(`${JSON.stringify({ id, verdict: 'accepted', value: { did: didUrl, method: didUrl.split(':')[1], path: '', query: null, fragment: null } })}\n{"and":"more"}`),
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
  markup: (id) => write({ id, verdict: 'refused', reason: 'syntax', detail: '<script>alert(1)</script>\u001b[31m' }),
};
createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  const { id, operation, input } = JSON.parse(line);
  if (operation === 'hello') return write({ id, verdict: 'accepted', value: mode === 'old' ? { ...hello, protocol: 0 } : hello });
  if (operation === 'bye') return process.exit(0);
  return operation === 'did.parse' ? faults[mode](id, input) : write({ id, unsupported: operation });
});
