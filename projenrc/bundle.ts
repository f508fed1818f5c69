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
// hundred. What jsii has compiled is bundled, since it adds to classes what other languages know them by.
const index = join(root, 'lib', 'index.js');
const exported = Object.keys(createRequire(__filename)(index) as object).sort();
buildSync({ ...common, entryPoints: ['lib/index.js'], external: ['cdk8s', 'constructs', './engine'], outfile: 'lib/constructs/library.js' });
buildSync({ ...common, entryPoints: ['lib/constructs/engine.js'], outfile: 'lib/constructs/engine.js', allowOverwrite: true });
// The last line runs never: it tells ECMAScript modules the names.
writeFileSync(index, `"use strict";\nmodule.exports = require("./constructs/library");\n0 && (module.exports = { ${exported.join(', ')} });\n`);

// Licences ask to be shipped with what they are of.
const files = [yaml, commandLine].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = [...new Set(files.flatMap(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []))].sort();
writeFileSync(join(root, 'lib', 'LICENSES'), packages
  .map(name => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim()}\n`)
  .join('\n---\n\n'));
