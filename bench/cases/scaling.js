// Time for each object at 1,000 objects, against the same at 100: linear means 1. The reference does ten times 100, so
// that both take about the same time and are disturbed alike.
//
// A quadratic step that took a tenth of the time at 100 objects would take half of it at 1,000 and make the ratio 1.9,
// so 1.3 leaves room for caches and collections of a heap ten times as large, and for nothing else. At the other end, a
// document without pools and readers of its own shows what every deployment pays for its fixed parts; no target.
const { build, manifests } = require('../constructs');
const { fleet, specification } = require('../documents');
const { compare, time } = require('../measure');
const { toYaml, toYamlStream } = require('../../lib/kube/yaml');
const { renderManifests } = require('../../lib/render');
const { parseDocument } = require('../../lib/config/document');
const { resolve } = require('../../lib/resolve');

const TARGET = 1.3;

const few = fleet(2, { pools: 10, readers: 24 });
const many = fleet(20, { pools: 10, readers: 24 });

const document = size => toYaml(specification(size));
const smallest = document({});
const small = document({ pools: 42, readers: 42 });
const large = document({ pools: 492, readers: 492 });

const render = text => toYamlStream(renderManifests(resolve(parseDocument(text, 'bench').value)));
const synthesize = specifications => build(specifications).synthYaml();

/** Milliseconds for each object. */
function each(times, objects, work) {
  return time(() => { for (let i = 0; i < times; i++) { work(); } }) / (times * objects);
}

const countRendered = text => renderManifests(resolve(parseDocument(text, 'bench').value)).length;
const countBuilt = specifications => manifests(specifications).length;

module.exports = () => {
  const rendered = { smallest: countRendered(smallest), small: countRendered(small), large: countRendered(large) };
  const built = { small: countBuilt(few), large: countBuilt(many) };
  return [
    compare({
      name: `command line's work, each of ${rendered.large} objects / of ${rendered.small}`,
      subject: () => each(1, rendered.large, () => render(large)),
      reference: () => each(10, rendered.small, () => render(small)),
      warmUp: 3,
      pairs: 9,
      target: TARGET,
    }),
    compare({
      name: `construct and synth, each of ${built.large} objects / of ${built.small}`,
      subject: () => each(1, built.large, () => synthesize(many)),
      reference: () => each(10, built.small, () => synthesize(few)),
      warmUp: 2,
      pairs: 6,
      target: TARGET,
    }),
    compare({
      name: `command line's work, each of ${rendered.smallest} objects / of ${rendered.small}`,
      subject: () => each(10, rendered.smallest, () => render(smallest)),
      reference: () => each(2, rendered.small, () => render(small)),
      warmUp: 5,
      pairs: 15,
    }),
  ];
};
