import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'cdk8s';
import { Chart, JsonPatch, Testing } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { loadAll } from 'js-yaml';
import { AdmissionAction, AdmissionEngine, HardenedProfiling, ImagePinning, PyroscopeDelivery, PyroscopeMode } from '../../src';
import type { ProfilingSpec } from '../../src';
import type { Manifest } from '../../src/kube/manifest';
import { tokenSecrets } from '../../src/parca/secrets';
import { renderHelmValues, renderManifests } from '../../src/render';
import { resolve } from '../../src/resolve';
import { allows } from '../access/flows';
import { find, having } from '../support';

const PROPS: ProfilingSpec = {
  cluster: { name: 'dev' },
  images: { pinning: ImagePinning.TAGS_ALLOWED },
  scope: { sensitiveNamespaces: ['payments'] },
  parca: { tls: { secretName: 'parca-tls' } },
};

const inChart = (props: ProfilingSpec = PROPS, namespace?: string): { chart: Chart; profiling: HardenedProfiling } => {
  const chart = new Chart(Testing.app(), 'platform', { namespace });
  return { chart, profiling: new HardenedProfiling(chart, 'profiling', props) };
};
const synth = (chart: Chart): Manifest[] => Testing.synth(chart) as Manifest[];
const byName = (manifests: readonly Manifest[]): Manifest[] =>
  [...manifests].sort((a, b) => (`${a.kind} ${a.metadata.namespace} ${a.metadata.name}` < `${b.kind} ${b.metadata.namespace} ${b.metadata.name}` ? -1 : 1));
const workload = (namespace?: string): Deployment =>
  new Deployment(new Chart(Testing.app(), 'team', { namespace }), 'checkout', {
    containers: [{ image: 'checkout:1', securityContext: { user: 1000 } }, { name: 'sidecar', image: 'sidecar:1', securityContext: { user: 1001 } }],
  });
const podOf = (deployment: Deployment): { metadata: { labels: unknown }; spec: { containers: unknown; volumes: unknown } } =>
  (synth(Chart.of(deployment))[0] as unknown as { spec: { template: ReturnType<typeof podOf> } }).spec.template;

