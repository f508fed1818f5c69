import { ApiObject, App, Chart, Cron, JsonPatch, Lazy, Testing } from 'cdk8s';
import type { ResolutionContext } from 'cdk8s';
import * as plus28 from 'cdk8s-plus-28';
import * as plus33 from 'cdk8s-plus-33';
import * as plus34 from 'cdk8s-plus-34';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { Container, PodTemplateSpec } from 'kubernetes-types/core/v1';
import { HardenedProfiling, ImagePinning } from '../../src';
import { templateIn } from '../../src/constructs/pod-template';
import type { Manifest } from '../../src/kube/manifest';

const TENANT = 'shop-team';
const READER = 'hardened-profiling/reader';
const MOUNT = { name: 'parca-reader-token', mountPath: '/var/run/secrets/parca', readOnly: true };
const VOLUME = { name: 'parca-reader-token', secret: { secretName: 'parca-read-token', defaultMode: 0o444, items: [{ key: 'token', path: 'token' }] } };
const ENV = [
  { name: 'PYROSCOPE_SERVER_ADDRESS', value: 'https://pyroscope-gateway.pyroscope.svc:7443' },
  { name: 'PYROSCOPE_AUTH_TOKEN', valueFrom: { secretKeyRef: { name: 'pyroscope-push-token', key: 'token' } } },
];
const CONTAINERS = [{ name: 'main', image: 'shop:1' }, { name: 'sidecar', image: 'sidecar:1' }];
const [IN_SPEC, IN_JOB] = [['spec', 'template'], ['spec', 'jobTemplate', 'spec', 'template']];

/** The profiling, and a chart of a team in the same app. */
function inApp(app: App = Testing.app()): { profiling: HardenedProfiling; shop: Chart } {
  const profiling = new HardenedProfiling(new Chart(app, 'platform'), 'profiling', {
    cluster: { name: 'dev' },
    images: { pinning: ImagePinning.TAGS_ALLOWED },
    parca: { tls: { secretName: 'parca-tls' } },
    pyroscope: { tenants: [{ name: TENANT, namespaces: ['shop'] }] },
  });
  return { profiling, shop: new Chart(app, 'team', { namespace: 'shop' }) };
}

/** Grants everything that a workload can be granted at once. */
function grantAll(profiling: HardenedProfiling, workload: IConstruct): void {
  profiling.optIn(workload);
  profiling.grantRead(workload);
  profiling.grantMetrics(workload, { mountPath: '/etc/metrics' });
  profiling.tenant(TENANT).grantPush(workload);
}

/** The object of a construct as it is written. Once only: cdk8s-plus adds to its spread whenever it writes. */
const written = (construct: IConstruct): Manifest => ApiObject.of(construct).toJson() as Manifest;
const podsOf = (construct: IConstruct, path: readonly string[] = IN_SPEC): PodTemplateSpec => templateIn(written(construct), path)!;
const containersOf = (construct: IConstruct): Container[] => podsOf(construct).spec!.containers;
const apiObject = (scope: Construct, kind: string, apiVersion: string, rest: object, id = 'shop'): ApiObject =>
  new ApiObject(scope, id, { apiVersion, kind, ...rest });
const deployment = (scope: Construct, spec: object = { containers: CONTAINERS }): ApiObject =>
  apiObject(scope, 'Deployment', 'apps/v1', { spec: { selector: { matchLabels: { app: 'shop' } }, template: { metadata: { labels: { app: 'shop' } }, spec } } });

