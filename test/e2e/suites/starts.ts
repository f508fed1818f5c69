import { strict as assert } from 'node:assert';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import type { Manifest } from '../../../src/kube/manifest';
import { renderManifests } from '../../../src/render';
import { find, resolved } from '../../support';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { isReady } from '../cluster/containers';
import { FALLBACK_AGENT_IMAGE, nameOf } from '../cluster/images';
import { documentFor, object } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { CONTAINERD_SOCKET } from '../cluster/layout';
import { until } from '../harness/processes';
import type { Report } from '../harness/report';

/** A namespace of its own, so that it can run beside other suites. */
const NAMESPACE = 'start-agents';

/** Long enough for the slowest startup probe, and for a busy machine. */
const TIMEOUT_SECONDS = 90;

/**
 * The emitted pods of the agents, in which fakes end as the real programs were seen to end. What once was emitted and never
 * started must not start here either.
 */
export const starts: Suite = {
  name: 'starts',
  about: 'emitted pods of the agents start with fakes that end as the real programs do; what never started still does not',
  needs: CLUSTER_PROGRAMS,
  beside: 'port-forward',
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const manifests = renderManifests(resolved(documentOf(cluster)));
    try {
      await install(cluster, manifests);
      const pods = podsOf(manifests);
      const all = { ...pods.emitted, ...pods.broken, ...pods.waiting };
      await cluster.kubectl.apply(Object.entries(all).map(([name, template]) => podObject(name, template)));
      await emittedPods(report, cluster, Object.keys(pods.emitted));
      await brokenPods(report, cluster);
      await waitingPod(report, cluster);
      await exitedComponent(report, cluster);
    } finally {
      const clusterScoped = manifests.filter(({ kind, metadata }) => kind === 'PriorityClass' && metadata.name.startsWith(NAMESPACE));
      await cluster.kubectl.run(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']);
      for (const { kind, metadata } of clusterScoped) { await cluster.kubectl.run(['delete', kind, metadata.name, '--ignore-not-found']); }
    }
    report.notVerified('Parca Agent and Alloy themselves: fakes stand in their images, which end on what the real ones were seen to end on');
  },
};

/** Every way in which profilers start: least privilege, the fallback, and Alloy with Java. */
function documentOf(cluster: Cluster): Record<string, unknown> {
  const fallback = {
    image: `${FALLBACK_AGENT_IMAGE}@${cluster.digests.get(FALLBACK_AGENT_IMAGE)}`,
    reason: 'AMI pinned by vendor driver',
    remediateBy: '2999-01-01',
    containerRuntimeSocket: CONTAINERD_SOCKET,
  };
  return {
    ...documentFor(cluster.digests),
    agents: { namespace: NAMESPACE, nodePools: [{ name: 'default' }, { name: 'legacy', kernel: '5.4', nodeSelector: { pool: 'legacy' }, fallback }] },
    parca: {
      namespace: 'start-server',
      tls: { secretName: 'parca-tls' },
    },
    pyroscope: { namespace: 'start-pyroscope', tenants: [{ name: 'web', namespaces: ['web'] }, { name: 'jvm', namespaces: ['jvm'], java: { enabled: true } }] },
  };
}

/** What the pods need, without the server and without NetworkPolicies, which belong to other suites. */
async function install({ kubectl }: Cluster, manifests: readonly Manifest[]): Promise<void> {
  const own = manifests.filter(({ metadata }) => metadata.namespace === NAMESPACE || metadata.name.startsWith(NAMESPACE));
  await kubectl.apply(own.filter(({ kind }) => kind === 'Namespace'));
  await kubectl.apply([
    ...own.filter(({ kind }) => ['ConfigMap', 'ServiceAccount', 'PriorityClass'].includes(kind)),
    object('v1', 'ConfigMap', 'parca-ca', NAMESPACE, { data: { 'ca.crt': 'no certificate is read at start' } }),
    object('v1', 'Secret', 'parca-push-token', NAMESPACE, { stringData: { token: 'no token is read at start' } }),
    object('v1', 'Secret', 'alloy-push-tokens', NAMESPACE, { stringData: { web: 'the token of web', jvm: 'the token of jvm' } }),
  ]);
}

