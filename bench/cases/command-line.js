// The command line on the production example, and its help, against a process that does nothing; all from start to end. The first
// runs do not count.
const { join } = require('node:path');
const { compare, timeProcess } = require('../measure');

const root = join(__dirname, '..', '..');
const command = join(root, 'bin', 'hardened-profiling');
const production = join(root, 'examples', 'production.profiling.yaml');

const againstEmptyProcess = (name, args, target) => compare({
  name: `${name} / empty process`,
  subject: () => timeProcess([command, ...args]),
  reference: () => timeProcess(['-e', '0']),
  warmUp: 2,
  pairs: 25,
  target,
});

module.exports = () => [
  againstEmptyProcess('command line, production document', ['synth', production], 1.5),
  againstEmptyProcess('command line, help', ['--help'], 1.2),
];