describe.each([['28', plus28], ['33', plus33], ['34', plus34]] as const)('Workloads of cdk8s-plus-%s', (_, plus) => {
  const containers = CONTAINERS.map(container => ({ ...container, securityContext: { user: 1000 } }));
  const kinds: ReadonlyArray<readonly [string, readonly string[], (scope: Construct) => IConstruct]> = [
    ['Deployment', IN_SPEC, scope => new plus.Deployment(scope, 'shop', { containers })],
    ['StatefulSet', IN_SPEC, scope => new plus.StatefulSet(scope, 'shop', { containers: [{ ...containers[0], portNumber: 8080 }, containers[1]] })],
    ['DaemonSet', IN_SPEC, scope => new plus.DaemonSet(scope, 'shop', { containers })],
    ['Job', IN_SPEC, scope => new plus.Job(scope, 'shop', { containers })],
    ['CronJob', IN_JOB, scope => new plus.CronJob(scope, 'shop', { containers, schedule: Cron.hourly() })],
    ['Pod', [], scope => new plus.Pod(scope, 'shop', { containers })],
  ];

  it.each(kinds)('have what they are granted in their pods: %s', (kind, path, make) => {
    const { profiling, shop } = inApp();
    const workload = make(shop);
    grantAll(profiling, workload);
    const object = written(workload);
    const { metadata, spec } = templateIn(object, path)!;
    expect(object.kind).toBe(kind);
    expect(metadata!.labels).toMatchObject({
      'profiling': 'enabled', [READER]: 'true', 'hardened-profiling/scraper': 'true', 'hardened-profiling/pyroscope-push': 'true',
    });
    expect(spec!.volumes!.map(({ name, secret }) => [name, secret!.secretName])).toEqual([
      ['parca-reader-token', 'parca-read-token'], ['parca-scraper-token', 'parca-metrics-token'],
    ]);
    expect(spec!.containers).toHaveLength(2);
    spec!.containers.forEach(container => {
      expect(container.volumeMounts).toEqual([MOUNT, { name: 'parca-scraper-token', mountPath: '/etc/metrics', readOnly: true }]);
      expect(container.env).toEqual(ENV);
    });
  });

  it('keep their selectors', () => {
    const selectorOf = (grant: boolean): unknown => {
      const { profiling, shop } = inApp();
      const workload = new plus.Deployment(shop, 'shop', { containers });
      if (grant) { grantAll(profiling, workload); }
      return (written(workload) as unknown as { spec: { selector: unknown } }).spec.selector;
    };
    expect(selectorOf(true)).toEqual(selectorOf(false));
    expect(selectorOf(true)).toMatchObject({ matchLabels: { 'cdk8s.io/metadata.addr': expect.any(String) as unknown } });
  });

  it('are what cdk8s-plus itself makes of the same volume, mounts, variables and labels', () => {
    const { profiling, shop } = inApp();
    const workload = new plus.Deployment(shop, 'shop', { containers, spread: true });
    profiling.grantRead(workload);
    profiling.tenant(TENANT).grantPush(workload);

    const byHand = new plus.Deployment(new Chart(Testing.app(), 'team', { namespace: 'shop' }), 'shop', { containers, spread: true });
    byHand.podMetadata.addLabel(READER, 'true');
    byHand.podMetadata.addLabel('hardened-profiling/pyroscope-push', 'true');
    const secret = (name: string) => plus.Secret.fromSecretName(byHand, name, name);
    const volume = plus.Volume.fromSecret(byHand, 'volume', secret('parca-read-token') as never, {
      name: 'parca-reader-token', defaultMode: 0o444, items: { token: { path: 'token' } },
    });
    const token = { secret: secret('pyroscope-push-token') as never, key: 'token' };
    byHand.containers.forEach(container => {
      container.mount(MOUNT.mountPath, volume as never, { readOnly: true });
      container.env.addVariable('PYROSCOPE_SERVER_ADDRESS', plus.EnvValue.fromValue(ENV[0].value!) as never);
      container.env.addVariable('PYROSCOPE_AUTH_TOKEN', plus.EnvValue.fromSecretValue(token) as never);
    });
    expect(written(workload)).toEqual(written(byHand));
  });

  it('have it in containers that come later, and not in init containers', () => {
    const { profiling, shop } = inApp();
    const workload = new plus.Deployment(shop, 'shop', { containers });
    profiling.grantRead(workload);
    workload.addContainer({ name: 'late', image: 'late:1' });
    workload.addInitContainer({ name: 'init', image: 'init:1' });
    const { containers: all, initContainers } = podsOf(workload).spec!;
    expect(all.map(({ name, volumeMounts }) => [name, volumeMounts])).toEqual(['main', 'sidecar', 'late'].map(name => [name, [MOUNT]]));
    expect(initContainers!.map(({ name, volumeMounts }) => [name, volumeMounts])).toEqual([['init', undefined]]);
  });

  it('keep their own volumes, mounts and variables', () => {
    const { profiling, shop } = inApp();
    const workload = new plus.Deployment(shop, 'shop', { containers });
    workload.containers[0].mount('/cache', plus.Volume.fromEmptyDir(shop, 'cache', 'cache') as never);
    workload.containers[0].env.addVariable('LOG_LEVEL', plus.EnvValue.fromValue('info') as never);
    grantAll(profiling, workload);
    const { containers: all, volumes } = podsOf(workload).spec!;
    expect(volumes!.map(({ name }) => name)).toEqual(['cache', 'parca-reader-token', 'parca-scraper-token']);
    expect(all[0].volumeMounts!.map(({ mountPath }) => mountPath)).toEqual(['/cache', '/var/run/secrets/parca', '/etc/metrics']);
    expect(all[0].env).toEqual([{ name: 'LOG_LEVEL', value: 'info' }, ...ENV]);
  });

  it('take what cdk8s-plus has mounted already as it is', () => {
    const { profiling, shop } = inApp();
    const workload = new plus.Deployment(shop, 'shop', { containers });
    const volume = plus.Volume.fromSecret(shop, 'volume', plus.Secret.fromSecretName(shop, 'secret', 'parca-read-token') as never, {
      name: 'parca-reader-token', defaultMode: 0o444, items: { token: { path: 'token' } },
    });
    workload.containers[0].mount('/var/run/secrets/parca', volume as never, { readOnly: true });
    profiling.grantRead(workload);
    const { containers: all, volumes } = podsOf(workload).spec!;
    expect(all.map(({ volumeMounts }) => volumeMounts)).toEqual([[MOUNT], [MOUNT]]);
    expect(volumes).toEqual([VOLUME]);
  });

  it('say where the pod already has something else at the path', () => {
    const { profiling, shop } = inApp();
    const workload = new plus.Deployment(shop, 'shop', { containers });
    workload.containers[1].mount('/var/run/secrets/parca', plus.Volume.fromEmptyDir(shop, 'cache', 'cache') as never);
    profiling.grantRead(workload);
    expect(() => written(workload)).toThrow('team/shop cannot have what it is granted: container `sidecar` has the volume `cache` at '
      + '`/var/run/secrets/parca`, where `parca-reader-token` would be mounted read-only. Choose another `mountPath`.');
  });

  it('may also be objects of its lower level', () => {
    const { profiling, shop } = inApp();
    const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: CONTAINERS } };
    const objects: ReadonlyArray<readonly [IConstruct, readonly string[]]> = [
      [new plus.k8s.KubeDeployment(shop, 'deployment', { spec: { selector: { matchLabels: { app: 'shop' } }, template } }), IN_SPEC],
      [new plus.k8s.KubeCronJob(shop, 'cron-job', { spec: { schedule: '@hourly', jobTemplate: { spec: { template } } } }), IN_JOB],
      [new plus.k8s.KubePod(shop, 'pod', template), []],
    ];
    objects.forEach(([object, path]) => {
      grantAll(profiling, object);
      const { metadata, spec } = podsOf(object, path);
      expect(metadata!.labels).toMatchObject({ app: 'shop', profiling: 'enabled' });
      expect(spec!.volumes![0]).toEqual(VOLUME);
      expect(spec!.containers.map(({ volumeMounts, env }) => [volumeMounts![0], env])).toEqual([[MOUNT, ENV], [MOUNT, ENV]]);
    });
  });

  it('are refused where they have no pods', () => {
    const { profiling, shop } = inApp();
    const service = new plus.Service(shop, 'service', { ports: [] });
    expect(() => profiling.optIn(service)).toThrow('team/service is a Service of v1, which has no pod template. Allowed are workloads of cdk8s-plus');
    const pods = plus.Pods.all(shop, 'pods');
    expect(() => profiling.grantRead(pods)).toThrow('team/pods is a Pods, which is no object of Kubernetes by itself. Allowed are workloads of cdk8s-plus');
  });
});

