import { KINDS } from '../../src/admission/kinds';
import { OWN_POLICIES } from '../../src/admission/names';
import {
  agents, exemption, EXEMPTION, EXTRA_POLICY, extraPolicy, nodePools, onlyProblem, parca, paths, pyroscope, refusalOf, refusalOfText,
} from '../config/errors';
import { MINIMAL, resolved } from '../support';

const cluster = (kubernetesVersion: string) => ({ cluster: { name: 'dev', kubernetesVersion } });

describe('Engine of admission policies', () => {
  const fix = 'write `engine: kyvernoClusterPolicy`, for a Kyverno that supports this cluster, or remove `admission` until the cluster is upgraded';

  it.each(['1.28', '1.29'])('cannot be the API server %s, chosen or by default', kubernetesVersion => {
    const expected = {
      path: 'admission.engine',
      message: 'is a beta feature before Kubernetes 1.30, which API servers do not serve unless somebody has switched it on',
      found: `validatingAdmissionPolicy with kubernetesVersion ${kubernetesVersion}`,
      allowed: 'validatingAdmissionPolicy with Kubernetes 1.30 or newer',
      fix,
    };
    expect(onlyProblem(refusalOf({ ...cluster(kubernetesVersion), admission: {} }))).toEqual(expected);
    expect(onlyProblem(refusalOf({ ...cluster(kubernetesVersion), admission: { engine: 'validatingAdmissionPolicy' } }))).toEqual(expected);
  });

  it.each(['1.28', '1.29'])('cannot be the policies of a Kyverno that does not run on %s', kubernetesVersion => {
    expect(onlyProblem(refusalOf({ ...cluster(kubernetesVersion), admission: { engine: 'kyverno' } }))).toEqual({
      path: 'admission.engine',
      message: 'needs Kyverno 1.17 or newer, which does not run on clusters this old',
      found: `kyverno with kubernetesVersion ${kubernetesVersion}`,
      allowed: 'kyverno with Kubernetes 1.30 or newer',
      fix,
    });
  });

  it.each<[string, object, object]>([
    ['kyvernoClusterPolicy on the oldest cluster', cluster('1.28'), { engine: 'kyvernoClusterPolicy' }],
    ['kyvernoClusterPolicy on a new one', cluster('1.33'), { engine: 'kyvernoClusterPolicy' }],
    ['the default on the first cluster that has it', cluster('1.30'), {}],
    ['kyverno on the first cluster that has it', cluster('1.30'), { engine: 'kyverno' }],
    ['every other on the cluster that is assumed', {}, { engine: 'kyverno' }],
  ])('may be %s', (_, sections, admission) => {
    expect(() => resolved({ ...sections, admission })).not.toThrow();
  });

  it('does not matter on old clusters without policies', () => {
    expect(() => resolved(cluster('1.28'))).not.toThrow();
  });

  it.each<[string, object]>([
    ['admission.engine', { ...cluster('1.28'), admission: { engine: 'gatekeeper' } }],
    ['admission', { ...cluster('1.28'), admission: 'audit' }],
    ['cluster.kubernetesVersion', { ...cluster('1.27'), admission: {} }],
    ['cluster.kubernetesVersion', { cluster: { name: 'dev', kubernetesVersion: 1.28 }, admission: { engine: 'kyverno' } }],
    ['cluster', { cluster: 'dev', admission: { engine: 'kyverno' } }],
    ['cluster', { cluster: undefined, admission: {} }],
  ])('is not judged where %s is wrong itself', (path, sections) => {
    expect(paths(refusalOf(sections))).toEqual([path]);
  });
});

