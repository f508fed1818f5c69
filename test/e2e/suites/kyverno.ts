import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '.';
import { admissionCases } from './admission-cases';
import { PLATFORM, specFor } from './admission-cases/document';
import { admissionRequest, asStored } from './admission-cases/requests';
import type { AdmissionCase, AnyObject } from './admission-cases/rows';
import type { ProfilingSpec } from '../../../src/api/profiling';
import { readDocument } from '../../../src/config/document';
import type { ResolvedSpec } from '../../../src/config/resolved-spec';
import type { Manifest } from '../../../src/kube/manifest';
import { toYamlStream } from '../../../src/kube/yaml';
import { renderManifests, renderParts } from '../../../src/render';
import { resolve } from '../../../src/resolve';
import { DEFAULT_IMAGES } from '../../../src/versions';
import { AGENT_NAMESPACE } from '../cluster/installation';
import { ROOT } from '../harness/documentation';
import type { Programs } from '../harness/prepare';
import { run } from '../harness/processes';
import type { Report } from '../harness/report';

const FOLDER = '/run/kyverno';
const POLICIES = join(FOLDER, 'policies');
const EXAMPLES = join(ROOT, 'examples');

/** The engine of the document, and the kind of policy that comes of it. */
const ENGINES = { kyverno: 'ValidatingPolicy', kyvernoClusterPolicy: 'ClusterPolicy' } as const;
type EngineName = keyof typeof ENGINES;

/** What one policy thinks of one case, see tools/kyverno. */
interface Verdict {
  readonly case: string;
  readonly engine: string;
  readonly policy: string;
  readonly status: 'pass' | 'fail' | 'error' | 'skip';
  readonly message?: string;
}

/** The table of the suite admission in Kyverno. */
export const kyverno: Suite = {
  name: 'kyverno',
  about: 'the same table of requests in both engines of Kyverno, without a cluster',
  needs: ['kyverno', 'kyverno-verdicts'],
  run: async ({ report, programs }) => {
    const digests = new Map(Object.values(DEFAULT_IMAGES).map(reference => [reference, `sha256:${'0123456789abcdef'.repeat(4)}`]));
    const spec = (engine: EngineName): ResolvedSpec => specFor('enforce', digests, { engine });
    const manifests = renderManifests(spec('kyverno'));
    const cases = admissionCases(manifests);
    for (const engine of Object.keys(ENGINES) as EngineName[]) {
      mkdirSync(join(POLICIES, engine), { recursive: true });
      writeFileSync(join(POLICIES, engine, 'policies.yaml'), toYamlStream(Object.values(renderParts(spec(engine)).admission)));
    }
    // A ClusterPolicy is compiled for every request, which takes a quarter of a second where it is long.
    const rows = { kyverno: cases, kyvernoClusterPolicy: cases.filter(({ isGenerated }, i) => !isGenerated || i % 40 === 0) };
    await Promise.all((Object.keys(ENGINES) as EngineName[]).map(async engine =>
      table(report, ENGINES[engine], rows[engine], await ask(programs, join(POLICIES, engine), rows[engine], manifests))));
    await commandLine(report, programs.kyverno.path, cases);
    await ownManifests(report, programs);
    report.notVerified('Kyverno in a cluster: its engines were asked as its webhook asks them, and its command line where that can say a request');
  },
};

/** Of so many cases the answer is not longer than what is kept of a program's output. */
const CASES_AT_ONCE = 1000;

/** What the engines of these policies think of cases, by the number of the case. */
async function ask(programs: Programs, policies: string, cases: readonly AdmissionCase[], manifests: readonly Manifest[]): Promise<Verdict[]> {
  const requests = cases.map((one, index) => ({ name: `${index}`, ...admissionRequest(one, manifests) }));
  const verdicts: Verdict[] = [];
  for (let at = 0; at < requests.length; at += CASES_AT_ONCE) {
    const { stdout } = await run(programs['kyverno-verdicts'].path, [policies], { input: JSON.stringify(requests.slice(at, at + CASES_AT_ONCE)), seconds: 400 });
    verdicts.push(...JSON.parse(stdout) as Verdict[]);
  }
  return verdicts;
}