describe('Workloads as objects', () => {
  it.each<[string, string, readonly string[]]>([
    ['Deployment', 'apps/v1', IN_SPEC],
    ['StatefulSet', 'apps/v1', IN_SPEC],
    ['DaemonSet', 'apps/v1', IN_SPEC],
    ['ReplicaSet', 'apps/v1', IN_SPEC],
    ['ReplicationController', 'v1', IN_SPEC],
    ['Job', 'batch/v1', IN_SPEC],
    ['CronJob', 'batch/v1', IN_JOB],
    ['Pod', 'v1', []],
    ['Rollout', 'argoproj.io/v1alpha1', IN_SPEC],
    ['Service', 'serving.knative.dev/v1', IN_SPEC],
  ])('have what they are granted in their pods: %s of %s', (kind, apiVersion, path) => {
    const { profiling, shop } = inApp();
    const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: CONTAINERS } };
    const object = apiObject(shop, kind, apiVersion, [...path].reverse().reduce<object>((inner, key) => ({ [key]: inner }), template));
    grantAll(profiling, object);
    const { metadata, spec } = podsOf(object, path);
    expect(metadata!.labels).toMatchObject({ app: 'shop', profiling: 'enabled', [READER]: 'true' });
    expect(spec!.volumes!.map(({ name }) => name)).toEqual(['parca-reader-token', 'parca-scraper-token']);
    expect(spec!.containers.map(({ env, volumeMounts }) => [env, volumeMounts![0]])).toEqual([[ENV, MOUNT], [ENV, MOUNT]]);
  });

  it('have labels where the template had no metadata, and nothing else', () => {
    const { profiling, shop } = inApp();
    const object = apiObject(shop, 'Deployment', 'apps/v1', { spec: { template: { spec: { containers: CONTAINERS } } } });
    profiling.optIn(object);
    expect(podsOf(object)).toEqual({ metadata: { labels: { profiling: 'enabled' } }, spec: { containers: CONTAINERS } });
  });

  it('are known by their namespace, also where it is lazy', () => {
    const { profiling, shop } = inApp();
    const object = apiObject(shop, 'Deployment', 'apps/v1', {
      metadata: { namespace: Lazy.any({ produce: () => 'profiling' }) }, spec: { template: { spec: { containers: CONTAINERS } } },
    });
    expect(() => profiling.optIn(object)).toThrow('team/shop is in the sensitive namespace `profiling`');
  });

  it('may be what a construct of the user makes', () => {
    const { profiling, shop } = inApp();
    const own = new Construct(shop, 'own');
    const inner = new plus33.Deployment(own, 'Default', { containers: CONTAINERS });
    profiling.optIn(own);
    expect(podsOf(inner).metadata!.labels).toMatchObject({ profiling: 'enabled' });
  });

  it('leave other objects of the app as they are', () => {
    const { profiling, shop } = inApp();
    const other = apiObject(shop, 'Deployment', 'apps/v1', { spec: { template: { spec: { containers: CONTAINERS } } } }, 'other');
    const before = written(other);
    const ours = profiling.parcaServer.statefulSet;
    const oursBefore = JSON.stringify(written(ours));
    grantAll(profiling, deployment(shop));
    expect(written(other)).toEqual(before);
    const resolving = jest.spyOn(ApiObject.prototype, 'toJson');
    expect(JSON.stringify(written(ours))).toBe(oursBefore);
    expect(resolving).not.toHaveBeenCalled(); // what plain data has no need of, see `PlainObject`
    resolving.mockRestore();
  });

  it('need not be known when they are granted something: what is lazy is asked once, and late', () => {
    const { profiling, shop } = inApp();
    const containers: Container[] = [];
    const produce = jest.fn(() => containers);
    const object = deployment(shop, { containers: Lazy.any({ produce }), volumes: Lazy.any({ produce: () => [{ name: 'cache', emptyDir: {} }] }) });
    profiling.grantRead(object);
    expect(produce).not.toHaveBeenCalled();
    containers.push(CONTAINERS[0]);
    const { containers: all, volumes } = podsOf(object).spec!;
    expect(all.map(({ volumeMounts }) => volumeMounts)).toEqual([[MOUNT]]);
    expect(volumes).toEqual([{ name: 'cache', emptyDir: {} }, VOLUME]);
    expect(produce).toHaveBeenCalledTimes(1);
  });

  it('ask what is lazy once, even where everything is there already', () => {
    const { profiling, shop } = inApp();
    const produce = jest.fn(() => ({ profiling: 'enabled' }));
    const object = apiObject(shop, 'Deployment', 'apps/v1', {
      spec: { template: { metadata: { labels: Lazy.any({ produce }) }, spec: { containers: CONTAINERS } } },
    });
    profiling.optIn(object);
    expect(podsOf(object).metadata).toEqual({ labels: { profiling: 'enabled' } });
    expect(produce).toHaveBeenCalledTimes(1);
  });

  it('go through the resolvers of the app', () => {
    const mirror = { resolve: (context: ResolutionContext) => { if (context.value === 'shop:1') { context.replaceValue('mirror/shop:1'); } } };
    const { profiling, shop } = inApp(new App({ resolvers: [mirror] }));
    const object = deployment(shop);
    profiling.grantRead(object);
    expect(containersOf(object)).toMatchObject([{ image: 'mirror/shop:1', volumeMounts: [MOUNT] }, { image: 'sidecar:1' }]);
  });

  it('are the same however often they are granted something', () => {
    const once = inApp();
    const twice = inApp();
    const [expected, object] = [deployment(once.shop), deployment(twice.shop)];
    grantAll(once.profiling, expected);
    grantAll(twice.profiling, object);
    grantAll(twice.profiling, object);
    expect(written(object)).toEqual(written(expected));
    expect(written(object)).toEqual(written(expected));
    const policies = ({ profiling }: ReturnType<typeof inApp>) => profiling.access.ids;
    expect(policies(twice)).toEqual(policies(once));
    expect(twice.profiling.document).toBe(once.profiling.document);
  });

  it('take what they have of it already as it is', () => {
    const { profiling, shop } = inApp();
    const object = deployment(shop, { containers: [{ ...CONTAINERS[0], volumeMounts: [MOUNT], env: ENV }], volumes: [VOLUME] });
    profiling.grantRead(object);
    profiling.tenant(TENANT).grantPush(object);
    expect(podsOf(object).spec).toEqual({ containers: [{ ...CONTAINERS[0], volumeMounts: [MOUNT], env: ENV }], volumes: [VOLUME] });
  });

  it('have the token at both paths, if they are granted it at two', () => {
    const { profiling, shop } = inApp();
    const object = deployment(shop);
    profiling.grantRead(object);
    profiling.grantRead(object, { mountPath: '/etc/parca' });
    expect(podsOf(object).spec!.volumes).toEqual([VOLUME]);
    expect(containersOf(object)[0].volumeMounts).toEqual([MOUNT, { ...MOUNT, mountPath: '/etc/parca' }]);
  });

  it.each(['before', 'after'])('have patches of users applied last, also those from %s the grant', moment => {
    const { profiling, shop } = inApp();
    const object = deployment(shop);
    const patch = () => object.addJsonPatch(
      JsonPatch.replace('/spec/template/spec/volumes/0/secret/defaultMode', 0o440),
      JsonPatch.add('/spec/template/spec/containers/0/volumeMounts/-', { name: 'late', mountPath: '/late' }),
      JsonPatch.remove('/spec/template/metadata/labels/profiling'),
    );
    if (moment === 'before') { patch(); }
    profiling.optIn(object);
    profiling.grantRead(object);
    if (moment === 'after') { patch(); }
    const { metadata, spec } = podsOf(object);
    expect(metadata!.labels).toEqual({ app: 'shop', [READER]: 'true' });
    expect(spec!.volumes).toEqual([{ ...VOLUME, secret: { ...VOLUME.secret, defaultMode: 0o440 } }]);
    expect(spec!.containers[0].volumeMounts).toEqual([MOUNT, { name: 'late', mountPath: '/late' }]);
  });

  it('are kept where two profilings of one app grant to one workload', () => {
    const { profiling, shop } = inApp();
    const other = new HardenedProfiling(new Chart(shop.node.root as App, 'other'), 'profiling', {
      cluster: { name: 'dev' },
      images: { pinning: ImagePinning.TAGS_ALLOWED },
      scope: { optInLabel: { key: 'example.com/profiling', value: 'yes' } },
      agents: { namespace: 'agents-b' },
      parca: { namespace: 'prof-b', tls: { secretName: 'parca-tls' } },
    });
    const object = deployment(shop);
    profiling.optIn(object);
    other.optIn(object);
    expect(podsOf(object).metadata!.labels).toEqual({ 'app': 'shop', 'profiling': 'enabled', 'example.com/profiling': 'yes' });
  });

  it('may be of a profiling itself', () => {
    const { profiling } = inApp();
    const other = new HardenedProfiling(new Chart(Testing.app(), 'other'), 'profiling', {
      cluster: { name: 'dev' }, images: { pinning: ImagePinning.TAGS_ALLOWED }, parca: { namespace: 'prof-b', tls: { secretName: 'parca-tls' } },
    });
    const server = other.parcaServer.statefulSet;
    profiling.grantRead(server);
    expect(podsOf(server).metadata!.labels).toMatchObject({ [READER]: 'true' });
    expect(podsOf(server).spec!.volumes).toContainEqual(VOLUME);
  });
});

