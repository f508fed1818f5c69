import type { ApiObjectProps, AppProps } from 'cdk8s';
import { ApiObject, App, Chart, JsonPatch, Lazy } from 'cdk8s';
import { PlainObject } from '../../src/constructs/plain-object';
import { renderManifests } from '../../src/render';
import { find, resolved } from '../support';

const chartIn = (props: AppProps = {}, chartProps = {}): Chart => new Chart(new App(props), 'chart', chartProps);

/** What cdk8s itself would make of the same object, with the same chart. */
function bothWays(chart: Chart, data: ApiObjectProps, change: (object: ApiObject) => void = () => undefined): unknown[] {
  return [PlainObject, ApiObject].map((type, i) => {
    const object = new type(chart, `object-${i}`, data);
    change(object);
    return object.toJson() as unknown;
  });
}

describe('PlainObject', () => {
  const manifests = renderManifests(resolved({
    cluster: { name: 'dev', apiServerCidrs: ['10.0.0.10/32'] },
    access: { portForward: { groups: ['sre-team'] }, readers: [{ namespace: 'monitoring', podLabels: { app: 'grafana' } }] },
  }));

  const service = find(manifests, 'Service', 'parca');

  it.each(manifests.map(manifest => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))('is serialised like an ApiObject: %s', (_, manifest) => {
    const [ours, theirs] = bothWays(chartIn({}, { labels: { team: 'platform' }, namespace: 'somewhere' }), manifest);
    expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
  });

  it('takes labels, annotations and patches that are added later', () => {
    const [ours, theirs] = bothWays(chartIn(), service, object => {
      object.metadata.addLabel('late', 'label');
      object.metadata.addAnnotation('late', 'annotation');
      object.addJsonPatch(JsonPatch.add('/spec', { replaced: true }));
    });
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ metadata: { labels: { late: 'label' } }, spec: { replaced: true } });
  });

  it('leaves an app with resolvers of its own to cdk8s', () => {
    const upperCase = {
      resolve: (context: { value: unknown; replaceValue: (value: unknown) => void }) => {
        if (context.value === 'parca') { context.replaceValue('PARCA'); }
      },
    };
    const [ours, theirs] = bothWays(chartIn({ resolvers: [upperCase] }), service);
    expect(ours).toEqual(theirs);
    expect(JSON.stringify(ours)).toContain('PARCA');
  });

  it('resolves lazy values in its metadata', () => {
    const lazy = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', annotations: { late: Lazy.any({ produce: () => 'value' }) as string } } };
    const [ours, theirs] = bothWays(chartIn(), lazy);
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ metadata: { annotations: { late: 'value' } } });
  });

  it('keeps the order of keys where cdk8s is told to', () => {
    process.env.CDK8S_DISABLE_SORT = '1';
    try {
      const [ours, theirs] = bothWays(chartIn(), service);
      expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
    } finally {
      delete process.env.CDK8S_DISABLE_SORT;
    }
  });
});
