import fc from 'fast-check';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { emittedPods } from '../../../src/admission/policies/restrict-agent-namespace/emitted-pods';
import type { Complete } from '../../../src/kube/manifest';
import { renderManifests, renderParts } from '../../../src/render';
import { resolve } from '../../../src/resolve';
import { agents, nodePools } from '../../config/errors';
import { validSpec } from '../../config/valid-spec';
import { admissionRequest } from '../../e2e/suites/admission-cases/requests';
import type { AdmissionCase, AnyObject } from '../../e2e/suites/admission-cases/rows';
import { controller, create } from '../../e2e/suites/admission-cases/rows';
import { runs } from '../../property-runs';
import { find, render, resolved } from '../../support';
import { evaluate, evaluator, refusals } from '../evaluator';
import type { Sections } from '../policies';
import { policyOf, textsOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('restrict-agent-namespace', sections);
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2999-03-31' };
const POOLS = nodePools(
  { name: 'web' }, { name: 'gpu', memlock: 'unlimited', nodeSelector: { pool: 'gpu' } },
  { name: 'legacy', kernel: '5.4', nodeSelector: { pool: 'legacy' }, fallback }, { name: 'ancient', kernel: '4.19', nodeSelector: { pool: 'x' } },
);

const NODES = { nodes: { perfEventParanoid: {}, ebpfInventory: {} } };

/** The DaemonSets that are emitted for the agents' namespace. */
const emitted = (sections: Sections = {}) => render(sections).filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.namespace === 'profiling-agents') as AnyObject[];
const told = (one: AdmissionCase, sections: Sections = {}) => refusals({ admission: {}, ...sections }, one);

/** The pod of a DaemonSet, as its controller makes it. */
function podOf({ metadata: { name }, spec }: AnyObject, owner: object = {}): AdmissionCase {
  const { template } = spec as { template: { metadata: object; spec: object } };
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid: '1', controller: true, ...owner }];
  const object = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: `${name}-x`, namespace: 'profiling-agents', ownerReferences } };
  return create('', object as AnyObject, undefined, { name: 'system:serviceaccount:kube-system:daemon-set-controller', groups: [] });
}

/** A DaemonSet with this in its pod and its only container. */
function daemonSet(name: string, pod: object = {}, container: object = {}): Complete<DaemonSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'profiling-agents' },
    spec: { selector: {}, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i:1', ...container }], ...pod } } },
  };
}

describe('The namespace of the agents', () => {
  it('is the only one that is looked at', () => {
    expect(policy(agents({ namespace: 'eyes' })).namespaces).toEqual({ only: ['eyes'] });
  });

  it.each<[string, Sections, string[]]>([
    ['node pools', POOLS, ['parca-agent-gpu', 'parca-agent-legacy', 'parca-agent-web']],
    ['workloads on the nodes', NODES, ['ebpf-inventory', 'node-settings', 'parca-agent-default']],
  ])('admits the DaemonSets that are emitted for it, and pods that one of them controls: %s', (_, sections, names) => {
    const daemonSets = emitted(sections);
    expect(daemonSets.map(({ metadata: { name } }) => name).sort()).toEqual(names);
    daemonSets.forEach(one => {
      expect([...told(create('', one), sections), ...told(podOf(one), sections)]).toEqual([]);
      [{ controller: false }, { controller: undefined }, { kind: 'ReplicaSet' }, { name: 'other' }].forEach(owner => {
        expect(told(podOf(one, owner), sections)).toEqual([expect.stringContaining('Deploy this elsewhere.')]);
      });
    });
  });

  it('admits nothing when no pool gets an agent', () => {
    const nothing = nodePools({ name: 'ancient', kernel: '4.19' });
    [emitted()[0], controller('Deployment', 'profiling-agents')].forEach(object => {
      expect(told(create('', object), nothing)).toEqual([expect.stringContaining('the DaemonSets (none) and their pods')]);
    });
  });

  it('says in what an object differs, and what to do', () => {
    const [agent] = structuredClone(emitted());
    Object.assign((agent.spec as { template: { spec: object } }).template.spec, { hostNetwork: true, hostIPC: true });
    expect(told(create('', agent))).toEqual([expect.stringMatching(
      /parca-agent-default differs in: host(IPC|Network); host(IPC|Network)\. Change the document, and apply its policies and its DaemonSets together\.$/)]);
  });

  it('lets pods differ in what its controller and the API server fill in, and DaemonSets in nothing', () => {
    const filledIn = {
      affinity: {}, imagePullSecrets: [{ name: 'x' }], nodeName: 'x', preemptionPolicy: 'Never', priority: 1, tolerations: [{ key: 'x', operator: 'Exists' }],
    };
    Object.entries(filledIn).forEach(([key, value]) => {
      const [agent] = structuredClone(emitted());
      Object.assign((agent.spec as { template: { spec: object } }).template.spec, { [key]: value });
      expect(told(podOf(agent))).toEqual([]);
      expect(told(create('', agent))).toEqual([expect.stringContaining(`differs in: ${key}`)]);
    });
  });

  it('judges objects by what they are, also while they are being deleted', () => {
    expect(policy().usesUserInfo).toBe(false);
    expect(policy().conditions.map(({ name }) => name)).toEqual(['template-is-new']);
    textsOf(policy()).forEach(text => expect(text).not.toContain('request.userInfo'));
  });

  it('admits everything that is emitted for it, whatever the specification', () => {
    fc.assert(fc.property(validSpec, value => {
      const spec = resolve(value);
      const admission = resolved({ admission: {} }).admission!;
      const daemonSets = renderManifests(spec).filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.namespace === spec.agents.namespace) as AnyObject[];
      const policies = Object.values(renderParts({ ...spec, admission }).admission).filter(({ metadata }) => metadata.name.endsWith('-restrict-agent-namespace'));
      const refused = evaluator(policies);
      expect(daemonSets.flatMap(one => refused(admissionRequest(create('', one), []).request))).toEqual([]);
    }), runs(12));
  });
});