describe('Exemptions', () => {
  it.each<[string, object]>([['profiling-agents', {}], ['obs-agents', agents({ namespace: 'obs-agents' })]])('are refused for the agents themselves: %s', (namespace, sections) => {
    const admission = { exemptions: [EXEMPTION, { ...EXEMPTION, namespace }] };
    expect(onlyProblem(refusalOf({ ...sections, admission }))).toEqual({
      path: 'admission.exemptions[1].namespace',
      message: 'is the namespace of the agents, which has a policy of its own',
      found: namespace,
      allowed: 'other namespaces',
      fix: 'remove the exemption; what agents need follows from their node pools',
    });
  });

  it.each(['kube-node-lease', 'kube-public', 'kube-system'])('are refused where no policy looks: %s', namespace => {
    expect(onlyProblem(refusalOf(exemption({ namespace })))).toEqual({
      path: 'admission.exemptions[0].namespace',
      message: 'is a namespace that no policy looks at',
      found: namespace,
      allowed: 'namespaces other than kube-node-lease, kube-public, kube-system',
      fix: 'remove the exemption',
    });
  });

  it.each<[string, object]>([
    ['another namespace', {}],
    ['some of its service accounts', { serviceAccounts: ['node-exporter'] }],
    ['a time', { expires: '2999-01-01' }],
    ['the default name of the agents\' namespace where they are elsewhere', { namespace: 'profiling-agents' }],
    ['the namespace of the server', { namespace: 'profiling' }],
  ])('are accepted for %s', (_, keys) => {
    expect(() => resolved({ ...exemption(keys), ...agents({ namespace: 'obs-agents' }) })).not.toThrow();
  });

  it.each<[string, object]>([
    ['it belongs to others, whose pods are judged there', { namespaces: { create: false } }],
    ['nothing of ours runs on the nodes', parca({ agent: { enabled: false } })],
  ])('are accepted for the agents\' namespace where %s', (_, sections) => {
    expect(() => resolved({ ...sections, ...exemption({ namespace: 'profiling-agents' }) })).not.toThrow();
  });

  it('may be several for one namespace', () => {
    expect(() => resolved({ admission: { exemptions: [EXEMPTION, { ...EXEMPTION, privileges: ['BPF'] }] } })).not.toThrow();
  });

  it.each<[string[], object]>([
    [['admission.exemptions[0]'], { admission: { exemptions: ['monitoring'] } }],
    [['admission.exemptions[0]'], { admission: { exemptions: [null] } }],
    [['admission.exemptions'], { admission: { exemptions: 'kube-system' } }],
    [['admission.exemptions[0].namespace'], exemption({ namespace: 'Kube-system' })],
    [['parca'], { ...exemption(), parca: 'profiling-agents' }],
    [['agents.namespace'], { ...exemption({ namespace: 'profiling-agents' }), ...agents({ namespace: 'Obs' }) }],
  ])('are not judged by what is wrong itself: %j', (expected, sections) => {
    expect(paths(refusalOf(sections))).toEqual(expected);
  });

  it('keep their index behind one that is wrong', () => {
    const exemptions = [7, { ...EXEMPTION, namespace: 'kube-system' }];
    expect(paths(refusalOf({ admission: { exemptions } }))).toEqual(['admission.exemptions[0]', 'admission.exemptions[1].namespace']);
  });
});

