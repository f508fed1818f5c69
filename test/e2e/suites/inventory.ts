import { strict as assert } from 'node:assert';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { BASELINE_DIRECTORY, INVENTORY_NAME } from '../../../src/nodes/inventory';
import { NODES_METRICS_PORT } from '../../../src/nodes/node-daemon';
import { renderParts } from '../../../src/render';
import { find, resolved } from '../../support';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { containerPid, isRuntimeMount, readyPod } from '../cluster/containers';
import { TOOLS_IMAGE } from '../cluster/images';
import { documentFor, object, PEERS } from '../cluster/installation';
import { HOME } from '../cluster/layout';
import { assertWithinRequest, daemonPod, metric, scrape, usage } from '../harness/node-metrics';
import { capabilityText, NO_CAPABILITIES, processStatus } from '../harness/process-status';
import type { Ended, Running } from '../harness/processes';
import { start as startProgram, until } from '../harness/processes';

/** A namespace of its own, so that it can run beside suites that change what is in the others. */
const NAMESPACE = 'watch-agents';
const LOADERS = 'loaders';
const INTERVAL = 10;
/** Of the later tests, so that they take no minutes. */
const SHORT_INTERVAL = 2;
/** An interval, and some time for the look itself on a busy machine. */
const TIMEOUT_SECONDS = INTERVAL + 10;

const UNEXPECTED_PROGRAM = 'hardened_profiling_ebpf_unexpected_program_info{type="socket_filter",name="unexpected",tag="b11459a0e11ca14c",uid="0"}';

