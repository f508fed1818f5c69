import { agents, inNamespaces, onlyProblem, parca, paths, pyroscope, refusalOf } from '../config/errors';
import { resolved } from '../support';

const PYROSCOPE_TLS = { tls: { secretName: 'pyroscope-tls' } };
const REMOTE_STORE = { remoteStore: { address: 'store.example.com:443', tokenSecret: { secretName: 'store-token' } } };
const peer = (namespace: string) => ({ namespace, podLabels: { app: 'a' } });

describe('Namespaces of Kubernetes', () => {
  it.each<[string, string, object]>([
    ['parca.namespace', 'default', parca({ namespace: 'default' })],
    ['parca.namespace', 'kube-system', parca({ namespace: 'kube-system' })],
    ['agents.namespace', 'kube-public', agents({ namespace: 'kube-public' })],
    ['agents.namespace', 'kube-node-lease', agents({ namespace: 'kube-node-lease' })],
    ['pyroscope.namespace', 'kube-system', pyroscope({ namespace: 'kube-system' })],
    ['pyroscope.namespace', 'default', pyroscope({ namespace: 'default' })],
  ])('are refused as %s: %s', (path, namespace, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path,
      message: 'is a namespace of Kubernetes itself',
      found: namespace,
      allowed: 'a namespace of its own, which gets Pod Security labels and a default deny',
      fix: 'choose another name, or remove the key to get its default',
    });
  });

  it('are refused where they belong to others, too: agents in kube-system would be Kubernetes\' own', () => {
    expect(paths(refusalOf({ namespaces: { create: false }, ...agents({ namespace: 'kube-system' }) }))).toEqual(['agents.namespace']);
  });
});

describe('Namespaces of server, agents and Pyroscope', () => {
  it.each<[string, string, string, object]>([
    ['agents.namespace', 'the Parca server', 'a', inNamespaces('a', 'a')],
    ['agents.namespace', 'the Parca server', 'profiling', agents({ namespace: 'profiling' })],
    ['agents.namespace', 'the Parca server', 'profiling-agents', parca({ namespace: 'profiling-agents' })],
    ['pyroscope.namespace', 'the Parca server', 'profiling', pyroscope({ namespace: 'profiling' })],
    ['pyroscope.namespace', 'the Parca server', 'pyroscope', { ...parca({ namespace: 'pyroscope' }), ...pyroscope() }],
    ['pyroscope.namespace', 'the agents', 'profiling-agents', pyroscope({ namespace: 'profiling-agents' })],
    ['pyroscope.namespace', 'the agents', 'obs', { ...agents({ namespace: 'obs' }), ...pyroscope({ namespace: 'obs' }) }],
  ])('are refused when they are the same: %s as that of %s, %s', (path, owner, namespace, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path,
      message: `is also the namespace of ${owner}`,
      found: namespace,
      allowed: 'a namespace for each: agents need Pod Security `privileged`, servers run under `restricted`, and each is closed to the others',
      fix: 'choose another name for one of the two',
    });
  });

  it('are each compared with the first that has the name', () => {
    const { problems } = refusalOf({ ...inNamespaces('a', 'a'), ...pyroscope({ namespace: 'a' }) });
    expect(problems.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['agents.namespace', 'is also the namespace of the Parca server'], ['pyroscope.namespace', 'is also the namespace of the Parca server'],
    ]);
  });

  it.each<[string, object]>([
    ['one is nobody else\'s', { ...parca({ namespace: 'obs' }), ...pyroscope({ namespace: 'profiling' }) }],
    ['there is no Pyroscope', parca({ namespace: 'pyroscope' })],
    ['Pyroscope is elsewhere', { ...parca({ namespace: 'pyroscope' }), ...pyroscope({ remote: { url: 'https://profiles.example.com' } }) }],
    ['there is no Parca server', { parca: undefined, ...pyroscope({ namespace: 'profiling', ...PYROSCOPE_TLS }) }],
    ['the store is elsewhere', { parca: REMOTE_STORE, ...agents({ namespace: 'profiling' }) }],
    ['nothing runs on the nodes', parca({ namespace: 'profiling-agents', agent: { enabled: false } })],
  ])('are accepted where %s', (_, sections) => {
    expect(() => resolved(sections)).not.toThrow();
  });

  it.each<[string, object]>([
    ['pyroscope.namespace', { ...parca({ namespace: 'pyroscope' }), ...pyroscope({ namespace: 'Bad!' }) }],
    ['agents.namespace', { ...parca({ namespace: 'profiling-agents' }), ...agents({ namespace: 'Bad!' }) }],
    ['agents', { ...parca({ namespace: 'profiling-agents' }), agents: 'obs' }],
    ['parca.namespace', { ...parca({ namespace: 'Bad!' }), ...agents({ namespace: 'profiling' }) }],
  ])('are not compared by their default where %s is wrong', (path, sections) => {
    expect(paths(refusalOf(sections))).toEqual([path]);
  });
});

