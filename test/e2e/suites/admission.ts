import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '.';
import { admissionCases } from './admission-cases';
import { EDITORS, NAMESPACES, PLATFORM, SENSITIVE, specFor } from './admission-cases/document';
import type { AdmissionCase, AnyObject } from './admission-cases/rows';
import { STOCK_WORKLOADS } from './admission-cases/stock-workloads';
import { verdict } from './admission-cases/verdicts';
import { POD_SECURITY_FIELD_MANAGER } from '../../../src/access/pod-security';
import type { ProfilingSpec } from '../../../src/api/profiling';
import { readDocument } from '../../../src/config/document';
import type { ResolvedSpec } from '../../../src/config/resolved-spec';
import type { Manifest } from '../../../src/kube/manifest';
import { toYamlStream } from '../../../src/kube/yaml';
import { renderManifests, renderParts, renderPodSecurity } from '../../../src/render';
import { resolve } from '../../../src/resolve';
import { find } from '../../support';
import { Api } from '../cluster/api';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { AUDIT_LOG } from '../cluster/control-plane';
import { TOOLS_IMAGE } from '../cluster/images';
import { AGENT_NAMESPACE, object } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { HOME } from '../cluster/layout';
import { commandsOf, ROOT, shell } from '../harness/documentation';
import { until } from '../harness/processes';
import type { Report } from '../harness/report';

const EXAMPLES = join(ROOT, 'examples');

type Action = 'audit' | 'enforce';

function policiesFor(cluster: Cluster, action: Action): Manifest[] {
  return Object.values(renderParts(specFor(action, cluster.digests)).admission);
}

/** The policies in the API server itself. */
export const admission: Suite = {
  name: 'admission',
  about: 'a table of requests against the policies in the API server, enforced and audited',
  needs: CLUSTER_PROGRAMS,
  alone: true,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    await cluster.installation();
    const { api } = cluster;
    const cases = admissionCases(renderManifests(specFor('enforce', cluster.digests)));
    const enforced = policiesFor(cluster, 'enforce');
    await arrange(cluster, api, cases);
    await existingViolators(report, cases);
    try {
      await cluster.kubectl.apply(enforced);
      await typeChecking(report, cluster, enforced);
      await settled(api, cases, 'enforce');
      await table(report, api, cases, 'enforce');
      await controllers(report, cluster);
      await rollOut(report, cluster);
      await otherNamespaces(report, cluster);
      await ownManifests(report, cluster, api);
      await cluster.kubectl.apply(enforced);
      await cluster.kubectl.apply(policiesFor(cluster, 'audit'));
      await settled(api, cases, 'audit');
      await table(report, api, cases.filter(({ isGenerated }) => !isGenerated), 'audit');
      await traces(report);
    } finally {
      await cluster.kubectl.run(['delete', '--ignore-not-found', ...enforced.map(({ kind, metadata }) => `${kind}/${metadata.name}`)]);
    }
  },
};

/** What has to be there before the policies are: namespaces, accounts, and objects that would violate them. */
async function arrange(cluster: Cluster, api: Api, cases: readonly AdmissionCase[]): Promise<void> {
  await cluster.kubectl.apply([
    ...NAMESPACES.map(name => object('v1', 'Namespace', name)),
    ...accounts(renderManifests(specFor('enforce', cluster.digests))),
    object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'e2e-admission', undefined, {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [EDITORS, PLATFORM].map(name => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name })),
    }),
  ]);
  await until('service accounts', 20, async () => {
    const made = await cluster.kubectl.list<KubeObject>('serviceaccounts', '--all-namespaces', '--field-selector=metadata.name=default');
    return NAMESPACES.every(name => made.some(({ metadata }) => metadata.namespace === name)) || undefined;
  });
  for (const { operation, object: old } of cases) {
    if (operation !== 'update' && operation !== 'delete' && operation !== 'debug') { continue; }
    const { status, body } = await api.call('POST', api.path(old, 'all'), old);
    // Some rows are about what the installation has made, or about what need not exist.
    assert.ok(status === 201 || status === 409 || old.metadata.name === 'any', `${old.kind} ${old.metadata.name}: ${body}`);
    if (old.metadata.finalizers?.length) { await api.call('DELETE', api.path(old, 'one')); }
  }
}

/** Accounts that pods of rows name. */
function accounts(emitted: readonly Manifest[]): Manifest[] {
  const stock = STOCK_WORKLOADS.flatMap(({ namespace, spec }) => (spec.serviceAccountName ? [object('v1', 'ServiceAccount', spec.serviceAccountName, namespace)] : []));
  return [
    ...emitted.filter(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.namespace === AGENT_NAMESPACE), ...stock,
    ...['mounter', 'reader'].map(name => object('v1', 'ServiceAccount', name, 'storage')),
  ];
}