describe('The emitted pods', () => {
  /** What the fields of the pods of these DaemonSets may be, for one of them. */
  const fieldsOf = (daemonSets: Array<Complete<DaemonSet>>, name: string) => {
    const value = (expression: string) => evaluate(expression, { variables: { daemonSet: name } });
    const { podFields, containerFields, containerNames, initContainerNames, annotations } = emittedPods(daemonSets);
    return {
      pod: value(podFields) as object,
      container: (value(containerFields) as { c: object }).c,
      names: [containerNames, initContainerNames].map(value),
      annotations: value(annotations),
    };
  };

  it('are compared in every field that somebody adds, with what the API server makes of it', () => {
    const { pod, container } = fieldsOf([daemonSet('a', { newField: { x: 1 } }, { otherField: 'y' })], 'a');
    expect(pod).toMatchObject({ newField: [[{ x: 1 }]], dnsPolicy: [[], ['ClusterFirst']] });
    expect(container).toMatchObject({ otherField: [['y']], image: [['i:1']] });
  });

  it('are free in resources, and pulled always or when they are missing', () => {
    const { container } = fieldsOf([daemonSet('a', {}, { resources: { limits: { memory: '1Gi' } } })], 'a');
    expect(container).not.toHaveProperty('resources');
    expect(container).toMatchObject({ imagePullPolicy: [['IfNotPresent'], ['Always']] });
  });

  it('are told apart by their DaemonSet where they differ, and written once where they do not', () => {
    const three = [daemonSet('a', { hostPID: true }), daemonSet('b'), daemonSet('c', { hostPID: true })];
    expect(['a', 'b', 'c'].map(name => (fieldsOf(three, name).pod as { hostPID: unknown }).hostPID)).toEqual([[[true]], [[]], [[true]]]);
    expect(emittedPods(three).containerFields.match(/"i:1"/g)).toHaveLength(1);
  });

  it('have their containers in their order', () => {
    expect(fieldsOf([daemonSet('a', { initContainers: [{ name: 'y' }, { name: 'x' }] })], 'a').names).toEqual([['c'], ['y', 'x']]);
  });

  it('have annotations that may say anything, and others', () => {
    const one = daemonSet('a');
    const template = { ...one.spec!.template, metadata: { annotations: { 'hardened-profiling/config': 'x', 'checksum/config': 'y', 'example.com/z': 'z' } } };
    expect(fieldsOf([{ ...one, spec: { ...one.spec!, template } }], 'a').annotations).toEqual({ 'example.com/z': [['z']] });
  });

  it('stay below what one expression may have, with fifty pools that have little in common', () => {
    const pools = Array.from({ length: 50 }, (_, i) => ({
      name: `pool-${i}`, nodeSelector: { pool: `pool-${i}` }, appArmorProfile: `profile-${i}`, tolerations: [{ key: `taint-${i}`, value: `${i}`, effect: 'NoSchedule' }],
    }));
    const large = policy(nodePools(...pools));
    // The parser of the API server takes 100,000 characters; an object in etcd 1.5 MB.
    textsOf(large).forEach(text => expect(text.length).toBeLessThan(100_000));
    expect(JSON.stringify(large).length).toBeLessThan(500_000);
  });

  it('mount their token themselves, so that the API server adds none', () => {
    const manifests = render({ ...POOLS, nodes: { perfEventParanoid: {}, ebpfInventory: {} } });
    manifests.filter(({ kind }) => kind === 'DaemonSet').forEach(({ metadata }) => {
      expect(find<DaemonSet>(manifests, 'DaemonSet', metadata.name).spec!.template.spec!.automountServiceAccountToken).toBe(false);
    });
  });
});

describe('Creators of pods there', () => {
  it('are the controllers of DaemonSets alone', () => {
    const creation = policyOf('restrict-agent-pod-creation', agents({ namespace: 'eyes' }));
    expect(creation.namespaces).toEqual({ only: ['eyes'] });
    expect(creation.rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: ['pods'], operations: ['CREATE'] }]);
    expect(creation.usesUserInfo).toBe(true);
    const [agent] = emitted();
    const by = (name: string) => told({ ...podOf(agent), user: { name, groups: ['system:masters'] } });
    ['system:kube-controller-manager', 'system:serviceaccount:kube-system:daemon-set-controller'].forEach(name => expect(by(name)).toEqual([]));
    ['root', 'system:serviceaccount:kube-system:replicaset-controller', 'system:serviceaccount:shop:daemon-set-controller'].forEach(name => {
      expect(by(name)).toEqual([`restrict-agent-pod-creation: ${name} may not create pods in namespace profiling-agents: those of the profiling agents come from their DaemonSets.`]);
    });
  });
});