/** The inventory of eBPF programs, with real programs in the kernel and a real Prometheus. */
export const inventory: Suite = {
  name: 'inventory',
  about: 'eBPF programs that are not in the baseline are found, and nothing else is',
  needs: [...CLUSTER_PROGRAMS, 'prometheus'],
  beside: 'live-tenants',
  run: async ({ report, cluster: start, programs }) => {
    const cluster = await start();
    const { kubectl } = cluster;
    const spec = resolved({
      ...documentFor(cluster.digests),
      agents: { namespace: NAMESPACE },
      parca: { namespace: 'watch', tls: { secretName: 'parca-tls' } },
      nodes: { ebpfInventory: { interval: `${INTERVAL}s`, learnFor: '0s' } },
    });
    const parts = renderParts(spec);
    const withShortInterval = structuredClone(find<DaemonSet>(Object.values(parts.nodes), 'DaemonSet', INVENTORY_NAME));
    inventoryOf(withShortInterval).env!.find(({ name }) => name === 'INTERVAL_SECONDS')!.value = `${SHORT_INTERVAL}`;
    const priorityClass = Object.values(parts.profilers);
    let prometheus: Running | undefined;
    // What the inventory of an example may have learned here, which survives it as it should.
    rmSync(BASELINE_DIRECTORY, { recursive: true, force: true });
    try {
      await kubectl.apply([object('v1', 'Namespace', LOADERS), ...Object.values(parts.namespaces), object('v1', 'Namespace', PEERS.scraper.namespace)]);
      await kubectl.apply([
        loader('profiler', 'profiler_main', 7), client('scraper', PEERS.scraper.podLabels), client('other', { app: 'other' }), ...priorityClass,
      ]);
      await readyPod(cluster, LOADERS, 'profiler');
      await kubectl.apply([...Object.values(parts.nodes), ...Object.values(parts['network-policies'])]);
      let pod = await daemonPod(cluster, NAMESPACE, INVENTORY_NAME);
      const log = (): Promise<Ended> => kubectl.run(['logs', '-n', NAMESPACE, pod.metadata.name, '-c', INVENTORY_NAME]);
      const script = (command: string): Promise<Ended> => kubectl.run(
        ['exec', '-n', NAMESPACE, pod.metadata.name, '-c', INVENTORY_NAME, '--', 'sh', '/etc/ebpf-inventory/inventory.sh', command],
      );
      const value = async (name: string): Promise<number | undefined> => metric(await scrape(pod), `hardened_profiling_ebpf_${name}`);
      const becomes = (name: string, wanted: number | undefined, seconds = TIMEOUT_SECONDS): Promise<true> => until(`${name} is ${wanted}`, seconds,
        async () => (await value(name).catch(() => NaN)) === wanted ? true : undefined);
      const unexpected = (wanted: number | undefined, seconds = TIMEOUT_SECONDS): Promise<true> => until(`the program's series is ${wanted}`, seconds,
        async () => metric(await scrape(pod).catch(() => `${UNEXPECTED_PROGRAM} -1`), UNEXPECTED_PROGRAM) === wanted ? true : undefined);

      await report.check('It has SYS_ADMIN and no other capability', '/proc/PID of the running container', async () => {
        const { uid, effective, bounding, noNewPrivs, seccomp } = processStatus(await containerPid(pod, INVENTORY_NAME));
        const expected = capabilityText(['SYS_ADMIN']);
        assert.deepEqual({ uid, effective, bounding, noNewPrivs, seccomp }, { uid: '0', effective: expected, bounding: expected, noNewPrivs: '1', seccomp: '2' });
        return `CapEff = CapBnd = ${expected}, NoNewPrivs 1, Seccomp 2`;
      });
      await report.check('Who answers requests has no capability, and is not root', '/proc/PID of the container beside it', async () => {
        const { uid, effective, bounding, noNewPrivs, seccomp } = processStatus(await containerPid(pod, 'metrics'));
        assert.deepEqual(
          { uid, effective, bounding, noNewPrivs, seccomp }, { uid: '65534', effective: NO_CAPABILITIES, bounding: NO_CAPABILITIES, noNewPrivs: '1', seccomp: '2' },
        );
      });
      await report.check('Of the host it mounts the directory of its baselines alone', '/proc/self/mountinfo', async () => {
        const { stdout } = await kubectl.run(['exec', '-n', NAMESPACE, pod.metadata.name, '-c', INVENTORY_NAME, '--', 'cat', '/proc/self/mountinfo']);
        const mounts = stdout.trim().split('\n').map(line => line.split(' ')[4]).filter(path => !isRuntimeMount(path)).sort();
        assert.deepEqual(mounts, ['/etc/ebpf-inventory', '/state', '/work', '/www']);
        return mounts.join(', ');
      });
      await report.check('It reaches nobody', 'connections to the API server and to the name server, which are open to others', async () => {
        const reach = async (namespace: string, name: string, address: string, port: number): Promise<number | null> => (await kubectl.run(
          ['exec', '-n', namespace, name, '--', 'sh', '-c', `nc -w 2 ${address} ${port} </dev/null`], { strict: false },
        )).code;
        const { stdout } = await kubectl.run(['get', 'service', 'kubernetes', '-n', 'default', '-o', 'jsonpath={.spec.clusterIP}']);
        assert.equal(await reach(LOADERS, 'profiler', stdout, 443), 0, 'nobody reaches the API server, so this would prove nothing');
        assert.notEqual(await reach(NAMESPACE, pod.metadata.name, stdout, 443), 0);
        return 'the API server: no connection';
      });
      await report.each('Its metrics are for the scraper alone', [['scraper', 0], ['other', 28]] as const, ([name]) => `curl from the pod ${name}`, async ([name, expected]) => {
        await readyPod(cluster, PEERS.scraper.namespace, name);
        const { code } = await kubectl.run(
          ['exec', '-n', PEERS.scraper.namespace, name, '--', 'curl', '-sS', '-m', '3', `http://${pod.status.podIP}:${NODES_METRICS_PORT}/metrics/`], { strict: false },
        );
        assert.equal(code, expected, 'of curl');
      });
      await report.check('What is loaded at the first look is the baseline', 'a program that was there before', async () => {
        await becomes('baseline_learning', 0);
        assert.match((await log()).stdout, /"baseline begun"/);
        assert.doesNotMatch(await scrape(pod), /name="profiler_main"/);
        const { stdout } = await script('export');
        assert.match(stdout, /^- \{"type":"socket_filter","name":"profiler_main","tag":"9efe8873120741b3"\}$/m);
      });

      prometheus = startPrometheus(programs.prometheus.path, pod);
      await kubectl.apply([loader('unexpected', 'unexpected', 1)]);
      await readyPod(cluster, LOADERS, 'unexpected');
      await report.check('A program that somebody loads is unexpected within an interval', 'by name, type, tag and owner', async () => {
        const started = Date.now();
        await unexpected(1);
        assert.ok((await value('programs_unexpected'))! >= 1);
        return `after ${((Date.now() - started) / 1000).toFixed(1)} s`;
      });
      await report.check('Prometheus scrapes it, and a rule over it fires', 'the Debian package, a rule on programs_unexpected', async () => {
        await until('the alert', 20, async () => (await alerts()).includes('firing') ? true : undefined);
      });
      await report.check('The log has it as one line of JSON', 'kubectl logs', async () => {
        const { stdout } = await log();
        const lines = stdout.trim().split('\n').map(line => JSON.parse(line) as { change: string; program?: { name: string } });
        assert.equal(lines.filter(({ change, program }) => change === 'unexpected' && program?.name === 'unexpected').length, 1);
      });
      await report.check('It uses less memory than it requests', `its cgroup, with its CPU time, over an interval of ${INTERVAL} s`, async () => {
        const { mebibytes, milliCpu } = await usage(pod, INVENTORY_NAME, INTERVAL);
        assertWithinRequest(pod, INVENTORY_NAME, mebibytes);
        return `${mebibytes.toFixed(1)} MiB, ${milliCpu.toFixed(1)}m CPU at ${INTERVAL} s, which is ${(milliCpu * INTERVAL / 300).toFixed(2)}m at 5 min`;
      });
      await report.check('The baseline survives the pod', `a pod with an interval of ${SHORT_INTERVAL} s takes its place while the program is loaded`, async () => {
        await kubectl.apply([withShortInterval]);
        pod = await nextPod(cluster, pod);
        await unexpected(1);
      });
      await report.check('`review` prints what is unexpected', 'kubectl exec', async () => {
        const { stdout } = await script('review');
        assert.match(stdout, /"change":"unexpected","program":\{"type":"socket_filter","name":"unexpected"/);
        assert.doesNotMatch(stdout, /profiler_main/);
      });
      await kubectl.run(['delete', 'pod', 'unexpected', '-n', LOADERS, '--grace-period=1', '--timeout=60s'], { seconds: 70 });
      await report.check('Its removal clears it', 'the pod that loaded it is deleted', () => unexpected(undefined).then(() => undefined));

      await kubectl.run(['delete', 'pod', 'profiler', '-n', LOADERS, '--grace-period=1', '--timeout=60s'], { seconds: 70 });
      await report.check('A program of the baseline that is gone is missing', 'the pod that loaded it is deleted', () => becomes('programs_missing', 1).then(() => undefined));
      await kubectl.apply([loader('profiler', 'profiler_main', 7)]);
      await readyPod(cluster, LOADERS, 'profiler');
      await report.check('The same program under another id is not unexpected', 'its loader is started again', async () => {
        await becomes('programs_missing', 0);
        const { stdout } = await log();
        assert.doesNotMatch(stdout, /"change":"unexpected","program":\{"type":"socket_filter","name":"profiler_main"/);
      });
      await report.check('A newer program is promoted by a command', 'the same name with another tag', async () => {
        await kubectl.apply([loader('profiler-next', 'profiler_main', 8)]);
        await readyPod(cluster, LOADERS, 'profiler-next');
        const isUnexpected = async (): Promise<boolean> => /name="profiler_main"/.test(await scrape(pod));
        await until('it is unexpected', TIMEOUT_SECONDS, async () => await isUnexpected() || undefined);
        const { stdout } = await script('promote');
        assert.match(stdout, /"baseline promoted"/);
        await until('it is not', TIMEOUT_SECONDS, async () => !(await isUnexpected()) || undefined);
      });
      await report.check('Without SYS_ADMIN it says that it cannot read', 'the same DaemonSet with the capability taken away', async () => {
        const crippled = structuredClone(withShortInterval);
        delete inventoryOf(crippled).securityContext!.capabilities!.add;
        await kubectl.apply([crippled]);
        pod = await nextPod(cluster, pod);
        await until('an error', TIMEOUT_SECONDS, async () => (await value('programs_unreadable').catch(() => 0))! >= 1 || undefined);
      });
    } finally {
      await prometheus?.stop('SIGTERM');
      await kubectl.run(['delete', 'pods', 'scraper', 'other', '-n', PEERS.scraper.namespace, '--wait=false'], { strict: false });
      await kubectl.run(['delete', 'namespaces', LOADERS, NAMESPACE, 'watch', '--wait=false'], { strict: false });
    }
    report.notVerified('Tetragon and Falco: their objects are compared with what their projects publish, and were not loaded');
    report.notVerified('The image of images/ebpf-inventory was not built; the pods ran the same programs from the same distribution');
  },
};

function inventoryOf({ spec }: DaemonSet): Container {
  return spec!.template.spec!.containers.find(({ name }) => name === INVENTORY_NAME)!;
}

/** The pod that takes the place of another. */
function nextPod(cluster: Cluster, before: Pod): Promise<Pod> {
  return until('another pod', 60, async () => {
    const pod = await daemonPod(cluster, NAMESPACE, INVENTORY_NAME);
    return pod.metadata.name === before.metadata.name ? undefined : pod;
  });
}

/** A pod that keeps a program loaded; the number goes into its tag. */
function loader(name: string, program: string, result: number): unknown {
  return object('v1', 'Pod', name, LOADERS, {
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      containers: [{
        name: 'loader',
        image: TOOLS_IMAGE,
        command: ['/bin/fake-agent', 'load', program, `${result}`],
        securityContext: { runAsUser: 0, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON'] } },
      }],
    },
  });
}

function client(name: string, labels: Readonly<Record<string, string>>): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: PEERS.scraper.namespace, labels: { ...labels } },
    spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 0, containers: [{ name: 'client', image: TOOLS_IMAGE, command: ['sleep', '600'] }] },
  };
}