describe('HardenedProfiling', () => {
  it('emits exactly what the command line renders', () => {
    const { chart } = inChart();
    expect(byName(synth(chart))).toEqual(byName(renderManifests(resolve(PROPS))));
  });

  it('gives cluster-scoped objects no namespace, whatever the chart has', () => {
    const { chart } = inChart(PROPS, 'team-namespace');
    expect(byName(synth(chart))).toEqual(byName(renderManifests(resolve(PROPS))));
  });

  it('adds the labels of its chart', () => {
    const chart = new Chart(Testing.app(), 'platform', { labels: { team: 'platform' } });
    new HardenedProfiling(chart, 'profiling', PROPS);
    synth(chart).forEach(({ metadata }) => expect(metadata.labels).toMatchObject({ team: 'platform' }));
  });

  it('has a stable construct path for every object', () => {
    const { profiling } = inChart();
    const { namespaces, profilers, networkPolicies, portForward, gateway, server, agent } = profiling;
    const paths = [namespaces, profilers, networkPolicies, portForward, gateway, server, agent]
      .flatMap(({ apiObjects }) => apiObjects.map(({ node }) => node.path));
    expect(paths).toEqual([
      'platform/profiling/namespaces/server',
      'platform/profiling/namespaces/agents',
      'platform/profiling/profilers/priority-class',
      'platform/profiling/network-policies/deny-server',
      'platform/profiling/network-policies/server',
      'platform/profiling/network-policies/deny-agents',
      'platform/profiling/network-policies/agents',
      'platform/profiling/gateway/config',
      'platform/profiling/gateway/service',
      'platform/profiling/server/service-account',
      'platform/profiling/server/config',
      'platform/profiling/server/volume-claim',
      'platform/profiling/server/stateful-set',
      'platform/profiling/agent/service-account',
      'platform/profiling/agent/cluster-role',
      'platform/profiling/agent/cluster-role-binding',
      'platform/profiling/agent/config',
      'platform/profiling/agent/daemon-set-default',
    ]);
  });

  it('has the policies around profiling by their names, and none unless they are asked for', () => {
    const admission = {
      platformGroups: ['platform'],
      extraPolicies: [{ name: 'no-latest', reason: 'some good reason', resources: ['pods'], expression: 'true', message: 'some good advice' }],
    };
    const { chart, profiling } = inChart({ ...PROPS, admission });
    const ids = [
      'restrict-privileges', 'restrict-agent-namespace', 'restrict-agent-pod-creation', 'protect-opt-in-label', 'restrict-port-forward', 'restrict-exec',
      'protect-pod-security-labels', 'protect-configuration', 'no-latest',
    ];
    expect(profiling.admission.apiObjects.map(({ node }) => node.path))
      .toEqual(ids.flatMap(id => [`platform/profiling/admission/${id}`, `platform/profiling/admission/${id}.binding`]));
    expect(inChart().profiling.admission.ids).toEqual([]);
    expect(find(synth(chart), 'ValidatingAdmissionPolicyBinding', 'profiling-agents-restrict-exec')).toMatchObject({ spec: { validationActions: ['Warn', 'Audit'] } });
  });

  it('has Pod Security labels of other namespaces as files, and not as objects that a tool could prune', () => {
    const { chart, profiling } = inChart({ ...PROPS, scope: { sensitiveNamespaces: ['payments'] }, admission: { podSecurity: {} } });
    expect(profiling.podSecurity['namespaces.yaml']).toContain('name: payments');
    expect(synth(chart).filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'payments')).toEqual([]);
    expect(inChart().profiling.podSecurity).toEqual({});
  });

  it('takes the enumerations of the policies, and has one object for each with Kyverno', () => {
    const { profiling } = inChart({ ...PROPS, admission: { engine: AdmissionEngine.KYVERNO, action: AdmissionAction.ENFORCE } });
    expect(profiling.admission.ids).toEqual([
      'restrict-privileges', 'restrict-agent-namespace', 'restrict-agent-pod-creation', 'protect-opt-in-label', 'restrict-port-forward', 'restrict-exec',
    ]);
    expect(profiling.admission.apiObject('restrict-exec').toJson()).toMatchObject({ kind: 'ValidatingPolicy', spec: { validationActions: ['Deny', 'Audit'] } });
  });

  it('lets every object be patched, also with fields nobody typed', () => {
    const { chart, profiling } = inChart();
    profiling.server.apiObject('stateful-set').addJsonPatch(JsonPatch.add('/spec/template/spec/futureField', { x: 1 }));
    expect(find(synth(chart), 'StatefulSet', 'parca')).toMatchObject({ spec: { template: { spec: { futureField: { x: 1 } } } } });
  });

  it('names what it has when an object does not exist', () => {
    const { profiling } = inChart();
    expect(() => profiling.agent.apiObject('daemonset')).toThrow('platform/profiling/agent has no object `daemonset`. It has: service-account, cluster-role');
    expect(profiling.gateway.ids).toEqual(['config', 'service']);
  });

  it('can stand twice in one chart, one for each trust domain', () => {
    const { chart } = inChart({ ...PROPS, admission: {} });
    new HardenedProfiling(chart, 'second', { ...PROPS, admission: {}, agents: { namespace: 'agents-b' }, parca: { ...PROPS.parca, namespace: 'prof-b' } });
    const names = synth(chart).map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refuses what the document would refuse, and says where the construct is', () => {
    const props = { ...PROPS, scopee: {} } as unknown as ProfilingSpec;
    expect(() => inChart(props)).toThrow(/platform\/profiling: 1 problem[^]*scopee: unknown key[^]*did you mean `scope`\?/);
  });

  it('says where clients find it', () => {
    expect(inChart().profiling.gatewayAddress).toBe('parca.profiling.svc:7443');
    expect(inChart().profiling.optInLabels).toEqual({ profiling: 'enabled' });
  });
});

