import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { buildSync } from 'esbuild';

// Runs after jsii has compiled: bundles what is shipped with the libraries it needs, so that nothing is installed with it.
const root = join(__dirname, '..');
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20.16',
  metafile: true,
} as const satisfies BuildOptions;

// YAML for the constructs.
const yaml = buildSync({ ...common, entryPoints: ['src/kube/js-yaml.ts'], outfile: 'lib/kube/js-yaml.js', allowOverwrite: true });

// The command line: the commands with their options, which load what reads documents when they need it. Few files are faster to load
// than hundreds. They lie as deep as the modules do, which look for `assets` and `schema` from where they are.
rmSync(join(root, 'lib', 'bundle'), { recursive: true, force: true });
const commandLine = buildSync({
  ...common,
  entryPoints: ['src/cli/main.ts', 'src/cli/commands.ts'],
  external: ['./commands'],
  outdir: 'lib/bundle',
  // Commander loads it for commands that are programs of their own. We have none.
  alias: { 'node:child_process': join(__dirname, 'nothing.js') },
});

// The constructs and the enums that an app loads at once, and the engine that they load with the first of them: two files instead of two
// hundred. The first is made of the sources, which become one scope; jsii has compiled them into modules, each of which costs time. What jsii
// adds to classes, by which other languages know them, is added once more.
interface Assembly {
  readonly version: string;
  readonly types: Readonly<Record<string, { readonly kind: string; readonly name: string; readonly fqn: string }>>;
}
const { version, types } = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8')) as Assembly;
const classes = Object.values(types).filter(({ kind }) => kind === 'class').map(({ name, fqn }) => [name, { fqn, version }]);
buildSync({
  ...common,
  entryPoints: ['src/index.ts'],
  tsconfigRaw: {}, // not the file that jsii writes for itself
  external: ['cdk8s', 'constructs', './engine'],
  outfile: 'lib/constructs/library.js',
  footer: { js: `for(const[name,type]of ${JSON.stringify(classes)})module.exports[name][Symbol.for("jsii.rtti")]=type;` },
});
buildSync({ ...common, entryPoints: ['lib/constructs/engine.js'], outfile: 'lib/constructs/engine.js', allowOverwrite: true });
// The last line runs never: it tells ECMAScript modules the names.
const index = join(root, 'lib', 'index.js');
const exported = Object.keys(createRequire(__filename)(join(root, 'lib', 'constructs', 'library.js')) as object).sort();
writeFileSync(index, `"use strict";\nmodule.exports = require("./constructs/library");\n0 && (module.exports = { ${exported.join(', ')} });\n`);

// Licences ask to be shipped with what they are of.
const files = [yaml, commandLine].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = [...new Set(files.flatMap(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []))].sort();
writeFileSync(join(root, 'lib', 'LICENSES'), packages
  .map(name => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim()}\n`)
  .join('\n---\n\n'));
