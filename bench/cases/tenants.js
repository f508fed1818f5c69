// From the document of 500 tenants to its manifests: read, check, render, serialize; against serializing the same objects
// with the YAML library alone. In time, again and again in one process; in memory, the most that a fresh process held.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { compare, time, timeInside } = require('../measure');
const { tenants } = require('../documents');
const { toYaml, toYamlStream } = require('../../lib/kube/yaml');
const { renderHelmValues, renderManifests } = require('../../lib/render');
const { parseDocument } = require('../../lib/config/document');
const { resolve } = require('../../lib/resolve');

const document = toYaml(tenants(500));

function render() {
  const spec = resolve(parseDocument(document, 'bench').value);
  renderHelmValues(spec);
  return renderManifests(spec);
}

const whole = () => { toYamlStream(render()); };

/** Objects that went over the wire once, so that nothing of how they were made is left. */
const plain = () => JSON.parse(JSON.stringify(render()));

/** The most memory, in MB, that a process held that did this. */
function memory(work) {
  return timeInside(['-e', `${work}; console.log(process.resourceUsage().maxRSS / 1024)`]);
}

module.exports = () => {
  const objects = plain();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify(objects));
  const here = JSON.stringify(__filename);
  try {
    return [
      compare({
        name: `500 tenants, ${objects.length} objects / yaml alone`,
        subject: () => time(whole),
        reference: () => {
          const copy = plain();
          return time(() => toYamlStream(copy));
        },
        warmUp: 3,
        pairs: 9,
        target: 1.7,
      }),
      compare({
        name: 'the same in memory, MB / a process that only serializes',
        subject: () => memory(`require(${here}).whole()`),
        reference: () => memory(`require(${here}).serialize(${JSON.stringify(file)})`),
        pairs: 3,
        target: 1.3,
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};
module.exports.whole = whole;
module.exports.serialize = file => toYamlStream(JSON.parse(readFileSync(file, 'utf8')));