describe('HardenedProfiling with Pyroscope', () => {
  const tenants = [{ name: 'checkout', namespaces: ['checkout'] }];
  const withPyroscope = (keys: Partial<NonNullable<ProfilingSpec['pyroscope']>> = {}): ProfilingSpec => ({ ...PROPS, pyroscope: { tenants, ...keys } });

  it('emits exactly what the command line renders', () => {
    const { chart } = inChart(withPyroscope());
    expect(byName(synth(chart))).toEqual(byName(renderManifests(resolve(withPyroscope()))));
  });

  it('has a stable construct path for every object', () => {
    const paths = ({ pyroscopeGateway, pyroscope, alloy }: HardenedProfiling): string[] =>
      [pyroscopeGateway, pyroscope, alloy].flatMap(({ apiObjects }) => apiObjects.map(({ node }) => node.path.replace('platform/profiling/', '')));
    expect(paths(inChart(withPyroscope()).profiling)).toEqual([
      'pyroscope-gateway/config', 'pyroscope-gateway/service',
      'pyroscope/service-account', 'pyroscope/config', 'pyroscope/overrides', 'pyroscope/volume-claim', 'pyroscope/stateful-set',
      'alloy/service-account', 'alloy/cluster-role', 'alloy/cluster-role-binding', 'alloy/config', 'alloy/daemon-set',
    ]);
    const { profiling } = inChart({ ...withPyroscope({ delivery: PyroscopeDelivery.CHART }), gitOps: { flux: {} } });
    expect(profiling.gitOps.ids).toEqual(['helm-repository', 'pyroscope-helm-release']);
    expect(paths(profiling).slice(0, 7)).toEqual([
      'pyroscope-gateway/config', 'pyroscope-gateway/service', 'pyroscope-gateway/service-account', 'pyroscope-gateway/deployment',
      'pyroscope-gateway/disruption-budget',
      'pyroscope/discovery-role', 'pyroscope/discovery-role-binding',
    ]);
  });

  it('has empty parts without it', () => {
    const { profiling } = inChart();
    expect([profiling.pyroscopeGateway, profiling.pyroscope, profiling.alloy].flatMap(({ ids }) => ids)).toEqual([]);
    expect(profiling.helmValues).toEqual({});
  });

  it('hands out the values of the charts that are wanted', () => {
    const alloy = { delivery: PyroscopeDelivery.CHART };
    const storage = { s3: { bucket: 'profiles', region: 'us-east-1', roleArn: 'arn:aws:iam::111122223333:role/pyroscope' } };
    const props = withPyroscope({ mode: PyroscopeMode.MICROSERVICES, storage, alloy });
    const { helmValues } = inChart(props).profiling;
    expect(Object.keys(helmValues)).toEqual(['pyroscope', 'alloy']);
    expect(helmValues).toEqual(renderHelmValues(resolve(props)));
    expect(Object.keys(inChart(withPyroscope({ alloy })).profiling.helmValues)).toEqual(['alloy']);
    expect(Object.keys(inChart(withPyroscope()).profiling.helmValues)).toEqual([]);
  });

  it('is sensitive itself: nothing in its namespace opts in', () => {
    expect(() => inChart(withPyroscope({ namespace: 'prof-db' })).profiling.optIn(workload('prof-db'))).toThrow('sensitive namespace `prof-db`');
  });

  it('can stand twice in one cluster, one for each trust domain', () => {
    const { chart } = inChart(withPyroscope());
    new HardenedProfiling(chart, 'second', {
      ...withPyroscope({ namespace: 'pyro-b' }), agents: { namespace: 'agents-b' }, parca: { ...PROPS.parca, namespace: 'prof-b' },
    });
    const names = synth(chart).map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets scrapers that come later through to everything that has metrics', () => {
    const { chart, profiling } = inChart(withPyroscope());
    profiling.addScraper({ namespace: 'monitoring', podLabels: { app: 'prometheus' } });
    const from = { namespace: 'monitoring', labels: { app: 'prometheus' } };
    const to = (namespace: string, name: string) => ({ namespace, labels: { 'app.kubernetes.io/name': name } });
    expect(allows(synth(chart), { from, to: to('pyroscope', 'pyroscope'), port: 7443 })).toBe(true);
    expect(allows(synth(chart), { from, to: to('profiling-agents', 'alloy'), port: 12345 })).toBe(true);
  });
});