interface Pods {
  /** As they are emitted. */
  readonly emitted: Readonly<Record<string, PodTemplateSpec>>;
  /** With what was emitted before, or what somebody might take out again. */
  readonly broken: Readonly<Record<string, PodTemplateSpec>>;
  readonly waiting: Readonly<Record<string, PodTemplateSpec>>;
}

function podsOf(manifests: readonly Manifest[]): Pods {
  const template = (name: string): PodTemplateSpec => find<DaemonSet>(manifests, 'DaemonSet', name, NAMESPACE).spec!.template;
  const [agent, fallback, alloy] = ['parca-agent-default', 'parca-agent-legacy', 'alloy'].map(template);
  return {
    emitted: { agent, fallback, alloy },
    broken: {
      'agent-flag': changed(agent, container => ({ ...container, args: [...container.args!, '--kubernetes-node=x'] })),
      'agent-preflight': changed(agent, container => container, { hostPID: false }),
      'agent-nested': changed(agent, container => container, { hostPID: false, initContainers: [] }),
      'fallback-tmp': changed(fallback, container => ({ ...container, volumeMounts: container.volumeMounts!.filter(({ name }) => name !== 'tmp') })),
      'alloy-flag': changed(alloy, container => ({ ...container, args: [...container.args!.slice(0, -1), '--disable-support-bundle'] })),
      'alloy-java': changed(alloy, container => container, {
        volumes: alloy.spec!.volumes!.map(volume => (volume.name === 'java' ? { name: 'java', emptyDir: {} } : volume)),
      }),
    },
    waiting: {
      'alloy-token': changed(alloy, container => container, {
        volumes: alloy.spec!.volumes!.map(volume => (volume.name === 'tokens'
          ? { ...volume, secret: { ...volume.secret, items: [...volume.secret!.items!, { key: 'newcomer', path: 'newcomer' }] } } : volume)),
      }),
      // The same probe, with fewer failures and a shorter period.
      'alloy-exited': changed(alloy, container => (
        { ...container, livenessProbe: { ...container.livenessProbe, initialDelaySeconds: 1, periodSeconds: 2, failureThreshold: 2 } })),
    },
  };
}

function changed({ metadata, spec }: PodTemplateSpec, container: (container: Container) => Container, keys: Partial<PodSpec> = {}): PodTemplateSpec {
  return { metadata, spec: { ...spec!, ...keys, containers: spec!.containers.map(container) } };
}

/** A pod of a template that no DaemonSet takes for its own, on the only node there is. */
function podObject(name: string, { metadata, spec }: PodTemplateSpec): unknown {
  const { affinity: _affinity, nodeSelector: _selector, ...rest } = spec!;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, annotations: metadata!.annotations },
    spec: { ...rest, terminationGracePeriodSeconds: 0 },
  };
}

async function emittedPods(report: Report, cluster: Cluster, names: readonly string[]): Promise<void> {
  await report.each('Emitted pods of the agents start', names, name => `pod ${name}, ready without a restart`, async name => {
    const pod = await until(`${name} is ready`, TIMEOUT_SECONDS, async () => {
      const found = await podOf(cluster, name);
      const ended = endOf(found);
      if (ended) { throw new Error(ended); }
      return found && isReady(found) ? found : undefined;
    });
    assert.deepEqual(pod.status.containerStatuses!.map(({ restartCount }) => restartCount), [0]);
    const images = pod.spec.containers.map(({ image }) => nameOf(image!.split('@')[0]));
    return images.join(', ');
  });
}