const PROMETHEUS_ADDRESS = '127.0.0.1:19090';

function startPrometheus(program: string, { status }: Pod): Running {
  const folder = join(HOME, 'prometheus');
  mkdirSync(folder);
  writeFileSync(join(folder, 'prometheus.json'), JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(folder, 'rules.json')],
    scrape_configs: [{ job_name: 'inventory', static_configs: [{ targets: [`${status.podIP}:${NODES_METRICS_PORT}`] }] }],
  }));
  writeFileSync(join(folder, 'rules.json'), JSON.stringify({
    groups: [{ name: 'ebpf', rules: [{ alert: 'UnexpectedEbpfProgram', expr: 'hardened_profiling_ebpf_programs_unexpected > 0' }] }],
  }));
  return startProgram(program, [
    `--config.file=${join(folder, 'prometheus.json')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${PROMETHEUS_ADDRESS}`,
  ]);
}

/** The states of the alerts that Prometheus knows. */
async function alerts(): Promise<string[]> {
  const response = await fetch(`http://${PROMETHEUS_ADDRESS}/api/v1/alerts`).catch(() => undefined);
  if (!response?.ok) { return []; }
  const { data } = await response.json() as { data: { alerts: Array<{ state: string }> } };
  return data.alerts.map(({ state }) => state);
}
