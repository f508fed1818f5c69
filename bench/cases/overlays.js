// One document for many clusters: 30 syntheses of a base with an overlay each in one process, from its start to its end, against one
// run of the command line on a base and an overlay. And merging in linear time: of five times as many keys, and of many small overlays
// over one large document.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { compare, time, timeProcess } = require('../measure');
const { parseDocument } = require('../../lib/config/document');
const { mergeDocuments } = require('../../lib/config/overlay');

const CLUSTERS = 30;

const root = join(__dirname, '..', '..');
const command = join(root, 'bin', 'hardened-profiling');
const example = name => join(root, 'examples', `${name}.profiling.yaml`);

/** What a script does that makes the manifests of many clusters. */
const SCRIPT = `
  const { main } = require(process.argv[1]);
  const [base, ...overlays] = process.argv.slice(2);
  for (const overlay of overlays) {
    let length = 0;
    const code = main(['synth', base, overlay], { input: 0, out: text => { length += text.length; }, err: () => {}, isInteractive: false, isOutputShown: false });
    if (code !== 0 || length === 0) { throw new Error(overlay); }
  }
  process.exit();`;

const list = (length, item) => Array.from({ length }, (_, i) => item(i));
/** A hundred in a mapping each: V8 itself takes longer for each key of one with 100,000. */
const keys = (count, value) => list(count / 100, i => `section${i}:\n${list(100, j => `  key${j}: { value: ${value} }\n`).join('')}`).join('');
const wide = { few: pair(20_000), many: pair(100_000) };
const tall = { few: stack(1000), many: stack(5000) };

module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const overlays = list(CLUSTERS, i => {
    const file = join(folder, `cluster-${i}.yaml`);
    writeFileSync(file, `cluster: { name: cluster-${i} }\naccess:\n  readers:\n    - { namespace: team-${i}, podLabels: { app: grafana } }\n`);
    return file;
  });
  try {
    return [
      ...['minimal', 'tenants', 'production'].map(name => compare({
        name: `${CLUSTERS} syntheses of ${name} with overlays in one process / command line once`,
        subject: () => timeProcess(['-e', SCRIPT, join(root, 'lib', 'bundle', 'main'), example(name), ...overlays]),
        reference: () => timeProcess([command, 'synth', example(name), overlays[0]]),
        warmUp: 2,
        pairs: 15,
        target: 3,
      })),
      compare({
        name: 'merge 100,000 keys / 20,000',
        subject: () => time(() => mergeDocuments(wide.many)),
        reference: () => time(() => mergeDocuments(wide.few)),
        warmUp: 3,
        pairs: 9,
        target: 7,
      }),
      compare({
        name: 'merge 5,000 overlays / 1,000',
        subject: () => time(() => mergeDocuments(tall.many)),
        reference: () => time(() => mergeDocuments(tall.few)),
        warmUp: 10,
        pairs: 31,
        target: 7,
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Two documents with the same keys. */
function pair(count) {
  return ['a', 'b'].map(name => parseDocument(keys(count, name), name));
}

/** A base of as many keys as there are overlays that change one of them. */
function stack(count) {
  return [parseDocument(keys(count, 'a'), 'base'), ...list(count, i => parseDocument(`section${i % 10}: { key${i % 100}: { value: b } }\n`, `overlay-${i}`))];
}
