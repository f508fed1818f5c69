import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import { tunnels } from '../../src/access/port-forward';
import { contributionsTo } from '../../src/components';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import { CHART, MICROSERVICES, pyroscope, resolvedPyroscope } from '../pyroscope/tenants';
import { find, render, resolved } from '../support';

const rbacInServerNamespace = (sections: Parameters<typeof render>[0]): string[] =>
  render(sections).filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding').map(({ kind, metadata }) => `${kind} ${metadata.name}`);

const tunnelNamespaces = (spec: ResolvedSpec): string[] => tunnels(contributionsTo(spec)).map(({ namespace }) => namespace);

describe('Port forwarding', () => {
  it('is granted to nobody unless a group is named', () => {
    expect(rbacInServerNamespace({})).toEqual([]);
    expect(rbacInServerNamespace({ access: { portForward: { groups: [], breakGlassGroups: [] } } })).toEqual([]);
  });

  it('is granted to exactly the named groups, emergencies apart', () => {
    const manifests = render({ access: { portForward: { groups: ['sre-team', 'db-team'], breakGlassGroups: ['platform-breakglass'] } } });
    const subjects = (name: string): unknown => find<RoleBinding>(manifests, 'RoleBinding', name, 'profiling').subjects;
    const group = (name: string): unknown => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
    expect(subjects('parca-port-forward')).toEqual([group('db-team'), group('sre-team')]);
    expect(subjects('parca-port-forward-break-glass')).toEqual([group('platform-breakglass')]);
  });

  it('needs no more than the verbs kubectl uses, and neither exec nor secrets', () => {
    const role = find<Role>(render({ access: { portForward: { groups: ['sre-team'] } } }), 'Role', 'parca-port-forward', 'profiling');
    expect(role.rules).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['services'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] },
    ]);
  });

  it('reaches one pod by its name in a namespace of others, where it would reach theirs', () => {
    const manifests = render({ namespaces: { create: false }, access: { portForward: { groups: ['sre-team'] } }, ...pyroscope() });
    const only = (pod: string) => [
      { apiGroups: [''], resources: ['pods'], resourceNames: [pod], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/portforward'], resourceNames: [pod], verbs: ['create', 'get'] },
    ];
    expect(find<Role>(manifests, 'Role', 'parca-port-forward', 'profiling').rules).toEqual(only('parca-0'));
    expect(find<Role>(manifests, 'Role', 'pyroscope-port-forward', 'pyroscope').rules).toEqual(only('pyroscope-0'));
    // The pods have those names: of StatefulSets with one replica.
    ['parca', 'pyroscope'].forEach(name => expect(find<StatefulSet>(manifests, 'StatefulSet', name).spec).toMatchObject({ replicas: 1 }));
  });

  it('can be granted to emergencies alone', () => {
    expect(rbacInServerNamespace({ access: { portForward: { breakGlassGroups: ['platform-breakglass'] } } }))
      .toEqual(['Role parca-port-forward', 'RoleBinding parca-port-forward-break-glass']);
  });
});

describe('Port forwarding to Pyroscope', () => {
  const access = { portForward: { groups: ['sre-team'], breakGlassGroups: ['platform-breakglass'] } };

  it('ends at the gateway, so it is granted where there is nothing else to reach', () => {
    const manifests = render({ access, ...pyroscope({ namespace: 'prof-db' }) });
    const { rules } = find<Role>(manifests, 'Role', 'pyroscope-port-forward', 'prof-db');
    expect(rules).toEqual(find<Role>(manifests, 'Role', 'parca-port-forward', 'profiling').rules);
    const subjects = (name: string) => find<RoleBinding>(manifests, 'RoleBinding', name, 'prof-db').subjects!.map(subject => subject.name);
    expect(subjects('pyroscope-port-forward')).toEqual(['sre-team']);
    expect(subjects('pyroscope-port-forward-break-glass')).toEqual(['platform-breakglass']);
  });

  it.each<[string, object]>([['the chart', CHART], ['microservices', MICROSERVICES]])('is granted to nobody with %s, whose pods listen to every tunnel', (_, keys) => {
    expect(render({ access, ...pyroscope(keys) }).filter(({ metadata }) => metadata.name.startsWith('pyroscope-port-forward'))).toEqual([]);
    expect(tunnelNamespaces(resolvedPyroscope(keys))).toEqual(['profiling']);
  });

  it('is a matter of Parca alone without Pyroscope', () => {
    expect(tunnelNamespaces(resolved())).toEqual(['profiling']);
    expect(tunnelNamespaces(resolvedPyroscope())).toEqual(['profiling', 'pyroscope']);
    expect(render(pyroscope()).filter(({ kind, metadata }) => /^Role/.test(kind) && metadata.namespace === 'pyroscope')).toEqual([]);
  });
});