async function brokenPods(report: Report, cluster: Cluster): Promise<void> {
  await report.each('What never started does not start', [
    ['agent-flag', 'a flag of published manifests that no agent has', /unknown flag --kubernetes-node/],
    ['agent-preflight', 'a PID namespace that is not the machine\'s', /^This node cannot run the Parca Agent: it is a container in another machine/],
    ['agent-nested', 'the same without the preflight check', /system analysis request was not handled/],
    ['fallback-tmp', 'the fallback without a /tmp that it may write to', /read-only file system/],
    ['alloy-flag', 'the flag as upstream\'s page spells it', /unknown flag: --disable-support-bundle/],
    ['alloy-java', 'a directory for async-profiler that is not in memory', /tmp dir \/tmp\/asprof has wrong permissions: .*sticky=false/],
  ] as const, ([, what]) => what, async ([name, , expected]) => {
    const message = await until(`${name} ends`, TIMEOUT_SECONDS, async () => endOf(await podOf(cluster, name)) ?? logOf(cluster, name, expected));
    assert.match(message, expected);
    return message.trim();
  });
}

/** A pod without the token of a tenant waits, and says for what. */
async function waitingPod(report: Report, cluster: Cluster): Promise<void> {
  await report.check('Alloy waits for the token of each of its tenants, and says so', 'a tenant whose key is missing in alloy-push-tokens', async () => {
    const message = await until('an event', TIMEOUT_SECONDS, async () => {
      const events = await cluster.kubectl.list<KubeObject & { message: string }>('events', '-n', NAMESPACE, '--field-selector', 'involvedObject.name=alloy-token,reason=FailedMount');
      return events.map(event => event.message).find(text => text.includes('newcomer'));
    });
    assert.match(message, /references non-existent secret key: newcomer/);
    assert.equal((await podOf(cluster, 'alloy-token'))?.status.phase, 'Pending');
    return message;
  });
}

/** Where eBPF cannot start, a component of Alloy exits, and its own health checks say that all is well. */
async function exitedComponent(report: Report, cluster: Cluster): Promise<void> {
  const name = 'alloy-exited';
  await report.check('Alloy is restarted when one of its components has exited', 'the emitted probe, with a lower threshold, before and after an exit', async () => {
    const running = await until(`${name} runs`, TIMEOUT_SECONDS, async () => {
      const pod = await podOf(cluster, name);
      return pod && isReady(pod) ? pod : undefined;
    });
    // Several periods of the probe.
    const quiet = Date.now() + 8000;
    await until('the probe has passed for a while', 20, () => Date.now() > quiet ? true : undefined);
    assert.equal((await podOf(cluster, name))?.status.containerStatuses?.[0].restartCount, 0, 'restarted without a reason');
    const health = async (): Promise<number> => (await fetch(`http://${running.status.podIP}:12345/-/healthy`, { signal: AbortSignal.timeout(5000) })).status;
    await fetch(`http://${running.status.podIP}:12345/exit`, { signal: AbortSignal.timeout(5000) });
    assert.equal(await health(), 200, 'its own health check');
    await until('a restart', 60, async () => (await podOf(cluster, name))?.status.containerStatuses?.[0].restartCount ? true : undefined);
    const events = await cluster.kubectl.list<KubeObject & { message: string }>('events', '-n', NAMESPACE, '--field-selector', `involvedObject.name=${name},reason=Unhealthy`);
    const message = events.map(event => event.message).find(text => text.startsWith('Liveness probe failed'));
    assert.match(message!, /A component of Alloy has exited: see the log of this container/);
    return message;
  });
}

function podOf(cluster: Cluster, name: string): Promise<Pod | undefined> {
  return cluster.api.get<Pod>('Pod', name, NAMESPACE);
}

/** What a container of the pod said when it ended; undefined as long as none has. */
function endOf(pod: Pod | undefined): string | undefined {
  return [...pod?.status.initContainerStatuses ?? [], ...pod?.status.containerStatuses ?? []]
    .map(({ state, lastState }) => state?.terminated ?? lastState?.terminated)
    .find(ended => ended?.message)?.message;
}

/** The same for containers that do not put their log into the status. */
async function logOf({ kubectl }: Cluster, name: string, expected: RegExp): Promise<string | undefined> {
  for (const previous of [[], ['--previous']]) {
    const { output } = await kubectl.run(['logs', name, '-n', NAMESPACE, ...previous], { strict: false });
    const line = output.split('\n').find(text => expected.test(text));
    if (line) { return line; }
  }
  return undefined;
}
