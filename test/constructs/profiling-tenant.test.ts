import { Chart, Testing } from 'cdk8s';
import { Deployment, EnvValue } from 'cdk8s-plus-28';
import { HardenedProfiling, ImagePinning, PyroscopeDelivery } from '../../src';
import type { ProfilingSpec, PyroscopeSpec } from '../../src';
import type { Manifest } from '../../src/kube/manifest';
import { allows } from '../access/flows';

const PROPS: ProfilingSpec = {
  cluster: { name: 'dev' },
  images: { pinning: ImagePinning.TAGS_ALLOWED },
  parca: { tls: { secretName: 'parca-tls' } },
};
const TENANTS: PyroscopeSpec['tenants'] = [
  { name: 'checkout', namespaces: ['checkout', 'checkout-jobs'] },
  { name: 'payments', namespaces: ['payments'], ebpf: { enabled: false } },
  { name: 'old-shop', namespaces: ['old-shop'], offboarding: true },
];

const inChart = (keys: Partial<PyroscopeSpec> = {}): { chart: Chart; profiling: HardenedProfiling } => {
  const chart = new Chart(Testing.app(), 'platform');
  return { chart, profiling: new HardenedProfiling(chart, 'profiling', { ...PROPS, pyroscope: { tenants: TENANTS, ...keys } }) };
};
const workload = (namespace?: string, id = 'shop'): Deployment =>
  new Deployment(new Chart(Testing.app(), 'team', { namespace }), id, { containers: [{ image: 'shop:1' }, { name: 'sidecar', image: 'sidecar:1' }] });
const synth = (chart: Chart): Manifest[] => Testing.synth(chart) as Manifest[];

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: ReadonlyArray<{ readonly env?: unknown[] }> };
}
const podOf = (deployment: Deployment): Pod => (synth(Chart.of(deployment))[0] as unknown as { spec: { template: Pod } }).spec.template;

describe('HardenedProfiling.tenant', () => {
  it('is one of the document', () => {
    expect(inChart().profiling.tenant('payments').name).toBe('payments');
  });

  it('refuses a name that it does not have, and says which it has', () => {
    expect(() => inChart().profiling.tenant('Checkout')).toThrow('platform/profiling has no tenant `Checkout`. It has: checkout, payments.');
  });

  it('refuses a tenant that leaves', () => {
    expect(() => inChart().profiling.tenant('old-shop')).toThrow('platform/profiling has no tenant `old-shop`: it is leaving. It has: checkout, payments.');
  });

  it('has none without Pyroscope', () => {
    const profiling = new HardenedProfiling(new Chart(Testing.app(), 'platform'), 'profiling', PROPS);
    expect(() => profiling.tenant('checkout')).toThrow('has no tenant `checkout`. It has: none.');
  });
});

describe('ProfilingTenant.grantPush', () => {
  const label = { 'hardened-profiling/pyroscope-push': 'true' };

  it('tells every container where to push and with which token, and labels the pods', () => {
    const shop = workload('checkout-jobs');
    inChart({ namespace: 'prof-db' }).profiling.tenant('checkout').grantPush(shop);
    const env = [
      { name: 'PYROSCOPE_SERVER_ADDRESS', value: 'https://pyroscope-gateway.prof-db.svc:7443' },
      { name: 'PYROSCOPE_AUTH_TOKEN', valueFrom: { secretKeyRef: { name: 'pyroscope-push-token', key: 'token' } } },
    ];
    expect(podOf(shop).spec.containers.map(container => container.env)).toEqual([env, env]);
    expect(podOf(shop).metadata.labels).toMatchObject(label);
  });

  it('lets the pods through to the gateway', () => {
    const { chart, profiling } = inChart();
    const shop = workload('checkout');
    const flow = (labels: Readonly<Record<string, string>>) =>
      ({ from: { namespace: 'checkout', labels }, to: { namespace: 'pyroscope', labels: { 'app.kubernetes.io/name': 'pyroscope' } }, port: 7443 });
    expect(allows(synth(chart), flow(podOf(shop).metadata.labels))).toBe(false);
    profiling.tenant('checkout').grantPush(shop);
    expect(allows(synth(chart), flow(podOf(shop).metadata.labels))).toBe(true);
  });

  it('keeps what the containers had', () => {
    const shop = workload('checkout');
    shop.containers[0].env.addVariable('LOG_LEVEL', EnvValue.fromValue('info'));
    inChart().profiling.tenant('checkout').grantPush(shop);
    expect(podOf(shop).spec.containers[0].env).toContainEqual({ name: 'LOG_LEVEL', value: 'info' });
  });

  it.each<[PyroscopeDelivery, string]>([[PyroscopeDelivery.NATIVE, 'pyroscope'], [PyroscopeDelivery.CHART, 'pyroscope-gateway']])(
    'opens the way out when it is asked to, once a namespace: %s', (delivery, app) => {
      const { chart, profiling } = inChart({ delivery });
      const own = () => synth(chart).filter(({ metadata }) => metadata.namespace === 'checkout');
      profiling.tenant('checkout').grantPush(workload('checkout'));
      expect(own()).toEqual([]);
      profiling.tenant('checkout').grantPush(workload('checkout'), { egressPolicy: true });
      profiling.tenant('checkout').grantPush(workload('checkout', 'cart'), { egressPolicy: true });
      expect(own()).toHaveLength(1);
      const from = { namespace: 'checkout', labels: label };
      expect(allows(synth(chart), { from, to: { namespace: 'pyroscope', labels: { 'app.kubernetes.io/name': app } }, port: 7443 })).toBe(true);
      expect(allows(synth(chart), { from, to: { address: '93.184.216.34' }, port: 443 })).toBe(false);
    });

  it.each<[string, string | undefined, string]>([
    ['of another tenant', 'payments', 'team/shop is in the namespace `payments`, and tenant `checkout` has: checkout, checkout-jobs.'],
    ['of nobody', 'shop', 'team/shop is in the namespace `shop`, and tenant `checkout` has: checkout, checkout-jobs.'],
    ['whose namespace is not known', undefined, 'team/shop is in no known namespace, and tenant `checkout` has: checkout, checkout-jobs.'],
  ])('refuses a workload %s, and leaves it as it is', (_, namespace, message) => {
    const { chart, profiling } = inChart();
    const before = synth(chart);
    const shop = workload(namespace);
    expect(() => profiling.tenant('checkout').grantPush(shop, { egressPolicy: true })).toThrow(message);
    expect(podOf(shop).metadata.labels).not.toHaveProperty(['hardened-profiling/pyroscope-push']);
    expect(podOf(shop).spec.containers[0].env).toBeUndefined();
    expect(synth(chart)).toEqual(before);
  });

  it('may be given to several workloads', () => {
    const tenant = inChart().profiling.tenant('checkout');
    [workload('checkout'), workload('checkout', 'cart'), workload('checkout-jobs')].forEach(shop => expect(() => tenant.grantPush(shop)).not.toThrow());
  });
});