const HOW_TO = 'docs/how-to/roll-out-admission-policies.md';

/** The how-to's commands that list who would have to be mended or exempted. */
async function existingViolators(report: Report, cases: readonly AdmissionCase[]): Promise<void> {
  await report.check('What is there already and violates can be listed before', `${HOW_TO}, step 1`, async () => {
    const { output } = await shell(commandsOf(HOW_TO)[0]);
    const expected = cases.filter(({ name }) => /^(a label of a pod that violates|a pod that violates is deleted)$/.test(name)).map(one => one.object.metadata.name);
    assert.equal(expected.length, 2);
    assert.match(output, /existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:latest"/);
    expected.forEach(name => assert.match(output, new RegExp(`${name}: `)));
    return output.split('\n').filter(line => line.includes('case-')).join('; ');
  });
  await report.check('Volumes that the node mounts can be listed before', `${HOW_TO}, step 1`, async () => {
    const { stdout } = await shell(commandsOf(HOW_TO)[1]);
    assert.equal(stdout, '', 'nobody has any');
  });
}

/** What is left of the requests in metrics and audit log, where the how-to says to look. */
async function traces(report: Report): Promise<void> {
  await report.check('The API server counts violations', `${HOW_TO}, step 2`, async () => {
    const { stdout } = await shell(commandsOf(HOW_TO)[2]);
    for (const action of ['deny', 'audit']) {
      assert.match(stdout, new RegExp(`enforcement_action="${action}".*policy="profiling-agents-restrict-privileges"`));
    }
  });
  const events = readFileSync(AUDIT_LOG, 'utf8').trim().split('\n').map(line => (JSON.parse(line) as { annotations?: Record<string, string> }).annotations ?? {});
  await report.check('The audit log has violations that are admitted', 'its annotation validation_failure', async () => {
    const failures = events.flatMap(annotations => annotations['validation.policy.admission.k8s.io/validation_failure'] ?? []);
    assert.ok(failures.some(text => text.includes('this reaches the node') && text.includes('"Audit"')), `${failures.length} failures`);
    return `${failures.length} events`;
  });
  await report.check('The audit log has who uses hostPID, exempt or not', 'its annotation host-pid', async () => {
    const users = events.filter(annotations => annotations['profiling-agents-restrict-privileges/host-pid']);
    assert.ok(users.length > 0);
    return `${users.length} events, such as ${users[0]['profiling-agents-restrict-privileges/host-pid']}`;
  });
}

/** The API server looks for mistakes in expressions by the types of what they judge. */
async function typeChecking(report: Report, cluster: Cluster, manifests: readonly Manifest[]): Promise<void> {
  const policies = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(({ metadata }) => metadata.name);
  await report.each('The API server finds nothing wrong with the types of a policy', policies, name => `status.typeChecking of ${name}`, async name => {
    const warnings = await until('a result', 20, async () => {
      const policy = await cluster.kubectl.get<KubeObject & { status?: { typeChecking?: { expressionWarnings?: unknown[] } } }>('validatingadmissionpolicies', name);
      return policy?.status?.typeChecking && (policy.status.typeChecking.expressionWarnings ?? []);
    });
    assert.deepEqual(warnings, []);
  });
}

/** Policies take effect one after the other, a moment after they are applied. */
async function settled(api: Api, cases: readonly AdmissionCase[], action: Action): Promise<void> {
  const first = new Map(cases.filter(({ refusedBy }) => refusedBy).map(one => [one.refusedBy![0], one]).reverse() as Array<[string, AdmissionCase]>);
  for (const [policy, one] of first) {
    await until(`${policy} takes effect (${action})`, 20, async () => {
      const { refusals, warnings } = await verdict(api, one);
      return (action === 'enforce' ? refusals : warnings).some(({ name }) => name.endsWith(policy)) || undefined;
    });
  }
}

async function table(report: Report, api: Api, cases: readonly AdmissionCase[], action: Action): Promise<void> {
  const promises: ReadonlyArray<readonly [string, (one: AdmissionCase) => boolean]> = [
    ...[...new Set(cases.flatMap(({ refusedBy }) => refusedBy?.[0] ?? []))].map(policy => [
      action === 'enforce' ? `${policy} refuses what it should, and says what to do` : `${policy} only warns when it audits`,
      (one: AdmissionCase) => one.refusedBy?.[0] === policy,
    ] as const),
    [action === 'enforce' ? 'Everything else is admitted' : 'Everything else is admitted without a warning', one => !one.refusedBy],
  ];
  for (const [promise, belongs] of promises) {
    await report.each(promise, cases.filter(belongs), ({ name }) => name, async one => {
      const { refusals, warnings, invalid } = await verdict(api, one);
      if (invalid !== undefined) { return `invalid: ${invalid.slice(0, 300)}`; }
      const [said, silent] = action === 'enforce' ? [refusals, warnings] : [warnings, refusals];
      assert.deepEqual(silent, [], JSON.stringify(silent));
      if (!one.refusedBy) {
        assert.deepEqual(said, [], JSON.stringify(said));
        return 'admitted';
      }
      const [policy, message] = one.refusedBy;
      const own = said.find(({ name }) => name === `${AGENT_NAMESPACE}-${policy}`);
      assert.ok(own, said.length > 0 ? `it was ${said.map(({ name }) => name).join(', ')}` : 'admitted');
      assert.match(own.message, message);
      return own.message;
    });
  }
}

/** Nothing that the library emits is refused by the policies that it emits with it. */
async function ownManifests(report: Report, cluster: Cluster, api: Api): Promise<void> {
  for (const file of readdirSync(EXAMPLES).filter(name => name.endsWith('.profiling.yaml'))) {
    const { admission: section, ...document } = readDocument(join(EXAMPLES, file)).value as ProfilingSpec;
    // Of this cluster, since a document for an older one cannot ask for these policies.
    const here = { ...document.cluster, kubernetesVersion: '1.34' };
    const spec = resolve({ ...document, cluster: here, admission: { ...section, action: 'enforce', platformGroups: [PLATFORM] } });
    await cluster.kubectl.apply(Object.values(renderParts(spec).admission));
    await report.check(`The policies of ${file} admit everything that goes with them`, 'every object, created as the platform group', async () => {
      const objects = renderManifests(spec);
      const refused = async (): Promise<string[]> => {
        const answers = await Promise.all(objects.map(one => api.call('POST', `${api.path(one as AnyObject, 'all')}?dryRun=All`, one, { name: 'pat', groups: [PLATFORM] })));
        return answers.map(({ body }) => body).filter(body => body.includes('ValidatingAdmissionPolicy') && body.includes('denied request'));
      };
      // The policies of the document before are still in force for a moment.
      await until('nothing is refused', 20, async () => (await refused()).length === 0 || undefined).catch(async () => assert.deepEqual(await refused(), []));
      return `${objects.length} objects`;
    });
  }
}

/** Not only requests: what controllers make of what was admitted. */
async function controllers(report: Report, cluster: Cluster): Promise<void> {
  const { api, kubectl } = cluster;
  await report.check('The agents come back while the policies are enforced', 'their pods are deleted', async () => {
    const before = (await api.list<Pod>('Pod', AGENT_NAMESPACE)).map(({ metadata }) => metadata.uid);
    await kubectl.run(['delete', 'pods', '-n', AGENT_NAMESPACE, '-l', 'app.kubernetes.io/name=parca-agent', '--wait=false']);
    await until('a new agent', 60, async () => {
      const now = await api.list<Pod>('Pod', AGENT_NAMESPACE);
      return now.some(({ metadata, status }) => !before.includes(metadata.uid) && status.phase === 'Running') || undefined;
    });
  });
  await report.check('An exempt node exporter runs', 'its DaemonSet in monitoring with what the how-to exempts, and the pod that its controller makes', async () => {
    const { spec } = STOCK_WORKLOADS.find(({ name }) => name === 'node-exporter')!;
    await kubectl.apply([object('apps/v1', 'DaemonSet', 'node-exporter', 'monitoring', {
      spec: {
        selector: { matchLabels: { app: 'node-exporter' } },
        template: {
          metadata: { labels: { app: 'node-exporter' } },
          spec: { ...spec, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 },
        },
      },
    })]);
    await kubectl.rolledOut('daemonset/node-exporter', 'monitoring');
    await kubectl.run(['delete', 'daemonset', 'node-exporter', '-n', 'monitoring', '--wait=false']);
  });
}

/** What one sees when policies and DaemonSets are of different documents, in the order of the how-to's table. */
async function rollOut(report: Report, cluster: Cluster): Promise<void> {
  const { api, kubectl } = cluster;
  const [older, newer] = [specFor('enforce', cluster.digests), specFor('enforce', cluster.digests, { pool: { tolerations: [{ key: 'newer' }] } })];
  const agentOf = (spec: ResolvedSpec): Manifest => find(Object.values(renderParts(spec).agent), 'DaemonSet', 'parca-agent-default');
  const policies = (spec: ResolvedSpec): Manifest[] => Object.values(renderParts(spec).admission);
  const daemonSet = ['daemonset/parca-agent-default', '-n', AGENT_NAMESPACE];
  const refusal = /parca-agent-default differs in: tolerations.*apply its policies and its DaemonSets together/;
  const apply = (spec: ResolvedSpec, dryRun = true): ReturnType<typeof kubectl.run> => kubectl.run(
    ['apply', '--server-side', '--force-conflicts', ...(dryRun ? ['--dry-run=server'] : []), '-f', '-'], { input: toYamlStream([agentOf(spec)]), strict: false },
  );
  const applied = (spec: ResolvedSpec): Promise<boolean> => until('the policies take effect', 20, async () => (await apply(spec, false)).code === 0 || undefined);
  const rolled = (): Promise<unknown> => kubectl.run(['rollout', 'status', ...daemonSet, '--timeout=60s'], { seconds: 70 });

  await applied(older);
  await rolled();
  await report.check('DaemonSets of a newer document are refused until its policies are there', HOW_TO, async () => {
    const { output } = await apply(newer);
    assert.match(output, refusal);
    return output.trim();
  });
  await report.check('A newer policy keeps agents of the older document from being made anew, and an event says so', HOW_TO, async () => {
    // With other capabilities, since pods may differ from their template in tolerations.
    const other = specFor('enforce', cluster.digests, { pool: { memlock: 'unlimited' } });
    await kubectl.apply(policies(other));
    await until('the newer policies take effect', 20, async () => (await apply(other)).code === 0 || undefined);
    await kubectl.run(['delete', 'pods', '-n', AGENT_NAMESPACE, '-l', 'app.kubernetes.io/instance=parca-agent-default', '--wait=false']);
    return until('an event', 60, async () => {
      const { stdout } = await kubectl.run(['describe', ...daemonSet]);
      return stdout.split('\n').find(line => /FailedCreate.*parca-agent-default differs in: container parca-agent securityContext/.test(line))?.trim();
    });
  });
  await kubectl.apply(policies(newer));
  await report.check('With policies and DaemonSets of the newer document, agents roll', HOW_TO, async () => {
    await applied(newer);
    await rolled();
  });
  await report.check('kubectl rollout undo is refused', HOW_TO, async () => {
    const { output } = await kubectl.run(['rollout', 'undo', ...daemonSet], { strict: false });
    assert.match(output, refusal);
    return output.trim();
  });
  await report.check('kubectl rollout restart works', HOW_TO, async () => {
    await kubectl.run(['rollout', 'restart', ...daemonSet]);
    await rolled();
    const pods = await api.list<Pod>('Pod', AGENT_NAMESPACE, 'app.kubernetes.io/instance=parca-agent-default');
    return `${pods.length} agents`;
  });
  await report.check('The older document is applied again in the same way', HOW_TO, async () => {
    assert.match((await apply(older)).output, refusal);
    await kubectl.apply(policies(older));
    await applied(older);
    await rolled();
  });
}

/** Labels of other namespaces: applied as the how-to says, they are all that is taken over. */
async function otherNamespaces(report: Report, cluster: Cluster): Promise<void> {
  const { api, kubectl } = cluster;
  const folder = join(HOME, 'pod-security');
  const files = renderPodSecurity(specFor('enforce', cluster.digests));
  await kubectl.run(['label', 'namespace', SENSITIVE, 'team=payments', '--overwrite']);
  await report.check('Labels of other namespaces are taken over, and nothing else', `${HOW_TO}, with a field manager of its own`, async () => {
    mkdirSync(join(folder, 'dist/pod-security'), { recursive: true });
    Object.entries(files).forEach(([name, content]) => writeFileSync(join(folder, 'dist/pod-security', name), content));
    const [command] = commandsOf(HOW_TO).filter(text => text.includes('--field-manager='));
    await shell(`cd ${folder}\n${command}`);
    const { metadata } = (await api.get<KubeObject & { metadata: { labels: object; managedFields: Array<{ manager: string; fieldsV1: object }> } }>('Namespace', SENSITIVE))!;
    const { fieldsV1 } = metadata.managedFields.find(({ manager }) => manager === POD_SECURITY_FIELD_MANAGER)!;
    const labels = ['enforce', 'audit', 'warn'].flatMap(mode => [`f:pod-security.kubernetes.io/${mode}`, `f:pod-security.kubernetes.io/${mode}-version`]);
    assert.deepEqual(fieldsV1, { 'f:metadata': { 'f:labels': Object.fromEntries(labels.sort().map(label => [label, {}])) } });
    assert.equal((metadata.labels as Record<string, string>).team, 'payments');
    return labels.join(', ');
  });
  await report.check('A sensitive namespace refuses pods that are not restricted', 'a pod without a security context', async () => {
    const { status, body } = await api.call('POST', `/api/v1/namespaces/${SENSITIVE}/pods?dryRun=All`, {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'unrestricted' }, spec: { containers: [{ name: 'app', image: TOOLS_IMAGE }] },
    });
    assert.equal(status, 403, body);
    assert.match(body, /violates PodSecurity \\?"restricted:v1\.34/);
  });
  // The pods of rows are not restricted; a level lower than baseline the policies would not take.
  await kubectl.run(['label', '--overwrite', 'namespace', SENSITIVE, 'pod-security.kubernetes.io/enforce=baseline']);
}
