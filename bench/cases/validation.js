// All checks of a large document, against parsing its text. No target: it is here to be noticed when it grows.
const { specification } = require('../documents');
const { compare, time } = require('../measure');
const { toYaml } = require('../../lib/kube/yaml');
const { parseDocument } = require('../../lib/spec/document');
const { resolve } = require('../../lib/spec/resolve');

const value = specification({ pools: 50, readers: 500 });
const text = toYaml(value);

module.exports = () => [
  compare({
    name: 'validate 500 readers, 50 pools / parse the text',
    subject: () => time(() => resolve(value)),
    reference: () => time(() => parseDocument(text, 'bench')),
    warmUp: 30,
    pairs: 31,
  }),
];
