import type { Manifest } from '../../src/kube/manifest';
import type { Additions } from '../../src/kube/metadata';
import { added, withAdditions } from '../../src/kube/metadata';

const NOTHING: Additions = { labels: {}, annotations: {}, pullSecrets: [], annotationsOf: () => ({}) };
const COMPANY: Additions = { ...NOTHING, labels: { team: 'sre', owner: 'theirs' }, annotations: { note: 'a', checksum: 'theirs' } };
const of = (kind: string, keys: object = {}): Manifest => ({ apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'y', labels: { owner: 'ours' } }, ...keys }) as Manifest;
const METADATA = { name: 'x', namespace: 'y', labels: { owner: 'ours', team: 'sre' }, annotations: { note: 'a', checksum: 'theirs' } };

const WORKLOAD = of('DaemonSet', {
  spec: {
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x', owner: 'ours' }, annotations: { checksum: 'ours' } }, spec: { containers: [{ name: 'x' }] } },
  },
});

interface Workload extends Manifest {
  readonly spec: {
    readonly selector: object;
    readonly template: { readonly metadata: object; readonly spec: { readonly imagePullSecrets?: object[] } };
  };
}
const workload = (additions: Additions) => added(WORKLOAD, additions) as Workload;

describe('Labels and annotations of a company', () => {
  it('are on an object, but not in place of its own', () => {
    expect(added(of('ConfigMap', { data: { a: 'b' } }), COMPANY)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: METADATA, data: { a: 'b' } });
  });

  it('are nothing where there are none, so that no empty field is emitted', () => {
    const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
    expect(JSON.stringify(added(bare, NOTHING))).toBe(JSON.stringify(bare));
    expect(JSON.stringify(workload(NOTHING))).toBe(JSON.stringify(WORKLOAD));
    const certificate = of('Certificate', { spec: { secretName: 'a' } });
    expect(JSON.stringify(added(certificate, NOTHING))).toBe(JSON.stringify(certificate));
  });

  it('are on the pods of a workload, whose selector stays as it is', () => {
    const { metadata, spec } = workload(COMPANY);
    expect(metadata).toEqual(METADATA);
    expect(spec.selector).toEqual({ matchLabels: { app: 'x' } });
    expect(spec.template.metadata).toEqual({ labels: { app: 'x', owner: 'ours', team: 'sre' }, annotations: { checksum: 'ours', note: 'a' } });
  });

  it('are on the Secret that the External Secrets Operator makes', () => {
    const template = { engineVersion: 'v2', metadata: { labels: { owner: 'ours' } }, data: { token: 't' } };
    expect(added(of('ExternalSecret', { spec: { target: { name: 'x', template } } }), COMPANY)).toEqual(of('ExternalSecret', {
      metadata: METADATA,
      spec: { target: { name: 'x', template: { ...template, metadata: { labels: { owner: 'ours', team: 'sre' }, annotations: { note: 'a', checksum: 'theirs' } } } } },
    }));
  });

  it('are on the Secret that cert-manager makes', () => {
    expect(added(of('Certificate', { spec: { secretName: 'tls' } }), COMPANY)).toEqual(of('Certificate', {
      metadata: METADATA,
      spec: { secretName: 'tls', secretTemplate: { labels: COMPANY.labels, annotations: COMPANY.annotations } },
    }));
    expect(added(of('Certificate', { spec: {} }), { ...NOTHING, labels: { team: 'sre' } })).toMatchObject({ spec: { secretTemplate: { labels: { team: 'sre' } } } });
  });

  it('are on every object of a part', () => {
    const part = withAdditions({ a: of('ConfigMap'), b: of('Service') }, COMPANY);
    expect(Object.entries(part).map(([id, { kind, metadata }]) => [id, kind, metadata])).toEqual([['a', 'ConfigMap', METADATA], ['b', 'Service', METADATA]]);
  });
});

describe('Annotations of objects of a kind', () => {
  const additions = { ...NOTHING, annotationsOf: (kind: string): Record<string, string> => (kind === 'DaemonSet' ? { wave: '0' } : {}) };

  it('are on those objects, and not on their pods', () => {
    expect(workload(additions).metadata.annotations).toEqual({ wave: '0' });
    expect(workload(additions).spec.template.metadata).toEqual({ labels: { app: 'x', owner: 'ours' }, annotations: { checksum: 'ours' } });
    expect(added(of('ConfigMap'), additions).metadata).not.toHaveProperty('annotations');
  });
});

describe('Secrets with which images are pulled', () => {
  it('are named by every pod, and by nothing else', () => {
    const additions = { ...NOTHING, pullSecrets: ['a', 'b'] };
    expect(workload(additions).spec.template.spec.imagePullSecrets).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(added(of('ServiceAccount'), additions)).toEqual(of('ServiceAccount'));
    expect(workload(NOTHING).spec.template.spec).not.toHaveProperty('imagePullSecrets');
  });
});