describe('Workloads that cannot have what they are granted', () => {
  it.each<[string, object, string]>([
    ['path', { containers: [{ ...CONTAINERS[0], volumeMounts: [{ name: 'own', mountPath: '/var/run//secrets/parca/' }] }] },
      'container `main` has the volume `own` at `/var/run//secrets/parca/`, where `parca-reader-token` would be mounted read-only. Choose another `mountPath`.'],
    ['mount that can be written', { containers: [{ ...CONTAINERS[0], volumeMounts: [{ ...MOUNT, readOnly: false }] }], volumes: [VOLUME] },
      'container `main` has the volume `parca-reader-token` at `/var/run/secrets/parca`, where `parca-reader-token` would be mounted read-only.'],
    ['volume', { containers: CONTAINERS, volumes: [{ name: 'parca-reader-token', emptyDir: {} }] },
      'the pods have another volume `parca-reader-token` (emptyDir). Rename it.'],
  ])('name what has the %s', (_, spec, message) => {
    const { profiling, shop } = inApp();
    const object = deployment(shop, spec);
    profiling.grantRead(object);
    expect(() => written(object)).toThrow(`team/shop cannot have what it is granted: ${message}`);
  });

  it('name the variable, and never its value', () => {
    const { profiling, shop } = inApp();
    const object = deployment(shop, { containers: [{ ...CONTAINERS[0], env: [{ name: 'PYROSCOPE_AUTH_TOKEN', value: 'hunter2' }] }] });
    profiling.tenant(TENANT).grantPush(object);
    expect(() => written(object)).toThrow(/: container `main` sets `PYROSCOPE_AUTH_TOKEN` to something else\. Remove it\.$/);
  });

  it('name a label that says the opposite', () => {
    const { profiling, shop } = inApp();
    const object = apiObject(shop, 'Pod', 'v1', { metadata: { labels: { profiling: 'disabled' } }, spec: { containers: CONTAINERS } });
    profiling.optIn(object);
    expect(() => written(object)).toThrow('the pods have the label `profiling: disabled`, and need `profiling: enabled`. Remove it.');
  });

  it('name all of it at once, and each once', () => {
    const { profiling, shop } = inApp();
    const object = deployment(shop, { containers: CONTAINERS, volumes: [{ name: 'parca-reader-token', emptyDir: {} }, { name: 'parca-scraper-token', emptyDir: {} }] });
    profiling.grantRead(object);
    profiling.grantMetrics(object, { mountPath: '/etc/metrics' });
    profiling.grantRead(object);
    expect(() => written(object)).toThrow(/`parca-reader-token` \(emptyDir\)\. Rename it\. And .*`parca-scraper-token` \(emptyDir\)\. Rename it\.$/);
  });

  it('name two grants that want one path', () => {
    const { profiling, shop } = inApp();
    const object = deployment(shop);
    profiling.grantRead(object);
    profiling.grantMetrics(object);
    expect(() => written(object)).toThrow('container `main` has the volume `parca-reader-token` at `/var/run/secrets/parca`, '
      + 'where `parca-scraper-token` would be mounted read-only. Choose another `mountPath`.');
  });

  it('name the template that they turn out not to have', () => {
    const { profiling, shop } = inApp();
    const object = apiObject(shop, 'CronJob', 'batch/v1', { spec: { schedule: '@hourly' } });
    profiling.optIn(object);
    expect(() => written(object)).toThrow('team/shop has no pods to grant something to: `spec.jobTemplate.spec.template.spec` is missing.');
  });
});

