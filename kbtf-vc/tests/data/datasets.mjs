// Makes datasets.json: datasets whose blank nodes are hard to tell apart, each with its canonical form as the npm package
// rdf-canonize (of other authors) has it. Run in a folder where that is installed: node datasets.mjs > datasets.json
import {canonize, NQuads} from 'rdf-canonize';

// A fixed sequence, so that the file can be made again.
let state = 20261124;
const random = below => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % below;
};
const shuffle = list => {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
};
const p = i => `<urn:p:${i}>`;
const b = (prefix, i) => `_:${prefix}${i}`;

const shapes = {
  cycle: n => [...Array(n).keys()].map(i => [b('c', i), p(1), b('c', (i + 1) % n)]),
  clique: n => [...Array(n).keys()].flatMap(i =>
    [...Array(n).keys()].filter(j => j !== i).map(j => [b('k', i), p(1), b('k', j)])),
  path: n => [...Array(n).keys()].map(i => [b('l', i), p(2), b('l', i + 1)]),
  star: n => [...Array(n).keys()].map(i => [b('s', 0), p(3), b('s', i + 1)]),
  // Two roots, alike, each with alike children: what an attacker would send.
  twins: n => ['t', 'u'].flatMap(root =>
    [...Array(n).keys()].map(i => [b(root, 'r'), p(4), b(root, i)])),
  graphs: n => [...Array(n).keys()].flatMap(i =>
    [[b('g', i), p(5), '"in"', b('h', i)], ['<urn:s>', p(6), b('h', i)]]),
  literals: () => [
    ['<urn:s>', p(7), String.raw`"tab\tline\nquote\"back\\bell\u0007del\u007F"`],
    ['<urn:s>', p(7), '"한글"@ko'], ['<urn:s>', p(7), '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'],
    [b('x', 0), p(8), '"같음"'], [b('x', 1), p(8), '"같음"'], [b('x', 2), p(8), b('x', 0)],
  ],
  random: n => [...Array(2 * n).keys()].map(() =>
    [b('r', random(n)), p(random(2)), b('r', random(n)), ...(random(3) ? [] : [b('r', random(n))])]),
};

const datasets = [];
for (let round = 0; round < 60; round++) {
  const names = Object.keys(shapes);
  const quads = [];
  for (let k = 0; k <= random(3); k++) {
    const name = names[random(names.length)];
    const most = {clique: 4, twins: 4, random: 6}[name] ?? 7;
    quads.push(...shapes[name](2 + random(most - 1)));
  }
  const lines = [...new Set(quads.map(quad => `${quad.join(' ')} .\n`))];
  const input = shuffle(lines).join('');
  const sha384 = round % 6 === 5;
  const canonical = await canonize(NQuads.parse(input), {
    algorithm: 'RDFC-1.0', format: 'application/n-quads', maxWorkFactor: Infinity,
    messageDigestAlgorithm: sha384 ? 'SHA-384' : 'SHA-256',
  });
  datasets.push({input, sha384, canonical});
}
console.log(JSON.stringify(datasets, null, 1));
