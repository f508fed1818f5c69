import { CONTAINERS, MORE_THAN_FINALIZERS, POD_SPEC, TEMPLATE_IS_NEW, WORKLOADS } from '../../src/admission/workloads';

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

  it('are judged when their pods differ from those before, wherever the kind has them', () => {
    expect(TEMPLATE_IS_NEW.expression).toMatch(/^request\.operation != "UPDATE" \|\| /);
    ['spec', 'spec.jobTemplate', 'spec.template'].forEach(path => expect(TEMPLATE_IS_NEW.expression).toContain(`object.${path} != oldObject.${path} `.trimEnd()));
  });

  it('are judged while they are being deleted, unless they only lose finalizers', () => {
    expect(TEMPLATE_IS_NEW.expression).not.toContain('deletionTimestamp');
    expect(MORE_THAN_FINALIZERS.expression).toMatch(/^request\.operation != "UPDATE" \|\| !has\(object\.metadata\.deletionTimestamp\) \|\| /);
    expect(MORE_THAN_FINALIZERS.expression.match(/"finalizers", "generation", "managedFields", "resourceVersion"/g)).toHaveLength(2);
  });

  it('have their pods under three paths', () => {
    expect(POD_SPEC.expression.split(/[?:] /).map(text => text.trim()).filter(text => !text.includes('=='))).toEqual([
      'object.spec', 'object.spec.jobTemplate.spec.template.spec', 'object.spec.template.spec',
    ]);
  });

  it('have containers of three kinds, two of which may be missing', () => {
    expect(CONTAINERS.expression).toBe(['variables.podSpec.containers', ...['initContainers', 'ephemeralContainers']
      .map(kind => `(has(variables.podSpec.${kind}) ? variables.podSpec.${kind} : [])`)].join(' + '));
  });
});