describe('What an exemption is for', () => {
  it('must be said', () => {
    expect(onlyProblem(refusalOf({ admission: { exemptions: [{ namespace: 'a', reason: EXEMPTION.reason }] } }))).toEqual({
      path: 'admission.exemptions[0]', message: 'exempts from nothing', allowed: '`privileges`, `hostPaths` or both', fix: 'say what these workloads may use, or remove the exemption',
    });
    expect(paths(refusalOf({ admission: { exemptions: [{ namespace: 'a', reason: EXEMPTION.reason, privileges: ['x'] }] } }))).toEqual(['admission.exemptions[0].privileges[0]']);
  });

  it('can be paths alone', () => {
    expect(() => resolved({ admission: { exemptions: [{ namespace: 'a', reason: EXEMPTION.reason, hostPaths: [{ path: '/var/log' }] }] } })).not.toThrow();
  });

  it.each(['/var', '/var/lib', '/var/lib/hardened-profiling', '/var/lib/hardened-profiling/ebpf-inventory', '/var/lib/hardened-profiling/ebpf-inventory/x'])(
    'is no path that reaches what profilers keep: %s', path => {
      expect(onlyProblem(refusalOf(exemption({ hostPaths: [{ path: '/proc' }, { path }] })))).toEqual({
        path: 'admission.exemptions[0].hostPaths[1].path',
        message: 'reaches /var/lib/hardened-profiling/ebpf-inventory, where profilers keep their baselines',
        found: path,
        allowed: 'paths that hold nothing of the profilers',
        fix: 'name the directories that the workload needs',
      });
    });

  const legacy = nodePools({ name: 'a', kernel: '5.4', fallback: { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: EXEMPTION.reason, remediateBy: '2999-01-01' } });

  it.each<[string, string, object]>([
    ['/sys', '/sys/kernel/tracing', {}],
    ['/sys/kernel/tracing', '/sys/kernel/tracing', {}],
    ['/proc', '/proc/sys/kernel/perf_event_max_sample_rate', { nodes: { perfEventParanoid: {} } }],
    ['/run/containerd', '/run/containerd/containerd.sock', legacy],
  ])('is no path that can be written and holds what profilers rely on: %s', (path, held, sections) => {
    expect(onlyProblem(refusalOf({ ...sections, ...exemption({ hostPaths: [{ path, writable: true }] }) }))).toEqual({
      path: 'admission.exemptions[0].hostPaths[0].path',
      message: `holds ${held}, which profilers rely on, and may be written`,
      found: path,
      allowed: 'paths that are only read, or hold nothing of the profilers',
      fix: 'remove `writable`, or name the directories below it that the workload writes',
    });
    expect(() => resolved({ ...sections, ...exemption({ hostPaths: [{ path }] }) })).not.toThrow();
  });

  it.each(['/proc', '/sys/fs', '/run/containerd', '/var/lib/kubelet', '/var/log', '/var/lib/hardened'])('is any other path, also to write: %s', path => {
    expect(() => resolved(exemption({ hostPaths: [{ path, writable: true }] }))).not.toThrow();
  });
});

describe('The day on which something ends', () => {
  const today = new Date().toISOString().slice(0, 10);

  it.each<[string, object]>([
    ['admission.exemptions[0].expires', exemption({ expires: today })],
    ['admission.exemptions[0].expires', exemption({ expires: '2020-01-01' })],
    ['admission.extraPolicies[0].expires', extraPolicy({ expires: '2020-01-01' })],
  ])('is not over: %s', (path, sections) => {
    expect(onlyProblem(refusalOf(sections))).toMatchObject({
      path, message: 'is over', allowed: 'a day in the future', fix: 'remove what has ended, or look at its reason again and give it another day',
    });
  });

  it('may be tomorrow', () => {
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    expect(() => resolved(exemption({ expires: tomorrow }))).not.toThrow();
  });
});

describe('Groups of service accounts', () => {
  const accounts = (namespace: string) => `system:serviceaccounts:${namespace}`;
  const PLACES: ReadonlyArray<[string, (group: string) => object]> = [
    ['access.portForward.groups[0]', group => ({ access: { portForward: { groups: [group] } } })],
    ['access.portForward.breakGlassGroups[0]', group => ({ access: { portForward: { breakGlassGroups: [group] } } })],
    ['admission.platformGroups[0]', group => ({ admission: { platformGroups: [group] } })],
  ];

  it.each(PLACES)('are not those of namespaces where others write pods: %s', (path, sections) => {
    expect(onlyProblem(refusalOf({ scope: { sensitiveNamespaces: ['payments'] }, ...sections(accounts('payments')) }))).toEqual({
      path,
      message: 'holds every service account of the namespace `payments`, which is sensitive',
      found: 'system:serviceaccounts:payments',
      allowed: 'groups of people, and accounts of namespaces where only the platform team creates pods',
      fix: 'name a group of people; move a controller that needs it into a namespace of its own',
    });
  });

  it.each<[string, object, string]>([
    ['default', {}, 'where pods go that nobody has given a namespace'],
    ['profiling', {}, 'of this deployment'],
    ['obs-agents', agents({ namespace: 'obs-agents' }), 'of this deployment'],
    ['pyroscope', pyroscope(), 'of this deployment'],
    ['shop', { scope: { namespaces: ['shop'] } }, 'which is profiled'],
    ['checkout', pyroscope(), 'of a tenant'],
  ])('are not those of %s', (namespace, sections, whose) => {
    expect(onlyProblem(refusalOf({ ...sections, admission: { platformGroups: [accounts(namespace)] } })).message)
      .toBe(`holds every service account of the namespace \`${namespace}\`, ${whose}`);
  });

  it.each(['argocd', 'flux-system', 'cert-manager', 'kube-system'])('may be those of a controller: %s', namespace => {
    expect(() => resolved({ scope: { sensitiveNamespaces: ['payments'] }, admission: { platformGroups: [accounts(namespace)] } })).not.toThrow();
  });
});

