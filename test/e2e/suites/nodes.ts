import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Suite } from '.';
import { NODES_METRICS_PORT } from '../../../src/nodes/node-daemon';
import { SETTINGS_NAME } from '../../../src/nodes/settings';
import { renderParts } from '../../../src/render';
import { find, resolved } from '../../support';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { containerPid, isRuntimeMount, readyPod } from '../cluster/containers';
import { TOOLS_IMAGE } from '../cluster/images';
import { AGENT_NAMESPACE, documentFor, object } from '../cluster/installation';
import { MANAGED_LABEL } from '../cluster/kubectl';
import { assertWithinRequest, daemonPod, metric, scrape, usage } from '../harness/node-metrics';
import { NO_CAPABILITIES, processStatus } from '../harness/process-status';
import { until } from '../harness/processes';
import { readSysctl, saveSysctls, writeSysctl } from '../harness/sysctls';

const PARANOID = 'kernel.perf_event_paranoid';
const SAMPLE_RATE = 'kernel.perf_event_max_sample_rate';
/** Seconds from one look at the settings to the next. */
const SETTINGS_INTERVAL = 10;

/** Who tries to measure, without any capability and with every system call allowed: the setting alone decides. */
const UNPRIVILEGED = { 'user 1000': 1000, 'root without capabilities': 0 } as const;

