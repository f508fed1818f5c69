import { strict as assert } from 'node:assert';
import { readdirSync, readlinkSync } from 'node:fs';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { AGENT_METRICS_PORT } from '../../../src/parca/names';
import { renderManifests } from '../../../src/render';
import { DEFAULT_IMAGES } from '../../../src/versions';
import { find, resolved } from '../../support';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { containerPid, isRuntimeMount, readyPod } from '../cluster/containers';
import { AGENT_PROFILE, loadVariant, TOOLS_IMAGE } from '../cluster/images';
import type { Installation } from '../cluster/installation';
import { AGENT_NAMESPACE, documentFor, object, SENSITIVE_NAMESPACE } from '../cluster/installation';
import { missingCapabilities } from '../cluster/node';
import { TOKENS } from '../harness/deployment';
import type { Capability } from '../harness/process-status';
import { capabilityText, processStatus } from '../harness/process-status';
import { until } from '../harness/processes';
import { query } from '../harness/profiles';
import type { Report } from '../harness/report';
import { readSysctl, saveSysctls, writeSysctl } from '../harness/sysctls';

/** What the fake says it was allowed to do, see tools/fake-agent. */
interface FakeAgentReport {
  readonly status: { readonly uid: number; readonly capEff: string; readonly capBnd: string; readonly noNewPrivs: number; readonly seccomp: number };
  readonly mounts: ReadonlyArray<{ readonly mountPoint: string; readonly fsType: string; readonly options: readonly string[] }>;
  readonly writable: Readonly<Record<string, Outcome>>;
  readonly target: { readonly uid: number } | null;
  readonly operations: Readonly<Record<string, Outcome>>;
  readonly apiServer: Readonly<Record<string, { readonly status?: number; readonly error?: string }>>;
  /** Null unless it was asked for. */
  readonly gateway: Readonly<Record<string, GatewayAnswer>> | null;
}
interface GatewayAnswer {
  readonly status?: number;
  readonly grpcStatus?: string;
  readonly tlsVersion?: string;
  readonly alpn?: string;
  readonly error?: string;
}
interface Outcome { readonly ok: boolean; readonly error?: string }

/** What stops working without a capability: its own operation, and those that need it besides another. */
const NEEDED_FOR: Readonly<Partial<Record<Capability, readonly string[]>>> = {
  BPF: ['createMap', 'loadProgram', 'runProgram'],
  CHECKPOINT_RESTORE: ['openMappedFile'],
  DAC_READ_SEARCH: ['openMappedFile', 'readPrivateFile'],
  IPC_LOCK: ['lockMemory'],
  PERFMON: ['loadProgram', 'openPerfEvent', 'runProgram'],
  SYSLOG: ['readKernelSymbols'],
  SYS_PTRACE: ['openMappedFile', 'readPrivateFile', 'traceProcess'],
  SYS_RESOURCE: ['raiseMemlock'],
};
const NEEDED = [...new Set(Object.values(NEEDED_FOR).flat())].sort();
const HARMLESS = ['readConfig', 'readTracepoint'];
const NEVER = ['killOther', 'listPrograms', 'loadModule', 'mountTmpfs', 'rawSocket', 'tracefsWrite', 'writeHostFile'];

/** The agent's pod as emitted, with a program in it that tries what it may do. */
export const agentPod: Suite = {
  name: 'agent-pod',
  about: 'a fake under the agent\'s pod template tries what it may do, also with each capability taken away',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const installation = await cluster.installation();
    const restore = saveSysctls();
    try {
      // Where it is 0, kernel symbols are open to some without any capability.
      writeSysctl('kernel.kptr_restrict', '1');
      await cluster.kubectl.apply([object('v1', 'Namespace', 'shop'), TARGET]);
      await readyPod(cluster, 'shop', 'fake-target');

      await privileges(report, cluster, installation);
      await connections(report, cluster, installation);
      await ablation(report, cluster, installation);
      await preflight(report, cluster, installation);
      await realAgent(report, cluster, installation);
    } finally {
      restore();
      await cluster.kubectl.run(['delete', 'pods', '-n', AGENT_NAMESPACE, '-l', 'e2e=variant', '--force', '--grace-period=0', '--wait=false'], { strict: false });
    }
    const missing = missingCapabilities();
    if (missing.length > 0) {
      report.notVerified(`${missing.join(', ')}: this machine cannot grant it, so containers ran without it and what needs it was not tried`);
    }
    report.notVerified('AppArmor, SELinux, and seccomp profiles of other runtimes than containerd\'s');
  },
};

