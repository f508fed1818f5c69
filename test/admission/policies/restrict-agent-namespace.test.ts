import fc from 'fast-check';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { emittedPods } from '../../../src/admission/policies/restrict-agent-namespace/emitted-pods';
import type { Complete } from '../../../src/kube/manifest';
import { renderManifests } from '../../../src/render';
import { resolve } from '../../../src/resolve';
import { validSpec } from '../../config/arbitraries';
import { nodePools, parca } from '../../config/errors';
import { runs } from '../../property-runs';
import { find, render, resolved } from '../../support';
import { readCel, valueAfter } from '../cel-text';
import type { Sections } from '../policies';
import { policiesOf, policyOf, textsOf, validationOf, variableOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('restrict-agent-namespace', sections);
const owners = (sections: Sections = {}) => valueAfter(validationOf(policy(sections), 'Deploy this elsewhere').expression, 'variables.owner in ');
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2999-03-31' };
const POOLS = nodePools(
  { name: 'web' }, { name: 'gpu', memlock: 'unlimited', nodeSelector: { pool: 'gpu' } },
  { name: 'legacy', kernel: '5.4', nodeSelector: { pool: 'legacy' }, fallback }, { name: 'ancient', kernel: '4.19', nodeSelector: { pool: 'x' } },
);

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
    expect(policy(parca({ agentNamespace: 'eyes' })).namespaces).toEqual({ only: ['eyes'] });
  });

  it('admits the DaemonSets that are emitted for it, and pods that one of them controls', () => {
    expect(owners(POOLS)).toEqual(['parca-agent-gpu', 'parca-agent-legacy', 'parca-agent-web']);
    expect(owners({ nodes: { perfEventParanoid: {}, ebpfInventory: {} } })).toEqual(['ebpf-inventory', 'node-settings', 'parca-agent-default']);
    expect(validationOf(policy(), 'Deploy this elsewhere').expression).toMatch(/^object\.kind in \["DaemonSet", "Pod"\] && /);
    expect(variableOf(policy(), 'owner')).toContain('o.kind == "DaemonSet" && has(o.controller) && o.controller');
  });

  it('admits nothing when no pool gets an agent', () => {
    const nothing = policy(nodePools({ name: 'ancient', kernel: '4.19' }));
    expect(nothing.validations).toHaveLength(1);
    expect(valueAfter(nothing.validations[0].expression, 'variables.owner in ')).toEqual([]);
    expect(readCel(nothing.validations[0].messageExpression).literals[0]).toContain('the DaemonSets (none) and their pods');
  });

  it('says in what an object differs, and what to do', () => {
    const { expression, messageExpression } = validationOf(policy(), 'as the profiling document gives them');
    expect(expression).toBe('size(variables.differences) == 0');
    expect(messageExpression).toContain(' + variables.owner + " differs in: " + variables.differences.join("; ") + ');
    expect(readCel(messageExpression).literals.at(-1)).toBe('. Change the document, and apply its policies and its DaemonSets together.');
  });

  it('lets pods differ in what its controller and the API server fill in, and DaemonSets in nothing', () => {
    const text = variableOf(policy(), 'inPod');
    expect(valueAfter(text.split(')) && !(')[0], 'object.kind == "Pod" && k in '))
      .toEqual(['affinity', 'imagePullSecrets', 'nodeName', 'preemptionPolicy', 'priority', 'tolerations']);
  });

  it('judges objects by what they are, also while they are being deleted', () => {
    expect(policy().usesUserInfo).toBe(false);
    expect(policy().conditions.map(({ name }) => name)).toEqual(['template-is-new']);
    textsOf(policy()).forEach(text => expect(text).not.toContain('request.userInfo'));
  });

  it('knows everything that is emitted for it, whatever the specification', () => {
    fc.assert(fc.property(validSpec, value => {
      const spec = resolve(value);
      const emitted = renderManifests(spec).filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.namespace === spec.agents.namespace);
      const known = policiesOf({ ...spec, admission: resolved({ admission: {} }).admission }).find(({ name }) => name === 'restrict-agent-namespace')!;
      expect(valueAfter(known.validations[0].expression, 'variables.owner in ')).toEqual(expect.arrayContaining(emitted.map(({ metadata }) => metadata.name)));
    }), runs(40));
  });
});

describe('The emitted pods', () => {
  it('are compared in every field that somebody adds, with what the API server makes of it', () => {
    const pods = emittedPods([daemonSet('a', { newField: { x: 1 } }, { otherField: 'y' })]);
    expect(pods.podFields).toContain('"newField": dyn([[{"x": 1}]])');
    expect(pods.podFields).toContain('"dnsPolicy": dyn([dyn([]), dyn(["ClusterFirst"])])');
    expect(pods.containerFields).toContain('"otherField": dyn([["y"]])');
    expect(pods.containerFields).toContain('"image": dyn([["i:1"]])');
  });

  it('are free in resources, and pulled always or when they are missing', () => {
    const { containerFields } = emittedPods([daemonSet('a', {}, { resources: { limits: { memory: '1Gi' } } })]);
    expect(containerFields).not.toContain('1Gi');
    expect(containerFields).toContain('"imagePullPolicy": dyn([["IfNotPresent"], ["Always"]])');
  });

  it('are told apart by their DaemonSet where they differ, and written once where they do not', () => {
    const { podFields, containerFields } = emittedPods([daemonSet('a', { hostPID: true }), daemonSet('b'), daemonSet('c', { hostPID: true })]);
    expect(podFields).toContain('"hostPID": dyn([dyn([[true]]), dyn([[]])][{"a": 0, "b": 1, "c": 0}[variables.daemonSet]])');
    expect(containerFields.match(/"i:1"/g)).toHaveLength(1);
  });

  it('have their containers in their order', () => {
    const { containerNames, initContainerNames } = emittedPods([daemonSet('a', { initContainers: [{ name: 'y' }, { name: 'x' }] })]);
    expect([containerNames, initContainerNames]).toEqual(['["c"]', '["y", "x"]']);
  });

  it('have annotations that may say anything, and others', () => {
    const one = daemonSet('a');
    const template = { ...one.spec!.template, metadata: { annotations: { 'hardened-profiling/config': 'x', 'checksum/config': 'y', 'example.com/z': 'z' } } };
    expect(emittedPods([{ ...one, spec: { ...one.spec!, template } }]).annotations).toBe('{"example.com/z": dyn([["z"]])}');
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
    const creation = policyOf('restrict-agent-pod-creation', parca({ agentNamespace: 'eyes' }));
    expect(creation.namespaces).toEqual({ only: ['eyes'] });
    expect(creation.rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: ['pods'], operations: ['CREATE'] }]);
    expect(creation.usesUserInfo).toBe(true);
    expect(creation.validations.map(({ expression }) => expression))
      .toEqual(['request.userInfo.username in ["system:kube-controller-manager", "system:serviceaccount:kube-system:daemon-set-controller"]']);
  });
});