describe('Pod Security of other namespaces', () => {
  const podSecurity = (keys: object, more: object = {}) => ({ admission: { podSecurity: keys, ...more } });
  const OWN = 'kube-node-lease, kube-public, kube-system, profiling, profiling-agents';

  it.each(['kube-system', 'profiling', 'profiling-agents'])('cannot be set for %s', namespace => {
    expect(onlyProblem(refusalOf(podSecurity({ restrictedNamespaces: ['shop', namespace] })))).toEqual({
      path: 'admission.podSecurity.restrictedNamespaces[1]',
      message: 'is a namespace of Kubernetes or of this deployment, which has a level of its own',
      found: namespace,
      allowed: `namespaces other than ${OWN}`,
      fix: 'remove it here',
    });
  });

  it.each<[string, object]>([
    ['admission.podSecurity.exemptNamespaces[0]', podSecurity({ restrictedNamespaces: ['a'], exemptNamespaces: [{ namespace: 'a', reason: EXEMPTION.reason }] })],
    ['admission.exemptions[0]', podSecurity({ restrictedNamespaces: ['a'] }, { exemptions: [{ ...EXEMPTION, namespace: 'a' }] })],
  ])('is not restricted where pods are exempt by %s', (by, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path: 'admission.podSecurity.restrictedNamespaces[0]',
      message: `is exempt by \`${by}\``,
      found: 'a',
      allowed: 'namespaces whose pods need no exemption: under `restricted` they would not start',
      fix: 'remove it here or there',
    });
  });

  it('is not demanded of ourselves anyway', () => {
    expect(onlyProblem(refusalOf(podSecurity({ exemptNamespaces: [{ namespace: 'profiling', reason: EXEMPTION.reason }] })))).toEqual({
      path: 'admission.podSecurity.exemptNamespaces[0].namespace',
      message: 'is a namespace of Kubernetes or of this deployment, which is exempt anyway',
      found: 'profiling',
      allowed: 'other namespaces',
      fix: 'remove the exemption',
    });
  });

  it('is restricted for the sensitive namespaces unless others are named', () => {
    const restricted = (keys: object) => resolved({ scope: { sensitiveNamespaces: ['payments', 'auth', 'kube-system'] }, ...podSecurity(keys) }).admission!.podSecurity;
    expect(restricted({})).toEqual({ restrictedNamespaces: ['auth', 'payments'], lowestLevel: 'baseline', exemptNamespaces: [] });
    expect(restricted({ restrictedNamespaces: ['b', 'a', 'b'] })!.restrictedNamespaces).toEqual(['a', 'b']);
    expect(restricted({ restrictedNamespaces: [] })!.restrictedNamespaces).toEqual([]);
  });

  it('exempts the namespaces whose pods are exempt, once', () => {
    const reason = EXEMPTION.reason;
    const exemptions = [EXEMPTION, { ...EXEMPTION, privileges: ['BPF'] }, { ...EXEMPTION, namespace: 'a' }];
    expect(resolved(podSecurity({ exemptNamespaces: [{ namespace: 'a', reason: 'some other reason' }] }, { exemptions })).admission!.podSecurity!.exemptNamespaces)
      .toEqual([{ namespace: 'a', reason: 'some other reason' }, { namespace: 'monitoring', reason }]);
  });
});