describe('HardenedProfiling.fromFile', () => {
  const withFile = <T>(content: string, use: (file: string) => T): T => {
    const folder = mkdtempSync(join(tmpdir(), 'from-file-'));
    try {
      writeFileSync(join(folder, 'profiling.yaml'), content);
      return use(join(folder, 'profiling.yaml'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const YAML = 'cluster: { name: dev }\nimages: { pinning: tagsAllowed }\nparca:\n  tls: { secretName: parca-tls }\n';

  it('gives the same as the typed specification', () => {
    const chart = new Chart(Testing.app(), 'platform');
    withFile(YAML, file => HardenedProfiling.fromFile(chart, 'profiling', file));
    expect(synth(chart)).toEqual(synth(inChart({ ...PROPS, scope: undefined }).chart));
  });

  it('reports problems with line and column', () => {
    const chart = new Chart(Testing.app(), 'platform');
    withFile(YAML.replace('parca-tls', 'Parca_TLS'), file => {
      expect(() => HardenedProfiling.fromFile(chart, 'profiling', file)).toThrow(`${file}:4:10  parca.tls.secretName: is not valid`);
    });
    expect(chart.node.children).toEqual([]);
  });

  it('also takes a parsed document', () => {
    const chart = new Chart(Testing.app(), 'platform');
    HardenedProfiling.fromDocument(chart, 'profiling', JSON.parse(JSON.stringify(PROPS)));
    expect(synth(chart)).toEqual(synth(inChart().chart));
  });
});

describe('HardenedProfiling.optIn', () => {
  it('labels the pods of a workload', () => {
    const checkout = workload('shop');
    inChart().profiling.optIn(checkout);
    expect(podOf(checkout).metadata.labels).toMatchObject({ profiling: 'enabled' });
  });

  it('uses the label of the specification', () => {
    const checkout = workload('shop');
    inChart({ ...PROPS, scope: { optInLabel: { key: 'example.com/profile', value: 'yes' } } }).profiling.optIn(checkout);
    expect(podOf(checkout).metadata.labels).toMatchObject({ 'example.com/profile': 'yes' });
  });

  it.each(['payments', 'kube-system', 'profiling', 'profiling-agents'])('refuses a workload of the sensitive namespace %s', namespace => {
    const checkout = workload(namespace);
    expect(() => inChart().profiling.optIn(checkout)).toThrow(`team/checkout is in the sensitive namespace \`${namespace}\``);
    expect(podOf(checkout).metadata.labels).not.toHaveProperty('profiling');
  });

  it('refuses a workload outside the listed namespaces', () => {
    const { profiling } = inChart({ ...PROPS, scope: { namespaces: ['search'] } });
    expect(() => profiling.optIn(workload('shop'))).toThrow('which is not among `scope.namespaces`: search');
    expect(() => profiling.optIn(workload('search'))).not.toThrow();
  });

  it('leaves a workload without a known namespace to the agents, which drop sensitive ones anyway', () => {
    const checkout = workload();
    inChart().profiling.optIn(checkout);
    expect(podOf(checkout).metadata.labels).toMatchObject({ profiling: 'enabled' });
  });
});

describe('HardenedProfiling grants', () => {
  const gateway = { namespace: 'profiling', labels: { 'app.kubernetes.io/name': 'parca' } };
  const agents = { namespace: 'profiling-agents', labels: { 'app.kubernetes.io/name': 'parca-agent' } };

  it('let a reader through to the gateway and mount its token, readable by any user, into every container', () => {
    const { chart, profiling } = inChart();
    const grafana = workload('monitoring');
    profiling.grantRead(grafana);
    const from = { namespace: 'monitoring', labels: { 'hardened-profiling/reader': 'true' } };
    expect(podOf(grafana).metadata.labels).toMatchObject(from.labels);
    expect(allows(synth(chart), { from, to: gateway, port: 7443 })).toBe(true);
    expect(allows(synth(chart), { from, to: agents, port: 7071 })).toBe(false);
    expect(allows(synth(chart), { from: { ...from, namespace: 'shop' }, to: gateway, port: 7443 })).toBe(false);

    const mount = { mountPath: '/var/run/secrets/parca', name: 'parca-reader-token', readOnly: true };
    expect(podOf(grafana).spec.containers).toMatchObject([{ volumeMounts: [mount] }, { volumeMounts: [mount] }]);
    expect(podOf(grafana).spec.volumes).toEqual([
      { name: 'parca-reader-token', secret: { secretName: 'parca-read-token', defaultMode: 0o444, items: [{ key: 'token', path: 'token' }] } },
    ]);
  });

  it('let a scraper through to gateway and agents', () => {
    const { chart, profiling } = inChart();
    const prometheus = workload('monitoring');
    profiling.grantMetrics(prometheus, { mountPath: '/etc/scrape', egressPolicy: true });
    const from = { namespace: 'monitoring', labels: { 'hardened-profiling/scraper': 'true' } };
    expect(allows(synth(chart), { from, to: gateway, port: 7443 })).toBe(true);
    expect(allows(synth(chart), { from, to: agents, port: 7071 })).toBe(true);
    expect(allows(synth(chart), { from, to: { address: '93.184.216.34' }, port: 443 })).toBe(false);
    expect(podOf(prometheus).spec.volumes).toMatchObject([{ secret: { secretName: 'parca-metrics-token' } }]);
    expect(podOf(prometheus).spec.containers).toMatchObject([{ volumeMounts: [{ mountPath: '/etc/scrape' }] }, {}]);
  });

  it('may be given to two workloads of one namespace', () => {
    const { profiling } = inChart();
    profiling.grantRead(workload('monitoring'));
    expect(() => profiling.grantRead(workload('monitoring'))).not.toThrow();
  });

  it('add the egress rule that the second of two workloads asks for', () => {
    const { chart, profiling } = inChart();
    profiling.grantRead(workload('monitoring'));
    profiling.grantRead(workload('monitoring'), { egressPolicy: true });
    expect(synth(chart).some(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === 'monitoring')).toBe(true);
  });

  it('need a namespace, since a policy without one would let every namespace in', () => {
    const { chart, profiling } = inChart();
    const before = synth(chart);
    expect(() => profiling.grantRead(workload())).toThrow('team/checkout has no namespace, which the NetworkPolicy must name');
    expect(synth(chart)).toEqual(before);
  });

  it('are the same by labels as in the specification', () => {
    const peer = { namespace: 'monitoring', podLabels: { app: 'x' } };
    const { chart, profiling } = inChart();
    profiling.addReader(peer);
    profiling.addScraper(peer);
    profiling.addSymbolUploader(peer);
    const { chart: specified } = inChart({ ...PROPS, access: { readers: [peer], scrapers: [peer], symbolUploaders: [peer] } });
    expect(byName(synth(chart))).toEqual(byName(synth(specified)));
  });

  it('check a peer as the specification would', () => {
    const { profiling } = inChart();
    expect(() => profiling.addReader({ namespace: 'monitoring', podLabels: {} })).toThrow('access.readers[0].podLabels: is empty');
  });
});

describe('What an app says of itself', () => {
  const granted = () => {
    const made = inChart({ ...PROPS, access: { readers: [{ namespace: 'shop', podLabels: { app: 'report' } }] } });
    made.profiling.grantRead(workload('monitoring'));
    made.profiling.grantRead(workload('monitoring'));
    made.profiling.grantMetrics(workload('metrics'));
    made.profiling.addSymbolUploader({ namespace: 'ci', podLabels: { app: 'runner' } });
    return made;
  };
  const specOf = (profiling: HardenedProfiling) => resolve(loadAll(profiling.document)[0]);

  it('is a document that gives the same objects, with everything that was granted', () => {
    const { chart, profiling } = granted();
    expect(byName(JSON.parse(JSON.stringify(renderManifests(specOf(profiling)))) as Manifest[])).toEqual(byName(synth(chart)));
  });

  it('leads to Secrets where the pods wait for them, and to no others', () => {
    const made = tokenSecrets(having('parca', specOf(granted().profiling))).filter(({ stringData }) => 'token' in stringData!)
      .map(({ metadata }) => `${metadata.name} in ${metadata.namespace}`);
    expect(made.sort()).toEqual([
      'parca-metrics-token in metrics', 'parca-push-token in profiling-agents', 'parca-read-token in monitoring', 'parca-read-token in shop',
      'parca-symbols-token in ci',
    ]);
  });

  it('names in its summary what is left to create, by the commands of the command line', () => {
    const { summary, node } = granted().profiling;
    expect(summary).toContain(`kubectl apply --server-side -f ${(node.root as App).outdir}`);
    expect(summary).toContain('hardened-profiling secrets profiling.yaml | kubectl create -f -');
    expect(summary).toMatch(/parca-read-token in shop; parca-read-token in monitoring; parca-symbols-token in ci; parca-metrics-token in metrics/);
  });

  it('is the specification alone where nothing was granted', () => {
    expect(loadAll(inChart().profiling.document)).toEqual([JSON.parse(JSON.stringify(PROPS))]);
  });
});
