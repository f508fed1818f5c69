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

  it('have labels and annotations of a company beside ours', () => {
    const own = { labels: { team: 'sre' }, annotations: { note: 'a' } };
    const { labels, annotations } = find(render({ namespaces: own, metadata: { labels: { team: 'all', unit: 'x' } } }), 'Namespace', 'profiling-agents').metadata;
    expect(labels).toMatchObject({ 'team': 'sre', 'unit': 'x', 'app.kubernetes.io/name': 'profiling-agents', 'pod-security.kubernetes.io/enforce': 'privileged' });
    expect(annotations).toEqual({ 'note': 'a', 'hardened-profiling/cluster': 'dev' });
  });

  it('are not touched where they belong to others', () => {
    expect(render({ namespaces: { create: false }, ...pyroscope() }).filter(({ kind }) => kind === 'Namespace')).toEqual([]);
  });

  it('are those that the document needs, and no others', () => {
    const names = (sections: Parameters<typeof render>[0]) => render(sections).filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
    expect(names({ parca: { tls: { secretName: 'a' }, agent: { enabled: false } } })).toEqual(['profiling']);
    expect(names({ parca: { remoteStore: { address: 'a:443', tokenSecret: { secretName: 'b' } } } })).toEqual(['profiling-agents']);
    expect(names({ parca: undefined, ...pyroscope({ tls: { secretName: 'a' } }) })).toEqual(['pyroscope', 'profiling-agents']);
    expect(names({ parca: undefined, ...pyroscope({ tls: { secretName: 'a' }, tenants: [{ name: 'a', namespaces: ['a'], ebpf: { enabled: false } }] }) })).toEqual(['pyroscope']);
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