describe('Policies of the user', () => {
  const OURS = [...OWN_POLICIES];

  it.each(OURS)('are refused under a name of ours: %s', name => {
    expect(onlyProblem(refusalOf(extraPolicy({ name })))).toEqual({
      path: 'admission.extraPolicies[0].name',
      message: 'names two policies',
      found: name,
      allowed: `a name of its own, other than ${OURS.join(', ')}`,
      fix: 'rename it',
    });
  });

  it('are refused when two have one name', () => {
    const extraPolicies = ['a', 'b', 'a', 'a'].map(name => ({ ...EXTRA_POLICY, name }));
    const { problems } = refusalOf({ admission: { extraPolicies } });
    expect(problems.map(({ path, message, found }) => [path.join('.'), message, found])).toEqual([
      ['admission.extraPolicies.2.name', 'names two policies', 'a'],
      ['admission.extraPolicies.3.name', 'names two policies', 'a'],
    ]);
  });

  it.each(['kube-node-lease', 'kube-public', 'kube-system'])('are refused in the namespaces of Kubernetes: %s', namespace => {
    expect(onlyProblem(refusalOf(extraPolicy({ namespaces: ['shop', namespace] })))).toEqual({
      path: 'admission.extraPolicies[0].namespaces[1]',
      message: 'is a namespace that no policy looks at',
      found: namespace,
      allowed: 'namespaces other than kube-node-lease, kube-public, kube-system',
      fix: 'remove it: a mistake in a policy there can stop the cluster',
    });
  });

  it.each<[string, object]>([
    ['everywhere else', {}],
    ['in some namespaces, also ours', { namespaces: ['shop', 'profiling', 'profiling-agents'] }],
    ['for a time', { expires: '2999-03-31' }],
    ['of another group', { apiGroup: 'apps', apiVersion: 'v1beta2', resources: ['deployments'] }],
  ])('are accepted %s', (_, keys) => {
    expect(() => resolved(extraPolicy(keys))).not.toThrow();
  });

  it.each<[string[], object]>([
    [['admission.extraPolicies[0]'], { admission: { extraPolicies: ['connect'] } }],
    [['admission.extraPolicies'], { admission: { extraPolicies: {} } }],
    [['admission.extraPolicies[0].name'], extraPolicy({ name: 'Connect' })],
    [['admission.extraPolicies[0].namespaces'], extraPolicy({ namespaces: 'kube-system' })],
    [['admission.extraPolicies[0].namespaces[0]', 'admission.extraPolicies[0].namespaces[1]'], extraPolicy({ namespaces: [null, 'kube-system'] })],
    [
      ['admission.extraPolicies[0].name', 'admission.extraPolicies[1].name'],
      { admission: { extraPolicies: ['A', 'A'].map(name => ({ ...EXTRA_POLICY, name })) } },
    ],
  ])('are not judged by what is wrong itself: %j', (expected, sections) => {
    expect(paths(refusalOf(sections))).toEqual(expected);
  });
});

