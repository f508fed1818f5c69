import { cdk8s, javascript, JsonPatch } from 'projen';
import { codeOwners, issueForms, keepChangelog, SETUP_NODE, verifyEverything } from './projenrc/github';
import { LAYERS } from './projenrc/rooms';
import { testTasks } from './projenrc/testing';

const project = new cdk8s.ConstructLibraryCdk8s({
  name: 'cdk8s-hardened-profiling',
  description: 'Continuous profiling for Kubernetes that is safe by default, as cdk8s constructs and a command line.',
  author: 'The cdk8s-hardened-profiling authors',
  authorAddress: 'cdk8s-hardened-profiling@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk8s-hardened-profiling/cdk8s-hardened-profiling.git',
  keywords: ['cdk8s', 'kubernetes', 'parca', 'profiling', 'continuous-profiling', 'ebpf', 'networkpolicy', 'security', 'hardening'],
  license: 'Apache-2.0',
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,

  // The floors of the peer dependencies; the tests run on exactly these.
  cdk8sVersion: '2.70.0',
  constructsVersion: '10.3.0',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  minNodeVersion: '20.16.0',

  // What is needed at run time is bundled into our files, see projenrc/bundle.ts.
  // Tests grant something to workloads of an old cdk8s-plus and of the newest ones; nothing else needs them.
  devDeps: [
    '@bufbuild/cel@^0.6.1', '@types/node@^20', 'cdk8s-cli@^2.207.0', 'cdk8s-plus-28@^2.5.6', 'cdk8s-plus-33@^2.5.57', 'cdk8s-plus-34@^2.0.54', 'commander@^14', 'esbuild@^0.28.2', 'fast-check@^4', 'fengari@^0.1.5', 'jq-web@^0.6.2',
    'js-yaml@^5.5.0', 'jsonschema@^1.5.0', 'kubernetes-types@^1.30.0', 'yaml@^2',
  ],
  bin: { 'hardened-profiling': 'bin/hardened-profiling' },

  release: true,
  releaseToNpm: true,
  npmTrustedPublishing: true,
  minMajorVersion: 0,
  bumpPackage: 'commit-and-tag-version@^12', // 13 needs Node 22
  githubOptions: {
    workflowRunsOn: ['ubuntu-24.04'],
    pullRequestLintOptions: { semanticTitleOptions: { types: ['feat', 'fix', 'perf', 'refactor', 'test', 'docs', 'ci', 'chore'] } },
  },

  jest: false, // projen's compiles by ts-jest, and measures coverage whenever a test runs
  eslintOptions: {
    dirs: ['src'],
    // Tests read these files at the same time, so nothing is fixed on the way. Below node_modules, so that `npm ci` drops the cache.
    commandOptions: { fix: false, extraArgs: ['--cache', '--cache-location', 'node_modules/.cache/eslint/'] },
  },
  // In files of their own, which stay here: inlined, they are three quarters of what an import reads.
  tsconfig: { compilerOptions: { inlineSourceMap: false, sourceMap: true } },
  integrationTestAutoDiscover: false,
  gitignore: ['/dist/', '/.jsii.tabl.json', '/bench/results/', '/examples/*/dist/', '/examples/*/profiling.yaml', 'node_modules/'],
});

// The typed structs are the only source of the document's schema.
project.postCompileTask.prependSpawn(project.addTask('schema', {
  description: 'Generate the JSON Schema of the document from the jsii assembly',
  exec: 'ts-node -T projenrc/generate-schema.ts',
}));

// What is left of modules that have moved or are gone would be packed.
project.compileTask.prependExec('node -e "fs.rmSync(\'lib\', { recursive: true, force: true })"');
// The command line is shipped as a bundle, since it starts twice as fast as one that is loaded module by module.
project.compileTask.exec('ts-node -T projenrc/bundle.ts');
project.package.addField('sideEffects', false); // no module does anything when it is loaded, so what is unused can be left out

// Every snippet in README and docstrings has to compile.
const snippets = project.addTask('snippets', {
  description: 'Compile the snippets in README and docstrings',
  exec: 'ts-node -T projenrc/snippets.ts',
});

testTasks(project, snippets);

