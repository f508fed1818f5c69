// The command line on the production example, against a process that does nothing; both from start to end.
const { join } = require('node:path');
const { compare, timeProcess } = require('../measure');

const root = join(__dirname, '..', '..');
const command = join(root, 'bin', 'hardened-profiling');
const production = join(root, 'examples', 'production.profiling.yaml');

module.exports = () => [
  compare({
    name: 'command line / empty process',
    subject: () => timeProcess([command, 'synth', production]),
    reference: () => timeProcess(['-e', '0']),
    warmUp: 2,
    pairs: 25,
    target: 3,
  }),
];