describe('What is no workload', () => {
  const ALLOWED = ' Allowed are workloads of cdk8s-plus, of any version, and an ApiObject with a pod template: '
    + 'Pod, ReplicationController, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, or a custom kind with `containers` in `spec.template.spec`.';

  it.each<[string, (shop: Chart) => unknown, string]>([
    ['an object without pods', shop => apiObject(shop, 'ConfigMap', 'v1', { data: {} }), 'team/shop is a ConfigMap of v1, which has no pod template.'],
    ['a kind of a group that has it otherwise', shop => apiObject(shop, 'Pod', 'metrics.k8s.io/v1', {}), 'team/shop is a Pod of metrics.k8s.io/v1, which has no pod template.'],
    ['a custom kind whose template is not of pods', shop => apiObject(shop, 'MachineDeployment', 'cluster.x-k8s.io/v1', { spec: { template: { spec: { version: '1' } } } }),
      'team/shop is a MachineDeployment of cluster.x-k8s.io/v1, which has no pod template.'],
    ['a chart', shop => shop, 'team is a Chart, which is no object of Kubernetes by itself.'],
    ['a construct', shop => new Construct(shop, 'own'), 'team/own is a Construct, which is no object of Kubernetes by itself.'],
    ['a manifest', () => ({ apiVersion: 'apps/v1', kind: 'Deployment' }), 'A workload was expected, and not Object.'],
    ['nothing', () => undefined, 'A workload was expected, and not undefined.'],
  ])('is refused with what is allowed: %s', (_, make, message) => {
    const { profiling, shop } = inApp();
    const other = make(shop) as IConstruct;
    const before = profiling.access.ids;
    [
      () => profiling.optIn(other),
      () => profiling.grantRead(other),
      () => profiling.grantMetrics(other),
      () => profiling.tenant(TENANT).grantPush(other, { egressPolicy: true }),
    ].forEach(grant => expect(grant).toThrow(message + ALLOWED));
    expect(profiling.access.ids).toEqual(before);
    expect(profiling.document).not.toContain('readers');
  });
});
