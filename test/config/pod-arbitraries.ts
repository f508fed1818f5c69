import fc from 'fast-check';
import { NodeAffinityOperator, PullPolicy, TaintEffect, UnsatisfiableSpread } from '../../src/api/pod';

/** A record whose keys come and go, but for those that are required. */
export const record = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: Array<keyof T> = []) =>
  fc.record(shape, { requiredKeys: required, noNullPrototype: true });

/** None to three. */
export const few = <T>(item: fc.Arbitrary<T>, minLength = 0) => fc.array(item, { minLength, maxLength: 3 });

const labelKey = fc.oneof(
  fc.constantFrom('app', 'app.kubernetes.io/name', 'constructor', 'toString', 'on', 'y', '010'),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,14}[A-Za-z0-9])?$/),
);
const labelValue = fc.oneof(
  fc.constantFrom('', 'on', 'null', '1_000', '2027-03-31', '0x1F', '1e3'),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,14}[A-Za-z0-9])?$/),
);

/** Labels of a pod of others, with keys that mean something to Kubernetes, too. */
export const labels = fc.dictionary(labelKey, labelValue, { minKeys: 1, maxKeys: 3, noNullPrototype: true });

/** A label by which pods opt in. */
export const optInLabel = record({ key: labelKey, value: labelValue.filter(Boolean) }, ['key', 'value']);

const ownKey = fc.constantFrom('corp.example/cost-center', 'corp.example/owner', 'corp.example/on');
const annotationValue = fc.constantFrom('', 'on', '1:30', 'two words', 'line one\nline two', '日本語 😀', '{{ x }}', '$(HOME)');

/** Labels and annotations of a company. */
export const ownMetadata = {
  labels: fc.dictionary(ownKey, labelValue, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  annotations: fc.dictionary(ownKey, annotationValue, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
};

const effect = fc.constantFrom(...Object.values(TaintEffect));
const toleration = fc.oneof(
  record({ key: labelKey, value: labelValue, effect }, ['key']),
  record({ key: labelKey, operator: fc.constant('Exists'), effect }, ['operator']),
);

/** Keys of settings of pods on every node; resources differ. */
export const nodePodKeys = {
  tolerations: few(toleration),
  priorityClassName: fc.constant('corp-critical'),
  imagePullPolicy: fc.constantFrom(...Object.values(PullPolicy)),
  ...ownMetadata,
};

const nodeAffinity = fc.oneof(
  record({ key: labelKey, operator: fc.constantFrom(NodeAffinityOperator.IN, NodeAffinityOperator.NOT_IN), values: few(labelValue, 1) }, ['key', 'operator', 'values']),
  record({ key: labelKey, operator: fc.constantFrom(NodeAffinityOperator.EXISTS, NodeAffinityOperator.DOES_NOT_EXIST) }, ['key', 'operator']),
);
const topologySpread = record({
  topologyKey: fc.constantFrom('topology.kubernetes.io/zone', 'kubernetes.io/hostname'),
  maxSkew: fc.integer({ min: 1, max: 100 }),
  whenUnsatisfiable: fc.constantFrom(...Object.values(UnsatisfiableSpread)),
}, ['topologyKey']);

/** Keys of settings of a workload's pods. */
export const workloadPodKeys = {
  ...nodePodKeys,
  nodeSelector: fc.dictionary(labelKey, labelValue, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  nodeAffinity: few(nodeAffinity, 1),
  topologySpread: few(topologySpread, 1),
};

/** Resources, of which any may be left out where the workload's own are between these. */
export const resources = (least: { cpu: string; memory: string }, most: { cpu: string; memory: string }) => record({
  cpuRequest: fc.constant(least.cpu),
  cpuLimit: fc.constant(most.cpu),
  memoryRequest: fc.constant(least.memory),
  memoryLimit: fc.constant(most.memory),
});
