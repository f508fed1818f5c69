// One document for many clusters: 30 of them at once, by the command line and in an app, each process from its start to its end, against
// one of them. And merging in linear time: of five times as many keys, and of many small overlays
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

/** What an app does that has a chart for each of some clusters; the library and what it synthesises with are loaded in both. */
const APP = `
  const { App, Chart } = require('cdk8s');
  const { HardenedProfiling } = require(process.argv[1]);
  const [outdir, base, ...overlays] = process.argv.slice(2);
  const app = new App({ outdir });
  overlays.forEach((overlay, i) => HardenedProfiling.fromFiles(new Chart(app, 'cluster-' + i), 'profiling', [base, overlay]));
  app.synth();`;

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
      ...['shapes/base', 'tenants', 'production'].map(name => compare({
        name: `${CLUSTERS} clusters from ${name} / one, by the command line`,
        subject: () => timeProcess([command, 'synth', example(name), '--each', ...overlays, '--out', join(folder, 'all')]),
        reference: () => timeProcess([command, 'synth', example(name), overlays[0], '--out', join(folder, 'one')]),
        warmUp: 2,
        pairs: 15,
        // Larger documents are for comparison: rendering their policies takes most of the time, for each cluster anew.
        ...(name === 'shapes/base' && { target: 3 }),
      })),
      compare({
        name: `${CLUSTERS} clusters from shapes/base / one, in an app`,
        subject: () => timeProcess(['-e', APP, root, join(folder, 'app'), example('shapes/base'), ...overlays]),
        reference: () => timeProcess(['-e', APP, root, join(folder, 'app'), example('shapes/base'), overlays[0]]),
        warmUp: 2,
        pairs: 15,
        target: 3,
      }),
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
