import { agents, CREDENTIALS, nodePools, onlyProblem, parca, paths, pyroscope, refusalOf } from './errors';
import { CHART } from '../pyroscope/tenants';
import { resolved } from '../support';

/** Every place in a document where labels and annotations are given, by its path. */
const PLACES: Readonly<Record<string, (metadata: object) => object>> = {
  'metadata': metadata => ({ metadata }),
  'namespaces': namespaces => ({ namespaces }),
  'agents.pod': pod => agents({ pod }),
  'agents.nodePools[0]': pod => nodePools({ name: 'a', ...pod }),
  'parca.server.pod': pod => parca({ server: { pod } }),
  'nodes.pod': pod => ({ nodes: { pod } }),
  'pyroscope.pod': pod => pyroscope({ pod }),
  'pyroscope.gateway.pod': pod => pyroscope({ ...CHART, gateway: { pod } }),
  'pyroscope.alloy.pod': pod => pyroscope({ alloy: { pod } }),
};
const ALL = Object.entries(PLACES);

describe.each(ALL)('Labels and annotations of %s', (path, sections) => {
  it.each(['labels', 'annotations'])('are refused in place of ours: %s', kind => {
    expect(onlyProblem(refusalOf(sections({ [kind]: { 'team': 'sre', 'app.kubernetes.io/name': 'x' } })))).toEqual({
      path: `${path}.${kind}["app.kubernetes.io/name"]`,
      message: 'is a key that means something to Kubernetes or to this library',
      found: 'app.kubernetes.io/name',
      allowed: 'keys of your own, such as cost-center or example.com/owner',
      fix: 'remove it, or choose another key',
    });
  });

  it('are refused where they would opt the profilers in', () => {
    expect(onlyProblem(refusalOf(sections({ labels: { profiling: 'enabled' } })))).toMatchObject({
      path: `${path}.labels.profiling`, message: 'is the label that opts pods in, and profilers are not profiled', found: 'profiling',
    });
  });

  it('are accepted under keys of one\'s own', () => {
    const own = { 'cost-center': '1234', 'example.com/owner': 'sre', 'kubernetes.io.example.com/a': 'b' };
    expect(() => resolved(sections({ labels: own, annotations: { ...own, 'example.com/note': 'two words' } }))).not.toThrow();
  });
});

describe('Reserved keys', () => {
  const refused = (key: string) => paths(refusalOf({ metadata: { labels: { [key]: 'x' } } }));

  it.each([
    'app.kubernetes.io/part-of', 'kubernetes.io/os', 'node.kubernetes.io/a', 'pod-security.kubernetes.io/enforce', 'policy.k8s.io/a', 'k8s.io/a', 'hardened-profiling/cluster',
    'argocd.argoproj.io/sync-wave', 'kustomize.toolkit.fluxcd.io/prune', 'azure.workload.identity/use', 'grafana_datasource', 'profiles.grafana.com/cpu.scrape',
  ])('are %s', key => {
    expect(refused(key)).toHaveLength(1);
  });

  it('are the key of the document\'s own opt-in label, and then not the default one', () => {
    const scope = { optInLabel: { key: 'example.com/profile', value: 'yes' } };
    expect(paths(refusalOf({ scope, metadata: { labels: { 'example.com/profile': 'no' } } }))).toEqual(['metadata.labels["example.com/profile"]']);
    expect(() => resolved({ scope, metadata: { labels: { profiling: 'enabled' } } })).not.toThrow();
  });

  it.each<[string, object | number]>([['scope', 7], ['scope.optInLabel', { optInLabel: 7 }], ['scope.optInLabel.key', { optInLabel: { key: 'a b', value: 'c' } }]])(
    'are not the default opt-in label where %s is wrong', (path, scope) => {
      expect(paths(refusalOf({ scope, metadata: { labels: { profiling: 'enabled' } } }))).toEqual([path]);
    });

  it.each(Object.entries(CREDENTIALS))('are not shown when they look like %s', (_, credential) => {
    const error = refusalOf({ metadata: { labels: { [credential]: 'x' }, annotations: { a: credential } } });
    expect(error.message).not.toContain(credential);
    expect(error.problems).toHaveLength(2);
  });
});
