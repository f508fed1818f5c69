import { loadAll } from 'js-yaml';
import type { Namespace } from 'kubernetes-types/core/v1';
import { renderManifests, renderPodSecurity } from '../../src/render';
import { resolved } from '../support';

const spec = (admission: object) => resolved({ cluster: { name: 'dev', kubernetesVersion: '1.33' }, scope: { sensitiveNamespaces: ['payments', 'auth'] }, admission });
const namespaces = (admission: object) => loadAll(renderPodSecurity(spec(admission))['namespaces.yaml']) as Namespace[];
const labels = (modes: string[]) => Object.fromEntries(modes.flatMap(mode => [
  [`pod-security.kubernetes.io/${mode}`, 'restricted'], [`pod-security.kubernetes.io/${mode}-version`, 'v1.33'],
]));

describe('Labels of other namespaces', () => {
  it('are a name and labels, and nothing else that server-side apply would take over', () => {
    expect(namespaces({ podSecurity: {}, action: 'enforce' })).toEqual(['auth', 'payments'].map(name => ({
      apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: labels(['enforce', 'audit', 'warn']) },
    })));
  });

  it('only warn while the policies only audit', () => {
    namespaces({ podSecurity: {} }).forEach(({ metadata }) => expect(metadata!.labels).toEqual(labels(['audit', 'warn'])));
  });

  it.each([{}, { podSecurity: { restrictedNamespaces: [] } }])('are no file where there are none: %j', admission => {
    expect(renderPodSecurity(spec(admission))).toEqual({});
  });

  it('are never among the manifests, which somebody may delete or prune', () => {
    const kinds = renderManifests(spec({ podSecurity: {} })).filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
    expect(kinds).toEqual(['profiling', 'profiling-agents']);
  });
});
