// All checks of a large document, against parsing its text. No target: it is here to be noticed when it grows.
// What is wrong all over is checked and reported in linear time.
const { specification } = require('../documents');
const { compare, time } = require('../measure');
const { toYaml } = require('../../lib/kube/yaml');
const { parseDocument } = require('../../lib/config/document');
const { resolve } = require('../../lib/resolve');
const { FORMATS } = require('../../lib/config/formats');
const { SpecError } = require('../../lib/config/problem');

const value = specification({ pools: 50, readers: 500 });
const text = toYaml(value);

const nonsense = { few: unknownKeys(20_000), many: unknownKeys(100_000) };

// Ends of certificates that are none: a pattern in which a blank fits two places would try all ways to share them.
const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const blanks = length => ['-----BEGIN CERTIFICATE-----' + ' '.repeat(length), certificate + ' '.repeat(length) + 'x', certificate + ' \n'.repeat(length / 2) + 'x'];

module.exports = () => [
  compare({
    name: 'validate 500 readers, 50 pools / parse the text',
    subject: () => time(() => resolve(value)),
    reference: () => time(() => parseDocument(text, 'bench')),
    warmUp: 30,
    pairs: 31,
  }),
  compare({
    name: 'refuse 100,000 unknown keys / 20,000',
    subject: () => time(() => refuse(nonsense.many)),
    reference: () => time(() => refuse(nonsense.few)),
    warmUp: 3,
    pairs: 9,
    target: 7,
  }),
  compare({
    name: 'refuse 90,000 blanks around certificates / 18,000',
    subject: () => time(() => blanks(90_000).forEach(FORMATS.certificates.test)),
    reference: () => time(() => blanks(18_000).forEach(FORMATS.certificates.test)),
    warmUp: 30,
    pairs: 31,
    target: 7,
  }),
];

function unknownKeys(count) {
  return text + Array.from({ length: count }, (_, i) => `key${i}: 1\n`).join('');
}

function refuse(wrong) {
  const document = parseDocument(wrong, 'bench');
  try {
    resolve(document.value, document);
  } catch (error) {
    if (!(error instanceof SpecError)) { throw error; }
    return;
  }
  throw new Error('nonsense was taken');
}
