import type { cdk8s } from 'projen';
import { github, TextFile, YamlFile } from 'projen';

const { WorkflowSteps } = github;
const { JobPermission } = github.workflows;

const REPOSITORY = 'https://github.com/cdk8s-hardened-profiling/cdk8s-hardened-profiling';
// Of https://github.com/actions/setup-node/releases/tag/v7.0.0
export const SETUP_NODE = 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020';

const MACHINE = ['ubuntu-24.04'];
const GIT_IDENTITY = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };

/** Who reviews what. */
export function codeOwners(project: cdk8s.ConstructLibraryCdk8s): void {
  const file = new TextFile(project, '.github/CODEOWNERS');
  // Everything: one line of a policy or of a workflow can widen access.
  [`# ${file.marker}`, '* @cdk8s-hardened-profiling/maintainers', ''].forEach(line => file.addLine(line));
}

/** Forms for bugs and wishes. Both ask for the document and the version, without which nobody can repeat what was seen. */
export function issueForms(project: cdk8s.ConstructLibraryCdk8s): void {
  const form = (name: string, obj: object): void => { new YamlFile(project, `.github/ISSUE_TEMPLATE/${name}.yml`, { obj }); };
  const area = (id: string, label: string, description: string, render?: string) =>
    ({ type: 'textarea', id, attributes: { label, description, render }, validations: { required: true } });
  const version = {
    type: 'input',
    id: 'version',
    attributes: { label: 'Version', description: 'The output of `hardened-profiling --version`.', placeholder: '0.0.0' },
    validations: { required: true },
  };
  const names = 'Rename what is not for the public; secrets are not part of a document.';

  form('bug', {
    name: 'Bug',
    description: 'Something is refused, emitted or admitted that should not be, or fails in the cluster',
    labels: ['bug'],
    body: [
      version,
      area('document', 'Document', `The profiling.yaml, or the TypeScript props, as short as still shows it. ${names}`, 'yaml'),
      area('seen', 'What happened', 'The command or the manifest, and its output or the events of the pod.'),
      area('expected', 'What you expected', 'With the version of Kubernetes, and the name of the admission engine, if they play a part.'),
    ],
  });
  form('feature', {
    name: 'Feature',
    description: 'Something that a document cannot say yet',
    labels: ['enhancement'],
    body: [
      version,
      area('need', 'What you want to do', 'The task, rather than the option.'),
      area('document', 'Document', `The profiling.yaml as you would like to write it. ${names}`, 'yaml'),
      area('today', 'What you do today', 'And what it costs: a patch, an exemption, another tool.'),
    ],
  });
  form('config', {
    blank_issues_enabled: false,
    contact_links: [{ name: 'Vulnerability', url: `${REPOSITORY}/security/policy`, about: 'Never in a public issue.' }],
  });
}

/**
 * The job that writes CHANGELOG.md once a version is out. projen does so only for releases that a person makes, so its task is run here.
 * It makes a commit of its own, which starts no workflow, and which the next release leaves out: what the tag names is what was built.
 */
export function keepChangelog(project: cdk8s.ConstructLibraryCdk8s): void {
  const { name: task } = project.addTask('changelog', {
    description: 'Put the section of the version that has been released on top of CHANGELOG.md, and commit that',
    env: { CHANGELOG: 'dist/changelog.md', PROJECT_CHANGELOG_FILE: 'CHANGELOG.md', VERSION_FILE: 'dist/version.txt' },
    steps: [{ builtin: 'release/update-changelog' }],
  });
  project.release?.addJobs({
    changelog: {
      name: 'Write CHANGELOG.md',
      needs: ['release', 'release_github'],
      runsOn: MACHINE,
      permissions: { contents: JobPermission.WRITE },
      if: "needs.release.outputs.tag_exists != 'true' && needs.release.outputs.latest_commit == github.sha && !inputs.dry_run",
      steps: [
        WorkflowSteps.checkout({ with: { fetchDepth: 0 } }),
        WorkflowSteps.setupGitIdentity({ gitIdentity: GIT_IDENTITY }),
        ...project.renderWorkflowSetup({ mutable: false }),
        WorkflowSteps.downloadArtifact({ with: { artifactIds: ['${{ needs.release.outputs.artifact_id }}'], path: 'dist' } }),
        { name: 'Write', run: `npx projen ${task}` },
        // Somebody may have pushed meanwhile.
        { name: 'Push', run: 'git pull --rebase origin main && git push origin HEAD:main' },
      ],
    },
  });
}

/**
 * The workflow that runs all that this repository promises, as a person would on a fresh machine. The end-to-end tests want Debian, Go and
 * root, makes namespaces, mounts and cgroups, and its eBPF programs count processes as the machine does.
 */
export function verifyEverything(project: cdk8s.ConstructLibraryCdk8s): void {
  const workflow = new github.GithubWorkflow(project.github!, 'verify', {
    limitConcurrency: true,
    concurrencyOptions: { group: '${{ github.workflow }}-${{ github.ref }}', cancelInProgress: true },
  });
  workflow.on({ push: { branches: ['main'] }, pullRequest: {}, schedule: [{ cron: '17 2 * * *' }], workflowDispatch: {} });
  workflow.addJob('verify', {
    runsOn: MACHINE,
    timeoutMinutes: 90,
    permissions: { contents: JobPermission.READ },
    container: {
      // Debian 12: https://hub.docker.com/_/golang
      image: 'golang:1.26.8-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d',
      options: '--privileged --pid=host --cgroupns=host' as never, // GitHub wants one text, not projen's list
    },
    env: { CI: 'true' },
    steps: [
      WorkflowSteps.checkout(),
      ...project.renderWorkflowSetup({ mutable: false }).filter(({ uses }) => uses !== undefined),
      {
        name: 'Programs that were built before',
        uses: 'actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae', // https://github.com/actions/cache/releases/tag/v5.0.5
        with: {
          'path': '~/.cache/hardened-profiling-e2e',
          'key': "e2e-${{ hashFiles('test/e2e/tools/**', 'test/e2e/harness/prepare.ts') }}",
          'restore-keys': 'e2e-',
        },
      },
      { name: 'Verify', run: '.ci/run' },
      WorkflowSteps.uploadArtifact({ if: 'always()', with: { name: 'e2e', path: 'dist/e2e' } }),
    ],
  });
  // The tests above run with the oldest version.
  for (const version of ['22.21.1', '24.11.1']) {
    workflow.addJob(`package-node-${version.split('.')[0]}`, {
      runsOn: MACHINE,
      permissions: { contents: JobPermission.READ },
      steps: [
        WorkflowSteps.checkout(),
        { name: 'Setup Node.js', uses: SETUP_NODE, with: { 'node-version': version } },
        { name: 'The package, installed and used', run: 'npm ci && npx projen test:package' },
      ],
    });
  }
}
