// From specifications to a file: validate, render, construct, synthesize, write; against the `yaml` library alone on the
// same objects, which is what cdk8s writes with. Nothing that goes through cdk8s can be faster than that.
const assert = require('node:assert');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { build, buildBare, manifests, stringify } = require('../constructs');
const { fleet, specification } = require('../documents');
const { compare, time, timeInside } = require('../measure');

const FIFTY_POOLS = [specification({ pools: 50 })];
const FIFTEEN_TIMES = fleet(15, { pools: 50 }); // 1,005 objects
const SMALL_OBJECTS = fleet(20, { pools: 10, readers: 24 }); // 1,020 objects, half of them policies of 20 lines

module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    return [
      compare({ ...warm(FIFTY_POOLS, folder), name: 'construct and synth, 50 node pools / yaml alone', warmUp: 30, pairs: 31, target: 1.15 }),
      compare({ ...warm(FIFTEEN_TIMES, folder), name: 'the same 15 times, 1,005 objects', warmUp: 4, pairs: 15, target: 1.15 }),
      compare({ ...warm(SMALL_OBJECTS, folder), name: '20 small ones, 1,020 objects, half of them policies', warmUp: 2, pairs: 8 }),
      compare({ ...bare(FIFTY_POOLS, folder), name: 'cdk8s without us, 50 node pools', warmUp: 10, pairs: 31 }),
      compare({ ...cold(folder), name: 'first time in a process, 50 node pools', pairs: 5 }),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Again and again in one process, after a warm-up: what the work itself costs, without loading and compiling it. */
function warm(specifications, folder) {
  build(specifications, folder).synth();
  assert.equal(readFileSync(join(folder, 'bench.k8s.yaml'), 'utf8'), stringify(manifests(specifications)), 'both do the same work');
  return {
    subject: () => time(() => build(specifications, folder).synth()),
    reference: () => reference(specifications),
  };
}

/** For comparison: how much of it is cdk8s itself. */
function bare(specifications, folder) {
  return {
    subject: () => {
      const objects = manifests(specifications);
      return time(() => buildBare(objects, folder).synth());
    },
    reference: () => reference(specifications),
  };
}

/** On new objects each time, as for the subject: those that have survived collections are read faster. */
function reference(specifications) {
  const objects = build(specifications).charts[0].toJson();
  return time(() => stringify(objects));
}

/**
 * After the imports, in a process that has not done it before. All of our code is loaded and runs for the first time,
 * while the `yaml` library gets warm on the many objects; so this has no target.
 */
function cold(folder) {
  return {
    subject: () => timeInside([__filename, 'subject', folder]),
    reference: () => timeInside([__filename, 'reference']),
  };
}

if (require.main === module) {
  const [what, folder] = process.argv.slice(2);
  console.log(what === 'subject' ? time(() => build(FIFTY_POOLS, folder).synth()) : reference(FIFTY_POOLS));
}