/** A process of another user, in another pod, that an agent would have to look into. */
const TARGET = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'fake-target', namespace: 'shop', labels: { profiling: 'enabled' } },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsUser: 10001, runAsGroup: 10001 },
    containers: [{ name: 'target', image: TOOLS_IMAGE, command: ['/fake-target'] }],
  },
};

async function privileges(report: Report, cluster: Cluster, installation: Installation): Promise<void> {
  const pod = await emittedPod(cluster);
  const { template, capabilities } = emittedTemplate(installation);
  const seen = await ask(pod);
  await report.check('The agent has exactly the emitted capabilities', '/proc/PID of the running container, and the same from inside', async () => {
    const expected = capabilityText(capabilities.filter(name => !missingCapabilities().includes(name)));
    const { uid, effective, bounding, noNewPrivs, seccomp } = processStatus(await containerPid(pod, 'parca-agent'));
    assert.deepEqual({ uid, effective, bounding, noNewPrivs, seccomp }, { uid: '0', effective: expected, bounding: expected, noNewPrivs: '1', seccomp: '2' });
    const { capEff, capBnd, ...inside } = seen.status;
    assert.deepEqual([capEff, capBnd, inside.uid, inside.noNewPrivs, inside.seccomp], [expected, expected, 0, 1, 2]);
    return `CapEff = CapBnd = ${expected}, NoNewPrivs 1, Seccomp 2`;
  });
  await report.check('Of the host it shares the process table alone', '/proc/PID/ns of the running container against those of the node', async () => {
    const pid = await containerPid(pod, 'parca-agent');
    const shared = readdirSync('/proc/self/ns').filter(kind => !kind.endsWith('_for_children'))
      .filter(kind => readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`));
    // The user namespace is everybody's; that of cgroups is the pod's own with version 2 alone.
    assert.deepEqual(shared.filter(kind => kind !== 'cgroup' && kind !== 'time').sort(), ['pid', 'user']);
    return shared.join(', ');
  });
  await report.check('It mounts what is emitted, read-only', '/proc/self/mountinfo', async () => {
    const emitted = template.spec!.containers[0].volumeMounts!.map(({ mountPath }) => mountPath);
    const others = seen.mounts.filter(({ mountPoint }) => !isRuntimeMount(mountPoint));
    assert.deepEqual(others.map(({ mountPoint }) => mountPoint).sort(), [...emitted].sort());
    assert.deepEqual(others.filter(({ options }) => !options.includes('ro')).map(({ mountPoint }) => mountPoint), []);
    return emitted.join(', ');
  });
  await report.each('It can write nowhere', Object.entries(seen.writable), ([path]) => `a file in ${path}`, async ([, { ok, error }]) => {
    assert.ok(!ok, 'written');
    return error;
  });
  await report.each('It can do what profiling needs', [...NEEDED.filter(isPossible), ...HARMLESS], name => name, async name => {
    assert.deepEqual({ ...seen.operations[name], detail: undefined }, { ok: true, detail: undefined });
  });
  await report.each('It cannot do what it does not need', NEVER, name => name, async name => {
    assert.equal(seen.operations[name].ok, false, 'it can');
    return seen.operations[name].error;
  });
}

async function connections(report: Report, cluster: Cluster, installation: Installation): Promise<void> {
  const { gateway, apiServer } = await ask(await emittedPod(cluster), '?push=1');
  await report.check('The agent\'s pod can send profiles', 'its token, its authority and its network path: WriteRaw over TLS 1.3 to the emitted address', async () => {
    assert.deepEqual(gateway!.write, { status: 200, grpcStatus: '0', tlsVersion: 'TLS 1.3', alpn: 'h2' });
    const client = await installation.client();
    await until('the profile', 20, () => query(client, TOKENS.read, AGENT_PROFILE));
  });
  await report.each('It can do nothing else there', [['writeWithoutToken', 401], ['readWithPushToken', 403]] as const, ([name]) => name, async ([name, expected]) => {
    assert.equal(gateway![name].status, expected, gateway![name].error);
    return `${expected}`;
  });
  await report.each('Its account may list pods and get its node, and nothing else', [
    ['listPods', 200], ['getNode', 200], ['listNodes', 403], ['listSecrets', 403], ['createPod', 403], ['proxyNode', 403],
  ] as const, ([name]) => name, async ([name, expected]) => {
    assert.equal(apiServer[name].status, expected, apiServer[name].error);
    return `${expected}`;
  });
}

/** The same pod with one capability less: what needs it fails, and nothing else does. */
async function ablation(report: Report, cluster: Cluster, installation: Installation): Promise<void> {
  const { capabilities } = emittedTemplate(installation);
  await report.check('A reason is known for every emitted capability', 'the list of this suite', async () => {
    assert.deepEqual([...capabilities].sort(), Object.keys(NEEDED_FOR).sort());
  });
  const removable = capabilities.filter(name => !missingCapabilities().includes(name));
  await cluster.kubectl.apply(removable.map(removed => variant(installation, `without-${slug(removed)}`, capabilities.filter(name => name !== removed))));
  const rows: string[][] = [];
  await report.each('Without a capability, what needs it fails, and nothing else', removable, removed => `without ${removed}`, async removed => {
    const { operations } = await askWhenUp(cluster, `without-${slug(removed)}`);
    const failed = NEEDED.filter(isPossible).filter(name => !operations[name].ok);
    rows.push([removed, failed.map(name => `${name}: ${operations[name].error}`).join('; ')]);
    assert.deepEqual(failed, [...NEEDED_FOR[removed] ?? []].sort());
    return failed.join(', ');
  });
  report.table({ title: 'What each capability is for', header: ['taken away', 'what failed'], rows });
}

/** Verdicts of the preflight check, and whether they are true, on a node whose settings change. */
async function preflight(report: Report, cluster: Cluster, installation: Installation): Promise<void> {
  const { capabilities } = emittedTemplate(installation);
  const stopped = async (name: string): Promise<string | undefined> => {
    const pod = await cluster.api.get<Pod>('Pod', name, AGENT_NAMESPACE);
    const [status] = pod?.status.initContainerStatuses ?? [];
    return (status?.state?.terminated ?? status?.lastState?.terminated)?.message;
  };
  await report.check('A node that hides kernel symbols says so in the pod\'s status', 'kernel.kptr_restrict = 2', async () => {
    const restore = saveSysctls();
    try {
      writeSysctl('kernel.kptr_restrict', '2');
      await cluster.kubectl.apply([variant(installation, 'kptr-restrict', capabilities)]);
      const message = await until('a message', 40, () => stopped('kptr-restrict'));
      assert.match(message, /^This node cannot run the Parca Agent: kernel\.kptr_restrict is 2/);
      return message.trim();
    } finally {
      restore();
    }
  });
  await report.check('The pod starts by itself when the node has been mended', 'the value of before', async () => {
    const { operations } = await askWhenUp(cluster, 'kptr-restrict');
    assert.equal(operations.readKernelSymbols.ok, true);
  });
  await report.each('Its verdict on perf_event_paranoid is true', ['-1', '2', '3'], value => `kernel.perf_event_paranoid = ${value}`, async value => {
    const restore = saveSysctls();
    try {
      writeSysctl('kernel.perf_event_paranoid', value);
      const name = `paranoid-${slug(value)}`;
      await cluster.kubectl.apply([variant(installation, name, capabilities)]);
      const verdict = await until('a verdict', 60, async () => {
        const message = await stopped(name);
        if (message?.includes('cannot run')) { return message; }
        const pod = await cluster.api.get<Pod>('Pod', name, AGENT_NAMESPACE);
        return pod?.status.containerStatuses?.[0].state?.running ? 'can run' : undefined;
      });
      if (verdict !== 'can run') {
        assert.match(verdict, /perf_event_paranoid/);
        return `${verdict.trim()} (kernel ${readSysctl('kernel.perf_event_paranoid')})`;
      }
      const { operations } = await askWhenUp(cluster, name);
      assert.equal(operations.openPerfEvent.ok, true, operations.openPerfEvent.error);
      return 'it can run, and perf events open';
    } finally {
      restore();
    }
  });
}

/** The real agent, where somebody has it: only what opted in arrives. */
async function realAgent(report: Report, cluster: Cluster, installation: Installation): Promise<void> {
  const program = process.env.PARCA_AGENT_BIN;
  if (!program) {
    report.notVerified('Parca Agent itself: its modules cannot be had from every module proxy. PARCA_AGENT_BIN=<file> runs a binary of it, too');
    return;
  }
  const reference = DEFAULT_IMAGES.agent.replace(/:.*$/, ':v0.49.98');
  const digest = await loadVariant(reference, DEFAULT_IMAGES.agent, { programs: {}, files: {}, executables: { '/bin/parca-agent': program } }, cluster.programs);
  const document = documentFor(cluster.digests);
  const started = new Date();
  await cluster.kubectl.apply([
    object('v1', 'Namespace', SENSITIVE_NAMESPACE),
    burner('checkout', 'shop', true), burner('unlabelled', 'shop', false), burner('tokenize', SENSITIVE_NAMESPACE, true),
  ]);
  await cluster.kubectl.apply(renderManifests(resolved({ ...document, images: { ...document.images as object, agent: `${reference}@${digest}` } })));
  const obstacle = await memlockObstacle(cluster, `${reference}@${digest}`);
  if (obstacle) {
    report.notVerified(`Parca Agent itself: this machine cannot grant SYS_RESOURCE, without which ${program} ends: ${obstacle}`);
    await cluster.kubectl.apply(installation.manifests);
    return;
  }
  await report.check('Only pods that opted in reach the store', `${program} for a minute, beside a pod without the label and one in a sensitive namespace`, async () => {
    const client = await installation.client();
    const values = async (label: string): Promise<string[]> => {
      const parameters = new URLSearchParams({ start: started.toISOString(), end: new Date().toISOString() });
      const { body } = await client.get(`/api/profiles/labels/${label}/values?${parameters.toString()}`, TOKENS.read);
      return (JSON.parse(body.toString()) as { labelValues?: string[] }).labelValues ?? [];
    };
    await until('profiles of the pod that opted in', 120, async () => (await values('pod')).includes('checkout') ? true : undefined)
      .catch(async (error: Error) => { throw new Error(`${error.message}; the agent's last line: ${await lastLogLine(cluster)}`); });
    const deadline = Date.now() + 60_000;
    await until('a minute', 70, () => Date.now() > deadline ? true : undefined);
    const pods = (await values('pod')).filter(name => name !== 'fake-target');
    assert.deepEqual(pods, ['checkout']);
    assert.deepEqual(await values('namespace'), ['shop']);
    return 'pod checkout in namespace shop';
  });
  await cluster.kubectl.apply(installation.manifests);
}

/** What the agent says when it ends for want of SYS_RESOURCE, where nobody can have it; undefined where it runs all the same. */
async function memlockObstacle(cluster: Cluster, image: string): Promise<string | undefined> {
  if (!missingCapabilities().includes('SYS_RESOURCE')) { return undefined; }
  const verdict = await until('the agent runs, or ends', 120, async () => {
    const pods = await cluster.api.list<Pod>('Pod', AGENT_NAMESPACE, 'app.kubernetes.io/instance=parca-agent-default');
    const [status] = pods.find(({ spec }) => spec.containers[0].image === image)?.status.containerStatuses ?? [];
    if (status?.ready) { return { isRunning: true, line: '' }; }
    return status?.state?.terminated ?? status?.lastState?.terminated ? { isRunning: false, line: await lastLogLine(cluster) } : undefined;
  });
  return !verdict.isRunning && /memlock|rlimit/i.test(verdict.line) ? verdict.line : undefined;
}

async function lastLogLine(cluster: Cluster): Promise<string> {
  const logs = async (...args: readonly string[]): Promise<string> => {
    const selector = ['-n', AGENT_NAMESPACE, '-l', 'app.kubernetes.io/instance=parca-agent-default', '-c', 'parca-agent'];
    const { code, output } = await cluster.kubectl.run(['logs', ...selector, '--tail=1', ...args], { strict: false });
    return code === 0 ? output.trim() : '';
  };
  return await logs() || await logs('--previous') || '(none)';
}

function burner(name: string, namespace: string, hasLabel: boolean): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...(hasLabel && { labels: { profiling: 'enabled' } }) },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'burn', image: TOOLS_IMAGE, command: ['sh', '-c', 'while :; do :; done'], resources: { limits: { cpu: '300m' } } }],
    },
  };
}

