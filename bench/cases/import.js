// Loading the library, against loading cdk8s alone, which it cannot do without. Fresh processes measure themselves, so
// that the start of node counts for neither.
const { join } = require('node:path');
const { compare, timeInside } = require('../measure');

const SCRIPT = `
  const start = process.hrtime.bigint();
  require(process.argv[1]);
  console.log(Number(process.hrtime.bigint() - start) / 1e6);`;

const load = file => timeInside(['-e', SCRIPT, file]);
const library = join(__dirname, '..', '..');
const cdk8s = require.resolve('cdk8s');

module.exports = () => [
  compare({
    name: 'import / import of cdk8s',
    subject: () => load(library),
    reference: () => load(cdk8s),
    warmUp: 2,
    pairs: 25,
    target: 1.1,
  }),
];
