import fc from 'fast-check';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { evaluator, refusals } from './evaluator';
import { policyOf } from './policies';
import { emittedExemption } from '../../src/admission/emitted-exemption';
import type { Complete } from '../../src/kube/manifest';
import { renderManifests, renderParts } from '../../src/render';
import { resolve } from '../../src/resolve';
import { agents, inNamespaces, pyroscope } from '../config/errors';
import { validSpec } from '../config/valid-spec';
import { admissionRequest } from '../e2e/suites/admission-cases/requests';
import type { AnyObject } from '../e2e/suites/admission-cases/rows';
import { create, GOOD, pod } from '../e2e/suites/admission-cases/rows';
import { runs } from '../property-runs';
import { render, resolved } from '../support';

type Sections = Parameters<typeof resolved>[0];

const OTHERS = { namespaces: { create: false } };
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2999-03-31' };

const daemonSetsOf = (sections: Sections, namespace = 'profiling-agents') => render(sections)
  .filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.namespace === namespace) as Array<Complete<DaemonSet>>;
const exemptionOf = (sections: Sections, namespace?: string) => emittedExemption(daemonSetsOf(sections, namespace), namespace ?? 'profiling-agents');

const AGENT = ['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'PERFMON', 'SYSLOG', 'SYS_PTRACE', 'SYS_RESOURCE'];

describe('The exemption of the profilers', () => {
  it('is what their pods have, and nothing else', () => {
    expect(exemptionOf({})).toEqual([{
      namespace: 'profiling-agents',
      serviceAccounts: ['parca-agent'],
      privileges: [...AGENT, 'appArmorUnconfined', 'hostPID', 'seLinuxOptions'],
      hostPaths: [{ path: '/sys/kernel/tracing', writable: false }],
      reason: 'the profilers of this deployment',
    }]);
  });

  it('has no AppArmor where a profile of the nodes confines them', () => {
    expect(exemptionOf(agents({ nodePools: [{ name: 'a', appArmorProfile: 'parca-agent' }] }))[0].privileges).not.toContain('appArmorUnconfined');
  });

  it('knows AppArmor by annotation as well, as API servers before 1.30 are told', () => {
    const old = { cluster: { name: 'dev', kubernetesVersion: '1.29' } };
    expect(exemptionOf(old)[0].privileges).toEqual(exemptionOf({})[0].privileges);
    expect(exemptionOf({ ...old, ...agents({ nodePools: [{ name: 'a', appArmorProfile: 'parca-agent' }] }) })[0].privileges).not.toContain('appArmorUnconfined');
  });

  it('has SYS_ADMIN and the runtime\'s socket with a fallback alone', () => {
    const nodePools = [{ name: 'a' }, { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, fallback }];
    const [{ privileges, hostPaths }] = exemptionOf(agents({ nodePools }));
    expect(privileges).toContain('SYS_ADMIN');
    expect(hostPaths).toEqual([{ path: '/run/containerd/containerd.sock', writable: false }, { path: '/sys/kernel/tracing', writable: false }]);
    expect(exemptionOf({})[0].privileges).not.toContain('SYS_ADMIN');
  });

  it('names every account, and what is written on the nodes', () => {
    const [{ serviceAccounts, hostPaths }] = exemptionOf({ ...pyroscope(), nodes: { perfEventParanoid: {}, ebpfInventory: {} } });
    expect(serviceAccounts).toEqual(['alloy', 'ebpf-inventory', 'node-settings', 'parca-agent']);
    expect(hostPaths!.filter(({ writable }) => writable).map(({ path }) => path)).toEqual(['/proc/sys/kernel/perf_event_paranoid', '/var/lib/hardened-profiling/ebpf-inventory']);
  });

  it('has no capability that every pod may have', () => {
    const daemonSet = { spec: { template: { spec: { containers: [{ name: 'a', securityContext: { capabilities: { add: ['CHOWN', 'BPF'] } } }] } } } } as unknown as Complete<DaemonSet>;
    expect(emittedExemption([daemonSet], 'a')).toMatchObject([{ serviceAccounts: ['default'], privileges: ['BPF'], hostPaths: [] }]);
  });

  it('is none where nothing runs on the nodes', () => {
    expect(emittedExemption([], 'profiling-agents')).toEqual([]);
  });
});

describe('Policies in namespaces of others', () => {
  const admission = { action: 'enforce', platformGroups: ['platform'] };
  const told = (object: AnyObject, sections: Sections = {}) => refusals({ ...OTHERS, admission, ...sections }, create('', object));

  it('look at the agents\' namespace as at any other', () => {
    expect(policyOf('restrict-privileges', OTHERS).namespaces).toEqual({ allBut: ['kube-node-lease', 'kube-public', 'kube-system'] });
  });

  it('are those alone that judge no pod of others by what ours are', () => {
    const { admission: part } = renderParts(resolved({ ...OTHERS, admission: { ...admission, podSecurity: {} } }));
    expect(Object.values(part).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(({ metadata }) => metadata.name)).toEqual([
      'profiling-agents-restrict-privileges', 'profiling-agents-protect-opt-in-label', 'profiling-agents-require-pod-security',
    ]);
  });

  it('admit the profilers by their accounts, and others in their namespace with nothing', () => {
    daemonSetsOf(OTHERS).forEach(daemonSet => expect(told(daemonSet as AnyObject)).toEqual([]));
    expect(told(pod('profiling-agents'))).toEqual([]);
    expect(told(pod('profiling-agents', { hostPID: true, containers: [GOOD] }))).toEqual([expect.stringContaining('restrict-privileges: this reaches the node')]);
    expect(told(pod('profiling-agents', { hostPID: true, serviceAccountName: 'parca-agent', containers: [GOOD] }))).toEqual([]);
    expect(told(pod('profiling-agents', { hostNetwork: true, serviceAccountName: 'parca-agent', containers: [GOOD] }))).toHaveLength(1);
  });

  it('admit others there by the exemptions of the document', () => {
    const exemptions = [{ namespace: 'profiling-agents', serviceAccounts: ['node-exporter'], privileges: ['hostPID'], reason: 'node exporter reads the process table' }];
    const exporter = pod('profiling-agents', { hostPID: true, serviceAccountName: 'node-exporter', containers: [GOOD] });
    expect(told(exporter)).toHaveLength(1);
    expect(told(exporter, { admission: { ...admission, exemptions } })).toEqual([]);
    daemonSetsOf(OTHERS).forEach(daemonSet => expect(told(daemonSet as AnyObject, { admission: { ...admission, exemptions } })).toEqual([]));
  });

  it('give those accounts nothing elsewhere', () => {
    expect(told(pod('shop', { hostPID: true, serviceAccountName: 'parca-agent', containers: [GOOD] }))).toHaveLength(1);
    expect(told(pod('profiling-agents', { hostPID: true, serviceAccountName: 'parca-agent', containers: [GOOD] }), inNamespaces('obs', 'obs-agents'))).toHaveLength(1);
  });

  it('admit whatever is emitted, whatever the specification', () => {
    fc.assert(fc.property(validSpec, value => {
      const { namespaces, admission: policies } = resolved({ ...OTHERS, admission });
      const own = { ...resolve(value), namespaces, admission: policies };
      const daemonSets = renderManifests(own).filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.namespace === own.agents.namespace) as AnyObject[];
      const refused = evaluator(Object.values(renderParts(own).admission).filter(({ metadata }) => metadata.name.endsWith('-restrict-privileges')));
      expect(daemonSets.flatMap(one => refused(admissionRequest(create('', one), []).request))).toEqual([]);
    }), runs(40));
  });
});
