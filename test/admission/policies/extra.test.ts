import { createdBefore } from '../../../src/admission/cel';
import { extra } from '../../../src/admission/policies/extra';
import { MORE_THAN_FINALIZERS } from '../../../src/admission/workloads';
import type { ExtraPolicySpec } from '../../../src/api/admission';
import { EXTRA_POLICY } from '../../config/errors';
import { SYSTEM_NAMESPACES } from '../policies';

const policy = (keys: Partial<ExtraPolicySpec> = {}) => extra({ ...EXTRA_POLICY, resources: [...EXTRA_POLICY.resources], ...keys });

describe('A policy of the user', () => {
  it('is judged everywhere but in the namespaces of Kubernetes', () => {
    expect(policy().namespaces).toEqual({ allBut: SYSTEM_NAMESPACES });
  });

  it('is judged in the namespaces it names', () => {
    expect(policy({ namespaces: ['shop', 'cart'] }).namespaces).toEqual({ only: ['cart', 'shop'] });
  });

  it('is about what is created and changed, of the core group unless another is named', () => {
    expect(policy({ resources: ['pods', 'configmaps'] }).rules)
      .toEqual([{ apiGroup: '', apiVersion: 'v1', resources: ['configmaps', 'pods'], operations: ['CREATE', 'UPDATE'] }]);
    expect(policy({ apiGroup: 'apps', apiVersion: 'v1beta1' }).rules[0]).toMatchObject({ apiGroup: 'apps', apiVersion: 'v1beta1' });
  });

  it('does not stop a deletion, and does not end by itself', () => {
    expect(policy().conditions).toEqual([MORE_THAN_FINALIZERS]);
    expect(policy().annotations).toEqual({});
  });

  it('ends on the day it names, and says so', () => {
    const { conditions, annotations } = policy({ expires: '2999-03-31' });
    expect(conditions.map(({ name }) => name)).toEqual(['more-than-finalizers', 'not-expired']);
    expect(conditions[1].expression).toBe(createdBefore('2999-03-31'));
    expect(annotations).toEqual({ expires: '2999-03-31' });
  });

  it('has the expression as it is, and the message as a text', () => {
    const expression = 'object.spec.containers.all(c,\n  c.image != "a\\"b")';
    expect(policy({ expression, message: 'do not use "a\\b" + request' }).validations)
      .toEqual([{ expression, messageExpression: '"do not use \\"a\\\\b\\" + request"' }]);
  });

  it('says why it is there', () => {
    expect(policy()).toMatchObject({ name: EXTRA_POLICY.name, description: EXTRA_POLICY.reason });
  });

  it.each([
    ['asks', 'request.userInfo.username != "a"', true],
    ['asks', 'has(request.userInfo.groups)', true],
    ['does not ask', 'object.spec.replicas <= 5', false],
  ])('%s who does something: %s', (_, expression, usesUserInfo) => {
    expect(policy({ expression }).usesUserInfo).toBe(usesUserInfo);
  });

  it('does not ask who does something because its message says request', () => {
    expect(policy({ message: 'open a pull request instead', reason: 'on request of security' }).usesUserInfo).toBe(false);
  });
});
