import { pyroscope } from '../pyroscope/tenants';
import { find, render } from '../support';

describe('Namespaces', () => {
  it('enforce restricted for the server and privileged for the agents, at the version of the oldest API server', () => {
    const manifests = render({ cluster: { name: 'dev', kubernetesVersion: '1.31' } });
    const levels = (name: string): Array<string | undefined> => {
      const { labels } = find(manifests, 'Namespace', name).metadata;
      return ['enforce', 'audit', 'warn'].flatMap(mode => [
        labels?.[`pod-security.kubernetes.io/${mode}`], labels?.[`pod-security.kubernetes.io/${mode}-version`],
      ]);
    };
    expect(levels('profiling')).toEqual(['restricted', 'v1.31', 'restricted', 'v1.31', 'restricted', 'v1.31']);
    expect(levels('profiling-agents')).toEqual(['privileged', 'v1.31', 'privileged', 'v1.31', 'privileged', 'v1.31']);
  });

  it('come first, so that the rest can be applied after them', () => {
    expect(render().map(({ kind }) => kind).slice(0, 2)).toEqual(['Namespace', 'Namespace']);
  });

  it('have one more for Pyroscope, which is restricted like that of the server', () => {
    const manifests = render(pyroscope({ namespace: 'prof-db' }));
    const { labels } = find(manifests, 'Namespace', 'prof-db').metadata;
    expect(labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/audit': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted',
    });
    expect(manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['profiling', 'profiling-agents', 'prof-db']);
  });
});