/** Operations that this machine allows anybody at all. */
function isPossible(operation: string): boolean {
  return !missingCapabilities().some(name => NEEDED_FOR[name]?.includes(operation));
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, 'm');
}

/** The pod that the emitted DaemonSet has made. */
async function emittedPod(cluster: Cluster): Promise<Pod> {
  const [pod] = await cluster.api.list<Pod>('Pod', AGENT_NAMESPACE, 'app.kubernetes.io/instance=parca-agent-default');
  return readyPod(cluster, AGENT_NAMESPACE, pod.metadata.name);
}

function emittedTemplate({ manifests }: Installation): { template: PodTemplateSpec; capabilities: readonly Capability[] } {
  const { template } = find<DaemonSet>(manifests, 'DaemonSet', 'parca-agent-default').spec!;
  return { template, capabilities: template.spec!.containers[0].securityContext!.capabilities!.add! as Capability[] };
}

/** A pod of the emitted template with other capabilities, which its DaemonSet does not take for its own. */
function variant(installation: Installation, name: string, add: readonly string[]): unknown {
  const { template: { metadata, spec } } = emittedTemplate(installation);
  const [container] = spec!.containers;
  const securityContext = { ...container.securityContext, capabilities: { ...container.securityContext!.capabilities, add } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, namespace: AGENT_NAMESPACE, labels: { ...metadata!.labels, 'app.kubernetes.io/instance': name, 'e2e': 'variant' } },
    spec: { ...spec, containers: [{ ...container, securityContext }] },
  };
}

/** Asks the fake in a pod. Requests from the node are let in by every NetworkPolicy. */
async function ask({ status }: Pod, parameters = ''): Promise<FakeAgentReport> {
  const response = await fetch(`http://${status.podIP}:${AGENT_METRICS_PORT}/report${parameters}`, { signal: AbortSignal.timeout(20_000) });
  return await response.json() as FakeAgentReport;
}

/** Asks the fake in a pod that is starting, without waiting for the probes of the template. */
function askWhenUp(cluster: Cluster, name: string): Promise<FakeAgentReport> {
  return until(`${name} answers`, 90, async () => {
    const pod = await cluster.api.get<Pod>('Pod', name, AGENT_NAMESPACE);
    return pod?.status.podIP ? ask(pod).catch(() => undefined) : undefined;
  });
}