/** Nothing that the library emits is refused by the policies that it emits with it. */
async function ownManifests(report: Report, programs: Programs): Promise<void> {
  for (const file of readdirSync(EXAMPLES).filter(name => name.endsWith('.profiling.yaml'))) {
    const { admission: section, ...sections } = readDocument(join(EXAMPLES, file)).value as ProfilingSpec;
    const here = { ...sections.cluster, kubernetesVersion: '1.34' };
    const specOf = (engine: EngineName): ResolvedSpec =>
      resolve({ ...sections, cluster: here, admission: { ...section, engine, action: 'enforce', platformGroups: [PLATFORM] } });
    const folder = join(FOLDER, file);
    mkdirSync(folder);
    writeFileSync(join(folder, 'policies.yaml'), toYamlStream(Object.keys(ENGINES).flatMap(engine => Object.values(renderParts(specOf(engine as EngineName)).admission))));
    await report.check(`The policies of ${file} admit everything that goes with them`, 'every object, created as the platform group, in both engines', async () => {
      const objects = renderManifests(specOf('kyverno')).filter(({ kind }) => kind !== 'ValidatingPolicy') as AnyObject[];
      const verdicts = await ask(programs, folder, objects.map(object => ({
        name: '', operation: 'create', object, user: { name: 'pat', groups: [PLATFORM] },
      })), []);
      assert.deepEqual(verdicts.filter(({ status }) => status === 'fail' || status === 'error'), []);
      // Nothing would be refused by policies that match nothing either.
      assert.ok(verdicts.some(({ status, policy }) => status === 'pass' && policy.endsWith('-restrict-agent-namespace')));
      return `${objects.length} objects`;
    });
  }
}

/** Every row, in the engine itself. */
async function table(report: Report, kind: string, cases: readonly AdmissionCase[], verdicts: readonly Verdict[]): Promise<void> {
  const rows = cases.map((one, index) => ({ one, own: verdicts.filter(verdict => verdict.engine === kind && verdict.case === `${index}`) }));
  await report.each(`${kind} comes to the same verdicts as the API server`, rows, ({ one }) => one.name, async ({ one, own }) => {
    const refusals = own.filter(({ status }) => status === 'fail' || status === 'error');
    if (!one.refusedBy) {
      assert.deepEqual(refusals, []);
      return 'admitted';
    }
    const [policy, message] = one.refusedBy;
    const refusal = refusals.find(verdict => verdict.policy === `${AGENT_NAMESPACE}-${policy}`);
    assert.ok(refusal, refusals.length > 0 ? JSON.stringify(refusals) : 'admitted');
    // What is no object of its kind can make an expression fail, which refuses the request as well.
    if (one.mayBeInvalid) { return refusal.message; }
    assert.equal(refusal.status, 'fail', refusal.message);
    assert.match(refusal.message ?? '', message);
    return refusal.message;
  });
}

/** Rows that the command line can express: what an administrator creates. */
async function commandLine(report: Report, program: string, cases: readonly AdmissionCase[]): Promise<void> {
  // Each takes a tenth of a second, so every fourth of them.
  const created = cases.filter(({ operation, user, object }) => operation === 'create' && !user && object.metadata.name.startsWith('case-')
    && object.metadata.namespace !== AGENT_NAMESPACE).filter((_, i) => i % 4 === 0);
  const file = join(FOLDER, 'resources.yaml');
  writeFileSync(file, toYamlStream(created.map(({ object }) => asStored(object))));
  // At the same time, since each uses one processor for half a minute.
  const outputs = await Promise.all(Object.keys(ENGINES).map(engine => run(
    program, ['apply', join(POLICIES, engine), '--resource', file, '--policy-report', '--output-format', 'json'], { strict: false, seconds: 400 },
  )));
  for (const [index, kind] of Object.values(ENGINES).entries()) {
    const results = reportOf(outputs[index].stdout);
    await report.each(`The command line of Kyverno agrees (${kind})`, created, ({ name }) => name, async ({ object, refusedBy }) => {
      const own = results.filter(({ resources = [] }) => resources.some(({ name }) => name === object.metadata.name));
      const failed = own.filter(({ result }) => result === 'fail' || result === 'error').map(({ policy }) => policy);
      // Who creates something is asked by a policy of its own; the command line knows nobody.
      const judged = failed.filter(policy => !policy.endsWith('-restrict-agent-pod-creation'));
      assert.deepEqual(judged, refusedBy && refusedBy[0] !== 'restrict-agent-pod-creation' ? [`${AGENT_NAMESPACE}-${refusedBy[0]}`] : []);
      return judged.join(', ') || 'admitted';
    });
  }
}

interface CommandLineResult {
  readonly policy: string;
  readonly result: string;
  readonly resources?: ReadonlyArray<{ readonly name: string }>;
}

/** The report of the command line comes after other lines. */
function reportOf(output: string): CommandLineResult[] {
  const start = output.indexOf('{');
  if (start < 0) { throw new Error(`no report: ${output}`); }
  return (JSON.parse(output.slice(start)) as { results?: CommandLineResult[] }).results ?? [];
}