/** The DaemonSet that holds kernel settings. The kernel is the machine's own, whose values are put back. */
export const nodes: Suite = {
  name: 'nodes',
  about: 'kernel settings are held on the node, by root without capabilities',
  needs: CLUSTER_PROGRAMS,
  beside: 'live-rotation',
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const { kubectl } = cluster;
    await cluster.installation();
    const spec = resolved({ ...documentFor(cluster.digests), nodes: { perfEventParanoid: {}, perfEventMaxSampleRate: 1000 } });
    const parts = renderParts(spec);
    const manifests = Object.values(parts.nodes);
    const restore = saveSysctls();
    try {
      await kubectl.apply([object('v1', 'Namespace', 'unprivileged'), ...Object.entries(UNPRIVILEGED).map(([name, uid]) => unprivilegedPod(name, uid))]);
      await Promise.all(Object.keys(UNPRIVILEGED).map(name => readyPod(cluster, 'unprivileged', slug(name))));
      writeSysctl(PARANOID, '-1');
      await report.each('Without the setting, anybody may measure the kernel', Object.keys(UNPRIVILEGED), name => `perf_event_open as ${name}, at -1`, async name => {
        assert.deepEqual(await measure(cluster, name), { kernel: 'ok', wholeCPU: 'ok', itself: 'ok' });
      });

      await kubectl.apply([...manifests, ...Object.values(parts['network-policies'])]);
      await kubectl.rolledOut(`daemonset/${SETTINGS_NAME}`, AGENT_NAMESPACE);
      const pod = await daemonPod(cluster, AGENT_NAMESPACE, SETTINGS_NAME);

      await report.check('It has no capability at all', '/proc/PID of the running container', async () => {
        const { uid, effective, bounding, noNewPrivs, seccomp } = processStatus(await containerPid(pod, SETTINGS_NAME));
        assert.deepEqual({ uid, effective, bounding, noNewPrivs, seccomp }, { uid: '0', effective: NO_CAPABILITIES, bounding: NO_CAPABILITIES, noNewPrivs: '1', seccomp: '2' });
        return 'uid 0, CapEff = CapBnd = 0, NoNewPrivs 1, Seccomp 2';
      });
      await report.check('It mounts two files of the host and nothing else of it', '/proc/self/mountinfo', async () => {
        const { stdout } = await kubectl.run(['exec', '-n', AGENT_NAMESPACE, pod.metadata.name, '-c', SETTINGS_NAME, '--', 'cat', '/proc/self/mountinfo']);
        const mounts = stdout.trim().split('\n').map(line => line.split(' ')[4]).filter(path => !isRuntimeMount(path)).sort();
        assert.deepEqual(mounts, ['/etc/node-settings', '/host/perf_event_max_sample_rate', '/host/perf_event_paranoid', '/work', '/www']);
        return mounts.join(', ');
      });
      await report.check('It raises -1 to 2 and lowers the sample rate', 'what the node had when the pod started', async () => {
        await until('2', SETTINGS_INTERVAL, () => readSysctl(PARANOID) === '2' ? true : undefined);
        assert.equal(readSysctl(SAMPLE_RATE), '1000');
      });
      await report.each('Afterwards nobody may measure the kernel without the capability', Object.keys(UNPRIVILEGED), name => `perf_event_open as ${name}, at 2`, async name => {
        assert.deepEqual(await measure(cluster, name), { kernel: 'permission denied', wholeCPU: 'permission denied', itself: 'ok' });
        return 'the kernel and whole CPUs: permission denied; its own process: ok';
      });
      await report.check('It sets a value again that something has reset', `to 0; within ${SETTINGS_INTERVAL} s`, async () => {
        writeSysctl(PARANOID, '0');
        const started = Date.now();
        await until('2', SETTINGS_INTERVAL + 2, () => readSysctl(PARANOID) === '2' ? true : undefined);
        return `after ${((Date.now() - started) / 1000).toFixed(1)} s`;
      });
      await report.check('What it saw and did is exposed', `port ${NODES_METRICS_PORT} of the pod`, async () => {
        const text = await until('the count', 15, async () => {
          const scraped = await scrape(pod);
          return metric(scraped, `hardened_profiling_sysctl_corrections_total{sysctl="${PARANOID}"}`) === 2 ? scraped : undefined;
        });
        assert.equal(metric(text, `hardened_profiling_sysctl_value{sysctl="${PARANOID}"}`), 2);
        assert.equal(metric(text, `hardened_profiling_sysctl_wanted{sysctl="${SAMPLE_RATE}",rule="atMost"}`), 1000);
        assert.equal(metric(text, `hardened_profiling_sysctl_failures_total{sysctl="${PARANOID}"}`), 0);
        return '2 corrections, 0 failures';
      });

      // The same with a shorter interval, so that this takes no minutes.
      await kubectl.apply([withShortInterval(find<DaemonSet>(manifests, 'DaemonSet', SETTINGS_NAME))]);
      await kubectl.rolledOut(`daemonset/${SETTINGS_NAME}`, AGENT_NAMESPACE);
      await report.each('It raises every lower value', ['-1', '0', '1'], value => `kernel.perf_event_paranoid = ${value}, with an interval of 1 s`, async value => {
        writeSysctl(PARANOID, value);
        await until('2', 15, () => readSysctl(PARANOID) === '2' ? true : undefined);
      });
      await report.each('It lowers nothing that is stricter', [[PARANOID, '3'], [SAMPLE_RATE, '500']] as const, ([name, value]) => `${name} = ${value}, for 3 intervals`, async ([name, value]) => {
        writeSysctl(name, value);
        await sleep(3_000);
        assert.equal(readSysctl(name), value);
      });
      const frequentPod = await daemonPod(cluster, AGENT_NAMESPACE, SETTINGS_NAME);
      await report.check('It uses less memory than it requests', 'its cgroup, with its CPU time, at an interval of 1 s', async () => {
        const { mebibytes, milliCpu } = await usage(frequentPod, SETTINGS_NAME, 5);
        assertWithinRequest(frequentPod, SETTINGS_NAME, mebibytes);
        return `${mebibytes.toFixed(1)} MiB, ${milliCpu.toFixed(1)}m CPU at 1 s`;
      });
      await report.check('It restores nothing when it ends', 'the DaemonSet is deleted', async () => {
        writeSysctl(PARANOID, '0');
        await until('2', 15, () => readSysctl(PARANOID) === '2' ? true : undefined);
        await kubectl.run(['delete', 'daemonset', SETTINGS_NAME, '-n', AGENT_NAMESPACE, '--cascade=foreground', '--timeout=60s'], { seconds: 70 });
        assert.equal(readSysctl(PARANOID), '2');
      });
    } finally {
      restore();
      await kubectl.run(['delete', 'daemonsets,configmaps,serviceaccounts', '-n', AGENT_NAMESPACE, '-l', `${MANAGED_LABEL},app.kubernetes.io/name=${SETTINGS_NAME}`, '--wait=false'], { strict: false });
      await kubectl.run(['delete', 'namespace', 'unprivileged', '--wait=false'], { strict: false });
    }
    report.notVerified('kernels of Debian and Ubuntu with their own levels 3 and 4; SELinux');
  },
};

function slug(name: string): string {
  return name.replace(/ /g, '-');
}

function unprivilegedPod(name: string, uid: number): unknown {
  return object('v1', 'Pod', slug(name), 'unprivileged', {
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{
        name: 'unprivileged',
        image: TOOLS_IMAGE,
        command: ['sleep', '600'],
        securityContext: { runAsUser: uid, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'Unconfined' } },
      }],
    },
  });
}

async function measure(cluster: Cluster, name: string): Promise<unknown> {
  const { stdout } = await cluster.kubectl.run(['exec', '-n', 'unprivileged', slug(name), '--', '/bin/fake-agent', 'perf']);
  return JSON.parse(stdout);
}

function withShortInterval(daemonSet: DaemonSet): DaemonSet {
  const copy = structuredClone(daemonSet);
  copy.spec!.template.spec!.containers[0].env!.push({ name: 'INTERVAL_SECONDS', value: '1' });
  return copy;
}
