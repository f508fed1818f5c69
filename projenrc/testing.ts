import type { cdk8s, Task } from 'projen';

/** A suite of jest below a folder, compiled file by file without a look at types. */
const suite = (displayName: string, folder: string, ...testPathIgnorePatterns: string[]) => ({
  displayName,
  roots: ['<rootDir>/src', `<rootDir>/${folder}`],
  testPathIgnorePatterns,
  transform: { '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' } } }] },
  clearMocks: true,
});

/** Tests as tasks: `test` and its parts, which run at the same time, and `coverage`. */
export function testTasks(project: cdk8s.ConstructLibraryCdk8s, snippets: Task): void {
  project.addDevDeps('@swc/core@^1', '@swc/jest@^0.2', '@types/jest@^30', 'jest@^30', 'jest-junit@^17');
  project.addDevDeps('concurrently@^9'); // 10 needs Node 22
  project.addFields({
    jest: {
      projects: [suite('unit', 'test', '/test/e2e/', '/test/package/'), suite('package', 'test/package')],
      maxWorkers: '100%',
      testTimeout: 60_000, // the machine is busy with the other suites
      reporters: ['default', ['jest-junit', { outputDirectory: 'test-reports' }]],
      coverageReporters: ['text', 'lcov'],
      collectCoverageFrom: ['src/**/*.ts'],
      coverageThreshold: { global: { lines: 95, branches: 90 } },
    },
  });
  project.gitignore.exclude('/coverage/', '/test-reports/');
  project.npmignore?.exclude('/coverage/', '/test-reports/');

  // Arguments come first: jest would take those behind `--selectProjects` for names of projects.
  const jest = (name: string) => ({ execArgs: ['jest', '$@', '--selectProjects', name], receiveArgs: true });
  const unit = project.addTask('test:unit', {
    description: 'Run the unit tests, which need no build, such as: npm run test:unit -- --watch',
    env: { JEST_JUNIT_OUTPUT_NAME: 'unit.xml' },
    steps: [jest('unit')],
  });
  const compiled = project.addTask('test:package', {
    description: 'Compile, and test the command line, the snippets, and whether schema and API.md are current',
    env: { JEST_JUNIT_OUTPUT_NAME: 'package.xml' },
    steps: [{ spawn: project.compileTask.name }, { spawn: snippets.name }, jest('package')],
  });
  const types = project.addTask('test:types', {
    description: 'Check the types of the tests',
    exec: 'tsc --noEmit -p test/tsconfig.json --incremental --tsBuildInfoFile node_modules/.cache/test.tsbuildinfo',
  });
  const parts = [unit, compiled, types, project.eslint!.eslintTask].map(({ name }) => `'projen ${name}'`);
  project.testTask.reset(`concurrently --group --prefix none ${parts.join(' ')}`);

  // Takes longer than one wants to wait, so CI runs it after `npm test`; and nothing is packaged without it.
  project.packageTask.prependSpawn(project.addTask('coverage', {
    description: 'Run the unit tests with all cases of their properties, and check the coverage',
    env: { PROPERTY_RUNS: 'all' },
    exec: 'jest --selectProjects unit --coverage',
  }));
}
