import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import { find, render } from '../support';

const rbacInServerNamespace = (sections: Parameters<typeof render>[0]): string[] =>
  render(sections).filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding').map(({ kind, metadata }) => `${kind} ${metadata.name}`);

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

  it('can be granted to emergencies alone', () => {
    expect(rbacInServerNamespace({ access: { portForward: { breakGlassGroups: ['platform-breakglass'] } } }))
      .toEqual(['Role parca-port-forward', 'RoleBinding parca-port-forward-break-glass']);
  });
});
