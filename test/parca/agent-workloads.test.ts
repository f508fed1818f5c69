import fc from 'fast-check';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { agentWorkloads } from '../../src/parca/agent-workloads';
import { renderManifests } from '../../src/render';
import { resolve } from '../../src/spec/resolve';
import { validSpec } from '../spec/arbitraries';
import { nodePools } from '../spec/errors';
import { resolved } from '../support';

const images = { pinning: 'tagsAllowed', agent: 'example.com/agent:v0.50.0', preflight: 'example.com/busybox:1.37.0' };
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };
const pool = (name: string, keys: object = {}) => ({ name, nodeSelector: { pool: name }, ...keys });
const workloads = (...pools: object[]) => agentWorkloads(resolved({ images, ...nodePools(...pools) }))['parca-agent'];

const SIX = ['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'PERFMON', 'SYSLOG', 'SYS_PTRACE'];
const EIGHT = [...SIX, 'IPC_LOCK', 'SYS_RESOURCE'].sort();

describe('Workloads of the agents', () => {
  it('are one DaemonSet for each pool with an agent, sorted', () => {
    expect(workloads(pool('web'), pool('gpu'), pool('old', { kernel: '5.4', fallback }), pool('ancient', { kernel: '4.19' })).daemonSets)
      .toEqual(['parca-agent-gpu', 'parca-agent-old', 'parca-agent-web']);
  });

  it('run as one service account', () => {
    expect(Object.keys(agentWorkloads(resolved(nodePools(pool('a'), pool('b')))))).toEqual(['parca-agent']);
  });

  it('add capabilities by image, and none in the preflight check', () => {
    expect(workloads(pool('a')).capabilitiesOfImage).toEqual({ [images.agent]: EIGHT, [images.preflight]: [] });
    expect(workloads(pool('a', { memlock: 'unlimited' })).capabilitiesOfImage).toEqual({ [images.agent]: SIX, [images.preflight]: [] });
  });

  it('add what any pool of the image needs', () => {
    const [limited, unlimited] = [pool('a'), pool('b', { memlock: 'unlimited' })];
    expect(workloads(limited, unlimited).capabilitiesOfImage[images.agent]).toEqual(EIGHT);
    expect(workloads(unlimited, limited).capabilitiesOfImage[images.agent]).toEqual(EIGHT);
  });

  it('keep SYS_ADMIN to the image of the fallback', () => {
    const { capabilitiesOfImage } = workloads(pool('a'), pool('old', { kernel: '5.4', fallback }));
    expect(Object.keys(capabilitiesOfImage)).toEqual([images.agent, images.preflight, fallback.image]);
    expect(capabilitiesOfImage[fallback.image]).toContain('SYS_ADMIN');
    expect(capabilitiesOfImage[images.agent]).not.toContain('SYS_ADMIN');
  });

  it('do not include the current image when only fallbacks run', () => {
    expect(Object.keys(workloads(pool('old', { kernel: '5.4', fallback })).capabilitiesOfImage)).toEqual([images.preflight, fallback.image]);
  });

  it('are none when no pool gets an agent', () => {
    const { daemonSets, hostPaths, capabilitiesOfImage } = workloads(pool('ancient', { kernel: '4.19' }));
    expect(daemonSets).toEqual([]);
    expect(hostPaths).toEqual(['/sys/kernel/tracing']);
    expect(capabilitiesOfImage).toEqual({ [images.preflight]: [] });
  });

  it('mount the trace files, and the sockets of fallbacks', () => {
    expect(workloads(pool('a')).hostPaths).toEqual(['/sys/kernel/tracing']);
    const containerRuntimeSocket = '/run/crio/crio.sock';
    expect(workloads(pool('a', { kernel: '5.4', fallback }), pool('b', { kernel: '5.4', fallback: { ...fallback, containerRuntimeSocket } })).hostPaths)
      .toEqual(['/run/containerd/containerd.sock', '/run/crio/crio.sock', '/sys/kernel/tracing']);
  });

  it('are exactly what is emitted', () => {
    fc.assert(fc.property(validSpec, value => {
      const spec = resolve(value);
      const daemonSets = renderManifests(spec).filter(({ kind }) => kind === 'DaemonSet') as DaemonSet[];
      const workloadOf = agentWorkloads(spec);
      expect(Object.keys(workloadOf)).toEqual([...new Set(['parca-agent', ...daemonSets.map(daemonSet => daemonSet.spec!.template.spec!.serviceAccountName!)])].sort());
      for (const [account, { daemonSets: names, capabilitiesOfImage, hostPaths, hasHostPid }] of Object.entries(workloadOf)) {
        const own = daemonSets.filter(daemonSet => daemonSet.spec!.template.spec!.serviceAccountName === account);
        const pods = own.map(daemonSet => daemonSet.spec!.template.spec!);
        const isAgent = account === 'parca-agent';
        const added = new Map<string, Set<string>>(isAgent ? [[spec.images.preflight, new Set()]] : []);
        pods.flatMap(pod => [...pod.containers, ...pod.initContainers ?? []]).forEach(({ image, securityContext }) => {
          added.set(image!, new Set([...added.get(image!) ?? [], ...securityContext!.capabilities!.add ?? []]));
        });
        expect(names).toEqual(own.map(({ metadata }) => metadata!.name).sort());
        expect(capabilitiesOfImage).toEqual(Object.fromEntries([...added].map(([image, capabilities]) => [image, [...capabilities].sort()])));
        const mounted = pods.flatMap(pod => pod.volumes!.flatMap(({ hostPath }) => hostPath?.path ?? []));
        expect(hostPaths).toEqual([...new Set([...(isAgent ? ['/sys/kernel/tracing'] : []), ...mounted])].sort());
        pods.forEach(pod => expect(pod.hostPID ?? false).toBe(hasHostPid));
      }
    }), { numRuns: 60 });
  }, 30_000);
});