describe('Policies of the user as ClusterPolicies', () => {
  const clusterPolicy = (keys: object) => ({ admission: { ...extraPolicy(keys).admission, engine: 'kyvernoClusterPolicy' } });

  it('are refused for resources whose kind is not known', () => {
    expect(onlyProblem(refusalOf(clusterPolicy({ resources: ['pods', 'widgets', 'deployments/scale'] })))).toEqual({
      path: 'admission.extraPolicies[0].resources[1]',
      message: 'is a resource whose kind is not known here, and a ClusterPolicy names kinds',
      found: 'widgets',
      allowed: `${Object.keys(KINDS).join(', ')}, and their subresources`,
      fix: 'use another engine, or write this policy by hand',
    });
    expect(paths(refusalOf(clusterPolicy({ resources: ['constructor', 'widgets/status'] })))).toHaveLength(2);
  });

  it.each([
    ['expression', 'object.metadata.name != "{{ request.object }}"'],
    ['message', 'ask in $(channel) for help'],
  ])('are refused with what Kyverno would replace: %s', (key, found) => {
    expect(onlyProblem(refusalOf(clusterPolicy({ [key]: found })))).toEqual({
      path: `admission.extraPolicies[0].${key}`,
      message: 'contains `{{` or `$(`, which Kyverno replaces in a ClusterPolicy by something else',
      found: JSON.stringify(found),
      allowed: 'a text without them',
      fix: 'write it without them, or use another engine',
    });
  });

  it('are refused with groups that Kyverno would replace', () => {
    const groups = ['{{ request.userInfo.username }}'];
    expect(paths(refusalOf({
      access: { portForward: { groups, breakGlassGroups: groups } }, admission: { engine: 'kyvernoClusterPolicy', platformGroups: groups },
    }))).toEqual(['access.portForward.groups[0]', 'access.portForward.breakGlassGroups[0]', 'admission.platformGroups[0]']);
  });

  it.each(['validatingAdmissionPolicy', 'kyverno'])('are not the business of %s', engine => {
    const { admission } = extraPolicy({ resources: ['widgets'], expression: 'object.metadata.name != "{{"', message: 'do not use $(braces)' });
    expect(() => resolved({ admission: { ...admission, engine } })).not.toThrow();
  });

  it('are not judged by what is wrong itself', () => {
    expect(paths(refusalOf(clusterPolicy({ resources: [7, 'Pod'], expression: 7, message: ' {{ ' }))).map(path => path.replace('admission.extraPolicies[0].', '')))
      .toEqual(['resources[0]', 'resources[1]', 'expression', 'message']);
    expect(paths(refusalOf({ admission: { engine: 'kyvernoClusterPolicy', extraPolicies: [7] } }))).toEqual(['admission.extraPolicies[0]']);
  });
});

describe('Problems of a section', () => {
  it('are reported at once, with what is wrong elsewhere, each at its line', () => {
    const { message } = refusalOfText(`
cluster: { name: dev, kubernetesVersion: "1.29" }
images: { pinning: ${MINIMAL.images.pinning} }
parca: { tls: {} }
admission:
  engine: kyverno
  action: deny
  platformGroups: ["system:authenticated"]
  exemptions:
    - { namespace: kube-system, privileges: [CAP_BPF], reason: short }
    - { namespace: profiling-agents, privileges: [BPF], reason: the agents need it, expires: 2027-02-30 }
  extraPolicies:
    - name: restrict-exec
      reason: we have our own
      resources: [Pod]
      namespaces: [kube-public]
      expression: ""
      message: do something else
      validationActions: [Audit]
    - { name: restrict-exec, reason: we have our own, resources: [pods], expression: "true", message: do something else }
`);
    expect(message.split('\n').filter(line => line.startsWith('profiling.yaml:')).map(line => line.replace(/^profiling\.yaml:(\d+):\d+ /, '$1'))).toEqual([
      'profiling.yaml: 15 problems',
      '4 parca.tls: names no certificate',
      '6 admission.engine: needs Kyverno 1.17 or newer, which does not run on clusters this old',
      '7 admission.action: is none of the allowed values',
      '8 admission.platformGroups[0]: is not valid',
      '10 admission.exemptions[0].namespace: is a namespace that no policy looks at',
      '10 admission.exemptions[0].privileges[0]: is none of the allowed values',
      '10 admission.exemptions[0].reason: is not valid',
      '11 admission.exemptions[1].namespace: is the namespace of the agents, which has a policy of its own',
      '11 admission.exemptions[1].expires: is not valid',
      '13 admission.extraPolicies[0].name: names two policies',
      '15 admission.extraPolicies[0].resources[0]: is not valid',
      '16 admission.extraPolicies[0].namespaces[0]: is a namespace that no policy looks at',
      '17 admission.extraPolicies[0].expression: is not valid',
      '19 admission.extraPolicies[0].validationActions: unknown key',
      '20 admission.extraPolicies[1].name: names two policies',
    ]);
  });
});