project.addTask('hardened-profiling', {
  description: 'Build the command line and run it, such as: npm run hardened-profiling -- synth examples/minimal.profiling.yaml',
  steps: [{ spawn: project.compileTask.name }, { exec: 'bin/hardened-profiling', receiveArgs: true }],
});
project.addTask('bench', {
  description: 'Measure speed as ratios against references in the same run',
  steps: [{ spawn: project.compileTask.name }, { exec: 'node bench/bench.js', receiveArgs: true }],
});
project.addTask('e2e', {
  description: 'Run the emitted files in the real programs; installs what it needs',
  steps: [{ spawn: project.compileTask.name }, { exec: 'test/e2e/run', receiveArgs: true }],
});

// jsii says on every run that Node 20 has left maintenance. It is the floor we promise; releases are built on a current one.
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');
project.tasks.addEnvironment('CDK8S_CHECK_UPGRADE', 'false');

// 1.13.0 was published without the binaries of most platforms, so that `npm ci` finds the lock file incomplete.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// What these depend on is bundled.
project.eslint?.addOverride({
  files: ['src/cli/main.ts', 'src/kube/js-yaml.ts'],
  rules: { 'import/no-extraneous-dependencies': ['error', { devDependencies: true }] },
});

// These load what they need when they need it, or what has just been compiled.
project.eslint?.addOverride({
  files: ['src/cli/main.ts', 'src/constructs/load-engine.ts', 'projenrc/generate-schema.ts'],
  rules: { '@typescript-eslint/no-require-imports': 'off' },
});

// Actions by the commits of their releases: a tag can be moved, also by who has stolen the account of its owner.
// The other is of https://github.com/peter-evans/create-pull-request/releases/tag/v8.1.1
project.github?.actions.set('actions/setup-node', SETUP_NODE);
project.github?.actions.set('peter-evans/create-pull-request', 'peter-evans/create-pull-request@5f6978faf089d4d20b00c7766989d076bb2fc7f1');

codeOwners(project);
issueForms(project);
keepChangelog(project);
verifyEverything(project);

// What may publish runs nothing that is not needed for it: npm itself, as it comes with a fixed release of Node.js, and not a publisher
// of the day with all it depends on. Trusted publishing needs npm 11.5.1: https://docs.npmjs.com/trusted-publishers
const publish = '/jobs/release_npm/steps';
project.github?.tryFindWorkflow('release')?.file?.patch(
  JsonPatch.test(`${publish}/0/with/node-version`, '20.16.0'),
  JsonPatch.replace(`${publish}/0/with/node-version`, '24.11.1'),
  JsonPatch.test(`${publish}/9/name`, 'Release'),
  JsonPatch.replace(`${publish}/9/run`, 'npm publish dist/js/*.tgz --access public --tag latest'),
  JsonPatch.replace(`${publish}/9/env`, { NPM_CONFIG_PROVENANCE: 'true', NPM_CONFIG_DRY_RUN: '${{ inputs.dry_run == true }}' }),
);

// Directions between rooms: each imports from lower layers alone.
project.eslint?.addRules({
  'import/no-restricted-paths': ['error', {
    zones: LAYERS.flatMap((layer, index) => layer.map(room => ({
      target: `./src/${room}`,
      from: LAYERS.slice(index).flat().filter(other => other !== room).map(other => `./src/${other}`),
      message: 'See LAYERS in projenrc/rooms.ts.',
    }))),
  }],
});
project.addTask('rooms', { description: 'Draw the rooms of src in ARCHITECTURE.md', exec: 'ts-node -T projenrc/rooms.ts' });

project.gitattributes.addAttributes('/API.md', 'linguist-generated', '-diff');
project.gitattributes.addAttributes('/schema/profiling.schema.json', 'linguist-generated', '-diff');
project.gitattributes.addAttributes('/test/golden/**', 'linguist-generated');
project.gitattributes.addAttributes('/package-lock.json', '-diff');
project.npmignore?.exclude('/lib/**/*.js.map', '/lib/cli/');
// What is bundled, and types of what nobody can import.
project.npmignore?.exclude('/lib/**/*.d.ts', '/lib/**/*.js');
project.npmignore?.addPatterns(
  '!/lib/index.d.ts', '!/lib/api/**/*.d.ts', '!/lib/constructs/**/*.d.ts',
  '!/lib/index.js', '!/lib/constructs/library.js', '!/lib/constructs/engine.js', '!/lib/bundle/*.js',
);
project.npmignore?.exclude('/.jsii.tabl.json', '/.shellcheckrc', '/.luacheckrc', '/examples/', '/docs/', '/bench/', '/projenrc/', '/.ci/', '/.editorconfig', '/ARCHITECTURE.md', '/CHANGELOG.md', '/CONTRIBUTING.md');

project.synth();
