import { join } from 'node:path';
import type { DaemonSet, StatefulSet } from 'kubernetes-types/apps/v1';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import { allows } from './access/flows';
import { find } from './support';
import { readDocuments } from '../src/config/overlay';
import type { ResolvedSpec } from '../src/config/resolved-spec';
import type { Manifest } from '../src/kube/manifest';
import { renderManifests, renderSecrets, summarize } from '../src/render';
import { resolve } from '../src/resolve';

interface Shape {
  readonly spec: ResolvedSpec;
  readonly manifests: readonly Manifest[];
  /** Every object by kind and name, with its namespace. */
  readonly names: readonly string[];
  readonly missing: string;
  readonly images: readonly string[];
}

const shape = (...names: string[]): Shape => {
  const documents = readDocuments(names.map(name => join(__dirname, '../examples/shapes', `${name}.profiling.yaml`)));
  const spec = resolve(documents.value, documents);
  const manifests = renderManifests(spec);
  const { missing, images } = summarize(spec, manifests, 'profiling.yaml');
  return {
    spec,
    manifests,
    names: manifests.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ?? ''}/${name}`),
    missing: missing.map(({ what, command }) => `${what}\n${command}`).join('\n'),
    images: images.map(({ image }) => image),
  };
};

const kinds = ({ manifests }: Shape): Record<string, number> => {
  const counts: Record<string, number> = {};
  manifests.forEach(({ kind }) => { counts[kind] = (counts[kind] ?? 0) + 1; });
  return counts;
};

describe('The document pyroscope-only', () => {
  const only = shape('pyroscope-only');

  it('has Pyroscope, its gateway and Alloy, and nothing of Parca', () => {
    expect(kinds(only)).toEqual({
      Certificate: 1,
      ClusterRole: 1,
      ClusterRoleBinding: 1,
      ConfigMap: 4,
      DaemonSet: 2,
      Namespace: 2,
      NetworkPolicy: 4,
      PersistentVolumeClaim: 1,
      PriorityClass: 1,
      Service: 1,
      ServiceAccount: 2,
      StatefulSet: 1,
    });
    expect(JSON.stringify(only.manifests)).not.toMatch(/parca/i);
    expect([only.missing, ...only.images].join()).not.toMatch(/parca/i);
    expect(JSON.stringify(renderSecrets(only.spec, () => 'token'))).not.toMatch(/parca/i);
  });

  it('has Alloy on the pool with settings of its own as that pool says, and on the others as all', () => {
    const pods = (name: string) => find<DaemonSet>(only.manifests, 'DaemonSet', name, 'profiling-agents').spec!.template.spec!;
    expect(pods('alloy-gpu')).toMatchObject({ tolerations: [{ operator: 'Exists' }], containers: [{ resources: { limits: { memory: '2Gi' } } }] });
    expect(pods('alloy')).toMatchObject({ containers: [{ resources: { limits: { memory: '1Gi' } } }] });
    expect(pods('alloy')).not.toHaveProperty('tolerations');
  });
});

describe('The document agents-only', () => {
  const only = shape('agents-only');
  const agent = { namespace: 'profiling-agents', labels: { 'app.kubernetes.io/name': 'parca-agent' } };

  it('has agents and what is around them, and no server, gateway or namespace for one', () => {
    expect(kinds(only)).toEqual({
      ClusterRole: 1, ClusterRoleBinding: 1, ConfigMap: 1, DaemonSet: 1, Namespace: 1, NetworkPolicy: 2, PriorityClass: 1, ServiceAccount: 1,
    });
    expect(only.missing).toContain('kubectl create secret generic store-token -n profiling-agents --from-file=token=token.txt');
    expect(only.missing).not.toMatch(/TLS Secret|hardened-profiling secrets/);
  });

  it('sends to that store over TLS, by the authorities of the image, and can reach nothing else', () => {
    const { args, env } = find<DaemonSet>(only.manifests, 'DaemonSet', 'parca-agent-default').spec!.template.spec!.containers[0];
    expect(args).toEqual(expect.arrayContaining(['--remote-store-address=store.example.com:443', '--remote-store-grpc-headers=projectID=00000000-0000-0000-0000-000000000000']));
    expect(args!.filter(arg => /insecure|skip-verify/.test(arg))).toEqual([]);
    expect(env!.map(({ name }) => name)).not.toContain('SSL_CERT_FILE');
    expect(allows(only.manifests, { from: agent, to: { address: '203.0.113.9' }, port: 443 })).toBe(true);
    expect(allows(only.manifests, { from: agent, to: { address: '203.0.113.9' }, port: 80 })).toBe(false);
    expect(allows(only.manifests, { from: agent, to: { address: '198.51.100.1' }, port: 443 })).toBe(false);
  });
});

describe('The document alloy-only', () => {
  const only = shape('alloy-only');

  it('has Alloy and what is around it, and sends each tenant as the Pyroscope elsewhere knows it', () => {
    expect(Object.keys(kinds(only))).not.toContain('StatefulSet');
    expect(only.names.filter(name => /parca|pyroscope/.test(name))).toEqual([]);
    const { data } = find<{ data: Record<string, string> }>(only.manifests, 'ConfigMap', 'alloy');
    expect(data['config.alloy']).toMatch(/username += "123456"\n\t\t\tpassword_file = "\/etc\/alloy-tokens\/checkout"/);
    expect(data['config.alloy']).toMatch(/bearer_token_file = "\/etc\/alloy-tokens\/search"\n\t\theaders += \{"X-Scope-OrgID" = "team_search"\}/);
    expect(only.missing).toContain('kubectl create secret generic profiles-tokens -n profiling-agents --from-file=checkout=checkout.txt --from-file=search=search.txt');
  });
});

describe('The document server-only', () => {
  it('has a server, and neither agents nor a namespace that is privileged', () => {
    const only = shape('server-only');
    expect(kinds(only)).toEqual({
      Certificate: 1, ConfigMap: 2, Namespace: 1, NetworkPolicy: 2, PersistentVolumeClaim: 1, Service: 1, ServiceAccount: 1, StatefulSet: 1,
    });
    expect(JSON.stringify(only.manifests)).not.toMatch(/privileged"|profiling-agents/);
    expect(only.missing).not.toContain('profiling-agents');
  });
});

describe('The document shared-namespaces', () => {
  const shared = shape('shared-namespaces');

  it('makes no Namespace, and no NetworkPolicy that selects pods of others', () => {
    expect(Object.keys(kinds(shared))).not.toContain('Namespace');
    const policies = shared.manifests.filter(({ kind }) => kind === 'NetworkPolicy') as Array<NetworkPolicy & Manifest>;
    const others = [{}, { 'app.kubernetes.io/name': 'grafana' }, { app: 'parca' }];
    const selects = (policy: NetworkPolicy, labels: Record<string, string>): boolean =>
      Object.entries(policy.spec!.podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    expect(policies.length).toBeGreaterThan(3);
    policies.forEach(policy => others.forEach(labels => expect(selects(policy, labels as Record<string, string>)).toBe(false)));
  });

  it('leaves the traffic of others as it is, and closes our pods', () => {
    const grafana = { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'grafana' } };
    const parca = { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'parca', 'app.kubernetes.io/part-of': 'hardened-profiling' } };
    const other = { namespace: 'monitoring', labels: { app: 'other' } };
    expect(allows(shared.manifests, { from: grafana, to: other, port: 80 })).toBe(true);
    expect(allows(shared.manifests, { from: other, to: { address: '198.51.100.1' }, port: 443 })).toBe(true);
    expect(allows(shared.manifests, { from: grafana, to: parca, port: 7443 })).toBe(true);
    expect(allows(shared.manifests, { from: other, to: parca, port: 7443 })).toBe(false);
  });

  it('says to the owners which labels they must set', () => {
    expect(shared.missing).toContain('kubectl label namespace platform-privileged --overwrite pod-security.kubernetes.io/enforce=privileged');
    expect(shared.missing).not.toContain('kubectl label namespace monitoring --overwrite pod-security.kubernetes.io/enforce');
  });
});

describe('The document company-policy', () => {
  const company = shape('company-policy');
  const templates = company.manifests.flatMap(manifest => (manifest as DaemonSet).spec?.template ?? []);

  it('has the labels and annotations of the company on every object and every pod, and in no selector', () => {
    const own = { labels: { 'cost-center': '4711', 'team': 'platform' }, annotations: { 'example.com/owner': 'platform@example.com' } };
    company.manifests.forEach(({ metadata }) => expect(metadata).toMatchObject(own));
    expect(templates).toHaveLength(4);
    templates.forEach(({ metadata }) => expect(metadata).toMatchObject(own));
    const selectors = JSON.stringify(company.manifests).match(/"(selector|podSelector|matchLabels)":\{[^}]*\}/g)!.join();
    expect(selectors).not.toMatch(/cost-center|"team"|istio/);
  });

  it('pulls every image from one registry, with its Secret', () => {
    expect(company.images).toHaveLength(6);
    expect(company.images.filter(image => !image.startsWith('mirror.example.com:5000/ext/'))).toEqual([]);
    templates.forEach(({ spec }) => expect(spec!.imagePullSecrets).toEqual([{ name: 'mirror-pull' }]));
  });

  it('places the servers, and gives them their resources', () => {
    expect(find<StatefulSet>(company.manifests, 'StatefulSet', 'parca').spec!.template).toMatchObject({
      metadata: { labels: { 'sidecar.istio.io/inject': 'false' } },
      spec: {
        nodeSelector: { 'kubernetes.io/os': 'linux', 'pool': 'infra' },
        tolerations: [{ key: 'infra', operator: 'Exists' }],
        priorityClassName: 'infra-high',
        containers: [{ resources: { requests: { cpu: '500m', memory: '2Gi' }, limits: { memory: '4Gi' } } }, { name: 'gateway' }],
      },
    });
    expect(find<StatefulSet>(company.manifests, 'StatefulSet', 'pyroscope').spec!.template.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux', 'pool': 'infra' }, containers: [{ resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '8Gi' } } }, {}],
    });
  });
});

describe('The document gitops', () => {
  const { manifests, missing, names } = shape('gitops');

  it('waits for no Secret that somebody makes by hand', () => {
    expect(missing).toBe('');
    expect(names.filter(name => name.startsWith('ExternalSecret'))).toContain('ExternalSecret profiling-agents/parca-ca');
  });

  it('keeps claims and namespaces, and has everything in a wave', () => {
    manifests.forEach(({ kind, metadata: { annotations = {} } }) => {
      expect(annotations['argocd.argoproj.io/sync-wave']).toMatch(/^(-2|-1|0|1)$/);
      expect(annotations['argocd.argoproj.io/sync-options']).toBe(['Namespace', 'PersistentVolumeClaim'].includes(kind) ? 'Prune=false,Delete=false' : undefined);
    });
    expect(find(manifests, 'Application', 'pyroscope')).toMatchObject({ spec: { destination: { name: 'eu-3' }, source: { repoURL: 'mirror.example.com/charts' } } });
  });
});

describe('The documents base and overlay', () => {
  it('are one deployment: mappings merged, lists replaced', () => {
    const { spec } = shape('base', 'overlay');
    expect(spec.cluster).toMatchObject({ name: 'eu-9', kubernetesVersion: '1.33', apiServerCidrs: ['10.9.0.10/32'] });
    expect(spec.scope.sensitiveNamespaces).toEqual(expect.arrayContaining(['auth', 'payments']));
    expect(spec.parca!.server.activeMemoryBytes).toBe(4 * 2 ** 30);
    expect(spec.parca!.tls.secretName).toBe('parca-tls');
  });
});
