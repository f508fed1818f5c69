import { Chart, Testing } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { HardenedProfiling, ImagePinning } from '../../src';
import type { ProfilingSpec } from '../../src';
import type { Manifest } from '../../src/kube/manifest';
import { allows } from '../access/flows';

const COMMON = { cluster: { name: 'dev' }, images: { pinning: ImagePinning.TAGS_ALLOWED } };
const TENANTS = [{ name: 'checkout', namespaces: ['checkout'] }];

const inChart = (props: ProfilingSpec): { chart: Chart; profiling: HardenedProfiling } => {
  const chart = new Chart(Testing.app(), 'platform');
  return { chart, profiling: new HardenedProfiling(chart, 'profiling', props) };
};
const workload = (): Deployment => new Deployment(new Chart(Testing.app(), 'team', { namespace: 'monitoring' }), 'grafana', {
  containers: [{ image: 'grafana:1', securityContext: { user: 1000 } }],
});

describe.each<[string, ProfilingSpec]>([
  ['Pyroscope alone', { ...COMMON, pyroscope: { tls: { secretName: 'pyroscope-tls' }, tenants: TENANTS } }],
  ['agents that send elsewhere', { ...COMMON, parca: { remoteStore: { address: 'store.example.com:443', tokenSecret: { secretName: 'store-token' } } } }],
])('HardenedProfiling with %s', (_, props) => {
  it('has the parts of a server, and nothing in them', () => {
    const { parcaServer } = inChart(props).profiling;
    expect(parcaServer.ids).toEqual([]);
    expect(() => parcaServer.statefulSet).toThrow('platform/profiling/parca-server has no object `stateful-set`. It has: none');
  });

  it('says that it has no server to whoever asks for one', () => {
    const { profiling } = inChart(props);
    const refusal = 'platform/profiling has no Parca server. Add `parca` without `remoteStore` to its specification.';
    expect(() => profiling.gatewayAddress).toThrow(refusal);
    expect(() => profiling.grantRead(workload())).toThrow(refusal);
  });

  it('refuses readers of it as the document would', () => {
    expect(() => inChart(props).profiling.addReader({ namespace: 'monitoring', podLabels: { app: 'grafana' } }))
      .toThrow('access.readers: are of a Parca server, and there is none here');
  });

  it('lets scrapers through to what there is', () => {
    const { chart, profiling } = inChart(props);
    profiling.addScraper({ namespace: 'monitoring', podLabels: { app: 'prometheus' } });
    const name = props.pyroscope ? 'alloy' : 'parca-agent';
    const to = { namespace: 'profiling-agents', labels: { 'app.kubernetes.io/name': name } };
    const manifests = Testing.synth(chart) as Manifest[];
    expect(allows(manifests, { from: { namespace: 'monitoring', labels: { app: 'prometheus' } }, to, port: props.pyroscope ? 12345 : 7071 })).toBe(true);
    expect(allows(manifests, { from: { namespace: 'monitoring', labels: { app: 'other' } }, to, port: props.pyroscope ? 12345 : 7071 })).toBe(false);
  });
});
