import { strict as assert } from 'node:assert';
import type { DaemonSet, StatefulSet } from 'kubernetes-types/apps/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { toYamlStream } from '../../../src/kube/yaml';
import { find } from '../../support';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { TOOLS_IMAGE } from '../cluster/images';
import { AGENT_NAMESPACE, object, SERVER_NAMESPACE } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';

/** What `restricted` asks of a pod, and no more. */
const RESTRICTED: PodSpec = {
  securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ name: 'c', image: TOOLS_IMAGE, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};

/** What `restricted` forbids, each alone, and the word of the refusal. */
const FORBIDDEN: ReadonlyArray<readonly [name: string, pod: PodSpec, reason: RegExp]> = [
  ['hostPID', { ...RESTRICTED, hostPID: true }, /host namespaces \(hostPID=true\)/],
  ['hostNetwork', { ...RESTRICTED, hostNetwork: true }, /host namespaces \(hostNetwork=true\)/],
  ['hostIPC', { ...RESTRICTED, hostIPC: true }, /host namespaces \(hostIPC=true\)/],
  ['a host path', { ...RESTRICTED, volumes: [{ name: 'v', hostPath: { path: '/sys/kernel/tracing' } }] }, /restricted volume types|hostPath volumes/],
  ['privileged', container({ privileged: true, allowPrivilegeEscalation: true }), /privileged \(container "c" must not set/],
  ['privilege escalation', container({ allowPrivilegeEscalation: true }), /allowPrivilegeEscalation != false/],
  ['the capability BPF', container({ capabilities: { drop: ['ALL'], add: ['BPF'] } }), /unrestricted capabilities/],
  ['no dropped capabilities', container({ capabilities: {} }), /unrestricted capabilities/],
  ['uid 0', { ...RESTRICTED, securityContext: { ...RESTRICTED.securityContext, runAsUser: 0 } }, /runAsUser=0/],
  ['no seccomp profile', { ...RESTRICTED, securityContext: { runAsNonRoot: true, runAsUser: 65534 } }, /seccompProfile/],
];

function container(securityContext: object): PodSpec {
  const [first] = RESTRICTED.containers;
  return { ...RESTRICTED, containers: [{ ...first, securityContext: { ...first.securityContext, ...securityContext } }] };
}

/** What the namespaces' labels make the API server refuse. */
export const podSecurity: Suite = {
  name: 'pod-security',
  about: 'the labels of the namespaces make the API server refuse what they should, and nothing of ours',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const { manifests } = await cluster.installation();
    const { kubectl } = cluster;
    const dryRun = (namespace: string, spec: PodSpec): Promise<string | undefined> => kubectl.refusal(
      ['apply', '--server-side', '--dry-run=server', '-f', '-'], { input: toYamlStream([object('v1', 'Pod', 'candidate', namespace, { spec })]) },
    );

    await report.check('The server\'s pod passes `restricted`', 'it runs in a namespace that enforces it, and its controller was applied without a warning', async () => {
      const namespace = await kubectl.get<KubeObject>('namespace', SERVER_NAMESPACE);
      assert.equal(namespace!.metadata.labels!['pod-security.kubernetes.io/enforce'], 'restricted');
      const pods = await kubectl.list<KubeObject & { status: { phase: string } }>('pods', '-n', SERVER_NAMESPACE);
      assert.deepEqual(pods.map(({ metadata, status }) => `${metadata.name} ${status.phase}`), ['parca-0 Running']);
      const output = await kubectl.apply([find<StatefulSet>(manifests, 'StatefulSet', 'parca')], '--dry-run=server');
      assert.doesNotMatch(output, /Warning/);
      return 'parca-0 Running';
    });
    await report.check('The server\'s namespace admits an ordinary restricted pod', 'dry run; without this, the refusals below would mean nothing', async () => {
      assert.equal(await dryRun(SERVER_NAMESPACE, RESTRICTED), undefined);
    });
    await report.each('The server\'s namespace refuses what its pods do not need', FORBIDDEN, ([name]) => `a pod with ${name}`, async ([, spec, reason]) => {
      const refusal = await dryRun(SERVER_NAMESPACE, spec) ?? 'admitted';
      assert.match(refusal, /violates PodSecurity "restricted:v1\.34"/);
      assert.match(refusal, reason);
      return refusal.slice(refusal.indexOf('violates'));
    });
    await report.check('The agents\' namespace admits the agents', 'their pods run there, with hostPID and capabilities', async () => {
      const pods = await kubectl.list<KubeObject & { spec: PodSpec; status: { phase: string } }>('pods', '-n', AGENT_NAMESPACE);
      assert.deepEqual(pods.map(({ spec, status }) => [spec.hostPID, status.phase]), [[true, 'Running']]);
      return pods.map(({ metadata }) => metadata.name).join(', ');
    });
    await report.check('The agents\' pod is refused in the server\'s namespace', 'dry run of the emitted pod', async () => {
      const { serviceAccountName, priorityClassName, ...spec } = find<DaemonSet>(manifests, 'DaemonSet', 'parca-agent-default').spec!.template.spec!;
      assert.ok(serviceAccountName && priorityClassName);
      assert.match(await dryRun(SERVER_NAMESPACE, spec) ?? 'admitted', /violates PodSecurity "restricted:v1\.34"/);
    });
    report.notVerified('namespaces of others: what they admit follows from their own labels, or from admission policies');
  },
};
