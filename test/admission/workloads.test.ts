import { evaluate } from './evaluator';
import { CONTAINERS, MORE_THAN_FINALIZERS, POD_METADATA, POD_SPEC, TEMPLATE_IS_NEW, WORKLOADS } from '../../src/admission/workloads';
import type { AnyObject } from '../e2e/suites/admission-cases/rows';
import { controller, KINDS, pod, withMetadata } from '../e2e/suites/admission-cases/rows';

const UPDATE = { operation: 'UPDATE' };
const LABELS = { tier: 'web' };

/** One of each kind, with this in the spec of its pod. */
const objects = (spec: object = {}): Array<[string, AnyObject]> =>
  [['Pod', pod('shop', spec, { labels: LABELS })], ...KINDS.map((kind): [string, AnyObject] => [kind, controller(kind, 'shop', spec, { labels: LABELS })])];

describe('Workloads', () => {
  it('are pods, their debug containers, and every built-in kind that makes pods', () => {
    const resources = WORKLOADS.flatMap(rule => rule.resources.map(resource => [rule.apiGroup, rule.apiVersion, resource].join('/')));
    expect(resources.sort()).toEqual([
      '/v1/pods', '/v1/pods/ephemeralcontainers', '/v1/replicationcontrollers',
      'apps/v1/daemonsets', 'apps/v1/deployments', 'apps/v1/replicasets', 'apps/v1/statefulsets',
      'batch/v1/cronjobs', 'batch/v1/jobs',
    ]);
  });

  it('are judged when they are created and when they are changed', () => {
    WORKLOADS.forEach(({ operations }) => expect(operations).toEqual(['CREATE', 'UPDATE']));
  });

  it.each(objects())('are judged when their pods differ from those before: %s', (_, oldObject) => {
    const isJudged = (object: AnyObject, request = UPDATE) => evaluate(TEMPLATE_IS_NEW.expression, { request, object, oldObject });
    expect(isJudged(oldObject, { operation: 'CREATE' })).toBe(true);
    expect(isJudged(withMetadata({ labels: { note: 'x' }, finalizers: [] })(oldObject))).toBe(false);
    const changed = JSON.parse(JSON.stringify(oldObject).replace('"name":"app"', '"name":"other"')) as AnyObject;
    expect(changed).not.toEqual(oldObject);
    expect(isJudged(changed)).toBe(true);
  });

  it.each(objects({ hostname: 'found' }))('have a pod, and its labels: %s', (_, object) => {
    expect(evaluate(POD_SPEC.expression, { object })).toMatchObject({ hostname: 'found' });
    expect(evaluate(POD_METADATA.expression, { object })).toMatchObject({ labels: LABELS });
  });

  it.each(KINDS)('have labels of their own where the template has no metadata: %s', kind => {
    const text = JSON.stringify(controller(kind, 'shop', {}, {}, { labels: { own: 'x' } }));
    const object = JSON.parse(text.replace(/"template":\{"metadata":\{"labels":\{[^}]*\}\},/, '"template":{')) as AnyObject;
    expect(JSON.stringify(object)).not.toBe(text);
    expect(evaluate(POD_METADATA.expression, { object })).toMatchObject({ labels: { own: 'x' } });
  });

  it('have containers of three kinds, two of which may be missing', () => {
    const names = (podSpec: object) =>
      (evaluate(CONTAINERS.expression, { variables: { podSpec } }) as Array<{ name: string }>).map(({ name }) => name);
    const [one, two, three] = ['one', 'two', 'three'].map(name => [{ name }]);
    expect(names({ containers: one })).toEqual(['one']);
    expect(names({ containers: one, initContainers: two, ephemeralContainers: three })).toEqual(['one', 'two', 'three']);
  });
});

describe('An update of what is being deleted', () => {
  const deletionTimestamp = '2026-11-27T00:00:00Z';
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers: ['b'], deletionTimestamp, generation: 1 }, data: { k: 'v' } };
  const isJudged = (changed: object, request = UPDATE) => evaluate(MORE_THAN_FINALIZERS.expression, { request, object: changed, oldObject: object });
  const metadata = (keys: object) => ({ ...object, metadata: { ...object.metadata, ...keys } });

  it('is not judged where it only removes finalizers', () => {
    expect(isJudged(metadata({ finalizers: [], generation: 2, resourceVersion: '2', managedFields: [] }))).toBe(false);
  });

  it.each<[string, object]>([
    ['changes a field', { ...object, data: { k: 'w' } }],
    ['adds a field', { ...object, binaryData: {} }],
    ['removes a field', { ...object, data: undefined }],
    ['adds a label', metadata({ labels: { a: 'b' } })],
    ['removes metadata', metadata({ name: undefined })],
  ])('is judged where it %s', (_, changed) => {
    expect(isJudged(changed)).toBe(true);
  });

  it('is judged like any other where it is not being deleted, or is new', () => {
    expect(isJudged(metadata({ deletionTimestamp: undefined }))).toBe(true);
    expect(isJudged(object, { operation: 'CREATE' })).toBe(true);
  });
});
