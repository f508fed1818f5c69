const { dirname } = require('node:path');
const { ApiObject, App, Chart } = require('cdk8s');
const { HardenedProfiling } = require('..');

// The very copy that cdk8s writes with.
const YAML = require(require.resolve('yaml', { paths: [dirname(require.resolve('cdk8s'))] }));

/** An app with one chart and a construct for each specification. */
function build(specifications, outdir) {
  const app = new App({ outdir });
  const chart = new Chart(app, 'bench');
  specifications.forEach((specification, i) => new HardenedProfiling(chart, `profiling-${i}`, specification));
  return app;
}

/** The least that cdk8s can do: the finished manifests, straight in a chart. */
function buildBare(objects, outdir) {
  const app = new App({ outdir });
  const chart = new Chart(app, 'bench');
  objects.forEach((object, i) => new ApiObject(chart, `object-${i}`, object));
  return app;
}

/** What cdk8s makes of these specifications in its own way, without the shortcut that our objects take. */
function manifests(specifications) {
  return build(specifications).node.findAll().filter(ApiObject.isApiObject).map(object => ApiObject.prototype.toJson.call(object));
}

/** Only what writing YAML takes, with the options of cdk8s. */
function stringify(objects) {
  return objects.map(object => YAML.stringify(object, { keepUndefined: true, lineWidth: 0, version: '1.1' })).join('---\n');
}

module.exports = { build, buildBare, manifests, stringify };