describe('Namespaces that others own', () => {
  it.each(['labels', 'annotations'])('have no %s of ours', key => {
    expect(onlyProblem(refusalOf({ namespaces: { create: false, [key]: { team: 'sre' } } }))).toEqual({
      path: `namespaces.${key}`,
      message: 'are of namespaces that are made here, and with `create: false` none is',
      allowed: 'one of the two',
      fix: 'remove it, and let the owners of the namespaces label them',
    });
  });

  it('are all that is refused of both at once', () => {
    expect(paths(refusalOf({ namespaces: { create: false, labels: { a: 'b' }, annotations: { a: 'b' } } }))).toEqual(['namespaces.labels', 'namespaces.annotations']);
  });

  it.each([{ create: true, labels: { team: 'sre' } }, { annotations: { team: 'sre' } }, { create: false }])('are not mistaken for those that are made here: %j', namespaces => {
    expect(() => resolved({ namespaces })).not.toThrow();
  });
});

describe('Those who live in a namespace that is made here', () => {
  const grafana = { grafana: { namespace: 'pyroscope' } };

  it.each<[string, string, string, string, string, object]>([
    ['access.readers[1].namespace', 'the Parca server', 'its pods', 'profiling', 'parca.namespace', { access: { readers: [peer('a'), peer('profiling')] } }],
    ['access.scrapers[0].namespace', 'the agents', 'its pods', 'profiling-agents', 'agents.namespace', { access: { scrapers: [peer('profiling-agents')] } }],
    ['access.symbolUploaders[0].namespace', 'the Parca server', 'its pods', 'ci', 'parca.namespace', { ...parca({ namespace: 'ci' }), access: { symbolUploaders: [peer('ci')] } }],
    [
      'pyroscope.readers[0].pods[1].namespace', 'the agents', 'its pods', 'obs', 'agents.namespace',
      { ...agents({ namespace: 'obs' }), ...pyroscope({ readers: [{ name: 'all', tenants: ['checkout'], pods: [peer('a'), peer('obs')] }] }) },
    ],
    ['pyroscope.grafana.namespace', 'Pyroscope', 'Grafana', 'pyroscope', 'pyroscope.namespace', pyroscope(grafana)],
    ['cluster.dns.namespace', 'the Parca server', 'the DNS server', 'profiling', 'parca.namespace', { cluster: { name: 'dev', dns: { namespace: 'profiling' } } }],
    ['gitOps.argoCd.namespace', 'the Parca server', 'Argo CD', 'argocd', 'parca.namespace', { ...parca({ namespace: 'argocd' }), gitOps: { argoCd: {} } }],
    ['gitOps.argoCd.namespace', 'the agents', 'Argo CD', 'cd', 'agents.namespace', { ...agents({ namespace: 'cd' }), gitOps: { argoCd: { namespace: 'cd' } } }],
    ['gitOps.flux.namespace', 'the agents', 'Flux', 'flux-system', 'agents.namespace', { ...agents({ namespace: 'flux-system' }), gitOps: { flux: {} } }],
    [
      'nodes.ebpfInventory.falcoNamespace', 'the agents', 'Falco', 'profiling-agents', 'agents.namespace',
      { nodes: { ebpfInventory: { engine: 'falco', falcoNamespace: 'profiling-agents' } } },
    ],
  ])('would be cut off: %s in that of %s', (path, owner, who, namespace, key, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path,
      message: `is the namespace of ${owner}, which is closed: a default deny and Pod Security would cut off ${who}`,
      found: namespace,
      allowed: 'another namespace for one of the two; or namespaces that others own',
      fix: `choose another name for \`${key}\`, or write\nnamespaces: { create: false }\nto leave the namespace and its other pods as they are`,
    });
  });

  it.each<[string, object]>([
    ['a reader', { access: { readers: [peer('profiling')] } }],
    ['Grafana', pyroscope(grafana)],
    ['Argo CD', { ...parca({ namespace: 'argocd' }), gitOps: { argoCd: {} } }],
  ])('are left alone in a namespace that is not made here: %s', (_, sections) => {
    expect(() => resolved({ ...sections, namespaces: { create: false } })).not.toThrow();
  });

  it.each<[string, object]>([
    ['elsewhere', { access: { readers: [peer('monitoring')] } }],
    ['under the default name of what has another', { ...inNamespaces('srv', 'nodes'), access: { readers: [peer('profiling')], scrapers: [peer('profiling-agents')] } }],
    ['where the name of a Pyroscope would be that is not there', { access: { scrapers: [peer('pyroscope')] } }],
    ['in kube-system', { access: { scrapers: [peer('kube-system')] } }],
    ['in the namespaces of the tools by their defaults', { gitOps: { argoCd: {} }, nodes: { ebpfInventory: { engine: 'falco' } } }],
  ])('are let in %s', (_, sections) => {
    expect(() => resolved(sections)).not.toThrow();
  });

  it.each<[string, object]>([
    ['namespaces', { namespaces: 'mine', access: { readers: [peer('profiling')] } }],
    ['namespaces.create', { namespaces: { create: 'no' }, access: { readers: [peer('profiling')] } }],
    ['access.readers[0]', { access: { readers: ['profiling'] } }],
    ['access.readers[0].namespace', { access: { readers: [peer('Profiling')] } }],
  ])('are not judged by what is wrong itself: %s', (path, sections) => {
    expect(paths(refusalOf(sections))).toEqual([path]);
  });
});
