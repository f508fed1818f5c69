import { labels, selectorLabels } from '../../src/kube/labels';

describe('Labels', () => {
  it('of selectors are the name alone, or name and instance', () => {
    expect(selectorLabels('parca')).toEqual({ 'app.kubernetes.io/name': 'parca' });
    expect(selectorLabels('parca-agent', 'gpu')).toEqual({ 'app.kubernetes.io/name': 'parca-agent', 'app.kubernetes.io/instance': 'gpu' });
  });

  it('of objects contain those of their selectors', () => {
    expect(labels('parca-agent', 'gpu')).toEqual({
      ...selectorLabels('parca-agent', 'gpu'),
      'app.kubernetes.io/managed-by': 'cdk8s-hardened-profiling',
      'app.kubernetes.io/part-of': 'hardened-profiling',
    });
  });
});
